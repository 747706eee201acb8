"""The terms of the synthetic signal; `corpus` gives the whole formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l1000_bench.synthetic.graph import PlantedGraph, spread
from l1000_bench.synthetic.spec import Stream, SyntheticSpec
from l1000_bench.synthetic.vocabulary import CELL_LINES

N_SEEDS = 6
N_ACTIVE = 3
DIFFUSION_A = 0.8
DIFFUSION_STEPS = 3
EC50_UM = 1.0
SITE_SHARE = 0.5
MARKER_DF = 3
SENSITIVITY = (0.5, 1.5)

Floats = NDArray[np.float64]


def unit(vectors: Floats) -> Floats:
    """Scale vectors (last axis) to Euclidean norm 1; zero vectors stay zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(norms > 0, norms, 1.0))


def moa_effects(spec: SyntheticSpec, graph: PlantedGraph, is_landmark: NDArray[np.bool_]) -> Floats:
    """Draw the effect of every MOA in every cell line, of unit norm.

    Each MOA owns `N_SEEDS` regulators with fixed signs. In a cell line a random `N_ACTIVE` of them are active, and
    their effect spreads over the graph, see `along_graph`.

    Args:
        spec: Gives the seed, the sizes and g.
        graph: The planted graph.
        is_landmark: (n_genes,) True at the landmark genes.

    Returns:
        (n_moas, n_cell_lines, n_genes) effects.
    """
    rng = spec.stream(Stream.MOA_EFFECTS)
    return along_graph(_seeds(spec, graph, rng), graph, spec.graph_signal, is_landmark, rng)


def _seeds(spec: SyntheticSpec, graph: PlantedGraph, rng: np.random.Generator) -> Floats:
    """Return s: +-1 at the active seeds of an MOA in a cell line, (n_moas, n_cell_lines, n_genes)."""
    regulators = rng.permutation(graph.regulators)[: spec.n_moas * N_SEEDS].reshape(spec.n_moas, 1, N_SEEDS)
    signs = rng.choice([-1.0, 1.0], size=(spec.n_moas, 1, N_SEEDS))
    order = rng.random((spec.n_moas, spec.n_cell_lines, N_SEEDS)).argsort(axis=-1)
    s = np.zeros((spec.n_moas, spec.n_cell_lines, spec.n_genes))
    np.put_along_axis(s, np.broadcast_to(regulators, order.shape), signs * (order < N_ACTIVE), axis=-1)
    return s


def along_graph(
    s: Floats, graph: PlantedGraph, g: float, is_landmark: NDArray[np.bool_], rng: np.random.Generator
) -> Floats:
    """Spread seeds over the graph to effects of unit norm.

    Where e is what the seeds spread to, the effect is g e + sqrt(1 - g^2) e', scaled to norm 1, and e' is e on
    shuffled genes. One shuffle serves all effects and keeps landmarks among landmarks: at g = 0 the effects resemble
    one another exactly as at g = 1, so that whoever ignores the graph finds the task as hard, but they know nothing
    of the graph.

    Args:
        s: (..., n_genes) seeds: +-1 at the active regulators, else 0.
        graph: The planted graph.
        g: How much of the effects follows the graph, 0 to 1.
        is_landmark: (n_genes,) True at the landmark genes.
        rng: Draws the shuffle.

    Returns:
        (..., n_genes) effects.
    """
    columns = s.reshape(-1, graph.n_genes).T  # (n_genes, n_effects)
    e = unit(spread(graph.normalised_adjacency(), columns, DIFFUSION_A, DIFFUSION_STEPS).T.reshape(s.shape))
    shuffled = np.arange(graph.n_genes)
    for group in (np.flatnonzero(is_landmark), np.flatnonzero(~is_landmark)):
        shuffled[group] = rng.permutation(group)
    return unit(g * e + np.sqrt(1 - g**2) * e[..., shuffled])


def responses(spec: SyntheticSpec, effects: Floats, moa_weights: Floats, acts: NDArray[np.bool_]) -> Floats:
    """Return what every perturbagen does to every cell line at saturating dose, in z-score units.

    Args:
        spec: Gives the seed and the strengths.
        effects: (n_moas, n_cell_lines, n_genes) effects of unit norm.
        moa_weights: (n_perturbagens, n_moas) share of each MOA in each perturbagen.
        acts: (n_perturbagens,) False at the vehicle, which does nothing.

    Returns:
        (n_perturbagens, n_cell_lines, n_genes) responses.
    """
    rng = spec.stream(Stream.RESPONSES)
    sensitivity = rng.uniform(*SENSITIVITY, size=(spec.n_moas, spec.n_cell_lines, 1))
    own = unit(rng.standard_normal((len(acts), 1, spec.n_genes))) * acts[:, None, None]
    shared = np.tensordot(moa_weights, sensitivity * effects, axes=1)  # (n_perturbagens, n_cell_lines, n_genes)
    return np.asarray(spec.moa_strength * shared + spec.compound_strength * own)


def cell_patterns(spec: SyntheticSpec) -> Floats:
    """Draw the pattern of every cell line, in z-score units; lines of one primary site share half of it.

    The loadings are heavy-tailed: a few genes mark a cell line strongly, as marker genes do.

    Args:
        spec: Gives the seed, the number of cell lines and the strength.

    Returns:
        (n_cell_lines, n_genes) patterns.
    """
    rng = spec.stream(Stream.CELLS)
    sites = [line.primary_site for line in CELL_LINES[: spec.n_cell_lines]]
    names, site_of_line = np.unique(sites, return_inverse=True)
    of_site = unit(rng.standard_t(MARKER_DF, (len(names), spec.n_genes)))[site_of_line]  # (n_cell_lines, n_genes)
    of_line = unit(rng.standard_t(MARKER_DF, of_site.shape))
    return spec.cell_strength * unit(np.sqrt(SITE_SHARE) * of_site + np.sqrt(1 - SITE_SHARE) * of_line)


def plate_effects(spec: SyntheticSpec, n_plates: int) -> Floats:
    """Draw the batch effect of every plate, (n_plates, n_genes), in z-score units."""
    rng = spec.stream(Stream.BATCHES)
    return spec.plate_strength * unit(rng.standard_normal((n_plates, spec.n_genes)))


def dose_factors(dose_um: Floats) -> Floats:
    """Return h(d) = d / (d + EC50), the Hill equation of order 1, of doses in micromolar; NaN (no compound) gives 1."""
    return np.asarray(np.where(np.isnan(dose_um), 1.0, dose_um / (dose_um + EC50_UM)))
