"""Small files of every kind that is read, how they are damaged, and how all of them is read."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import h5py
import numpy as np
from matrix_files import Layout, store_as

from l1000_bench.errors import InputError
from l1000_bench.io import gzip_scan
from l1000_bench.io.gctx import open_matrix
from l1000_bench.io.geo import read_info
from l1000_bench.io.moa import annotate, read_hub

_NUMBERS = (0, 1, 2, 7, 8, 127, 128, 254, 255)
_TEXTS = (b"-666", b"\t", b"\n", b"\r", b'"', b"\0", b"\xff", b"1e400", b"#1.3", b"!", b"nan", b"999999999999", b",")


def _gctx(path: Path) -> dict[str, bytes]:
    values = np.random.default_rng(1).normal(size=(9, 6)).astype("f4")
    values[2, 3], values[4, 1] = -666, np.nan
    layouts = {
        "contiguous": Layout(), "double": Layout(dtype=">f8", ids_first=False), "integer": Layout(dtype="<i2"),
        "chunks": Layout((4, 5)), "newer chunks": Layout((4, 5), libver="latest", ids_first=False),
        "packed": Layout((4, 5), compression="gzip"), "newer": Layout(libver="latest"),
        "newer packed": Layout((9, 6), compression="gzip", libver="latest"),
        "holes": Layout((2, 6), rows=5), "user block": Layout((4, 5), userblock=512),
    }  # fmt: skip
    made = {}
    for name, layout in layouts.items():
        store_as(path, np.nan_to_num(values) if layout.dtype == "<i2" else values, layout)
        with h5py.File(path, "a", libver=layout.libver) as file:
            file.attrs["version"] = np.bytes_("GCTX1.0")
            file["/0/META/ROW/symbol"] = np.array([b"a", b"\xb5", b"c", b"d", b"e", b"f"])
            file["/0/META/COL/dose"] = np.arange(9.0)
            if name == "holes":  # a column that grew and is packed
                file.create_dataset("/0/META/COL/site", data=np.array([b"x"] * 9), maxshape=(None,), compression="gzip")
        made[name] = path.read_bytes()
    return made


def _strings(path: Path) -> dict[str, bytes]:
    """Files with strings of any length, which HDF5 keeps in heaps."""
    made = {}
    for libver in ("earliest", "latest"):
        store_as(path, np.ones((3, 2), "f4"), Layout((2, 2), libver=libver))
        with h5py.File(path, "a", libver=libver) as file:
            file.attrs["version"] = "GCTX1.0"
            file["/0/META/ROW/symbol"] = np.array(["a", "µ"], dtype=h5py.string_dtype())
            file["/0/META/COL/site"] = np.array(["one", "", "3" * 50], dtype=h5py.string_dtype("ascii"))
        made[libver] = path.read_bytes()
    return made


def _gct(path: Path) -> dict[str, bytes]:
    older = b"#1.2\n3\t2\nNAME\tDescription\ts0\ts1\n780\tx\t1.5\t-666\n5720\ty\t-2\tNA\n9\tz\t3e-3\t0\n"
    newer = b"#1.3\n2\t2\t1\t2\nid\tsymbol\ts0\ts1\ndose\tna\t1\t-666\nsite\tna\tlung\t\n780\tA\t1\t2\n9\tB\t3\t4\n"
    return {
        "1.2": older, "1.3": newer, "1.3 for Windows": b"\xef\xbb\xbf" + newer.replace(b"\n", b"\r\n"),
        "gzipped 1.2": gzip.compress(older), "gzipped 1.3": gzip.compress(newer),
    }  # fmt: skip


def _geo(path: Path) -> dict[str, bytes]:
    lines = [
        b"pert_id\tpert_iname\tpert_type\tis_touchstone\tinchi_key_prefix\tinchi_key\tcanonical_smiles\tpubchem_cid",
        b"BRD-K1\tone\ttrt_cp\t0\t-666\tKEY\tCC\t1", b"BRD-K2\tt\xe9\ttrt_cp\t1\tABC\t-666\t-666\t1E3",
        b"DMSO\tDMSO\tctl_vehicle\t0\t-666\t-666\t-666\t-666",
    ]  # fmt: skip
    text = b"\n".join(lines) + b"\n"
    return {"text": text, "for Windows": text.replace(b"\n", b"\r\n"), "gzipped": gzip.compress(text)}


def _hub(path: Path) -> dict[str, bytes]:
    lines = [
        b"!one\t", b"!two", b'"!quoted"', b"pert_iname\tclinical_phase\tmoa\ttarget\tbroad_id\tInChIKey",
        b'abc\tLaunched\tX inhibitor|Y agonist\t"A|B"\tBRD-K12345678-001-01-1\tAAAAAAAAAAAAAA-AAAAAAAAAA-A',
        b'"d ""e"""\t\t\xb5 inhibitor\t\tBRD-A12345678-001-01-1\t', b"f\tPhase 1\t\t\t\t",
    ]  # fmt: skip
    text = b"\r\n".join(lines) + b"\r\n"
    return {"text": text, "other ends": text.replace(b"\r\n", b"\n"), "gzipped": gzip.compress(text)}


