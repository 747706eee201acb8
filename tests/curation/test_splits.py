from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from l1000_bench.curation.folds import deal_folds, rotate
from l1000_bench.curation.splits import SplitRequest, make_split, split_digest
from l1000_bench.errors import InputError

TWO = ("cell_id", "moa")
Pair: TypeAlias = tuple[str | None, str | None]


def table(pairs: Sequence[Pair]) -> pd.DataFrame:
    frame = pd.DataFrame(pairs, columns=["cell_id", "moa"], dtype="str")
    return frame.assign(sample_id=[f"s{number}" for number in range(len(pairs))])


def split(samples: pd.DataFrame, n_folds: int, seed: int = 1, by: tuple[str, ...] = TWO) -> pd.DataFrame:
    return make_split(SplitRequest(samples, "moa", by, "a.moa"), "stratified", {"n_folds": n_folds, "seed": seed})


def folds_of(made: pd.DataFrame) -> dict[str, int]:
    dev = made[made["role"] == "dev"]
    return dict(zip(dev["sample_id"].astype("str"), dev["rotation"], strict=True))


def spread(samples: pd.DataFrame, columns: list[str], folds: NDArray[np.intp], n_folds: int) -> int:
    """The largest difference between two folds in their number of samples of one value of the columns."""
    counts = pd.crosstab([samples[column].fillna("missing") for column in columns], folds)
    counts = counts.reindex(columns=range(n_folds), fill_value=0)
    return int((counts.max(axis=1) - counts.min(axis=1)).max())


CELLS = st.sampled_from(["A375", "HT29", "PC3", "VCAP", "U2OS", None])
MOAS = st.sampled_from(["x", "y", "z", "w", None])
PAIRS = st.lists(st.tuples(CELLS, MOAS), min_size=6, max_size=90)
FOLDS = st.integers(3, 10)


def with_enough(pairs: list[Pair], n_folds: int) -> pd.DataFrame:
    """Samples in which every class has as many as there are folds."""
    filling: list[Pair] = [("PC3", "x"), ("PC3", "y"), ("VCAP", "z"), ("VCAP", "w")]
    return table([*pairs, *filling * n_folds])


# Roles


@settings(deadline=None, derandomize=True)
@given(PAIRS, FOLDS, st.integers(0, 5))
def test_every_labelled_sample_is_test_once_and_dev_once(pairs: list[Pair], n_folds: int, seed: int) -> None:
    samples = with_enough(pairs, n_folds)
    made = split(samples, n_folds, seed)
    assert len(made) == n_folds * len(samples)
    assert not made.duplicated(["rotation", "sample_id"]).any()
    roles = pd.crosstab(made["sample_id"].astype("str"), made["role"].astype("str"))
    roles = roles.reindex(columns=["train", "dev", "test", "unused"], fill_value=0).loc[samples["sample_id"]]
    labelled = samples["moa"].notna().to_numpy()
    assert (roles[labelled] == [n_folds - 2, 1, 1, 0]).all(axis=None)
    assert (roles[~labelled] == [0, 0, 0, n_folds]).all(axis=None)
    test = made[made["role"] == "test"]
    fold = folds_of(made)
    # In rotation i fold i is dev and fold i + 1 is test.
    assert all(fold[s] == (r + 1) % n_folds for r, s in zip(test["rotation"], test["sample_id"], strict=True))


def test_the_rotations_of_a_worked_example() -> None:
    made = rotate(np.array(["a", "b", "c", "d"], dtype=object), np.array([0, 1, 2, -1]), 3)
    wide = made.astype({"sample_id": "str", "role": "str"}).pivot(index="rotation", columns="sample_id", values="role")
    assert wide.to_numpy().tolist() == [
        ["dev", "test", "train", "unused"],
        ["train", "dev", "test", "unused"],
        ["test", "train", "dev", "unused"],
    ]
    assert made["rotation"].tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert made["role"].cat.categories.tolist() == ["train", "dev", "test", "unused"]


# Balance


