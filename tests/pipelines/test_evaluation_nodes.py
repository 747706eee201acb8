from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from l1000_bench.curation.folds import rotate
from l1000_bench.curation.replicates import group_replicates, signature_samples
from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.curation.splits import split_digest
from l1000_bench.errors import InputError
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.pipelines.evaluation.benchmark_nodes import break_down, compare, describe_benchmark, score
from l1000_bench.pipelines.evaluation.nodes import (
    compare_levels,
    hash_data,
    make_report,
    rank,
    stack,
    summarise_costs,
    summarise_trials,
)
from l1000_bench.pipelines.evaluation.options import EvaluationOptions
from l1000_bench.report.about import RunDescription
from l1000_bench.report.content import COLUMNS
from l1000_bench.report.paper_layout import PaperLayout
from l1000_bench.statistics.bootstrap import Resampling, cluster_codes, interval_table, resample_clusters
from l1000_bench.statistics.comparisons import compare_classifiers, size_ratios
from l1000_bench.statistics.pooled import encode
from l1000_bench.statistics.ranks import rank_classifiers

DATASET = DatasetSpec("full", "made_up", "Full corpus", [], ["cell_id"])
TASK = TaskSpec("site", "site", "Primary site", "stratified")
SCHEME = SplitSpec("stratified", "stratified", "Two folds", {"n_folds": 3, "seed": 1}, "Folds are dealt per profile.")
# sample, cell line, site; the unlabelled ones would make PC3 and HA1E the most frequent cell lines
ROWS = [
    ("a", "VCAP", "prostate"), ("b", "VCAP", "prostate"), ("c", "VCAP", "prostate"), ("d", "A549", "lung"),
    ("e", "A549", "lung"), ("f", "A375", "skin"), ("g", "PC3", None), ("h", "PC3", None), ("i", "PC3", None),
    ("j", "PC3", None),
]  # fmt: skip
SAMPLES = pd.DataFrame(ROWS, columns=["sample_id", "cell_id", "site"], dtype="str")
ROLES = {0: ["dev", "test", "train", "dev", "test", "train"], 1: ["test", "dev", "train", "train", "dev", "test"]}
SPLIT = pd.DataFrame(
    [
        (rotation, sample_id, role)
        for rotation, roles in ROLES.items()
        for sample_id, role in zip("abcdefghij", [*roles, *["unused"] * 4], strict=True)
    ],
    columns=["rotation", "sample_id", "role"],
)
SITES = dict(zip(SAMPLES["sample_id"], SAMPLES["site"], strict=True))


def predictions() -> pd.DataFrame:
    """Every held-out sample, all of them said to be of the prostate."""
    held_out = SPLIT[SPLIT["role"].isin(["dev", "test"])].reset_index(drop=True)
    return held_out.assign(y_true=held_out["sample_id"].map(SITES).astype("str"), y_pred="prostate")


def scored(table: pd.DataFrame, name: str = "predictions:knn") -> pd.DataFrame:
    tables: dict[str, Any] = {name: table}
    return score(SPLIT, SAMPLES, DATASET, TASK, {}, **tables)[0]


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    genes = np.array(["780", "9", "1001"], dtype=object)
    values = np.zeros((len(ROWS), 3), dtype=np.float32)
    ids = SAMPLES["sample_id"].to_numpy(dtype=object)
    write_profiles(ProfileStream(genes, [Block(ids, values)]), tmp_path / "p")
    return Profiles(tmp_path / "p")


def test_predictions_are_scored_per_rotation_and_role() -> None:
    found = scored(predictions()).set_index(["rotation", "role"])
    assert (found["classifier"] == "knn").all()
    assert (found["n_samples"] == 2).all()
    # held out: 0 dev a d, 0 test b e, 1 dev b e, 1 test a f; one of the two is prostate each time
    assert found["accuracy"].tolist() == [0.5] * 4
    # prostate has precision 1/2 and recall 1, so F1 2/3; the other class has 0
    assert found["macro_f1"].to_numpy() == pytest.approx(1 / 3)


