import numpy as np
import pytest
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.graphs import correlation
from l1000_bench.graphs.correlation import correlation_edges
from l1000_bench.graphs.edges import landmark_edges

RNG = np.random.default_rng(2)
GENES = ["780", "9", "367", "10", "11"]
BASE = RNG.normal(size=500)
# 9 follows 780, 367 opposes it, 10 goes its own way, 11 never changes; far from 0, where sums of squares cancel
NOISE = RNG.normal(size=(3, 500))
COLUMNS = [BASE, BASE + NOISE[0], -BASE + 0.5 * NOISE[1], NOISE[2], np.full(500, 0.1)]
PROFILES = np.stack(COLUMNS, axis=1).astype(np.float32) + np.float32(50)
R: NDArray[np.float64] = np.asarray(np.corrcoef(PROFILES[:, :4].astype(np.float64), rowvar=False))


def test_links_are_those_of_numpys_correlations_in_magnitude(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(correlation, "BLOCK_ROWS", 64)  # more than one block, the last one partial
    links = correlation_edges(PROFILES, GENES, 0.3)
    assert links[["gene_a", "gene_b"]].to_numpy().tolist() == [["780", "9"], ["780", "367"], ["9", "367"]]
    np.testing.assert_allclose(links["weight"], [R[0, 1], -R[0, 2], -R[1, 2]], rtol=1e-12)
    assert links.dtypes.astype(str).tolist() == ["str", "str", "float64"]


def test_the_cutoff_keeps_pairs_that_reach_it() -> None:
    assert len(correlation_edges(PROFILES, GENES, -R[0, 2] - 1e-9)) == 1
    assert len(correlation_edges(PROFILES, GENES, 1e-9)) == 6  # all pairs but those of the gene that never changes
    edges = landmark_edges(correlation_edges(PROFILES, GENES, 0.3), GENES)
    assert edges[["gene_a", "gene_b"]].to_numpy().tolist() == [["367", "780"], ["367", "9"], ["780", "9"]]


def test_equal_genes_correlate_fully() -> None:
    links = correlation_edges(np.tile(PROFILES[:, :1], 2), GENES[:2], 1.0 - 1e-12)
    assert links["weight"].item() == pytest.approx(1, abs=1e-12)
    assert links["weight"].item() <= 1


@pytest.mark.parametrize("cutoff", [0, -0.5, 1.5, np.nan])
def test_a_cutoff_out_of_range_is_refused(cutoff: float) -> None:
    with pytest.raises(InputError, match="the cutoff of a correlation graph is above 0 and at most 1, not"):
        correlation_edges(PROFILES, GENES, cutoff)


def test_a_cutoff_that_no_pair_reaches_is_refused_with_the_strongest() -> None:
    strongest = -R[0, 2]
    message = (
        rf"no two of 5 genes correlate with \|r\| >= 0\.999 over 500 profiles, the strongest pair has {strongest:.3f}"
    )
    with pytest.raises(InputError, match=message):
        correlation_edges(PROFILES, GENES, 0.999)
    with pytest.raises(InputError, match=r"over 0 profiles, the strongest pair has 0\.000"):
        correlation_edges(PROFILES[:0], GENES, 0.5)


def test_a_missing_value_is_refused() -> None:
    profiles = PROFILES.copy()
    profiles[[3, 7], 2] = np.nan
    profiles[3, 1] = np.inf
    with pytest.raises(InputError, match=r"gene 367 lacks 2 of 500 values \(2 gene\(s\) lack some\)"):
        correlation_edges(profiles, GENES, 0.5)
