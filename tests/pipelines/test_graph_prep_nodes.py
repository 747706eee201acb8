from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.graphs.rewire import random_graph
from l1000_bench.graphs.sources import LinkFile
from l1000_bench.graphs.spec import GraphSpec
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.pipelines.graph_prep.nodes import (
    coarsen,
    describe_graph,
    link_by_correlation,
    link_from_corpus,
    link_from_file,
    make_control,
)

LANDMARKS = [str(5000 - number) for number in range(978)]
GENE_INFO = pd.DataFrame(
    {
        "pr_gene_id": ["9", *LANDMARKS],
        "pr_gene_symbol": ["NINE", *(f"L{gene}" for gene in LANDMARKS)],
        "pr_is_lm": ["0", *["1"] * 978],
    },
    dtype="str",
)


def graph(source: str = "corpus", **changes: Any) -> GraphSpec:
    return GraphSpec(**{"name": "mine", "label": "My graph", "source": source, "corpus": "raw", **changes})


def edges(*pairs: tuple[int, int], weight: float = 1.0) -> pd.DataFrame:
    """Edges between landmarks by their ids; the first end of each is the one that comes first as text."""
    rows = sorted((str(a), str(b)) for a, b in pairs)
    return pd.DataFrame(rows, columns=["gene_a", "gene_b"], dtype="str").assign(weight=weight)


def path_of(*genes: int) -> list[tuple[int, int]]:
    return [(min(pair), max(pair)) for pair in pairwise(genes)]


# A path of 12 genes, one of 3, and a star of 13.
SHAPES = edges(*path_of(*range(4900, 4912)), *path_of(4500, 4501, 4502), *((4200, 4200 + k) for k in range(1, 13)))


def rows_of(frame: pd.DataFrame) -> list[list[Any]]:
    assert frame.columns.tolist() == ["gene_a", "gene_b", "weight"]
    found: list[list[Any]] = frame.to_numpy().tolist()
    return found


def test_links_of_a_file_become_the_edges_of_the_landmarks(tmp_path: Path) -> None:
    # In TRRUST's columns: twice the same pair, once the other way round, a gene with itself, and no landmark.
    path = tmp_path / "trrust.tsv"
    path.write_text(
        "L5000\tL4999\tx\t1\nL4999\tL5000\tx\t1\nL4998\tL4023\tx\t1\nL4998\tL4998\tx\t1\nL5000\tNINE\tx\t1\n"
    )
    source = graph("trrust", file=str(path))
    found = link_from_file(LinkFile(path, "trrust", {}), GENE_INFO, source)
    assert rows_of(found) == [["4023", "4998", 1.0], ["4999", "5000", 1.0]]
    directed = link_from_file(LinkFile(path, "trrust", {}), GENE_INFO, graph("trrust", file=str(path), directed=True))
    assert rows_of(directed) == [["4998", "4023", 1.0], ["4999", "5000", 1.0], ["5000", "4999", 1.0]]


