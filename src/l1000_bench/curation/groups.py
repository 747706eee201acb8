"""What samples have in common, so that a split must not stand between them: a plate, a treatment, a compound.

A grouping is an array (n_samples,) of numbers that do not depend on the row order, -1 where the group is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from l1000_bench.curation.label_text import class_labels
from l1000_bench.errors import InputError

SAME_DOSE = 1.05
SKELETON = r"^([A-Z]{14})(?:-|$)"  # an InChIKey's first block; the tables have words such as `restricted` too


def require_columns(samples: pd.DataFrame, columns: Sequence[str], place: str) -> None:
    """Refuse columns that the samples do not have.

    Raises:
        InputError: Naming them, and the columns there are.
    """
    lacking = [column for column in columns if column not in samples.columns]
    if lacking:
        raise InputError(
            f"{place}: the split scheme groups by {', '.join(lacking)}, which the samples do not have; they have "
            f"{', '.join(map(str, samples.columns))}."
        )


def require_whole(samples: pd.DataFrame, by: str, kept: str, place: str) -> None:
    """Refuse a column that parts what must stay whole.

    Args:
        samples: Both columns.
        by: The column whose values are dealt.
        kept: The column of what must stay whole; where it or `by` is missing nothing is asked.
        place: Dataset and task.

    Raises:
        InputError: Naming a value of `kept` that has two of `by`.
    """
    pairs = samples[[kept, by]].dropna().drop_duplicates()
    parted = pairs.loc[pairs[kept].duplicated(), kept]
    if by != kept and len(parted):
        values = pairs.loc[pairs[kept] == parted.iloc[0], by].map(str)
        raise InputError(
            f"{place}: by is {by}, which parts {kept} {parted.iloc[0]} ({' and '.join(values.iloc[:2])}), so that it "
            f"would stand on both sides; name a column that keeps every {kept} whole, such as {kept}."
        )


def value_groups(samples: pd.DataFrame, column: str) -> NDArray[np.intp]:
    """Group samples by the value of a column; where it is missing the group is unknown.

    Returns:
        (n_samples,) numbers in the order of the values' text.
    """
    return np.asarray(pd.factorize(class_labels(samples, column), sort=True)[0], dtype=np.intp)


def treatment_groups(samples: pd.DataFrame, by: Sequence[str]) -> NDArray[np.intp]:
    """Group samples by the joint values of columns, a missing one being a value of its own.

    Doses, if they are numbers, are compared by how near they are: the tables have one dose as 0.625 and 0.63, or as
    11.1, 11.100000381469727 and 11.11111. Of what else is equal, neighbouring doses are one if the higher is at most
    `SAME_DOSE` times the lower; the steps of L1000's dose series are larger by far. Doses below zero, logarithms, are
    one if they are equal.

    Args:
        samples: The columns of `by`.
        by: The columns that make a treatment.

    Returns:
        (n_samples,) numbers, none of them -1.
    """
    is_dose = [column == "dose" and pd.api.types.is_numeric_dtype(samples[column]) for column in by]
    numbers = {column: value_groups(samples, column) for column, near in zip(by, is_dose, strict=True) if not near}
    joint = np.zeros(len(samples), dtype=np.intp)
    if numbers:
        joint = np.asarray(pd.DataFrame(numbers).groupby(list(numbers), sort=True).ngroup(), dtype=np.intp)
    return _dose_runs(samples["dose"].to_numpy(dtype=float), joint) if any(is_dose) else joint


def _dose_runs(doses: NDArray[np.float64], within: NDArray[np.intp]) -> NDArray[np.intp]:
    """Number the runs of near doses of every group; the missing ones of a group are one run."""
    order = np.lexsort((doses, within))  # the missing ones last
    lower, higher = doses[order][:-1], doses[order][1:]
    near = (higher == lower) | ((lower > 0) & (higher <= SAME_DOSE * lower)) | (np.isnan(lower) & np.isnan(higher))
    begins = (np.diff(within[order]) != 0) | ~near
    runs = np.empty(len(doses), dtype=np.intp)
    runs[order] = np.concatenate([[0], np.cumsum(begins)])[: len(doses)]
    return runs


def compound_groups(samples: pd.DataFrame) -> NDArray[np.intp]:
    """Group samples by compound, whatever id it goes by.

    Samples that share a pert_id, a name in any case, or the first block of an InChIKey (the skeleton, without
    stereochemistry and isotopes; Heller et al. 2015, J. Cheminform. 7:23) have one compound, and so do those that a
    chain of these joins: the compounds are the connected components. In L1000 one drug can have several pert_ids.

    Args:
        samples: Columns pert_id, pert_iname, inchi_key.

    Returns:
        (n_samples,) numbers, -1 where all three are missing.
    """
    keys = (
        samples["pert_id"].astype("str").str.strip(),
        samples["pert_iname"].astype("str").str.strip().str.casefold(),
        samples["inchi_key"].astype("str").str.strip().str.upper().str.extract(SKELETON, expand=False),
    )
    nodes, n_nodes = [], 0
    for key in keys:
        numbers, values = pd.factorize(key.mask(key == ""), sort=True)
        nodes.append(np.where(numbers < 0, -1, numbers + n_nodes))
        n_nodes += len(values)
    ends = np.concatenate([np.stack([nodes[a], nodes[b]]) for a, b in ((0, 1), (0, 2), (1, 2))], axis=1)
    ends = ends[:, (ends >= 0).all(axis=0)]  # (2, n_edges)
    graph = coo_array((np.ones(ends.shape[1], dtype=bool), (ends[0], ends[1])), shape=(n_nodes, n_nodes))
    component = pd.factorize(connected_components(graph, directed=False)[1])[0]  # by the first of its sorted keys
    known = np.where(nodes[0] >= 0, nodes[0], np.where(nodes[1] >= 0, nodes[1], nodes[2]))
    return np.append(component, -1)[known]  # (n_samples,), the last where nothing is known


def compound_clusters(samples: pd.DataFrame, vehicle: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Group samples by compound, and the vehicle's wells by plate, since the vehicle is one compound on all plates.

    Args:
        samples: Columns pert_id, pert_iname, inchi_key, plate_id.
        vehicle: (n_samples,) which samples are vehicle wells.

    Returns:
        (n_samples,) numbers, -1 where the group is unknown.
    """
    groups = np.full(len(samples), -1, dtype=np.intp)
    groups[~vehicle] = compound_groups(samples[~vehicle])
    return with_vehicle(groups, vehicle, value_groups(samples, "plate_id"))


def with_vehicle(groups: NDArray[np.intp], vehicle: NDArray[np.bool_], wells: NDArray[np.intp]) -> NDArray[np.intp]:
    """Give vehicle wells groups of their own, which no treatment or compound shares.

    Args:
        groups: (n_samples,) groups of the treated samples; those of vehicle wells are not looked at.
        vehicle: (n_samples,) which samples are vehicle wells.
        wells: (n_samples,) the groups of the vehicle wells.

    Returns:
        (n_samples,) numbers, -1 where the group is unknown.
    """
    apart = np.where(wells >= 0, wells + groups.max(initial=-1) + 1, -1)
    return np.where(vehicle, apart, groups)
