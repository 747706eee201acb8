from __future__ import annotations

import pandas as pd
import pytest
from html_page import Page, table_of, visible
from report_content import made_up, optional_tables, score_rows, unfinished

from l1000_bench.report.page import render
from l1000_bench.report.reading import how_to_read


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render(made_up()))


def test_the_winners_are_named_first(page: Page) -> None:
    assert page.text(page.inside(page.all("table")[0], "caption")[0]).startswith("Winners")
    site, moa = table_of(page, "Winners")
    assert site == [
        "Full corpus, Primary site",
        "KNN: 85.0 ± 7.07",
        "linear",
        "KNN: 70.0 ± 14.14",
        "not tested",
        "25.0 ± 7.07 (Majority class)",
    ]
    assert moa[1:] == ["KNN: 45.0 ± 7.07", "nothing to compare", "KNN: 30.0 ± 0.00", "nothing to compare", "–"]


def test_the_leaderboard_ranks_by_accuracy(page: Page) -> None:
    rows = table_of(
        page, "Leaderboard of Full corpus, Primary site: 3 classifiers by mean test accuracy, 2 rotations, 20"
    )
    assert rows[0] == [
        *("1", "KNN", "85.0 ± 7.07", "[71.0, 93.0]", "[71.0, 93.0]", "70.0 ± 14.14", "[55.0, 81.0]", "[55.0, 81.0]"),
        *("50.0", "0.250", "0.750", "12.5"),
    ]
    assert rows[1] == [*("2", "linear§", "80.0 ± 0.00†", "–", "–", "65.0 ± 0.00‡", "–", "–", "50.0", "0.250", "–", "–")]
    assert [row[:2] for row in rows[2:]] == [["3", "Majority class"]]
    text = visible(page)
    assert "95 %: of the mean over rotations, by bootstrap over 12 plates and 5 compounds." in text
    assert "§ outside method" in text
    assert "† cannot be told apart from the highest mean" in text


def test_metrics_and_intervals_that_a_run_lacks_have_no_column(page: Page) -> None:
    heads = [page.text(head) for head in page.all("th")]
    assert "Top\u00a03 (%)" not in heads  # two classes leave no top three
    without = Page(render(made_up(intervals=None)))
    assert table_of(without, "Leaderboard of Full corpus, Primary site")[0] == [
        *("1", "KNN", "85.0 ± 7.07", "70.0 ± 14.14", "50.0", "0.250", "0.750", "12.5")
    ]


def test_equal_means_share_a_rank() -> None:
    scores = score_rows()
    scores.loc[(scores["classifier"] == "linear") & (scores["role"] == "test"), "accuracy"] = 0.85
    page = Page(render(made_up(scores=scores)))
    rows = table_of(page, "Leaderboard of Full corpus, Primary site")
    assert [row[:2] for row in rows] == [["1", "KNN"], ["1", "linear§"], ["3", "Majority class"]]
    assert table_of(page, "Winners")[0][1] == "KNN and linear: 85.0 ± 7.07"


def test_only_the_classifier_called_majority_is_the_baseline() -> None:
    renamed = {"classifier": {"majority": "majority_of_trees"}}
    page = Page(render(made_up(scores=score_rows().replace(renamed), ranks=None)))
    assert "Accuracy of the baseline" not in visible(page)
    assert "Accuracy of the baseline" in visible(Page(render(made_up())))


def test_all_pairs_stand_in_a_table_per_metric(page: Page) -> None:
    rows = table_of(page, "Full corpus, Primary site: accuracy of every pair over 2 rotations")
    assert rows[0] == [
        *("KNN", "linear", "not told apart", "+5.00", "0.80"),
        *("[−15.00, 25.00]", "0.50", "0.6000", "[−15.00, 25.00]", "1.00", "0.5000", "0.5000"),
        *("7", "2", "0.2700", "[−15.00, 25.00]", "[−15.00, 25.00]"),
    ]
    assert rows[1][2] == "differs"
    assert rows[1][6:8] == ["∞", "< 0.0001"]
    macro_f1 = table_of(page, "Full corpus, Primary site: macro-F1 of every pair")
    assert [row[2] for row in macro_f1] == ["not tested", "differs", "not told apart"]
    assert len(macro_f1[0]) == len(rows[0]) - 3  # McNemar's test is of accuracy


def test_where_the_two_t_tests_disagree_it_is_said(page: Page) -> None:
    macro_f1 = table_of(page, "Full corpus, Primary site: macro-F1 of every pair")
    assert [row[10] for row in macro_f1] == ["–", "0.0200", "< 0.0001≠"]
    assert (
        "The paper's paired t-test alone calls 1 further pair different in macro-F1, which the corrected test does not "
        "bear out: linear and Majority class."
    ) in visible(page)


