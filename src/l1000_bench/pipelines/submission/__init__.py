"""Predictions of another method: checked against the frozen split, stored and scored; runs by name only."""

from l1000_bench.pipelines.submission.pipeline import create_pipeline

__all__ = ["create_pipeline"]
