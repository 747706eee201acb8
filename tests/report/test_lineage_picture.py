from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from l1000_bench.report.lineage_picture import Flow, Lineage, lineage_picture

WIDEST = 0.61  # a character of Liberation Mono, DejaVu Sans Mono, Menlo or Consolas, as a part of the font's size
LONG = tuple(f"{{dataset}}.{{task}}.{{classifier}}.{name}" for name in "abcdefgh")
LINEAGE = Lineage(
    {"first": ("a", "b.moa"), "second": (), "third & <last>": ("c",)},
    (
        Flow("first", "second", ("{corpus}.raw",)),
        Flow("first", "third & <last>", LONG),
        Flow("second", "third & <last>", ("x<y", "z")),
    ),
)


def elements(picture: str, tag: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(picture).findall(f"{{http://www.w3.org/2000/svg}}{tag}")


def numbers(element: ElementTree.Element, *names: str) -> list[float]:
    return [float(element.attrib[name]) for name in names]


def boxes(picture: str) -> list[list[float]]:
    """x, y, width and height of the pipelines' boxes, without the paper and the boxes within."""
    return [
        numbers(rect, "x", "y", "width", "height")
        for rect in elements(picture, "rect")
        if "fill-opacity" in rect.attrib
    ]


def test_no_text_is_cut_or_stands_on_another() -> None:
    picture = lineage_picture(LINEAGE)
    root = ElementTree.fromstring(picture)
    placed = []
    for text in elements(picture, "text"):
        x, y = numbers(text, "x", "y")
        size = float(text.attrib.get("font-size", root.attrib["font-size"]))
        placed.append((x, x + len(text.text or "") * size * WIDEST, y - size, y + 0.25 * size))
    assert all(
        right < float(root.attrib["width"]) - 10 and bottom < float(root.attrib["height"])
        for _, right, _, bottom in placed
    )
    for number, (left, right, top, bottom) in enumerate(placed):
        for other_left, other_right, other_top, other_bottom in placed[:number]:
            assert right <= other_left or other_right <= left or bottom <= other_top or other_bottom <= top


def test_an_arrow_leads_from_its_source_to_its_target() -> None:
    picture = lineage_picture(LINEAGE)
    rows = dict(zip(LINEAGE.pipelines, boxes(picture), strict=True))
    lines = [path for path in elements(picture, "path") if path.attrib["fill"] == "none"]
    heads = [path for path in elements(picture, "path") if path.attrib["fill"] != "none"]
    lanes = []
    for flow, line, head in zip(LINEAGE.flows, lines, heads, strict=True):
        found = re.fullmatch(r"M(\d+) (\d+)H(\d+)V(\d+)H(\d+)", line.attrib["d"])
        assert found
        start_x, start_y, lane, end_y, _ = map(int, found.groups())
        for name, y in ((flow.source, start_y), (flow.target, end_y)):
            left, top, width, height = rows[name]
            assert start_x == left + width
            assert top < y < top + height
        assert head.attrib["d"].startswith(f"M{start_x + 1} {end_y}l")
        lanes.append(lane)
    assert len(set(lanes)) == len(lanes)


def test_boxes_stand_apart_in_the_order_of_the_pipelines() -> None:
    found = boxes(lineage_picture(LINEAGE))
    assert all(above[1] + above[3] < below[1] for above, below in pairwise(found))


def test_an_arrow_with_many_kinds_counts_the_rest() -> None:
    texts = [text.text for text in elements(lineage_picture(LINEAGE), "text")]
    assert [text for text in texts if text in LONG] == list(LONG[:6])
    assert "and 2 more" in texts
    assert {"x<y", "z", "third & <last>", "b.moa"} <= set(texts)


@pytest.mark.parametrize("n_kinds", [6, 7])
def test_one_kind_more_is_named(n_kinds: int) -> None:
    assert Flow("a", "b", LONG[:n_kinds]).lines == LONG[:n_kinds]


def test_it_has_a_background_of_its_own_and_is_the_same_every_time() -> None:
    picture = lineage_picture(LINEAGE)
    root = ElementTree.fromstring(picture)
    paper = elements(picture, "rect")[0]
    assert numbers(paper, "width", "height") == [float(root.attrib[name]) - 1 for name in ("width", "height")]
    assert paper.attrib["fill"] == "#ffffff"
    assert picture == lineage_picture(LINEAGE)