def test_what_is_said_follows_the_corrected_test(page: Page) -> None:
    text = visible(page).replace("\u00a0", " ")
    assert "In accuracy, 1 of 3 tested pairs differs significantly (corrected test, adjusted p ≤ 0.05)." in text
    assert "In macro-F1, 1 of 2 tested pairs differs significantly" in text


def test_the_caveats_are_spelt_out(page: Page) -> None:
    text = visible(page)
    for caveat in (
        "it is a conservative test, and what it cannot tell apart is not thereby equally good",
        "It takes rotations to be independent though they share training samples, so its p values are too small.",
        "with 2 rotations its p cannot fall below 0.5000, so it cannot reach 0.05",
        "The trained classifiers are taken as they are",
        "not the error of the mean",
        "How far the score would move with other plates of the same kind or other compounds",
        "every draw is scored as the run is, by the mean over rotations",
    ):
        assert caveat in text


def test_one_classifier_leaves_nothing_to_compare(page: Page) -> None:
    assert visible(page).count("Only one classifier has scores on this benchmark: there is nothing to compare.") == 1


def test_one_rotation_is_not_tested() -> None:
    content = made_up()
    tests = content.comparisons.assign(n_rotations=1, p_adjusted=float("nan"), corrected_p_adjusted=float("nan"))
    scores = content.scores[content.scores["rotation"] == 0]
    text = visible(Page(render(made_up(scores=scores, comparisons=tests))))
    assert "with one rotation there is no spread to test a difference against" in text
    assert "The highest mean accuracy is that of KNN (90.0 % in one rotation)." in text
    assert "The signed-rank test makes no assumption on the shape of the differences; with one rotation it says" in text
    assert "cannot be told apart from" not in text


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([1, 6], "with 6 rotations its p cannot fall below 0.0312, before it is adjusted."),
        (
            [5, 6],
            "with 5 or 6 rotations its p cannot fall below 0.0625 or 0.0312, before it is adjusted; with 5 it cannot",
        ),
        ([3, 5], "with 3 or 5 rotations its p cannot fall below 0.2500 or 0.0625, so it cannot reach 0.05."),
        ([15, 15], "with 15 rotations its p cannot fall below 0.0001, before it is adjusted."),
    ],
)
def test_benchmarks_may_differ_in_their_rotations(numbers: list[int], said: str) -> None:
    tests = made_up().comparisons
    both = pd.concat([tests.assign(n_rotations=n) for n in numbers])
    (row,) = [text for what, text in how_to_read(made_up(comparisons=both)) if what == "Wilcoxon"]
    assert said in row


def test_a_test_class_that_is_not_trained_on_is_counted_below_the_leaderboard(page: Page) -> None:
    sentence = "3 of 20 test samples (15.0 %) are of a class that the training part lacks, so that every classifier is"
    assert visible(page).replace("\u00a0", " ").count(sentence) == 2  # of (full, moa), and of what generalises


def test_untested_classifiers_are_left_open() -> None:
    page = Page(render(made_up(comparisons=made_up().comparisons.iloc[:0])))
    assert "No pair was tested, so which of these classifiers differ is open." in visible(page)


def test_a_classifier_without_a_complete_trial_has_a_row_of_dashes() -> None:
    page = Page(render(made_up(settings=unfinished("svm"))))
    rows = table_of(page, "Leaderboard of Full corpus, Primary site: 4 classifiers by mean test accuracy, 2 rotations")
    assert rows[-1] == ["–", "svm", *("–*", "–", "–") * 2, *["–"] * 4]
    text = visible(page)
    assert "* no trial came to its end, so there is no score. Failed: 2 of 3 trials of svm." in text
    assert "2 benchmarks × 4 classifiers" in text
    assert "Without a score on every benchmark, and so without a rank: svm." in text
    marked = [page.elements[cell][1] for cell in page.all("td") if page.text(cell) == "–*"]
    assert len(marked) == 4  # of the leaderboard, and of what generalises
    assert all("data-none" in attributes for attributes in marked)  # so that it is sorted as a dash is


def test_a_classifier_that_stepped_aside_is_told_from_one_that_failed() -> None:
    failed = unfinished("svm")
    aside = failed.query("classifier == 'svm'").assign(classifier="tabular", n_failed=0, aside="2,000 are too many.")
    page = Page(render(made_up(settings=pd.concat([failed, aside]))))
    rows = table_of(page, "Leaderboard of Full corpus, Primary site: 4 classifiers by mean test accuracy")
    assert [row[1:3] for row in rows[-2:]] == [["svm", "–*"], ["tabular", "–¶"]]
    assert (
        "* no trial came to its end, so there is no score. ¶ stepped aside: it was not run on this benchmark. "
        "Failed: 2 of 3 trials of svm. Stepped aside: tabular (2,000 are too many)."
    ) in visible(page)
    settings = {row[2]: row for row in table_of(page, "Settings")}
    assert settings["tabular"][-1] == "stepped aside: 2,000 are too many."
    assert settings["svm"][-1] == "–"
    assert "Classifiers were not tuned alike" not in visible(page)


