"""The one metadata table of a lab's own corpus, in the lab's own words."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from l1000_bench.errors import InputError, require, some_of
from l1000_bench.io.geo import Dialect, read_keyed

# Every column of raw_samples, which is what a lab's columns are mapped to.
SAMPLE_COLUMNS = (
    "sample_id", "plate_id", "plate_set", "well", "cell_id", "pert_id", "pert_iname", "pert_type", "dose", "dose_unit",
    "time", "time_unit", "sig_id", "qc_pass", "distil_cc", "tas", "primary_site", "subtype", "inchi_key", "subject_id",
)  # fmt: skip
OTHERS = "*"  # what stands in `recode` for all values that it does not name
logger = logging.getLogger(__name__)
SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}


@dataclass(frozen=True)
class OwnTable:
    """How a lab's table is read; see `l1000_bench.io.corpus.CorpusSpec` for the four.

    Raises:
        InputError: If a column is unknown or given twice, sample_id is not mapped, or neither pert_id nor pert_iname
            is given.
    """

    columns: dict[str, str]
    values: dict[str, str | float]
    recode: dict[str, dict[str, str | None]]
    keep: list[str]

    def __post_init__(self) -> None:
        for place in ("columns", "values", "recode"):
            given = getattr(self, place)
            require(isinstance(given, dict), f"{place} is {given!r}; it takes our columns, each with its own.")
            unknown = [str(name) for name in given if name not in SAMPLE_COLUMNS]
            require(
                not unknown,
                f"{place} names the column(s) {', '.join(unknown)}; a sample has {', '.join(SAMPLE_COLUMNS)}. A column "
                "of the table that is none of them goes under keep.",
            )
        self._check_columns()
        self._check_values()

    @property
    def read(self) -> dict[str, str]:
        """Our column (or a kept one) -> the table's column."""
        return {**self.columns, **{name: name for name in self.keep}}

    def _check_columns(self) -> None:
        require(
            "sample_id" in self.columns, "columns maps no sample_id, which names the samples of the matrix: map it."
        )
        both = [name for name in self.columns if name in self.values]
        require(not both, f"both columns and values give {', '.join(both)}; give each once.")
        require(
            bool({"pert_id", "pert_iname"} & {*self.columns, *self.values}),
            "columns maps neither pert_id nor pert_iname, which say what a sample was treated with: map one of them.",
        )
        require(isinstance(self.keep, list), f"keep is {self.keep!r}; it takes a list of columns of the table.")
        odd = [name for name in [*self.columns.values(), *self.keep] if not isinstance(name, str) or not name]
        require(
            not odd, f"columns or keep names {odd[:1]}; a column of the table is text, in quotes if it is a number."
        )
        taken = [name for name in self.keep if name in {*SAMPLE_COLUMNS, "moa", "perturbagen"}]
        require(not taken, f"keep names {', '.join(taken)}, which the project has a meaning for: map it under columns.")

    def _check_values(self) -> None:
        odd = [
            name for name, value in self.values.items() if isinstance(value, bool | dict | list) or value in (None, "")
        ]
        require(not odd, f"values gives no text or number for {', '.join(odd)}; give one.")
        for name, changes in self.recode.items():
            require(name in self.columns, f"recode names {name}, which columns does not map: map it or remove it.")
            require(isinstance(changes, dict), f"recode.{name} is {changes!r}; it takes the table's values with ours.")


def read_own_samples(path: Path, columns: dict[str, str]) -> pd.DataFrame:
    """Read a lab's metadata table.

    Args:
        path: A table with a header line: `.csv` with commas, `.tsv` or `.txt` with tabs; gzip with `.gz` behind it.
        columns: Our column, or the name to keep -> the table's column; sample_id among them.

    Returns:
        The rows in file order with the columns asked for, under our names, all text, missing values (-666 or nothing)
        as NA, and without blanks at the ends of values, but for sample_id, which the matrix must repeat.

    Raises:
        InputError: If the file's name ends otherwise, or as for `l1000_bench.io.geo.read_info`.
    """
    suffix = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if suffix not in SEPARATORS:
        raise InputError(f"{path} ends in none of {', '.join(SEPARATORS)}, so how it is separated is not known.")
    dialect = Dialect(separator=SEPARATORS[suffix], quoted=True)
    frame = read_keyed(path, dialect, tuple(columns.values()), columns["sample_id"], only=True)
    found = {ours: frame[theirs] for ours, theirs in columns.items()}
    words = {name: column.str.strip() for name, column in found.items() if name != "sample_id"}
    return pd.DataFrame(found | {name: column.mask(column == "") for name, column in words.items()})


def in_our_words(samples: pd.DataFrame, table: OwnTable) -> pd.DataFrame:
    """Translate a lab's values, and add the columns that are the same in every row.

    A table that names perturbagens by id alone, or by name alone, has both columns alike.

    Args:
        samples: What `read_own_samples` returns.
        table: The lab's words.

    Returns:
        A new frame with every column of `SAMPLE_COLUMNS`, then those to keep; what the lab does not give is missing.
    """
    for name, words in table.recode.items():
        unused = [theirs for theirs in words if theirs != OTHERS and not samples[name].eq(str(theirs).strip()).any()]
        if unused:
            logger.warning(
                "recode.%s names %r, which no row has; there are %s", name, unused[0], some_of(samples[name].dropna())
            )
    translated = samples.assign(**{name: _recoded(samples[name], words) for name, words in table.recode.items()})
    constants = {name: pd.Series(str(value), translated.index, dtype="str") for name, value in table.values.items()}
    translated = translated.assign(**constants)
    for name, other in (("pert_id", "pert_iname"), ("pert_iname", "pert_id")):
        if name not in translated:
            translated = translated.assign(**{name: translated[other]})
    nothing = pd.Series(pd.NA, translated.index, dtype="str")
    absent = {name: nothing for name in SAMPLE_COLUMNS if name not in translated}
    return translated.assign(**absent)[[*SAMPLE_COLUMNS, *table.keep]]


def _recoded(column: pd.Series, changes: dict[str, str | None]) -> pd.Series:
    words = {str(theirs).strip(): ours for theirs, ours in changes.items()}
    others = words.pop(OTHERS) if OTHERS in words else column
    named = column.isin(list(words))
    return column.map(words).where(named, others).where(column.notna()).astype("str")
