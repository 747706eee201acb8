from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from l1000_bench.errors import InputError
from l1000_bench.report.paper_layout import PaperLayout, ScoreTable, left_out

CONF = Path(__file__).parents[2] / "conf"
PAIR = {"benchmark": "l4.unseen", "against": "l4.drug"}


@pytest.fixture(scope="module")
def configured() -> PaperLayout:
    file = CONF / "base" / "parameters" / "paper_tables.yml"
    return PaperLayout(**yaml.safe_load(file.read_text(encoding="utf-8"))["paper_tables"])


def test_the_configured_tables_are_the_papers(configured: PaperLayout) -> None:
    scores = {table.name: (table.named, table.against, table.significance) for table in configured.score_tables()}
    l4, l5 = ("neurobank_l4", "perturbagen"), ("neurobank_l5", "perturbagen")
    assert scores == {
        "II": ((("lincs_full", "primary_site"), ("lincs_full", "subtype"), ("lincs_full", "moa")), None, False),
        "III": ((("lincs_prostate", "moa"),), None, False),
        "IV": ((("*", "perturbagen"),), None, True),
        "V": ((("*", "perturbagen_unseen_subject"),), ("*", "perturbagen"), False),
    }
    assert configured.setting_tables() == {
        "VI": ("lincs_full", "moa"), "VII": ("lincs_full", "subtype"), "VIII": ("lincs_full", "primary_site"),
        "IX": ("lincs_prostate", "moa"), "X": l4, "XI": l5,
    }  # fmt: skip
    assert configured.level_pairs(l5) == {
        frozenset(pair) for pair in (("gcnn", "random_forest"), ("knn", "gcnn"), ("knn", "random_forest"))
    }
    assert configured.level_pairs(l4) == set()
    assert configured.stated("III")[0].startswith("The paper: all pairs of classifiers differ significantly")
    assert configured.stated("V") == ()


def test_every_dataset_and_classifier_named_has_an_entry(configured: PaperLayout) -> None:
    kinds = {kind: {path.stem for path in (CONF / "base" / "parameters" / kind).glob("*.yml")} for kind in
             ("datasets", "classifiers")}  # fmt: skip
    benchmarks = [benchmark for table in configured.score_tables() for benchmark in table.named]
    named = {dataset for dataset, _ in [*benchmarks, *configured.setting_tables().values()]}
    assert named <= kinds["datasets"] | {"*"}
    assert {name for pairs in configured.level.values() for pair in pairs for name in pair} <= kinds["classifiers"]


# Two corpora, one dataset of which lacks the task of the unseen subjects; and tasks that are called nearly alike.
THERE = [
    ("east_l5", "drug"), ("east_l4", "drug"), ("east_l4", "unseen"), ("full", "moa"), ("full", "drug_dose"),
    ("west", "unseen"), ("west", "drug"), ("far", "unseen"),
]  # fmt: skip


def table(**layout: Any) -> ScoreTable:
    (made,) = PaperLayout(**layout).score_tables()
    return made


def test_a_star_is_every_dataset_of_the_run_that_has_the_task_in_its_order() -> None:
    iv = table(results={"IV": ["*.drug"]})
    assert iv.benchmarks(THERE) == [("east_l5", "drug"), ("east_l4", "drug"), ("west", "drug")]
    assert iv.benchmarks(THERE[::-1]) == [("west", "drug"), ("east_l4", "drug"), ("east_l5", "drug")]
    assert (iv.benchmarks(THERE[3:5]), iv.lacking(THERE[3:5]), iv.lacking(THERE)) == ([], ["*.drug"], [])


def test_exact_names_keep_their_order_and_a_star_adds_the_others_after_them() -> None:
    mixed = table(results={"IV": ["west.drug", "away.drug", "*.drug", "east_l4.drug"]})
    assert mixed.benchmarks(THERE) == [("west", "drug"), ("east_l5", "drug"), ("east_l4", "drug")]
    assert mixed.lacking(THERE) == ["away.drug"]


def test_a_star_in_against_is_the_dataset_that_is_compared() -> None:
    both = table(generalisation={"V": {"benchmark": "*.unseen", "against": "*.drug"}})
    assert [both.compared_with(benchmark) for benchmark in both.benchmarks(THERE)] == [
        ("east_l4", "drug"), ("west", "drug"), ("far", "drug"),
    ]  # fmt: skip
    one = table(generalisation={"V": {"benchmark": "*.unseen", "against": "west.drug"}})
    assert {one.compared_with(benchmark) for benchmark in one.benchmarks(THERE)} == {("west", "drug")}
    assert table(results={"IV": ["*.drug"]}).compared_with(("west", "drug")) is None


