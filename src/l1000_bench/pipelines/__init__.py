"""Kedro pipelines; they never import one another."""
