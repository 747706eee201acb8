from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cmapPy.math import agg_wt_avg
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

from l1000_bench.curation.modz import Signatures, average_ranks, modz, replicate_weights
from l1000_bench.curation.replicates import make_groups
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.geo import landmark_ids
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream

NAN = np.nan
SHARED = os.environ.get("L1000_SHARED")


def literal_weights(clipped: list[list[float]]) -> list[float]:
    """Weigh replicates as cmapM does, one correlation at a time, over the genes that all of them have."""
    known = [gene for gene in range(len(clipped[0])) if not any(np.isnan(row[gene]) for row in clipped)]
    raw = []
    for i, row in enumerate(clipped):
        total = 0.0
        for j, other in enumerate(clipped):
            first, second = [row[gene] for gene in known], [other[gene] for gene in known]
            if i != j and len(set(first)) > 1 and len(set(second)) > 1:
                total += max(0.0, float(spearmanr(first, second).statistic))
        raw.append(max(0.01, 0.5 * total))
    return [weight / sum(raw) for weight in raw]


def literal_modz(replicates: NDArray[np.float32]) -> list[float]:
    """Average the replicates (n_replicates, n_genes) of one signature, one gene at a time."""
    clipped = [[min(10.0, max(-10.0, float(value))) for value in row] for row in replicates]
    clipped = [
        [NAN if np.isnan(x) else y for x, y in zip(*rows, strict=True)]
        for rows in zip(replicates, clipped, strict=True)
    ]
    if len(clipped) == 1:
        return clipped[0]
    weights = literal_weights(clipped)
    signature = []
    for gene in range(len(clipped[0])):
        have = [number for number, row in enumerate(clipped) if not np.isnan(row[gene])]
        share = sum(weights[number] for number in have)
        signature.append(sum(weights[number] * clipped[number][gene] for number in have) / share if have else NAN)
    return signature


def related(rng: np.random.Generator, shape: tuple[int, int, int], noise: float = 1.0) -> NDArray[np.float32]:
    """Replicates (n_signatures, n_replicates, n_genes) that share something, as z-scores do, with wide tails."""
    shared = rng.standard_t(3, (shape[0], 1, shape[2]))
    return np.asarray(shared + noise * rng.standard_t(3, shape), dtype=np.float32)


@pytest.mark.parametrize("n_replicates", [1, 2, 3, 4, 7])
def test_modz_equals_the_formula(n_replicates: int) -> None:
    z = related(np.random.default_rng(n_replicates), (20, n_replicates, 978))
    assert np.abs(z).max() > 10
    expected = [literal_modz(replicates) for replicates in z]
    np.testing.assert_allclose(modz(z), expected, rtol=0, atol=1e-6)
    assert np.abs(modz(z)).max() <= 10


@given(
    seed=st.integers(0, 2**32 - 1),
    shape=st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 12)),
    decimals=st.integers(0, 3),
    missing=st.sampled_from([0, 0.05, 0.5, 1]),
)
@settings(max_examples=150, deadline=None)
def test_modz_equals_the_formula_with_ties_and_missing_values(
    seed: int, shape: tuple[int, int, int], decimals: int, missing: float
) -> None:
    rng = np.random.default_rng(seed)
    z = (related(rng, shape) * 3).round(decimals)
    z[rng.random(shape) < missing] = NAN
    expected = [literal_modz(replicates) for replicates in z]
    np.testing.assert_allclose(modz(z), expected, rtol=0, atol=1e-6)


def test_replicates_that_disagree_weigh_a_hundredth_before_weights_are_shared_out() -> None:
    up = np.arange(5, dtype=np.float32)
    z = np.stack([up, up, -up])[None]
    # each of the two agrees with one other: 0.5 * 1; the third with none: 0.01
    weights = replicate_weights(z, np.zeros((1, 5), dtype=bool))
    np.testing.assert_allclose(weights, [[0.5 / 1.01, 0.5 / 1.01, 0.01 / 1.01]], rtol=1e-12)
    np.testing.assert_allclose(modz(z)[0], up * 0.99 / 1.01, rtol=1e-6)


def test_a_replicate_with_one_value_for_all_genes_agrees_with_none() -> None:
    z = np.array([[[0, 0, 0], [1, 2, 3]]], dtype=np.float32)
    np.testing.assert_allclose(modz(z), [[0.5, 1, 1.5]])


def test_a_single_replicate_is_its_signature_within_ten() -> None:
    z = np.array([[[-76, -1.5, NAN, 61]]], dtype=np.float32)
    np.testing.assert_array_equal(modz(z), [[-10, -1.5, NAN, 10]])


def test_a_gene_that_one_replicate_lacks_is_the_others_mean() -> None:
    z = np.array([[[1, 2, 3, 4, NAN], [1, 2, 3, 4, 6], [1, 2, 3, 4, NAN]]], dtype=np.float32)
    np.testing.assert_allclose(modz(z), [[1, 2, 3, 4, 6]], rtol=1e-6)
    z[0, 1, 4] = NAN
    assert np.isnan(modz(z)[0]).tolist() == [False, False, False, False, True]