def test_true_and_wrong_predictions_are_told_apart_by_classifier() -> None:
    table = predictions()
    right = table.assign(y_pred=table["y_true"])
    wrong = table.assign(y_pred=np.where(table["y_true"] == "skin", "lung", "skin"))
    tables: dict[str, Any] = {"predictions:split": right, "predictions:samples": wrong}
    scores, reliability, pooled = score(SPLIT, SAMPLES, DATASET, TASK, {}, **tables)
    assert scores.loc[scores["classifier"] == "split", "accuracy"].tolist() == [1] * 4
    assert scores.loc[scores["classifier"] == "samples", "accuracy"].tolist() == [0] * 4
    assert len(reliability) == 0  # there are no probabilities
    assert pooled.astype("object").to_dict("list") == {
        "rotation": [0, 0, 1, 1], "sample_id": ["b", "e", "a", "f"],
        "y_true": ["prostate", "lung", "prostate", "skin"],
        "predicted:split": ["prostate", "lung", "prostate", "skin"],
        "predicted:samples": ["skin", "skin", "skin", "lung"],
    }  # fmt: skip


def test_a_classifier_without_a_complete_trial_is_left_out() -> None:
    tables: dict[str, Any] = {"predictions:knn": predictions(), "predictions:svm": predictions().iloc[:0]}
    scores, _, pooled = score(SPLIT, SAMPLES, DATASET, TASK, {}, **tables)
    assert set(scores["classifier"]) == {"knn"}
    assert pooled.columns.tolist()[3:] == ["predicted:knn"]
    with pytest.raises(
        InputError, match=r"^full\.site: no classifier has a complete trial, so there is nothing to score"
    ):
        scored(predictions().iloc[:0])


def test_probabilities_are_scored_and_their_reliability_is_kept() -> None:
    table = predictions()
    sites = ["lung", "prostate", "skin"]
    given = table.assign(**{f"probability:{site}": [0.25, 0.5, 0.25][i] for i, site in enumerate(sites)})
    tables: dict[str, Any] = {"predictions:knn": given, "predictions:svm": table}
    scores, reliability, _ = score(SPLIT, SAMPLES, DATASET, TASK, {}, **tables)
    knn, svm = (scores[scores["classifier"] == name] for name in ("knn", "svm"))
    assert svm["log_loss"].isna().all()
    # One of two is of the prostate each time.
    assert knn["log_loss"].to_numpy() == pytest.approx((np.log(2) + np.log(4)) / 2)
    assert knn["calibration_error"].to_numpy() == pytest.approx(0)
    assert reliability.to_dict("records") == [
        {
            "classifier": "knn",
            "bin": 7,
            "low": 7 / 15,
            "high": 8 / 15,
            "n_samples": 4,
            "confidence": 0.5,
            "accuracy": 0.5,
        }
    ]


# Methods from outside the grid


def submitted(**changes: Any) -> pd.DataFrame:
    table = predictions().drop(columns="y_true").assign(y_pred="lung", split_sha256=split_digest(SPLIT))
    return table.assign(**changes)


def with_submission(table: pd.DataFrame, name: str = "theirs") -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    own: dict[str, Any] = {"predictions:knn": predictions(), "predictions:svm": predictions().iloc[:0]}
    return score(SPLIT, SAMPLES, DATASET, TASK, {name: table}, **own)


def test_a_submission_is_scored_as_any_classifier() -> None:
    scores, _, pooled = with_submission(submitted())
    lung: dict[str, Any] = {"predictions:knn": predictions(), "predictions:theirs": predictions().assign(y_pred="lung")}
    expected, _, expected_pooled = score(SPLIT, SAMPLES, DATASET, TASK, {}, **lung)
    pd.testing.assert_frame_equal(scores, expected)
    pd.testing.assert_frame_equal(pooled, expected_pooled)


