from __future__ import annotations

import pandas as pd
import pytest
from paper_run import paper, run, texts

from l1000_bench.report.content import ReportContent
from l1000_bench.report.orderings import ordering_sentence, ordering_table, orderings
from l1000_bench.report.paper_layout import PaperLayout

NOTHING = PaperLayout()
REST = (0.5, 60.0, 0.5)
# full.site, ours: gcnn 90, knn 88 (not told apart), linear 60; full.moa: gcnn 46, knn 44, linear 40 (all told apart)
PAPER = paper(
    ("full", "site", "linear", 70.0, *REST),
    ("full", "site", "knn", 93.0, *REST),
    ("full", "site", "gcnn", 90.0, *REST),
    ("full", "moa", "gcnn", 46.4, *REST),
    ("full", "moa", "knn", 43.5, *REST),
    ("full", "moa", "linear", 44.0, *REST),
    ("full", "moa", "majority", 16.4, *REST),
    ("l5", "drug", "knn", 46.9, *REST),
    ("l5", "drug", "gcnn", 46.0, *REST),
    ("nowhere", "moa", "knn", 1.0, *REST),
    ("nowhere", "moa", "gcnn", 2.0, *REST),
)


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return run(paper=PAPER)


@pytest.fixture(scope="module")
def ordered(content: ReportContent) -> pd.DataFrame:
    return orderings(content, NOTHING)


def outcomes(ordered: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    return list(ordered[["task", "higher", "lower", "outcome"]].itertuples(index=False, name=None))


def test_every_ordering_of_the_paper_is_looked_up_in_our_scores(ordered: pd.DataFrame) -> None:
    assert outcomes(ordered) == [
        ("site", "gcnn", "linear", "confirmed"),
        ("site", "knn", "gcnn", "level"),
        ("site", "knn", "linear", "confirmed"),
        ("moa", "gcnn", "knn", "confirmed"),
        ("moa", "gcnn", "linear", "confirmed"),
        ("moa", "linear", "knn", "reversed"),
        ("drug", "knn", "gcnn", "same"),
    ]
    site = ordered[ordered["lower"] == "gcnn"].iloc[0]
    assert (site["paper"], site["ours"], site["p"]) == (pytest.approx(3), pytest.approx(-2), 0.2)


def test_pairs_that_the_paper_calls_level_or_gives_equal_means_are_no_orderings(content: ReportContent) -> None:
    layout = PaperLayout(level={"full.moa": [["knn", "linear"]], "l5.drug": [["gcnn", "knn"]]})
    left = [row[:3] for row in outcomes(orderings(content, layout))]
    assert left == [
        ("site", "gcnn", "linear"),
        ("site", "knn", "gcnn"),
        ("site", "knn", "linear"),
        ("moa", "gcnn", "knn"),
        ("moa", "gcnn", "linear"),
    ]
    equal = paper(("full", "site", "knn", 93.0, *REST), ("full", "site", "gcnn", 93.0, *REST))
    assert orderings(run(paper=equal), NOTHING).empty


def test_what_was_not_tested_stays_open(content: ReportContent) -> None:
    untested = content.comparisons.assign(corrected_p_adjusted=None)
    assert set(orderings(run(paper=PAPER, comparisons=untested), NOTHING)["outcome"]) == {"open"}
    assert set(orderings(run(paper=PAPER, comparisons=untested.iloc[:0]), NOTHING)["outcome"]) == {"open"}


def test_equal_means_of_ours_stay_open() -> None:
    given = paper(("l4", "drug", "knn", 46.9, *REST), ("l4", "drug", "linear", 46.0, *REST))
    scores = run([("l4", "drug")]).scores
    equal = scores[scores["classifier"] != "gcnn"].assign(accuracy=[0.3, 0.4, 0.5, 0.6] * 2)
    assert orderings(run(paper=given, scores=equal), NOTHING)["outcome"].tolist() == ["open"]


def test_the_level_decides_what_is_told_apart() -> None:
    assert outcomes(orderings(run(paper=PAPER, alpha=0.2), NOTHING))[1] == ("site", "knn", "gcnn", "reversed")
    assert outcomes(orderings(run(paper=PAPER, alpha=0.19), NOTHING))[1] == ("site", "knn", "gcnn", "level")


def test_outcomes_are_counted_per_benchmark(content: ReportContent, ordered: pd.DataFrame) -> None:
    table = ordering_table(content, ordered)
    assert [column.head for column in table.columns][2:] == [
        *("Orderings", "Confirmed", "Same order, not told apart", "Reversed, not told apart", "Reversed, told apart"),
        *("Open", "Which are reversed and told apart"),
    ]
    assert texts(table) == [
        ["Full view", "Primary site", "3", "2", "0", "1", "0", "0", "–"],
        ["Full view", "Mechanism", "3", "2", "0", "0", "1", "0", "KNN above Linear"],
        ["Lab, Level 5", "Drug", "1", "0", "1", "0", "0", "0", "–"],
    ]
    for row in table.rows:
        assert int(row[2].text) == sum(int(cell.text) for cell in row[3:8])


def test_the_sentence_counts_them_all(ordered: pd.DataFrame) -> None:
    assert ordering_sentence(ordered) == (
        "This run confirms 4 of 7 orderings of two classifiers by mean accuracy in the paper (same order, told apart "
        "by the corrected test); of the others, 1 in the same order but not told apart, 1 reversed but not told apart "
        "and 1 reversed and told apart."
    )
    assert ordering_sentence(ordered.iloc[:1]) == (
        "This run confirms 1 of 1 ordering of two classifiers by mean accuracy in the paper (same order, told apart "
        "by the corrected test)."
    )


def test_without_the_papers_numbers_there_are_none() -> None:
    assert orderings(run(), NOTHING).empty
