from __future__ import annotations

import gzip
import logging
import os
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matrix_files import Layout, names, same_bits, store, store_as

from l1000_bench.errors import InputError
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.landmarks import landmark_stream, rows_of_block
from l1000_bench.io.matrix import Ids, MatrixReader, Values
from l1000_bench.io.parts import Block, ProfileStream
from l1000_bench.pipelines.ingestion.nodes import stream_landmarks

LANDMARKS = [str(5000 - number) for number in range(978)]  # not in the order of their numbers
GENES = ["9", *reversed(LANDMARKS), "10"]  # nor in that of the matrix
MEMORY_MIB = 200


def ids_of(texts: list[str]) -> Ids:
    return np.array(texts, dtype=object)


def made(path: Path, n_samples: int = 3, genes: list[str] | None = None) -> MatrixReader:
    """A matrix whose value is its sample's number and its gene's id in one."""
    held = GENES if genes is None else genes
    values = np.arange(n_samples)[:, None] * 10_000 + np.array([int(gene) for gene in held])
    return open_matrix(store(path, values.astype("f4"), names("s", n_samples).astype("S"), np.array(held, dtype="S")))


def joined(blocks: Any) -> tuple[list[str], Values]:
    kept: list[Block] = list(blocks)
    return [one for block in kept for one in block.sample_ids], np.concatenate([block.values for block in kept])


def corpus(**changes: Any) -> CorpusSpec:
    fields: dict[str, Any] = {
        "name": "mine", "label": "Mine", "kind": "own", "folder": "raw", "remark": "", "layout": "own",
        "files": {"gctx": "m.gct", "samples": "s.csv"}, "columns": {"sample_id": "id", "pert_id": "drug"},
    }  # fmt: skip
    return CorpusSpec(**{**fields, **changes})


def streamed(matrix: MatrixReader, landmarks: list[str], **changes: Any) -> ProfileStream:
    gene_info = pd.DataFrame(
        {"pr_gene_id": ["9", *landmarks, "10"], "pr_is_lm": ["0", *["1"] * len(landmarks), "0"]}, dtype="str"
    )
    raw_samples = pd.DataFrame({"sample_id": matrix.sample_ids})
    return stream_landmarks(matrix, gene_info, raw_samples, corpus(**changes))


# The node


def test_landmarks_are_streamed_in_the_order_of_gene_info(tmp_path: Path) -> None:
    stream = streamed(made(tmp_path / "a.gctx"), LANDMARKS)
    assert stream.gene_ids.tolist() == LANDMARKS
    ids, values = joined(stream.blocks)
    assert ids == ["s0", "s1", "s2"]
    expected = [[10_000 * row + int(gene) for gene in LANDMARKS] for row in range(3)]
    np.testing.assert_array_equal(values, np.array(expected, dtype=np.float32))


@pytest.mark.parametrize("count", [977, 979, 0])
def test_another_number_of_landmarks_is_refused(tmp_path: Path, count: int) -> None:
    landmarks = [str(20_000 + number) for number in range(count)]
    with pytest.raises(InputError, match=f"gene_info marks {count} genes as landmarks; L1000 has 978"):
        streamed(made(tmp_path / "a.gctx", genes=["9", *landmarks]), landmarks)


def test_what_is_done_about_missing_landmarks_is_the_corpus_s_choice(tmp_path: Path) -> None:
    short = made(tmp_path / "a.gctx", genes=[gene for gene in GENES if gene != LANDMARKS[4]])
    with pytest.raises(InputError, match=rf"a\.gctx lacks 1 of the 978 landmark genes \({LANDMARKS[4]}\); get the"):
        streamed(short, LANDMARKS)
    values = joined(streamed(short, LANDMARKS, missing_landmarks="keep").blocks)[1]
    assert np.isnan(values).sum(axis=0).tolist() == [3 * (place == 4) for place in range(978)]


def test_the_corpus_says_how_much_memory_there_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="memory_mib is 130; expected"):
        streamed(made(tmp_path / "a.gctx"), LANDMARKS, memory_mib=130)


# Landmarks that a matrix lacks


def test_ids_that_were_cut_off_are_named_with_what_became_of_them(tmp_path: Path) -> None:
    landmarks = ["780", "100129361", "5720", "100128124"]
    reader = made(tmp_path / "a.gctx", genes=["5720", "10012", "780"])
    with pytest.raises(InputError) as caught:
        landmark_stream(reader, ids_of(landmarks), "keep", MEMORY_MIB)
    assert str(caught.value) == (
        f"{tmp_path / 'a.gctx'} lacks 2 of the 4 landmark genes (100129361, 100128124): its gene ids were cut off "
        "after 5 characters, so that 10012 may be several genes; get the file anew, with whole ids."
    )


def test_ids_of_another_kind_are_refused_whatever_the_choice(tmp_path: Path) -> None:
    path = store(tmp_path / "a.gctx", genes=np.array(["PSME1", "ATF1", "RHEB"], dtype="S"))
    for choice in ("error", "keep"):
        with pytest.raises(InputError, match="expected Entrez ids, found ids such as PSME1, ATF1, RHEB"):
            landmark_stream(open_matrix(path), ids_of(LANDMARKS), choice, MEMORY_MIB)


