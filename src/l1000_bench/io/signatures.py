"""Which signature a sample is a replicate of, and the numbers of the signature."""

from __future__ import annotations

import logging
from pathlib import Path

import pandas as pd

from l1000_bench.errors import InputError

logger = logging.getLogger(__name__)

METRICS = {"distil_cc_q75": "distil_cc", "tas": "tas"}


def instances(sig_info: pd.DataFrame, sample_ids: pd.Series, types: pd.Series, paths: tuple[Path, Path]) -> pd.Series:
    """Find the signature of every sample.

    Signatures of a perturbation type that no sample of the matrix has are passed over: CLUE publishes one matrix per
    type and one table for all, and GEO's table has consensus signatures of several reagents beside those of one.

    Args:
        sig_info: Columns sig_id, pert_type, distil_id (sample ids joined by `|`).
        sample_ids: The matrix's samples.
        types: Their pert_type, in any order.
        paths: The files of sig_info and of the matrix, for the message.

    Returns:
        sig_id by sample_id, for the samples that are part of a signature.

    Raises:
        InputError: If a signature names a sample that the matrix lacks, or two name the same one.
    """
    of_type = sig_info["pert_type"].isin(types.dropna().unique())
    if not of_type.all():
        others = ", ".join(sig_info.loc[~of_type, "pert_type"].fillna("none").unique())
        logger.info("%s: %d signatures are of types that no sample has (%s)", paths[0], (~of_type).sum(), others)
    held = sig_info[of_type & sig_info["distil_id"].notna()]
    pairs = held[["sig_id", "distil_id"]].assign(distil_id=held["distil_id"].str.split("|")).explode("distil_id")
    _check_members(pairs, sample_ids, paths)
    return pairs.set_index("distil_id")["sig_id"].astype("str")


def _check_members(pairs: pd.DataFrame, sample_ids: pd.Series, paths: tuple[Path, Path]) -> None:
    # As objects, since looking up a million texts among a million is many times slower in Arrow's form.
    known = pd.Index(pairs["distil_id"].to_numpy(dtype=object)).isin(sample_ids.to_numpy(dtype=object))
    absent = pairs[~known]
    if len(absent):
        raise InputError(
            f"{paths[0]} names {absent['distil_id'].nunique()} instance(s) that {paths[1]} lacks, the first is "
            f"{absent['distil_id'].iloc[0]!r} of the signature {absent['sig_id'].iloc[0]!r} in row "
            f"{absent.index[0] + 1}; give the sig_info of this matrix, or name none."
        )
    twice = pairs["distil_id"].duplicated()
    if twice.any():
        again = pairs[twice].iloc[0]
        first = pairs.loc[pairs["distil_id"] == again["distil_id"], "sig_id"].iloc[0]
        raise InputError(
            f"{paths[0]} names the instance {again['distil_id']!r} in two signatures, {first!r} and "
            f"{again['sig_id']!r} in row {pairs.index[twice][0] + 1} ({twice.sum()} such instances in all); a sample "
            "is a replicate of one signature: mend the table, or name none."
        )


def metrics(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the columns distil_cc and tas as text, by sig_id: of sig_metrics, or of a sig_info that has them."""
    for role in ("sig_metrics", "sig_info"):
        if role in tables and set(METRICS) <= set(tables[role].columns):
            return tables[role].set_index("sig_id")[list(METRICS)].rename(columns=METRICS)
    return pd.DataFrame(columns=list(METRICS.values()), index=pd.Index([], name="sig_id", dtype="str"), dtype="str")
