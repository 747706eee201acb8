"""The picture of a lineage: pipelines one below the other, and beside them what each hands to those below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

MOST_KINDS = 6  # that an arrow names; of more it counts the rest

# In pixels. A character of a monospace font is 0.6 to 0.62 of its size wide.
FONT, CHARACTER, LINE = 12, 12 * 0.62, 16
MARGIN, GAP, LANE, SLOT = 20, 16, 12, 9
BOX = 210

PAPER, INK, MUTED, FRAME = "#ffffff", "#1b1f24", "#57606a", "#d0d7de"
# Told apart in all common kinds of colour blindness (after Okabe and Ito, 2008), darkened for text on white.
PALETTE = ("#0072B2", "#B34700", "#00785A", "#A34F7F", "#7A5C00", "#5A4BB0")


class Flow(NamedTuple):
    """Kinds of datasets that one pipeline hands to another, such as `{dataset}.profiles`."""

    source: str
    target: str
    kinds: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands above the arrow."""
        rest = len(self.kinds) - MOST_KINDS
        return (*self.kinds[:MOST_KINDS], f"and {rest} more") if rest > 1 else self.kinds


@dataclass(frozen=True)
class Lineage:
    """What passes between pipelines.

    Attributes:
        pipelines: By name, each before those that it feeds, the namespaces within it.
        flows: In the order of their sources, then of their targets.
    """

    pipelines: Mapping[str, tuple[str, ...]]
    flows: tuple[Flow, ...]


class Row(NamedTuple):
    """Where a pipeline stands: top and height of its box in pixels, its colour."""

    top: int
    height: int
    colour: str


def lineage_picture(lineage: Lineage) -> str:
    """Draw a lineage as SVG on a background of its own, the same for the same lineage.

    Args:
        lineage: What passes between pipelines.
    """
    rows = _rows(lineage)
    longest = max((len(line) for flow in lineage.flows for line in flow.lines), default=0)
    lanes = MARGIN + BOX + 2 * GAP + round(longest * CHARACTER)
    width = lanes + LANE * len(lineage.flows) + MARGIN
    last = list(rows.values())[-1]
    height = last.top + last.height + MARGIN
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f"font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" "
        f'font-size="{FONT}" role="img">',
        "<title>Pipelines, and the datasets that they hand to one another</title>",
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="8" fill="{PAPER}" stroke="{FRAME}"/>',
        *_flows(lineage, rows, lanes),
        *(shape for name, row in rows.items() for shape in _box(name, lineage.pipelines[name], row)),
        "</svg>",
    ]
    return "\n".join(shapes) + "\n"


def _rows(lineage: Lineage) -> dict[str, Row]:
    coming = Counter(flow.target for flow in lineage.flows)
    rows: dict[str, Row] = {}
    top = MARGIN
    for number, (name, namespaces) in enumerate(lineage.pipelines.items()):
        inside = 2 * LINE + (LINE + 6) * len(namespaces)
        labels = sum(LINE * len(flow.lines) + GAP for flow in lineage.flows if flow.source == name)
        rows[name] = Row(top, max(inside, SLOT * (coming[name] + 1) + labels), PALETTE[number % len(PALETTE)])
        top += rows[name].height + GAP
    return rows


def _flows(lineage: Lineage, rows: Mapping[str, Row], lanes: int) -> Iterator[str]:
    """Yield every arrow with its labels: out of a box, down a lane of its own, back into a box below."""
    coming = Counter(flow.target for flow in lineage.flows)
    bottoms = {name: row.top + SLOT * (coming[name] + 1) for name, row in rows.items()}
    slots = {name: row.top for name, row in rows.items()}
    edge = MARGIN + BOX
    for number, flow in enumerate(lineage.flows):
        colour = rows[flow.source].colour
        for line in flow.lines:
            bottoms[flow.source] += LINE
            yield f'<text x="{edge + GAP}" y="{bottoms[flow.source]}" fill="{INK}">{escape(line)}</text>'
        slots[flow.target] += SLOT
        lane, start, end = lanes + LANE * number, bottoms[flow.source] + 6, slots[flow.target]
        bottoms[flow.source] += GAP
        yield (
            f'<path d="M{edge} {start}H{lane}V{end}H{edge + 7}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
            f'<path d="M{edge + 1} {end}l8 -4v8z" fill="{colour}"/>'
        )


def _box(name: str, namespaces: tuple[str, ...], row: Row) -> Iterator[str]:
    yield (
        f'<rect x="{MARGIN}" y="{row.top}" width="{BOX}" height="{row.height}" rx="6" fill="{row.colour}" '
        f'fill-opacity="0.1" stroke="{row.colour}"/>'
        f'<text x="{MARGIN + 10}" y="{row.top + 20}" font-size="14" font-weight="bold" fill="{row.colour}">'
        f"{escape(name)}</text>"
    )
    for number, namespace in enumerate(namespaces):
        top = row.top + 2 * LINE + (LINE + 6) * number
        yield (
            f'<rect x="{MARGIN + 8}" y="{top}" width="{BOX - 16}" height="{LINE + 2}" rx="4" fill="{PAPER}" '
            f'stroke="{row.colour}"/><text x="{MARGIN + 14}" y="{top + 13}" fill="{MUTED}">{escape(namespace)}</text>'
        )
