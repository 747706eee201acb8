from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.matrix import Ids, Values
from l1000_bench.pipelines.ingestion.nodes import describe_samples, stream_landmarks

LANDMARKS = [str(5000 - number) for number in range(978)]  # not in the order of their numbers
GENES = ["9", *reversed(LANDMARKS), "10"]  # nor in that of the matrix


@dataclass(frozen=True)
class HeldMatrix:
    """A matrix in memory, whose value is its sample's number and its gene's id in one."""

    sample_ids: Ids
    gene_ids: Ids
    path: Path = Path("held.gctx")

    @property
    def n_samples(self) -> int:
        return len(self.sample_ids)

    @property
    def n_genes(self) -> int:
        return len(self.gene_ids)

    def blocks(
        self, genes: Iterable[str] | None = None, samples: Iterable[str] | None = None, rows: int = 2
    ) -> Iterator[tuple[Ids, Values]]:
        columns = np.array(list(genes or self.gene_ids), dtype=np.float32)
        for start in range(0, self.n_samples, rows):
            ids = self.sample_ids[start : start + rows]
            yield ids, (np.arange(start, start + len(ids))[:, None] * 10_000 + columns).astype(np.float32)

    def to_gctoo(self) -> object:
        raise NotImplementedError


def matrix(samples: list[str], genes: list[str] | None = None) -> HeldMatrix:
    return HeldMatrix(np.array(samples, dtype=object), np.array(GENES if genes is None else genes, dtype=object))


def gene_info(landmarks: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"pr_gene_id": ["9", *landmarks, "10"], "pr_is_lm": ["0", *["1"] * len(landmarks), "0"]})


def inst_info(**columns: list[str | None]) -> pd.DataFrame:
    """Three samples, in another order than the matrix's, with a column that the project does not use."""
    given: dict[str, list[str | None]] = {
        "inst_id": ["x", "y", "z"],
        "rna_plate": ["P1", "P2", "P3"],
        "rna_well": ["A01", "A02", "A03"],
        "cell_id": ["PC3", "VCAP", "PC3"],
        "pert_id": ["BRD-1", "BRD-2", "BRD-9"],
        "pert_iname": ["one", "two", "nine"],
        "pert_type": ["trt_cp", "trt_cp", "ctl_vehicle"],
        "pert_dose": ["10", "0.5", None],
        "pert_dose_unit": ["um", "um", None],
        "pert_time": ["24", "6", "24"],
        "pert_time_unit": ["h", "h", "h"],
        "seed_seq": ["-", "-", "-"],
    }
    return pd.DataFrame({**given, **columns}, dtype="str")


CELLS = pd.DataFrame(
    {"cell_id": ["VCAP", "A549", "PC3"], "primary_site": ["prostate", "lung", "other"], "subtype": ["v", None, "p"]},
    dtype="str",
)
PERTS = pd.DataFrame({"pert_id": ["BRD-2", "BRD-1"], "inchi_key": ["KEY2", "KEY1"]}, dtype="str")


def test_landmarks_are_streamed_in_the_order_of_gene_info() -> None:
    stream = stream_landmarks(matrix(["x", "y", "z"]), gene_info(LANDMARKS), pd.DataFrame(index=range(3)))
    assert stream.gene_ids.tolist() == LANDMARKS
    blocks = list(stream.blocks)
    assert [block.sample_ids.tolist() for block in blocks] == [["x", "y"], ["z"]]
    values = np.concatenate([block.values for block in blocks])
    expected = [[10_000 * row + int(gene) for gene in LANDMARKS] for row in range(3)]
    np.testing.assert_array_equal(values, np.array(expected, dtype=np.float32))


@pytest.mark.parametrize("count", [977, 979, 0])
def test_another_number_of_landmarks_is_refused(count: int) -> None:
    landmarks = [str(20_000 + number) for number in range(count)]
    with pytest.raises(InputError, match=f"gene_info marks {count} genes as landmarks; L1000 has 978"):
        stream_landmarks(matrix(["x"], ["9", *landmarks]), gene_info(landmarks), pd.DataFrame(index=[0]))


