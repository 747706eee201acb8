"""What people look at: the HTML report and the figures."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go
import plotly.io
from kedro_datasets._typing import PlotlyPreview

from l1000_bench.datasets.local_dataset import LocalDataset
from l1000_bench.io.atomic import replacing


class PageDataset(LocalDataset[str, str]):
    """A text file, such as an HTML page, in UTF-8."""

    def load(self) -> str:
        """Return the text."""
        return self.filepath.read_text(encoding="utf-8")

    def save(self, data: str) -> None:
        """Write the text, renamed into place when whole."""
        with replacing(self.filepath) as temporary:
            temporary.write_text(data, encoding="utf-8")


class FigureDataset(LocalDataset[go.Figure, go.Figure]):
    """A Plotly figure as JSON."""

    def load(self) -> go.Figure:
        """Return the figure."""
        return plotly.io.from_json(self.filepath.read_text(encoding="utf-8"))

    def save(self, data: go.Figure) -> None:
        """Write the figure, renamed into place when whole."""
        with replacing(self.filepath) as temporary:
            temporary.write_text(data.to_json(), encoding="utf-8")

    def preview(self) -> PlotlyPreview:
        """Return the figure for Kedro-Viz."""
        figure: dict[str, Any] = json.loads(self.filepath.read_text(encoding="utf-8"))
        return PlotlyPreview(figure)
