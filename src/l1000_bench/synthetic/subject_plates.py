"""Which perturbagen lies in which well of which subject's plates, and which wells failed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1000_bench.synthetic.plates import Ints
from l1000_bench.synthetic.spec import WELLS_PER_PLATE, Stream
from l1000_bench.synthetic.subject_spec import SubjectSpec
from l1000_bench.synthetic.vocabulary import SUBJECTS


@dataclass(frozen=True)
class SubjectWells:
    """One entry per profile, in the matrix's order: by subject, then by replicate plate, then by well.

    Attributes:
        subject: (n_samples,) number of the subject.
        replicate: (n_samples,) number of the subject's plate.
        position: (n_samples,) place on the plate, 0 (A01) to 383 (P24).
        perturbagen: (n_samples,) number of the compound; the vehicle comes after the last compound.
        dose_um: (n_samples,) micromolar, NaN where the perturbagen is the vehicle.
    """

    subject: Ints
    replicate: Ints
    position: Ints
    perturbagen: Ints
    dose_um: NDArray[np.float64]


def lay_out_subjects(spec: SubjectSpec) -> SubjectWells:
    """Fill the plates of every subject: all compounds at all doses and the vehicle, each at random places.

    The replicate plates of a subject are filled alike, so that replicates share a well; failed wells are left out.

    Args:
        spec: Gives the seed and the sizes.

    Returns:
        The wells that did not fail.
    """
    rng = spec.stream(Stream.SUBJECT_PLATES)
    compound, dose = (axis.ravel() for axis in np.indices((spec.n_compounds, len(spec.doses))))
    perturbagen = np.concatenate([compound, np.full(spec.n_vehicle, spec.n_compounds)])  # (n_wells,)
    dose_um = np.concatenate([np.array(spec.doses)[dose], np.full(spec.n_vehicle, np.nan)])
    n_wells = len(perturbagen)
    places = rng.random((len(SUBJECTS), WELLS_PER_PLATE)).argsort(axis=1)[:, :n_wells]  # (n_subjects, n_wells)
    there = rng.random((len(SUBJECTS), spec.n_replicates, n_wells)) >= spec.failed_share
    there[:, 0] |= ~there.any(axis=1)
    subject, replicate, well = np.nonzero(there)
    position = places[subject, well]
    order = np.lexsort((position, replicate, subject))
    subject, replicate, well = subject[order], replicate[order], well[order]
    return SubjectWells(subject, replicate, position[order], perturbagen[well], dose_um[well])
