"""The terms of the signal of several subjects; `subject_corpus` gives the whole formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from l1000_bench.synthetic.effects import MARKER_DF, N_ACTIVE, Floats, along_graph, unit
from l1000_bench.synthetic.graph import PlantedGraph
from l1000_bench.synthetic.spec import Stream
from l1000_bench.synthetic.subject_spec import SubjectSpec
from l1000_bench.synthetic.vocabulary import SUBJECTS

GRAPH_SHARE = 0.5


class SubjectEffects:
    """Draws the terms of one corpus.

    Args:
        spec: Gives the seed, the sizes and the strengths.
        graph: The planted graph.
        is_landmark: (n_genes,) True at the landmark genes.
    """

    def __init__(self, spec: SubjectSpec, graph: PlantedGraph, is_landmark: NDArray[np.bool_]) -> None:
        self._spec, self._graph, self._is_landmark = spec, graph, is_landmark

    def responses(self) -> Floats:
        """Return what every perturbagen does to every subject at saturating dose, in z-score units.

        Returns:
            (n_subjects, n_compounds + 1, n_genes); zero for the vehicle, which comes last.
        """
        spec = self._spec
        rng = spec.stream(Stream.SUBJECT_RESPONSES)
        a = _sizes(spec, rng)[:, None]  # (n_compounds, 1)
        R = self._patterns(spec.n_compounds, rng)
        x = spec.stream(Stream.SUBJECT_INTERACTIONS).standard_normal((len(SUBJECTS), *R.shape))
        change = spec.subject_strength * spec.interaction_strength * unit(R * x)  # (n_subjects, n_compounds, n_genes)
        return np.pad(a * (spec.response_strength * R + change), ((0, 0), (0, 1), (0, 0)))

    def baselines(self) -> Floats:
        """Return every subject's baseline, (n_subjects, n_genes), in z-score units."""
        spec = self._spec
        patterns = self._patterns(len(SUBJECTS), spec.stream(Stream.SUBJECT_BASELINES))
        return spec.subject_strength * spec.baseline_strength * patterns

    def plate_effects(self) -> Floats:
        """Return the batch effect of every plate, (n_subjects, n_replicates, n_genes), in z-score units."""
        spec = self._spec
        shape = (len(SUBJECTS), spec.n_replicates, spec.n_genes)
        return spec.plate_strength * unit(spec.stream(Stream.SUBJECT_BATCHES).standard_normal(shape))

    def _patterns(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw directions of norm 1, partly along the graph and partly their own, (n, n_genes)."""
        regulators, genes = self._graph.regulators, self._spec.n_genes
        chosen = rng.random((n, len(regulators))).argsort(axis=1)[:, :N_ACTIVE]
        s = np.zeros((n, genes))
        np.put_along_axis(s, regulators[chosen], rng.choice([-1.0, 1.0], size=chosen.shape), axis=1)
        E = along_graph(s, self._graph, self._spec.graph_signal, self._is_landmark, rng)
        own = unit(rng.standard_t(MARKER_DF, (n, genes)))
        return unit(np.sqrt(GRAPH_SHARE) * E + np.sqrt(1 - GRAPH_SHARE) * own)


def _sizes(spec: SubjectSpec, rng: np.random.Generator) -> Floats:
    """Return a: how strong the compounds are, (n_compounds,), log-normal in equal steps of probability."""
    steps = (rng.permutation(spec.n_compounds) + 0.5) / spec.n_compounds
    return np.asarray(np.exp(spec.response_spread * ndtri(steps)))