@settings(max_examples=200, deadline=None, derandomize=True)
@given(PAIRS, FOLDS, st.integers(0, 5))
def test_strata_differ_by_one_and_columns_and_sizes_by_few(pairs: list[Pair], n_folds: int, seed: int) -> None:
    samples = table(pairs)
    folds = deal_folds(samples, TWO, n_folds, seed)
    assert spread(samples, list(TWO), folds, n_folds) <= 1
    # Strata smaller than K leave most folds without a sample; the left-overs are dealt greedily over two columns.
    assert spread(samples, ["cell_id"], folds, n_folds) <= 3
    assert spread(samples, ["moa"], folds, n_folds) <= 3
    assert np.ptp(np.bincount(folds, minlength=n_folds)) <= 4


@settings(max_examples=200, deadline=None, derandomize=True)
@given(PAIRS, FOLDS, st.integers(0, 5))
def test_with_one_column_values_and_sizes_differ_by_one(pairs: list[Pair], n_folds: int, seed: int) -> None:
    samples = table(pairs)
    folds = deal_folds(samples, ["moa"], n_folds, seed)
    assert spread(samples, ["moa"], folds, n_folds) <= 1
    assert np.ptp(np.bincount(folds, minlength=n_folds)) <= 1


def test_many_strata_of_one_sample_do_not_pile_up() -> None:
    # 40 cell lines with one sample each of 5 classes: every stratum is smaller than the 10 folds.
    samples = table([(f"cell{cell}", f"moa{moa}") for cell in range(40) for moa in range(5)])
    folds = deal_folds(samples, TWO, 10, 1)
    assert np.bincount(folds).tolist() == [20] * 10
    assert spread(samples, ["cell_id"], folds, 10) == 1
    assert spread(samples, ["moa"], folds, 10) <= 2


def test_unlabelled_samples_do_not_disturb_the_others() -> None:
    labelled = table([("PC3", "x"), ("PC3", "y")] * 30)
    unlabelled = table([("PC3", None)] * 45).assign(sample_id=[f"u{number}" for number in range(45)])
    everything = pd.concat([unlabelled, labelled], ignore_index=True)
    made = split(everything, 5, by=("cell_id",))
    assert folds_of(made) == folds_of(split(labelled, 5, by=("cell_id",)))
    assert pd.Series(folds_of(made)).value_counts().tolist() == [12] * 5


# Seeds and order


@settings(deadline=None, derandomize=True)
@given(PAIRS, FOLDS, st.integers(0, 5))
def test_the_row_order_does_not_matter(pairs: list[Pair], n_folds: int, seed: int) -> None:
    samples = with_enough(pairs, n_folds)
    other = samples.sample(frac=1, random_state=seed, ignore_index=True)
    first, second = split(samples, n_folds), split(other, n_folds)
    assert folds_of(first) == folds_of(second)
    assert split_digest(first) == split_digest(second)


def test_the_seed_makes_the_split() -> None:
    samples = table([("PC3", "x"), ("VCAP", "y"), ("PC3", "y")] * 20)
    digests = [split_digest(split(samples, 5, seed)) for seed in (1, 1, 2, 3)]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
    sizes = [sorted(pd.Series(folds_of(split(samples, 5, seed))).value_counts()) for seed in (1, 2)]
    assert sizes == [[12] * 5] * 2


def test_samples_are_shuffled_within_their_stratum() -> None:
    samples = table([("PC3", "x"), ("PC3", "y")] * 50)
    folds = deal_folds(samples, TWO, 5, 1)
    # Dealt in the order of their ids, the folds of a stratum would repeat every five samples.
    assert folds[::2].tolist() != np.resize(folds[:10:2], 50).tolist()
    assert np.bincount(folds[::2]).tolist() == [10] * 5


# What is refused


