from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kedro.io import DatasetError

from l1000_bench.datasets.neighbours_dataset import NeighboursDataset
from l1000_bench.errors import InputError
from l1000_bench.neighbours.lists import NeighbourLists, NeighbourWork, training_key

TRAINING = np.array([1, 2])


def lists_of(distance: float) -> NeighbourLists:
    return NeighbourLists(
        metric="manhattan",
        training_sets=(training_key(TRAINING),),
        starts=np.array([0, 1]),
        rows=np.array([0], dtype=np.int32),
        indices=np.array([[2, 1]], dtype=np.int32),
        distances=np.array([[0.5, distance]]),
    )


class Maker:
    """Work that counts how often it is done."""

    def __init__(self, digest: str, distance: float) -> None:
        self.times = 0
        self.distance = distance
        self.work = NeighbourWork(digest, self.make)

    def make(self) -> NeighbourLists:
        self.times += 1
        return lists_of(self.distance)


def stored_distance(dataset: NeighboursDataset) -> float:
    return float(dataset.load().of(TRAINING, np.array([0]), 2)[0][0, 1])


def test_work_that_is_stored_is_not_done_again(tmp_path: Path) -> None:
    dataset = NeighboursDataset(str(tmp_path / "lists"))
    assert not dataset.exists()
    first, same, other = Maker("a", 1.5), Maker("a", 9), Maker("b", 2.5)
    dataset.save(first.work)
    dataset.save(same.work)
    assert dataset.exists()
    assert (first.times, same.times, stored_distance(dataset)) == (1, 0, 1.5)
    dataset.save(other.work)
    assert (other.times, stored_distance(dataset)) == (1, 2.5)


def test_damaged_lists_are_refused_and_made_anew(tmp_path: Path) -> None:
    dataset = NeighboursDataset(str(tmp_path / "lists"))
    dataset.save(Maker("a", 1.5).work)
    path = tmp_path / "lists" / "distances.npy"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(DatasetError, match=r"distances\.npy has SHA-256"):
        dataset.load()
    again = Maker("a", 1.5)
    dataset.save(again.work)
    assert (again.times, stored_distance(dataset)) == (1, 1.5)


def test_a_failure_leaves_the_older_lists(tmp_path: Path) -> None:
    def fail() -> NeighbourLists:
        raise InputError("no profile.")

    dataset = NeighboursDataset(str(tmp_path / "lists"))
    dataset.save(Maker("a", 1.5).work)
    with pytest.raises(DatasetError, match="no profile"):
        NeighboursDataset(str(tmp_path / "lists")).save(NeighbourWork("b", fail))
    assert stored_distance(dataset) == 1.5
    assert [path.name for path in tmp_path.iterdir()] == ["lists"]


def test_a_folder_without_its_manifest_is_not_there(tmp_path: Path) -> None:
    dataset = NeighboursDataset(str(tmp_path / "lists"))
    dataset.save(Maker("a", 1.5).work)
    (tmp_path / "lists" / "SHA256SUMS").unlink()
    assert not dataset.exists()
    again = Maker("a", 1.5)
    dataset.save(again.work)
    assert (again.times, dataset.exists()) == (1, True)


def test_the_preview_is_the_nearest_neighbour_by_row(tmp_path: Path) -> None:
    dataset = NeighboursDataset(str(tmp_path / "lists"))
    assert dataset.preview() is None
    dataset.save(Maker("a", 1.5).work)
    preview: Any = dataset.preview()
    assert preview["columns"] == ["profile", "neighbour", "manhattan"]
    assert preview["data"] == [[0, 2, 0.5]]
