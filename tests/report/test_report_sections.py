from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from html_page import Page, table_of, visible
from report_content import MALICIOUS, made_up

from l1000_bench.report.about import RunDescription, about_rows, effort_remarks, effort_rows, remarks, seed_rows
from l1000_bench.report.content import only
from l1000_bench.report.page import SECTIONS, render
from l1000_bench.report.sections import table_one


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(render(made_up()))


def test_the_other_tables_show_their_numbers(page: Page) -> None:
    assert table_of(page, "Table I")[0][:6] == ["Full corpus", "Primary site", "1,234", "978", "2", "PC3 (1,000)"]
    assert table_of(page, "Full corpus, Primary site: samples per class")[0] == ["lung", "900", "72.9"]
    assert table_of(page, "Curation audit")[0] == [
        *("Full corpus", "has_moa", "1,300", "66", "1,234", "No label, no task.")
    ]
    assert table_of(page, "Settings")[0] == [
        *("Full corpus", "Primary site", "KNN", "3", "1", "1", "52.0", "51.0", "50.0", "−1.0"),
        "metric = cosine, n_neighbors = 5",
    ]
    assert table_of(page, "Environment") == [["numpy", "2.4"], ["pandas", "3.1"]]
    assert table_of(page, "Seeds") == [["Folds", "7"]]
    assert table_of(page, "Hashes") == [["Split", "Full corpus, Primary site", "cd" * 32]]
    assert table_of(page, "Costs")[0][3:] == ["1.25", "0.50", "321"]
    assert table_of(page, "Between datasets")[0] == [
        *("Primary site", "KNN", "Full corpus", "level5", "Accuracy", "−3.10", "[−10.00, 4.00]", "−1.10"),
        *("0.3500", "0.3500", "Welch's t-test"),
    ]


def test_splits_say_what_they_test_and_what_fell_out(page: Page) -> None:
    site, moa = table_of(page, "Splits")
    assert site == [
        *("Full corpus", "Primary site", "folds", "n_folds 2, seed 7", "2", "yes", "1,234", "4", "0", "820"),
        *("20", "0", "0.0", "none", "ab" * 32),
    ]
    assert moa[4:-2] == ["2", "no", "1,234", "34", "12", "600", "20", "3", "15.0"]
    assert moa[-2] == f"5: {MALICIOUS}, b, c and 2 others"
    caption = "Full corpus, moa: the 5 classes that fell out"
    assert table_of(page, caption) == [[MALICIOUS], ["b"], ["c"], ["d"], ["e"]]
    assert "Primary site: the" not in "".join(page.text(summary) for summary in page.all("summary"))


def test_few_classes_that_fell_out_are_all_named() -> None:
    splits = made_up().splits.assign(left_out="a; b; c", n_tested=0, n_unseen=0)
    page = Page(render(made_up(splits=splits)))
    assert [row[12:14] for row in table_of(page, "Splits")] == [["–", "3: a, b and c"]] * 2
    assert "classes that fell out, as" not in visible(page)


def test_what_needs_dev_accuracies_is_a_dash_where_there_are_none() -> None:
    nothing = dict.fromkeys(["dev_accuracy_mean", "per_rotation_test_accuracy_mean", "difference"], float("nan"))
    page = Page(render(made_up(settings=made_up().settings.assign(**nothing))))
    assert table_of(page, "Settings")[0][6:10] == ["–", "51.0", "–", "–"]


def test_the_papers_tables_are_there_with_what_the_run_confirms(page: Page) -> None:
    assert table_of(page, "Table II") == [["KNN"], [MALICIOUS]]
    assert "1 of 2 orderings is confirmed." in visible(page)


def test_table_one_is_not_shown_twice() -> None:
    shown = table_one(made_up())
    page = Page(render(made_up(paper_tables=[shown])))
    captions = [page.text(caption) for caption in page.all("caption")]
    assert captions.count(shown.caption) == 1


def test_mistakes_are_counted_and_shared_out_by_true_class(page: Page) -> None:
    # 3 of the 12 lung samples, and 2 of the other 8
    assert table_of(page, "Full corpus, Primary site: the most frequent mistakes of KNN") == [
        ["lung", "skin", "3", "25.0"],
        [MALICIOUS, "lung", "2", "25.0"],
    ]


