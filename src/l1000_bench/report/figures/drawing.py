"""What the page needs to know of a figure beside its traces: titles, widths, a legend, what can be chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go
from markupsafe import Markup

from l1000_bench.report.figures.style import Look
from l1000_bench.report.names import display

MENU = 15  # classifiers that a menu offers at most


@dataclass(frozen=True, eq=False)
class Plot:
    """One plot of a drawing.

    Attributes:
        title: Stands above it; plain text.
        figure: Traces whose `meta` is a whole number belong to that choice of the drawing, others are always shown.
        min_px: Where the page is narrower, the plot keeps this width and scrolls within itself.
        max_px: It grows no wider; 0 for the width that there is.
    """

    title: str
    figure: go.Figure
    min_px: int = 0
    max_px: int = 0

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.figure.layout.height)

    @property
    def json(self) -> Markup:
        """The figure as JSON; Plotly writes `<`, `>` and `/` as escapes, so no name can close the script element."""
        return Markup(self.figure.to_json())


@dataclass(frozen=True)
class Key:
    """An entry of a drawing's legend."""

    text: str
    look: Look
    kind: Literal["line", "symbol"] = "line"

    @property
    def strokes(self) -> str:
        """The line's dashes in SVG's words."""
        return {"solid": "none", "dash": "7 4", "dot": "2 3"}[self.look.dash]


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure of the page: one or more plots that share a caption, a legend and a menu.

    Attributes:
        id: Of the element; unique on the page.
        caption: Says what is shown and what to see.
        plots: At least one.
        keys: The legend.
        choices: What the menu offers, the first shown at the start; without any there is no menu.
    """

    id: str
    caption: str
    plots: Sequence[Plot]
    keys: Sequence[Key] = ()
    choices: Sequence[str] = ()


def menu_drawing(
    id: str, caption: str, plots: Sequence[Plot], classifiers: Sequence[str], names: Mapping[str, str]
) -> Drawing:
    """Return a drawing whose menu offers the first `MENU` of some classifiers; its caption says where there are more.

    Args:
        id: Of the element.
        caption: Says what is shown and what to see.
        plots: At least one; each draws the same choices.
        classifiers: Raw names, the best first.
        names: Display names.
    """
    cut = f" The menu offers the {MENU} best of {len(classifiers)} classifiers." if len(classifiers) > MENU else ""
    return Drawing(id, caption + cut, plots, choices=[display(names, name) for name in classifiers[:MENU]])


def keys_of(looks: Mapping[str, Look], names: Mapping[str, str], kind: Literal["line", "symbol"]) -> tuple[Key, ...]:
    """Return the legend of some classifiers, by their display names."""
    return tuple(Key(display(names, name), look, kind) for name, look in looks.items())
