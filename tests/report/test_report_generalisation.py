from __future__ import annotations

import pandas as pd
import pytest
from generalising import GENERALISATION, MEANS, WHY, first, generalising, scores_of
from html_page import Page, table_of, visible
from report_content import MALICIOUS

from l1000_bench.report.drawings import draw
from l1000_bench.report.figures.slopes import slope_lines
from l1000_bench.report.figures.style import looks
from l1000_bench.report.generalisation import Pair, beside_each_other, pairs_of
from l1000_bench.report.page import SECTIONS, render
from l1000_bench.report.tables import summarise_scores

UNSEEN, CONTROL, MOA = ("full", "unseen"), ("full", "control"), ("full", "moa")
TABLE = "Full corpus, Mechanism, unseen compounds, beside"


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render(generalising()))


def test_the_first_task_of_the_run_counts_and_the_others_stand_beside_it() -> None:
    assert pairs_of(generalising()) == [Pair(UNSEEN, CONTROL, (MOA,), "compounds", "per sample")]
    assert pairs_of(generalising(("moa", "unseen"))) == [Pair(UNSEEN, MOA, (), "compounds", "per sample")]


@pytest.mark.parametrize("tasks", [("moa", "control"), ("unseen",)])
def test_without_a_pair_there_is_no_section(tasks: tuple[str, ...]) -> None:
    content = generalising(tasks)
    assert pairs_of(content) == []
    page = Page(render(content))
    assert "What generalises" not in visible(page)
    assert "#generalisation" not in [page.elements[link][1].get("href") for link in page.all("a")]
    assert draw(content).generalisation is None


def test_only_what_is_unseen_makes_a_pair_and_only_in_its_own_dataset() -> None:
    per_sample = GENERALISATION | {"unseen": {"against": ["moa"], "unseen": None}}
    assert pairs_of(generalising(generalisation=per_sample)) == []
    content = generalising(("moa", "unseen"))
    elsewhere = content.scores.assign(dataset=content.scores["task"])
    assert pairs_of(generalising(("moa", "unseen"), scores=elsewhere)) == []


def test_drops_and_ranks_by_hand() -> None:
    content = generalising()
    both = beside_each_other(summarise_scores(content.scores), pairs_of(content)[0])
    assert both["classifier"].tolist() == ["linear", "knn", "majority", "ffann"]  # not those without a score on both
    # 0.6 to 0.48, 0.9 to 0.36, 0.3 to 0.28 and 0.5 to 0.28
    assert both["drop"].tolist() == pytest.approx([20, 60, 100 / 15, 44])
    assert both["kept_rank"].tolist() == [2, 1, 4, 3]
    assert both["unseen_rank"].tolist() == [1, 2, 3, 3]  # equal means share the best


def test_the_section_follows_the_ranks(page: Page) -> None:
    order = list(SECTIONS)
    assert order.index("generalisation") == order.index("ranks") + 1
    assert "#generalisation" in [page.elements[link][1].get("href") for link in page.all("a")]


def test_the_table_is_the_papers_fifth_with_both_ranks(page: Page) -> None:
    assert table_of(page, TABLE) == [
        *(
            ["Linear", "60.0 ± 1.41", "30.0 ± 0.71‡", "48.0 ± 1.41", "24.0 ± 0.71", "20.0", "2", "1", "70.0 ± 1.41"],
            ["KNN", "90.0 ± 1.41", "45.0 ± 0.71", "36.0 ± 1.41", "18.0 ± 0.71‡", "60.0", "1", "2", "80.0 ± 1.41"],
            [
                "Majority class",
                "30.0 ± 1.41",
                "15.0 ± 0.71‡",
                "28.0 ± 1.41",
                "14.0 ± 0.71‡",
                "6.7",
                "4",
                "3",
                "30.0 ± 1.41",
            ],
            [MALICIOUS, "50.0 ± 1.41", "25.0 ± 0.71‡", "28.0 ± 1.41", "14.0 ± 0.71‡", "44.0", "3", "3", "60.0 ± 1.41"],
            ["tree", "70.0 ± 1.41", "35.0 ± 0.71‡", "–¶", "–¶", "–", "–", "–", "65.0 ± 1.41"],
        )
    ]
    heads = [page.text(head) for head in page.all("th")]
    for head in ("Per sample", "Unseen", "Rank", "Mechanism", "Relative drop (%)"):
        assert head in heads


