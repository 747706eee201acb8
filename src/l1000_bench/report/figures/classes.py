"""Figures of the classes: their samples, their scores, and which of them are mistaken for which."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from l1000_bench.report.figures.drawing import Plot
from l1000_bench.report.figures.style import (
    HEAT_SCALE,
    HEAT_TURN,
    PALETTE,
    TEXT_ON_HIGH,
    TEXT_ON_LOW,
    bare,
    label_px,
    name_rows,
    rounded,
    shortened,
)
from l1000_bench.report.sections import ranked_classes

_BAR_PX = 20
_WRITTEN = 14  # classes up to which a heat map's cells show their numbers


def class_counts_bars(class_counts: pd.DataFrame, title: str) -> Plot:
    """Draw the samples of every class of one benchmark, the largest first.

    Args:
        class_counts: Its rows of `ReportContent.class_counts`.
        title: Above the plot.
    """
    part = ranked_classes(class_counts)
    labels = [str(label) for label in part["label"]]
    shown = [shortened(label) for label in labels]
    figure = bare(_BAR_PX * len(part) + 58, label_px(shown))
    figure.add_bar(
        x=[int(n) for n in part["n_samples"]],
        orientation="h",
        marker={"color": PALETTE[0]},
        text=[html.escape(label) for label in labels],
        textposition="none",
        hovertemplate="%{text}: %{x:,} samples<extra></extra>",
    )
    name_rows(figure, shown)
    figure.update_xaxes(rangemode="tozero", title_text="samples", tickformat="~s", nticks=5, tickangle=0)
    return Plot(title, figure)


def class_score_bars(class_scores: pd.DataFrame, classifiers: Sequence[str], title: str) -> Plot:
    """Draw the F1 of every class of one benchmark, the class with the most samples first.

    Args:
        class_scores: Its rows of `ReportContent.class_scores`.
        classifiers: The choices, in their order.
        title: Above the plot.
    """
    support = class_scores.groupby("label", sort=False)["support"].max().rename("n_samples").reset_index()
    ranked = ranked_classes(support)
    labels = [str(label) for label in ranked["label"]]
    shown = [f"{shortened(label)} ({n:,})" for label, n in zip(labels, ranked["n_samples"], strict=True)]
    figure = bare(_BAR_PX * len(labels) + 58, label_px(shown))
    for choice, name in enumerate(classifiers):
        part = class_scores[class_scores["classifier"] == name].set_index("label").reindex(labels)
        figure.add_bar(
            x=rounded(100 * part["f1"].fillna(0), 1),
            orientation="h",
            marker={"color": PALETTE[0]},
            customdata=[rounded(100 * row) for row in part[["precision", "recall"]].fillna(0).to_numpy()],
            hovertemplate=(
                "%{y}<br>F1 %{x:.1f} %, precision %{customdata[0]:.1f} %, recall %{customdata[1]:.1f} %<extra></extra>"
            ),
            meta=choice,
        )
    name_rows(figure, shown)
    figure.update_xaxes(range=[0, 100], title_text="F1 (%)")
    return Plot(title, figure, max_px=760)


def confusion_map(confusions: pd.DataFrame, classifiers: Sequence[str], title: str) -> Plot:
    """Draw which classes of one benchmark are taken for which: of every true class, the percent of every answer.

    Args:
        confusions: Its rows of `ReportContent.confusions`.
        classifiers: The choices, in their order.
        title: Above the plot.
    """
    classes = ordered_classes(confusions)
    cell = 40 if len(classes) <= _WRITTEN else 16
    shown = [shortened(label) for label in classes]
    left = 20 + label_px(shown)  # with the axis's title
    figure = bare(cell * len(classes) + left + 40, left, bottom=left, top=8)
    for choice, name in enumerate(classifiers):
        shares = np.rint(row_percent(confusions[confusions["classifier"] == name], classes)).astype(int)
        figure.add_heatmap(
            z=shares.tolist(),
            **{"zmin": 0, "zmax": 100, "xgap": 1, "ygap": 1},
            colorscale=HEAT_SCALE,
            showscale=len(classes) > _WRITTEN,
            colorbar={"thickness": 10, "outlinewidth": 0, "ticksuffix": " %", "nticks": 5},
            hovertemplate="%{z} % of %{y}<br>predicted as %{x}<extra></extra>",
            meta=choice,
        )
        if len(classes) <= _WRITTEN:
            figure.add_trace(_cell_numbers(shares).update(meta=choice))
    _name_cells(figure, shown)
    return Plot(
        title,
        figure,
        min_px=round(left + 0.75 * cell * len(classes)),
        max_px=round(left + 1.6 * cell * len(classes)) + 80,
    )


def ordered_classes(confusions: pd.DataFrame) -> list[str]:
    """Return the classes of one benchmark: those with the most samples first, those only predicted last."""
    first = confusions[confusions["classifier"] == confusions["classifier"].iloc[0]]
    counts = first.groupby("y_true", sort=False)["n_samples"].sum().rename_axis("label").reset_index()
    known = [str(label) for label in ranked_classes(counts)["label"]]
    return [*known, *sorted(set(confusions["y_pred"]) - set(known))]


def row_percent(confusions: pd.DataFrame, classes: list[str]) -> NDArray[np.float64]:
    """Return a classifier's confusion matrix, every row in percent of its sum; a class without samples has zeros.

    Args:
        confusions: y_true, y_pred and n_samples of one classifier.
        classes: Of the rows, and of the columns.

    Returns:
        (n_classes, n_classes), true classes in rows.
    """
    wide = confusions.pivot(index="y_true", columns="y_pred", values="n_samples")
    counts: NDArray[np.float64] = wide.reindex(index=classes, columns=classes).fillna(0).to_numpy(dtype=np.float64)
    shares: NDArray[np.float64] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return 100 * shares


def _cell_numbers(shares: NDArray[np.int_]) -> go.Scatter:
    rows, columns = np.nonzero(shares)
    values = shares[rows, columns]
    colours = [TEXT_ON_LOW if value < HEAT_TURN else TEXT_ON_HIGH for value in values]
    return go.Scatter(
        x=columns.tolist(),
        y=rows.tolist(),
        mode="text",
        text=[str(value) for value in values],
        textfont={"color": colours, "size": 11},
        hoverinfo="skip",
    )


def _name_cells(figure: go.Figure, names: Sequence[str]) -> None:
    """Put the classes on both axes."""
    name_rows(figure, names)
    figure.update_yaxes(title_text="true class", tickfont_size=11 if len(names) <= _WRITTEN else 10)
    rows = figure.layout.yaxis.to_plotly_json()
    figure.update_xaxes(
        **{name: rows[name] for name in ("showgrid", "zeroline", "tickmode", "tickvals", "ticktext", "tickfont")},
        range=rows["range"][::-1],
        tickangle=-90,
        title_text="predicted class",
    )
