from __future__ import annotations

import pytest
from paper_run import MEANS, frame, paper, run, texts

from l1000_bench.report.paper_layout import PaperLayout
from l1000_bench.report.paper_tables import PaperTables, paper_tables

LAYOUT = PaperLayout(
    results={"II": ["full.site", "full.moa"], "III": ["prostate.moa"], "IV": ["l5.drug", "l4.drug"]},
    generalisation={"V": {"benchmark": "l4.unseen", "against": "l4.drug"}},
    settings={"VI": "full.moa", "VIII": "full.site", "IX": "prostate.moa"},
    statements={"II": "all pairs differ.", "VIII": "from a notebook."},
)
PAPER = paper(
    ("full", "site", "gcnn", 93.9, 0.28, 90.5, 0.82, 93.97, 0.27),
    ("full", "site", "majority", 27.9, 0.16, 3.63, 0.02, None, None),
    ("l4", "drug", "gcnn", 54.6, 3.94, 56.4, 3.94, None, None),
    ("l4", "unseen", "gcnn", 47.7, 6.78, 48.9, 7.4, None, None),
)


@pytest.fixture(scope="module")
def made() -> PaperTables:
    return paper_tables(run(), LAYOUT)


@pytest.fixture(scope="module")
def beside() -> PaperTables:
    return paper_tables(run(paper=PAPER), LAYOUT)


def test_the_tables_are_named_as_in_the_paper_and_what_goes_beyond_it_follows(made: PaperTables) -> None:
    # S1: the scores of extra.cell; S2 to S5: the settings of l5.drug, l4.drug, l4.unseen and extra.cell
    assert list(made.tables) == ["I", "II", "IV", "V", "VI", "VIII", "S1", "S2", "S3", "S4", "S5"]
    for name, table in made.tables.items():
        assert table.caption.startswith(f"Table {name}: ")
    assert len(made.tables["I"].rows) == len(MEANS)
    assert made.tables["S1"].caption.startswith("Table S1: Extra: test accuracy")
    assert made.tables["S5"].caption.startswith("Table S5: Extra, Cell line: best hyper-parameters")


def test_a_table_of_scores_has_a_pair_of_columns_per_task(made: PaperTables) -> None:
    table = made.tables["II"]
    assert table.caption == (
        "Table II: Full view: test accuracy and macro-F1 in percent, mean ± standard deviation (ddof = 1) over the "
        "test folds."
    )
    assert [(group.text, group.span) for group in table.groups] == [("", 1), ("Primary site", 2), ("Mechanism", 2)]
    assert [column.head for column in table.columns] == ["Classifier", *("Accuracy", "Macro-F1") * 2]
    # 0.9 ± 0.01: the deviations' squares sum to 2 · 0.01², over n - 1 = 1: 1.41 percent
    assert texts(table) == [
        ["GCNN", "*90.0 ± 1.41*", "80.0 ± 1.41", "*46.0 ± 1.41*", "*30.0 ± 1.41*"],
        ["KNN", "88.0 ± 1.41†", "*85.0 ± 1.41*", "44.0 ± 1.41", "28.0 ± 1.41"],
        ["Linear", "60.0 ± 1.41", "50.0 ± 1.41", "40.0 ± 1.41", "20.0 ± 1.41"],
    ]
    assert table.notes == (
        "Bold: the highest mean of its column.",
        "† cannot be told apart from the highest mean (corrected test, adjusted p\u00a0>\u00a00.05).",
    )


def test_where_the_datasets_differ_the_columns_are_called_by_them(made: PaperTables) -> None:
    table = made.tables["IV"]
    assert table.caption.startswith("Table IV: Drug: test accuracy")
    assert [group.text for group in table.groups] == ["", "Lab, Level 5", "Lab, Level 4"]
    assert texts(table)[2] == ["Linear", "–", "–", "0.00 ± 1.41", "0.00 ± 1.41"]  # not run on Level 5


