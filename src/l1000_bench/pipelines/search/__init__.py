"""The search for hyper-parameters."""

from l1000_bench.pipelines.search.pipeline import create_pipeline

__all__ = ["create_pipeline"]