def test_the_page_says_that_no_test_is_made_of_the_drop(page: Page) -> None:
    text = visible(page).replace("\u00a0", " ")
    assert "No test is made of how much is lost" in text
    assert "accuracy falls by 20.0 to 60.0 % of the per-sample one (median 44.0 %)." in text
    assert "No better there than always predicting the most frequent class" in text
    assert "7 samples are trained on and never tested." in text


def test_where_there_is_nothing_to_lose_there_is_no_drop() -> None:
    kept = scores_of("control", {"knn": 0.0, "linear": 0.6}).assign(macro_f1=0.5)
    kept["accuracy"] = kept["accuracy"].where(kept["classifier"] != "knn", 0.0)
    scores = pd.concat([kept, scores_of("unseen", {"knn": 0.1, "linear": 0.3})])
    content = generalising(("control", "unseen"), scores=scores)
    assert first(content).endswith("accuracy of Linear falls by 50.0 % of the per-sample one.")
    rows = {row[0]: row for row in table_of(Page(render(content)), TABLE)}
    assert (rows["KNN"][5], rows["Linear"][5]) == ("–", "50.0")


def test_one_rotation_has_means_without_a_deviation() -> None:
    scores = pd.concat([scores_of("control", MEANS["control"]), scores_of("unseen", MEANS["unseen"], (0,))])
    page = Page(render(generalising(("control", "unseen"), scores=scores)))
    assert table_of(page, TABLE)[0][3] == "47.0 ± –"


def test_what_is_unseen_and_scored_by_nobody_makes_no_pair() -> None:
    scores, settings = generalising().scores, generalising().settings
    content = generalising(scores=scores[scores["task"] != "unseen"], settings=settings.assign(params=None, aside=WHY))
    assert pairs_of(content) == []
    assert draw(content).generalisation is None


def test_the_leaderboard_says_what_is_unseen_and_who_stepped_aside(page: Page) -> None:
    text = visible(page).replace("\u00a0", " ")
    assert "¶ stepped aside: it was not run on this benchmark." in text
    assert f"Stepped aside: tree ({WHY})." in text
    assert "Failed:" not in text
    assert text.count("Tested with compounds unseen in training.") == 1
    assert table_of(page, "Leaderboard of Full corpus, Mechanism, unseen compounds")[-1][:3] == ["–", "tree", "–¶"]


def test_the_deviation_is_said_to_hold_what_is_held_out(page: Page) -> None:
    sentence = "Where whole subjects, compounds or plates are held out, it is the spread between these too."
    assert sentence in visible(page)
    assert sentence not in visible(Page(render(generalising(("moa", "control")))))


def test_every_classifier_with_both_has_a_line() -> None:
    content = generalising()
    both = beside_each_other(summarise_scores(content.scores), pairs_of(content)[0])
    figure = slope_lines(both, ("per sample", "unseen"), looks(content.classifiers), content.names)
    lines = {line.name: line.y for line in figure.data}
    assert lines == {"linear": (60.0, 48.0), "knn": (90.0, 36.0), "majority": (30.0, 28.0), "ffann": (50.0, 28.0)}
    assert figure.layout.xaxis.ticktext == ("per sample", "unseen")
    assert "<img" not in figure.to_json()


def test_the_figure_has_a_plot_per_pair_and_names_only_whom_it_draws() -> None:
    drawing = draw(generalising()).generalisation
    assert drawing is not None
    assert [plot.title for plot in drawing.plots] == ["Full corpus, Mechanism, unseen compounds"]
    assert [key.text for key in drawing.keys] == ["Majority class", "KNN", "Linear", MALICIOUS]
