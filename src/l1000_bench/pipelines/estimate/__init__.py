"""Hours and memory of every cell of the grid on this machine, from timings on subsamples."""

from l1000_bench.pipelines.estimate.pipeline import create_pipeline

__all__ = ["create_pipeline"]
