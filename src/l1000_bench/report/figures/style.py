"""What all figures share: colours that the page fits to its theme, a bare figure, labels and legends."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

# Legible on white and on near-black alike; the page puts its own text colour in the place of this one.
INK = "#767F8A"
GRID = "rgba(128, 128, 128, 0.3)"
# Hues told apart in all common kinds of colour blindness (after Okabe and Ito, 2008), each darkened or lightened
# until it stands out at least 3 : 1 from both a white and a near-black page.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B8860B", "#3A93C9", "#7A68C8")
DASHES = ("solid", "dash", "dot")  # of the first seven classifiers, of the next seven, ...
SYMBOLS = ("circle", "square", "diamond")
BASELINE_COLOUR = "#7F7F7F"
BASELINE = "majority"  # raw name of the classifier that always predicts the most frequent class

# Colours of a heat map at 0, 10 and 100 % on a light page; on a dark one the page puts others in their places. They
# change faster at first, so that rare mistakes are seen too. Text in a cell takes one colour below `HEAT_TURN` percent
# and the other from there on: at least 4.5 : 1 on either page. No other colour of a figure is written as they are.
HEAT_LOW, HEAT_MID, HEAT_HIGH = "#FFFFFE", "#B5C1D3", "#08306B"
HEAT_SCALE = ((0, HEAT_LOW), (0.1, HEAT_MID), (1, HEAT_HIGH))
TEXT_ON_LOW, TEXT_ON_HIGH = "#000001", "#FFFFFD"
HEAT_TURN = 56
# Colour in a figure -> the page's own (`style.css`).
THEMED = {
    INK: "--text", HEAT_LOW: "--heat-low", HEAT_MID: "--heat-mid", HEAT_HIGH: "--heat-high",
    TEXT_ON_LOW: "--on-low", TEXT_ON_HIGH: "--on-high",
}  # fmt: skip

CHARACTER_PX = 6.6
FOOT_PX = 48
_LABEL_LENGTH = 24  # the head and the tail of longer names stay, since names of one kind differ in either
_LABEL_TAIL = 10


@dataclass(frozen=True)
class Look:
    """How a classifier is drawn, the same in every figure."""

    colour: str
    dash: str = DASHES[0]
    symbol: str = SYMBOLS[0]


def looks(classifiers: Sequence[str]) -> dict[str, Look]:
    """Give every classifier its look, by its place among all that are not the baseline."""
    others = [name for name in classifiers if name != BASELINE]
    given = {}
    for place, name in enumerate(others):
        turn = place // len(PALETTE) % len(DASHES)
        given[name] = Look(PALETTE[place % len(PALETTE)], DASHES[turn], SYMBOLS[turn])
    return {name: given.get(name, Look(BASELINE_COLOUR)) for name in classifiers}


def bare(height: float, left: float = 52, bottom: float = FOOT_PX, top: float = 10) -> go.Figure:
    """Return a figure without traces in the page's style: see-through, no title, axes that cannot be dragged.

    Args:
        height: Of the whole figure in pixels.
        left: Margin in pixels, for the labels of the y axis.
        bottom: Margin in pixels, for those of the x axis.
        top: Margin in pixels.
    """
    axis = {
        **{"gridcolor": GRID, "zerolinecolor": GRID, "fixedrange": True, "title_standoff": 6, "title_font_size": 12},
        **{"ticks": "outside", "ticklen": 5, "tickcolor": "rgba(0,0,0,0)"},  # keep labels off the axes
    }
    return go.Figure(
        layout={
            "template": go.layout.Template(),
            "height": round(height),
            "margin": {"l": round(left), "r": 14, "t": top, "b": bottom},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": INK, "size": 12, "family": "system-ui, sans-serif"},
            "bargap": 0.28,
            "dragmode": False,
            "showlegend": False,
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": INK, "activecolor": INK},
            "xaxis": axis,
            "yaxis": axis,
        }
    )


def name_rows(figure: go.Figure, names: Sequence[str]) -> None:
    """Make the y axis one of rows from the top down, the first at 0, under their names."""
    figure.update_yaxes(
        range=[len(names) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        tickfont_size=11,
        tickmode="array",
        tickvals=list(range(len(names))),
        ticktext=[html.escape(name) for name in names],
    )


def label_px(labels: Sequence[str]) -> float:
    """Return the width that the longest label takes."""
    return 16 + CHARACTER_PX * max(map(len, labels), default=0)


def shortened(label: str) -> str:
    """Cut a long label in its middle."""
    if len(label) <= _LABEL_LENGTH:
        return label
    return f"{label[: _LABEL_LENGTH - _LABEL_TAIL - 1].rstrip()}…{label[-_LABEL_TAIL:].lstrip()}"


def rounded(values: Iterable[float], digits: int = 2) -> list[float]:
    """Round numbers for JSON: what differs between processors goes, and the page stays small."""
    return [round(float(value), digits) for value in values]
