"""Which samples are held out where no fold is dealt: one subject after the other, or what a query selects."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from tokenize import TokenError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.curation.grouped import NAMED, SmallClasses, require_two_classes
from l1000_bench.errors import InputError, some_of

# What pandas raises at an expression that it cannot read or carry out on the samples.
UNREADABLE = (
    SyntaxError, TokenError, re.error, NameError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError,
    NotImplementedError,
)  # fmt: skip
ASKS_FOR_MISSING = ("isna", "notna", "isnull", "notnull")
QUOTED = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`([^`]+)`""")  # text, or a column's name in backticks


def tested_subjects(subjects: pd.Series, exclude: Sequence[str], place: str) -> list[str]:
    """Return the subjects that are tested one after the other, sorted.

    Args:
        subjects: (n_samples,) the subject of every sample that can be used, elsewhere missing; named by its column.
        exclude: Subjects that are not tested.
        place: Dataset and task.

    Raises:
        InputError: If there are fewer than two subjects, or none is left to test.
    """
    present = sorted(subjects.dropna().unique())
    if len(present) < 2:
        found = f"only {present[0]!r}" if present else "none"
        raise InputError(
            f"{place}: leaving one {subjects.name} out needs two of them with labelled samples, and there is {found}; "
            "choose another column or another split."
        )
    tested = [subject for subject in present if subject not in exclude]
    if not tested:
        raise InputError(
            f"{place}: exclude names every {subjects.name} that has labelled samples ({', '.join(present)}), so none "
            "is left to test; take one out."
        )
    return tested


def require_known_subjects(subjects: pd.Series, exclude: Sequence[str], place: str) -> None:
    """Refuse a column without subjects, and excluded subjects that do not exist.

    Args:
        subjects: (n_samples,) the subject of every sample, missing where unknown; named by its column.
        exclude: Subjects that are not tested.
        place: Dataset and task.

    Raises:
        InputError: Naming the column, or the unknown subject and those there are.
    """
    there = sorted(subjects.dropna().unique())
    if not there:
        raise InputError(
            f"{place}: no sample has a {subjects.name}; choose another split, or give the corpus a table that tells it."
        )
    unknown = [subject for subject in exclude if subject not in there]
    if unknown:
        raise InputError(
            f"{place}: exclude names {unknown[0]!r}, which no sample has as its {subjects.name}; there are "
            f"{', '.join(there)}."
        )


def select(samples: pd.DataFrame, query: str, side: str, place: str) -> NDArray[np.bool_]:
    """Return which samples a query selects.

    Args:
        samples: One row per sample.
        query: As for `pandas.DataFrame.query`; variables of the program (`@name`) are out of its reach, and `index` is
            the sample_id, so that nothing depends on the row order.
        side: The parameter that holds the query.
        place: Dataset and task.

    Returns:
        (n_samples,) the mask; a sample that lacks a value of a column that the query names is not selected (to pandas
        a missing value differs from everything), unless the query asks by isna, notna, isnull or notnull of that very
        column.

    Raises:
        InputError: If the query cannot be read or carried out, or selects nothing.
    """
    named = samples.set_axis(pd.Index(samples["sample_id"], name=None), axis=0)
    try:
        found = named.eval(query, engine="python", local_dict={}, global_dict={})
        compared = compared_columns(query, samples.columns)
    except UNREADABLE as error:
        why = " ".join(str(error).split())
        raise InputError(
            f"{place}: the query {side}: {query!r} cannot be read ({why}); it compares columns of the samples, such as "
            f"cell_id == 'A375', and there are {', '.join(map(str, samples.columns))}."
        ) from error
    if not isinstance(found, pd.Series) or not pd.api.types.is_bool_dtype(found) or len(found) != len(samples):
        raise InputError(
            f"{place}: the query {side}: {query!r} does not say yes or no of every sample; write a comparison, such as "
            "cell_id == 'A375'."
        )
    chosen = found.fillna(False).to_numpy(dtype=bool) & samples[compared].notna().all(axis=1).to_numpy()
    if not chosen.any():
        there = "; ".join(f"{name} is {some_of(samples[name].dropna()) or 'missing everywhere'}" for name in compared)
        raise InputError(
            f"{place}: the query {side}: {query!r} selects no sample{f' ({there})' if there else ''}; correct it."
        )
    return chosen


def compared_columns(query: str, columns: Iterable[str]) -> list[str]:
    """Return the columns that a query names without asking whether their values are missing.

    Args:
        query: See `select`.
        columns: Those of the samples.

    Raises:
        SyntaxError: If the query is no Python but for names in backticks.
    """
    quoted: dict[str, str] = {}

    def _unquote(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        quoted[f"_quoted_{match.start()}"] = match[1]
        return f"_quoted_{match.start()}"

    nodes = list(ast.walk(ast.parse(QUOTED.sub(_unquote, query).strip())))
    asked = [node.value for node in nodes if isinstance(node, ast.Attribute) and node.attr in ASKS_FOR_MISSING]
    named, known = ({quoted.get(x.id, x.id) for x in found if isinstance(x, ast.Name)} for found in (nodes, asked))
    return [column for column in columns if column in named - known]


def require_apart(trained: NDArray[np.bool_], tested: NDArray[np.bool_], samples: pd.DataFrame, place: str) -> None:
    """Refuse samples that are on both sides.

    Args:
        trained: (n_samples,) the samples to train on.
        tested: (n_samples,) the samples to test.
        samples: Column sample_id.
        place: Dataset and task.

    Raises:
        InputError: With their number and the first in the order of the ids.
    """
    both = samples.loc[trained & tested, "sample_id"]
    if len(both):
        raise InputError(
            f"{place}: the queries train and test both select {len(both)} sample(s), the first is {min(both)!r}; "
            "a sample is either trained on or tested, so make one query exclude what the other selects."
        )


def labels_on_both_sides(
    labels: pd.Series, trained: NDArray[np.bool_], small_classes: SmallClasses, place: str
) -> pd.Series:
    """Apply small_classes to the classes that one side lacks.

    Args:
        labels: (n_samples,) labels of the samples of both sides, elsewhere missing.
        trained: (n_samples,) the samples to train on.
        small_classes: `drop` leaves such classes unused, `error` refuses them, `keep` keeps them.
        place: Dataset and task.

    Returns:
        (n_samples,) the labels that are left.

    Raises:
        InputError: If a side has no labelled sample, no class is on both, or as small_classes says, or fewer than two
            classes are left.
    """
    sides = {"train": set(labels[trained].dropna()), "test": set(labels[~trained].dropna())}
    for side, classes in sides.items():
        if not classes:
            raise InputError(f"{place}: the query {side} selects no sample with a label; correct it.")
    shared = sides["train"] & sides["test"]
    if not shared:
        raise InputError(
            f"{place}: the queries train and test select no class in common, so nothing learned on one side can hold "
            "on the other; widen a query."
        )
    lonely = sorted((sides["train"] | sides["test"]) - shared)
    if small_classes == "error" and lonely:
        named = ", ".join(f"{x!r} in {'train' if x in sides['train'] else 'test'}" for x in lonely[:NAMED])
        raise InputError(
            f"{place}: {len(lonely)} class(es) are on one side only ({named}{', …' if len(lonely) > NAMED else ''}); "
            "set small_classes to drop or keep, or widen a query."
        )
    if small_classes == "keep":
        return labels
    left = labels.where(labels.isin(shared))
    require_two_classes(left, "on both sides", place)
    return left
