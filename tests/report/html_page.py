"""A page as a list of its elements, for tests."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from plotly.offline import get_plotlyjs

VOID = {"meta", "link", "img", "br", "hr", "input", "wbr"}


class Page(HTMLParser):
    """Reads a page, refuses unbalanced tags, and keeps every element with its attributes, ancestors and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[int] = []
        self.elements: list[tuple[str, dict[str, str | None], list[int]]] = []
        self.texts: dict[int, str] = {}
        self.feed(text.replace(get_plotlyjs(), ""))  # which is most of a page and none of its content
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), list(self.open)))
        if tag not in VOID:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self.open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for place in self.open:
            self.texts[place] = self.texts.get(place, "") + data

    def all(self, tag: str) -> list[int]:
        return [place for place, element in enumerate(self.elements) if element[0] == tag]

    def inside(self, outer: int, tag: str) -> list[int]:
        return [place for place in self.all(tag) if outer in self.elements[place][2]]

    def text(self, place: int) -> str:
        return re.sub(r"\s+", " ", self.texts.get(place, "")).strip()


def visible(page: Page) -> str:
    return page.text(page.all("main")[0])


def table_of(page: Page, caption: str) -> list[list[str]]:
    """Cells of the body of the table whose caption begins so."""
    for table in page.all("table"):
        if page.text(page.inside(table, "caption")[0]).startswith(caption):
            body = page.inside(table, "tbody")[0]
            return [
                [page.text(cell) for cell in sorted(page.inside(row, "th") + page.inside(row, "td"))]
                for row in page.inside(body, "tr")
            ]
    raise AssertionError(f"no table {caption}")
