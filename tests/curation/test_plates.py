from __future__ import annotations

import logging
import os
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from l1000_bench.curation.plates import PlateScores, location_and_scale, medians, plate_statistics
from l1000_bench.errors import InputError
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream

NAN = np.nan
SHARED = os.environ.get("L1000_SHARED")
N_WELLS, N_GENES = 120, 978


def literal_scores(values: NDArray[np.float32], plates: list[str]) -> NDArray[np.float64]:
    """Score every value (n_samples, n_genes) as the formula stands, one at a time."""
    scores = np.full(values.shape, NAN)
    for plate in set(plates):
        wells = [number for number, own in enumerate(plates) if own == plate]
        for gene in range(values.shape[1]):
            known = [float(values[well, gene]) for well in wells if not np.isnan(values[well, gene])]
            if known:
                centre = median(known)
                mad = median([abs(x - centre) for x in known])
                for well in wells:
                    scores[well, gene] = (float(values[well, gene]) - centre) / (1.4826 * max(mad, 0.1))
    return scores


def expression(n_samples: int = N_WELLS) -> NDArray[np.float32]:
    rng = np.random.default_rng(5)
    scale = rng.uniform(0.01, 2, N_GENES)  # some genes vary less than the least MAD
    values = (rng.uniform(4, 12, N_GENES) + scale * rng.normal(size=(n_samples, N_GENES))).astype(np.float32)
    values[rng.random(values.shape) < 0.01] = NAN
    return values


def stored(values: NDArray[np.float32], folder: Path, rows_per_part: int = 50) -> Profiles:
    ids = np.array([f"s{number}" for number in range(len(values))], dtype=object)
    genes = np.array([f"g{number}" for number in range(values.shape[1])], dtype=object)
    write_profiles(ProfileStream(genes, [Block(ids, values)]), folder, rows_per_part=rows_per_part)
    return Profiles(folder)


def located(plates: list[Any], wells: list[Any] | None = None) -> pd.DataFrame:
    wells = [f"W{number}" for number in range(len(plates))] if wells is None else wells
    ids = [f"s{number}" for number in range(len(plates))]
    return pd.DataFrame({"sample_id": ids, "plate_id": plates, "well": wells}, dtype="str")


@pytest.mark.parametrize("memory_mib", [1, 256])
def test_scores_equal_the_formula_whatever_the_order_and_the_memory(tmp_path: Path, memory_mib: int) -> None:
    values = expression()
    plates = [f"P{number}" for number in np.random.default_rng(6).choice(3, N_WELLS, p=[0.5, 0.3, 0.2])]
    values[[plate == "P1" for plate in plates], 7] = NAN  # a plate lacks a gene
    profiles = stored(values, tmp_path / "p")
    scores = PlateScores(profiles, plate_statistics(profiles, located(plates), memory_mib, "here"))
    blocks = list(scores.blocks())
    assert np.concatenate([block.sample_ids for block in blocks]).tolist() == scores.sample_ids.tolist()
    result = np.concatenate([block.values for block in blocks])
    expected = literal_scores(values, plates)
    np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(np.isnan(result), np.isnan(values))
    some = np.array([100, 3, 51, 50])
    np.testing.assert_array_equal(scores.rows(some), result[some])


def test_a_gene_that_hardly_varies_is_divided_by_the_least_mad() -> None:
    centre, scale = location_and_scale(np.array([[5.0, 1], [5.01, 2], [4.99, 4]], dtype=np.float32))
    np.testing.assert_allclose(centre, [5, 2], rtol=1e-6)
    np.testing.assert_allclose(scale, [0.14826, 1.4826], rtol=1e-6)


@pytest.mark.parametrize("n_wells", [1, 2, 5, 6])
def test_medians_are_those_of_numpy(n_wells: int) -> None:
    values = np.random.default_rng(n_wells).normal(size=(n_wells, 40))
    values[np.random.default_rng(1).random(values.shape) < 0.3] = NAN
    values[0] = 1.5
    np.testing.assert_allclose(medians(values), np.nanmedian(values, axis=0), rtol=1e-15)
    values[:, 3] = NAN
    assert np.flatnonzero(np.isnan(medians(values))).tolist() == [3]


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (located(["P", "Q", "P"]), r"here: the plate 'Q' has one sample \(1 such plates\), and z-scores compare"),
        (
            located(["P", None, None]),
            r"here: 2 sample\(s\) have no plate_id, the first is 's1', .* a matrix of Level 4",
        ),
        (
            located(["P", "Q", "P", "P", "Q"], ["A01", "B01", "A01", "B02", "B02"]),
            r"here: 1 well\(s\) of the plate 'P' hold more than one sample \(A01\), so two plates seem to have the "
            r"same id \(1 such id\(s\)\); give every physical plate its own plate_id",
        ),
    ],
)
def test_plates_that_cannot_be_scored_are_refused(tmp_path: Path, samples: pd.DataFrame, message: str) -> None:
    profiles = stored(expression(len(samples)), tmp_path / "p")
    with pytest.raises(InputError, match=message):
        plate_statistics(profiles, samples, 1, "here")


def test_plates_of_few_wells_are_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    profiles = stored(expression(25), tmp_path / "p")
    with caplog.at_level(logging.WARNING):
        plate_statistics(profiles, located(["P"] * 22 + ["Q"] * 3, [None] * 25), 1, "here")
    assert "here: 1 of 2 plates have fewer than 20 samples, the smallest is 'Q' with 3" in caplog.text


@pytest.mark.skipif(SHARED is None, reason="L1000_SHARED names no folder of real data")
@pytest.mark.parametrize("plate", ["CPC006_A375_6H_X1", "TA.OE005_U2OS_72H_X3", "LITMUS001_PC3_96H_X2"])
def test_real_scores_stay_what_they_are(plate: str) -> None:
    """The published Level 4 has median 0 and MAD 1 / 1.4826 where the floor of the MAD did not matter."""
    folder = Path(str(SHARED)) / "data/gse92742_mini"
    inst_info = pd.read_csv(next(folder.glob("*inst_info*")), sep="\t", dtype=str)
    wells = inst_info.loc[inst_info["rna_plate"] == plate, "inst_id"]
    (matrix,) = folder.glob("*.gctx")
    z = np.concatenate([values for _, values in open_matrix(matrix).blocks(samples=list(wells))])
    assert len(z) > 350
    centre, scale = location_and_scale(z)
    free = scale > 0.99
    assert free.mean() > 0.9
    np.testing.assert_allclose(((z - centre) / scale)[:, free], z[:, free], rtol=2e-4, atol=2e-4)
