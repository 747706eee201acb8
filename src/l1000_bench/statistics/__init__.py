"""Metrics and significance tests: arrays in, frames out."""
