from __future__ import annotations

import itertools

import pytest
from report_content import MALICIOUS, frame, made_up, score_rows

from l1000_bench.report.figures import BASELINE_COLOUR, INK, PALETTE, accuracy_figure, class_count_figure


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb` by the formula of WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_bars_are_percent_means_with_deviations() -> None:
    figure = accuracy_figure(score_rows(), {"knn": "KNN"})
    site, moa = figure.data
    assert site.orientation == "h"
    assert site.x == pytest.approx((85, 80, 25))
    assert site.error_x.array == pytest.approx((7.0711, 0, 7.0711))
    assert site.y == ("knn", "linear", "majority")
    assert moa.x == pytest.approx((45,))
    assert figure.layout.yaxis.ticktext == ("KNN", "linear", "majority")


def test_a_classifier_has_one_colour_in_all_panels() -> None:
    site, moa = accuracy_figure(score_rows(), {}).data
    assert site.marker.color == (PALETTE[0], PALETTE[1], BASELINE_COLOUR)
    assert moa.marker.color == (PALETTE[0],)


def test_the_majority_baseline_is_a_line_of_its_panel_and_once_in_the_legend() -> None:
    scores = score_rows()
    other = scores[scores["task"] == "site"].assign(task="other")
    other.loc[other["classifier"] == "majority", "accuracy"] = 0.4
    figure = accuracy_figure(scores.merge(other, how="outer", sort=False), {})
    assert sorted(round(shape.x0, 6) for shape in figure.layout.shapes) == [25, 40]
    assert [shape.showlegend for shape in figure.layout.shapes] == [True, False]


def test_one_rotation_draws_no_deviation() -> None:
    scores = score_rows()
    assert accuracy_figure(scores[scores["rotation"] == 0], {}).data[0].error_x.array == (None, None, None)


def test_classes_run_from_the_largest_to_the_smallest() -> None:
    figure = class_count_figure(made_up().class_counts, {})
    assert figure.data[0].x == (900, 334)
    assert figure.data[0].y[0] == "lung"


def test_no_label_reaches_the_drawing_as_markup() -> None:
    figure = class_count_figure(made_up().class_counts, {"full": "<b>full</b>"})
    drawn = [*figure.data[0].y, *figure.layout.yaxis.ticktext, figure.layout.annotations[0].text]
    assert MALICIOUS not in drawn
    assert not [text for text in drawn if "<img" in text or "</script" in text or "<b>full" in text]
    assert "</script" not in figure.to_json()


def test_long_names_keep_head_and_tail_and_stay_apart() -> None:
    names = ["Glucocorticoid receptor agonist", "Glucocorticoid receptor antagonist"]
    counts = frame("class_counts", [("full", "moa", name, 5) for name in names])
    axis = class_count_figure(counts, {}).layout.yaxis
    assert axis.ticktext == ("Glucocorticoi…or agonist", "Glucocorticoi…antagonist")
    assert axis.tickvals == tuple(names)


def test_figures_are_clear_through_and_grow_with_their_bars() -> None:
    small, large = (class_count_figure(frame("class_counts", rows), {}) for rows in (_rows(3), _rows(30)))
    assert small.layout.paper_bgcolor == small.layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert large.layout.height - small.layout.height == 27 * 20


def _rows(n: int) -> list[tuple[str, str, str, int]]:
    return [("full", "moa", f"class {number}", number + 1) for number in range(n)]


def test_colours_stand_out_on_light_and_dark_pages() -> None:
    for colour, page in itertools.product((*PALETTE, BASELINE_COLOUR, INK), ("#ffffff", "#15181c")):
        assert contrast(colour, page) >= 3
