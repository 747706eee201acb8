"""The synthetic corpus of the demo, written in the real formats."""
