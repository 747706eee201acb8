"""The corpus that `scale.py` makes, and the process that it measures."""
