"""Expression matrices, however they are stored: samples x genes, float32, read block by block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from l1000_bench.errors import InputError

if TYPE_CHECKING:
    from cmapPy.pandasGEXpress.GCToo import GCToo

Ids: TypeAlias = NDArray[np.object_]
Values: TypeAlias = NDArray[np.float32]
Positions: TypeAlias = NDArray[np.intp]
Samples: TypeAlias = Iterable[str] | slice | None

# L1000 files write a missing value as -666, in text, in numbers and in the matrix itself.
MISSING = -666.0
MISSING_TEXT = ("-666", "-666.0", "-666.000000", "")
BLOCK_ROWS = 2048
_NAMED = 5


@dataclass(frozen=True, eq=False)
class Matrix:
    """An expression matrix in memory.

    Attributes:
        values: Float32, shape (n_samples, n_genes); NaN where a value is missing.
        sample_ids: Unique ids as str, shape (n_samples,).
        gene_ids: Unique Entrez ids as str, shape (n_genes,).
    """

    values: Values
    sample_ids: Ids
    gene_ids: Ids


class MatrixReader(Protocol):
    """A matrix file that was opened, checked and closed again: cheap to keep, to copy and to pickle."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def sample_ids(self) -> Ids:
        """Unique ids as str in file order, shape (n_samples,)."""

    @property
    def gene_ids(self) -> Ids:
        """Unique Entrez ids as str in file order, shape (n_genes,)."""

    @property
    def n_samples(self) -> int:
        """How many samples the file holds."""

    @property
    def n_genes(self) -> int:
        """How many genes the file holds."""

    def blocks(
        self, genes: Iterable[str] | None = None, samples: Samples = None, rows: int = BLOCK_ROWS
    ) -> Iterator[tuple[Ids, Values]]:
        """Yield the samples asked for in file order, each with the genes asked for in the order asked for.

        Args:
            genes: Gene ids, each once; None for all in file order.
            samples: Sample ids, each once, in any order; a slice of the file's order; None for all.
            rows: The most samples of one block.

        Yields:
            The ids of n samples, shape (n,), and their values, float32 and C-ordered, shape (n, number of genes);
            -666 is read as NaN. No block is empty.

        Raises:
            InputError: If an id is not in the file or asked for twice, or the file cannot be read.
        """

    def to_gctoo(self) -> GCToo:
        """Read the whole file, metadata included, into cmapPy's type (genes x samples)."""


def positions(asked: Iterable[str] | None, held: Ids, what: str, path: Path) -> Positions:
    """Find ids in a file.

    Args:
        asked: Ids, each once; None for all.
        held: The file's ids.
        what: "sample" or "gene", for the message.
        path: The file, for the message.

    Returns:
        The places of `asked` in `held`, in the order asked for.

    Raises:
        InputError: If an id is not in the file or asked for twice.
    """
    if asked is None:
        return np.arange(len(held))
    wanted = list(asked)
    place = {identifier: number for number, identifier in enumerate(held)}
    if unknown := [identifier for identifier in wanted if identifier not in place]:
        named = ", ".join(repr(str(identifier)) for identifier in unknown[:_NAMED])
        raise InputError(
            f"{path} lacks {len(unknown)} of the {len(wanted)} {what} ids asked for ({named}"
            f"{', …' if len(unknown) > _NAMED else ''}); expected ids such as "
            f"{', '.join(map(repr, held[:_NAMED]))}{_cut_off(unknown, held)}; correct the selection or the file."
        )
    if (repeat := first_repeat(wanted)) is not None:
        raise InputError(f"{what.capitalize()} id {wanted[repeat]!r} is asked for twice of {path}; ask for it once.")
    return np.array([place[identifier] for identifier in wanted], dtype=np.intp)


def selection(
    reader: MatrixReader, genes: Iterable[str] | None, samples: Samples, rows: int
) -> tuple[Positions, Positions]:
    """Check what is asked of `MatrixReader.blocks`.

    Returns:
        The columns in the order asked for and the rows in file order, both counted from 0.

    Raises:
        InputError: If an id is not in the file or asked for twice, or `rows` is below 1.
    """
    if rows < 1:
        raise InputError(f"Blocks of {rows} rows are asked for of {reader.path}; expected 1 or more.")
    columns = positions(genes, reader.gene_ids, "gene", reader.path)
    if isinstance(samples, slice):  # spares an index of a million ids
        return columns, np.sort(np.arange(reader.n_samples)[samples])
    return columns, np.sort(positions(samples, reader.sample_ids, "sample", reader.path))


def _cut_off(unknown: list[str], held: Ids) -> str:
    longest = max(map(len, held), default=0)
    prefixes = {str(identifier)[:longest] for identifier in unknown if len(identifier) > longest}
    return f" (its ids were cut off after {longest} characters)" if prefixes & set(held) else ""


def check_unique(ids: Ids, what: str, path: Path) -> None:
    """Refuse ids that occur twice.

    Raises:
        InputError: Naming the first id that repeats an earlier one.
    """
    if (repeat := first_repeat(list(ids))) is not None:
        raise InputError(
            f"{path} has {what} id {ids[repeat]!r} twice, again as number {repeat + 1} of {len(ids)}; ids must be "
            "unique: drop one of the two, or get the file anew if its ids were cut off."
        )


def first_repeat(names: list[str]) -> int | None:
    """Return the place of the first name that occurred before, or None."""
    if len(set(names)) == len(names):
        return None
    seen: set[str] = set()
    for place, name in enumerate(names):
        if name in seen:
            return place
        seen.add(name)
    return None
