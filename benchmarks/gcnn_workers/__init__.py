"""The processes that `gcnn.py` measures: ours and the peers, the latter in environments of their own."""
