"""A whole matrix with its metadata, between the files (GCT, GCTX) and cmapPy's GCToo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.io.matrix import MISSING, MISSING_TEXT, Ids, Values, check_unique

if TYPE_CHECKING:
    from cmapPy.pandasGEXpress.GCToo import GCToo

_MISSING_VALUES = frozenset({*MISSING_TEXT, "nan", "NaN"})


@dataclass(frozen=True, eq=False)
class Annotated:
    """What a GCT or GCTX file says.

    Attributes:
        path: The file.
        version: Such as "GCTX1.0" or "GCT1.3".
        values: Float32, shape (n_genes, n_samples), as cmapPy holds it; NaN where missing.
        genes: Metadata of the rows, indexed by gene id.
        samples: Metadata of the columns, indexed by sample id.
    """

    path: Path
    version: str
    values: Values
    genes: pd.DataFrame
    samples: pd.DataFrame

    @property
    def gene_ids(self) -> Ids:
        """Gene ids as str, shape (n_genes,)."""
        return self.genes.index.to_numpy(dtype=object)

    @property
    def sample_ids(self) -> Ids:
        """Sample ids as str, shape (n_samples,)."""
        return self.samples.index.to_numpy(dtype=object)

    def to_gctoo(self) -> GCToo:
        """Return cmapPy's type, with its index names; it shares the memory of `values`."""
        from cmapPy.pandasGEXpress.GCToo import GCToo  # noqa: PLC0415 -- a reader of blocks never needs it

        genes = self.genes.rename_axis(index="rid", columns="rhd")
        samples = self.samples.rename_axis(index="cid", columns="chd")
        # pandas would copy the array, which may be gigabytes.
        data = pd.DataFrame(self.values, index=genes.index, columns=samples.index, copy=False)
        return GCToo(data, genes, samples, src=str(self.path), version=self.version)

    @classmethod
    def from_gctoo(cls, path: Path, gctoo: GCToo) -> Annotated:
        """Take a GCToo apart before it is written to `path`; values become float32, ids and names become str.

        Raises:
            InputError: If the values are no numbers, or two ids are the same as text.
        """
        try:
            values = gctoo.data_df.to_numpy(dtype=np.float32, na_value=np.nan)
        except (TypeError, ValueError) as error:
            raise InputError(
                f"{path} cannot be written: its matrix must hold numbers alone ({error}); move text to the metadata."
            ) from error
        genes, samples = _as_text(gctoo.row_metadata_df), _as_text(gctoo.col_metadata_df)
        annotated = cls(path, str(gctoo.version), values, genes, samples)
        check_unique(annotated.gene_ids, "gene", path)
        check_unique(annotated.sample_ids, "sample", path)
        return annotated


def _as_text(metadata: pd.DataFrame) -> pd.DataFrame:
    named = metadata.set_axis([str(name) for name in metadata.columns], axis="columns")
    return named.set_axis([str(identifier) for identifier in metadata.index], axis="index")


def frame(columns: dict[str, pd.Series], ids: Ids) -> pd.DataFrame:
    """Make a metadata frame of `columns`, indexed by `ids`; it may have no column."""
    return pd.DataFrame(columns, index=pd.RangeIndex(len(ids)), columns=list(columns)).set_axis(ids, axis="index")


def decoded(raw: bytes) -> str:
    """Decode UTF-8, or else Latin-1, in which some L1000 files are written."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def text_column(values: Iterable[str]) -> pd.Series:
    """Make a column of text; an empty value, -666 or NaN is missing."""
    kept = [None if value in _MISSING_VALUES else value for value in values]
    return pd.Series(kept, dtype="str")


def text_values(column: pd.Series) -> list[str]:
    """Return a metadata column as a file holds it: text, with -666 where a value is missing."""
    return [f"{MISSING:.0f}" if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)]
