import json

import numpy as np
from graph_makers import block_diagonal, connected, edges_of, frame, scale_free

from l1000_bench.graphs.picture import LARGEST_PX, OTHERS, PALETTE, SMALLEST_PX, graph_picture

# A star of five around "hub", and a pair
EDGES = frame(*(("hub", f"leaf{k}", 1.0) for k in range(4)), ("x", "y", 1.0))


def test_genes_are_coloured_by_component_and_sized_by_degree() -> None:
    lines, star, pair = graph_picture(EDGES, "A <graph>", {"hub": "AR & co"}).data
    assert (star.name, star.marker.color) == ("5 genes", PALETTE[0])
    assert (pair.name, pair.marker.color) == ("2 genes", PALETTE[1])
    assert list(star.text) == ["AR &amp; co: 4 edges", *(f"leaf{k}: 1 edges" for k in range(4))]
    middle = SMALLEST_PX + (LARGEST_PX - SMALLEST_PX) / 2  # the root of a quarter
    assert list(star.marker.size) == [LARGEST_PX, middle, middle, middle, middle]
    assert list(pair.marker.size) == [middle, middle]
    assert lines.mode == "lines"


def test_a_line_joins_the_two_genes_of_every_edge() -> None:
    lines, *genes = graph_picture(EDGES, "", {}).data
    places = {
        text.partition(":")[0]: (x, y)
        for trace in genes
        for text, x, y in zip(trace.text, trace.x, trace.y, strict=True)
    }
    points = list(zip(lines.x, lines.y, strict=True))
    drawn = [(points[k], points[k + 1]) for k in range(0, len(points), 3)]
    expected = [(places[a], places[b]) for a, b in zip(EDGES["gene_a"], EDGES["gene_b"], strict=True)]
    assert sorted(map(sorted, drawn)) == sorted(map(sorted, expected))
    assert points[2::3] == [(None, None)] * len(EDGES)


def test_the_same_graph_gives_the_same_picture() -> None:
    edges = edges_of(scale_free(120, 300, 12))
    first, second = (graph_picture(edges, "RegNetwork", {}).to_json() for _ in range(2))
    assert first == second
    assert "NaN" not in first
    assert json.loads(first)["layout"]["title"]["text"] == "RegNetwork"


def test_components_after_the_seventh_share_a_grey() -> None:
    W = block_diagonal(*(connected(12 - k, 3, k) for k in range(9)))
    _, *genes = graph_picture(edges_of(W), "", {}).data
    assert [trace.name for trace in genes] == [
        *(f"{12 - k} genes" for k in range(7)), "2 components of up to 5 genes"
    ]  # fmt: skip
    assert [trace.marker.color for trace in genes] == [*PALETTE, OTHERS]
    assert sum(len(trace.x) for trace in genes) == len(W)
    assert np.isfinite([*genes[-1].x, *genes[-1].y]).all()
