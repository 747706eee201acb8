"""Which perturbagen lies in which well of which plate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l1000_bench.synthetic.perturbagens import Perturbagens
from l1000_bench.synthetic.spec import (
    HAIRPIN_SHARE,
    TIMES_H,
    VEHICLE_SHARE,
    WELLS_PER_PLATE,
    Stream,
    SyntheticSpec,
)

COLUMNS_PER_PLATE = 24

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Wells:
    """One entry per profile, in the matrix's order: by plate, then by well.

    Attributes:
        plate: (n_samples,) number of the plate; plates count replicates fastest, then times, then cell lines.
        position: (n_samples,) place on the plate, 0 (A01) to 383 (P24).
        perturbagen: (n_samples,) row of the perturbagen table.
        dose_um: (n_samples,) micromolar, NaN where the perturbagen is no compound.
        n_replicates: Replicate plates of every cell line and time.
    """

    plate: Ints
    position: Ints
    perturbagen: Ints
    dose_um: NDArray[np.float64]
    n_replicates: int

    @property
    def replicate(self) -> Ints:
        """(n_samples,) replicate, from 0."""
        return self.plate % self.n_replicates

    @property
    def time_h(self) -> Ints:
        """(n_samples,) hours between treatment and lysis."""
        return np.array(TIMES_H)[self.plate // self.n_replicates % len(TIMES_H)]

    @property
    def cell(self) -> Ints:
        """(n_samples,) number of the cell line."""
        return self.plate // (self.n_replicates * len(TIMES_H))

    @property
    def names(self) -> list[str]:
        """Name of every well on its plate, A01 to P24."""
        return well_names(self.position)


def well_names(position: Ints) -> list[str]:
    """Name wells by their places on a plate, 0 (A01) to 383 (P24)."""
    return [f"{chr(ord('A') + p // COLUMNS_PER_PLATE)}{p % COLUMNS_PER_PLATE + 1:02d}" for p in position]


def lay_out(spec: SyntheticSpec, perturbagens: Perturbagens) -> Wells:
    """Fill the plates of a corpus: one plate per cell line, time and replicate, each well at random.

    Every cell line meets every compound at every dose on each replicate, at one of the two times; times alternate over
    compounds, doses and cell lines. Vehicle and hairpins fill up to their shares.

    Args:
        spec: Gives the seed and the sizes.
        perturbagens: The perturbagens.

    Returns:
        The wells, ordered by plate and place.
    """
    rng = spec.stream(Stream.PLATES)
    plate, compound, dose = _compound_wells(spec, perturbagens.rows("trt_cp"))
    n_plates = spec.n_cell_lines * len(TIMES_H) * spec.n_replicates
    per_compound_well = 1 / (1 - VEHICLE_SHARE - HAIRPIN_SHARE)
    parts = [(plate, compound, dose)]
    for pert_type, share in (("ctl_vehicle", VEHICLE_SHARE), ("trt_sh", HAIRPIN_SHARE)):
        n = round(len(plate) * share * per_compound_well)
        fill = np.arange(n) * n_plates // n  # (n,) plates in equal numbers
        parts.append((fill, rng.choice(perturbagens.rows(pert_type), size=n), np.full(n, np.nan)))
    plate, perturbagen, dose_um = (np.concatenate(column) for column in zip(*parts, strict=True))
    places = rng.random((n_plates, WELLS_PER_PLATE)).argsort(axis=1)  # (n_plates, 384) a shuffle per plate
    by_plate = np.argsort(plate, kind="stable")
    first_of_plate = np.searchsorted(plate[by_plate], plate[by_plate])
    position = np.empty_like(plate)
    position[by_plate] = places[plate[by_plate], np.arange(len(plate)) - first_of_plate]
    order = np.lexsort((position, plate))
    return Wells(plate[order], position[order], perturbagen[order], dose_um[order], spec.n_replicates)


def _compound_wells(spec: SyntheticSpec, compounds: Ints) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Return plate, compound and dose of every treated well."""
    shape = (spec.n_cell_lines, spec.n_replicates, len(compounds), len(spec.doses))
    cell, replicate, compound, dose = (axis.ravel() for axis in np.indices(shape))
    time = (cell + compound + dose) % len(TIMES_H)
    plate = (cell * len(TIMES_H) + time) * spec.n_replicates + replicate
    return plate, compounds[compound], np.array(spec.doses)[dose]