def test_a_classifier_that_stepped_aside_everywhere_it_was_tried_leaves_nothing_to_compare() -> None:
    aside = unfinished("tabular").assign(task="moa", aside="too many")
    rows = table_of(Page(render(made_up(settings=aside))), "Leaderboard of Full corpus, moa")
    assert [row[:3] for row in rows] == [["1", "KNN", "45.0 ± 7.07"], ["–", "tabular", "–¶"]]


@pytest.mark.parametrize(
    ("aside", "caption", "said"),
    [
        (
            ["too many", "too few."],
            "every classifier stepped aside.",
            "Every classifier stepped aside on this benchmark, so it has no scores. Stepped aside: KNN (too many); "
            "tabular (too few).",
        ),
        (
            ["too many", None],
            "1 classifier, which has no score.",
            "No classifier has a score on this benchmark. Failed: 2 of 3 trials of tabular. Stepped aside: KNN (too",
        ),
    ],
)
def test_a_benchmark_that_nobody_has_a_score_on_says_why(aside: list[str | None], caption: str, said: str) -> None:
    nobody = unfinished("tabular").assign(task="subtype", params=None, aside=pd.Series(aside))
    content = made_up(settings=pd.concat([made_up().settings, nobody]))
    page = Page(render(content))
    text = visible(page)
    assert said in text
    assert "Not counted, as no classifier has a score there: Full corpus, subtype." in text
    rows = table_of(page, f"Leaderboard of Full corpus, subtype: {caption}")
    assert [row[:2] for row in rows] == [["–", "KNN"], ["–", "tabular"]]
    assert table_of(page, "Winners")[-1][:3] == ["Full corpus, subtype", "–", "nothing to compare"]


def test_one_classifier_with_a_score_is_not_compared_with_one_without() -> None:
    content = made_up(settings=unfinished("svm").assign(task="moa"))
    text = visible(Page(render(content)))
    assert "Only one classifier has scores on this benchmark: there is nothing to compare." in text


def test_ranks_say_what_they_rest_on(page: Page) -> None:
    assert table_of(page, "Mean rank over the benchmarks")[0] == ["KNN", "1.00", "1.00"]
    text = visible(page).replace("\u00a0", " ")
    assert "In accuracy, the mean ranks differ (Friedman's test with Iman and Davenport's F = 7.00, p = 0.0494)" in text
    assert "3 benchmarks are few: Nemenyi's test sees only ranks that lie 1.50 or more apart, of the 2" in text
    assert "Benchmarks that share profiles, such as two tasks of one dataset, are not independent" in text


def test_ranks_that_are_alike_on_all_benchmarks_are_judged_by_chi_squared() -> None:
    # Two benchmarks that rank three classifiers alike: chi-squared n (k - 1) = 4 on 2 degrees of freedom, p = exp(-2).
    alike = optional_tables()["ranks"].assign(f=float("nan"), f_p=float("nan"), chi_squared=4.0, p=0.135335)
    text = visible(Page(render(made_up(ranks=alike)))).replace("\u00a0", " ")
    assert (
        "In accuracy, no difference between the mean ranks is established (Friedman's test with chi-squared = 4.00, "
        "p = 0.1353), so their order may be chance. All benchmarks rank the classifiers alike, so Iman and Davenport's "
        "F has no value."
    ) in text
    assert "the mean ranks differ" not in text
    text = visible(Page(render(made_up(ranks=alike.assign(chi_squared=40.0, p=2e-9))))).replace("\u00a0", " ")
    assert "In accuracy, the mean ranks differ (Friedman's test with chi-squared = 40.00, p < 0.0001)" in text
    untested = alike.assign(p=alike["p"].where(alike["metric"] == "accuracy"))
    assert "In macro-F1, no test of the mean ranks was possible." in visible(Page(render(made_up(ranks=untested))))


def test_ranks_that_may_be_chance_are_called_so() -> None:
    ranks = optional_tables()["ranks"]
    text = visible(Page(render(made_up(ranks=ranks.assign(f_p=0.4)))))
    assert "no difference between the mean ranks is established" in text
    one = ranks[ranks["classifier"] != "linear"].assign(
        n_benchmarks=1, n_classifiers=2, critical_difference=float("nan")
    )
    text = visible(Page(render(made_up(ranks=one))))
    assert "here the benchmarks number 1 and the classifiers 2, so nothing is tested" in text
    assert "Without a score on every benchmark, and so without a rank: linear." in text


def test_where_no_classifier_is_everywhere_nothing_is_ranked() -> None:
    text = visible(Page(render(made_up(ranks=optional_tables()["ranks"].iloc[:0]))))
    assert "This run ranks nothing over benchmarks: no classifier has a score on every one of them." in text
