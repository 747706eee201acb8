from __future__ import annotations

import itertools

import pandas as pd
import pytest
from colours import contrast
from report_content import MALICIOUS, frame, made_up, score_rows

from l1000_bench.report.content import only
from l1000_bench.report.figures import accuracy_figure
from l1000_bench.report.figures.accuracy import accuracy_bars, compute_points
from l1000_bench.report.figures.classes import class_counts_bars
from l1000_bench.report.figures.style import BASELINE_COLOUR, DASHES, INK, PALETTE, looks, shortened
from l1000_bench.report.tables import summarise_scores


def test_bars_are_percent_means_with_deviations_the_highest_first() -> None:
    figure = accuracy_figure(score_rows(), {"knn": "KNN"})
    site, moa = figure.data
    assert site.orientation == "h"
    assert site.x == pytest.approx((85, 80, 25))
    assert site.error_x.array == pytest.approx((7.0711, 0, 7.0711))
    assert figure.layout.yaxis.ticktext == ("KNN", "linear", "majority")
    assert moa.x == pytest.approx((45,))
    swapped = score_rows().replace({"classifier": {"knn": "linear", "linear": "knn"}})
    assert accuracy_figure(swapped, {}).layout.yaxis.ticktext == ("linear", "knn", "majority")


def test_a_classifier_has_one_colour_in_all_panels() -> None:
    site, moa = accuracy_figure(score_rows(), {}).data
    assert site.marker.color == (PALETTE[0], PALETTE[1], BASELINE_COLOUR)
    assert moa.marker.color == (PALETTE[0],)


def test_many_classifiers_share_colours_but_no_looks() -> None:
    given = looks([f"c{number}" for number in range(len(PALETTE) * len(DASHES))])
    assert len(set(given.values())) == len(given)
    assert given["c7"].colour == given["c0"].colour
    assert (given["c0"].dash, given["c7"].dash) == ("solid", "dash")


def test_the_majority_baseline_is_a_line_of_its_panel_and_once_in_the_legend() -> None:
    scores = score_rows()
    other = scores[scores["task"] == "site"].assign(task="other")
    other.loc[other["classifier"] == "majority", "accuracy"] = 0.4
    figure = accuracy_figure(pd.concat([scores, other]), {})
    assert sorted(round(shape.x0, 6) for shape in figure.layout.shapes) == [25, 40]
    assert [shape.showlegend for shape in figure.layout.shapes] == [True, False]
    assert [shape.xref for shape in figure.layout.shapes] == ["x", "x3"]


def test_a_classifier_with_majority_in_its_name_is_no_baseline() -> None:
    scores = score_rows().replace({"classifier": {"majority": "majority_of_trees"}})
    figure = accuracy_figure(scores, {})
    assert not figure.layout.shapes
    assert BASELINE_COLOUR not in figure.data[0].marker.color


def test_one_rotation_draws_no_deviation() -> None:
    scores = score_rows()
    assert accuracy_figure(scores[scores["rotation"] == 0], {}).data[0].error_x.array == (None, None, None)


def test_accuracy_against_seconds_leaves_out_what_was_not_timed() -> None:
    summary = only(summarise_scores(score_rows()), ("full", "site"))
    costs = frame("costs", [("full", "site", "knn", 12.5, 1, 1), ("full", "site", "linear", 0.0, 0.0, 1)])
    given = looks(["knn", "linear", "majority"])
    figure = compute_points(summary, costs, given, {"knn": "<b>KNN"})
    assert figure is not None
    (point,) = figure.data  # linear took no time that could be measured, majority has none
    assert (point.x, point.y) == ((13.5,), (85.0,))
    assert point.hovertemplate == "&lt;b&gt;KNN: 85.0 % in 13.5 s<extra></extra>"
    assert figure.layout.xaxis.type == "log"
    assert compute_points(summary, costs.iloc[:0], given, {}) is None


def test_classes_run_from_the_largest_to_the_smallest() -> None:
    plot = class_counts_bars(only(made_up().class_counts, ("full", "site")), "")
    assert plot.figure.data[0].x == (900, 334)
    assert plot.figure.layout.yaxis.ticktext[0] == "lung"


def test_no_label_reaches_the_drawing_as_markup() -> None:
    figure = class_counts_bars(only(made_up().class_counts, ("full", "site")), "").figure
    drawn = [*figure.data[0].text, *figure.layout.yaxis.ticktext]
    assert MALICIOUS not in drawn
    assert not [text for text in drawn if "<img" in text or "</script" in text]
    assert "</script" not in figure.to_json()
    titles = accuracy_figure(score_rows(), {"full": "<b>full</b>"}).layout.annotations
    assert "<b>full" not in titles[0].text.removeprefix("<b>")


def test_long_names_keep_head_and_tail() -> None:
    assert shortened("Glucocorticoid receptor agonist") == "Glucocorticoi…or agonist"
    assert shortened("Glucocorticoid receptor antagonist") == "Glucocorticoi…antagonist"
    assert shortened("exactly twenty-four long") == "exactly twenty-four long"


def test_figures_are_clear_through_and_grow_with_their_bars() -> None:
    small, large = (class_counts_bars(frame("class_counts", rows), "").figure for rows in (_rows(3), _rows(30)))
    assert small.layout.paper_bgcolor == small.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert large.layout.height - small.layout.height == 27 * 20


def _rows(n: int) -> list[tuple[str, str, str, int]]:
    return [("full", "moa", f"class {number}", number + 1) for number in range(n)]


def test_colours_stand_out_on_light_and_dark_pages() -> None:
    for colour, page in itertools.product((*PALETTE, BASELINE_COLOUR, INK), ("#ffffff", "#15181c")):
        assert contrast(colour, page) >= 3


def test_a_summary_without_scores_draws_nothing() -> None:
    scores = score_rows()
    summary = summarise_scores(scores[scores["role"] == "dev"])
    assert len(accuracy_bars(summary, looks(["knn", "linear", "majority"]), {}).data[0].x) == 0
