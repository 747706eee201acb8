"""Bars of the mean test accuracy, and the same against the time of a fit."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from l1000_bench.report.content import benchmarks_of, only, title_of
from l1000_bench.report.figures.style import (
    BASELINE,
    INK,
    Look,
    bare,
    label_px,
    looks,
    name_rows,
    rounded,
    shortened,
)
from l1000_bench.report.names import display
from l1000_bench.report.tables import summarise_scores
from l1000_bench.report.wording import decimal, mean_std

_BAR_PX = 30
_TITLE_PX = 72  # between two panels, with the axis of the upper and the title of the lower
_LEGEND_PX = 26


def accuracy_figure(scores: pd.DataFrame, names: Mapping[str, str]) -> go.Figure:
    """Draw the mean test accuracy of every classifier on all benchmarks, one panel each.

    Args:
        scores: As in `ReportContent.scores` (fractions).
        names: Display names.

    Returns:
        A bar per classifier (percent) with its standard deviation over rotations, a dashed line at the baseline.
    """
    summary = summarise_scores(scores)
    given = looks(list(dict.fromkeys(summary["classifier"])))
    benchmarks = benchmarks_of(summary)
    plots = [accuracy_bars(only(summary, benchmark), given, names) for benchmark in benchmarks]
    return _stacked(plots, [title_of(names, benchmark) for benchmark in benchmarks])


def accuracy_bars(summary: pd.DataFrame, given: Mapping[str, Look], names: Mapping[str, str]) -> go.Figure:
    """Draw the bars of one benchmark.

    Args:
        summary: Its rows of `summarise_scores` (percent); the highest comes first, those without a test score are left
            out.
        given: The classifiers' looks.
        names: Display names.
    """
    part = summary[summary["accuracy_mean"].notna()].sort_values("accuracy_mean", ascending=False, kind="stable")
    shown = [display(names, name) for name in part["classifier"]]
    figure = bare(_BAR_PX * len(part) + 58, label_px([shortened(display(names, name)) for name in given]))
    figure.add_trace(
        go.Bar(
            x=rounded(part["accuracy_mean"], 4),
            y=list(range(len(part))),
            orientation="h",
            marker={"color": [given[name].colour for name in part["classifier"]]},
            error_x={"type": "data", "array": _deviations(part), "color": INK, "thickness": 1.5, "width": 4},
            customdata=_hover(part, shown),
            hovertemplate="%{customdata}<extra></extra>",
            showlegend=False,
        )
    )
    name_rows(figure, [shortened(name) for name in shown])
    for mean in part.loc[part["classifier"] == BASELINE, "accuracy_mean"]:
        figure.add_vline(x=float(mean), line={"color": INK, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(range=[0, 100], title_text="test accuracy (%)")
    return figure


def _deviations(part: pd.DataFrame) -> list[float | None]:
    return [None if math.isnan(std) else round(float(std), 4) for std in part["accuracy_std"]]


def _hover(part: pd.DataFrame, shown: Sequence[str]) -> list[str]:
    scores = zip(shown, part["accuracy_mean"], part["accuracy_std"], strict=True)
    return [f"{html.escape(name)}: {mean_std(mean, std)} %" for name, mean, std in scores]


def _stacked(plots: Sequence[go.Figure], titles: Sequence[str]) -> go.Figure:
    """Put plots of one axis pair each below one another, each under its title, the baseline once in the legend."""
    heights = [plot.layout.height - plot.layout.margin.t - plot.layout.margin.b for plot in plots]
    count, total = max(len(plots), 1), sum(heights) + _TITLE_PX * (len(plots) - 1)
    gap = _TITLE_PX / total if count > 1 else 0
    figure = make_subplots(count, 1, row_heights=heights or None, vertical_spacing=gap)
    left = max((plot.layout.margin.l for plot in plots), default=0)
    bottom = 48 + _LEGEND_PX
    figure.update_layout(
        bare(max(total, 0) + 30 + bottom, left, bottom, 30).layout.to_plotly_json() | {"showlegend": True}
    )
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"})
    for row, (plot, title) in enumerate(zip(plots, titles, strict=True), start=1):
        for trace in plot.data:
            figure.add_trace(trace, row=row, col=1)
        figure.update_xaxes(plot.layout.xaxis.to_plotly_json(), row=row, col=1)
        figure.update_yaxes(plot.layout.yaxis.to_plotly_json(), row=row, col=1)
        for shape in plot.layout.shapes:
            is_first = not figure.layout.shapes
            figure.add_vline(
                x=shape.x0, line=shape.line, name="majority class baseline", showlegend=is_first, row=row, col=1
            )
        _add_title(figure, row, title, left)
    return figure


def _add_title(figure: go.Figure, row: int, title: str, left: float) -> None:
    top = figure.layout["yaxis" if row == 1 else f"yaxis{row}"].domain[1]
    figure.add_annotation(
        text=f"<b>{html.escape(title)}</b>",
        **{"x": 0, "xref": "paper", "xanchor": "left", "xshift": -left + 4},
        **{"y": top, "yref": "paper", "yanchor": "bottom", "yshift": 5},
        showarrow=False,
        align="left",
    )


def compute_points(
    summary: pd.DataFrame, costs: pd.DataFrame, given: Mapping[str, Look], names: Mapping[str, str]
) -> go.Figure | None:
    """Draw the mean test accuracy of one benchmark against the seconds of a rotation, on a logarithmic axis.

    Args:
        summary: Its rows of `summarise_scores` (percent).
        costs: Its rows of `ReportContent.costs`.
        given: The classifiers' looks.
        names: Display names.

    Returns:
        A point per classifier with a score and a measured time, that bears its raw name; None where there is none.
    """
    seconds = costs["fit_seconds"] + costs["predict_seconds"]
    both = summary.merge(costs.assign(seconds=seconds)[["classifier", "seconds"]], on="classifier")
    both = both[both["accuracy_mean"].notna() & (both["seconds"] > 0)]
    if both.empty:
        return None
    figure = bare(300)
    for name, mean, taken in both[["classifier", "accuracy_mean", "seconds"]].itertuples(index=False):
        said = f"{html.escape(display(names, name))}: {decimal(mean, 1)} % in {taken:.3g} s"
        figure.add_scatter(
            x=[float(f"{taken:.4g}")],
            y=[round(float(mean), 2)],
            name=name,
            mode="markers",
            marker={"color": given[name].colour, "symbol": given[name].symbol, "size": 11},
            hovertemplate=f"{said}<extra></extra>",
        )
    figure.update_xaxes(type="log", title_text="seconds per rotation", dtick=1)
    figure.update_yaxes(title_text="test accuracy (%)", rangemode="tozero")
    return figure
