from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from colours import blended, contrast
from report_content import MALICIOUS, frame, made_up, optional_tables, rank_rows, trial_rows
from sklearn.metrics import confusion_matrix
from test_report_page import themes

from l1000_bench.report.content import only
from l1000_bench.report.drawings import draw
from l1000_bench.report.figures.classes import class_score_bars, confusion_map, ordered_classes, row_percent
from l1000_bench.report.figures.curves import best_so_far, reliability_curves, search_curves
from l1000_bench.report.figures.parts import breakdown_bars
from l1000_bench.report.figures.pictures import plain_picture
from l1000_bench.report.figures.ranks import rank_diagram, rank_groups
from l1000_bench.report.figures.style import HEAT_SCALE, HEAT_TURN, THEMED, looks

KNN = looks(["knn", "linear", "majority"])


def confusions() -> pd.DataFrame:
    table: pd.DataFrame = optional_tables()["confusions"]
    return table


def test_confusions_are_percent_of_the_true_class() -> None:
    rng = np.random.default_rng(0)
    true, predicted = rng.choice(["a", "b", "c"], (2, 200)).tolist()
    predicted = ["b" if label == "c" else label for label in predicted]  # c is never predicted
    counts = pd.Series(list(zip(true, predicted, strict=True))).value_counts()
    rows = [("full", "site", "knn", a, b, n) for (a, b), n in zip(counts.index.to_list(), counts, strict=True)]
    found = row_percent(frame("confusions", rows), ["a", "b", "c", "d"])
    expected = 100 * confusion_matrix(true, predicted, labels=["a", "b", "c"], normalize="true")
    assert found[:3, :3] == pytest.approx(expected)
    assert not found[3].any() and not found[:, 3].any()  # d has no samples


def test_classes_of_a_confusion_map_run_by_samples_and_end_with_those_only_predicted() -> None:
    assert ordered_classes(confusions()) == ["lung", MALICIOUS, "skin"]  # 12 and 8 samples, and none
    figure = confusion_map(confusions(), ["knn"], "").figure
    cells, numbers = figure.data
    assert list(cells.z) == [[75, 0, 25], [25, 75, 0], [0, 0, 0]]
    assert (numbers.text, numbers.x, numbers.y) == (("75", "25", "25", "75"), (0, 2, 0, 1), (0, 0, 1, 1))
    assert figure.layout.xaxis.ticktext == figure.layout.yaxis.ticktext
    assert "<img" not in figure.to_json()


def test_each_classifier_is_a_choice_of_the_map() -> None:
    both = pd.concat([confusions(), confusions().assign(classifier="linear")])
    figure = confusion_map(both, ["linear", "knn"], "").figure
    assert [trace.meta for trace in figure.data] == [0, 0, 1, 1]


def test_many_classes_have_no_numbers_but_a_scale() -> None:
    rows = [("full", "site", "knn", f"class {n}", f"class {n}", 5) for n in range(20)]
    (cells,) = confusion_map(frame("confusions", rows), ["knn"], "").figure.data
    assert cells.showscale


def test_numbers_in_cells_stand_out_on_light_and_dark_pages() -> None:
    for theme in themes():
        low, middle, high = (theme[THEMED[colour].removeprefix("--")] for _, colour in HEAT_SCALE)
        knee = 100 * HEAT_SCALE[1][0]
        for percent in range(101):
            part = percent / knee if percent <= knee else (percent - knee) / (100 - knee)
            ground = blended(low, middle, part) if percent <= knee else blended(middle, high, part)
            text = theme["on-low" if percent < HEAT_TURN else "on-high"]
            assert contrast(ground, text) >= 4.5, (percent, ground, text)


def test_class_scores_run_by_support() -> None:
    figure = class_score_bars(optional_tables()["class_scores"], ["knn", "linear"], "").figure
    knn, linear = figure.data
    assert knn.x == (78.3, 85.7)
    assert list(map(list, knn.customdata)) == [[81.82, 75.0], [100.0, 75.0]]
    assert linear.x == (54.5, 0.0)
    assert figure.layout.yaxis.ticktext[0] == "lung (12)"


def test_parts_show_accuracy_beside_macro_f1() -> None:
    rows = optional_tables()["breakdowns"]
    figure = breakdown_bars(rows[rows["column"] == "dose"], ["knn"], "").figure
    assert (figure.data[0].x, figure.data[0].customdata) == ((95.0, 70.0), (90.0, 50.0))
    assert figure.layout.yaxis.ticktext == ("10 um (12)", "none given (8)")


