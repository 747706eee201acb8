from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from l1000_bench.curation.folds import rotate
from l1000_bench.curation.replicates import group_replicates, signature_samples
from l1000_bench.statistics.between import View, compare_views, folds_are_shared, made_of

K = 4
# Eight signatures of three replicates; the last two profiles are of none.
N = 26
SIGNATURES = [f"sig{number // 3}" if number < 24 else None for number in range(N)]
SAMPLES = pd.DataFrame(
    {
        "sample_id": [f"s{number:02d}" for number in range(N)],
        "sig_id": SIGNATURES,
        "plate_id": [f"P{number // 3 // 4}_X{number % 3}" for number in range(24)] + [None, None],
        "plate_set": [f"P{number // 3 // 4}" for number in range(24)] + [None, None],
        "well": [f"A{number // 3 % 4}" for number in range(24)] + [None, None],
        "pert_id": "BRD", "pert_type": "trt_cp", "cell_id": "A375",
    }
).astype("str")  # fmt: skip
BY_WELL = SAMPLES.assign(sig_id=pd.Series([None] * N, dtype="str"))
FOLDS = np.array([number // 3 % K for number in range(24)] + [0, 1])


def signatures(samples: pd.DataFrame) -> pd.DataFrame:
    groups, _ = group_replicates(samples, np.arange(N), "made")
    return signature_samples(samples, groups, "made")


def split_of(samples: pd.DataFrame, folds: np.ndarray[tuple[int], np.dtype[np.intp]]) -> pd.DataFrame:
    return rotate(samples["sample_id"].to_numpy(dtype=object), folds, K)


def scored(shift: float, seed: int, rotations: int = K) -> pd.DataFrame:
    """Test scores of three classifiers, the last of which the other view may lack; dev scores must not matter."""
    rng = np.random.default_rng(seed)
    rows = [
        (name, rotation, role, *(shift + rng.uniform(0.4, 0.6, 2) if role == "test" else (0.0, 1.0)))
        for name in ("linear", "knn", f"own{seed}")
        for rotation in range(rotations)
        for role in ("dev", "test")
    ]
    return pd.DataFrame(rows, columns=["classifier", "rotation", "role", "accuracy", "macro_f1"])


def views(samples: pd.DataFrame, folds: np.ndarray[tuple[int], np.dtype[np.intp]] = FOLDS) -> tuple[View, View]:
    above = signatures(samples)
    return (
        View("l4", samples, split_of(samples, folds), scored(0, 1)),
        View("l5", above, split_of(above, np.arange(8) % K), scored(0.1, 2)),
    )


@pytest.mark.parametrize("samples", [SAMPLES, BY_WELL], ids=["sig_id", "well"])
def test_signatures_are_linked_to_their_replicates(samples: pd.DataFrame) -> None:
    above = signatures(samples)
    found = made_of(samples, set(above["sample_id"]))
    assert found.index.tolist() == samples["sample_id"].tolist()
    assert found.isna().tolist() == [False] * 24 + [True] * 2
    assert found.iloc[:24].tolist() == [name for name in above["sample_id"] for _ in range(3)]


def test_a_sample_of_level_4_is_itself_at_level_3() -> None:
    found = made_of(SAMPLES, {"s03", "s05"})
    assert found.dropna().to_dict() == {"s03": "s03", "s05": "s05"}


@pytest.mark.parametrize("samples", [SAMPLES, BY_WELL], ids=["sig_id", "well"])
def test_folds_by_replicate_group_are_shared(samples: pd.DataFrame) -> None:
    assert folds_are_shared(*views(samples))


@pytest.mark.parametrize("number", [0, 7, 23])
def test_one_replicate_in_another_fold_parts_them(number: int) -> None:
    folds = FOLDS.copy()
    folds[number] = (folds[number] + 1) % K
    assert not folds_are_shared(*views(SAMPLES, folds))


def test_profiles_of_no_signature_may_be_anywhere() -> None:
    folds = FOLDS.copy()
    folds[24:] = [3, -1]
    assert folds_are_shared(*views(SAMPLES, folds))


def test_a_signature_without_replicates_in_the_other_view_parts_them() -> None:
    low, high = views(SAMPLES)
    split = low.split.astype({"sample_id": "str"})
    fewer = low._replace(split=split[~split["sample_id"].isin(["s00", "s01", "s02"])])
    assert not folds_are_shared(fewer, high)
    unused = high.split.assign(role=high.split["role"].mask(high.split["sample_id"] == "sig0", "unused"))
    assert folds_are_shared(fewer, high._replace(split=unused))


def test_other_rotations_part_them() -> None:
    low, high = views(SAMPLES)
    assert not folds_are_shared(low, high._replace(split=high.split[high.split["rotation"] < 3]))


def test_with_shared_folds_rotations_are_paired() -> None:
    low, high = views(SAMPLES)
    found = compare_views(low, high, "site")
    assert found["classifier"].tolist() == ["linear", "knn"] * 2  # not those of one view alone
    assert found["metric"].tolist() == ["accuracy"] * 2 + ["macro_f1"] * 2
    assert set(found["test"]) == {"paired"}
    for row in found.to_dict("records"):
        a, b = (scores_of(view, row["classifier"], row["metric"]) for view in (low, high))
        theirs = stats.ttest_rel(a, b)
        assert (row["task"], row["dataset_a"], row["dataset_b"], row["n_a"], row["n_b"]) == ("site", "l4", "l5", K, K)
        assert (row["difference"], row["t"], row["p"]) == pytest.approx(
            (a.mean() - b.mean(), theirs.statistic, theirs.pvalue)
        )
        interval = theirs.confidence_interval()
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((interval.low, interval.high))
    for _, own in found.groupby("metric"):
        assert own["p_adjusted"].tolist() == pytest.approx(multipletests(own["p"], method="fdr_bh")[1].tolist())


def scores_of(view: View, classifier: str, metric: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    test = view.scores[(view.scores["role"] == "test") & (view.scores["classifier"] == classifier)]
    return test.sort_values("rotation")[metric].to_numpy()


def test_without_shared_folds_the_test_is_welchs() -> None:
    low, high = views(SAMPLES, np.arange(N) % K)
    high = high._replace(scores=scored(0.1, 2, rotations=7))
    found = compare_views(low, high, "site")
    assert set(found["test"]) == {"welch"}
    for row in found.to_dict("records"):
        a, b = (scores_of(view, row["classifier"], row["metric"]) for view in (low, high))
        theirs = stats.ttest_ind(a, b, equal_var=False)
        assert (row["n_a"], row["n_b"]) == (K, 7)
        assert (row["t"], row["p"]) == pytest.approx((theirs.statistic, theirs.pvalue))


def held_out(samples: pd.DataFrame, compounds: list[int], per_well: int) -> pd.DataFrame:
    """A rotation per group of wells, which is tested while all others train; there is no dev part."""
    group = np.repeat(np.arange(8) % K, per_well)
    ids = samples["sample_id"].to_numpy(dtype=object)[: len(group)]
    return pd.concat(
        [
            pd.DataFrame({"rotation": n, "sample_id": ids, "role": np.where(group == own, "test", "train")})
            for n, own in enumerate(compounds)
        ]
    )


def test_without_a_dev_part_shared_folds_are_paired_too() -> None:
    low, high = views(SAMPLES)
    low = low._replace(split=held_out(low.samples, [0, 1, 2, 3], 3), scores=low.scores.query("role == 'test'"))
    high = high._replace(split=held_out(high.samples, [0, 1, 2, 3], 1), scores=high.scores.query("role == 'test'"))
    found = compare_views(low, high, "site")
    assert set(found["test"]) == {"paired"}
    for row in found.to_dict("records"):
        a, b = (scores_of(view, row["classifier"], row["metric"]) for view in (low, high))
        assert row["p"] == pytest.approx(stats.ttest_rel(a, b).pvalue)
    turned = compare_views(low, high._replace(split=held_out(high.samples, [1, 0, 2, 3], 1)), "site")
    assert set(turned["test"]) == {"welch"}  # the same folds in other rotations


@pytest.mark.parametrize("rotations", [(1, 1), (1, K), (K, 1)])
def test_one_rotation_leaves_the_test_open(rotations: tuple[int, int]) -> None:
    low, high = views(SAMPLES)
    low, high = (
        view._replace(split=view.split[view.split["rotation"] < n], scores=view.scores[view.scores["rotation"] < n])
        for view, n in zip((low, high), rotations, strict=True)
    )
    found = compare_views(low, high, "site")
    assert found[["n_a", "n_b"]].drop_duplicates().to_numpy().tolist() == [list(rotations)]
    assert set(found["test"]) == {"paired" if rotations == (1, 1) else "welch"}
    assert found["difference"].notna().all()
    assert found[["ci_low", "ci_high", "t", "p", "p_adjusted"]].isna().all(axis=None)


def test_without_a_common_classifier_there_is_nothing_to_compare() -> None:
    low, high = views(SAMPLES)
    found = compare_views(low, high._replace(scores=high.scores[high.scores["classifier"] == "own2"]), "site")
    assert len(found) == 0
    assert found["p_adjusted"].dtype == "float64"
