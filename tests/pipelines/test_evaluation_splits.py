"""Evaluation of splits without dev, of one rotation, with classes that no training part holds or that fell out."""

from __future__ import annotations

import html
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.curation.splits import SplitRequest, make_split
from l1000_bench.errors import InputError
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.pipelines.evaluation.benchmark_nodes import break_down, compare, describe_benchmark, score
from l1000_bench.pipelines.evaluation.nodes import make_report, rank, stack, summarise_costs, summarise_trials
from l1000_bench.pipelines.evaluation.options import EvaluationOptions
from l1000_bench.report.about import RunDescription
from l1000_bench.report.content import COLUMNS
from l1000_bench.report.figures import accuracy_figure
from l1000_bench.report.paper_layout import PaperLayout
from l1000_bench.schemas import PREDICTIONS, TRIALS
from l1000_bench.statistics.metrics import score_predictions

N = 60
# Three sites of twenty samples, five of each of every subject; a sample of its own site, and one without any.
SAMPLES = pd.DataFrame(
    {
        "sample_id": [f"s{number:02d}" for number in range(N)] + ["lone", "none"],
        "plate_id": [f"P{number % 8}" for number in range(N + 2)],
        "pert_id": [f"BRD{number % 12}" for number in range(N + 2)],
        "cell_id": [["A375", "VCAP"][number % 2] for number in range(N + 2)],
        "subject_id": [f"d{number % 4}" for number in range(N)] + ["d1", "d1"],
        "site": [["lung", "skin", "prostate"][number // 4 % 3] for number in range(N)] + ["rare", None],
    }
).astype("str")  # fmt: skip
IDS = SAMPLES["sample_id"].to_numpy(dtype=object)
DATASET = DatasetSpec("full", "made_up", "Full corpus", [], ["cell_id"], splits={"one_out": {"exclude": ["d0"]}})
TASKS = {
    "site": TaskSpec("site", "site", "Primary site", "folds"),
    "unseen": TaskSpec("unseen", "site", "Primary site, unseen subject", "one_out", ["site"], "site"),
    "transfer": TaskSpec("transfer", "site", "Primary site, transfer", "transfer", ["site"], "site"),
}
SIDES = {"train": "subject_id == 'd0'", "test": "subject_id == 'd1'", "small_classes": "drop"}
SCHEMES = {
    "site": SplitSpec(
        "folds", "stratified", "Folds", {"n_folds": 4, "seed": 1, "small_classes": "keep"}, "Folds are per profile."
    ),
    "unseen": SplitSpec("one_out", "leave_one_subject_out", "One out", {"exclude": []}, unseen="subjects"),
    "transfer": SplitSpec("transfer", "transfer", "Transfer", SIDES, unseen="the subject d1"),
}
SPLITS = {
    name: make_split(SplitRequest(SAMPLES, "site", ["cell_id"], name), scheme.scheme, scheme.params_for(DATASET))
    for name, scheme in SCHEMES.items()
}
OPTIONS = EvaluationOptions(0.05, 0.1, resamples=50)
# linear is not run on the transfer, and the network steps aside on what is unseen
CLASSIFIERS = {
    "site": ("majority", "knn", "linear", "network"), "unseen": ("majority", "knn", "linear", "network"),
    "transfer": ("majority", "knn"),
}  # fmt: skip
SKILLS = {"majority": 0.0, "knn": 0.9, "linear": 0.6, "network": 0.8}
WHY = "45 training profiles are more than its 40"


def predicted(task: str, classifier: str) -> pd.DataFrame:
    """What a classifier says of the held-out samples; nothing where it stepped aside."""
    rng = np.random.default_rng(list(SKILLS).index(classifier))
    held_out = SPLITS[task][SPLITS[task]["role"].isin(["dev", "test"])].astype({"sample_id": "str", "role": "str"})
    held_out = held_out.reset_index(drop=True)
    true = held_out["sample_id"].map(SAMPLES.set_index("sample_id")["site"])
    guess = rng.choice(["lung", "skin", "prostate"], len(held_out)) if classifier != "majority" else "lung"
    skill = SKILLS[classifier] * (0.6 if task == "unseen" and classifier == "knn" else 1)
    right = (rng.uniform(size=len(held_out)) < skill) & (true != "rare")
    table = held_out.assign(y_true=true, y_pred=np.where(right, true, guess))
    return PREDICTIONS.validate(table.iloc[:0] if classifier == "network" and task == "unseen" else table)


def trials(task: str, classifier: str) -> pd.DataFrame:
    """The one trial of a classifier; without dev scores where there is no dev part."""
    table = predicted(task, classifier)
    keys = {"trial_id": "only", "params": '{"k": 3}'}
    if table.empty:
        rows = pd.DataFrame({**keys, "rotation": SPLITS[task]["rotation"].unique()})
        made = rows.assign(error=f"StepsAside: {WHY}")
    else:
        scores = score_predictions(table).pivot(index="rotation", columns="role", values=["accuracy", "macro_f1"])
        scores.columns = scores.columns.map(lambda name: f"{name[1]}_{name[0]}")
        made = scores.reset_index().assign(**keys, error=None)
    columns = [*keys, "rotation", *(f"{r}_{m}" for r in ("dev", "test") for m in ("accuracy", "macro_f1")), "error"]
    made = made.reindex(columns=columns).astype(dict.fromkeys(columns[3:7], "float64") | {"error": "str"})
    return TRIALS.validate(made)


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> Profiles:
    folder = tmp_path_factory.mktemp("profiles") / "p"
    values = np.zeros((len(IDS), 2), dtype=np.float32)
    write_profiles(ProfileStream(np.array(["780", "9"], dtype=object), [Block(IDS, values)]), folder)
    return Profiles(folder)


@pytest.fixture(scope="module")
def tables(profiles: Profiles) -> dict[str, pd.DataFrame]:
    """All tables of a run over the three benchmarks, stacked under their names in the report."""
    made: dict[str, dict[str, pd.DataFrame]] = {}

    def keep(key: str, **found: pd.DataFrame) -> None:
        for name, table in found.items():
            made.setdefault(name, {})[key] = table

    for task, split in SPLITS.items():
        own: dict[str, Any] = {f"predictions:{name}": predicted(task, name) for name in CLASSIFIERS[task]}
        scores, reliability, pooled = score(split, SAMPLES, DATASET, TASKS[task], {}, **own)
        class_scores, confusions, breakdowns = break_down(pooled, SAMPLES)
        comparisons, intervals = compare(scores, pooled, SAMPLES, split, OPTIONS)
        counts, one, row = describe_benchmark(SAMPLES, profiles, split, DATASET, TASKS[task], SCHEMES[task])
        keep(
            f"full.{task}",
            **{"scores": scores, "reliability": reliability, "comparisons": comparisons, "intervals": intervals},
            **{"class_scores": class_scores, "confusions": confusions, "breakdowns": breakdowns},
            **{"class_counts": counts, "table_one": one, "splits": row},
        )
        for name in CLASSIFIERS[task]:
            seconds = {"fit_seconds": 1.0, "predict_seconds": 0.5, "peak_rss_mib": 9.0}
            keep(
                f"full.{task}.{name}", trials=trials(task, name), costs=pd.DataFrame({"trial_id": ["only"], **seconds})
            )
    keep("full", audit=pd.DataFrame(columns=list(COLUMNS["audit"])[1:]))
    stacked = {name: stack(**own) for name, own in made.items()}
    stacked["settings"] = summarise_trials(stacked["trials"])
    stacked["costs"] = summarise_costs(stacked["costs"], stacked["settings"])
    return stacked | {"ranks": rank(stacked["scores"], OPTIONS)}


RUN = RunDescription(
    environment="attic",
    names={"full": "Full corpus", "knn": "KNN"} | {name: task.label for name, task in TASKS.items()},
    corpora=[{"label": "A made-up corpus", "kind": "synthetic", "remark": None, "generator": None}],
    splits=[{"label": s.label, "params": s.params, "remark": s.remark} for s in SCHEMES.values()],
    threads=2,
    generalisation={name: {"against": task.against, "unseen": SCHEMES[name].unseen} for name, task in TASKS.items()},
)


@pytest.fixture(scope="module")
def page(tables: dict[str, pd.DataFrame]) -> str:
    """What the page says, without its scripts."""
    source = html.unescape(make_report(OPTIONS, RUN, PaperLayout(), **tables)[0])
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", source, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text).replace("\u00a0", " ")


def scored(tables: dict[str, pd.DataFrame], task: str) -> dict[str, int]:
    """Rows of scores of a benchmark by role."""
    own = tables["scores"][tables["scores"]["task"] == task]
    return {str(role): int(n) for role, n in own["role"].value_counts().items()}


def test_scores_are_there_for_the_roles_and_classifiers_that_a_benchmark_has(tables: dict[str, pd.DataFrame]) -> None:
    assert scored(tables, "site") == {"dev": 4 * 4, "test": 4 * 4}
    assert scored(tables, "unseen") == {"test": 3 * 3}  # the network stepped aside
    assert scored(tables, "transfer") == {"test": 2}
    one = tables["scores"].query("task == 'transfer' and classifier == 'knn'").iloc[0]
    table = predicted("transfer", "knn")
    assert one["accuracy"] == pytest.approx((table["y_true"] == table["y_pred"]).mean())


def test_the_split_is_described_with_the_datasets_own_parameters(tables: dict[str, pd.DataFrame]) -> None:
    rows = tables["splits"].set_index("task").drop(columns=["dataset", "scheme", "sha256"])
    assert rows.loc["site"].to_dict() == {
        "parameters": "n_folds 4, seed 1, small_classes keep", "n_rotations": 4, "n_samples": 62, "n_unused": 1,
        "n_untested": 0, "n_tested": 61, "n_unseen": 1, "has_dev": True, "left_out": "",
    }  # fmt: skip
    # d0 is trained on alone, and the rare one is of d1, which is tested while the others train.
    assert rows.loc["unseen"].to_dict() == {
        "parameters": "exclude [d0]", "n_rotations": 3, "n_samples": 62, "n_unused": 1, "n_untested": 15,
        "n_tested": 46, "n_unseen": 1, "has_dev": False, "left_out": "",
    }  # fmt: skip
    assert rows.loc["transfer"].drop("parameters").to_dict() == {
        "n_rotations": 1, "n_samples": 62, "n_unused": 32, "n_untested": 15, "n_tested": 15, "n_unseen": 0,
        "has_dev": False, "left_out": "rare",
    }  # fmt: skip


def test_a_benchmark_is_counted_over_the_samples_that_its_split_uses(tables: dict[str, pd.DataFrame]) -> None:
    columns = ["task", "n_samples", "n_classes", "least_frequent_class", "least_frequent_class_count"]
    assert tables["table_one"][columns].to_numpy().tolist() == [
        ["site", 61, 4, "rare", 1],
        ["unseen", 61, 4, "rare", 1],
        ["transfer", 30, 3, "lung", 10],
    ]
    counts = tables["class_counts"].query("task == 'transfer'")
    assert dict(zip(counts["label"], counts["n_samples"], strict=True)) == {"lung": 10, "prostate": 10, "skin": 10}


def test_settings_without_a_dev_part_have_no_dev_accuracy(tables: dict[str, pd.DataFrame]) -> None:
    settings = tables["settings"]
    has_dev = settings["task"] == "site"
    assert settings.loc[has_dev, "dev_accuracy_mean"].notna().all()
    nothing = settings.loc[~has_dev, ["dev_accuracy_mean", "per_rotation_test_accuracy_mean", "difference"]]
    assert nothing.isna().all(axis=None)
    aside = settings[settings["aside"].notna()]
    assert aside[["task", "classifier", "aside", "n_failed", "n_stopped"]].to_numpy().tolist() == [
        ["unseen", "network", WHY, 0, 0]
    ]
    assert len(tables["costs"]) == 4 + 3 + 2


def test_pairs_are_tested_as_far_as_rotations_allow(tables: dict[str, pd.DataFrame]) -> None:
    tests = tables["comparisons"].query("metric == 'accuracy'").set_index("task")
    assert tests["n_rotations"].to_dict() == {"site": 4, "unseen": 3, "transfer": 1}
    assert [len(tests.loc[[task]]) for task in SPLITS] == [6, 3, 1]
    assert tests.loc[["unseen"], "corrected_p"].notna().all()
    assert tests.loc[["transfer"], ["p", "corrected_p", "wilcoxon_p"]].isna().all(axis=None)
    assert tests.loc[["transfer"], ["mcnemar_p", "plate_ci_low"]].notna().all(axis=None)
    assert tables["intervals"].groupby("task", sort=False)["ci_low"].count().to_dict() == {
        "site": 24, "unseen": 18, "transfer": 12,
    }  # fmt: skip


def test_those_with_a_score_on_every_benchmark_are_ranked(tables: dict[str, pd.DataFrame]) -> None:
    assert sorted(set(tables["ranks"]["classifier"])) == ["knn", "majority"]


def test_every_benchmark_draws_the_classifiers_that_it_has(tables: dict[str, pd.DataFrame]) -> None:
    bars = accuracy_figure(tables["scores"], RUN.names).data
    assert [len(trace.x) for trace in bars] == [4, 3, 2]
    knn = [trace.marker.color[0] for trace in bars]  # the best everywhere, in one colour
    assert len(set(knn)) == 1


@pytest.mark.parametrize(
    "said",
    [
        "Folds: Folds are per profile.",
        "Split: One out exclude [d0]",
        "Grid 3 benchmarks × 4 classifiers, 10 of 12 pairs",
        f"Stepped aside: network ({WHY}).",
        "Tested with the subject d1 unseen in training.",
        "The highest mean accuracy is that of KNN (100.0 % in one rotation). It was not tested against majority.",
        "with 3 or 4 rotations its p cannot fall below 0.2500 or 0.1250, so it cannot reach 0.05.",
        "Without a score on every benchmark, and so without a rank: linear and network.",
        "With subjects unseen in training, accuracy falls by",
        "With the subject d1 unseen in training, accuracy of KNN rises by",
        "It has 4 classes and 46 test samples, Primary site 4 and 61: part of the difference is that of the tasks",
        "Without a score on both: linear and network.",
        "1 of 46 test samples (2.2 %) is of a class that the training part lacks",
        "1: rare",
        "Full corpus, Primary site, unseen subject Classifier KNN linear majority",  # a menu
    ],
)
def test_the_report_says_so(page: str, said: str) -> None:
    assert said in page


def test_probabilities_are_over_all_classes_though_one_fell_out() -> None:
    table = predicted("transfer", "knn")
    given = {"lung": 0.5, "prostate": 0.25, "rare": 0.0, "skin": 0.25}
    table = table.assign(y_pred="lung", **{f"probability:{name}": np.float32(p) for name, p in given.items()})
    own: dict[str, Any] = {"predictions:knn": PREDICTIONS.validate(table)}
    scores, reliability, pooled = score(SPLITS["transfer"], SAMPLES, DATASET, TASKS["transfer"], {}, **own)
    # A third each of the three classes: -ln of 1/2, 1/4 and 1/4.
    assert scores["log_loss"].tolist() == pytest.approx([(np.log(2) + 2 * np.log(4)) / 3])
    assert reliability["confidence"].tolist() == [0.5]
    assert break_down(pooled, SAMPLES)[0]["label"].tolist() == ["lung", "prostate", "skin"]


def test_where_all_stepped_aside_it_is_said() -> None:
    own: dict[str, Any] = {"predictions:network": predicted("unseen", "network")}
    with pytest.raises(InputError, match=r"^full\.unseen: no classifier has a complete trial, so there is nothing to"):
        score(SPLITS["unseen"], SAMPLES, DATASET, TASKS["unseen"], {}, **own)


def test_predictions_of_a_role_that_the_split_lacks_are_refused() -> None:
    own: dict[str, Any] = {"predictions:knn": predicted("unseen", "knn").assign(role="dev")}
    with pytest.raises(InputError, match=r"^full\.unseen\.knn: 46 prediction\(s\) missing: rotation 0, "):
        score(SPLITS["unseen"], SAMPLES, DATASET, TASKS["unseen"], {}, **own)
