"""Thin Kedro wrappers around the readers and writers of l1000_bench.io."""