@given(values=st.lists(st.lists(st.integers(-3, 3), min_size=5, max_size=5), min_size=1, max_size=6))
def test_ranks_are_those_of_scipy(values: list[list[int]]) -> None:
    table = np.array(values, dtype=np.float32)
    np.testing.assert_array_equal(average_ranks(table), rankdata(table, axis=1))


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # cmapPy resets an index in place
@pytest.mark.parametrize("n_replicates", [2, 3, 5])
def test_modz_equals_cmappy(n_replicates: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """cmapPy takes the mean correlation where cmapM takes half the sum: the same shares while none is at the floor."""
    fill_diagonal = np.fill_diagonal

    def fill(matrix: NDArray[np.float64], value: float) -> None:
        matrix.flags.writeable = True  # pandas 3 hands out its values read-only
        fill_diagonal(matrix, value)

    monkeypatch.setattr(np, "fill_diagonal", fill)
    monkeypatch.setattr(agg_wt_avg, "rounding_precision", 15)  # it rounds weights to four digits
    z = np.clip(related(np.random.default_rng(1), (10, n_replicates, 200), noise=2), -10, 10)
    for replicates, signature in zip(z, modz(z), strict=True):
        theirs, _, raw_weights, weights = agg_wt_avg.agg_wt_avg(pd.DataFrame(replicates.T.astype(float)))
        assert raw_weights.min() > 0.02
        ours = replicate_weights(replicates[None], np.zeros((1, 200), dtype=bool))[0]
        np.testing.assert_allclose(ours, weights, rtol=0, atol=1e-12)
        np.testing.assert_allclose(signature, theirs, rtol=0, atol=1e-6)


def stored(values: NDArray[np.float32], folder: Path, rows_per_part: int) -> Profiles:
    ids = np.array([f"s{number}" for number in range(len(values))], dtype=object)
    genes = np.array([f"g{number}" for number in range(values.shape[1])], dtype=object)
    write_profiles(ProfileStream(genes, [Block(ids, values)]), folder, rows_per_part=rows_per_part)
    return Profiles(folder)


@pytest.mark.parametrize("memory_mib", [1, 256])
def test_signatures_of_scattered_replicates_equal_the_formula_whatever_the_memory(
    tmp_path: Path, memory_mib: int
) -> None:
    rng = np.random.default_rng(3)
    values = related(rng, (1, 400, 978))[0]
    values[rng.random(values.shape) < 0.001] = NAN
    profiles = stored(values, tmp_path / "p", rows_per_part=90)
    names = pd.Series([f"x{number}" for number in rng.integers(0, 150, 400)])
    signatures = Signatures(profiles, make_groups(names, np.arange(400)), memory_mib)
    blocks = list(signatures.blocks())
    assert (len(blocks) > 1) == (memory_mib == 1)
    ids = np.concatenate([block.sample_ids for block in blocks])
    assert ids.tolist() == signatures.sample_ids.tolist() == names.drop_duplicates().tolist()
    expected = [literal_modz(values[names == name]) for name in ids]
    result = np.concatenate([block.values for block in blocks])
    np.testing.assert_allclose(result, expected, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(np.concatenate(list(signatures.missing())), np.isnan(expected))
    some = np.array([3, 50, 7])
    only = np.concatenate([block.values for block in signatures.only(some).blocks()])
    np.testing.assert_array_equal(only, result[some])


@pytest.mark.skipif(SHARED is None, reason="L1000_SHARED names no folder of real data")
def test_modz_of_real_replicates_equals_the_formula(tmp_path: Path) -> None:
    folder = Path(str(SHARED)) / "data/gse92742_mini"
    (matrix,) = folder.glob("*.gctx")
    genes = pd.read_csv(next(folder.glob("*gene_info*")), sep="\t", dtype=str)
    reader = open_matrix(matrix)
    blocks = list(reader.blocks(genes=list(landmark_ids(genes))))
    ids = np.concatenate([sample_ids for sample_ids, _ in blocks]).astype(str)
    values = np.concatenate([block for _, block in blocks])
    # TA.OE005_U2OS_72H_X2.A2_B18:B03 is a replicate of TA.OE005_U2OS_72H_X1_B15:B03
    names = pd.Series(ids).str.replace(r"_X\d+[^:]*:", ":", regex=True)
    groups = make_groups(names, np.arange(len(names)))
    sizes = np.diff(groups.starts)
    assert {2, 3} <= set(sizes)
    chosen = np.concatenate([np.flatnonzero(sizes == size)[:60] for size in (1, 2, 3)])
    signatures = Signatures(stored(values, tmp_path / "p", 1000), groups.only(chosen), 16)
    for number, signature in enumerate(np.concatenate([block.values for block in signatures.blocks()])):
        replicates = values[names == signatures.sample_ids[number]]
        np.testing.assert_allclose(signature, literal_modz(replicates), rtol=0, atol=1e-6)
