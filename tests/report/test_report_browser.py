from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import GROUND, OVERFLOW, OVERLAPS, PLOT_TEXT, TICKS, Watched
from colours import contrast
from headless import CHROMIUM, chromium
from playwright.sync_api import Browser
from report_content import empty, made_up
from report_made_up import Size, made_up_report

from l1000_bench.report.page import render

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install the package chromium")

Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of three benchmarks on which every section has something to show."""
    content = made_up_report(Size(3, 5, 7, trials=6, cell_lines=5))
    generalisation: dict[str, Any] = {"moa": {"against": ["subtype", "site"], "unseen": "compounds"}}
    return written(tmp_path_factory, render(replace(content, generalisation=generalisation)))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with names that are out to be markup."""
    return written(tmp_path_factory, render(made_up()))


def written(folder: pytest.TempPathFactory, page: str) -> Path:
    file = folder.mktemp("report") / "report.html"
    file.write_text(page, encoding="utf-8")
    return file


def hexadecimal(colour: str) -> str:
    """`rgb(1, 2, 3)` as `#010203`."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_the_page_is_whole_at_every_width_and_in_every_theme(
    browser: Browser, report: Path, width: int, scheme: Scheme
) -> None:
    watched = Watched(browser, report, width, scheme)
    watched.open_all()
    assert watched.draw_all() == 34
    assert watched.ask(OVERFLOW) == 0
    assert watched.ask(OVERLAPS) == []
    assert watched.ask(TICKS) == []
    ground = hexadecimal(watched.ask(GROUND))
    assert ground == ("#ffffff" if scheme == "light" else "#15181c")
    assert [colour for colour in watched.ask(PLOT_TEXT) if contrast(hexadecimal(colour), ground) < 4.5] == []
    assert watched.wrong == []


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_axe_finds_nothing(browser: Browser, small: Path, width: int, scheme: Scheme) -> None:
    watched = Watched(browser, small, width, scheme)
    watched.open_all()
    found = Axe().run(watched.page, options={"resultTypes": ["violations"]}).response
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]] == []
    assert "color-contrast" in [rule["id"] for rule in found["passes"]]
    assert watched.wrong == []


def test_what_is_folded_is_drawn_when_it_is_opened(browser: Browser, report: Path) -> None:
    watched = Watched(browser, report, 1280, "light")
    part = watched.page.locator("#confusions details").nth(1)
    part.scroll_into_view_if_needed()
    assert part.locator(".main-svg").count() == 0
    part.locator("summary").click()
    part.locator(".main-svg").first.wait_for(timeout=5000)


def test_a_menu_shows_the_classifier_that_is_chosen(browser: Browser, report: Path) -> None:
    watched = Watched(browser, report, 1280, "light")
    figure = watched.page.locator("#class-scores figure").first
    figure.scroll_into_view_if_needed()
    figure.locator(".main-svg").first.wait_for(timeout=5000)
    bars = "(figure) => figure.querySelector('[data-figure]').data.map((trace) => trace.meta)"
    assert figure.evaluate(bars) == [0]
    figure.locator("select").select_option("3")
    assert figure.evaluate(bars) == [3]


def test_tables_sort_by_what_they_show(browser: Browser, report: Path) -> None:
    watched = Watched(browser, report, 1280, "light")
    table = watched.page.locator("#results-1 table").first

    def column(number: int) -> list[str]:
        return [cell.strip() for cell in table.locator(f"tbody tr > :nth-child({number})").all_inner_texts()]

    def press(head: str) -> None:
        table.get_by_role("button", name=head, exact=True).click()

    press("Classifier")
    names = [name.rstrip("§") for name in column(2)]
    assert names == sorted(names)
    press("Log loss")
    assert column(13)[-1] == "–"  # a classifier without probabilities stays last
    falling = [float(text) for text in column(13)[:-1]]
    assert falling == sorted(falling, reverse=True)
    press("Log loss")
    assert column(13)[-1] == "–"
    assert [float(text) for text in column(13)[:-1]] == falling[::-1]
    press("Rank")
    assert column(1) == ["1", "2", "3", "4", "5"]


def test_signed_numbers_bounds_and_intervals_are_sorted_as_numbers(browser: Browser, small: Path) -> None:
    watched = Watched(browser, small, 1280, "light")
    watched.open_all()
    table = watched.page.locator("#results-1 details table").first

    def sorted_by(number: int) -> list[str]:
        table.locator("thead tr").nth(1).locator("th").nth(number).locator("button").click()
        return [cell.strip() for cell in table.locator(f"tbody tr > :nth-child({number + 6})").all_inner_texts()]

    assert sorted_by(0) == ["[40.00, 80.00]", "[35.00, 75.00]", "[−15.00, 25.00]"]
    assert sorted_by(1) == ["∞", "5.50", "0.50"]
    assert sorted_by(2) == ["0.6000", "0.0900", "< 0.0001"]


def test_the_printed_page_holds_everything_and_fits(browser: Browser, report: Path) -> None:
    watched = Watched(browser, report, 700, "dark")
    watched.open_all()
    watched.page.emulate_media(media="print")
    watched.page.wait_for_function("() => document.querySelectorAll('.main-svg').length >= 34")
    assert watched.ask(OVERFLOW) == 0
    assert watched.ask(GROUND) == "rgb(255, 255, 255)"
    assert {hexadecimal(colour) for colour in watched.ask(PLOT_TEXT)} == {"#000000"}
    watched.page.emulate_media(media="screen")
    assert watched.wrong == []


def test_pages_with_little_to_show_open_too(
    browser: Browser, small: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for file in (small, written(tmp_path_factory, render(empty()))):
        watched = Watched(browser, file, 390, "light")
        watched.draw_all()
        assert watched.ask(OVERFLOW) == 0
        assert watched.wrong == []
