"""What a synthetic corpus is made of: sizes, strengths, and one random stream per part."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from l1000_bench.errors import InputError
from l1000_bench.synthetic.vocabulary import CELL_LINES, MOAS

N_LANDMARKS = 978
TIMES_H = (6, 24)
WELLS_PER_PLATE = 384
VEHICLE_SHARE = 1 / 6
HAIRPIN_SHARE = 1 / 10

# Least and most of every field.
GENE_INTEGERS = {"seed": (0, 2**63 - 1), "n_genes": (N_LANDMARKS, 100_000)}
INTEGERS = {
    **GENE_INTEGERS,
    "n_cell_lines": (1, len(CELL_LINES)),
    "n_compounds": (1, 10_000),
    "n_moas": (2, len(MOAS)),
    "n_replicates": (1, 100),
}
NUMBERS = {
    "graph_signal": (0.0, 1.0),
    "moa_strength": (0.0, 1e4),
    "compound_strength": (0.0, 1e4),
    "cell_strength": (0.0, 1e4),
    "plate_strength": (0.0, 1e4),
    "noise_strength": (0.0, 1e4),
    "noise_df": (2.1, 1e4),  # 2 and fewer have no variance
}
DOSE_UM = (1e-6, 1e6)


class Stream(IntEnum):
    """The parts that draw random numbers, each from its own stream.

    So a changed strength changes its own term alone: two specs that differ in `plate_strength` share the noise.
    """

    GENES = 1
    GRAPH = 2
    PERTURBAGENS = 3
    PLATES = 4
    MOA_EFFECTS = 5
    RESPONSES = 6
    CELLS = 7
    BATCHES = 8
    NOISE = 9
    ORDER = 10
    LINKS = 11
    SUBJECT_PLATES = 12
    SUBJECT_RESPONSES = 13
    SUBJECT_INTERACTIONS = 14
    SUBJECT_BASELINES = 15
    SUBJECT_BATCHES = 16
    SUBJECT_NOISE = 17
    SUBJECT_ORDER = 18


@dataclass(frozen=True)
class GeneSpec:
    """What genes and their planted graph are drawn from; two corpora with the same two values share both.

    Attributes:
        seed: Seed of every random draw, zero or more.
        n_genes: Genes, 978 of which are landmarks.
    """

    seed: int
    n_genes: int = 1200

    def stream(self, part: Stream) -> np.random.Generator:
        """Return the generator of one part, the same for the same seed."""
        return np.random.default_rng([self.seed, int(part)])


@dataclass(frozen=True)
class SyntheticSpec(GeneSpec):
    """The sizes and strengths of a synthetic corpus.

    A strength is the Euclidean norm of the term over all `n_genes` genes, in z-score units: a norm of 10 over 1,200
    genes is 0.29 z per gene (root mean square). The defaults leave no task solved and none hopeless.

    Attributes:
        seed: Seed of every random draw, zero or more.
        n_genes: Genes of the matrix, 978 of which are landmarks.
        n_cell_lines: Profiled cell lines.
        n_compounds: Compounds; most have one MOA, a few have two and a few none.
        n_moas: Mechanisms of action.
        n_replicates: Replicate plates of every cell line and time.
        doses: Doses of every compound, micromolar.
        graph_signal: g in [0, 1]: how much of the MOA effects follows the planted graph.
        moa_strength: Norm of an MOA's effect in a cell line, at saturating dose and mean sensitivity.
        compound_strength: Norm of a compound's (or hairpin's) own effect, at saturating dose.
        cell_strength: Norm of a cell line's pattern.
        plate_strength: Norm of a plate's batch effect.
        noise_strength: Scale of the noise per gene, z-score units (its quartiles lie at +-0.74 of it for 4 degrees).
        noise_df: Degrees of freedom of the Student t noise; fewer make heavier tails.

    Raises:
        InputError: If a value is of the wrong type, out of range, or the plates would overflow.
    """

    n_cell_lines: int = 12
    n_compounds: int = 60
    n_moas: int = 12
    n_replicates: int = 3
    doses: tuple[float, ...] = (1.11, 10.0)
    graph_signal: float = 1.0
    moa_strength: float = 10.0
    compound_strength: float = 5.0
    cell_strength: float = 4.5
    plate_strength: float = 4.0
    noise_strength: float = 1.0
    noise_df: float = 4.0

    def __post_init__(self) -> None:
        check_values(self, INTEGERS, NUMBERS)
        object.__setattr__(self, "doses", checked_doses(self.doses))
        self._check_sizes()

    def _check_sizes(self) -> None:
        if self.n_single_moa < self.n_moas:
            raise InputError(
                f"n_compounds {self.n_compounds} leaves {self.n_single_moa} compounds with one MOA, "
                f"fewer than n_moas {self.n_moas}; give more compounds or fewer MOAs."
            )
        share = (1 - VEHICLE_SHARE - HAIRPIN_SHARE) * len(TIMES_H)
        wells = math.ceil(self.n_compounds * len(self.doses) / share)
        if wells > WELLS_PER_PLATE - len(TIMES_H):
            raise InputError(
                f"n_compounds {self.n_compounds} at {len(self.doses)} doses need about {wells} wells "
                f"of a plate of {WELLS_PER_PLATE}; give fewer compounds or doses."
            )

    @property
    def n_two_moas(self) -> int:
        """Compounds with two MOAs."""
        return max(1, self.n_compounds // 15)

    @property
    def n_unannotated(self) -> int:
        """Compounds without a known MOA."""
        return max(2, self.n_compounds // 15)

    @property
    def n_single_moa(self) -> int:
        """Compounds with exactly one MOA."""
        return self.n_compounds - self.n_two_moas - self.n_unannotated


def check_values(
    spec: GeneSpec, integers: Mapping[str, tuple[int, int]], numbers: Mapping[str, tuple[float, float]]
) -> None:
    """Check fields against the least and the most that they can be.

    Args:
        spec: The spec.
        integers: Least and most of the fields that are whole numbers.
        numbers: Least and most of the others.

    Raises:
        InputError: If a value is of the wrong type or out of range.
    """
    for name, (least, most) in integers.items():
        value = getattr(spec, name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise InputError(f"{name} must be a whole number from {least} to {most}, found {value!r}; change it.")
    for name, bounds in numbers.items():
        _check_number(name, getattr(spec, name), *bounds)


def checked_doses(doses: object) -> tuple[float, ...]:
    """Return doses in micromolar as numbers; a YAML list becomes a tuple.

    Raises:
        InputError: If they are none, are no numbers, or one stands there twice.
    """
    if not isinstance(doses, tuple | list) or not doses:
        raise InputError(f"doses must be a list of numbers, found {doses!r}; change it.")
    for dose in doses:
        _check_number("each of doses", dose, *DOSE_UM)
    if len(set(doses)) < len(doses):
        raise InputError(f"doses must differ from one another, found {doses!r}; change it.")
    return tuple(float(dose) for dose in doses)


def _check_number(name: str, value: object, least: float, most: float) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise InputError(f"{name} must be a number from {least} to {most}, found {value!r}; change it.")
