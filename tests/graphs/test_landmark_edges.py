import numpy as np
import pandas as pd
import pytest
from graph_makers import block_diagonal, connected, edges_of, frame, names

from l1000_bench.errors import InputError
from l1000_bench.graphs.edges import graph_statistics, landmark_edges, landmark_links

LANDMARKS = ["780", "367", "1050", "9"]
LINKS = frame(
    ("367", "1050", 0.5),
    ("1050", "367", 0.7),  # the other direction
    ("367", "1050", 0.6),  # again
    ("9", "9", 1.0),  # with itself
    ("780", "9", 0.2),
    ("780", "5", 0.9),  # 5 is no landmark
    ("367", "9", 0.0),  # no strength
)


def test_rows_between_landmarks_stay_as_they_stand() -> None:
    pd.testing.assert_frame_equal(landmark_links(LINKS, LANDMARKS), LINKS.drop(index=5).reset_index(drop=True))


def test_undirected_edges_stand_once_in_the_order_of_text_with_the_largest_weight() -> None:
    expected = frame(("1050", "367", 0.7), ("780", "9", 0.2))
    pd.testing.assert_frame_equal(landmark_edges(LINKS, LANDMARKS), expected)


def test_directed_edges_keep_their_direction() -> None:
    expected = frame(("1050", "367", 0.7), ("367", "1050", 0.6), ("780", "9", 0.2))
    pd.testing.assert_frame_equal(landmark_edges(LINKS, LANDMARKS, directed=True), expected)


@pytest.mark.parametrize(("cutoff", "n_edges"), [(0.0, 2), (0.2, 2), (0.3, 1), (0.7, 1)])
def test_the_cutoff_keeps_what_reaches_it(cutoff: float, n_edges: int) -> None:
    edges = landmark_edges(LINKS, LANDMARKS, cutoff=cutoff)
    assert len(edges) == n_edges
    assert edges.index.tolist() == list(range(n_edges))


def test_a_cutoff_that_leaves_nothing_is_refused() -> None:
    message = r"the cutoff 0\.8 leaves none of the graph's 2 edges, whose largest weight is 0\.7; lower the cutoff"
    with pytest.raises(InputError, match=message):
        landmark_edges(LINKS, LANDMARKS, cutoff=0.8)


def test_links_that_never_meet_the_landmarks_are_refused() -> None:
    message = (
        "none of the 7 links of the graph joins two of the 2 landmark genes; the links name 367, 1050, 367, …, the"
    )
    with pytest.raises(InputError, match=message):
        landmark_edges(LINKS, ["AR", "TP53"])


def test_links_of_genes_with_themselves_alone_are_refused() -> None:
    with pytest.raises(InputError, match="all 1 links of the graph between landmarks join a gene with itself"):
        landmark_edges(LINKS, ["9", "5"])


def test_statistics_worked_by_hand() -> None:
    # A star of 12 (degrees 11 and 1), a path of 3 (1, 2, 1), two isolated genes.
    star, path = np.zeros((12, 12)), np.zeros((3, 3))
    star[0, 1:] = 1
    path[0, 1] = path[1, 2] = 1
    W = block_diagonal(star + star.T, path + path.T, np.zeros((2, 2)))
    (row,) = graph_statistics(edges_of(W), names(17)).to_dict("records")
    assert row == {
        "genes": 17, "vertices": 15, "edges": 13, "components": 2, "largest_component": 12, "convolved_components": 1,
        "raw_genes": 5, "degree_min": 1, "degree_q25": 1, "degree_q50": 1, "degree_q75": 1,
        "degree_q95": pytest.approx(2 + 0.3 * 9), "degree_max": 11,
    }  # fmt: skip
    raw = [graph_statistics(edges_of(W), names(17), smallest)["raw_genes"].item() for smallest in (2, 3, 11, 12)]
    assert raw == [2, 5, 5, 17]


def test_statistics_of_a_directed_graph_count_each_direction_as_an_edge_and_neighbours_once() -> None:
    row = graph_statistics(landmark_edges(LINKS, LANDMARKS, directed=True), LANDMARKS).iloc[0]
    assert (row["edges"], row["vertices"], row["components"], row["degree_max"]) == (3, 4, 2, 1)


def test_degrees_add_up_to_twice_the_edges() -> None:
    W = connected(60, 200, 0)
    degrees = (W > 0).sum(axis=0)
    row = graph_statistics(edges_of(W), names(60)).iloc[0]
    assert degrees.sum() == 2 * row["edges"]
    assert row["degree_q75"] == np.quantile(degrees, 0.75)
