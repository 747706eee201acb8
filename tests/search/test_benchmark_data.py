from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.search.benchmark_data import gather_benchmark

IDS = ["d", "b", "e", "a", "c"]
VALUES = np.arange(10, dtype=np.float32).reshape(5, 2)
SAMPLES = pd.DataFrame({"sample_id": IDS, "moa": ["y", None, "x", "y", "ü"]}, dtype="str")
SPLIT = pd.DataFrame(
    [
        (0, "a", "train"), (0, "b", "unused"), (0, "c", "dev"), (0, "d", "test"), (0, "e", "train"),
        (1, "a", "dev"), (1, "b", "unused"), (1, "c", "test"), (1, "d", "train"), (1, "e", "train"),
    ],
    columns=["rotation", "sample_id", "role"],
)  # fmt: skip


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    genes = np.array(["780", "9"], dtype=object)
    write_profiles(ProfileStream(genes, [Block(np.array(IDS, dtype=object), VALUES)]), tmp_path / "p")
    return Profiles(tmp_path / "p")


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_a_benchmark_is_gathered(profiles: Profiles, kind: str) -> None:
    split = SPLIT.sample(frac=1, random_state=3).astype({"sample_id": kind, "role": kind})
    data = gather_benchmark(profiles, SAMPLES, split, "moa", "a.moa.knn")
    np.testing.assert_array_equal(data.profiles, VALUES)
    assert data.sample_ids.tolist() == IDS
    assert data.classes.tolist() == ["x", "y", "ü"]
    assert data.codes.tolist() == [1, -1, 0, 1, 2]
    assert data.labelled.tolist() == [0, 2, 3, 4]
    assert {
        rotation: {role: positions.tolist() for role, positions in roles.items()}
        for rotation, roles in data.rotations.items()
    } == {0: {"train": [2, 3], "dev": [4], "test": [0]}, 1: {"train": [0, 2], "dev": [3], "test": [4]}}
    assert list(data.rotations) == [0, 1]


def test_tables_of_other_samples_are_refused(profiles: Profiles) -> None:
    for samples in (SAMPLES.iloc[::-1], SAMPLES.iloc[:4], SAMPLES.assign(sample_id=["d", "b", "e", "a", "x"])):
        with pytest.raises(InputError, match=r"a\.moa\.knn: profiles and samples differ; run the curation pipeline"):
            gather_benchmark(profiles, samples, SPLIT, "moa", "a.moa.knn")
    stranger = SPLIT.replace({"sample_id": {"c": "x"}})
    with pytest.raises(InputError, match=r"a\.moa\.knn: the split names samples that the dataset lacks"):
        gather_benchmark(profiles, SAMPLES, stranger, "moa", "a.moa.knn")
