"""Lists of neighbours in a folder of .npy files, which are mapped into memory instead of read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from l1000_bench.errors import InputError
from l1000_bench.io.atomic import check_file, read_manifest, replacing, replacing_folder, write_manifest
from l1000_bench.neighbours.lists import NeighbourLists

META = "meta.json"
TEXTS = ("metric", "profiles", "sources")  # of META, as the lists have them
ARRAYS = ("starts", "rows", "indices", "distances")


def save_lists(lists: NeighbourLists, digest: str, folder: Path) -> None:
    """Write lists as a folder that appears when all of it is whole; the same lists give the same bytes.

    `meta.json` holds the metric, digests of the profiles and sources, the keys of the training sets and the digest of
    the work; every array has a file.

    Args:
        lists: What to write.
        digest: Of the work that made them, see `NeighbourWork`.
        folder: An older folder of that name is replaced at the end.
    """
    meta = {name: getattr(lists, name) for name in (*TEXTS, "training_sets")} | {"digest": digest}
    with replacing_folder(folder) as temporary:
        paths = [temporary / META, *(temporary / f"{name}.npy" for name in ARRAYS)]
        with replacing(paths[0]) as path:
            path.write_text(json.dumps(meta, indent=1), encoding="utf-8")
        for final, name in zip(paths[1:], ARRAYS, strict=True):
            with replacing(final) as path, path.open("wb") as stream:
                np.save(stream, getattr(lists, name), allow_pickle=False)
        write_manifest(temporary, paths)


def load_lists(folder: Path) -> NeighbourLists:
    """Return lists that `save_lists` wrote; their arrays are read-only maps of the files.

    Raises:
        InputError: If the folder is missing, a file differs from its SHA-256, or it holds something else.
    """
    _check(folder)
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS}
        texts = {name: meta[name] for name in TEXTS}
        return NeighbourLists(training_sets=tuple(meta["training_sets"]), **texts, **arrays, folder=folder)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{folder} holds no lists of neighbours ({error}); run the node that makes it again."
        ) from error


def stored_digest(folder: Path) -> str | None:
    """Return the digest that `save_lists` was given, or None where there is nothing that `load_lists` takes."""
    try:
        load_lists(folder)
        return str(json.loads((folder / META).read_text(encoding="utf-8"))["digest"])
    except (InputError, OSError, ValueError, KeyError):
        return None


def _check(folder: Path) -> None:
    for name, expected in read_manifest(folder).items():
        check_file(folder / name, expected)