def test_class_scores_of_all_classifiers_stand_side_by_side(page: Page) -> None:
    assert table_of(page, "Full corpus, Primary site: scores of every class") == [
        ["lung", "12", "81.8", "75.0", "78.3", "54.5"],
        [MALICIOUS, "8", "100.0", "75.0", "85.7", "–"],
    ]


@pytest.fixture(scope="module")
def crowd() -> Page:
    """A page with 17 classifiers on (full, site), the first the best."""
    names = [f"c{number:02}" for number in range(17)]
    content = made_up()
    tables = {
        name: pd.concat(
            [
                only(content.table(name), ("full", "site")).query("classifier == 'knn'").assign(classifier=n)
                for n in names
            ]
        )
        for name in ("scores", "class_scores", "confusions", "reliability", "breakdowns")
    }
    tables["scores"]["accuracy"] -= tables["scores"]["classifier"].map(names.index) / 100
    return Page(render(made_up(**tables, settings=content.settings.iloc[:0], ranks=None)))


def test_a_menu_that_is_cut_says_so_and_the_tables_hold_all(crowd: Page, page: Page) -> None:
    captions = [crowd.text(place) for place in crowd.all("figcaption")]
    cut = [caption for caption in captions if caption.endswith("The menu offers the 15 best of 17 classifiers.")]
    assert len(cut) == 4  # confusions, classes, breakdowns, calibration
    menus = [[crowd.text(option) for option in crowd.inside(menu, "option")] for menu in crowd.all("select")]
    assert menus == [[f"c{number:02}" for number in range(15)]] * 4
    assert len(table_of(crowd, "Full corpus, Primary site: scores of every class")[0]) == 4 + 17
    assert len(table_of(crowd, "Full corpus, Primary site: accuracy by cell line")[0]) == 2 + 17
    assert "The menu offers" not in visible(page)


def test_macro_f1_is_not_said_to_be_the_mean_of_the_pooled_bars(page: Page) -> None:
    assert "mean of these bars may differ" in visible(page)


def test_the_top_classes_are_told_what_ties_do(page: Page) -> None:
    scores = made_up().scores.assign(top3_accuracy=0.5)
    assert "taken in random order, and the expected value" in visible(Page(render(made_up(scores=scores))))


def test_parts_of_a_benchmark_have_a_table_each(page: Page) -> None:
    assert table_of(page, "Full corpus, Primary site: accuracy by cell line") == [
        ["PC3", "15", "90.0", "50.0"],
        [MALICIOUS, "5", "70.0", "–"],
    ]
    assert table_of(page, "Full corpus, Primary site: accuracy by dose")[1] == ["none given", "8", "70.0", "–"]
    assert "accuracy by time" not in visible(page)


def test_graphs_are_counted_each_in_a_row(page: Page) -> None:
    assert table_of(page, "Gene graphs on the landmarks") == [
        ["RegNetwork", "839", "2,748", "1", "1", "839", "139", "4.0", "103"],
        [MALICIOUS, "1,000", "1,400", "3", "2", "700", "178", "1.5", "12"],
    ]


def test_pyramids_are_counted_level_by_level_each_in_a_row_of_its_own(page: Page) -> None:
    assert table_of(page, "Vertices of every level of the stored pyramids") == [
        ["RegNetwork", "published", "2,400", "1,200", "600"],
        ["RegNetwork", "compact", "840", "420", "210"],
        [MALICIOUS, "compact", "801", "800", "–"],  # it has one level less
        ["RegNetwork", "published", "64", "32", "16"],  # another graph of the same label
    ]
    heads = [page.text(head) for head in page.all("th")]
    assert [head for head in heads if head.startswith("Level")] == ["Level 0", "Level 1", "Level 2"]


@pytest.mark.parametrize("missing", [("graphs",), ("coarsenings",), ("graphs", "coarsenings")])
def test_a_run_without_graphs_says_so(page: Page, missing: tuple[str, ...]) -> None:
    sentence = "No classifier of this run uses a graph."
    without = Page(render(made_up(**dict.fromkeys(missing))))
    assert sentence in visible(without)
    assert sentence not in visible(page)
    assert len(without.all("table")) == len(page.all("table")) - 2


