"""The synthetic corpora of the demo, written in the real formats."""
