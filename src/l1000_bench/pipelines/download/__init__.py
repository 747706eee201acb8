"""Fetching the public files of corpora and graphs; the only pipeline that uses the network."""

from l1000_bench.pipelines.download.pipeline import create_pipeline

__all__ = ["create_pipeline"]
