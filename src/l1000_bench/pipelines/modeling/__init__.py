"""Trials, predictions and a final model for every cell of the grid."""

from l1000_bench.pipelines.modeling.pipeline import create_pipeline

__all__ = ["create_pipeline"]
