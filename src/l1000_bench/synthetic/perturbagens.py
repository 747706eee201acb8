"""Compounds, vehicle and hairpins: their names, and the mechanisms of action that they truly have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.synthetic.spec import Stream, SyntheticSpec
from l1000_bench.synthetic.vocabulary import MOAS

SKEW = 0.75  # each MOA has about three quarters as many compounds as the one before
HAIRPINS_PER_GENE = 2


@dataclass(frozen=True)
class Perturbagens:
    """The perturbagens of a corpus; compounds first, then the vehicle, then the hairpins.

    Attributes:
        table: One row each: pert_id, pert_iname, pert_type as the corpus names them; drug_name, the name in the drug
            table ("" when it is not there); moa, the known MOAs joined by `|`; sampled, whether the samples table
            knows the pert_id.
        moa_weights: (n_perturbagens, n_moas) share of each MOA in the effect, rows of norm 1 or 0.
    """

    table: pd.DataFrame
    moa_weights: NDArray[np.float64]

    def rows(self, pert_type: str) -> NDArray[np.int64]:
        """Return the positions of the perturbagens of a type."""
        return np.flatnonzero(self.table["pert_type"].to_numpy(dtype=object) == pert_type)


def make_perturbagens(spec: SyntheticSpec, symbols: NDArray[np.object_]) -> Perturbagens:
    """Draw the perturbagens of a corpus.

    Args:
        spec: Gives the seed and the sizes.
        symbols: Gene symbols; hairpins are named after some of them.

    Returns:
        The perturbagens, `n_compounds` of type trt_cp, one ctl_vehicle, and hairpins of type trt_sh.
    """
    rng = spec.stream(Stream.PERTURBAGENS)
    of_compounds = _compound_moas(spec, rng)  # (n_compounds, n_moas)
    compounds = _compound_table(spec, of_compounds, rng)
    vehicle = _other_table(["DMSO"], ["DMSO"], "ctl_vehicle")
    hairpins = _hairpin_table(max(2, spec.n_compounds // 6), symbols, rng)
    table = pd.concat([compounds, vehicle, hairpins], ignore_index=True)
    weights = np.zeros((len(table), spec.n_moas))
    weights[: spec.n_compounds] = of_compounds / np.sqrt(np.maximum(of_compounds.sum(axis=1, keepdims=True), 1))
    return Perturbagens(table, weights)


def _compound_moas(spec: SyntheticSpec, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return which MOAs a compound has: first those with one, then those with two, then those with none."""
    shares = SKEW ** np.arange(spec.n_moas)
    extra = (spec.n_single_moa - spec.n_moas) * np.cumsum(shares / shares.sum())
    counts = 1 + np.diff(np.round(extra).astype(int), prepend=0)  # at least one compound each
    has = np.zeros((spec.n_compounds, spec.n_moas), dtype=bool)
    has[np.arange(spec.n_single_moa), np.repeat(np.arange(spec.n_moas), counts)] = True
    for row in range(spec.n_single_moa, spec.n_single_moa + spec.n_two_moas):
        has[row, rng.choice(spec.n_moas, size=2, replace=False)] = True
    return has


def _compound_table(spec: SyntheticSpec, has: NDArray[np.bool_], rng: np.random.Generator) -> pd.DataFrame:
    """Name the compounds, with the flaws of the public tables.

    A few are known to the drug table by a name in other letters and to the samples table not at all, a few are sold
    as a salt and join by pert_id alone, and every second one without an MOA is in neither table.
    """
    n = spec.n_compounds
    numbers = 10_000_000 + rng.choice(90_000_000, size=n, replace=False)  # eight digits
    names = np.array([f"syncpd-{k:03d}" for k in range(1, n + 1)], dtype=object)
    flawed = rng.choice(spec.n_single_moa, size=2 * max(1, n // 20), replace=False)
    by_name, salts = np.split(flawed, 2)
    drug_names = names.copy()
    drug_names[by_name] = [name.upper() for name in names[by_name]]
    drug_names[n - spec.n_unannotated :: 2] = ""
    inames = names.copy()
    inames[salts] = [f"{name} hydrochloride" for name in names[salts]]
    sampled = drug_names != ""
    sampled[by_name] = False
    moa = ["|".join(MOAS[k] for k in np.flatnonzero(row)) for row in has]
    return pd.DataFrame(
        {
            "pert_id": [f"BRD-K{number}" for number in numbers],
            "pert_iname": inames,
            "pert_type": "trt_cp",
            "drug_name": drug_names,
            "moa": moa,
            "sampled": sampled,
        }
    )


def _hairpin_table(n_genes: int, symbols: NDArray[np.object_], rng: np.random.Generator) -> pd.DataFrame:
    genes = np.repeat(rng.choice(symbols, size=n_genes, replace=False), HAIRPINS_PER_GENE)
    numbers = rng.choice(1_000_000, size=len(genes), replace=False)
    return _other_table([f"TRCN{number:010d}" for number in numbers], list(genes), "trt_sh")


def _other_table(pert_ids: list[str], inames: list[str], pert_type: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "pert_id": pert_ids,
            "pert_iname": inames,
            "pert_type": pert_type,
            "drug_name": "",
            "moa": "",
            "sampled": False,
        }
    )
