"""Table V of anybody's corpora: subjects that were never trained on."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest
from paper_run import MEANS, WEST, frame, groups, run, texts

from l1000_bench.report.paper_layout import PaperLayout
from l1000_bench.report.paper_tables import PaperTables, paper_tables

LAYOUT = PaperLayout(results={"IV": ["*.drug"]}, generalisation={"V": {"benchmark": "*.unseen", "against": "*.drug"}})
UNTESTED = "Subjects that are trained on and never tested, if any, are told with the splits."


@pytest.fixture(scope="module")
def made() -> PaperTables:
    return paper_tables(run([*MEANS, *WEST]), LAYOUT)


def test_every_benchmark_has_its_own_relative_drop(made: PaperTables) -> None:
    table = made.tables["V"]
    assert "relative drop: accuracy lost against Drug of the same dataset, in percent of it" in table.caption
    rows = {row[0]: (row[3], row[6]) for row in texts(table)}
    # (50 - 45) / 50 and (80 - 60) / 80; (40 - 30) / 40 and not run on West per sample; nothing to lose; (64 - 48) / 64
    assert rows == {"GCNN": ("10.0", "25.0"), "KNN": ("25.0", "–"), "Linear": ("–", "–"), "Forest": ("–", "25.0")}
    assert [column.head for column in table.columns][1:] == ["Accuracy", "Macro-F1", "Relative drop (%)"] * 2
    assert table.notes[-2:] == ("Settings are those of the search on Drug of the same dataset.", UNTESTED)


def test_a_benchmark_without_its_folds_per_sample_has_no_drop_beside_one_that_has() -> None:
    made = paper_tables(run([("l4", "drug"), ("l4", "unseen"), ("west_l4", "unseen")]), LAYOUT)
    table = made.tables["V"]
    assert groups(table) == [("", 1), ("Lab, Level 4", 3), ("West, Level 4", 2)]
    assert "accuracy lost against Lab, Level 4, Drug, in percent of it" in table.caption
    assert made.left_out.endswith("is left out: the drop against west_l4.drug of Table V.")


def test_settings_that_are_not_those_of_the_search_per_sample_are_named() -> None:
    content = run([*MEANS, *WEST])
    settings = content.settings
    unseen = settings["task"] == "unseen"

    def note(changed: pd.Series, params: str | None) -> tuple[str, ...]:
        other = settings.assign(params=settings["params"].mask(changed, params))
        return paper_tables(dataclasses.replace(content, settings=other), LAYOUT).tables["V"].notes[1:]

    words = "the search on Drug of the same dataset"
    lab_knn = unseen & (settings["classifier"] == "knn") & (settings["dataset"] == "l4")
    assert note(lab_knn, "{}") == (f"Settings are those of {words}, but for KNN (Lab, Level 4).", UNTESTED)
    spaced = '{"metric":"canberra",  "reg_param": 0.5}'  # the same, written otherwise
    assert note(unseen, spaced) == (f"Settings are those of {words}.", UNTESTED)
    assert note(unseen, "{}") == (f"No setting is that of {words}.", UNTESTED)
    assert note(unseen, None) == (UNTESTED,)


def test_a_search_is_spoken_of_only_where_there_was_one() -> None:
    content = run([*MEANS, *WEST])
    settings = content.settings
    lab, drug = settings["dataset"] == "l4", settings["task"] == "drug"

    def notes(**changed: pd.Series) -> tuple[str, ...]:
        other = dataclasses.replace(content, settings=settings.assign(**changed))
        return paper_tables(other, LAYOUT).tables["V"].notes[1:-1]

    given = "settings are those of the classifiers' files"
    once = settings["n_trials"].mask(drug, 1)
    assert notes(n_trials=once) == (f"Nothing was searched on Drug of the same dataset: {given}, the same here.",)
    knn = settings["params"].mask((settings["task"] == "unseen") & lab & (settings["classifier"] == "knn"), "{}")
    assert notes(n_trials=once, params=knn) == (
        f"Nothing was searched on Drug of the same dataset: {given}, the same here, but for KNN (Lab, Level 4).",
    )
    others = settings["params"].mask(settings["task"] == "unseen", "{}")
    assert notes(n_trials=once, params=others) == (
        f"Nothing was searched on Drug of the same dataset: {given}, and others here.",
    )
    # One of the two datasets was searched; that something was searched where it is unseen does not matter.
    assert notes(n_trials=settings["n_trials"].mask(drug & lab, 1)) == (
        "Settings are those of the search on West, Level 4, Drug.",
        f"Nothing was searched on Lab, Level 4, Drug: {given}, the same here.",
    )
    mixed = once.mask(drug & (settings["classifier"] == "gcnn"), 2)  # the baseline always has one
    assert notes(n_trials=mixed) == ("Settings are those of the search on Drug of the same dataset.",)


def test_the_training_parts_of_every_dataset_stand_below_the_table() -> None:
    benchmarks = [("l4", "unseen"), ("l4", "drug"), ("west_l4", "unseen"), ("west_l4", "drug")]
    rows = [{"dataset": d, "task": t, "n_trained": n} for (d, t), n in zip(benchmarks, (50, 90, 80, 80), strict=True)]
    content = run([*MEANS, *WEST], splits=frame("splits", rows))
    assert paper_tables(content, LAYOUT).tables["V"].notes[2:-1] == (
        "Lab, Level 4: In a rotation 50 samples train here on average and 90 on Drug, so that a part of any drop may "
        "come from that.",
        "West, Level 4: In a rotation 80 samples train here on average and 80 on Drug.",
    )
    one = run([*benchmarks[:2]], splits=frame("splits", rows))
    assert paper_tables(one, LAYOUT).tables["V"].notes[-2].startswith("In a rotation 50 samples train here on average")


def test_where_all_stepped_aside_the_table_has_dashes_and_no_drop() -> None:
    content = run([("l4", "drug"), ("l4", "unseen")])
    unseen = content.settings["task"] == "unseen"
    settings = content.settings.assign(
        params=content.settings["params"].mask(unseen), aside=unseen.map({True: "too many profiles", False: None})
    )
    scores = content.scores[content.scores["task"] != "unseen"]
    made = paper_tables(dataclasses.replace(content, scores=scores, settings=settings), LAYOUT)
    assert texts(made.tables["V"]) == [[name, "–¶", "–¶", "–"] for name in ("GCNN", "KNN", "Linear")]
    assert made.tables["V"].notes == ("¶ stepped aside: it was not run on this benchmark.", UNTESTED)
    assert made.left_out == ""


@pytest.mark.parametrize(
    ("has_dev", "said"), [(True, "best hyper-parameters by"), (False, "which were not chosen here")]
)
def test_settings_without_any_score_are_told_by_the_split(has_dev: bool, said: str) -> None:
    splits = frame("splits", [{"dataset": "l4", "task": "unseen", "has_dev": has_dev}])
    content = run([("l4", "unseen")], splits=splits)
    empty = dataclasses.replace(content, scores=content.scores.iloc[:0])
    made = paper_tables(empty, PaperLayout(settings={"VI": "l4.unseen"}))
    assert said in made.tables["VI"].caption
