"""Splits: which sample is train, dev, test or unused in which rotation.

A scheme is a function of the samples and of its parameters; `stratified` is the paper's (McDermott et al. 2020,
section 3.3): K folds, in rotation i fold i is dev, fold (i + 1) mod K is test and the others train.
"""

from __future__ import annotations

import hashlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.curation.labels import class_labels
from l1000_bench.errors import InputError

Scheme = Callable[..., pd.DataFrame]
ROLES = ("train", "dev", "test", "unused")
TRAIN, DEV, TEST, UNUSED = range(4)


@dataclass(frozen=True)
class SplitRequest:
    """What every scheme is told.

    Attributes:
        samples: Curated samples, one row each.
        label_column: The column that holds the classes; samples without a label are unused.
        stratify_by: Columns whose joint values make the strata.
        place: Dataset and task, for messages.
    """

    samples: pd.DataFrame
    label_column: str
    stratify_by: Sequence[str]
    place: str


def make_split(request: SplitRequest, scheme: str, parameters: Mapping[str, object]) -> pd.DataFrame:
    """Run a scheme.

    Args:
        request: Samples, labels, strata.
        scheme: See `find_scheme`.
        parameters: The scheme's own parameters.

    Returns:
        Columns rotation (int), sample_id, role; one row per rotation and sample, both text columns categorical.

    Raises:
        InputError: If the scheme is unknown or its parameters do not fit, or as the scheme says.
    """
    return find_scheme(scheme, parameters)(request, **parameters)


def find_scheme(name: str, parameters: Mapping[str, object]) -> Scheme:
    """Resolve a scheme of the configuration.

    Args:
        name: `stratified`, or `package.module:function`.
        parameters: The scheme's own parameters.

    Raises:
        InputError: If the scheme is unknown or its parameters do not fit.
    """
    try:
        scheme: Scheme = pkgutil.resolve_name(name) if ":" in name else {"stratified": stratified}[name]
        inspect.signature(scheme).bind(None, **parameters)
    except (AttributeError, ImportError, KeyError, ValueError) as error:
        raise InputError(f"unknown split scheme {name!r}; the built-in one is stratified.") from error
    except TypeError as error:
        fitting = f"its parameters are {inspect.signature(scheme)}" if callable(scheme) else "name a function"
        raise InputError(f"split scheme {name}: {error}; {fitting}.") from error
    for parameter, value in parameters.items():
        if inspect.signature(scheme).parameters[parameter].annotation in (int, "int") and type(value) is not int:
            raise InputError(f"split scheme {name}: {parameter} is {value!r}; it takes a whole number.")
    return scheme


def stratified(request: SplitRequest, n_folds: int, seed: int) -> pd.DataFrame:
    """Rotate K folds that share out every stratum, as the paper does.

    Args:
        request: Samples, labels, strata.
        n_folds: K, at least 3.
        seed: Seed of the shuffle within strata.

    Raises:
        InputError: If K is below 3, fewer than two classes are left, or a class has fewer samples than folds.
    """
    if not isinstance(n_folds, int) or n_folds < 3:
        raise InputError(f"{request.place}: n_folds is {n_folds!r}; it is a whole number, at least 3.")
    labels = class_labels(request.samples, request.label_column)
    _require_classes(labels, n_folds, request.place)
    labelled = labels.notna().to_numpy()
    folds = np.full(len(labels), -1)
    folds[labelled] = deal_folds(request.samples[labelled], request.stratify_by, n_folds, seed)
    return rotate(request.samples["sample_id"].to_numpy(dtype=object), folds, n_folds)