def seeds(family: str) -> dict[str, bytes]:
    """Return whole files of a family, by name."""
    with tempfile.TemporaryDirectory() as folder:
        made: dict[str, bytes] = _MAKERS[family](Path(folder) / "a.gctx")
    return made


def mutated(content: bytes, chance: Random) -> bytes:
    """Damage a file in one or a few places: bytes, numbers, runs, its end, or text that means something."""
    damaged = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        place, size = chance.randrange(len(damaged) + 1), chance.choice((1, 2, 4, 8))
        kind = chance.randrange(8)
        if kind < 3:
            damaged[place : place + size] = bytes(chance.choice(_NUMBERS) for _ in range(size))
        elif kind == 3 and place < len(damaged):
            damaged[place] ^= 1 << chance.randrange(8)
        elif kind == 4:
            damaged[place : place + size] = chance.choice(_TEXTS)
        elif kind == 5:
            other = chance.randrange(len(damaged) + 1)
            damaged[place:place] = damaged[other : other + chance.choice((size, 40))]
        elif kind == 6:
            number = chance.choice((0, 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1, chance.randrange(2**16), len(content)))
            damaged[place : place + size] = (number % 256**size).to_bytes(size, "little")
        elif chance.randrange(4) == 0:
            del damaged[place : place + chance.choice((size, 100, len(damaged)))]
    return bytes(damaged)


def packed(content: bytes) -> bytes:
    """Return a gzip file of a damaged file; damage of the gzip file itself is found by its checksum."""
    return gzip.compress(content, 1)


def _read_matrix(path: Path) -> None:
    gzip_scan._scanned.cache_clear()
    reader = open_matrix(path)
    for ids, values in reader.blocks(rows=4):
        assert values.shape == (len(ids), reader.n_genes)
    list(reader.blocks(list(reader.gene_ids[::-2]), slice(1, None, 3), 2))
    reader.to_gctoo()


def _read_geo(path: Path) -> None:
    read_info(path, "pert_info")


def _read_hub(path: Path) -> None:
    annotate(read_hub(path, "repurposing_drugs"), read_hub(path, "repurposing_samples"))


_MAKERS: dict[str, Callable[[Path], dict[str, bytes]]] = {
    "gctx": _gctx, "gctx.gz": _gctx, "strings": _strings, "gct": _gct, "geo": _geo, "hub": _hub,
}  # fmt: skip
_READERS: dict[str, Callable[[Path], None]] = {
    "gctx": _read_matrix, "gctx.gz": _read_matrix, "strings": _read_matrix, "gct": _read_matrix, "geo": _read_geo,
    "hub": _read_hub,
}  # fmt: skip
FAMILIES = tuple(_MAKERS)


def read_all(family: str, content: bytes, folder: Path) -> str:
    """Read a file of a family to its end.

    Returns:
        `read`, or `refused` if that raised an InputError; anything else is raised.
    """
    zipped = family in ("geo", "hub") and content.startswith(b"\x1f\x8b")
    path = folder / f"{family.removesuffix('.gz')}{'.gz' if zipped else ''}"
    path.write_bytes(packed(content) if family == "gctx.gz" else content)
    try:
        _READERS[family](path)
    except InputError as error:
        assert str(path) in str(error), error
        return "refused"
    return "read"