@pytest.mark.parametrize(
    ("moas", "n_folds", "message"),
    [
        ("x" * 9 + "y" * 3 + "z" * 2, 4, r"a\.moa: class 'z' has 2 samples \(2 such classes\), fewer than the 4 folds"),
        ("x" * 9, 3, r"a\.moa: only the class 'x' is left after curation"),
        ("", 3, r"a\.moa: no class is left after curation"),
        ("xxxyyy", 2, r"a\.moa: n_folds is 2; it is a whole number, at least 3"),
    ],
)
def test_too_few_samples_classes_or_folds(moas: str, n_folds: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        split(table([("PC3", moa) for moa in moas] + [("PC3", None)] * 9), n_folds)


def test_a_class_as_large_as_the_folds_is_enough() -> None:
    samples = table([("PC3", "x")] * 3 + [("PC3", "y")] * 3)
    assert sorted(folds_of(split(samples, 3)).values()) == [0, 0, 1, 1, 2, 2]


# Schemes


def test_a_scheme_of_ones_own_is_found_by_its_import_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_schemes.py").write_text(
        "import numpy as np\n"
        "from l1000_bench.curation.folds import rotate\n"
        "def in_turn(request, n_folds):\n"
        "    ids = request.samples['sample_id'].to_numpy(dtype=object)\n"
        "    return rotate(ids, np.arange(len(ids)) % n_folds, n_folds)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    request = SplitRequest(table([("PC3", "x")] * 4), "moa", TWO, "a.moa")
    assert folds_of(make_split(request, "my_schemes:in_turn", {"n_folds": 3})) == {"s0": 0, "s1": 1, "s2": 2, "s3": 0}
    with pytest.raises(InputError, match=r"cannot import the split scheme 'my_schemes:no_such' \(.*PYTHONPATH"):
        make_split(request, "my_schemes:no_such", {})
    with pytest.raises(InputError, match=r"my_schemes:in_turn: .*'seed' is not known here; its keys are n_folds"):
        make_split(request, "my_schemes:in_turn", {"n_folds": 3, "seed": 1})


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        ("None", "returned no table with the columns rotation, sample_id and role"),
        ("table[['rotation', 'role']]", "returned no table with the columns"),
        ("table.replace({'role': {'train': 'Train'}})", r"gave 4 row\(s\) the role 'Train'; the roles are train, dev"),
        ("table.replace({'sample_id': {'s1': 'S1'}})", r"named 3 sample\(s\) that are not there, such as 'S1'"),
        (
            "pd.concat([table, table.iloc[[5]]])",
            r"gave 1 sample\(s\) two roles in one rotation, such as 's1' in",
        ),
    ],
)
def test_what_a_scheme_of_ones_own_returns_must_be_a_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, returned: str, words: str
) -> None:
    (tmp_path / "odd_schemes.py").write_text(
        "import numpy as np\nimport pandas as pd\n"
        "from l1000_bench.curation.folds import rotate\n"
        "def odd(request):\n"
        "    ids = request.samples['sample_id'].to_numpy(dtype=object)\n"
        "    table = rotate(ids, np.arange(4) % 3, 3).astype({'sample_id': 'str', 'role': 'str'})\n"
        f"    return {returned}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "odd_schemes", raising=False)
    request = SplitRequest(table([("PC3", "x")] * 4), "moa", TWO, "a.moa")
    with pytest.raises(InputError, match=rf"^a\.moa: the split scheme odd_schemes:odd {words}"):
        make_split(request, "odd_schemes:odd", {})


# Digests

# printf '2\ta\ttrain\n2\tb\tdev\n10\ta\ttest\n10\tb\tunused\n' | sha256sum
DIGEST = "80114a3f5031a471fafb1a6a4c7782bfc3774ae7d6c8becb59f7f2a34e68e40f"


@pytest.mark.parametrize("kind", ["str", "category", "object"])
def test_the_digest_is_of_the_sorted_lines(kind: str) -> None:
    rows = [(10, "b", "unused"), (2, "b", "dev"), (10, "a", "test"), (2, "a", "train")]
    made = pd.DataFrame(rows, columns=["rotation", "sample_id", "role"]).astype({"sample_id": kind, "role": kind})
    assert split_digest(made) == DIGEST
    assert split_digest(made.iloc[::-1]) == DIGEST
    assert split_digest(made[["role", "sample_id", "rotation"]]) == DIGEST
    assert split_digest(made.iloc[1:]) != DIGEST
