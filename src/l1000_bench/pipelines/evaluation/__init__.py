"""Scores, tests, tables and the report, from the prediction tables."""

from l1000_bench.pipelines.evaluation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
