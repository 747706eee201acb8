"""Plotly figures of the report, legible on light and dark pages, on phones and in print."""

from l1000_bench.report.figures.accuracy import accuracy_figure

__all__ = ["accuracy_figure"]
