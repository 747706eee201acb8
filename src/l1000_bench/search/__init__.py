"""Trials: hyper-parameter settings run over the rotations of a split."""
