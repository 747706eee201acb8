"""A synthetic corpus of five subjects, in a lab's own layout: a stand-in for the paper's private MGH NeuroBank.

This is synthetic data, as `corpus` says of its own. Genes and planted graph are those of the corpus of the same seed
and number of genes, so that its links serve here too; subjects and compounds are made up and occur nowhere else.

The profile z of a sample on plate b, of subject s, with perturbagen p at dose d, over genes:

    z = B_b + u S_s + h(d) a_p (response_strength R_p + u interaction_strength I_sp) + n,
    I_sp = R_p x_sp, gene by gene, scaled to norm 1

- B_b: batch effect of the plate, norm `plate_strength`. A plate holds one subject.
- u: `subject_strength`. S_s: baseline of the subject, norm `baseline_strength`.
- h(d) = d / (d + 1 micromolar), as in `corpus`. a_p: size of the compound, log-normal with median 1; 0 for the vehicle.
- R_p: response of the compound, norm 1: half of it (of its square) spreads from three regulators over the planted graph
  as E_mc of `corpus` does, half is a heavy-tailed direction of its own. S_s is made alike.
- x_sp: standard normal over genes: which of the compound's genes answer in the subject, and how much.
- n: Student t noise with `noise_df` degrees of freedom times `noise_strength`. Nothing is clipped.

Diagnosis does nothing of itself. At u = 0 subjects differ in their plates and the noise alone. Every perturbagen lies
on every plate, so that batch effects and baselines tell nothing of it, and to have seen a subject's plates before helps
little: what remains is that folds dealt per sample share out a plate's wells among the classes less evenly than whole
subjects do, which costs less than the sampling error of the accuracies. For the same reason the baseline alone costs a
new subject little, and the interaction most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.synthetic.effects import dose_factors
from l1000_bench.synthetic.graph import plant_graph
from l1000_bench.synthetic.plates import well_names
from l1000_bench.synthetic.spec import Stream
from l1000_bench.synthetic.subject_effects import SubjectEffects
from l1000_bench.synthetic.subject_plates import SubjectWells, lay_out_subjects
from l1000_bench.synthetic.subject_spec import SubjectSpec
from l1000_bench.synthetic.tables import gene_table, shuffled
from l1000_bench.synthetic.vocabulary import MISSING, SUBJECTS

__all__ = ["SubjectCorpus", "SubjectSpec", "make_subject_corpus"]


@dataclass(frozen=True)
class SubjectCorpus:
    """A corpus in memory, laid out as a lab's own.

    Attributes:
        matrix: (n_samples, 978) float32, z-scores of Level 4.
        sample_ids: (n_samples,) name of each row of the matrix.
        gene_ids: (978,) Entrez id of each column of the matrix: the landmarks alone.
        samples: One row per profile, in another order than the matrix; all text, as it stands in the file.
    """

    matrix: NDArray[np.float32]
    sample_ids: NDArray[np.object_]
    gene_ids: NDArray[np.object_]
    samples: pd.DataFrame


def make_subject_corpus(spec: SubjectSpec) -> SubjectCorpus:
    """Make a corpus of five subjects; the same spec gives the same bytes.

    Args:
        spec: Sizes, strengths and seed.

    Returns:
        Matrix, ids and table, nothing written to disk.
    """
    genes = gene_table(spec)
    is_landmark = (genes["pr_is_lm"] == "1").to_numpy(dtype=bool)
    wells = lay_out_subjects(spec)
    effects = SubjectEffects(spec, plant_graph(spec), is_landmark)
    samples = _samples(wells)
    return SubjectCorpus(
        matrix=_profiles(spec, wells, effects)[:, is_landmark].astype(np.float32),
        sample_ids=samples["sample"].to_numpy(dtype=object),
        gene_ids=genes["pr_gene_id"].to_numpy(dtype=object)[is_landmark],
        samples=shuffled(samples, spec.stream(Stream.SUBJECT_ORDER)),
    )


def _profiles(spec: SubjectSpec, wells: SubjectWells, effects: SubjectEffects) -> NDArray[np.float64]:
    """Return z, (n_samples, n_genes), the sum of all terms."""
    shape = (len(wells.subject), spec.n_genes)
    z = spec.noise_strength * spec.stream(Stream.SUBJECT_NOISE).standard_t(spec.noise_df, size=shape)
    z += effects.plate_effects()[wells.subject, wells.replicate]
    z += effects.baselines()[wells.subject]
    z += dose_factors(wells.dose_um)[:, None] * effects.responses()[wells.subject, wells.perturbagen]
    return z


def _samples(wells: SubjectWells) -> pd.DataFrame:
    """Return one row per profile, in the matrix's order and a lab's words."""
    subjects = [SUBJECTS[number] for number in wells.subject]
    plate_sets = [f"SYN002_{subject.cell_id}_24H" for subject in subjects]
    plates = [f"{name}_X{number + 1}" for name, number in zip(plate_sets, wells.replicate, strict=True)]
    names = well_names(wells.position)
    is_vehicle = np.isnan(wells.dose_um)
    numbers = wells.perturbagen + 1
    return pd.DataFrame(
        {
            "sample": [f"{plate}:{well}" for plate, well in zip(plates, names, strict=True)],
            "plate": plates,
            "well": names,
            "line": [subject.cell_id for subject in subjects],
            "donor": [subject.subject_id for subject in subjects],
            "diagnosis": [subject.diagnosis for subject in subjects],
            "compound_id": np.where(is_vehicle, "DMSO", [f"SYNN{number:05d}" for number in numbers]),
            "compound": np.where(is_vehicle, "DMSO", [f"synneuro-{number:03d}" for number in numbers]),
            "kind": np.where(is_vehicle, "vehicle", "compound"),
            "dose_um": np.where(is_vehicle, MISSING, wells.dose_um.astype(str)),
            "signature": [f"{name}:{well}" for name, well in zip(plate_sets, names, strict=True)],
        }
    )
