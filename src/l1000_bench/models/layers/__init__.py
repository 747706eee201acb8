"""Keras layers on gene graphs, and the scipy arithmetic beneath them; only `terms` and `matrices` are free of Keras."""
