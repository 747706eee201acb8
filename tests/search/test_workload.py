from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.search.workload import Size, draw_subsample, expected_size, stand_in

GENES = np.array(["780", "9"], dtype=object)


def stored(folder: Path, n: int) -> Profiles:
    ids = np.array([f"s{number}" for number in range(n)], dtype=object)
    values = np.column_stack([np.arange(n), -np.arange(n)]).astype(np.float32)
    halves = [Block(ids[:7], values[:7]), Block(ids[7:], values[7:])]
    write_profiles(ProfileStream(GENES, halves), folder)
    return Profiles(folder)


def test_the_paper_trains_on_eight_of_ten_folds_and_scores_two() -> None:
    size = Size(156_461, 49, 10)
    assert (size.n_train, size.n_scored) == (125_169, 31_292)


def test_a_stand_in_has_every_class_twice_first_and_classes_as_frequent_as_one_over_their_rank() -> None:
    drawn = stand_in(20_000, ["a", "b", "c"], 4, seed=3)
    assert drawn.codes[:8].tolist() == [0, 1, 2, 3, 0, 1, 2, 3]
    assert np.bincount(drawn.codes) / 20_000 == pytest.approx(np.array([12, 6, 4, 3]) / 25, abs=0.015)
    assert drawn.profiles.std(axis=0) == pytest.approx(np.ones(3), abs=0.05)
    again = stand_in(20_000, ["a", "b", "c"], 4, seed=3)
    np.testing.assert_array_equal(drawn.profiles, again.profiles)


def test_a_subsample_holds_labelled_profiles_with_their_own_labels(tmp_path: Path) -> None:
    labels = ["b", "a", None, "b", "a", "b", None, "a", "c", "a", "b", "c"]
    samples = pd.DataFrame({"sample_id": [f"s{number}" for number in range(12)], "site": labels}, dtype="str")
    drawn = draw_subsample(stored(tmp_path / "p", 12), samples, "site", 8, seed=0)
    rows = drawn.profiles[:, 0].astype(int)
    np.testing.assert_array_equal(drawn.profiles[:, 1], -rows)
    assert len(set(rows)) == 8
    assert [labels[row] for row in rows] == [["a", "b", "c"][code] for code in drawn.codes]
    assert sorted(drawn.codes[:6]) == [0, 0, 1, 1, 2, 2]
    assert drawn.is_real
    assert drawn.gene_ids == ("780", "9")


def test_samples_of_other_profiles_are_refused(tmp_path: Path) -> None:
    samples = pd.DataFrame({"sample_id": ["x"] * 12, "site": ["a"] * 12}, dtype="str")
    with pytest.raises(InputError, match="profiles and samples differ"):
        draw_subsample(stored(tmp_path / "p", 12), samples, "site", 8, seed=0)


def test_a_benchmark_of_unknown_size_is_refused_with_what_to_do() -> None:
    with pytest.raises(InputError, match=r"say n_classes: run .* expected: \{mine: \{site: \{n_classes: …\}\}\}"):
        expected_size("mine.site", {"n_samples": 100, "n_rotations": 10})


def test_a_benchmark_that_cannot_be_split_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"^mine\.site: 100 profiles in 60 classes with 10 rotations"):
        expected_size("mine.site", {"n_samples": 100, "n_rotations": 10, "n_classes": 60})