def test_many_missing_landmarks_are_counted_and_ten_are_named(tmp_path: Path) -> None:
    reader = made(tmp_path / "a.gctx", genes=LANDMARKS[12:])
    with pytest.raises(InputError, match=rf"lacks 12 of the 978 landmark genes \({', '.join(LANDMARKS[:10])}, …\); "):
        landmark_stream(reader, ids_of(LANDMARKS), "error", MEMORY_MIB)
    with pytest.raises(InputError, match="missing_landmarks is 'drop'; it can be error or keep"):
        landmark_stream(reader, ids_of(LANDMARKS), "drop", MEMORY_MIB)


def test_missing_landmarks_that_are_kept_are_nan_and_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reader = made(tmp_path / "a.gctx", 5, ["9", "3", "1"])
    with caplog.at_level(logging.WARNING):
        stream = landmark_stream(reader, ids_of(["1", "7", "9", "8"]), "keep", MEMORY_MIB)
        values = joined(stream.blocks)[1]
    nan = np.nan
    expected = [[10_000 * row + 1, nan, 10_000 * row + 9, nan] for row in range(5)]
    assert same_bits(values, np.array(expected, dtype=np.float32))
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path / 'a.gctx'} lacks 2 of the 4 landmark genes (7, 8); they are kept as missing values",
        "of 5 profiles read, values are missing of gene 7 (5), 8 (5)",
    ]


def test_missing_values_are_counted_gene_by_gene(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    values = np.ones((3000, 20), "f4")
    values[::2, 4] = np.nan
    values[:7, 2] = -666
    values[0, 5:17] = -666
    reader = open_matrix(store_as(tmp_path / "a.gctx", values))
    with caplog.at_level(logging.WARNING):
        list(landmark_stream(reader, reader.gene_ids[:5], "error", MEMORY_MIB).blocks)
        list(landmark_stream(reader, reader.gene_ids[5:], "error", MEMORY_MIB).blocks)
        list(landmark_stream(reader, reader.gene_ids[17:], "error", MEMORY_MIB).blocks)
    named = ", ".join(f"g{gene} (1)" for gene in range(5, 15))
    assert [record.getMessage() for record in caplog.records] == [
        "of 3,000 profiles read, values are missing of gene g2 (7), g4 (1,500)",
        f"of 3,000 profiles read, values are missing of gene {named} and 2 genes more",
    ]


# Where a stream goes on


@pytest.mark.parametrize("name", ["a.gctx", "a.gctx.gz"])
def test_a_stream_goes_on_from_any_profile(tmp_path: Path, name: str) -> None:
    values = np.random.default_rng(1).normal(size=(5000, 10)).astype("f4")
    reader = open_matrix(store_as(tmp_path / name, values, Layout((7, 10))))
    origin = landmark_stream(reader, ids_of(["g7", "g0"]), "error", MEMORY_MIB).origin
    assert origin is not None
    for start in (0, 1, 6, 7, 2048, 4999):
        ids, found = joined(origin.after(start))
        assert ids == [f"s{number}" for number in range(start, 5000)]
        assert same_bits(found, values[start:, [7, 0]])
    assert list(origin.after(5000)) == list(origin.after(9000)) == []


def test_a_digest_stands_for_the_file(tmp_path: Path) -> None:
    def digest(path: Path) -> str:
        reader = open_matrix(path)
        origin = landmark_stream(reader, reader.gene_ids[:2], "error", MEMORY_MIB).origin
        assert origin is not None
        return origin.digest

    path = store(tmp_path / "a.gctx")
    first = digest(path)
    assert digest(path) == first
    state = os.stat(path)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    later = digest(path)
    store(path, samples=(b"s0", b"s2"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    renamed = digest(path)
    store(path, genes=(b"7", b"5", b"8"))
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    other = digest(path)
    (tmp_path / "a.gctx.gz").write_bytes(gzip.compress(store(path).read_bytes()))
    os.utime(tmp_path / "a.gctx.gz", ns=(state.st_atime_ns, state.st_mtime_ns))
    assert len({first, later, renamed, other, digest(tmp_path / "a.gctx.gz")}) == 5


# Memory


@pytest.mark.parametrize("memory_mib", [0, -1, 128, 129, True, 500.0, "500", None])
def test_too_little_memory_is_refused(memory_mib: Any) -> None:
    with pytest.raises(InputError, match=rf"memory_mib is {memory_mib!r}; expected a whole number of MiB, 136 or more"):
        rows_of_block(memory_mib, 978)


def test_blocks_fit_the_memory() -> None:
    assert rows_of_block(136, 978) == 8 * 2**20 // (6 * 978 * 4)
    assert rows_of_block(150, 978) == 22 * 2**20 // (6 * 978 * 4)
    assert rows_of_block(10_000, 978) == 2048


@pytest.mark.parametrize("name", ["a.gctx", "a.gctx.gz"])
def test_little_memory_makes_small_blocks(tmp_path: Path, name: str) -> None:
    values = np.ones((30_000, 978), "f4")  # 117 MB
    reader = open_matrix(store_as(tmp_path / name, values))
    del values
    tracemalloc.start()
    stream = landmark_stream(reader, reader.gene_ids, "error", 136)
    assert sum(len(block.sample_ids) for block in stream.blocks) == 30_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 136 * 2**20
