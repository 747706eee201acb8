"""Benchmarks where every classifier steps aside, through all nodes to the page."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from evaluated_splits import (
    CHECKS,
    CLASSIFIERS,
    DATASET,
    OPTIONS,
    RUN,
    SAMPLES,
    SPLITS,
    TASKS,
    WHY,
    page_text,
    predicted,
    run_tables,
    stored_profiles,
)

from l1000_bench.curation.splits import split_digest
from l1000_bench.io.parts import Profiles
from l1000_bench.pipelines.evaluation.benchmark_nodes import break_down, compare, score
from l1000_bench.pipelines.evaluation.nodes import compare_levels, stack
from l1000_bench.report.figures import accuracy_figure
from l1000_bench.report.tables import summarise_scores
from l1000_bench.schemas import BETWEEN, POOLED, PREDICTIONS

ALL_OF_UNSEEN = [("unseen", name) for name in CLASSIFIERS["unseen"]]
EVERYWHERE = [(task, name) for task, names in CLASSIFIERS.items() for name in names]


def stored(table: pd.DataFrame) -> pd.DataFrame:
    """The table as it comes back from its file."""
    file = BytesIO()
    table.to_parquet(file)
    return pd.read_parquet(file)


@pytest.fixture(scope="module")
def profiles(tmp_path_factory: pytest.TempPathFactory) -> Profiles:
    return stored_profiles(tmp_path_factory.mktemp("profiles") / "p")


@pytest.fixture(scope="module")
def tables(profiles: Profiles) -> dict[str, pd.DataFrame]:
    return run_tables(profiles, ALL_OF_UNSEEN)


@pytest.fixture(scope="module")
def page(tables: dict[str, pd.DataFrame]) -> str:
    return page_text(tables)


def test_empty_tables_have_the_columns_and_kinds_of_full_ones() -> None:
    made: dict[str, list[pd.DataFrame]] = {}
    for aside in (ALL_OF_UNSEEN, []):
        own: dict[str, Any] = {f"predictions:{name}": predicted("unseen", name, aside) for name in ("majority", "knn")}
        if not aside:  # so that there is a reliability too
            given = own["predictions:knn"].assign(y_pred="lung")
            shares = {f"probability:{name}": 0.25 for name in ("lung", "prostate", "rare", "skin")}
            own["predictions:knn"] = PREDICTIONS.validate(
                given.assign(**shares).astype(dict.fromkeys(shares, "float32"))
            )
        scores, reliability, pooled = score(SPLITS["unseen"], SAMPLES, DATASET, TASKS["unseen"], {}, **own)
        class_scores, confusions, breakdowns = break_down(stored(pooled), SAMPLES)
        comparisons, intervals = compare(stored(scores), stored(pooled), SAMPLES, SPLITS["unseen"], DATASET, OPTIONS)
        found = [scores, reliability, comparisons, intervals, class_scores, confusions, breakdowns]
        for (name, check), table in zip(CHECKS.items(), found, strict=True):
            made.setdefault(name, []).append(check.validate(stored(table)))
        made.setdefault("pooled", []).append(POOLED.validate(stored(pooled)))
    empty, full = made.pop("pooled")
    assert len(empty) == len(full) == 46
    assert empty.columns.tolist() == ["rotation", "sample_id", "y_true"]
    for name, (empty, full) in made.items():
        assert (len(empty), len(full) > 0) == (0, True), name
        assert empty.dtypes.to_dict() == full.dtypes.to_dict(), name


def test_stacked_tables_keep_their_kinds(tables: dict[str, pd.DataFrame]) -> None:
    pd.testing.assert_series_equal(
        tables["scores"].dtypes, stack(**{"full.site": tables["scores"].drop(columns=["dataset", "task"])}).dtypes
    )
    assert set(tables["scores"]["task"]) == {"site", "transfer"}
    assert stack(**{"full.unseen": tables["scores"].iloc[:0, 2:]}).dtypes.to_dict() == tables["scores"].dtypes.to_dict()


@pytest.mark.parametrize(
    "said",
    [
        "Every classifier stepped aside on this benchmark, so it has no scores. "
        f"Stepped aside: majority ({WHY}); KNN ({WHY}); linear ({WHY}); network ({WHY}).",
        "Leaderboard of Full corpus, Primary site, unseen subject: every classifier stepped aside.",
        "Grid 3 benchmarks × 4 classifiers, 10 of 12 pairs",
        "Not counted, as no classifier has a score there: Full corpus, Primary site, unseen subject.",
        "With the subject d1 unseen in training, accuracy of KNN rises by",  # the other pair is still told
        "Tested with subjects unseen in training.",
        f"stepped aside: {WHY}",  # among the settings
    ],
)
def test_the_page_says_so(page: str, said: str) -> None:
    assert said in page


def test_what_has_no_scores_is_set_beside_nothing(page: str) -> None:
    assert "With subjects unseen in training" not in page


def test_where_what_it_is_set_beside_has_no_scores_there_is_no_pair(profiles: Profiles) -> None:
    page = page_text(run_tables(profiles, [("site", name) for name in CLASSIFIERS["site"]]))
    assert "What generalises" not in page
    assert "Every classifier stepped aside on this benchmark" in page


def test_all_may_step_aside_everywhere(profiles: Profiles) -> None:
    tables = run_tables(profiles, EVERYWHERE)
    assert all(tables[name].empty for name in ("scores", "ranks", "comparisons", "costs"))
    page = page_text(tables)
    assert page.count("Every classifier stepped aside on this benchmark, so it has no scores.") == 3
    assert "This run ranks nothing over benchmarks." in page
    assert summarise_scores(tables["scores"]).empty
    assert len(accuracy_figure(tables["scores"], RUN.names).data) == 0
    levels: dict[str, Any] = {
        f"{kind}_{end}:full.high.site": table
        for end in ("low", "high")
        for kind, table in (("samples", SAMPLES.assign(plate_set="p", well="w", sig_id="s")), ("split", SPLITS["site"]))
    }
    assert BETWEEN.validate(compare_levels(tables["scores"], **levels)).empty


def test_a_submission_is_scored_where_all_others_stepped_aside() -> None:
    own: dict[str, Any] = {"predictions:network": predicted("unseen", "network")}
    theirs = predicted("unseen", "knn").drop(columns="y_true")
    external = {"theirs": theirs.assign(split_sha256=split_digest(SPLITS["unseen"]))}
    scores, _, _ = score(SPLITS["unseen"], SAMPLES, DATASET, TASKS["unseen"], external, **own)
    assert set(scores["classifier"]) == {"theirs"}
