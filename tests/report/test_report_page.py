from __future__ import annotations

import hashlib
import itertools
import json
import re
from importlib.resources import files

import pytest
from colours import contrast
from html_page import Page, table_of, visible
from report_content import MALICIOUS, bare, empty, frame, made_up

from l1000_bench.errors import InputError
from l1000_bench.report.page import RUN_BEGIN, RUN_END, SECTIONS, render, report_hash


@pytest.fixture(scope="module")
def source() -> str:
    return render(made_up())


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def sections_of(page: Page) -> list[str]:
    tops = [page.elements[place][1].get("id") for place in page.all("section")]
    return [str(name) for name in tops if name in SECTIONS]


def test_all_sections_are_there_in_order_and_linked(page: Page) -> None:
    assert sections_of(page) == list(SECTIONS)
    links = [page.elements[place][1]["href"] for place in page.inside(page.all("nav")[0], "a")]
    assert links == [f"#{name}" for name in SECTIONS]


def test_every_table_has_caption_and_scoped_headings(page: Page) -> None:
    assert len(page.all("table")) >= 20
    for table in page.all("table"):
        assert all(page.text(caption) for caption in page.inside(table, "caption"))
        assert len(page.inside(table, "caption")) == len(page.inside(table, "thead")) == 1
        assert all(page.elements[head][1].get("scope") for head in page.inside(table, "th"))
        assert any(page.elements[place][1].get("class") == "scroll" for place in page.elements[table][2])


def test_every_figure_has_a_caption_that_says_what_to_see(page: Page) -> None:
    assert len(page.all("figure")) == 11
    for figure in page.all("figure"):
        assert "What to see:" in page.text(page.inside(figure, "figcaption")[0])


def test_every_plot_has_its_data_and_a_text_alternative(page: Page) -> None:
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    plots = [attributes for _, attributes, _ in page.elements if "data-figure" in attributes]
    data = {page.elements[place][1].get("id"): page.text(place) for place in page.all("script")}
    assert len(plots) == 15
    for plot in plots:
        assert json.loads(data[plot["data-figure"]])["data"]
        assert plot["role"] == "img"
        assert plot["aria-labelledby"] in ids


def test_headings_go_down_one_level_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(lower - upper <= 1 for upper, lower in itertools.pairwise(levels))


def test_the_menus_offer_the_best_classifier_first(page: Page) -> None:
    menus = {page.elements[menu][1]["id"]: page.inside(menu, "option") for menu in page.all("select")}
    assert [page.text(option) for option in menus["class-scores-1-menu"]] == ["KNN", "linear"]
    assert "confusions-1-menu" not in menus  # knn alone has confusions, so there is nothing to choose


def test_only_the_marked_block_differs_between_runs(source: str) -> None:
    costs = made_up().costs.assign(fit_seconds=99.0)
    other = render(made_up(costs=costs, run={"Commit": "def5678"}))
    assert source.count(RUN_BEGIN) == source.count(RUN_END) == 1
    assert other != source
    assert without_run(other) == without_run(source)
    assert "abc1234" not in without_run(source)
    assert render(made_up()) == source


def without_run(source: str) -> str:
    return source[: source.index(RUN_BEGIN)] + source[source.index(RUN_END) + len(RUN_END) :]


def test_the_block_states_the_hash_of_the_rest(source: str, page: Page) -> None:
    digest = hashlib.sha256(without_run(source).encode()).hexdigest()
    assert report_hash(source) == digest
    assert table_of(page, "This run")[0] == ["Hash of everything outside this block", digest]
    assert report_hash(render(made_up(title="Another"))) != digest


def test_times_stand_in_the_marked_block_alone(source: str) -> None:
    assert "seconds per rotation" not in without_run(source)
    assert "compute-figure" in source


def test_nothing_is_loaded_from_outside(source: str, page: Page) -> None:
    for tag, attributes, _ in page.elements:
        assert tag not in {"link", "img", "iframe", "object", "embed"}
        assert "src" not in attributes
        assert (attributes.get("href") or "#").startswith("#")
    styles_and_own_scripts = page.text(page.all("style")[0]) + page.text(page.all("script")[-1])
    assert not re.search(r"https?:|url\(|@import|fetch\(", styles_and_own_scripts)
    policy = [
        page.elements[place][1]["content"] for place in page.all("meta") if "http-equiv" in page.elements[place][1]
    ]
    assert policy and str(policy[0]).startswith("default-src 'none'")


def test_a_malicious_class_name_is_text(source: str, page: Page) -> None:
    assert MALICIOUS not in source
    assert "&lt;/script&gt;&lt;img src=x" in source
    assert table_of(page, "Full corpus, Primary site: samples per class")[1][0] == MALICIOUS


def test_sorting_finds_its_columns_and_knows_which_cells_hold_nothing(page: Page) -> None:
    for table in page.all("table"):
        body = page.inside(table, "tbody")[0]
        if page.text(page.inside(table, "caption")[0]).startswith("Full corpus, Primary site: macro-F1 of every pair"):
            (empty_cell,) = [cell for cell in page.inside(body, "td") if "data-none" in page.elements[cell][1]]
            assert page.text(empty_cell) == "not tested"
        columns = [page.elements[head][1].get("data-col") for head in page.inside(page.inside(table, "thead")[0], "th")]
        leaves = sorted(int(column) for column in columns if column is not None)
        row = page.inside(body, "tr")[0]
        assert leaves == list(range(len(page.inside(row, "th") + page.inside(row, "td"))))


def test_an_empty_run_says_so_section_by_section() -> None:
    page = Page(render(empty()))
    assert len(page.all("table")) == 1  # the hash of the page
    assert not page.all("figure")
    for sentence in (
        "This run has no scores.",
        "This run ranks nothing over benchmarks.",
        "Table I: size of every dataset",
        "This run has no table of confusions.",
        "No classifier of this run gives probabilities.",
        "there is no curve of a search",
    ):
        assert sentence in visible(page)


def test_what_only_some_runs_have_is_left_out_of_the_others() -> None:
    page = Page(render(bare()))
    assert sections_of(page) == [name for name in SECTIONS if name not in {"generalisation", "between", "paper-tables"}]
    assert [page.elements[figure][1]["aria-labelledby"] for figure in page.all("figure")] == [
        *("accuracy-figure-caption", "classes-figure-caption", "compute-figure-caption")
    ]
    assert "95 % by plate" not in visible(page)
    assert "§" not in visible(page)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="table splits lacks the columns sha256"):
        made_up(splits=made_up().splits.drop(columns="sha256"))
    with pytest.raises(InputError, match="table coarsenings lacks the columns graph, level"):
        made_up(coarsenings=frame("coarsenings", []).drop(columns=["graph", "level"]))


def test_a_level_outside_its_range_is_refused() -> None:
    with pytest.raises(InputError, match=r"between 0 and 1, but is 5"):
        made_up(alpha=5)


def test_text_stands_out_from_its_ground_on_light_and_dark_pages() -> None:
    for theme in themes():
        for text in ("text", "muted", "link"):
            assert contrast(theme[text], theme["page"]) >= 4.5
            assert contrast(theme[text], theme["panel"]) >= 4.5
        assert contrast(theme["remark-text"], theme["remark"]) >= 4.5


def themes() -> list[dict[str, str]]:
    """The colours of the light and of the dark page."""
    css = (files("l1000_bench.report") / "templates" / "style.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    assert len(blocks) == 3  # and of the printed page
    return [dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in blocks[:2]]