@pytest.mark.parametrize("name", ["knn", "svm"])
def test_a_submission_with_the_name_of_a_classifier_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=rf"^full\.site: '{name}' names a submission and a classifier of the grid;"):
        with_submission(submitted(), name)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (submitted(split_sha256="0" * 64), "made on the split 000000000000…, this benchmark's is "),
        (submitted().drop(columns="split_sha256"), "no column split_sha256 names the split"),
        (submitted().iloc[1:], r"1 prediction\(s\) missing"),
        (submitted(y_pred="kidney"), "the predicted label 'kidney' is none of the 3 classes"),
    ],
)
def test_a_submission_that_does_not_follow_the_benchmark_is_refused(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=rf"^full\.site\.theirs: .*{message}"):
        with_submission(table)


def test_only_submissions_can_be_scored_too() -> None:
    own: dict[str, Any] = {"predictions:knn": predictions().iloc[:0]}
    scores, _, _ = score(SPLIT, SAMPLES, DATASET, TASK, {"theirs": submitted()}, **own)
    assert set(scores["classifier"]) == {"theirs"}


# Classes, parts and pairs

N = 90
RNG = np.random.default_rng(11)
MANY = pd.DataFrame(
    {
        "sample_id": [f"s{number:02d}" for number in range(N)],
        "plate_id": [f"P{number % 9}" for number in range(N)],
        "plate_set": [f"P{number % 3}" for number in range(N)],
        "well": [f"A{number}" for number in range(N)],
        "sig_id": [f"sig{number % 30:02d}" for number in range(N)],
        "pert_id": [f"BRD{number % 30}" for number in range(N)],
        "pert_type": "trt_cp",
        "cell_id": [["A375", "VCAP"][number % 2] for number in range(N)],
        "site": RNG.choice(["lung", "skin", "prostate"], 30)[np.arange(N) % 30],
    }
).astype("str")
FOLDS = np.arange(N) % 30 % 5  # by signature
MANY_SPLIT = rotate(MANY["sample_id"].to_numpy(dtype=object), FOLDS, 5)