def test_where_datasets_and_tasks_differ_the_columns_are_called_by_both() -> None:
    layout = PaperLayout(results={"II": ["full.site", "l4.drug"]})
    table = paper_tables(run(), layout).tables["II"]
    assert table.caption.startswith("Table II: test accuracy")
    assert [group.text for group in table.groups] == ["", "Full view, Primary site", "Lab, Level 4, Drug"]


def test_the_relative_drop_is_in_percent_of_the_accuracy_per_sample(made: PaperTables) -> None:
    table = made.tables["V"]
    assert "relative drop: accuracy lost against Lab, Level 4, Drug, in percent of it" in table.caption
    assert [(group.text, group.span) for group in table.groups] == [("", 1), ("Drug, unseen subject", 3)]
    # (0.50 - 0.45) / 0.50, (0.40 - 0.30) / 0.40; nothing can be lost from 0
    assert [row[-1] for row in texts(table)] == ["10.0", "25.0", "–"]
    assert table.notes[-2:] == (
        "Settings are those of the search on Lab, Level 4, Drug.",
        "Subjects that are trained on and never tested, if any, are told with the splits.",
    )


def test_without_the_folds_per_sample_there_is_no_drop() -> None:
    made = paper_tables(run([("l4", "unseen")], paper=PAPER), LAYOUT)
    assert [column.head for column in made.tables["V"].columns] == ["Classifier", "Accuracy", "Macro-F1"]
    assert "relative drop" not in made.tables["V"].caption
    assert "and the drop against l4.drug of Table V" in made.left_out
    assert [group.text for group in made.tables["V_beside_paper"].groups] == ["", "", "Accuracy", "Macro-F1"]


def test_settings_stand_with_their_dev_and_test_accuracy(made: PaperTables) -> None:
    table = made.tables["VIII"]
    assert table.caption.startswith("Table VIII: Full view, Primary site: best hyper-parameters by mean dev accuracy")
    assert not table.groups
    assert [column.head for column in table.columns] == [
        "Classifier", "Setting", "Dev accuracy (%)", "Test accuracy (%)",
    ]  # fmt: skip
    # dev folds are 0.05 ± 0.02 above: the deviation is 2 · sqrt 2 percent
    assert texts(table)[:2] == [
        ["GCNN", "metric = canberra, reg_param = 0.5", "95.0 ± 2.83", "*90.0 ± 1.41*"],
        ["KNN", "metric = canberra, reg_param = 0.5", "93.0 ± 2.83", "88.0 ± 1.41†"],
    ]


def test_a_classifier_without_a_setting_or_scores_is_shown_as_it_is() -> None:
    keys = {"dataset": "full", "task": "site"}
    settings = frame("settings", [{**keys, "classifier": "gcnn"}, {**keys, "classifier": "never_finished"}])
    content = run([("full", "site")], settings=settings)
    rows = texts(paper_tables(content, LAYOUT).tables["VIII"])
    # knn and linear, as outside methods, have scores and no settings
    assert rows == [["GCNN", "–", "95.0 ± 2.83", "*90.0 ± 1.41*"], ["never_finished", "–", "–", "–*"]]


def test_a_split_without_dev_folds_shows_settings_that_were_chosen_elsewhere() -> None:
    scores = run().scores
    table = paper_tables(run(scores=scores[scores["role"] == "test"]), LAYOUT).tables["VIII"]
    assert table.caption == (
        "Table VIII: Full view, Primary site: hyper-parameters, which were not chosen here as the split has no dev "
        "folds, with mean ± standard deviation (ddof = 1) over the test folds."
    )
    assert [column.head for column in table.columns] == ["Classifier", "Setting", "Test accuracy (%)"]
    assert [row[2] for row in texts(table)] == ["*90.0 ± 1.41*", "88.0 ± 1.41†", "60.0 ± 1.41"]


