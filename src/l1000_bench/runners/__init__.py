"""Kedro runners beyond Kedro's own."""

from l1000_bench.runners.dask_runner import DaskRunner

__all__ = ["DaskRunner"]
