"""A run over three splits: per sample, leave one subject out, and a transfer of one rotation."""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.curation.splits import SplitRequest, make_split
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.pipelines.evaluation.benchmark_nodes import break_down, compare, describe_benchmark, score
from l1000_bench.pipelines.evaluation.nodes import make_report, rank, stack, summarise_costs, summarise_trials
from l1000_bench.pipelines.evaluation.options import EvaluationOptions
from l1000_bench.report.about import RunDescription
from l1000_bench.report.content import COLUMNS
from l1000_bench.report.paper_layout import PaperLayout
from l1000_bench.schemas import (
    BREAKDOWNS,
    CLASS_SCORES,
    COMPARISONS,
    CONFUSIONS,
    INTERVALS,
    POOLED,
    PREDICTIONS,
    RANKS,
    RELIABILITY,
    SCORES,
    TRIALS,
)
from l1000_bench.statistics.metrics import score_predictions

N = 60
# Three sites of twenty samples, five of each of every subject; a sample of its own site, and one without any.
SAMPLES = pd.DataFrame(
    {
        "sample_id": [f"s{number:02d}" for number in range(N)] + ["lone", "none"],
        "plate_id": [f"P{number % 8}" for number in range(N + 2)],
        "pert_id": [f"BRD{number % 12}" for number in range(N + 2)],
        "pert_iname": [f"Compound {number % 12}" for number in range(N + 2)],
        "inchi_key": None,
        "pert_type": "trt_cp",
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
Cells = Collection[tuple[str, str]]  # task, classifier
ASIDE: Cells = [("unseen", "network")]
CHECKS = {
    "scores": SCORES, "reliability": RELIABILITY, "comparisons": COMPARISONS, "intervals": INTERVALS,
    "class_scores": CLASS_SCORES, "confusions": CONFUSIONS, "breakdowns": BREAKDOWNS,
}  # fmt: skip


def predicted(task: str, classifier: str, aside: Cells = ASIDE) -> pd.DataFrame:
    """What a classifier says of the held-out samples; nothing where it stepped aside."""
    rng = np.random.default_rng(list(SKILLS).index(classifier))
    held_out = SPLITS[task][SPLITS[task]["role"].isin(["dev", "test"])].astype({"sample_id": "str", "role": "str"})
    held_out = held_out.reset_index(drop=True)
    true = held_out["sample_id"].map(SAMPLES.set_index("sample_id")["site"])
    guess = rng.choice(["lung", "skin", "prostate"], len(held_out)) if classifier != "majority" else "lung"
    skill = SKILLS[classifier] * (0.6 if task == "unseen" and classifier == "knn" else 1)
    right = (rng.uniform(size=len(held_out)) < skill) & (true != "rare")
    table = held_out.assign(y_true=true, y_pred=np.where(right, true, guess))
    return PREDICTIONS.validate(table.iloc[:0] if (task, classifier) in aside else table)


def trials(task: str, classifier: str, aside: Cells = ASIDE) -> pd.DataFrame:
    """The one trial of a classifier; without dev scores where there is no dev part."""
    table = predicted(task, classifier, aside)
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


def stored_profiles(folder: Path) -> Profiles:
    """Profiles of two genes of every sample."""
    values = np.zeros((len(IDS), 2), dtype=np.float32)
    write_profiles(ProfileStream(np.array(["780", "9"], dtype=object), [Block(IDS, values)]), folder)
    return Profiles(folder)


def run_tables(profiles: Profiles, aside: Cells = ASIDE) -> dict[str, pd.DataFrame]:
    """All tables of a run over the three benchmarks, stacked under their names in the report, as schemas want them."""
    made: dict[str, dict[str, pd.DataFrame]] = {}

    def keep(key: str, **found: pd.DataFrame) -> None:
        for name, table in found.items():
            made.setdefault(name, {})[key] = CHECKS[name].validate(table) if name in CHECKS else table

    for task, split in SPLITS.items():
        own: dict[str, Any] = {f"predictions:{name}": predicted(task, name, aside) for name in CLASSIFIERS[task]}
        scores, reliability, pooled = score(split, SAMPLES, DATASET, TASKS[task], {}, **own)
        class_scores, confusions, breakdowns = break_down(POOLED.validate(pooled), SAMPLES)
        comparisons, intervals = compare(scores, pooled, SAMPLES, split, DATASET, OPTIONS)
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
                f"full.{task}.{name}",
                trials=trials(task, name, aside),
                costs=pd.DataFrame({"trial_id": ["only"], **seconds}),
            )
    keep("full", audit=pd.DataFrame(columns=list(COLUMNS["audit"])[1:]))
    stacked = {name: stack(**own) for name, own in made.items()}
    stacked["settings"] = summarise_trials(stacked["trials"])
    stacked["costs"] = summarise_costs(stacked["costs"], stacked["settings"])
    return stacked | {"ranks": RANKS.validate(rank(stacked["scores"], OPTIONS))}


RUN = RunDescription(
    environment="attic",
    names={"full": "Full corpus", "knn": "KNN"} | {name: task.label for name, task in TASKS.items()},
    corpora=[{"label": "A made-up corpus", "kind": "synthetic", "remark": None, "generator": None}],
    splits=[{"label": s.label, "params": s.params, "remark": s.remark} for s in SCHEMES.values()],
    threads=2,
    generalisation={name: {"against": task.against, "unseen": SCHEMES[name].unseen} for name, task in TASKS.items()},
)


def page_text(tables: dict[str, pd.DataFrame]) -> str:
    """What the page says, without its scripts."""
    source = html.unescape(make_report(OPTIONS, RUN, PaperLayout(), **tables)[0])
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", source, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text).replace("\u00a0", " ")