def _require_classes(labels: pd.Series, n_folds: int, place: str) -> None:
    counts = labels.value_counts()
    if len(counts) < 2:
        left = f"only the class {counts.index[0]!r}" if len(counts) else "no class"
        raise InputError(
            f"{place}: {left} is left after curation, and a task needs two; see the dataset's audit and lower its "
            "class thresholds."
        )
    small = counts[counts < n_folds]
    if len(small):
        raise InputError(
            f"{place}: class {small.index[-1]!r} has {small.iloc[-1]} samples ({len(small)} such classes), fewer than "
            f"the {n_folds} folds; raise the dataset's class threshold to {n_folds} or lower n_folds."
        )


def deal_folds(samples: pd.DataFrame, stratify_by: Sequence[str], n_folds: int, seed: int) -> NDArray[np.intp]:
    """Deal samples to folds so that every stratum, and every value of each column, is shared out evenly.

    Each stratum gives every fold the same number; what is left over goes, one by one, to the folds that have had the
    fewest left-overs of the same column values, so that strata smaller than K do not pile up. The row order of
    the samples does not matter.

    Args:
        samples: Column sample_id and the columns of `stratify_by`.
        stratify_by: Columns whose joint values make the strata; missing values make one of their own.
        n_folds: K.
        seed: Seed of the shuffle.

    Returns:
        (n_samples,) the fold of each sample, 0 to K - 1.
    """
    rng = np.random.default_rng(seed)
    codes = np.stack([pd.factorize(samples[column], sort=True)[0] + 1 for column in stratify_by])  # (n_columns, n)
    by_id = np.argsort(samples["sample_id"].to_numpy(dtype=object), kind="stable")
    shuffled = by_id[rng.permutation(len(samples))]
    values, stratum = np.unique(codes, axis=1, return_inverse=True)  # (n_columns, n_strata), (n,)
    members = np.split(shuffled[np.argsort(stratum[shuffled], kind="stable")], np.cumsum(np.bincount(stratum))[:-1])
    leftovers = np.zeros((len(values), int(codes.max(initial=0)) + 1, n_folds))  # per column, value and fold
    size = np.zeros(n_folds)
    folds = np.empty(len(samples), dtype=np.intp)
    for number in sorted(range(len(members)), key=lambda s: -len(members[s])):
        own = leftovers[np.arange(len(values)), values[:, number]]  # (n_columns, K)
        favoured = np.lexsort((size, own.sum(axis=0)))
        extra = favoured[: len(members[number]) % n_folds]
        leftovers[np.arange(len(values))[:, None], values[:, number, None], extra[None, :]] += 1
        size[extra] += 1
        folds[members[number]] = np.resize(favoured, len(members[number]))
    return folds


def rotate(sample_ids: NDArray[np.object_], folds: NDArray[np.intp], n_folds: int) -> pd.DataFrame:
    """Turn folds into the paper's rotations.

    Args:
        sample_ids: (n_samples,) text.
        folds: (n_samples,) 0 to K - 1, or -1 for a sample that is not used.
        n_folds: K.

    Returns:
        The split table, see `make_split`.
    """
    rotations = np.arange(n_folds)[:, None]
    roles = np.where(folds == rotations, DEV, np.where(folds == (rotations + 1) % n_folds, TEST, TRAIN))  # (K, n)
    roles = np.where(folds < 0, UNUSED, roles)
    return pd.DataFrame(
        {
            "rotation": np.repeat(np.arange(n_folds), len(sample_ids)),
            "sample_id": pd.Categorical.from_codes(np.tile(np.arange(len(sample_ids)), n_folds), pd.Index(sample_ids)),
            "role": pd.Categorical.from_codes(roles.ravel(), pd.Index(ROLES)),
        }
    )


def split_digest(split: pd.DataFrame) -> str:
    """Return the SHA-256 of a split: of its lines `rotation<TAB>sample_id<TAB>role`, by rotation and sample_id."""
    table = split.astype({"sample_id": "str", "role": "str"}).sort_values(["rotation", "sample_id"])
    columns = ["rotation", "sample_id", "role"]
    text = table.to_csv(sep="\t", header=False, index=False, columns=columns, lineterminator="\n")
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