def test_the_best_so_far_passes_over_failed_trials() -> None:
    trials = trial_rows()
    best = best_so_far(trials[trials["classifier"] == "knn"])
    # means .55, failed, .8, .3
    assert best.tolist() == pytest.approx([0.55, 0.55, 0.8, 0.8])
    assert best.index.tolist() == [1, 2, 3, 4]


def test_nothing_is_best_before_the_first_complete_trial() -> None:
    trials = trial_rows().query("classifier == 'knn' and trial_id in ['failed', 'better']")
    assert best_so_far(trials).tolist() == pytest.approx([float("nan"), 0.8], nan_ok=True)


def test_a_search_curve_holds_its_steps_and_its_end() -> None:
    figure = search_curves(trial_rows(), KNN, {})
    assert figure is not None
    (line,) = figure.data  # majority has a single trial
    assert (line.x, line.y) == ((1, 3, 4.5), (55.0, 80.0, 80.0))
    assert line.line.shape == "hv"
    assert search_curves(trial_rows().query("classifier == 'majority'"), KNN, {}) is None


def test_trials_without_dev_accuracies_draw_no_curve() -> None:
    trials = trial_rows()
    assert search_curves(trials.assign(dev_accuracy=float("nan")), KNN, {}) is None


def test_reliability_is_percent_with_the_other_classifiers_behind() -> None:
    rows = optional_tables()["reliability"]
    both = pd.concat([rows, rows.assign(classifier="linear")])
    diagonal, faint, knn, linear = reliability_curves(both, ["knn", "linear"]).data
    assert diagonal.x == diagonal.y == (0, 100)
    assert faint.x == (50.0, 97.0, None, 50.0, 97.0, None)
    assert (knn.x, knn.y, knn.customdata, knn.meta) == ((50.0, 97.0), (40.0, 100.0), (5, 15), 0)
    assert linear.meta == 1
    assert knn.marker.size[0] < knn.marker.size[1]


def test_groups_of_ranks_by_hand() -> None:
    ranks = [1.0, 1.8, 2.5, 4.0, 4.2]
    # within 1 of each other: 1.0-1.8, 1.8-2.5, 4.0-4.2
    assert rank_groups(ranks, 1.0) == [(0, 1), (1, 2), (3, 4)]
    assert rank_groups(ranks, 0.8) == [(1, 2), (3, 4)]  # 0.8 apart is apart
    assert rank_groups(ranks, 9.0) == [(0, 4)]
    assert rank_groups(ranks, 0.1) == rank_groups(ranks, float("nan")) == []


def test_groups_of_demsars_example() -> None:
    # Demsar 2006, section 3.2.2: C4.5 tuned in four ways on 14 datasets. At 0.05 (critical difference 1.25) nothing is
    # told apart; at 0.10 (1.12) plain C4.5, 3.143, differs from the two with tuned m, and that with tuned cf is open.
    ranks = [1.964, 2.000, 2.893, 3.143]
    assert rank_groups(ranks, 1.25) == [(0, 3)]
    assert rank_groups(ranks, 1.12) == [(0, 2), (2, 3)]


def test_the_rank_diagram_shows_points_brackets_and_the_ruler() -> None:
    ranks = rank_rows()
    figure = rank_diagram(ranks[ranks["metric"] == "accuracy"], KNN, {"knn": "KNN"})
    assert figure.data[0].x == (1.0, 2.0, 3.0)
    assert figure.layout.yaxis.ticktext == ("KNN", "linear", "majority")
    *brackets, ruler = figure.layout.shapes
    assert [(shape.y0, shape.y1) for shape in brackets] == [(-0.3, 1.3), (0.7, 2.3)]
    assert (ruler.x0, ruler.x1) == (1, 2.5)
    untested = ranks[ranks["metric"] == "accuracy"].assign(critical_difference=float("nan"))
    assert not rank_diagram(untested, KNN, {}).layout.shapes


def test_pictures_lose_their_title_and_template() -> None:
    picture = go.Figure(go.Scatter(x=[0], y=[0]), layout={"title": {"text": "<script>"}})
    plain = plain_picture(picture)
    assert plain.layout.title.text is None
    assert len(plain.to_json()) < 1500
    assert plain.data == picture.data


def test_there_is_a_drawing_for_whatever_a_run_has() -> None:
    drawings = draw(made_up())
    assert all(vars(drawings).values())
    assert [key.text for key in drawings.compute.keys] == ["KNN"]  # type: ignore[union-attr]
    assert [key.text for key in drawings.search.keys] == ["KNN"]  # type: ignore[union-attr]
    assert only(made_up().costs, ("full", "site"))["classifier"].tolist() == ["knn"]
