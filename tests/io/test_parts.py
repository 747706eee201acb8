import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matrix_files import names, same_bits

from l1000_bench.errors import InputError
from l1000_bench.io.matrix import Ids, Values
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream

GENES = np.array(["780", "9", "5720"], dtype=object)


def values_of(n_rows: int) -> Values:
    values = np.random.default_rng(n_rows).normal(size=(n_rows, len(GENES))).astype(np.float32)
    values[::7, 1] = np.nan
    return values


def cut(values: Values, sizes: list[int]) -> Iterator[Block]:
    ids, start = names("s", len(values)), 0
    for size in [*sizes, len(values)]:
        yield Block(ids[start : start + size], values[start : start + size])
        start += size


def store(folder: Path, values: Values, sizes: list[int], rows: int = 4) -> Profiles:
    write_profiles(ProfileStream(GENES, cut(values, sizes)), folder, rows)
    return Profiles(folder)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def joined(blocks: Iterator[Block]) -> tuple[list[str], Values]:
    kept = list(blocks)
    return [str(one) for block in kept for one in block.sample_ids], np.concatenate([block.values for block in kept])


# Round trips


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 40), st.lists(st.integers(0, 15), max_size=12), st.integers(1, 17))
def test_blocks_of_any_size_are_regrouped_into_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, n_rows: int, sizes: list[int], rows: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    values = values_of(n_rows)
    profiles = store(folder / "a", values, sizes, rows)
    ids, back = joined(profiles.blocks())
    assert ids == profiles.sample_ids.tolist() == [f"s{number}" for number in range(n_rows)]
    assert profiles.gene_ids.tolist() == GENES.tolist()
    assert same_bits(back, values)
    assert same_bits(profiles.matrix(), values)
    parts = sorted(path.name for path in (folder / "a").glob("*.parquet"))
    assert parts == [f"part-{number:05d}.parquet" for number in range(-(-n_rows // rows))]
    held = [pq.ParquetFile(folder / "a" / part).metadata.num_rows for part in parts]
    assert held == [rows] * (n_rows // rows) + [n_rows % rows] * (n_rows % rows > 0)
    store(folder / "b", values, [n_rows], rows)
    assert contents(folder / "a") == contents(folder / "b")


def test_a_part_is_plain_parquet(tmp_path: Path) -> None:
    store(tmp_path / "p", values_of(5), [])
    table = pq.read_table(tmp_path / "p" / "part-00001.parquet")
    assert [(field.name, str(field.type)) for field in table.schema] == [
        ("sample_id", "string"),
        ("780", "float"),
        ("9", "float"),
        ("5720", "float"),
    ]
    assert table["sample_id"].to_pylist() == ["s4"]
    assert table["5720"].to_pylist() == [values_of(5)[4, 2]]


def test_a_part_of_many_row_groups_is_read_group_by_group(tmp_path: Path) -> None:
    values = values_of(9000)
    profiles = store(tmp_path / "p", values, [], rows=9000)
    assert [len(block.values) for block in profiles.blocks()] == [4096, 4096, 808]
    assert same_bits(profiles.matrix(), values)
    assert len(profiles) == 9000


def test_genes_come_in_the_order_asked_for(tmp_path: Path) -> None:
    values = values_of(10)
    profiles = store(tmp_path / "p", values, [3])
    ids, back = joined(profiles.blocks(genes=["5720", "780"]))
    assert ids == [f"s{number}" for number in range(10)]
    assert same_bits(back, values[:, [2, 0]])
    assert all(block.values.dtype == np.float32 for block in profiles.blocks(["9"]))
    assert [block.values.shape for block in profiles.blocks([])] == [(4, 0), (4, 0), (2, 0)]


def test_genes_that_are_not_there_are_refused(tmp_path: Path) -> None:
    profiles = store(tmp_path / "p", values_of(3), [])
    with pytest.raises(InputError, match=r"p lacks 1 of the 2 gene ids asked for \('7'\)"):
        next(profiles.blocks(["9", "7"]))
    with pytest.raises(InputError, match="Gene id '9' is asked for twice"):
        next(profiles.blocks(["9", "780", "9"]))


def test_a_stream_is_taken_block_by_block(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def blocks() -> Iterator[Block]:
        for number, block in enumerate(cut(values_of(20), [2] * 9)):
            seen.append((number, len(list(tmp_path.rglob("part-*.parquet")))))
            yield block

    write_profiles(ProfileStream(GENES, blocks()), tmp_path / "p", rows_per_part=4)
    assert [number for number, _ in seen] == list(range(10))
    # A part is written as soon as it is full, while the next two are read.
    assert all(number // 2 - 2 <= written <= number // 2 for number, written in seen)


# What is refused


def damage_last_byte(folder: Path) -> None:
    path = folder / "part-00001.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_off(folder: Path) -> None:
    path = folder / "part-00000.parquet"
    path.write_bytes(path.read_bytes()[:-1])


def remove(folder: Path) -> None:
    (folder / "part-00001.parquet").unlink()


def swap(folder: Path) -> None:
    first, second = folder / "part-00000.parquet", folder / "part-00001.parquet"
    first.rename(folder / "x")
    second.rename(first)
    (folder / "x").rename(second)


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (damage_last_byte, r"part-00001\.parquet has SHA-256 .* its manifest says"),
        (cut_off, r"part-00000\.parquet has SHA-256"),
        (remove, r"part-00001\.parquet is listed in its manifest but missing"),
        (swap, r"part-00000\.parquet has SHA-256"),
    ],
)
def test_a_part_that_changed_is_refused(tmp_path: Path, harm: Callable[[Path], None], message: str) -> None:
    store(tmp_path / "p", values_of(6), [])
    harm(tmp_path / "p")
    with pytest.raises(InputError, match=message):
        Profiles(tmp_path / "p")


def test_a_folder_without_its_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="p does not exist; run the pipeline"):
        Profiles(tmp_path / "p")
    store(tmp_path / "p", values_of(6), [])
    (tmp_path / "p" / "SHA256SUMS").write_text("")
    with pytest.raises(InputError, match="SHA256SUMS lists no file"):
        Profiles(tmp_path / "p")
    (tmp_path / "p" / "SHA256SUMS").unlink()
    with pytest.raises(InputError, match="p has no manifest SHA256SUMS"):
        Profiles(tmp_path / "p")


def nothing() -> Iterator[Block]:
    yield from ()


def empty() -> Iterator[Block]:
    yield Block(np.array([], dtype=object), np.empty((0, 3), dtype=np.float32))


@pytest.mark.parametrize("blocks", [nothing, empty])
def test_no_profile_at_all_is_refused(tmp_path: Path, blocks: Callable[[], Iterator[Block]]) -> None:
    store(tmp_path / "p", values_of(6), [])
    before = contents(tmp_path / "p")
    with pytest.raises(InputError, match=r"no profile is left to write to .*p; see the audit"):
        write_profiles(ProfileStream(GENES, blocks()), tmp_path / "p")
    assert contents(tmp_path / "p") == before


# Writers that fail


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("after", [0, 1, 5])
def test_a_stream_that_breaks_leaves_the_old_parts(tmp_path: Path, error: type[BaseException], after: int) -> None:
    store(tmp_path / "p", values_of(6), [])
    before = contents(tmp_path / "p")

    def blocks() -> Iterator[Block]:
        for number, block in enumerate(cut(values_of(20), [3] * 6)):
            if number == after:
                raise error
            yield block

    with pytest.raises(error):
        write_profiles(ProfileStream(GENES, blocks()), tmp_path / "p", rows_per_part=4)
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
    assert contents(tmp_path / "p") == before
    assert Profiles(tmp_path / "p").sample_ids.tolist() == [f"s{number}" for number in range(6)]


def test_a_part_that_cannot_be_written_leaves_the_old_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(tmp_path / "p", values_of(6), [])
    before = contents(tmp_path / "p")

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("l1000_bench.io.atomic.sync", full)
    with pytest.raises(OSError, match="No space left"):
        store(tmp_path / "p", values_of(8), [])
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
    assert contents(tmp_path / "p") == before


def test_new_parts_replace_all_old_ones(tmp_path: Path) -> None:
    store(tmp_path / "p", values_of(20), [])
    assert len(store(tmp_path / "p", values_of(3), [])) == 3
    assert sorted(contents(tmp_path / "p")) == ["SHA256SUMS", "part-00000.parquet"]
    ids: Ids = Profiles(tmp_path / "p").sample_ids
    assert ids.tolist() == ["s0", "s1", "s2"]


# One array that processes share


def test_mapped_profiles_are_the_matrix_and_are_written_once(tmp_path: Path) -> None:
    values = values_of(11)
    profiles = store(tmp_path / "p", values, [4, 5])
    mapped = profiles.mapped()
    assert same_bits(mapped, values)
    assert not mapped.flags.writeable
    inode = (tmp_path / "p" / "matrix.npy").stat().st_ino
    assert same_bits(Profiles(tmp_path / "p").mapped(), values)
    assert (tmp_path / "p" / "matrix.npy").stat().st_ino == inode


def test_the_mapped_file_goes_with_the_profiles(tmp_path: Path) -> None:
    store(tmp_path / "p", values_of(5), []).mapped()
    profiles = store(tmp_path / "p", values_of(6), [])
    assert not (tmp_path / "p" / "matrix.npy").exists()
    assert same_bits(profiles.mapped(), values_of(6))


def test_threads_that_ask_for_the_mapped_file_at_once_get_all_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, made = values_of(40), []
    plain = Profiles.blocks

    def slowly(profiles: Profiles) -> Iterator[Block]:
        made.append(profiles)
        for block in plain(profiles):
            time.sleep(0.002)
            yield block

    monkeypatch.setattr(Profiles, "blocks", slowly)
    several = [store(tmp_path / "p", values, []), *(Profiles(tmp_path / "p") for _ in range(3))]
    with ThreadPoolExecutor(len(several)) as pool:
        found = list(pool.map(Profiles.mapped, several))
    assert all(same_bits(one, values) for one in found)
    assert len(made) == 1
    assert [path.name for path in (tmp_path / "p").glob(".*")] == []


def test_a_mapped_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    profiles = store(tmp_path / "p", values_of(5), [])
    profiles.mapped()
    matrix = tmp_path / "p" / "matrix.npy"
    matrix.write_bytes(matrix.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match="the file was changed"):
        profiles.mapped()


def test_the_digest_changes_with_any_value(tmp_path: Path) -> None:
    values = values_of(9)
    one = store(tmp_path / "a", values, [3]).digest
    assert store(tmp_path / "b", values, [2, 6]).digest == one
    values[8, 2] += 1
    assert store(tmp_path / "c", values, [3]).digest != one
