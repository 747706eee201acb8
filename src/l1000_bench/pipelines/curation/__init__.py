"""From raw profiles to datasets with labels and frozen splits."""

from l1000_bench.pipelines.curation.pipeline import create_pipeline

__all__ = ["create_pipeline"]
