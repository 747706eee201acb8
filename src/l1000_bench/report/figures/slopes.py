"""Lines from the accuracy of every classifier per sample to that on what no training part has seen."""

from __future__ import annotations

import html
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from l1000_bench.report.figures.style import Look, bare, rounded, shortened
from l1000_bench.report.names import display
from l1000_bench.report.wording import decimal

_BESIDE = 0.25  # of the way between the two ends, left free on either side


def slope_lines(
    both: pd.DataFrame, ends: tuple[str, str], given: Mapping[str, Look], names: Mapping[str, str]
) -> go.Figure:
    """Draw the mean accuracies of a pair of benchmarks.

    Args:
        both: Of `generalisation.beside_each_other`: classifier, kept and unseen (percent).
        ends: What stands below the two ends.
        given: The classifiers' looks.
        names: Display names.

    Returns:
        A line per classifier that bears its raw name.
    """
    figure = bare(340)
    for name, kept, unseen in both[["classifier", "kept", "unseen"]].itertuples(index=False):
        look = given[name]
        said = f"{html.escape(display(names, name))}: {decimal(kept, 1)} % to {decimal(unseen, 1)} %"
        figure.add_scatter(
            x=[0, 1],
            y=rounded((kept, unseen)),
            name=name,
            mode="lines+markers",
            line={"color": look.colour, "dash": look.dash, "width": 2},
            marker={"symbol": look.symbol, "size": 8},
            hovertemplate=f"{said}<extra></extra>",
        )
    figure.update_xaxes(
        range=[-_BESIDE, 1 + _BESIDE],
        showgrid=False,
        zeroline=False,
        tickmode="array",
        tickvals=[0, 1],
        ticktext=[html.escape(shortened(end)) for end in ends],
    )
    figure.update_yaxes(title_text="test accuracy (%)", rangemode="tozero")
    return figure
