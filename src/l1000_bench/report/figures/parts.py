"""Bars of the accuracy on parts of a benchmark: its cell lines, doses and times."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from l1000_bench.report.figures.drawing import Plot
from l1000_bench.report.figures.style import PALETTE, bare, label_px, name_rows, rounded, shortened

_BAR_PX = 20


def breakdown_bars(breakdowns: pd.DataFrame, classifiers: Sequence[str], title: str) -> Plot:
    """Draw the accuracy on every value of one column of the samples.

    Args:
        breakdowns: The column's rows of `ReportContent.breakdowns`, of one benchmark.
        classifiers: The choices, in their order.
        title: Above the plot.
    """
    counts = breakdowns.groupby("value", sort=False)["n_samples"].max()
    values = [str(value) for value in counts.index]
    shown = [f"{shortened(value)} ({n:,})" for value, n in zip(values, counts, strict=True)]
    figure = bare(_BAR_PX * len(values) + 58, label_px(shown))
    for choice, name in enumerate(classifiers):
        part = breakdowns[breakdowns["classifier"] == name].set_index("value").reindex(values)
        figure.add_bar(
            x=rounded(100 * part["accuracy"].fillna(0), 1),
            orientation="h",
            marker={"color": PALETTE[0]},
            customdata=rounded(100 * part["macro_f1"].fillna(0), 1),
            hovertemplate="%{y}<br>accuracy %{x:.1f} %, macro-F1 %{customdata:.1f} %<extra></extra>",
            meta=choice,
        )
    name_rows(figure, shown)
    figure.update_xaxes(range=[0, 100], title_text="accuracy (%)")
    return Plot(title, figure, max_px=760)
