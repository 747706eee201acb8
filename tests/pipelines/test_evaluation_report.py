"""The report of one benchmark, and the options of the evaluation."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from evaluated import DATASET, SAMPLES, SCHEME, SPLIT, TASK, predictions, scored, stored_profiles

from l1000_bench.errors import InputError
from l1000_bench.io.parts import Profiles
from l1000_bench.pipelines.evaluation.benchmark_nodes import describe_benchmark
from l1000_bench.pipelines.evaluation.nodes import (
    make_report,
    stack,
)
from l1000_bench.pipelines.evaluation.options import EvaluationOptions
from l1000_bench.report.about import RunDescription
from l1000_bench.report.content import COLUMNS
from l1000_bench.report.paper_layout import PaperLayout


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return stored_profiles(tmp_path / "p")


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
