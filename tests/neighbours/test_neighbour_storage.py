from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from neighbour_data import assert_same, random_profiles

from l1000_bench.errors import InputError
from l1000_bench.neighbours.cross_validation import cross_validation_neighbours
from l1000_bench.neighbours.lists import NeighbourLists, Rotation
from l1000_bench.neighbours.storage import ARRAYS, META, load_lists, save_lists, stored_digest

ROTATIONS = [Rotation(np.arange(9), np.arange(9, 12)), Rotation(np.arange(3, 12), np.arange(3))]


def made() -> NeighbourLists:
    return cross_validation_neighbours(random_profiles(12, 5), ROTATIONS, "cosine", 1)


def test_lists_come_back_as_read_only_maps(tmp_path: Path) -> None:
    folder = tmp_path / "cosine"
    save_lists(made(), "abc", folder)
    back = load_lists(folder)
    assert_same(back, made())
    for name in ARRAYS:
        array = getattr(back, name)
        assert isinstance(array, np.memmap)
        assert not array.flags.writeable
    assert stored_digest(folder) == "abc"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cosine"]  # nothing temporary is left


def test_lists_without_any_query_come_back_too(tmp_path: Path) -> None:
    lists = cross_validation_neighbours(random_profiles(5, 3), [Rotation(np.arange(5), np.arange(0))], "euclidean", 1)
    assert lists.indices.shape == (0, 50)
    save_lists(lists, "none", tmp_path / "lists")
    assert_same(load_lists(tmp_path / "lists"), lists)


def test_the_same_lists_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_lists(made(), "abc", tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.mark.parametrize("name", [META, "rows.npy", "distances.npy"])
def test_a_damaged_file_is_refused_and_its_digest_not_believed(tmp_path: Path, name: str) -> None:
    save_lists(made(), "abc", tmp_path / "lists")
    path = tmp_path / "lists" / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match=rf"{name} has SHA-256 .* run the node that makes it again"):
        load_lists(tmp_path / "lists")
    assert stored_digest(tmp_path / "lists") is None
    path.unlink()
    with pytest.raises(InputError, match=f"{name} is listed in its manifest but missing"):
        load_lists(tmp_path / "lists")
    assert stored_digest(tmp_path / "lists") is None


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    assert stored_digest(tmp_path / "nothing") is None
    with pytest.raises(InputError, match="nothing does not exist; run the pipeline"):
        load_lists(tmp_path / "nothing")
    save_lists(made(), "abc", tmp_path / "lists")
    for path in (tmp_path / "lists").glob("*.json"):
        path.unlink()
    manifest = tmp_path / "lists" / "SHA256SUMS"
    manifest.write_text("".join(line for line in manifest.read_text().splitlines(True) if META not in line))
    with pytest.raises(InputError, match=r"lists holds no lists of neighbours \(.*run the node that makes it again"):
        load_lists(tmp_path / "lists")
    assert stored_digest(tmp_path / "lists") is None
