"""Sparse matrices as plain lists: a layer's configuration holds nothing that safe loading would refuse."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from scipy import sparse as sp

Sparse: TypeAlias = "sp.csr_matrix[Any]"


def to_lists(matrix: Sparse) -> dict[str, Any]:
    """Return a square sparse matrix as its size, rows, columns and values."""
    entries = matrix.tocoo()
    lists = {"rows": entries.row, "columns": entries.col, "values": entries.data}
    return {"size": int(matrix.shape[0])} | {name: part.tolist() for name, part in lists.items()}


def from_lists(matrix: Sparse | dict[str, Any]) -> Sparse:
    """Return the matrix that `to_lists` took apart, float64; a matrix is returned as it is."""
    if not isinstance(matrix, dict):
        return sp.csr_matrix(matrix, dtype=np.float64)
    n = matrix["size"]
    entries = (np.array(matrix["values"], dtype=np.float64), (matrix["rows"], matrix["columns"]))
    return sp.csr_matrix(entries, shape=(n, n))