def test_graphs_stand_in_their_section_and_the_sections_before_the_block_of_the_run(page: Page) -> None:
    (section,) = [place for place in page.all("section") if page.elements[place][1].get("id") == "graphs"]
    assert len(page.inside(section, "table")) == 2
    assert list(SECTIONS).index("splits") < list(SECTIONS).index("graphs") < list(SECTIONS).index("run")


def test_the_first_box_says_how_much_was_run() -> None:
    assert effort_rows(made_up()) == [
        ("Grid", "2 benchmarks × 3 classifiers, 4 of 6 pairs, 1 from outside"),
        ("Settings tried per classifier and benchmark", "3"),
    ]
    settings = made_up().settings
    more = settings.merge(settings.assign(classifier="linear", n_trials=20), how="outer")
    assert effort_rows(made_up(settings=more, external=()))[0][1] == "2 benchmarks × 3 classifiers, 4 of 6 pairs"
    site = made_up(scores=only(made_up().scores, ("full", "site")), external=())
    assert effort_rows(site)[0][1] == "1 benchmark × 3 classifiers"
    assert effort_rows(made_up(settings=more))[1][1] == "3 to 20"
    unscored = pd.concat([settings, settings.assign(task="subtype", params=None)])
    grid = effort_rows(made_up(settings=unscored, external=()))[0][1]
    assert grid == "3 benchmarks × 3 classifiers, 5 of 9 pairs"  # one of them without any score


def test_budgets_are_listed_where_they_are_known() -> None:
    run, splits = RunDescription("base", {}, [], [], 2), made_up().splits
    assert "Budgets" not in dict(about_rows(run, splits))
    run = RunDescription("base", {}, [], [], 2, {"trees": 60, "epochs": 30})
    assert dict(about_rows(run, splits))["Budgets"] == "epochs 30, trees 60"


def test_the_first_box_lists_the_parameters_of_every_split_scheme_as_they_were_used() -> None:
    splits = made_up().splits
    run = RunDescription("base", {"full": "Full corpus"}, [], [], 2)
    rows = dict(about_rows(run, splits))
    assert (rows["Split: folds"], rows["Split: compounds"]) == ("n_folds 2, seed 7", "n_folds 2, seed 7")
    other = splits.assign(dataset="l4", parameters="n_folds 15, seed 7")
    rows = dict(about_rows(run, pd.concat([splits, other, other.assign(dataset="l5")])))
    assert rows["Split: folds"] == "n_folds 2, seed 7 (Full corpus); n_folds 15, seed 7 (l4 and l5)"


def test_remarks_on_splits_name_theirs_where_there_are_several() -> None:
    folds: dict[str, Any] = {"label": "Folds", "params": {}, "remark": "Folds are dealt per profile."}
    plates: dict[str, Any] = {"label": "Plates", "params": {"seed": 3}, "remark": None}
    corpus = {"label": "Made up", "kind": "synthetic", "remark": "It is made up.", "generator": None}
    one, both = (RunDescription("base", {}, [corpus], splits, 2) for splits in ([folds], [folds, plates]))
    assert remarks(one, "Why.") == ["It is made up.", "Folds are dealt per profile.", "Why."]
    assert remarks(both, "Why.") == ["It is made up.", "Folds: Folds are dealt per profile.", "Why."]
    assert seed_rows(both) == [("Folds: Plates", "3")]


def test_uneven_tuning_is_remarked_on() -> None:
    one = made_up().settings
    assert effort_remarks(made_up()) == []  # one classifier
    baseline = one.assign(classifier="majority", n_trials=1)
    assert effort_remarks(made_up(settings=pd.concat([one, baseline]))) == []  # which has nothing to tune
    more = pd.concat([one, one.assign(classifier="svm", n_trials=20), one.assign(task="moa", n_trials=1)])
    (sentence,) = effort_remarks(made_up(settings=more))
    assert "between 3 and 20 settings were tried on one benchmark" in sentence
    assert sentence in render(made_up(settings=more))
