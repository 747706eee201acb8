from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from l1000_bench.errors import InputError
from l1000_bench.report.paper_layout import PaperLayout

CONF = Path(__file__).parents[2] / "conf"
PAIR = {"benchmark": "l4.unseen", "against": "l4.drug"}


@pytest.fixture(scope="module")
def configured() -> PaperLayout:
    file = CONF / "base" / "parameters" / "paper_tables.yml"
    return PaperLayout(**yaml.safe_load(file.read_text(encoding="utf-8"))["paper_tables"])


def test_the_configured_tables_are_the_papers(configured: PaperLayout) -> None:
    scores = {table.name: (table.benchmarks, table.against) for table in configured.score_tables()}
    l4, l5 = ("neurobank_l4", "perturbagen"), ("neurobank_l5", "perturbagen")
    assert scores == {
        "II": ((("lincs_full", "primary_site"), ("lincs_full", "subtype"), ("lincs_full", "moa")), None),
        "III": ((("lincs_prostate", "moa"),), None),
        "IV": ((l5, l4), None),
        "V": ((("neurobank_l4", "perturbagen_unseen_subject"),), l4),
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
    benchmarks = [benchmark for table in configured.score_tables() for benchmark in table.benchmarks]
    assert {dataset for dataset, _ in [*benchmarks, *configured.setting_tables().values()]} <= kinds["datasets"]
    assert {name for pairs in configured.level.values() for pair in pairs for name in pair} <= kinds["classifiers"]


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
        ({"level": {"full": [["knn", "gcnn"]]}}, "names the benchmark 'full'"),
        ({"level": {"full.moa": [["knn", "gcnn", "linear"]]}}, "it takes pairs of classifiers"),
        ({"level": {"full.moa": ["knn", "gcnn"]}}, "it takes pairs of classifiers"),
    ],
)
def test_a_wrong_layout_is_refused(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        PaperLayout(**wrong)
    assert sentence in str(refused.value)
