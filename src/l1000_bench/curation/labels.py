"""Label columns of the samples: mechanism of action and perturbagen identity."""

from __future__ import annotations

from typing import Any

import pandas as pd

from l1000_bench.curation.rules import audit_row, is_vehicle

COMPOUND_TYPES = ("trt_cp", "trt_poscon")


def add_labels(
    samples: pd.DataFrame, annotations: pd.DataFrame, vehicle: str
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Add the columns moa and perturbagen.

    A compound's mechanisms are looked up by pert_id first, then by its InChIKey, then by its case-folded name. The
    vehicle control is a class of its own; no other control and no genetic perturbation has a mechanism.

    Args:
        samples: Raw samples.
        annotations: Columns matched_by, key, moa (see `l1000_bench.io.moa.annotate`).
        vehicle: Name of the vehicle, its class's label.

    Returns:
        A new frame, and the audit rows that count by what the profiles found their mechanism.
    """
    compound = samples["pert_type"].isin(COMPOUND_TYPES)
    control = is_vehicle(samples, vehicle)
    found, counts = look_up_moa(samples, annotations, compound)
    moa = found.mask(control, vehicle).astype("str")
    counts |= {
        "vehicle controls": int(control.sum()),
        "compounds without a known mechanism": int((compound & moa.isna()).sum()),
        "other perturbations and controls": int((~compound & ~control).sum()),
    }
    why = "profiles that found their mechanism of action " + ", ".join(f"{what}: {n:,}" for what, n in counts.items())
    labelled = samples.assign(moa=moa, perturbagen=perturbagen_names(samples))
    return labelled, [audit_row("moa_annotation", len(samples), len(samples), why)]


def look_up_moa(
    samples: pd.DataFrame, annotations: pd.DataFrame, compound: pd.Series
) -> tuple[pd.Series, dict[str, int]]:
    """Find the mechanisms of compounds, by each key only those that the keys before it did not find.

    Args:
        samples: Columns pert_id, inchi_key, pert_iname.
        annotations: Columns matched_by, key, moa.
        compound: (n_samples,) which samples are treated with a compound.

    Returns:
        (n_samples,) the mechanisms joined by `|`, missing where none is known; and how many each key found.
    """
    look_up = {str(kind): table.set_index("key")["moa"] for kind, table in annotations.groupby("matched_by")}
    keys = {
        ("pert_id", "by pert_id"): samples["pert_id"],
        ("inchi_key", "by InChIKey"): samples["inchi_key"].str.strip().str.upper(),
        ("name", "by name"): samples["pert_iname"].str.casefold(),
    }
    moa = pd.Series(pd.NA, samples.index, dtype="str")
    counts = {}
    for (kind, words), key in keys.items():
        new = key.map(look_up.get(kind, pd.Series(dtype="str"))).astype("str").where(compound & moa.isna())
        counts[words] = int(new.notna().sum())
        moa = moa.fillna(new)
    return moa, counts


def perturbagen_names(samples: pd.DataFrame) -> pd.Series:
    """Name each sample's perturbagen so that one pert_id has one name and no two share one.

    The name is the first pert_iname of the pert_id, or else the pert_id; where several pert_ids carry it, the pert_id
    follows in brackets.

    Args:
        samples: Columns pert_id, pert_iname.

    Returns:
        (n_samples,) text, missing where the pert_id is.
    """
    names = samples.dropna(subset=["pert_id"]).groupby("pert_id")["pert_iname"].first()
    names = names.fillna(names.index.to_series())
    shared = names.str.casefold().duplicated(keep=False)
    names = names.where(~shared, names + " (" + names.index + ")")
    return samples["pert_id"].map(names).astype("str")
