"""Tables IV and V of anybody's corpora: levels compared."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from paper_run import MEANS, WEST, between, groups, paper, run, texts
from scipy.stats import false_discovery_control, ttest_ind, ttest_rel

from l1000_bench.report.paper_layout import PaperLayout
from l1000_bench.report.paper_tables import PaperTables, paper_tables
from l1000_bench.statistics.between import View, compare_views

LAYOUT = PaperLayout(
    results={"IV": ["*.drug"]},
    generalisation={"V": {"benchmark": "*.unseen", "against": "*.drug"}},
    significance=["IV"],
)
LAB, OTHER = ("l4", "l5", "drug"), ("west_l3", "west_l4", "drug")
BETWEEN = between(
    (*LAB, "gcnn", "accuracy", "paired", 0.05, 0.012),
    (*LAB, "knn", "accuracy", "paired", -0.07, 0.4),
    (*LAB, "gcnn", "macro_f1", "paired", 0.0512, 0.00002),
    (*LAB, "knn", "macro_f1", "paired", -0.06, None),
    (*OTHER, "linear", "accuracy", "welch", -0.1, 0.05),
    (*OTHER, "linear", "macro_f1", "welch", -0.1, 0.0501),
)
PAIRED = "Paired t-test: over rotations, as the two share their folds by replicate group."
WELCH = "Welch's t-test: over folds that are not paired, as the two do not share theirs."


@pytest.fixture(scope="module")
def made() -> PaperTables:
    return paper_tables(run([*MEANS, *WEST], between=BETWEEN), LAYOUT)


def test_the_datasets_of_any_corpus_fill_the_tables(made: PaperTables) -> None:
    assert groups(made.tables["IV"]) == [
        ("", 1), ("Lab, Level 5", 2), ("Lab, Level 4", 2), ("West, Level 3", 2), ("West, Level 4", 2),
        ("Lab, Level 4 − Lab, Level 5", 4), ("West, Level 3 − West, Level 4", 4),
    ]  # fmt: skip
    assert groups(made.tables["V"]) == [("", 1), ("Lab, Level 4", 3), ("West, Level 4", 3)]
    assert made.left_out == ""
    shown = [made.tables[name].caption for name in made.tables if "best hyper" not in made.tables[name].caption]
    assert [caption.split(": test")[0] for caption in shown][1:] == [
        "Table IV: Drug", "Table V: Drug, unseen subject", "Table S1: Full view", "Table S2: Extra",
    ]  # fmt: skip


def test_a_classifier_that_was_not_run_on_a_dataset_has_dashes_there(made: PaperTables) -> None:
    assert [row[:9] for row in texts(made.tables["IV"])] == [
        ["GCNN", "45.0 ± 1.41†", "44.0 ± 1.41", "*50.0 ± 1.41*", "*49.0 ± 1.41*", "–", "–", "*80.0 ± 1.41*",
         "*70.0 ± 1.41*"],
        ["KNN", "*47.0 ± 1.41*", "*45.0 ± 1.41*", "40.0 ± 1.41", "39.0 ± 1.41", "*50.0 ± 1.41*", "*40.0 ± 1.41*", "–",
         "–"],
        ["Linear", "–", "–", "0.00 ± 1.41", "0.00 ± 1.41", "20.0 ± 1.41", "10.0 ± 1.41", "30.0 ± 1.41", "20.0 ± 1.41"],
        ["Forest", "–", "–", "–", "–", "–", "–", "64.0 ± 1.41", "60.0 ± 1.41"],
    ]  # fmt: skip


def test_differences_between_levels_stand_in_points_with_their_adjusted_p(made: PaperTables) -> None:
    table = made.tables["IV"]
    assert [column.head for column in table.columns][9:] == ["Accuracy", "Accuracy p", "Macro-F1", "Macro-F1 p"] * 2
    assert [row[9:] for row in texts(table)] == [
        ["+5.0§", "0.0120", "+5.1§", "< 0.0001", "–", "–", "–", "–"],
        ["−7.0", "0.4000", "−6.0", "–", "–", "–", "–", "–"],
        ["–", "–", "–", "–", "−10.0§", "0.0500", "−10.0", "0.0501"],
        ["–"] * 8,
    ]


def test_the_notes_say_which_test_was_made_and_who_differs(made: PaperTables) -> None:
    notes = made.tables["IV"].notes
    assert notes[2:5] == (
        "§ differs between the two datasets (adjusted p\u00a0≤\u00a00.05).",
        "Lab, Level 4 − Lab, Level 5, paired t-test: in accuracy 1 of 2 tested classifiers differs (GCNN); in macro-F1 "
        "1 of 1 tested classifier differs (GCNN).",
        "West, Level 3 − West, Level 4, Welch's t-test: in accuracy 1 of 1 tested classifier differs (Linear); in "
        "macro-F1 0 of 1 tested classifier differ.",
    )
    assert (PAIRED in notes, WELCH in notes) == (True, True)
    assert "p is adjusted over the classifiers, each metric by itself." in notes[5]


@pytest.mark.parametrize(("kind", "said", "unsaid"), [("paired", PAIRED, WELCH), ("welch", WELCH, PAIRED)])
def test_only_the_test_that_was_made_is_explained(kind: str, said: str, unsaid: str) -> None:
    rows = BETWEEN[BETWEEN["dataset_a"] == "l4"].assign(test=kind)
    notes = paper_tables(run(between=rows), LAYOUT).tables["IV"].notes
    assert (said in notes, unsaid in notes) == (True, False)


def test_without_a_difference_or_a_test_nothing_is_marked() -> None:
    untested = BETWEEN.assign(p_adjusted=float("nan"))
    table = paper_tables(run(between=untested), LAYOUT).tables["IV"]
    assert [row[5:] for row in texts(table)] == [
        ["+5.0", "–", "+5.1", "–"], ["−7.0", "–", "−6.0", "–"], ["–", "–", "–", "–"],
    ]  # fmt: skip
    assert not [note for note in table.notes if "§" in note]
    said = "no test of accuracy was possible; no test of macro-F1 was possible."
    assert f"Lab, Level 4 − Lab, Level 5, paired t-test: {said}" in table.notes


def test_the_level_of_significance_decides_what_is_marked() -> None:
    table = paper_tables(run(between=BETWEEN, alpha=0.011), LAYOUT).tables["IV"]
    assert [row[5] for row in texts(table)] == ["+5.0", "−7.0", "–"]
    assert texts(table)[0][7] == "+5.1§"


@pytest.mark.parametrize("shown", [[("l4", "drug"), ("l4", "unseen")], [("l5", "drug"), *WEST]])
def test_a_pair_of_which_the_table_lacks_one_dataset_has_no_columns(shown: list[tuple[str, str]]) -> None:
    rows = BETWEEN[BETWEEN["dataset_a"] == "l4"]
    table = paper_tables(run(shown, between=rows), LAYOUT).tables["IV"]
    assert not [text for text, _ in groups(table) if "−" in text]
    assert not [note for note in table.notes if "t-test" in note]


def test_exact_names_have_the_same_columns_and_other_tasks_their_name_before_them() -> None:
    exact = PaperLayout(results={"IV": ["l4.drug", "l5.drug"]})
    assert groups(paper_tables(run(between=BETWEEN), exact).tables["IV"])[1:] == [
        ("Lab, Level 4", 2), ("Lab, Level 5", 2), ("Lab, Level 4 − Lab, Level 5", 4),
    ]  # fmt: skip
    several = PaperLayout(results={"IV": ["l4.drug", "l5.drug", "l4.unseen"]})
    assert groups(paper_tables(run(between=BETWEEN), several).tables["IV"])[-1] == (
        "Drug: Lab, Level 4 − Lab, Level 5",
        4,
    )


# dataset, classifier -> accuracy per rotation; means 0.52 and 0.41 at the lower level, 0.47 and 0.42 at the higher one
ROTATIONS = {
    ("l4", "gcnn"): np.array([0.50, 0.54, 0.47, 0.57]), ("l4", "knn"): np.array([0.40, 0.41, 0.38, 0.45]),
    ("l5", "gcnn"): np.array([0.46, 0.47, 0.45, 0.50]), ("l5", "knn"): np.array([0.42, 0.40, 0.41, 0.45]),
}  # fmt: skip


@pytest.mark.parametrize("shared", [True, False])
def test_the_columns_hold_the_p_values_that_scipy_finds(shared: bool) -> None:
    rows = [
        {
            "dataset": dataset,
            "task": "drug",
            "classifier": name,
            "rotation": rotation,
            "role": "test",
            "accuracy": score,
        }
        for (dataset, name), scores in ROTATIONS.items()
        for rotation, score in enumerate(scores)
    ]
    rotations = pd.DataFrame(rows).assign(macro_f1=0.5)
    ids = ["a", "b"]
    samples = pd.DataFrame({"sample_id": ids, "sig_id": ids, "plate_set": "P", "well": ids})
    split = pd.DataFrame({"rotation": 0, "sample_id": ids, "role": ["train", "test"]})
    other = split if shared else split.assign(role=["test", "train"])
    low, high = (
        View(name, samples, roles, rotations[rotations["dataset"] == name])
        for name, roles in (("l4", split), ("l5", other))
    )
    table = paper_tables(run(between=compare_views(low, high, "drug")), LAYOUT).tables["IV"]
    p = []
    for name in ("gcnn", "knn"):
        a, b = ROTATIONS["l4", name], ROTATIONS["l5", name]
        p.append(ttest_rel(a, b).pvalue if shared else ttest_ind(a, b, equal_var=False).pvalue)
    assert [row[6] for row in texts(table)[:2]] == [f"{value:.4f}" for value in false_discovery_control(p)]
    assert [row[5].rstrip("§") for row in texts(table)[:2]] == ["+5.0", "−1.0"]


def test_within_a_level_the_notes_count_the_pairs_of_classifiers(made: PaperTables) -> None:
    notes = list(made.tables["IV"].notes)
    start = notes.index("Pairs of classifiers, which the report's comparisons show one by one.")
    corrected = "significantly (corrected test, adjusted p\u00a0≤\u00a00.05)."
    assert notes[start + 1 : start + 3] == [
        f"Lab, Level 5: In accuracy, none of 1 tested pair differs {corrected} "
        "These cannot be told apart: GCNN and KNN. "
        f"In macro-F1, 1 of 1 tested pair differs {corrected}",
        f"Lab, Level 4: In accuracy, 3 of 3 tested pairs differ {corrected} In macro-F1, 3 of 3 tested pairs differ "
        f"{corrected}",
    ]
    assert [note.split(":")[0] for note in notes[start + 3 :]] == ["West, Level 3", "West, Level 4"]


def test_pairs_are_told_of_the_named_tables_alone_and_only_where_some_were_compared(made: PaperTables) -> None:
    others = [table for name, table in made.tables.items() if name != "IV"]
    assert not [note for table in others for note in table.notes if "tested pair" in note]
    content = run(between=BETWEEN)
    few = content.comparisons[content.comparisons["dataset"] == "l5"]
    one = paper_tables(dataclasses.replace(content, comparisons=few), LAYOUT).tables["IV"]
    assert one.notes[-1].startswith("Lab, Level 5: In accuracy, none of 1 tested pair")
    none = paper_tables(dataclasses.replace(content, comparisons=few.iloc[:0]), LAYOUT).tables["IV"]
    assert not [note for note in none.notes if "Pairs of classifiers" in note]


def test_the_papers_numbers_stand_beside_those_of_the_datasets_that_have_some() -> None:
    given = paper(
        ("l5", "drug", "gcnn", 46.0, 9.9, 44.0, 10.8),
        ("l4", "drug", "gcnn", 54.6, 3.94, 56.4, 3.94),
        ("l4", "unseen", "gcnn", 47.7, 6.78, 48.9, 7.4),
    )
    layout = dataclasses.replace(LAYOUT, statements={"IV": "GCNN alone differs."})
    made = paper_tables(run([*MEANS, *WEST], between=BETWEEN, paper=given), layout)
    assert [(row[0], row[3], row[4]) for row in texts(made.tables["IV_beside_paper"])] == [
        ("Lab, Level 5", "46.0 ± 9.90", "−1.0"),
        ("Lab, Level 4", "54.6 ± 3.94", "−4.6"),
    ]
    assert made.tables["IV_beside_paper"].notes[-1] == "The paper: GCNN alone differs."
    # (54.6 - 47.7) / 54.6 = 12.637 %
    assert [row[-3:] for row in texts(made.tables["V_beside_paper"])] == [["10.0", "12.6", "−2.6"]]
    assert "V_beside_paper" not in paper_tables(run(list(WEST), paper=given), layout).tables
