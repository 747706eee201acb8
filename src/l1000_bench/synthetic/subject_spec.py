"""The sizes and strengths of a synthetic corpus of several subjects."""

from __future__ import annotations

from dataclasses import dataclass

from l1000_bench.errors import InputError
from l1000_bench.synthetic.spec import GENE_INTEGERS, WELLS_PER_PLATE, GeneSpec, check_values, checked_doses

# Least and most of every field.
INTEGERS = {**GENE_INTEGERS, "n_compounds": (1, WELLS_PER_PLATE), "n_replicates": (1, 100)}
STRENGTH = (0.0, 1e4)
NUMBERS = {
    "vehicle_share": (0.0, 0.5),
    "failed_share": (0.0, 0.9),
    "graph_signal": (0.0, 1.0),
    "response_strength": STRENGTH,
    "response_spread": (0.0, 3.0),
    "subject_strength": (0.0, 100.0),
    "interaction_strength": STRENGTH,
    "baseline_strength": STRENGTH,
    "plate_strength": STRENGTH,
    "noise_strength": STRENGTH,
    "noise_df": (2.1, 1e4),  # 2 and fewer have no variance
}


@dataclass(frozen=True)
class SubjectSpec(GeneSpec):
    """The sizes and strengths of a corpus of five subjects; `subject_corpus` gives the whole formula.

    A strength is the Euclidean norm of a term over all `n_genes` genes, in z-score units, as in `SyntheticSpec`. By
    default there are about as many profiles (5,600) and signatures (1,900) of as many perturbagens (60) as in the
    paper's MGH NeuroBank.

    Attributes:
        seed: Seed of every random draw, zero or more; a `SyntheticSpec` of the same seed and genes has the same graph.
        n_genes: Genes that the terms are drawn for; the matrix holds the 978 landmarks among them.
        n_compounds: Compounds, every one given to every subject at every dose.
        n_replicates: Replicate plates of every subject.
        doses: Doses of every compound, micromolar.
        vehicle_share: Share of a plate's wells that hold the vehicle; one well at least does.
        failed_share: Share of the wells that fail and are absent; of a treatment that failed on all plates the first
            well stays.
        graph_signal: g in [0, 1]: how much of the responses' and the baselines' share that lies along the planted
            graph follows it, as in `SyntheticSpec`.
        response_strength: Norm of the median compound's response at saturating dose.
        response_spread: Standard deviation of the logarithm of the compounds' sizes; 0 makes all alike.
        subject_strength: How much subjects differ, a factor of the next two: at 0 nothing but their plates and the
            noise tells them apart.
        interaction_strength: Norm of what a subject changes of the median compound's response, at saturating dose.
        baseline_strength: Norm of a subject's baseline.
        plate_strength: Norm of a plate's batch effect.
        noise_strength: Scale of the noise per gene, z-score units.
        noise_df: Degrees of freedom of the Student t noise.

    Raises:
        InputError: If a value is of the wrong type, out of range, or a plate would overflow.
    """

    n_compounds: int = 59
    n_replicates: int = 4
    doses: tuple[float, ...] = (0.12, 0.37, 1.11, 3.33, 10.0, 30.0)
    vehicle_share: float = 0.069
    failed_share: float = 0.26
    graph_signal: float = 1.0
    response_strength: float = 15.0
    response_spread: float = 1.0
    subject_strength: float = 1.0
    interaction_strength: float = 16.0
    baseline_strength: float = 3.0
    plate_strength: float = 3.0
    noise_strength: float = 1.0
    noise_df: float = 4.0

    def __post_init__(self) -> None:
        check_values(self, INTEGERS, NUMBERS)
        object.__setattr__(self, "doses", checked_doses(self.doses))
        n_wells = self.n_treatments + self.n_vehicle
        if n_wells > WELLS_PER_PLATE:
            raise InputError(
                f"n_compounds {self.n_compounds} at {len(self.doses)} doses with a vehicle_share of "
                f"{self.vehicle_share:g} need {n_wells} wells of a plate of {WELLS_PER_PLATE}; give fewer compounds, "
                "doses or vehicle."
            )

    @property
    def n_treatments(self) -> int:
        """Wells of a plate that hold a compound."""
        return self.n_compounds * len(self.doses)

    @property
    def n_vehicle(self) -> int:
        """Wells of a plate that hold the vehicle."""
        return max(1, round(self.n_treatments * self.vehicle_share / (1 - self.vehicle_share)))