def test_the_cutoff_of_a_graph_holds_for_its_file(tmp_path: Path) -> None:
    path = tmp_path / "neuron.txt"
    path.write_text("5000\t4999\t0.25\n5000\t4998\t0.5\n")
    links = LinkFile(path, "humanbase", {})
    found = link_from_file(links, GENE_INFO, graph("humanbase", file=str(path), cutoff=0.5))
    assert rows_of(found) == [["4998", "5000", 0.5]]
    with pytest.raises(InputError, match=r"graphs\.mine: the cutoff 0\.6 leaves none of the graph's 2 edges"):
        link_from_file(links, GENE_INFO, graph("humanbase", file=str(path), cutoff=0.6))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9\t5000\t0.5\n", r"graphs\.mine: none of the 1 links of the graph joins two of the 978 landmark genes"),
        ("1\t2\t0.5\n", r"graphs\.mine: .*links\.txt: none of its 1 links joins two genes of the gene table"),
        ("5000\t4999\n", r"graphs\.mine: .*links\.txt line 1 has 2 fields; HumanBase's"),
        ("5000\t5000\t1\n", r"graphs\.mine: all 1 links of the graph between landmarks join a gene with itself"),
    ],
)
def test_a_file_that_makes_no_graph_is_named_with_the_graph(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "links.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        link_from_file(LinkFile(path, "humanbase", {}), GENE_INFO, graph("humanbase", file=str(path)))


def regulatory(*pairs: tuple[str, str]) -> pd.DataFrame:
    rows = [("R", a, "T", b) for a, b in pairs]
    return pd.DataFrame(rows, columns=["regulator_symbol", "regulator_id", "target_symbol", "target_id"], dtype="str")


def test_links_of_a_corpus_become_edges() -> None:
    table = regulatory(("5000", "4990"), ("4990", "5000"), ("hsa-let-7", "5000"), ("9", "5000"), ("4100", "4200"))
    assert rows_of(link_from_corpus(table, GENE_INFO, graph())) == [["4100", "4200", 1.0], ["4990", "5000", 1.0]]
    directed = link_from_corpus(table, GENE_INFO, graph(directed=True))
    assert rows_of(directed) == [["4100", "4200", 1.0], ["4990", "5000", 1.0], ["5000", "4990", 1.0]]
    with pytest.raises(InputError, match=r"graphs\.mine: raw\.regulatory_edges: none of its 1 links joins two genes"):
        link_from_corpus(regulatory(("hsa-let-7", "5000")), GENE_INFO, graph())


# The correlation graph: 40 hairpins, 30 overexpressions and 50 compounds, in four genes.

TYPES = ["trt_sh"] * 40 + ["trt_oe"] * 30 + ["trt_cp"] * 50
RAW_SAMPLES = pd.DataFrame({"sample_id": [f"s{n}" for n in range(120)], "pert_type": TYPES}, dtype="str")
GENES = ["780", "9", "1001", "55"]


def measured() -> Any:
    """Values whose correlations differ between the types, and between the first and the last hairpins."""
    rng = np.random.default_rng(5)
    values = rng.normal(size=(120, 4))
    values[:20, 1] += 3 * values[:20, 0]
    values[20:40, 2] -= 2 * values[20:40, 0]
    values[40:70, 3] += values[40:70, 1]
    values[70:, 3] += 9 * values[70:, 0]
    return values.astype(np.float32)


VALUES = measured()


def stored(folder: Path, values: Any) -> Profiles:
    ids = RAW_SAMPLES["sample_id"].to_numpy(dtype=object)
    blocks = [Block(ids[start : start + 50], values[start : start + 50]) for start in range(0, 120, 50)]
    write_profiles(ProfileStream(np.array(GENES, dtype=object), blocks), folder / "p", rows_per_part=50)
    return Profiles(folder / "p")


def by_numpy(values: Any, cutoff: float) -> dict[tuple[str, str], float]:
    r = np.abs(np.corrcoef(values.astype(np.float64), rowvar=False))
    pairs = [(a, b) for a in range(4) for b in range(4) if GENES[a] < GENES[b] and r[a, b] >= cutoff]
    return {(GENES[a], GENES[b]): float(r[a, b]) for a, b in pairs}


def correlated(profiles: Profiles, types: list[str], cutoff: float, **samples: list[str]) -> dict[Any, float]:
    tables: dict[str, Any] = {
        f"samples_{name}": pd.DataFrame({"sample_id": ids}, dtype="str") for name, ids in samples.items()
    }
    spec = graph("correlation", pert_types=types, cutoff=cutoff)
    found = link_by_correlation(profiles, RAW_SAMPLES, spec, **tables)
    return {(a, b): weight for a, b, weight in rows_of(found)}


@pytest.mark.parametrize("types", [["trt_sh"], ["trt_oe"], ["trt_sh", "trt_oe"], ["trt_oe", "trt_cp"]])
def test_genes_are_linked_over_the_types_of_the_graph_alone(tmp_path: Path, types: list[str]) -> None:
    found = correlated(stored(tmp_path, VALUES), types, 0.3)
    expected = by_numpy(VALUES[np.isin(TYPES, types)], 0.3)
    assert found == pytest.approx(expected, rel=1e-12)
    assert 1 <= len(found) < 6


def test_no_profile_of_any_dataset_is_used(tmp_path: Path) -> None:
    profiles = stored(tmp_path, VALUES)
    ids = RAW_SAMPLES["sample_id"].tolist()
    found = correlated(profiles, ["trt_sh"], 0.3, one=ids[:12], two=ids[8:20])
    assert found == pytest.approx(by_numpy(VALUES[20:40], 0.3), rel=1e-12)
    assert found != pytest.approx(correlated(profiles, ["trt_sh"], 0.3))
    changed = VALUES.copy()
    changed[:20] = 1e6 * np.random.default_rng(0).normal(size=(20, 4))
    assert correlated(stored(tmp_path, changed), ["trt_sh"], 0.3, one=ids[:12], two=ids[8:20]) == found


def test_profiles_with_a_gap_are_left_out(tmp_path: Path) -> None:
    values = VALUES.copy()
    values[5, 2], values[33, 0] = np.nan, np.inf
    whole = [row for row in range(40) if row not in (5, 33)]
    found = correlated(stored(tmp_path, values), ["trt_sh"], 0.3)
    assert found == pytest.approx(by_numpy(VALUES[whole], 0.3), rel=1e-12)


def test_without_a_profile_there_is_no_correlation_graph(tmp_path: Path) -> None:
    profiles = stored(tmp_path, VALUES)
    hairpins = RAW_SAMPLES["sample_id"].tolist()[:40]
    message = r"graphs\.mine: 40 profiles are of the types trt_sh, trt_sh\.cgs, 0 of them in no dataset of the grid"
    with pytest.raises(InputError, match=message):
        correlated(profiles, ["trt_sh", "trt_sh.cgs"], 0.3, full=hairpins)
    with pytest.raises(InputError, match=r"graphs\.mine: 0 profiles are of the types trt_xpr, 0 of them"):
        correlated(profiles, ["trt_xpr"], 0.3)
    with pytest.raises(
        InputError, match=r"graphs\.mine: no two of 4 genes correlate with \|r\| >= 0\.999 over 40 prof"
    ):
        correlated(profiles, ["trt_sh"], 0.999)


# Controls, pyramid and description


def degrees(table: pd.DataFrame) -> dict[str, int]:
    return dict(Counter([*table["gene_a"], *table["gene_b"]]))


def test_a_rewired_graph_keeps_every_degree() -> None:
    made = make_control(SHAPES, GENE_INFO, graph("rewired", of="shapes", seed=3))
    assert degrees(made) == degrees(SHAPES)
    assert rows_of(made) != rows_of(SHAPES)
    assert rows_of(make_control(SHAPES, GENE_INFO, graph("rewired", of="shapes", seed=3))) == rows_of(made)
    assert rows_of(make_control(SHAPES, GENE_INFO, graph("rewired", of="shapes", seed=4))) != rows_of(made)


def test_a_directed_control_keeps_both_degrees() -> None:
    rng = np.random.default_rng(0)
    pairs = [(int(a), int(b)) for a, b in rng.integers(4100, 4130, size=(80, 2)) if a != b]
    arrows = edges(*set(pairs))
    made = make_control(arrows, GENE_INFO, graph("rewired", of="arrows", directed=True))
    for end in ("gene_a", "gene_b"):
        assert made[end].value_counts().to_dict() == arrows[end].value_counts().to_dict()
    assert rows_of(made) != rows_of(arrows)
    assert (made["gene_a"] > made["gene_b"]).any()


def test_a_random_graph_has_as_many_vertices_and_edges_among_the_landmarks() -> None:
    made = make_control(SHAPES, GENE_INFO, graph("random", of="shapes", seed=2))
    assert len(made) == len(SHAPES) == 11 + 2 + 12
    assert len(degrees(made)) == len(degrees(SHAPES)) == 12 + 3 + 13
    assert set(degrees(made)) <= set(LANDMARKS)
    assert set(degrees(made)) != set(degrees(SHAPES))
    pd.testing.assert_frame_equal(made, random_graph(SHAPES, LANDMARKS, 2))


def test_the_pyramid_stands_over_the_landmarks_in_the_order_of_gene_info() -> None:
    pyramid = coarsen(SHAPES, GENE_INFO, graph(pyramid={"levels": 2, "coarsening": "compact"}))
    assert pyramid.gene_ids == tuple(LANDMARKS)
    assert pyramid.levels == 2
    star, path = ([int(LANDMARKS[i]) for i in c.order if i >= 0] for c in pyramid.components)
    assert sorted(star) == list(range(4200, 4213))
    assert sorted(path) == list(range(4900, 4912))
    assert len(pyramid.raw) == 978 - 25
    small = coarsen(SHAPES, GENE_INFO, graph(pyramid={"levels": 0, "min_component": 2}))
    assert [len(component.order) for component in small.components] == [13, 12, 3]
    assert small.components[0].laplacians_out is None
    directed = coarsen(SHAPES, GENE_INFO, graph(directed=True, pyramid={"levels": 0}))
    assert directed.components[0].laplacians_out is not None


def test_levels_that_no_component_bears_are_refused_with_the_graph() -> None:
    message = r"graphs\.mine: no component of the graph has the 16 genes that 3 level\(s\) .* the largest has 13"
    with pytest.raises(InputError, match=message):
        coarsen(SHAPES, GENE_INFO, graph(pyramid={"levels": 3}))
    with pytest.raises(InputError, match=message):
        describe_graph(SHAPES, GENE_INFO, graph(pyramid={"levels": 3}))


def test_a_graph_is_counted_by_hand() -> None:
    spec = graph(pyramid={"levels": 1, "min_component": 12})
    (row,) = describe_graph(SHAPES, GENE_INFO, spec)[0].to_dict("records")
    # Degrees: two ends and ten inner genes of the path, two ends and one of the short one, hub and twelve leaves.
    assert row == {
        "label": "My graph", "genes": 978, "vertices": 28, "edges": 25, "components": 3, "largest_component": 13,
        "convolved_components": 1, "raw_genes": 978 - 13, "degree_min": 1, "degree_q25": 1, "degree_q50": 1,
        "degree_q75": 2, "degree_q95": 2, "degree_max": 12,
    }  # fmt: skip


def test_both_coarsenings_are_counted_level_by_level() -> None:
    _, levels, _ = describe_graph(SHAPES, GENE_INFO, graph(pyramid={"levels": 1}))
    assert levels.columns.tolist() == ["label", "coarsening", "level", "vertices", "raw_genes"]
    assert set(levels["label"]) == {"My graph"}
    assert set(levels["raw_genes"]) == {978 - 25}
    sizes = {name: table["vertices"].tolist() for name, table in levels.groupby("coarsening")}
    # The hub has one partner: 11 single leaves get a fake one each, where they are not paired with one another.
    # A path of 12 becomes between 6 (all in pairs) and 8 vertices (every third one single).
    published, compact = (sizes[name] for name in ("published", "compact"))
    assert published[0] == 2 * published[1]
    assert 12 + 6 <= published[1] <= 12 + 8
    assert compact == [2 * (7 + 6), 7 + 6]
    assert levels["level"].tolist() == [0, 1, 0, 1]


def test_the_picture_names_genes_by_symbol() -> None:
    _, _, picture = describe_graph(SHAPES, GENE_INFO, graph())
    drawn = json.dumps(picture.to_plotly_json(), default=lambda value: value.tolist())
    assert "My graph" in drawn
    assert "L4200" in drawn  # the hub
