"""Pyramids in npz files: plain arrays, never pickle."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.npyio import NpzFile
from scipy import sparse as sp

from l1000_bench.errors import InputError
from l1000_bench.graphs.laplacian import Sparse
from l1000_bench.graphs.pyramid import Component, Pyramid
from l1000_bench.io.atomic import replacing

_CSR = ("data", "indices", "indptr")


def write_pyramid(pyramid: Pyramid, path: Path) -> None:
    """Write a pyramid; the same pyramid gives the same bytes.

    The arrays are gene_ids, raw, levels, directed, and for component c `c.order`, `c.in.l.data`, `.indices` and
    `.indptr` of the Laplacian of level l (CSR), and `c.out.l.…` in a directed pyramid.
    """
    directed = [component.laplacians_out is not None for component in pyramid.components]
    arrays: dict[str, Any] = {
        "gene_ids": np.array(pyramid.gene_ids, dtype=np.str_),
        "raw": pyramid.raw,
        "levels": np.array(pyramid.levels),
        "directed": np.array(directed, dtype=np.bool_),
    }
    for number, component in enumerate(pyramid.components):
        arrays[f"{number}.order"] = component.order
        for side, laplacians in (("in", component.laplacians), ("out", component.laplacians_out or ())):
            for level, laplacian in enumerate(laplacians):
                arrays.update({f"{number}.{side}.{level}.{part}": getattr(laplacian, part) for part in _CSR})
    with replacing(path) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, **arrays)


def read_pyramid(path: Path) -> Pyramid:
    """Read a pyramid that `write_pyramid` wrote.

    Raises:
        InputError: If the file is missing or no such npz.
    """
    if not path.exists():
        raise InputError(f"{path} does not exist; run the pipeline that makes the pyramid first.")
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            levels = int(arrays["levels"])
            components = tuple(
                _component(arrays, number, levels, bool(directed)) for number, directed in enumerate(arrays["directed"])
            )
            return Pyramid(tuple(arrays["gene_ids"].tolist()), components, arrays["raw"], levels)
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, EOFError) as error:
        raise InputError(f"{path} holds no pyramid ({error}); run the node that makes it again.") from error


def _component(arrays: NpzFile, number: int, levels: int, directed: bool) -> Component:
    order = arrays[f"{number}.order"]
    sides = ["in", "out"] if directed else ["in"]
    laplacians = [
        tuple(_laplacian(arrays, f"{number}.{side}.{level}", len(order) >> level) for level in range(levels + 1))
        for side in sides
    ]
    return Component(order, laplacians[0], laplacians[1] if directed else None)


def _laplacian(arrays: NpzFile, name: str, n: int) -> Sparse:
    data, indices, indptr = (arrays[f"{name}.{part}"] for part in _CSR)
    return sp.csr_matrix((data, indices, indptr), shape=(n, n))