def guessed(samples: pd.DataFrame, split: pd.DataFrame, skill: float, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    held_out = split[split["role"].isin(["dev", "test"])].reset_index(drop=True)
    held_out = held_out.astype({"sample_id": "str", "role": "str"})
    true = held_out["sample_id"].map(samples.set_index("sample_id")["site"])
    guess = rng.choice(["lung", "skin", "prostate"], len(held_out))
    return held_out.assign(y_true=true, y_pred=np.where(rng.uniform(size=len(held_out)) < skill, true, guess))


def many_scores(
    samples: pd.DataFrame = MANY, split: pd.DataFrame = MANY_SPLIT
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    tables: dict[str, Any] = {
        "predictions:knn": guessed(samples, split, 0.7, 1), "predictions:svm": guessed(samples, split, 0.3, 2),
        "predictions:truth": guessed(samples, split, 1.1, 3),
    }  # fmt: skip
    return score(split, samples, DATASET, TASK, {}, **tables)


def test_pairs_are_compared_with_the_options_and_the_sizes_of_the_split() -> None:
    scores, _, pooled = many_scores()
    options = EvaluationOptions(0.05, 0.1, resamples=40, seed=6)
    comparisons, intervals = compare(scores, pooled, MANY, MANY_SPLIT, options)
    labels = encode(pooled)
    resampled = {
        cluster: resample_clusters(labels, cluster_codes(pooled["sample_id"], MANY, column), Resampling(40, 6))
        for cluster, column in (("plate", "plate_id"), ("compound", "pert_id"))
    }
    ratios = size_ratios(MANY_SPLIT)
    assert ratios.to_numpy() == pytest.approx(1 / 3)
    pd.testing.assert_frame_equal(comparisons, compare_classifiers(scores, labels, resampled, ratios))
    pd.testing.assert_frame_equal(intervals, interval_table(resampled))
    test = scores[scores["role"] == "test"]
    means = test.groupby("classifier")[["accuracy", "macro_f1", "balanced_accuracy"]].mean()
    for row in intervals.to_dict("records"):
        assert row["estimate"] == pytest.approx(means.loc[row["classifier"], row["metric"]], abs=1e-15)
    clusters = intervals.drop_duplicates("cluster").set_index("cluster")["n_clusters"]
    assert clusters.to_dict() == {"plate": 9, "compound": 30}


def test_the_truth_is_right_everywhere() -> None:
    scores, _, pooled = many_scores()
    classes, confusions, parts = (table[table["classifier"] == "truth"] for table in break_down(pooled, MANY))
    own = scores[scores["classifier"] == "truth"]
    assert own[["accuracy", "macro_f1", "balanced_accuracy", "mcc"]].to_numpy() == pytest.approx(1)
    assert classes[["precision", "recall", "f1"]].to_numpy() == pytest.approx(1)
    assert classes.set_index("label")["support"].to_dict() == MANY["site"].value_counts().to_dict()
    assert (confusions["y_true"] == confusions["y_pred"]).all()
    assert parts[["accuracy", "macro_f1"]].to_numpy() == pytest.approx(1)
    assert parts[["column", "value", "n_samples"]].to_numpy().tolist() == [
        ["cell_id", "A375", 45],
        ["cell_id", "VCAP", 45],
    ]


# The whole grid


def test_classifiers_are_ranked_at_the_level_of_the_options() -> None:
    named: dict[str, Any] = {"full.site": many_scores()[0], "prostate.site": many_scores()[0]}
    scores = stack(**named)
    pd.testing.assert_frame_equal(rank(scores, EvaluationOptions(0.1, 0.1)), rank_classifiers(scores, 0.1))
    assert rank(scores, EvaluationOptions(0.1, 0.1)).set_index(["metric", "classifier"])["mean_rank"].to_dict() == {
        ("accuracy", "knn"): 2, ("accuracy", "svm"): 3, ("accuracy", "truth"): 1,
        ("macro_f1", "knn"): 2, ("macro_f1", "svm"): 3, ("macro_f1", "truth"): 1,
    }  # fmt: skip


@pytest.mark.parametrize(("folds", "test"), [(np.arange(30) % 5, "paired"), (np.arange(30) // 6, "welch")])
def test_levels_are_compared_with_the_profiles_and_splits_of_their_own(folds: Any, test: str) -> None:
    groups, _ = group_replicates(MANY, np.arange(N), "made")
    signatures = signature_samples(MANY, groups, "made")
    split = rotate(signatures["sample_id"].to_numpy(dtype=object), folds, 5)
    named: dict[str, Any] = {"l4.site": many_scores()[0], "l5.site": many_scores(signatures, split)[0]}
    named["l4.moa"] = many_scores()[0].assign(accuracy=0.0, macro_f1=0.0)  # another task does not matter
    tables: dict[str, Any] = {
        "samples_low:l4.l5.site": MANY, "split_low:l4.l5.site": MANY_SPLIT,
        "samples_high:l4.l5.site": signatures, "split_high:l4.l5.site": split,
    }  # fmt: skip
    found = compare_levels(stack(**named), **tables)
    assert found[["task", "dataset_a", "dataset_b"]].drop_duplicates().to_numpy().tolist() == [["site", "l4", "l5"]]
    assert found["classifier"].tolist() == ["knn", "svm", "truth"] * 2
    assert set(found["test"]) == {test}
    means = [table[table["role"] == "test"].groupby("classifier")["accuracy"].mean() for table in named.values()]
    difference = found[found["metric"] == "accuracy"].set_index("classifier")["difference"]
    assert difference.to_dict() == pytest.approx((means[0] - means[1]).to_dict())
    truth = found[found["classifier"] == "truth"]
    assert truth[["difference", "t", "p"]].to_numpy().tolist() == [[0, 0, 1]] * 2


def test_without_two_levels_there_is_nothing_to_compare() -> None:
    named: dict[str, Any] = {"full.site": many_scores()[0]}
    found = compare_levels(stack(**named))
    assert len(found) == 0
    assert found.columns.tolist() == [
        "task", "dataset_a", "dataset_b", "classifier", "metric", "test", "n_a", "n_b", "difference", "ci_low",
        "ci_high", "t", "p", "p_adjusted",
    ]  # fmt: skip


@pytest.mark.parametrize("row", [0, 3, 7])
def test_predictions_that_miss_a_sample_are_refused(row: int) -> None:
    table = predictions()
    rotation, sample_id, role = table.loc[row, ["rotation", "sample_id", "role"]]
    message = rf"full\.site\.knn: 1 prediction\(s\) missing: rotation {rotation}, {sample_id}, {role}\."
    with pytest.raises(InputError, match=message):
        scored(table.drop(index=row))


def test_predictions_of_a_training_sample_are_refused() -> None:
    table = predictions()
    extra = table.iloc[[0]].assign(sample_id="c", y_true="prostate")
    with pytest.raises(InputError, match=r"full\.site\.knn: 1 prediction\(s\) not held out there: rotation 0, c, dev"):
        scored(pd.concat([table, extra], ignore_index=True))


def test_a_changed_true_label_is_refused() -> None:
    table = predictions()
    table.loc[1, "y_true"] = "skin"  # sample b or d of the first rotation
    expected = SITES[table.loc[1, "sample_id"]]
    with pytest.raises(
        InputError, match=rf"full\.site\.knn: 1 prediction\(s\) have another .* with 'skin' for '{expected}'"
    ):
        scored(table)


def test_a_predicted_label_that_is_no_class_is_refused() -> None:
    table = predictions()
    table.loc[2, "y_pred"] = "kidney"
    with pytest.raises(InputError, match=r"full\.site\.knn: the predicted label 'kidney' is none of the 3 classes"):
        scored(table)


def test_a_benchmark_is_counted_over_its_labelled_samples(profiles: Profiles) -> None:
    counts, table_one, description = describe_benchmark(SAMPLES, profiles, SPLIT, DATASET, TASK, SCHEME)
    assert [tuple(row) for row in counts.itertuples(index=False)] == [("prostate", 3), ("lung", 2), ("skin", 1)]
    assert counts.columns.tolist() == ["label", "n_samples"]
    assert table_one.to_dict("records") == [
        {
            "n_samples": 6,
            "n_genes": 3,
            "n_cell_lines": 3,  # not PC3, which has no labelled sample
            "most_frequent_cell": "VCAP",
            "least_frequent_cell": "A375",
            "most_frequent_cell_count": 3,
            "least_frequent_cell_count": 1,
            "n_classes": 3,
            "most_frequent_class": "prostate",
            "least_frequent_class": "skin",
            "most_frequent_class_count": 3,
            "least_frequent_class_count": 1,
        }
    ]
    assert description.to_dict("records") == [
        {
            "scheme": "Two folds",
            "parameters": "n_folds 3, seed 1",
            "n_rotations": 2,
            "n_samples": 10,
            "n_unused": 4,
            "n_untested": 2,  # c and d
            "n_tested": 4,
            "n_unseen": 2,  # e in the first rotation, which trains on c and f, and f in the second, on c and d
            "has_dev": True,
            "left_out": "",
            "sha256": split_digest(SPLIT),
        }
    ]


def test_the_split_is_known_by_its_digest(profiles: Profiles) -> None:
    other = SPLIT.replace({"role": {"dev": "test", "test": "dev"}})
    shuffled = SPLIT.sample(frac=1, random_state=1)
    digests = [
        describe_benchmark(SAMPLES, profiles, s, DATASET, TASK, SCHEME)[2]["sha256"][0]
        for s in (SPLIT, shuffled, other)
    ]
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_stacked_tables_hold_their_keys() -> None:
    tables: dict[str, Any] = {
        "full.site.knn": pd.DataFrame({"x": [1, 2]}),
        "prostate.moa.linear": pd.DataFrame({"x": [3]}),
    }
    assert stack(**tables).to_dict("list") == {
        "dataset": ["full", "full", "prostate"],
        "task": ["site", "site", "moa"],
        "classifier": ["knn", "knn", "linear"],
        "x": [1, 2, 3],
    }
    by_dataset = stack(full=pd.DataFrame({"x": [1]}, index=[7]), prostate=pd.DataFrame({"x": [2]}))
    assert by_dataset.to_dict("list") == {"dataset": ["full", "prostate"], "x": [1, 2]}
    assert by_dataset.index.tolist() == [0, 1]
    pair: dict[str, Any] = {"full.site": pd.DataFrame({"x": [1]})}
    assert stack(**pair).columns.tolist() == ["dataset", "task", "x"]


def test_trials_are_counted_with_the_failed_ones_and_the_chosen_one() -> None:
    rows = [
        # trial, params, dev accuracy, error: the best mean is of b; c fails in one rotation; test accuracy misleads
        ("full", "site", "knn", "a", '{"k": 1}', 0.6, 0.9, None),
        ("full", "site", "knn", "a", '{"k": 1}', 0.6, 0.9, None),
        ("full", "site", "knn", "b", '{"k": 2}', 0.5, 0.1, None),
        ("full", "site", "knn", "b", '{"k": 2}', 0.8, 0.1, None),
        ("full", "site", "knn", "c", '{"k": 3}', 0.9, 0.9, None),
        ("full", "site", "knn", "c", '{"k": 3}', np.nan, np.nan, "ValueError: no"),
        ("full", "moa", "svm", "d", "{}", np.nan, np.nan, "ValueError: no"),
        ("full", "moa", "svm", "d", "{}", np.nan, np.nan, "ValueError: no"),
    ]
    columns = ["dataset", "task", "classifier", "trial_id", "params", "dev_accuracy", "test_accuracy", "error"]
    table = pd.DataFrame(rows, columns=columns).astype({"error": "str"})
    table = table.assign(rotation=table.groupby(["task", "trial_id"]).cumcount(), test_macro_f1=0.5)
    found = summarise_trials(table)
    assert set(COLUMNS["settings"]) <= set(found.columns)
    counts = ["dataset", "task", "classifier", "n_trials", "n_failed", "n_stopped"]
    assert [tuple(row) for row in found[counts].itertuples(index=False)] == [
        ("full", "site", "knn", 3, 1, 0),
        ("full", "moa", "svm", 1, 1, 0),
    ]
    assert found["params"][0] == '{"k": 2}'
    assert pd.isna(found["params"][1])


def test_costs_are_those_of_the_chosen_trial() -> None:
    rows = [
        ("full", "site", "knn", "a", 1.0, 0.5, 100.0),
        ("full", "site", "knn", "a", 4.0, 0.7, 200.0),
        ("full", "site", "knn", "b", 90.0, 9.0, 900.0),
        ("full", "site", "knn", "b", np.nan, np.nan, 600.0),
        ("full", "moa", "knn", "a", 70.0, 7.0, 700.0),  # the trial of another cell has its name
        ("full", "moa", "knn", "b", 9.0, 3.0, 50.0),
        ("full", "moa", "svm", "c", np.nan, np.nan, 50.0),
    ]
    keys = ["dataset", "task", "classifier"]
    costs = pd.DataFrame(rows, columns=[*keys, "trial_id", "fit_seconds", "predict_seconds", "peak_rss_mib"])
    chosen = [("full", "site", "knn", "a"), ("full", "moa", "knn", "b"), ("full", "moa", "svm", None)]
    settings = pd.DataFrame(chosen, columns=[*keys, "trial_id"], dtype="str").assign(n_trials=2)
    found = summarise_costs(costs, settings)
    assert found.columns.tolist() == list(COLUMNS["costs"])
    assert found[keys].to_numpy().tolist() == [["full", "site", "knn"], ["full", "moa", "knn"]]  # none of svm is chosen
    assert found["fit_seconds"].tolist() == pytest.approx([2.5, 9.0])
    assert found["predict_seconds"].tolist() == pytest.approx([0.6, 3.0])
    assert found["peak_rss_mib"].tolist() == pytest.approx([150.0, 50.0])


def report(profiles: Profiles, evaluation: EvaluationOptions) -> str:
    """The page of one benchmark and one classifier."""
    counts, table_one, description = describe_benchmark(SAMPLES, profiles, SPLIT, DATASET, TASK, SCHEME)
    named = {"table_one": table_one, "class_counts": counts, "splits": description, "scores": scored(predictions())}
    tables = {}
    for name, table in named.items():
        benchmark: dict[str, Any] = {"full.site": table}
        tables[name] = stack(**benchmark)
    for name in ("audit", "comparisons", "settings", "costs"):
        tables[name] = pd.DataFrame(columns=list(COLUMNS[name]))
    corpus = {"label": "A made-up corpus", "kind": "synthetic", "remark": "Nothing here is biology.", "generator": None}
    run = RunDescription(
        environment="attic",
        names={"full": "Full corpus", "site": "Primary site"},
        corpora=[corpus],
        splits=[{"label": SCHEME.label, "params": SCHEME.params, "remark": SCHEME.remark}],
        threads=17,
    )
    page, files = make_report(evaluation, run, PaperLayout(**LAYOUT), **tables)
    assert {"table_I.csv", "table_II.tex", "table_II.html"} <= set(files)
    return html.unescape(page)


LAYOUT: dict[str, Any] = {"results": {"II": ["full.site"]}, "generalisation": {}, "settings": {"VI": "full.site"}}


PAPER = {"site": {"n_samples": 6, "n_cell_lines": 3, "n_classes": 3, "results": {"knn": [12.25, 0.3, 87.2, 0.61]}}}


def test_the_report_says_what_its_numbers_promise(profiles: Profiles) -> None:
    page = report(profiles, EvaluationOptions(0.05, 0.1))
    for text in ("Folds are dealt per profile.", "Nothing here is biology.", "A made-up corpus (synthetic)", "attic"):
        assert text in page
    assert "this run is not on the corpus of the paper" in page
    assert "Two folds" in page
    assert "n_folds 3, seed 1" in page
    about = page.partition("Threads per fit")[2]
    assert "17" in about[:60]


@pytest.mark.parametrize(("n_samples", "shown"), [(6, True), (5, False)])
def test_the_papers_numbers_stand_beside_ours_within_the_tolerance(
    profiles: Profiles, n_samples: int, shown: bool
) -> None:
    paper = {"full": {"site": {**PAPER["site"], "n_samples": n_samples}}}
    page = report(profiles, EvaluationOptions(0.05, 0.1, paper))
    assert ("The paper's numbers stand beside ours" in page) is shown
    assert ("Table I is not met within 10% (full.site has n_samples 6, the paper 5)" in page) is not shown


def test_without_git_the_report_has_no_commit(
    profiles: Profiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert "not run from a git checkout" in report(profiles, EvaluationOptions(0.05, 0.1))


def test_outside_a_checkout_the_report_has_no_commit(
    profiles: Profiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert "not run from a git checkout" in report(profiles, EvaluationOptions(0.05, 0.1))


@pytest.mark.parametrize("alpha", [0.0, 1.0, -0.1, 5.0])
def test_alpha_is_a_fraction(alpha: float) -> None:
    with pytest.raises(InputError, match=r"evaluation\.alpha is .*; it lies between 0 and 1"):
        EvaluationOptions(alpha, 0.1)


@pytest.mark.parametrize(("changes", "message"), [({"resamples": 0}, "resamples is 0"), ({"seed": -1}, "seed is -1")])
def test_resamples_and_seed_are_numbers_of_something(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=rf"evaluation\.{message}; it takes"):
        EvaluationOptions(0.05, 0.1, **changes)


def test_a_classifier_without_settings_is_an_outside_method(profiles: Profiles) -> None:
    assert "outside" in report(profiles, EvaluationOptions(0.05, 0.1))


def test_hashes_change_with_what_they_pin(profiles: Profiles) -> None:
    splits = pd.DataFrame({"dataset": ["full"], "task": ["site"], "sha256": [split_digest(SPLIT)]})
    data: dict[str, Any] = {"profiles:full": profiles, "samples:full": SAMPLES}
    found = hash_data(splits, **data)
    assert found["what"].tolist() == ["profiles", "samples", "split"]
    assert found["of"].tolist() == ["full", "full", "full.site"]
    assert found["sha256"].tolist()[::2] == [profiles.digest, split_digest(SPLIT)]
    other = hash_data(splits, **{**data, "samples:full": SAMPLES.assign(site="lung")})
    assert (found["sha256"] == other["sha256"]).tolist() == [True, False, True]
