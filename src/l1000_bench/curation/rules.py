"""Curation rules: each looks at the samples as they come to it and says which to keep, and why.

A rule takes the samples and its own parameters, and returns one or more steps; all steps of a rule are computed on
the same samples, so the order of the steps changes the audit's counts and never what is left.
"""

from __future__ import annotations

import inspect
import math
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.curation.fitting import annotations_of, check_arguments, misfit
from l1000_bench.curation.label_text import class_labels, label_text
from l1000_bench.errors import InputError


class Step(NamedTuple):
    """What one rule drops: the reason in words, and a mask (n_samples,) of the samples to keep."""

    why: str
    keep: NDArray[np.bool_]


Rule = Callable[..., list[Step]]


def keep_perturbations(samples: pd.DataFrame, types: Sequence[str | float], vehicle: str | None = None) -> list[Step]:
    """Keep perturbation types, and of the vehicle controls those of one name.

    Args:
        samples: Columns pert_type, pert_iname.
        types: Values of pert_type to keep; a number is compared by its shortest text.
        vehicle: Name (any case) of the vehicle to keep besides; None keeps no vehicle control.
    """
    keep, wanted = _one_of(samples, "pert_type", types)
    if vehicle is not None:
        keep = keep | is_vehicle(samples, vehicle)
        wanted += f", nor {vehicle} as a vehicle control"
    return [Step(wanted, keep)]


def is_vehicle(samples: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    """Return the mask (n_samples,) of the vehicle controls of that name, in any case."""
    same_name = samples["pert_iname"].str.casefold() == name.casefold()
    return (same_name & (samples["pert_type"] == "ctl_vehicle")).to_numpy(dtype=bool)


def single_moa(samples: pd.DataFrame) -> list[Step]:
    """Keep samples with exactly one mechanism of action (labels are joined by `|`)."""
    known = samples["moa"].notna().to_numpy()
    several = samples["moa"].str.contains("|", regex=False).fillna(False).to_numpy(dtype=bool)
    return [Step("no known mechanism of action", known), Step("more than one mechanism of action", ~several)]


def known_labels(samples: pd.DataFrame, columns: Sequence[str]) -> list[Step]:
    """Keep samples whose labels are all known."""
    _require_columns(samples, columns)
    return [Step(f"{column} is missing", samples[column].notna().to_numpy()) for column in columns]


def keep_values(samples: pd.DataFrame, column: str, values: Sequence[str | float]) -> list[Step]:
    """Keep samples whose column has one of some values; numbers are compared by their shortest text."""
    _require_columns(samples, [column])
    keep, why = _one_of(samples, column, values)
    return [Step(why, keep)]


def _one_of(samples: pd.DataFrame, column: str, values: Sequence[str | float]) -> tuple[NDArray[np.bool_], str]:
    """Return which samples have one of the values, and in words what the others are."""
    texts = [label_text(value) for value in values]
    return class_labels(samples, column).isin(texts).to_numpy(dtype=bool), f"{column} is none of {', '.join(texts)}"


def class_threshold(
    samples: pd.DataFrame, columns: Sequence[str], more_than: int | None = None, at_least: int | None = None
) -> list[Step]:
    """Keep samples whose class is large enough in every column, counted once on the samples as they come.

    As in the paper, the classes are counted independently and in one pass, so that what is left of a class may be
    smaller than the threshold.

    Args:
        samples: The label columns.
        columns: Label columns to count.
        more_than: A class is kept when it has more samples than this.
        at_least: Or: a class is kept when it has this many or more.

    Raises:
        InputError: If not exactly one of the two thresholds is given.
    """
    _require_columns(samples, columns)
    for threshold in (more_than, at_least):
        if threshold is not None and not isinstance(threshold, int):
            raise InputError(f"class_threshold is given {threshold!r}; a threshold is a whole number.")
    if (more_than is None) == (at_least is None):
        raise InputError("class_threshold takes either more_than or at_least; give exactly one of them.")
    smallest = at_least if at_least is not None else (more_than or 0) + 1
    steps = []
    for column in columns:
        size = samples[column].map(samples[column].value_counts()).fillna(0).to_numpy()
        steps.append(Step(f"class of {column} has fewer than {smallest} samples", size >= smallest))
    return steps


def quality(
    samples: pd.DataFrame,
    qc_pass: bool = False,
    distil_cc_at_least: float | None = None,
    tas_at_least: float | None = None,
) -> list[Step]:
    """Keep samples whose metadata speak for their quality; those of unknown quality are dropped.

    Args:
        samples: Of the columns qc_pass, distil_cc and tas those that are asked for.
        qc_pass: Whether to keep only samples that passed their corpus's own quality control.
        distil_cc_at_least: Least correlation between the replicates of the sample's signature.
        tas_at_least: Least transcriptional activity score of the sample's signature.

    Raises:
        InputError: If nothing is asked for, or a threshold is no number.
    """
    check_quality({"qc_pass": qc_pass, "distil_cc_at_least": distil_cc_at_least, "tas_at_least": tas_at_least})
    steps = []
    if qc_pass:
        values = _known_values(samples, "qc_pass")
        steps += [_where_known(samples, "qc_pass"), Step("qc_pass is false", values.fillna(True).to_numpy(dtype=bool))]
    for column, least in (("distil_cc", distil_cc_at_least), ("tas", tas_at_least)):
        if least is not None:
            below = _known_values(samples, column).to_numpy(dtype=float, na_value=np.nan) < least
            steps += [_where_known(samples, column), Step(f"{column} is below {least:g}", ~below)]
    return steps


def check_quality(parameters: Mapping[str, Any]) -> None:
    """Check the values of what `quality` is asked for.

    Raises:
        InputError: If nothing is asked for, qc_pass is neither true nor false, or a threshold is no number.
    """
    asked = {name: value for name, value in parameters.items() if value is not None and value is not False}
    if not asked:
        raise InputError("quality asks for nothing; give qc_pass: true, distil_cc_at_least or tas_at_least.")
    for name, value in asked.items():
        if name == "qc_pass" and value is not True:
            raise InputError(f"quality: qc_pass is {value!r}; it takes true or false.")
        if name != "qc_pass" and (isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value)):
            raise InputError(f"quality: {name} is {value!r}; it takes a number.")


