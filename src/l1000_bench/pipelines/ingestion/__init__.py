"""From raw files to raw profiles and raw samples, per corpus."""

from l1000_bench.pipelines.ingestion.pipeline import create_pipeline

__all__ = ["create_pipeline"]
