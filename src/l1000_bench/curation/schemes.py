"""The built-in split schemes: each asks another question of a classifier.

| scheme | does it hold for … |
|---|---|
| stratified | other profiles of the same treatments, plates and cell lines (McDermott et al. 2020, section 3.3) |
| replicate_grouped | treatments (compound, dose, time, cell line) of which it has seen no replicate |
| plate_grouped | plates it has never seen |
| compound_grouped | compounds it has never seen |
| cell_held_out | cell lines it has never seen |
| leave_one_subject_out | a subject it has never seen |
| transfer | the samples of another set than it was trained on, such as another cell line or batch |

Where profiles share a plate, a compound or a subject, folds of single profiles tell how well a classifier remembers
them; whole groups must be held out to tell how it does on new ones (Roberts et al. 2017, "Cross-validation strategies
for data with temporal, spatial, hierarchical, or phylogenetic structure", Ecography 40, 913-929).

A class can then be missing from a training part: all its groups are held out. That is normal here, and what is
predicted for its samples is wrong by definition. Classes with too few groups are unused, refused or kept
(`small_classes`: drop, error, keep). `per_sample: true` is the control: exactly the samples that the groups allow,
dealt one by one over `stratify_by`; the difference in accuracy is what the grouping costs.

Every public function that this module defines is a scheme by its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from l1000_bench.curation.folds import deal_folds, rotate, rotation_roles
from l1000_bench.curation.grouped import (
    Dealing,
    Grouping,
    SmallClasses,
    checked_split,
    require_two_classes,
    split_groups,
)
from l1000_bench.curation.groups import (
    compound_clusters,
    require_columns,
    require_whole,
    treatment_groups,
    value_groups,
    with_vehicle,
)
from l1000_bench.curation.held_out import (
    labels_on_both_sides,
    require_apart,
    require_known_subjects,
    select,
    tested_subjects,
)
from l1000_bench.curation.label_text import class_labels, label_text
from l1000_bench.curation.rules import is_vehicle
from l1000_bench.curation.splits import TEST, TRAIN, UNUSED, SplitRequest
from l1000_bench.errors import InputError

TREATMENT = ("pert_id", "cell_id", "subject_id", "dose", "dose_unit", "time", "time_unit")


def stratified(
    request: SplitRequest, n_folds: int, seed: int, small_classes: Literal["error", "keep"] = "error", dev: bool = True
) -> pd.DataFrame:
    """Rotate K folds that share out every stratum, as the paper does.

    Args:
        request: Samples, labels, strata.
        n_folds: K, at least 3, or 2 without a dev fold.
        seed: Seed of the shuffle within strata.
        small_classes: `error` refuses a class with fewer samples than folds; `keep` keeps it, and some folds lack it.
        dev: Whether fold i is dev in rotation i and fold i + 1 test; else fold i is test.

    Raises:
        InputError: If a number is out of range, fewer than two classes are left, or a class has too few samples.
    """
    Dealing(n_folds, seed, dev).check(request.place)
    labels = class_labels(request.samples, request.label_column)
    require_two_classes(labels, "after curation", request.place)
    counts = labels.value_counts()
    if small_classes == "error" and counts.iloc[-1] < n_folds:
        raise InputError(
            f"{request.place}: class {counts.index[-1]!r} has {counts.iloc[-1]} samples ({(counts < n_folds).sum()} "
            f"such classes), fewer than the {n_folds} folds; raise the dataset's class threshold to {n_folds}, lower "
            "n_folds, or set small_classes to keep."
        )
    labelled = labels.notna().to_numpy()
    folds = np.full(len(labels), -1)
    folds[labelled] = deal_folds(request.samples[labelled], request.stratify_by, n_folds, seed)
    if small_classes == "keep":
        return checked_split(request, labels, rotation_roles(folds, n_folds, dev))
    return rotate(request.samples["sample_id"].to_numpy(dtype=object), folds, n_folds, dev=dev)


def replicate_grouped(  # noqa: PLR0913 - the keys of a user's YAML
    request: SplitRequest,
    n_folds: int,
    seed: int,
    *,
    by: Sequence[str] = TREATMENT,
    small_classes: SmallClasses = "error",
    dev: bool = True,
    per_sample: bool = False,
) -> pd.DataFrame:
    """Hold out whole treatments: does it hold for treatments of which it has seen no replicate?

    The vehicle wells of a cell line would all be one treatment, so they go by plate_set instead (plate_id where that
    is missing).

    Args:
        request: Samples, labels, strata, vehicle.
        n_folds: K, at least 3, or 2 without a dev fold.
        seed: Seed of the order in which groups of one size are dealt.
        by: The columns that make a treatment; a missing value is a value of its own.
        small_classes: What becomes of a class with fewer than 2 treatments.
        dev: Whether a fold is held out as dev.
        per_sample: Whether the same samples are dealt one by one.

    Raises:
        InputError: If the samples lack a column, or as `split_groups` says.
    """
    samples, place = request.samples, request.place
    if not by:
        raise InputError(f"{place}: by is empty; name the columns that make a treatment, such as pert_id.")
    require_columns(samples, (*by, "pert_iname", "pert_type", "plate_set", "plate_id"), place)
    plates = samples.assign(plate_set=samples["plate_set"].fillna(samples["plate_id"]))
    wells = value_groups(plates, "plate_set")
    groups = with_vehicle(treatment_groups(samples, by), is_vehicle(samples, request.vehicle), wells)
    dealing = Dealing(n_folds, seed, dev, small_classes, per_sample)
    return split_groups(request, Grouping(groups, "treatments"), dealing)


def plate_grouped(  # noqa: PLR0913 - the keys of a user's YAML
    request: SplitRequest,
    n_folds: int,
    seed: int,
    *,
    by: str = "plate_id",
    small_classes: SmallClasses = "drop",
    dev: bool = True,
    per_sample: bool = False,
) -> pd.DataFrame:
    """Hold out whole plates: does it hold for plates it has never seen?

    Args:
        request: Samples, labels, strata.
        n_folds: K, at least 3, or 2 without a dev fold.
        seed: Seed of the order in which plates of one size are dealt.
        by: The column that tells the plate, or plate_set to keep replicate plates together; it may part no plate.
        small_classes: What becomes of a class that is on fewer than 2 plates.
        dev: Whether a fold is held out as dev.
        per_sample: Whether the same samples are dealt one by one.

    Raises:
        InputError: If the samples lack the column or it parts what is held out, or as `split_groups` says.
    """
    return _by_value(request, by, ("plate_id", "plates"), Dealing(n_folds, seed, dev, small_classes, per_sample))


def cell_held_out(  # noqa: PLR0913 - the keys of a user's YAML
    request: SplitRequest,
    n_folds: int,
    seed: int,
    *,
    by: str = "cell_id",
    small_classes: SmallClasses = "drop",
    dev: bool = True,
    per_sample: bool = False,
) -> pd.DataFrame:
    """Hold out whole cell lines: does it hold for cell lines it has never seen?

    Args:
        request: Samples, labels, strata.
        n_folds: K, at least 3, or 2 without a dev fold.
        seed: Seed of the order in which cell lines of one size are dealt.
        by: The column that tells the cell line, or what else is held out of a sample's origin, such as primary_site; it
            may part no cell line.
        small_classes: What becomes of a class that is in fewer than 2 cell lines.
        dev: Whether a fold is held out as dev.
        per_sample: Whether the same samples are dealt one by one.

    Raises:
        InputError: If the samples lack the column or it parts what is held out, or as `split_groups` says.
    """
    return _by_value(request, by, ("cell_id", "cell lines"), Dealing(n_folds, seed, dev, small_classes, per_sample))


def _by_value(request: SplitRequest, by: str, kept: tuple[str, str], dealing: Dealing) -> pd.DataFrame:
    """Deal the samples of every value of a column together.

    Args:
        request: Samples, labels, strata.
        by: The column.
        kept: The column of what must stay whole, be `by` the same or another one, and its plural in words.
        dealing: How.
    """
    column, words = kept
    require_columns(request.samples, [by, column], request.place)
    require_whole(request.samples, by, column, request.place)
    called = words if by == column else f"values of {by}"
    return split_groups(request, Grouping(value_groups(request.samples, by), called), dealing)


def compound_grouped(  # noqa: PLR0913 - the keys of a user's YAML
    request: SplitRequest,
    n_folds: int,
    seed: int,
    *,
    vehicle: Literal["by_plate", "leave_out"] = "by_plate",
    small_classes: SmallClasses = "drop",
    dev: bool = True,
    per_sample: bool = False,
) -> pd.DataFrame:
    """Hold out whole compounds, whatever id they go by: does it hold for compounds it has never seen?

    Args:
        request: Samples, labels, strata, vehicle.
        n_folds: K, at least 3, or 2 without a dev fold.
        seed: Seed of the order in which compounds of one size are dealt.
        vehicle: `by_plate` holds out the vehicle's wells plate by plate, so that its class counts plates; `leave_out`
            leaves them unused.
        small_classes: What becomes of a class with fewer than K compounds.
        dev: Whether a fold is held out as dev.
        per_sample: Whether the same samples are dealt one by one.

    Raises:
        InputError: If the samples lack a column, or as `split_groups` says.
    """
    samples = request.samples
    require_columns(samples, ("pert_id", "pert_iname", "inchi_key", "pert_type", "plate_id"), request.place)
    wells = is_vehicle(samples, request.vehicle)
    groups = compound_clusters(samples, wells)
    left_out = wells if vehicle == "leave_out" else None
    dealing = Dealing(n_folds, seed, dev, small_classes, per_sample)
    return split_groups(request, Grouping(groups, "compounds", n_folds, left_out), dealing)


def leave_one_subject_out(
    request: SplitRequest, column: str = "subject_id", exclude: Sequence[str | int] = ()
) -> pd.DataFrame:
    """Test one subject after the other, in sorted order, and train on all others: does it hold for a new subject?

    There is no dev part, so the settings must come from elsewhere. Samples without a subject are unused.

    Args:
        request: Samples, labels.
        column: The column that tells the subject.
        exclude: Subjects that are trained on and never tested; a number is compared by its text.

    Raises:
        InputError: If there are no such column, subjects or classes, an excluded subject does not exist, or none is
            left to test.
    """
    require_columns(request.samples, [column], request.place)
    subjects = class_labels(request.samples, column)
    excluded = [label_text(subject) for subject in exclude]
    require_known_subjects(subjects, excluded, request.place)
    labels = class_labels(request.samples, request.label_column).where(subjects.notna())
    tested = tested_subjects(subjects.where(labels.notna()), excluded, request.place)
    require_two_classes(labels, f"among the samples with a {column}", request.place)
    held_out = subjects.to_numpy(dtype=object) == np.array(tested, dtype=object)[:, None]  # (n_rotations, n)
    roles = np.where(labels.notna(), np.where(held_out, TEST, TRAIN), UNUSED)
    return checked_split(request, labels, roles)


def transfer(request: SplitRequest, train: str, test: str, small_classes: SmallClasses = "drop") -> pd.DataFrame:
    """Train on the samples that one query selects and test those of another: does it hold on another set?

    There is one rotation and no dev part, so the settings must come from elsewhere.

    Args:
        request: Samples, labels.
        train: Query on the samples, as for `pandas.DataFrame.query`, such as `cell_id == "A375"`; samples that lack a
            value it compares are not selected, see `l1000_bench.curation.held_out.select`.
        test: Likewise; no sample may be selected by both.
        small_classes: What becomes of a class that is on one side only.

    Raises:
        InputError: If a query cannot be read, selects nothing or nothing labelled, or a sample that the other selects
            too, or the sides share no class.
    """
    samples, place = request.samples, request.place
    trained, tested = (select(samples, query, side, place) for side, query in (("train", train), ("test", test)))
    require_apart(trained, tested, samples, place)
    labels = class_labels(samples, request.label_column).where(trained | tested)
    labels = labels_on_both_sides(labels, trained, small_classes, place)
    roles = np.where(labels.notna(), np.where(trained, TRAIN, TEST), UNUSED)
    return checked_split(request, labels, roles[None, :])
