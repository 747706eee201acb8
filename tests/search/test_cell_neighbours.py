"""Lists of neighbours, which a cell takes of its own profiles, splits and sources alone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from planted import CLASSES, CODES, FOLDS, rotations_of

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import write_manifest
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.neighbours.lists import NeighbourLists
from l1000_bench.neighbours.storage import META, load_lists, save_lists, stored_digest
from l1000_bench.pipelines.modeling.nodes import try_settings
from l1000_bench.search import shared_neighbours
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.cell_data import gather_cell, open_cell, write_cell
from l1000_bench.search.shared_neighbours import neighbour_work

IDS = np.array([f"s{number}" for number in range(len(CODES))], dtype=object)
SAMPLES = pd.DataFrame({"sample_id": IDS, "site": CLASSES[CODES]}, dtype="str")
KNN = {
    "name": "knn",
    "class": "l1000_bench.models.neighbours.NeighboursClassifier",
    "label": "KNN",
    "params": {"n_neighbors": 3, "metric": "euclidean"},
}
CELL = CellSpec("mine", "site", "site", KNN, [], [], 1)


def store_profiles(folder: Path, seed: int) -> Profiles:
    values = np.random.default_rng(seed).normal(size=(len(IDS), 4)).astype(np.float32)
    genes = np.array(["1", "2", "3", "4"], dtype=object)
    write_profiles(ProfileStream(genes, [Block(IDS, values)]), folder / "profiles")
    return Profiles(folder / "profiles")


def split_of(folds: NDArray[np.intp]) -> pd.DataFrame:
    rows = [
        {"rotation": rotation, "sample_id": IDS[position], "role": role}
        for rotation, roles in rotations_of(folds).items()
        for role, positions in roles.items()
        for position in positions
    ]
    return pd.DataFrame(rows)


SPLIT = split_of(np.array(FOLDS))


def store_lists(folder: Path, profiles: Profiles, split: pd.DataFrame = SPLIT) -> NeighbourLists:
    work = neighbour_work(profiles, {"site": split}, "euclidean")
    save_lists(work.make(), work.digest, folder / "euclidean")
    return load_lists(folder / "euclidean")


def given(profiles: Profiles, lists: NeighbourLists, split: pd.DataFrame = SPLIT) -> dict[str, Any]:
    return {"profiles": profiles, "samples": SAMPLES, "split": split, "neighbours:euclidean": lists}


def test_lists_of_the_same_profiles_and_split_are_taken_wherever_the_cell_is_opened(tmp_path: Path) -> None:
    profiles = store_profiles(tmp_path, seed=1)
    more = pd.concat([SPLIT, split_of(np.array(FOLDS[::-1])).assign(rotation=lambda table: table["rotation"] + 4)])
    data = gather_cell(CELL, given(profiles, store_lists(tmp_path, profiles, more)))  # another task's besides
    write_cell(data, tmp_path / "cell")
    opened = open_cell(tmp_path / "cell")
    assert opened.neighbours["euclidean"].training_sets == data.neighbours["euclidean"].training_sets
    assert opened.fingerprint == data.fingerprint


def test_lists_of_other_profiles_are_refused_before_any_trial(tmp_path: Path) -> None:
    lists = store_lists(tmp_path, store_profiles(tmp_path, seed=1))
    profiles = store_profiles(tmp_path, seed=2)  # the same samples in the same split
    message = (
        r"^mine\.site\.knn: the euclidean neighbours in .*euclidean were found among other profiles than those of the "
        r"dataset now; run the pipeline graph_prep again, or for a search the pipeline search\.$"
    )
    with pytest.raises(InputError, match=message):
        try_settings(CELL, tmp_path / "records", **given(profiles, lists))
    assert not (tmp_path / "records").exists()


def test_lists_of_other_sources_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = store_profiles(tmp_path, seed=1)
    lists = store_lists(tmp_path, profiles)
    monkeypatch.setattr(shared_neighbours, "sources_digest", lambda folder: f"other {folder}")
    with pytest.raises(InputError, match=r"euclidean were found by other sources of l1000_bench than these; run"):
        gather_cell(CELL, given(profiles, lists))


def test_lists_of_another_split_are_refused_before_any_trial(tmp_path: Path) -> None:
    profiles = store_profiles(tmp_path, seed=1)
    lists, split = store_lists(tmp_path, profiles), split_of(np.roll(FOLDS, 1))
    with pytest.raises(InputError, match=r"^mine\.site\.knn: the stored euclidean neighbours know no training set of"):
        try_settings(CELL, tmp_path / "records", **given(profiles, lists, split))
    assert not (tmp_path / "records").exists()
    made = store_lists(tmp_path, profiles, split)
    assert try_settings(CELL, tmp_path / "records", **given(profiles, made, split)).trials["error"].isna().all()


def test_lists_that_lack_a_sample_to_predict_are_refused(tmp_path: Path) -> None:
    profiles = store_profiles(tmp_path, seed=1)
    lists = store_lists(tmp_path, profiles, SPLIT[(SPLIT["role"] != "test") | (SPLIT["rotation"] != 2)])
    with pytest.raises(InputError, match=r"the stored euclidean neighbours lack profile \d+ for this training set"):
        gather_cell(CELL, given(profiles, lists))


def test_a_process_refuses_lists_that_were_made_anew_of_other_profiles(tmp_path: Path) -> None:
    profiles = store_profiles(tmp_path, seed=1)
    write_cell(gather_cell(CELL, given(profiles, store_lists(tmp_path, profiles))), tmp_path / "cell")
    store_lists(tmp_path, store_profiles(tmp_path, seed=2))
    with pytest.raises(InputError, match="were found among other profiles"):
        open_cell(tmp_path / "cell")


def test_lists_that_tell_not_of_what_they_were_made_are_made_anew(tmp_path: Path) -> None:
    """Such as versions before this check wrote."""
    profiles = store_profiles(tmp_path, seed=1)
    folder = store_lists(tmp_path, profiles).folder
    assert folder is not None
    meta = json.loads((folder / META).read_text())
    (folder / META).write_text(json.dumps({name: meta[name] for name in ("metric", "training_sets", "digest")}))
    write_manifest(folder, [path for path in folder.iterdir() if path.name != "SHA256SUMS"])
    assert stored_digest(folder) is None
    with pytest.raises(InputError, match=r"euclidean holds no lists of neighbours \('profiles'\); run the node that"):
        load_lists(folder)


def test_lists_in_memory_serve_this_process_alone(tmp_path: Path) -> None:
    profiles = store_profiles(tmp_path, seed=1)
    data = gather_cell(CELL, given(profiles, replace(store_lists(tmp_path, profiles), folder=None)))
    assert len(data.fingerprint) == 12
    with pytest.raises(InputError, match="the euclidean neighbours are not stored, so no other process can read them"):
        write_cell(data, tmp_path / "cell")
