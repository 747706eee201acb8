from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from l1000_bench.errors import InputError
from l1000_bench.graphs.coarsening import PyramidSpec
from l1000_bench.graphs.spec import GraphSpec, missing_links_message

KEYS: dict[str, dict[str, Any]] = {
    "corpus": {},
    "correlation": {"pert_types": ["trt_sh"], "cutoff": 0.5},
    "rewired": {"of": "links"},
    "random": {"of": "links"},
    "trrust": {"file": "trrust.tsv"},
    "my_lab": {"source": "test_graph_spec.read_mine", "file": "screen.tsv"},
}
NAMES = {"file": "genes.txt", "name_column": "ensembl_id", "id_column": "gene_id"}


def read_mine() -> None:
    """Only its import path matters here."""


def graph(kind: str, **changes: Any) -> GraphSpec:
    return GraphSpec(**{"name": "mine", "label": "Mine", "source": kind, "corpus": "raw", **KEYS[kind], **changes})


@pytest.mark.parametrize("source", KEYS)
def test_every_source_needs_a_key_or_none(source: str) -> None:
    spec = graph(source)
    assert spec.pyramid_spec() == PyramidSpec(1, "published", 0, 10, False)
    assert spec.files == ([Path(KEYS[source]["file"])] if "file" in KEYS[source] else [])
    for key in set(KEYS[source]) - {"source"}:
        with pytest.raises(InputError, match=key):
            graph(source, **{key: [] if key == "pert_types" else None})


@pytest.mark.parametrize(
    ("source", "key", "value"),
    [
        ("corpus", "file", "links.tsv"),
        ("corpus", "of", "links"),
        ("corpus", "pert_types", ["trt_sh"]),
        ("correlation", "file", "links.tsv"),
        ("rewired", "file", "links.tsv"),
        ("random", "pert_types", ["trt_sh"]),
        ("trrust", "of", "links"),
        ("trrust", "pert_types", ["trt_sh"]),
        ("rewired", "cutoff", 0.5),
        ("random", "cutoff", 0.5),
    ],
)
def test_a_key_that_the_source_does_not_read_is_refused(source: str, key: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"the source '{source}' does not read the key {key}"):
        graph(source, **{key: value})


@pytest.mark.parametrize(
    ("source", "changes", "message"),
    [
        ("correlation", {"cutoff": 0}, r"cutoff is 0; a correlation graph needs one, the smallest \|r\|"),
        ("correlation", {"cutoff": 1.5}, r"cutoff is 1\.5; .* above 0 and at most 1"),
        ("correlation", {"cutoff": None}, r"cutoff is None; a correlation graph needs one"),
        ("correlation", {"directed": True}, "a correlation has no direction"),
        ("correlation", {"pert_types": "trt_sh"}, "pert_types is 'trt_sh'; it takes a list"),
        (
            "corpus",
            {"source": "corpse"},
            r"none of corpus, correlation, rewired, random: unknown format of links 'corp",
        ),
        ("trrust", {"source": "my_lab.links.read"}, "cannot import the reader of links 'my_lab.links.read'"),
        ("trrust", {"source": ["trrust"]}, "source is .*; it takes text"),
        ("corpus", {"label": ""}, "label is ''; it takes text"),
        ("corpus", {"seed": 1.5}, r"seed is 1\.5; it takes a whole number"),
        ("trrust", {"names": {"file": "a"}}, "names has file; it takes file, name_column and id_column"),
        ("trrust", {"names": {**NAMES, "more": "x"}}, "it takes file, name_column and id_column"),
        (
            "corpus",
            {"pyramid": {"level": 2}},
            r"pyramid: .*'level' is not known here .*; its keys are levels, coarsening, seed, min_c",
        ),
        ("corpus", {"pyramid": {}}, r"pyramid: .*'levels' is missing; its keys are levels"),
        ("corpus", {"pyramid": {"levels": 1, "directed": True}}, "pyramid: .*directed"),
        ("corpus", {"pyramid": {"levels": -1}}, "the levels of a pyramid are 0 or more, not -1"),
        ("corpus", {"pyramid": {"levels": 1, "coarsening": "tight"}}, "unknown coarsening 'tight'; .* compact"),
    ],
)
def test_an_impossible_value_is_refused(source: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        graph(source, **changes)


def test_the_pyramid_has_the_direction_of_the_graph() -> None:
    pyramid = {"levels": 3, "coarsening": "compact", "seed": 4, "min_component": 5}
    assert graph("corpus", directed=True, pyramid=pyramid).pyramid_spec() == PyramidSpec(3, "compact", 4, 5, True)


def test_only_files_that_are_missing_are_named_with_their_origin(tmp_path: Path) -> None:
    links, table = tmp_path / "HuRI.tsv", tmp_path / "genes.txt"
    spec = graph("trrust", file=str(links), names={**NAMES, "file": str(table)}, origin="interactome-atlas.org")
    assert spec.files == [links, table]
    assert missing_links_message(spec) == (
        f"The graph 'mine' (Mine) lacks {links}, {table}: interactome-atlas.org. Fetch it and put it there."
    )
    table.touch()
    assert f"lacks {links}: interactome" in missing_links_message(spec)
