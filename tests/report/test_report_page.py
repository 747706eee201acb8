from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from report_content import MALICIOUS, empty, frame, made_up, paper_rows, score_rows
from test_report_figures import contrast

from l1000_bench.errors import InputError
from l1000_bench.report.page import RUN_BEGIN, RUN_END, SECTIONS, render

VOID = {"meta", "link", "img", "br", "hr", "input", "wbr"}


class Page(HTMLParser):
    """Reads a page, refuses unbalanced tags, and keeps every element with its attributes, ancestors and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[int] = []
        self.elements: list[tuple[str, dict[str, str | None], list[int]]] = []
        self.texts: dict[int, str] = {}
        self.feed(text)
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


@pytest.fixture(scope="module")
def source() -> str:
    return render(made_up())


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


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


def test_all_sections_are_there_in_order_and_linked(page: Page) -> None:
    tops = [page.elements[place][1].get("id") for place in page.all("section")]
    assert [name for name in tops if name in SECTIONS] == list(SECTIONS)
    links = [page.elements[place][1]["href"] for place in page.inside(page.all("nav")[0], "a")]
    assert links == [f"#{name}" for name in SECTIONS]


def test_every_table_has_caption_and_scoped_headings(page: Page) -> None:
    assert len(page.all("table")) >= 11
    for table in page.all("table"):
        assert all(page.text(caption) for caption in page.inside(table, "caption"))
        assert len(page.inside(table, "caption")) == len(page.inside(table, "thead")) == 1
        assert all(page.elements[head][1].get("scope") for head in page.inside(table, "th"))
        assert any(page.elements[place][1].get("class") == "scroll" for place in page.elements[table][2])


def test_every_figure_has_a_caption_that_says_what_to_see(page: Page) -> None:
    assert len(page.all("figure")) == 2
    for figure in page.all("figure"):
        assert "What to see:" in page.text(page.inside(figure, "figcaption")[0])


def test_results_in_the_layout_of_the_paper(page: Page) -> None:
    rows = table_of(page, "Full corpus: test accuracy")
    assert rows[0] == ["KNN", "85.0 ± 7.07", "70.0 ± 14.14", "45.0 ± 7.07", "30.0 ± 0.00"]
    assert rows[1] == ["linear", "80.0 ± 0.00†", "65.0 ± 0.00‡", "–", "–"]
    bold = [page.text(place) for place in page.inside(page.all("table")[0], "strong")]
    assert bold == ["85.0 ± 7.07", "70.0 ± 14.14"]


def test_comparisons_as_table_and_in_words(page: Page) -> None:
    rows = table_of(page, "Full corpus, Primary site: pairwise comparisons over 2 rotations")
    assert rows[0] == [
        "Accuracy",
        "KNN",
        "linear",
        "+5.00",
        "[−58.50, 68.50]",
        "1.00",
        "0.5000",
        "0.5000",
        "not told apart",
    ]
    assert rows[1][5:] == ["∞", "< 0.0001", "< 0.0001", "differs"]
    assert rows[3][6:] == ["–", "–", "not tested"]
    assert "In accuracy, 1 of 3 tested pairs differs significantly" in visible(page)


def test_the_caveats_are_spelt_out(page: Page) -> None:
    assert (
        "paired t-test over folds with Benjamini-Hochberg per benchmark and metric; folds share training data, "
        "so these p values are optimistic"
    ) in visible(page)
    assert "mean ± standard deviation (ddof = 1) over the rotations’ test folds" in visible(page)


def test_one_classifier_leaves_nothing_to_compare(page: Page) -> None:
    assert visible(page).count("Only one classifier was run on this benchmark: there is nothing to compare.") == 1


def test_one_rotation_is_not_tested() -> None:
    content = made_up()
    scores, tests = content.scores, content.comparisons.assign(n_rotations=1, p=float("nan"), p_adjusted=float("nan"))
    text = visible(Page(render(made_up(scores=scores[scores["rotation"] == 0], comparisons=tests))))
    assert "with one rotation there is no spread to test a difference against" in text
    assert "cannot be told apart from" not in text


def test_the_paper_stands_beside_ours_only_where_it_is_given(page: Page) -> None:
    with_paper = Page(render(made_up(paper=paper_rows())))
    assert table_of(with_paper, "Full corpus, Primary site: scores")[0] == [
        *("KNN", "85.0 ± 7.07", "89.6 ± 0.30", "−4.6", "70.0 ± 14.14", "87.2 ± 0.61", "−17.2", "80.0", "2")
    ]
    assert "The paper has no numbers for this benchmark." in visible(with_paper)
    assert len(table_of(page, "Full corpus, Primary site: scores")[0]) == 5
    assert "Paper" not in [page.text(head) for head in page.all("th")]


def test_the_other_tables_show_their_numbers(page: Page) -> None:
    assert table_of(page, "Table I")[0][:6] == ["Full corpus", "Primary site", "1,234", "978", "2", "PC3 (1,000)"]
    assert table_of(page, "Full corpus, Primary site: samples per class")[0] == ["lung", "900", "72.9"]
    assert table_of(page, "Curation audit")[0] == [
        "Full corpus",
        "has_moa",
        "1,300",
        "66",
        "1,234",
        "No label, no task.",
    ]
    assert table_of(page, "Splits")[0][-1] == "ab" * 32
    assert table_of(page, "Settings")[0] == [
        "Full corpus",
        "Primary site",
        "KNN",
        "3",
        "1",
        "1",
        "50.0",
        "−1.0",
        "metric = cosine, n_neighbors = 5",
    ]
    assert table_of(page, "Environment") == [["numpy", "2.4"], ["pandas", "3.1"]]
    assert table_of(page, "Costs")[0][3:] == ["1.25", "0.50", "321"]


def test_graphs_are_counted_each_in_a_row(page: Page) -> None:
    assert table_of(page, "Gene graphs on the landmarks") == [
        ["RegNetwork", "839", "2,748", "1", "1", "839", "139", "4.0", "103"],
        [MALICIOUS, "1,000", "1,400", "3", "2", "700", "178", "1.5", "12"],
    ]


def test_pyramids_are_counted_level_by_level_each_in_a_row_of_its_own(page: Page) -> None:
    assert table_of(page, "Vertices of every level of the stored pyramids") == [
        ["RegNetwork", "published", "2,400", "1,200", "600"],
        ["RegNetwork", "compact", "840", "420", "210"],
        [MALICIOUS, "compact", "801", "800", "–"],  # it has one level less
        ["RegNetwork", "published", "64", "32", "16"],  # another graph of the same label
    ]
    heads = [page.text(head) for head in page.all("th")]
    assert [head for head in heads if head.startswith("Level")] == ["Level 0", "Level 1", "Level 2"]


@pytest.mark.parametrize("missing", [("graphs",), ("coarsenings",), ("graphs", "coarsenings")])
def test_a_run_without_graphs_says_so(page: Page, missing: tuple[str, ...]) -> None:
    sentence = "No classifier of this run uses a graph."
    without = Page(render(made_up(**dict.fromkeys(missing))))
    assert sentence in visible(without)
    assert sentence not in visible(page)
    assert len(without.all("table")) == len(page.all("table")) - 2


def test_graphs_stand_in_their_section_and_the_sections_before_the_block_of_the_run(page: Page) -> None:
    (section,) = [place for place in page.all("section") if page.elements[place][1].get("id") == "graphs"]
    assert len(page.inside(section, "table")) == 2
    assert list(SECTIONS).index("splits") < list(SECTIONS).index("graphs") < list(SECTIONS).index("run")


def test_only_the_marked_block_differs_between_runs(source: str) -> None:
    costs = made_up().costs.assign(fit_seconds=99.0)
    other = render(made_up(costs=costs, run={"Commit": "def5678"}))
    assert source.count(RUN_BEGIN) == source.count(RUN_END) == 1
    assert other != source
    assert without_run(other) == without_run(source)
    assert "abc1234" not in without_run(source)
    assert render(made_up()) == source


def without_run(source: str) -> str:
    return source[: source.index(RUN_BEGIN)] + source[source.index(RUN_END) :]


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
    assert len(source.encode()) < 8_000_000


def test_a_malicious_class_name_is_text(source: str, page: Page) -> None:
    assert MALICIOUS not in source
    assert "&lt;/script&gt;&lt;img src=x" in source
    assert table_of(page, "Full corpus, Primary site: samples per class")[1][0] == MALICIOUS


def test_sorting_finds_a_value_in_every_filled_cell(page: Page) -> None:
    for table in page.all("table"):
        body = page.inside(table, "tbody")[0]
        for cell in page.inside(body, "td"):
            has_value = page.elements[cell][1].get("data-sort") is not None
            assert has_value == (page.text(cell) not in {"–", "not tested"})
        columns = [page.elements[head][1].get("data-col") for head in page.inside(page.inside(table, "thead")[0], "th")]
        leaves = sorted(int(column) for column in columns if column is not None)
        row = page.inside(body, "tr")[0]
        assert leaves == list(range(len(page.inside(row, "th") + page.inside(row, "td"))))


def test_an_empty_run_says_so_section_by_section() -> None:
    page = Page(render(empty()))
    assert not page.all("table")
    assert not page.all("figure")
    assert "This run has no scores." in visible(page)
    assert "Table I: size of every dataset" in visible(page)


def test_untested_classifiers_are_left_open() -> None:
    content = made_up()
    page = Page(render(made_up(comparisons=content.comparisons.iloc[:0], scores=score_rows())))
    assert "No pair was tested, so which of these classifiers differ is open." in visible(page)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(InputError, match="table splits lacks the columns sha256"):
        made_up(splits=made_up().splits.drop(columns="sha256"))
    with pytest.raises(InputError, match="table coarsenings lacks the columns graph, level"):
        made_up(coarsenings=frame("coarsenings", []).drop(columns=["graph", "level"]))


def test_a_level_outside_its_range_is_refused() -> None:
    with pytest.raises(InputError, match=r"between 0 and 1, but is 5"):
        made_up(alpha=5)


def test_text_stands_out_from_its_ground_on_light_and_dark_pages() -> None:
    css = (files("l1000_bench.report") / "templates" / "style.css").read_text(encoding="utf-8")
    themes = [
        dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    ]
    assert len(themes) == 3
    for theme in themes[:2]:
        for text in ("text", "muted", "link"):
            assert contrast(theme[text], theme["page"]) >= 4.5
            assert contrast(theme[text], theme["panel"]) >= 4.5
        assert contrast(theme["remark-text"], theme["remark"]) >= 4.5
