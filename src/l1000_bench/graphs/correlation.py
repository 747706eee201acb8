"""Links between genes whose expression goes together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l1000_bench.errors import InputError

BLOCK_ROWS = 8192


def correlation_edges(profiles: NDArray[np.float32], gene_ids: Sequence[str], cutoff: float) -> pd.DataFrame:
    """Link the genes whose profiles correlate or anticorrelate.

    The profiles must be none that a benchmark scores (genetic perturbagens, for example), or the graph would have seen
    the test profiles.

    Args:
        profiles: (n_profiles, n_genes), without missing values.
        gene_ids: (n_genes,) Entrez ids.
        cutoff: Smallest |r| of a link, above 0 and at most 1.

    Returns:
        Columns gene_a, gene_b (in the order of `gene_ids`) and weight, |r| of Pearson's correlation; the form of
        `sources`. A gene that never changes has no links.

    Raises:
        InputError: If the cutoff is out of range, a value is missing, or no pair of genes reaches the cutoff.
    """
    if not 0 < cutoff <= 1:
        raise InputError(f"the cutoff of a correlation graph is above 0 and at most 1, not {cutoff}.")
    n_missing = np.count_nonzero(~np.isfinite(profiles), axis=0)
    if n_missing.any():
        worst = int(n_missing.argmax())
        raise InputError(
            f"gene {gene_ids[worst]} lacks {n_missing[worst]} of {len(profiles)} values ({np.count_nonzero(n_missing)} "
            "gene(s) lack some); a correlation graph needs whole profiles: leave out those with a gap."
        )
    r = np.abs(_correlations(profiles))
    a, b = np.nonzero(np.triu(r >= cutoff, k=1))
    if not a.size:
        strongest = np.triu(r, k=1).max(initial=0)
        raise InputError(
            f"no two of {len(gene_ids)} genes correlate with |r| >= {cutoff} over {len(profiles)} profiles, "
            f"the strongest pair has {strongest:.3f}; lower the cutoff."
        )
    names = pd.Series(list(gene_ids), dtype="str")
    ends = {"gene_a": names.iloc[a].reset_index(drop=True), "gene_b": names.iloc[b].reset_index(drop=True)}
    return pd.DataFrame({**ends, "weight": r[a, b]})


def _correlations(profiles: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return Pearson's r, (n_genes, n_genes), summed in float64 block by block; 0 for a gene that never changes."""
    n_profiles, n_genes = profiles.shape
    C = np.zeros((n_genes, n_genes))
    if not n_profiles:
        return C
    mean = profiles.mean(axis=0, dtype=np.float64)
    for start in range(0, n_profiles, BLOCK_ROWS):
        B = profiles[start : start + BLOCK_ROWS] - mean  # float64
        C += B.T @ B
    varies = profiles.min(axis=0) < profiles.max(axis=0)
    scale = np.zeros(n_genes)
    scale[varies] = 1 / np.sqrt(np.diag(C)[varies])
    return np.clip(C * scale[:, None] * scale, -1, 1)
