"""Edges, pyramid, statistics and picture of every graph that the grid uses."""

from l1000_bench.pipelines.graph_prep.pipeline import create_pipeline

__all__ = ["create_pipeline"]
