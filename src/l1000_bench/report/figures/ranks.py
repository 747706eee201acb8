"""The critical-difference diagram: mean ranks over benchmarks, and which of them cannot be told apart."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from l1000_bench.report.figures.style import INK, Look, bare, label_px, name_rows, rounded, shortened
from l1000_bench.report.names import display
from l1000_bench.report.wording import decimal

_ROW_PX = 26
_BRACKET_PX = 12
_RULER_PX = 34


def rank_diagram(ranks: pd.DataFrame, given: Mapping[str, Look], names: Mapping[str, str]) -> go.Figure:
    """Draw the mean ranks of one metric, the best at the top (Demsar 2006, section 3.2.4).

    Args:
        ranks: Its rows of `ReportContent.ranks`.
        given: The classifiers' looks.
        names: Display names.

    Returns:
        A point per classifier at its mean rank; an upright line beside each group whose ranks lie closer together than
        the critical difference, which a ruler above shows. Without a critical difference the points alone.
    """
    part = ranks.sort_values(["mean_rank", "classifier"])
    raw, full = list(part["classifier"]), [display(names, name) for name in part["classifier"]]
    shown = [shortened(name) for name in full]
    difference = float(part["critical_difference"].iloc[0])
    groups = rank_groups(list(part["mean_rank"]), difference)
    figure = bare(_ROW_PX * len(part) + 58 + _RULER_PX, label_px(shown), top=10 + _RULER_PX)
    figure.add_scatter(
        x=rounded(part["mean_rank"], 4),
        y=list(range(len(part))),
        mode="markers",
        marker={
            "color": [given[name].colour for name in raw],
            "symbol": [given[name].symbol for name in raw],
            "size": 11,
        },
        text=[html.escape(name) for name in full],
        hovertemplate="%{text}: mean rank %{x:.2f}<extra></extra>",
    )
    name_rows(figure, shown)
    figure.update_yaxes(showgrid=True)
    last = max(len(part), 1 + difference) if not math.isnan(difference) else len(part)
    figure.update_xaxes(range=[0.7, last + 0.3], title_text="mean rank (1 is best)")
    for place, group in enumerate(groups):
        _add_bracket(figure, group, place)
    figure.update_layout(margin_r=22 + _BRACKET_PX * len(groups))
    if not math.isnan(difference):
        _add_ruler(figure, difference)
    return figure


def rank_groups(mean_ranks: Sequence[float], critical_difference: float) -> list[tuple[int, int]]:
    """Find the classifiers that Nemenyi's test cannot tell apart.

    Two classifiers differ where their mean ranks differ by at least the critical difference (Demsar 2006).

    Args:
        mean_ranks: In ascending order.
        critical_difference: NaN where there is none.

    Returns:
        First and last place of every group of two or more, none of them inside another.
    """
    groups: list[tuple[int, int]] = []
    for first, rank in enumerate(mean_ranks):
        last = max(
            (place for place, other in enumerate(mean_ranks) if other - rank < critical_difference), default=first
        )
        if last > first and (not groups or last > groups[-1][1]):
            groups.append((first, last))
    return groups


def _add_bracket(figure: go.Figure, group: tuple[int, int], place: int) -> None:
    x = 10 + _BRACKET_PX * place  # pixels to the right of the axes
    figure.add_shape(
        type="line",
        **{"xref": "paper", "xsizemode": "pixel", "xanchor": 1, "x0": x, "x1": x},
        **{"yref": "y", "y0": group[0] - 0.3, "y1": group[1] + 0.3},
        line={"color": INK, "width": 4},
    )


def _add_ruler(figure: go.Figure, difference: float) -> None:
    up = 14  # pixels above the axes
    figure.add_shape(
        type="line",
        **{"xref": "x", "x0": 1, "x1": 1 + difference},
        **{"yref": "paper", "ysizemode": "pixel", "yanchor": 1, "y0": up, "y1": up},
        line={"color": INK, "width": 3},
    )
    figure.add_annotation(
        text=f"critical difference {decimal(difference, 2)}",
        **{"x": 1, "xref": "x", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": up + 2},
        showarrow=False,
    )