def _known_values(samples: pd.DataFrame, column: str) -> pd.Series:
    if column not in samples.columns or (len(samples) and samples[column].isna().all()):
        raise InputError(
            f"quality asks for {column}, which the tables of the corpus do not have for any sample; leave it out, or "
            "give a corpus that has it."
        )
    return samples[column]


def _where_known(samples: pd.DataFrame, column: str) -> Step:
    return Step(f"{column} is missing", samples[column].notna().to_numpy())


def _require_columns(samples: pd.DataFrame, columns: Sequence[str]) -> None:
    unknown = [column for column in columns if column not in samples.columns]
    if unknown:
        raise InputError(
            f"unknown column(s) {', '.join(unknown)} in a curation rule; the samples have {', '.join(samples.columns)}."
        )


BUILT_IN: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (keep_perturbations, single_moa, known_labels, keep_values, class_threshold, quality)
}


def find_rule(entry: dict[str, Any]) -> tuple[Rule, dict[str, Any]]:
    """Resolve a rule of the configuration.

    Args:
        entry: `{rule: NAME, ...its parameters}`; NAME is a function of this module, or `package.module:function`.

    Returns:
        The function and its parameters, which fit one another.

    Raises:
        InputError: If the rule is unknown or its parameters do not fit, or what takes a list is given none, or one of
            other values than its annotation says.
    """
    parameters = dict(entry)
    name = str(parameters.pop("rule", ""))
    try:
        rule: Rule = pkgutil.resolve_name(name) if ":" in name else BUILT_IN[name]
    except (AttributeError, ImportError, KeyError, ValueError) as error:
        raise InputError(
            f"unknown curation rule {name!r} in {entry}; known are {', '.join(sorted(BUILT_IN))}."
        ) from error
    check_arguments(rule, parameters, f"curation rule {name}")
    _require_lists(rule, name, parameters)
    return rule, parameters


def _require_lists(rule: Rule, name: str, parameters: Mapping[str, Any]) -> None:
    hints, signature = annotations_of(rule), inspect.signature(rule).parameters
    for parameter, value in parameters.items():
        if parameter not in signature or "Sequence" not in str(signature[parameter].annotation):
            continue
        if isinstance(value, str):
            raise InputError(f"curation rule {name}: {parameter} is {value!r}; it takes a list, such as [{value}].")
        wanted = misfit(value, hints.get(parameter))
        if wanted:
            quoted = " (yes, no, true and false as text stand in quotes)" if _has_bool(value) else ""
            raise InputError(f"curation rule {name}: {parameter} is {value!r}; it takes {wanted}{quoted}.")


def _has_bool(value: object) -> bool:
    return isinstance(value, list | tuple) and any(isinstance(each, bool) for each in value)


def apply_rules(
    samples: pd.DataFrame, entries: Sequence[dict[str, Any]]
) -> tuple[NDArray[np.intp], list[dict[str, Any]]]:
    """Run rules one after the other.

    Args:
        samples: One row per sample.
        entries: Rules of the configuration, see `find_rule`.

    Returns:
        The positions of the samples that are left, and the audit: one row per step with rule, before, dropped,
        after and why.
    """
    left = np.arange(len(samples))
    audit: list[dict[str, Any]] = []
    for entry in entries:
        rule, parameters = find_rule(entry)
        steps = rule(samples.iloc[left], **parameters)
        keep = np.ones(len(left), dtype=bool)
        for step in steps:
            before = int(keep.sum())
            keep &= step.keep
            audit.append(audit_row(str(entry["rule"]), before, int(keep.sum()), step.why))
        left = left[keep]
    return left, audit


def audit_row(rule: str, before: int, after: int, why: str) -> dict[str, Any]:
    """Return one row of the audit table."""
    return {"rule": rule, "before": before, "dropped": before - after, "after": after, "why": why}


def require_any(audit: Sequence[dict[str, Any]], name: str) -> None:
    """Refuse a dataset that keeps nothing.

    Args:
        audit: The rows so far.
        name: The dataset's.

    Raises:
        InputError: Naming every step and what it left, and why the last one left nothing.
    """
    if audit and audit[-1]["after"] == 0:
        steps = "; ".join(f"{row['rule']} left {row['after']}" for row in audit)
        why = f": {audit[-1]['why']}" if audit[-1]["why"] else ""
        raise InputError(f"datasets.{name}: no profile is left after its rules ({steps}{why}); loosen them.")
