"""Exact nearest neighbours for cross-validation: one pass over all pairs of profiles serves every rotation."""
