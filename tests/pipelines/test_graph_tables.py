from __future__ import annotations

import pandas as pd
from test_graph_prep_nodes import GENE_INFO, SHAPES, graph

from l1000_bench.pipelines.evaluation.nodes import stack_graphs
from l1000_bench.pipelines.graph_prep.nodes import describe_graph
from l1000_bench.report.content import COLUMNS


def test_tables_of_graphs_are_stacked_in_order_with_the_name_of_each() -> None:
    first = pd.DataFrame({"label": ["A", "A"], "level": [0, 1]}, index=[5, 6])
    stacked = stack_graphs(b=first, a=pd.DataFrame({"label": ["B"], "level": [0]}))
    assert stacked.to_dict("list") == {"label": ["A", "A", "B"], "level": [0, 1, 0], "graph": ["b", "b", "a"]}
    assert stacked.index.tolist() == [0, 1, 2]
    assert "graph" not in first


def test_what_is_described_of_a_graph_is_what_the_report_shows() -> None:
    statistics, coarsenings, _ = describe_graph(SHAPES, GENE_INFO, graph())
    assert set(COLUMNS["graphs"]) <= set(stack_graphs(mine=statistics))
    assert set(COLUMNS["coarsenings"]) == set(stack_graphs(mine=coarsenings))
