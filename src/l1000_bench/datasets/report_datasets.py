"""What people look at: the HTML report and the figures."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import plotly.graph_objects as go
import plotly.io
from kedro_datasets._typing import JSONPreview, PlotlyPreview

from l1000_bench.datasets.local_dataset import LocalDataset, if_made
from l1000_bench.io.atomic import replacing

HEADINGS = ("h1", "h2", "h3")


class PageDataset(LocalDataset[str, str]):
    """A text file, such as an HTML page, in UTF-8."""

    def load(self) -> str:
        """Return the text."""
        return self.filepath.read_text(encoding="utf-8")

    def save(self, data: str) -> None:
        """Write the text, renamed into place when whole."""
        with replacing(self.filepath) as temporary:
            temporary.write_text(data, encoding="utf-8")

    @if_made
    def preview(self, nlines: int = 40) -> JSONPreview:
        """Return the headings of an HTML page, or the first lines of another text, for Kedro-Viz."""
        text = self.load()
        if self.filepath.suffix == ".html":
            return JSONPreview(json.dumps({"headings": headings(text)}))
        return JSONPreview(json.dumps({"lines": text.splitlines()[:nlines]}))


class FigureDataset(LocalDataset[go.Figure, go.Figure]):
    """A Plotly figure as JSON."""

    def load(self) -> go.Figure:
        """Return the figure."""
        return plotly.io.from_json(self.filepath.read_text(encoding="utf-8"))

    def save(self, data: go.Figure) -> None:
        """Write the figure, renamed into place when whole."""
        with replacing(self.filepath) as temporary:
            temporary.write_text(data.to_json(), encoding="utf-8")

    @if_made
    def preview(self) -> PlotlyPreview:
        """Return the figure for Kedro-Viz."""
        figure: dict[str, Any] = json.loads(self.filepath.read_text(encoding="utf-8"))
        return PlotlyPreview(figure)


def headings(page: str) -> list[str]:
    """Return the texts of the headings of an HTML page, of the first three levels, in their order."""
    parser = _Headings()
    parser.feed(page)
    return [" ".join(text.split()) for text in parser.found]


class _Headings(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in HEADINGS:
            self._inside = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in HEADINGS:
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data
