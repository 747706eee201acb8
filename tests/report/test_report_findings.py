from __future__ import annotations

import pandas as pd
from report_content import made_up

from l1000_bench.report.findings import (
    best_sentence,
    disagreement_sentence,
    failures_sentence,
    pairs_sentences,
    short_listing,
)
from l1000_bench.report.tables import standings


def site(metric: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    content = made_up()
    rows = standings(content)
    tests = content.comparisons
    return rows[(rows["task"] == "site") & (rows["metric"] == metric)], tests[tests["metric"] == metric]


def test_what_differs_and_what_cannot_be_told_apart() -> None:
    rows, tests = site("accuracy")
    names = {"knn": "KNN"}
    assert best_sentence(rows, "accuracy", names) == (
        "The highest mean accuracy is that of KNN (85.0 ± 7.07 %). It cannot be told apart from linear."
    )
    assert pairs_sentences(tests, "accuracy", names, 0.05).replace("\u00a0", " ") == (
        "In accuracy, 1 of 3 tested pairs differs significantly (corrected test, adjusted p ≤ 0.05). "
        "These cannot be told apart: KNN and linear; linear and majority."
    )


def test_a_mean_of_one_rotation_has_no_deviation() -> None:
    rows, _ = site("accuracy")
    assert best_sentence(rows.assign(std=float("nan")), "accuracy", {}).startswith(
        "The highest mean accuracy is that of knn (85.0 % in one rotation). It cannot"
    )


def test_pairs_without_a_p_value_are_named() -> None:
    rows, tests = site("macro_f1")
    assert best_sentence(rows, "macro-F1", {}).endswith("It was not tested against linear.")
    assert pairs_sentences(tests, "macro-F1", {}, 0.05).replace("\u00a0", " ") == (
        "In macro-F1, 1 of 2 tested pairs differs significantly (corrected test, adjusted p ≤ 0.05). "
        "These cannot be told apart: linear and majority. No test of macro-F1 was possible for linear and knn."
    )


def test_pairs_that_the_paired_test_alone_tells_apart_are_named() -> None:
    assert disagreement_sentence(site("macro_f1")[1], "macro-F1", {}, 0.05) == (
        "The paper's paired t-test alone calls 1 further pair different in macro-F1, which the corrected test does not "
        "bear out: linear and majority."
    )
    assert disagreement_sentence(site("accuracy")[1], "accuracy", {}, 0.05) == ""
    assert disagreement_sentence(site("macro_f1")[1], "macro-F1", {}, 0.07) == ""  # now both tell them apart


def test_long_lists_of_pairs_end_in_a_number() -> None:
    row = site("accuracy")[1].iloc[[0]]
    assert "; and 8 more pairs (see the table)." in pairs_sentences(pd.concat([row] * 12), "accuracy", {}, 0.05)


def test_long_lists_of_names_end_in_a_number() -> None:
    assert short_listing(list("abcd"), 3) == "a, b, c and d"
    assert short_listing(list("abcde"), 3) == "a, b, c and 2 others"


def test_failures_are_told_of_classifiers_without_a_complete_trial() -> None:
    settings = made_up().settings
    assert failures_sentence(settings, {}) == ""
    one = settings.assign(params=None, n_failed=2)
    assert failures_sentence(one, {"knn": "KNN"}) == "Failed: 2 of 3 trials of KNN."
    aside = one.assign(aside="1,500 training profiles are more than its 800")
    assert failures_sentence(aside, {}) == "Stepped aside: knn (1,500 training profiles are more than its 800)."
    both = pd.concat([one, one.assign(classifier="svm", n_trials=1, n_failed=1)])
    assert failures_sentence(both, {}) == "Failed: 2 of 3 trials of knn and 1 of 1 trial of svm."
