"""Plotly figures of the report: horizontal bars, one panel per benchmark, legible on light and dark pages."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from l1000_bench.report.content import Benchmark, benchmarks_of, display, only, title_of
from l1000_bench.report.sections import ranked_classes
from l1000_bench.report.tables import summarise_scores
from l1000_bench.report.wording import mean_std

# Legible on white and on near-black alike; the page puts its own text colour in the place of this one.
INK = "#767F8A"
GRID = "rgba(128, 128, 128, 0.3)"
# Hues told apart in all common kinds of colour blindness (after Okabe and Ito, 2008), each darkened or lightened
# until it stands out at least 3 : 1 from both a white and a near-black page.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B8860B", "#3A93C9", "#7A68C8")
BASELINE_COLOUR = "#7F7F7F"
BASELINE = "majority"  # the classifier whose raw name holds this word is the baseline

_LABEL_LENGTH = 24  # the head and the tail of longer names stay, since names of one kind differ in either
_LABEL_TAIL = 10
_CHARACTER_PX = 6.6
_PANEL_HEAD_PX = 72
_FOOT_PX = 48
_LEGEND_PX = 26


@dataclass(frozen=True)
class Panels:
    """Where the panels of a figure stand: one per benchmark, as tall as it has bars."""

    benchmarks: Sequence[Benchmark]
    bars: Sequence[int]
    bar_px: int

    @property
    def plot_px(self) -> float:
        """Height of all panels and the gaps between them."""
        return self.bar_px * sum(self.bars) + _PANEL_HEAD_PX * (len(self.bars) - 1)


def accuracy_figure(scores: pd.DataFrame, names: Mapping[str, str]) -> go.Figure:
    """Draw the mean test accuracy of every classifier with its standard deviation over rotations.

    Args:
        scores: As in `ReportContent.scores` (fractions).
        names: Display names.

    Returns:
        One panel per benchmark, a bar per classifier (percent), a dashed line at the majority class baseline.
    """
    summary = summarise_scores(scores)
    summary = summary[summary["accuracy_mean"].notna()]
    colours = _colours(list(dict.fromkeys(summary["classifier"])))
    parts = [only(summary, benchmark) for benchmark in benchmarks_of(summary)]
    panels = Panels(benchmarks_of(summary), [len(part) for part in parts], bar_px=30)
    figure = _empty(panels, [display(names, name) for name in colours], names)
    for number, part in enumerate(parts, start=1):
        figure.add_trace(_accuracy_bars(part, colours, names), row=number, col=1)
        _name_bars(figure, number, [(name, display(names, name)) for name in part["classifier"]])
        for mean in part.loc[_is_baseline(part["classifier"]), "accuracy_mean"].head(1):
            _add_baseline(figure, number, float(mean))
    figure.update_xaxes(range=[0, 100], title_text="test accuracy (%)")
    _make_room_for_legend(figure)
    return figure


def class_count_figure(class_counts: pd.DataFrame, names: Mapping[str, str]) -> go.Figure:
    """Draw the samples of every class.

    Args:
        class_counts: As in `ReportContent.class_counts`.
        names: Display names.

    Returns:
        One panel per benchmark, a bar per class, the largest first.
    """
    benchmarks = benchmarks_of(class_counts)
    parts = [ranked_classes(only(class_counts, benchmark)) for benchmark in benchmarks]
    panels = Panels(benchmarks, [len(part) for part in parts], bar_px=20)
    figure = _empty(panels, [str(label) for label in class_counts["label"]], names)
    for number, part in enumerate(parts, start=1):
        labels = [str(label) for label in part["label"]]
        bars = go.Bar(
            x=[int(n) for n in part["n_samples"]],
            y=[html.escape(label) for label in labels],
            orientation="h",
            marker={"color": PALETTE[0]},
            hovertemplate="%{y}: %{x:,} samples<extra></extra>",
            showlegend=False,
        )
        figure.add_trace(bars, row=number, col=1)
        _name_bars(figure, number, [(label, label) for label in labels])
    figure.update_xaxes(rangemode="tozero", title_text="samples", tickformat="~s", nticks=5, tickangle=0)
    return figure


def _colours(classifiers: Sequence[str]) -> dict[str, str]:
    """Give every classifier its colour, by its place among all that are not the baseline."""
    others = [name for name in classifiers if BASELINE not in name.casefold()]
    colours = {name: PALETTE[place % len(PALETTE)] for place, name in enumerate(others)}
    return {name: colours.get(name, BASELINE_COLOUR) for name in classifiers}


def _is_baseline(classifiers: pd.Series) -> list[bool]:
    return [BASELINE in str(name).casefold() for name in classifiers]


def _accuracy_bars(part: pd.DataFrame, colours: Mapping[str, str], names: Mapping[str, str]) -> go.Bar:
    stds = [None if math.isnan(std) else round(float(std), 4) for std in part["accuracy_std"]]
    return go.Bar(
        x=[round(float(mean), 4) for mean in part["accuracy_mean"]],
        y=[html.escape(name) for name in part["classifier"]],
        orientation="h",
        marker={"color": [colours[name] for name in part["classifier"]]},
        error_x={"type": "data", "array": stds, "color": INK, "thickness": 1.5, "width": 4},
        customdata=[
            f"{html.escape(display(names, name))}: {mean_std(mean, std)} %"
            for name, mean, std in zip(part["classifier"], part["accuracy_mean"], part["accuracy_std"], strict=True)
        ],
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )


def _empty(panels: Panels, labels: Sequence[str], names: Mapping[str, str]) -> go.Figure:
    """Stack one panel per benchmark, titles at the left edge, margins wide enough for the longest label."""
    count = max(len(panels.bars), 1)
    figure = make_subplots(
        rows=count,
        row_heights=list(panels.bars) or None,
        vertical_spacing=_PANEL_HEAD_PX / panels.plot_px if count > 1 else 0,
    )
    left = 16 + _CHARACTER_PX * max((len(_shortened(label)) for label in labels), default=0)
    figure.update_layout(
        template=go.layout.Template(),
        height=round(panels.plot_px) + 30 + _FOOT_PX,
        margin={"l": round(left), "r": 14, "t": 30, "b": _FOOT_PX},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "size": 12, "family": "system-ui, sans-serif"},
        bargap=0.28,
        dragmode=False,
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": INK, "activecolor": INK},
        legend={"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
    )
    figure.update_xaxes(gridcolor=GRID, zerolinecolor=GRID, fixedrange=True, title_standoff=6, title_font_size=12)
    figure.update_yaxes(
        type="category",
        autorange="reversed",
        fixedrange=True,
        showgrid=False,
        zeroline=False,
        tickfont_size=11,
        ticks="outside",
        ticklen=5,
        tickcolor="rgba(0,0,0,0)",
    )
    for number, benchmark in enumerate(panels.benchmarks, start=1):
        _add_title(figure, number, title_of(names, benchmark), left)
    return figure


def _add_title(figure: go.Figure, number: int, title: str, left: float) -> None:
    top = figure.layout["yaxis" if number == 1 else f"yaxis{number}"].domain[1]
    figure.add_annotation(
        text=f"<b>{html.escape(title)}</b>",
        **{"x": 0, "xref": "paper", "xanchor": "left", "xshift": -left + 4},
        **{"y": top, "yref": "paper", "yanchor": "bottom", "yshift": 5},
        showarrow=False,
        align="left",
    )


def _name_bars(figure: go.Figure, number: int, named: Sequence[tuple[str, str]]) -> None:
    """Label the bars of a panel, long names cut, while the full raw names keep equal cuts apart."""
    figure.update_yaxes(
        tickmode="array",
        tickvals=[html.escape(raw) for raw, _ in named],
        ticktext=[html.escape(_shortened(shown)) for _, shown in named],
        row=number,
        col=1,
    )


def _shortened(label: str) -> str:
    if len(label) <= _LABEL_LENGTH:
        return label
    return f"{label[: _LABEL_LENGTH - _LABEL_TAIL - 1].rstrip()}…{label[-_LABEL_TAIL:].lstrip()}"


def _add_baseline(figure: go.Figure, number: int, mean: float) -> None:
    """Draw the baseline of a panel; the first panel's line stands in the legend for all."""
    is_first = not any(shape.showlegend for shape in figure.layout.shapes)
    figure.add_vline(
        x=mean,
        line={"color": INK, "width": 1.5, "dash": "dash"},
        name="majority class baseline",
        showlegend=is_first,
        row=number,
        col=1,
    )


def _make_room_for_legend(figure: go.Figure) -> None:
    if figure.layout.shapes:
        bottom, height = figure.layout.margin.b + _LEGEND_PX, figure.layout.height + _LEGEND_PX
        figure.update_layout(margin_b=bottom, height=height)