def test_what_a_star_does_not_find_is_told_as_it_is_written() -> None:
    layout = PaperLayout(
        results={"IV": ["*.drug"]}, generalisation={"V": {"benchmark": "*.unseen", "against": "*.drug"}}
    )
    start = "Of the paper's tables, what this run has no benchmark for is left out: "
    assert left_out(layout, [("full", "moa")]) == f"{start}Table IV (*.drug) and Table V (*.unseen)."
    assert left_out(layout, THERE[:3]) == ""
    assert left_out(layout, THERE) == f"{start}the drop against far.drug of Table V."
    assert left_out(layout, [("far", "unseen"), ("near", "unseen")]) == (
        f"{start}Table IV (*.drug) and the drop against far.drug and near.drug of Table V."
    )
    assert left_out(PaperLayout(results={"IV": []}), THERE) == ""


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"results": {"II": "full.moa"}}, "paper_tables.results.II is 'full.moa'; it takes a list"),
        ({"results": {"II": ["moa"]}}, "names the benchmark 'moa'; write it dataset.task"),
        ({"results": {"II": ["full.moa.knn"]}}, "names the benchmark 'full.moa.knn'"),
        ({"results": {"II": ["full."]}}, "names the benchmark 'full.'"),
        ({"results": {"../II": ["full.moa"]}}, "has a table '../II'; call it by letters and digits"),
        ({"results": ["full.moa"]}, "results is ['full.moa']; it takes keys and values"),
        ({"settings": {"VI": "moa"}}, "names the benchmark 'moa'"),
        ({"settings": {"II": "full.moa"}, "results": {"II": ["full.moa"]}}, "has Table II twice; keep one of them"),
        ({"generalisation": {"V": {"benchmark": "l4.unseen"}}}, "it takes benchmark and against"),
        ({"generalisation": {"V": ["l4.unseen"]}}, "it takes benchmark and against"),
        ({"generalisation": {"V": {**PAIR, "against": "l4"}}}, "names the benchmark 'l4'"),
        ({"statements": {"VI": "all differ."}}, "paper_tables.statements has VI, which is none of its tables"),
        (
            {"results": {"IV": ["*.*"]}},
            "paper_tables names the benchmark '*.*'; a star stands for the whole name of the dataset and for nothing "
            "else, as in *.perturbagen.",
        ),
        ({"results": {"IV": ["l4.*"]}}, "names the benchmark 'l4.*'; a star stands for the whole name of the dataset"),
        ({"results": {"IV": ["l*.drug"]}}, "names the benchmark 'l*.drug'; a star stands for"),
        ({"results": {"IV": ["**.drug"]}}, "names the benchmark '**.drug'; a star stands for"),
        ({"generalisation": {"V": {**PAIR, "against": "l4.*"}}}, "names the benchmark 'l4.*'; a star stands for"),
        (
            {"generalisation": {"V": {**PAIR, "against": "*.drug"}}},
            "paper_tables.generalisation.V has a star in against, '*.drug', and none in benchmark, 'l4.unseen'; write "
            "the star in both, or the dataset in against.",
        ),
        ({"settings": {"X": "*.drug"}}, "paper_tables.settings.X names '*.drug'; it takes one benchmark, so write its"),
        ({"level": {"*.drug": [["knn", "gcnn"]]}}, "paper_tables.level names '*.drug'; it takes one benchmark"),
        ({"significance": "IV"}, "significance is 'IV'; it takes a list."),
        (
            {"significance": ["V"], "generalisation": {"V": PAIR}},
            "significance has V, which is no table of paper_tables",
        ),
        ({"level": {"full": [["knn", "gcnn"]]}}, "names the benchmark 'full'"),
        ({"level": {"full.moa": [["knn", "gcnn", "linear"]]}}, "it takes pairs of classifiers"),
        ({"level": {"full.moa": ["knn", "gcnn"]}}, "it takes pairs of classifiers"),
    ],
)
def test_a_wrong_layout_is_refused(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        PaperLayout(**wrong)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)
