"""Curves: the best dev accuracy as a search goes on, and how far a classifier's confidence can be trusted."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from l1000_bench.report.figures.style import GRID, INK, PALETTE, Look, bare, rounded
from l1000_bench.report.names import display
from l1000_bench.search.best_trials import complete_trials

_SMALLEST_PX, _LARGEST_PX = 5, 16
_BEYOND = 0.5  # trials that a curve goes on behind the last one, so that its step there is seen


def search_curves(trials: pd.DataFrame, given: Mapping[str, Look], names: Mapping[str, str]) -> go.Figure | None:
    """Draw the best mean dev accuracy among the first n trials of one benchmark against n.

    Args:
        trials: Its rows of `ReportContent.trials`.
        given: The looks of the classifiers to draw.
        names: Display names.

    Returns:
        A line per classifier with several trials, one of them complete and with a dev accuracy (percent), that bears
        its raw name; None where there is no such classifier.
    """
    figure = bare(300)
    for name, look in given.items():
        own = trials[trials["classifier"] == name]
        if own["trial_id"].nunique() < 2 or not complete_trials(own):
            continue
        best = best_so_far(own)
        if best.isna().all():  # a split without a dev part
            continue
        steps = best[best.diff().ne(0)].dropna()
        figure.add_scatter(
            x=[*(int(number) for number in steps.index), len(best) + _BEYOND],
            y=rounded(100 * pd.concat([steps, steps.iloc[-1:]])),
            name=name,
            mode="lines",
            line={"shape": "hv", "color": look.colour, "dash": look.dash, "width": 2},
            hovertemplate=f"{html.escape(display(names, name))}: %{{y}} % after %{{x}} trials<extra></extra>",
        )
    figure.update_xaxes(title_text="trials", rangemode="tozero")
    figure.update_yaxes(title_text="best dev accuracy so far (%)")
    return figure if figure.data else None


def best_so_far(trials: pd.DataFrame) -> pd.Series:
    """Return the highest mean dev accuracy among the first n trials that are complete.

    Args:
        trials: One classifier's rows of `ReportContent.trials`, at least one.

    Returns:
        Fractions by n from 1; NaN before the first complete trial.
    """
    means = trials.groupby("trial_id", sort=False)["dev_accuracy"].mean()
    means = means.where(means.index.isin(complete_trials(trials)))
    return means.cummax().ffill().set_axis(range(1, len(means) + 1))


def reliability_curves(reliability: pd.DataFrame, classifiers: Sequence[str]) -> go.Figure:
    """Draw the accuracy of the predictions of one benchmark against their confidence (Guo et al. 2017).

    Args:
        reliability: Its rows of `ReportContent.reliability`.
        classifiers: The choices, in their order; each is drawn over the faint lines of all.

    Returns:
        A marker per bin (percent), its area growing with the samples in it, and the diagonal of perfect calibration.
    """
    figure = bare(320)
    ends = [0, 100]
    figure.add_scatter(x=ends, y=ends, mode="lines", line={"color": INK, "width": 1, "dash": "dot"}, hoverinfo="skip")
    figure.add_trace(_faint(reliability))
    for choice, name in enumerate(classifiers):
        part = reliability[reliability["classifier"] == name]
        if part.empty:
            continue
        root = (part["n_samples"] / part["n_samples"].max()) ** 0.5
        figure.add_scatter(
            x=rounded(100 * part["confidence"]),
            y=rounded(100 * part["accuracy"]),
            mode="lines+markers",
            line={"color": PALETTE[0], "width": 2},
            marker={"size": rounded(_SMALLEST_PX + (_LARGEST_PX - _SMALLEST_PX) * root, 1)},
            customdata=[int(n) for n in part["n_samples"]],
            hovertemplate="confidence %{x:.1f} %, accuracy %{y:.1f} %<br>%{customdata:,} predictions<extra></extra>",
            meta=choice,
        )
    figure.update_xaxes(range=[0, 103], title_text="confidence (%)")
    figure.update_yaxes(range=[0, 103], title_text="accuracy (%)")
    return figure


def _faint(reliability: pd.DataFrame) -> go.Scatter:
    x: list[float | None] = []
    y: list[float | None] = []
    for _, part in reliability.groupby("classifier", sort=False):
        x += [*rounded(100 * part["confidence"], 1), None]  # None ends a line
        y += [*rounded(100 * part["accuracy"], 1), None]
    return go.Scatter(x=x, y=y, mode="lines", line={"color": GRID, "width": 1}, hoverinfo="skip")