def test_a_matrix_that_lacks_a_landmark_is_refused() -> None:
    short = matrix(["x"], [gene for gene in GENES if gene != LANDMARKS[4]])
    message = rf"held\.gctx lacks 1 of the 978 landmark genes, the first is {LANDMARKS[4]};"
    with pytest.raises(InputError, match=message):
        stream_landmarks(short, gene_info(LANDMARKS), pd.DataFrame(index=[0]))


def test_samples_follow_the_matrix_and_find_their_cell_and_perturbagen() -> None:
    found = describe_samples(matrix(["z", "x", "y"]), inst_info(), PERTS, CELLS)
    expected = {
        "sample_id": ["z", "x", "y"],
        "plate_id": ["P3", "P1", "P2"],
        "well": ["A03", "A01", "A02"],
        "cell_id": ["PC3", "PC3", "VCAP"],
        "pert_id": ["BRD-9", "BRD-1", "BRD-2"],
        "pert_iname": ["nine", "one", "two"],
        "pert_type": ["ctl_vehicle", "trt_cp", "trt_cp"],
        "dose": [None, 10.0, 0.5],
        "dose_unit": [None, "um", "um"],
        "time": [24.0, 24.0, 6.0],
        "time_unit": ["h", "h", "h"],
        "primary_site": ["other", "other", "prostate"],
        "subtype": ["p", "p", "v"],
        "inchi_key": [None, "KEY1", "KEY2"],
        "subject_id": [None, None, None],
    }
    assert found.astype(object).where(found.notna(), None).to_dict("list") == expected
    assert found.index.tolist() == [0, 1, 2]


def test_a_sample_that_the_matrix_lacks_is_left_out() -> None:
    found = describe_samples(matrix(["y"]), inst_info(), PERTS, CELLS)
    assert found["sample_id"].tolist() == ["y"]


def test_a_cell_line_without_a_row_has_no_site() -> None:
    found = describe_samples(matrix(["x", "y"]), inst_info(), PERTS, CELLS.iloc[:1])
    assert found["primary_site"].isna().tolist() == [True, False]


def test_unknown_samples_are_counted_and_named() -> None:
    unknown = matrix(["y", "q", "x", "r"])
    with pytest.raises(InputError, match=r"held\.gctx holds 2 sample\(s\) that inst_info lacks, the first is 'q'"):
        describe_samples(unknown, inst_info(), PERTS, CELLS)


@pytest.mark.parametrize(("column", "name"), [("pert_dose", "dose"), ("pert_time", "time")])
def test_numbers_that_are_none_are_missing_and_warned_of(
    column: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    table = inst_info(**{column: ["1", "a lot", None]})
    with caplog.at_level(logging.WARNING):
        found = describe_samples(matrix(["x", "y", "z"]), table, PERTS, CELLS)
    assert found[name].fillna(-1).tolist() == [1, -1, -1]
    words = f"1 values of {name} are no numbers and count as missing, such as 'a lot'"
    assert [record.getMessage() for record in caplog.records] == [words]


def test_missing_numbers_alone_warn_of_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        describe_samples(matrix(["x", "z"]), inst_info(), PERTS, CELLS)
    assert not caplog.records


def test_fifty_thousand_samples_are_described() -> None:
    n = 50_000
    ids = [f"PLATE{number % 97:03d}_X1:{number:06d}" for number in range(n)]
    columns = {name: [values[0]] * n for name, values in inst_info().items()}
    wells = [str(number) for number in range(n)]
    table = pd.DataFrame({**columns, "inst_id": ids, "rna_well": wells}, dtype="str")
    found = describe_samples(matrix(ids[::-1]), table, PERTS, CELLS)
    assert found["sample_id"].tolist() == ids[::-1]
    assert found["well"].tolist() == wells[::-1]
    assert (found["primary_site"] == "other").all()
