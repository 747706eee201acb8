"""Splits: which sample is train, dev, test or unused in which rotation.

A scheme is a function of the samples and of its parameters; the built-in ones are the public functions of
`l1000_bench.curation.schemes`, and a user's own is named by its import path.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from l1000_bench.curation.fitting import annotations_of, check_arguments, misfit
from l1000_bench.errors import InputError

Scheme = Callable[..., pd.DataFrame]
ROLES = ("train", "dev", "test", "unused")
TRAIN, DEV, TEST, UNUSED = range(4)
BUILT_IN = "l1000_bench.curation.schemes"  # imports this module, so it is looked up when a scheme is asked for


@dataclass(frozen=True)
class SplitRequest:
    """What every scheme is told.

    Attributes:
        samples: Curated samples, one row each.
        label_column: The column that holds the classes; samples without a label are unused.
        stratify_by: Columns whose joint values make the strata.
        place: Dataset and task, for messages.
        vehicle: Name of the vehicle control, whose wells are no treatment and no compound.
    """

    samples: pd.DataFrame
    label_column: str
    stratify_by: Sequence[str]
    place: str
    vehicle: str = "DMSO"


def make_split(request: SplitRequest, scheme: str, parameters: Mapping[str, object]) -> pd.DataFrame:
    """Run a scheme.

    Args:
        request: Samples, labels, strata.
        scheme: See `find_scheme`.
        parameters: The scheme's own parameters.

    Returns:
        Columns rotation (int), sample_id, role; one row per rotation and sample, both text columns categorical.

    Raises:
        InputError: If the scheme is unknown or its parameters do not fit, the samples lack the label column or one of
            stratify_by, or as the scheme says.
    """
    function = find_scheme(scheme, parameters)
    for column in (request.label_column, *request.stratify_by):
        if column not in request.samples.columns:
            raise InputError(
                f"{request.place}: the samples have no column {column!r}, which its label_column or stratify_by names; "
                f"they have {', '.join(map(str, request.samples.columns))}."
            )
    table = function(request, **parameters)
    if ":" in scheme:
        _check_own(table, request, scheme)
    return table


def _check_own(table: object, request: SplitRequest, scheme: str) -> None:
    """Refuse what a function of a user's own returns if it is no split of the samples."""
    place = f"{request.place}: the split scheme {scheme}"
    if not isinstance(table, pd.DataFrame) or not {"rotation", "sample_id", "role"} <= set(table.columns):
        raise InputError(f"{place} returned no table with the columns rotation, sample_id and role; return such a one.")
    odd = table.loc[~table["role"].isin(list(ROLES)), "role"]
    if len(odd):
        raise InputError(f"{place} gave {len(odd)} row(s) the role {odd.iloc[0]!r}; the roles are {', '.join(ROLES)}.")
    unknown = table.loc[~table["sample_id"].isin(request.samples["sample_id"]), "sample_id"]
    if len(unknown):
        raise InputError(f"{place} named {len(unknown)} sample(s) that are not there, such as {unknown.iloc[0]!r}.")
    twice = table[table.duplicated(["rotation", "sample_id"])]
    if len(twice):
        raise InputError(
            f"{place} gave {len(twice)} sample(s) two roles in one rotation, such as {twice['sample_id'].iloc[0]!r} in "
            f"rotation {twice['rotation'].iloc[0]}; a sample has one row per rotation."
        )


def find_scheme(name: str, parameters: Mapping[str, object]) -> Scheme:
    """Resolve a scheme of the configuration.

    Args:
        name: A public function that `l1000_bench.curation.schemes` defines, or `package.module:function`.
        parameters: The scheme's own parameters.

    Raises:
        InputError: If the scheme is unknown or its parameters do not fit: another name, or another type than a
            simple annotation says (int, bool, str, a list, or a `Literal` of texts).
    """
    scheme = _resolve(name)
    check_arguments(scheme, parameters, f"split scheme {name}")
    hints = annotations_of(scheme)
    for parameter, value in parameters.items():
        wanted = misfit(value, hints.get(parameter))
        if wanted:
            raise InputError(f"split scheme {name}: {parameter} is {value!r}; it takes {wanted}.")
    return scheme


def _resolve(name: str) -> Scheme:
    built_in = _built_in()
    if ":" not in name:
        if name not in built_in:
            raise InputError(
                f"unknown split scheme {name!r}; there are {', '.join(sorted(built_in))}, and a function of your own "
                "is named package.module:function."
            )
        return built_in[name]
    try:
        scheme: Scheme = pkgutil.resolve_name(name)
    except (AttributeError, ImportError, SyntaxError, ValueError) as error:
        raise InputError(
            f"cannot import the split scheme {name!r} ({error}); its module must be installed, or lie in a folder that "
            "PYTHONPATH names, and define that function."
        ) from error
    return scheme


def _built_in() -> dict[str, Scheme]:
    return {
        name: scheme
        for name, scheme in vars(importlib.import_module(BUILT_IN)).items()
        if inspect.isfunction(scheme) and scheme.__module__ == BUILT_IN and not name.startswith("_")
    }


def left_out_classes(split: pd.DataFrame, labels: pd.Series) -> list[str]:
    """Return the classes of which a split uses no sample.

    Args:
        split: See `make_split`.
        labels: (n_samples,) class labels, missing where there is none, indexed by sample_id.

    Returns:
        The classes all of whose labelled samples are unused in every rotation, alphabetically.
    """
    used = split.loc[(split["role"] != "unused").to_numpy(dtype=bool), "sample_id"].unique()
    labelled = labels.dropna()
    return sorted(set(labelled) - set(labelled[labelled.index.isin(used.astype("str"))]))


def split_digest(split: pd.DataFrame) -> str:
    """Return the SHA-256 of a split: of its lines `rotation<TAB>sample_id<TAB>role`, by rotation and sample_id."""
    table = split.astype({"sample_id": "str", "role": "str"}).sort_values(["rotation", "sample_id"])
    columns = ["rotation", "sample_id", "role"]
    text = table.to_csv(sep="\t", header=False, index=False, columns=columns, lineterminator="\n")
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