def test_a_classifier_without_a_complete_trial_is_marked() -> None:
    content = run()
    failed = (content.settings["classifier"] == "gcnn") & (content.settings["task"] == "site")
    lacking = (content.scores["classifier"] == "gcnn") & (content.scores["task"] == "site")
    settings = content.settings.assign(params=content.settings["params"].mask(failed))
    made = paper_tables(run(scores=content.scores[~lacking], settings=settings), LAYOUT)
    rows = {row[0]: row[1:] for row in texts(made.tables["II"])}
    assert rows["GCNN"][:3] == ["–*", "–*", "*46.0 ± 1.41*"]
    assert "* no trial came to its end, so there is no score." in made.tables["II"].notes


def test_what_the_run_lacks_is_told_in_one_sentence(made: PaperTables) -> None:
    start = "Of the paper's tables, what this run has no benchmark for is left out: "
    assert made.left_out == f"{start}Table III (prostate.moa) and Table IX (prostate.moa)."
    few = paper_tables(run([("full", "site")]), LAYOUT)
    assert list(few.tables) == ["I", "II", "VIII"]
    assert few.left_out == (
        f"{start}Table III (prostate.moa), Table IV (l5.drug and l4.drug), Table V (l4.unseen), Table VI (full.moa), "
        "Table IX (prostate.moa) and full.moa of Table II."
    )
    assert paper_tables(run([("full", "site")]), PaperLayout(results={"II": ["full.site"]})).left_out == ""


def test_without_the_paper_nothing_of_it_is_shown(made: PaperTables) -> None:
    assert made.orderings is None
    shown = [text for table in made.tables.values() for text in (table.caption, *table.notes)]
    assert not [text for text in shown if "paper" in text.lower()]


def test_beside_the_paper_stand_its_numbers_and_the_difference(beside: PaperTables) -> None:
    table = beside.tables["II_beside_paper"]
    assert table.caption.startswith("Table II beside the paper's: Full view: test accuracy")
    assert [(group.text, group.span) for group in table.groups] == [
        ("", 1), ("", 1), ("Accuracy", 3), ("Macro-F1", 3),
    ]  # fmt: skip
    # 90.0 - 93.9, 80.0 - 90.5; knn has no numbers in this paper, and majority none in the run
    assert texts(table) == [
        ["Primary site", "GCNN", "*90.0 ± 1.41*", "93.9 ± 0.28", "−3.9", "80.0 ± 1.41", "90.5 ± 0.82", "−10.5"]
    ]
    assert table.notes[-2:] == (
        "Differences from the paper are in percentage points of the means.",
        "The paper: all pairs differ.",
    )
    assert "S1_beside_paper" not in beside.tables


def test_beside_the_paper_stands_its_relative_drop(beside: PaperTables) -> None:
    table = beside.tables["V_beside_paper"]
    assert (table.groups[-1].text, table.groups[-1].span) == ("Relative drop (%)", 3)
    # the paper prints 12.6 for (54.6 - 47.7) / 54.6
    assert [row[-3:] for row in texts(table)] == [["10.0", "12.6", "−2.6"]]


def test_beside_settings_stand_the_papers_dev_accuracies_where_they_are_known(beside: PaperTables) -> None:
    table = beside.tables["VIII"]
    assert [group.text for group in table.groups] == ["", "", "Dev accuracy (%)", ""]
    assert [row[2:5] for row in texts(table)] == [
        ["95.0 ± 2.83", "94.0 ± 0.27", "+1.0"],
        ["93.0 ± 2.83", "–", "–"],
        ["65.0 ± 2.83", "–", "–"],
    ]
    assert table.notes[-1] == "The paper: from a notebook."
    assert not beside.tables["S3"].groups  # of l4.drug the paper's are not known


def test_a_paper_without_dev_accuracies_or_a_common_classifier_adds_no_empty_columns_or_tables() -> None:
    given = paper(("full", "site", "majority", 27.9, 0.16, 3.63, 0.02))
    made = paper_tables(run(paper=given), LAYOUT)
    assert not made.tables["VIII"].groups
    assert "II_beside_paper" not in made.tables
    assert made.orderings is None
