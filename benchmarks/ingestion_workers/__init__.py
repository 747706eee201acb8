"""The files that `ingestion.py` measures on, and the processes that it measures."""
