"""Benchmarks as folders for people who use other tools; runs by name only."""

from l1000_bench.pipelines.export.pipeline import create_pipeline

__all__ = ["create_pipeline"]
