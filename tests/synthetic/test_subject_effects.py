"""The terms of the signal, each by itself, where all genes are landmarks and stand in the matrix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

from l1000_bench.synthetic.corpus import SyntheticSpec, make_corpus
from l1000_bench.synthetic.subject_corpus import SubjectSpec, make_subject_corpus

SPEC = SubjectSpec(seed=8, n_genes=978, n_compounds=20, n_replicates=3, doses=(1.0, 9.0))
NONE = replace(
    SPEC,
    response_strength=0.0,
    interaction_strength=0.0,
    baseline_strength=0.0,
    plate_strength=0.0,
    noise_strength=0.0,
)
TERMS: dict[str, Any] = {
    "response_strength": 12.0,
    "interaction_strength": 7.0,
    "baseline_strength": 5.0,
    "plate_strength": 4.0,
    "noise_strength": 0.8,
}
RESPONSE = replace(NONE, response_strength=12.0)
Values = NDArray[np.float64]


def values(spec: SubjectSpec) -> Values:
    return make_subject_corpus(spec).matrix.astype(np.float64)


def rows() -> pd.DataFrame:
    """One row per row of the matrix, which no strength changes."""
    corpus = make_subject_corpus(NONE)
    samples = corpus.samples.set_index("sample").reindex(corpus.sample_ids.tolist())
    return samples.assign(h=samples["dose_um"].map({"1.0": 0.5, "9.0": 0.9, "-666": 0.0}))  # d / (d + 1)


ROWS = rows()
VEHICLE = (ROWS["kind"] == "vehicle").to_numpy(dtype=bool)


def term(name: str, strength: float = 1.0) -> Values:
    return values(replace(NONE, subject_strength=strength, **{name: TERMS[name]}))


def sizes(z: Values) -> pd.Series:
    """The size of every compound, from the norms of what depends on the dose alone otherwise."""
    norms = np.linalg.norm(z[~VEHICLE], axis=1) / ROWS["h"].to_numpy(dtype=float)[~VEHICLE]
    by_compound = pd.Series(norms).groupby(ROWS["compound"].to_numpy(dtype=object)[~VEHICLE])
    assert (by_compound.max() - by_compound.min()).max() < 1e-4 * norms.max()
    return by_compound.mean()


def test_a_profile_is_the_sum_of_its_terms() -> None:
    # What a subject changes of a response needs that response; it alone is no term of its own.
    whole = values(replace(SPEC, subject_strength=1.5, **TERMS))
    parts = sum(term(name, 1.5) for name in TERMS)
    np.testing.assert_allclose(parts, whole, rtol=1e-4, atol=1e-4)
    assert not values(NONE).any()


@pytest.mark.parametrize("name", TERMS)
def test_subject_strength_scales_interaction_and_baseline_and_nothing_else(name: str) -> None:
    u = 2.5 if name in ("interaction_strength", "baseline_strength") else 1.0
    np.testing.assert_allclose(term(name, 2.5), u * term(name), rtol=1e-5, atol=1e-5)
    if u > 1:
        assert not term(name, 0.0).any()


def test_without_subject_strength_subjects_differ_in_nothing_but_plates_and_noise() -> None:
    z = values(replace(SPEC, subject_strength=0.0, plate_strength=0.0, noise_strength=0.0))
    treatments = (ROWS["compound"] + " " + ROWS["dose_um"]).to_numpy(dtype=object)
    for treatment in np.unique(treatments):
        same = treatments == treatment
        assert ROWS["donor"][same].nunique() == 5
        assert np.ptp(z[same], axis=0).max() == 0
    assert len(np.unique(z, axis=0)) == 41  # 20 compounds at two doses, and the vehicle


def test_responses_are_sized_log_normally_and_follow_the_dose() -> None:
    z = values(RESPONSE)
    assert not z[VEHICLE].any()
    steps = (np.arange(20) + 0.5) / 20
    assert np.sort(sizes(z)) == pytest.approx(12 * stats.lognorm(s=1.0).ppf(steps), rel=1e-4)
    alike = sizes(values(replace(RESPONSE, response_spread=0.0)))
    assert alike.to_numpy() == pytest.approx(12, rel=1e-4)


def test_half_of_a_response_lies_along_the_links_of_the_corpus_beside_it() -> None:
    # Of the links as they stand in the file, by the ids of the matrix; those of microRNAs join no two genes.
    links = make_corpus(SyntheticSpec(seed=8, n_genes=978, n_cell_lines=1, n_replicates=1)).edges
    place = {gene: number for number, gene in enumerate(make_subject_corpus(NONE).gene_ids.tolist())}
    ends = links[["regulator_id", "target_id"]].map(place.get).dropna().to_numpy(dtype=np.intp)
    A = np.zeros((978, 978))
    A[ends[:, 0], ends[:, 1]] = A[ends[:, 1], ends[:, 0]] = 1.0
    d = np.maximum(A.sum(axis=1), 1.0)
    P = A / np.sqrt(np.outer(d, d))
    _, first = np.unique(ROWS["compound"].to_numpy(dtype=object)[~VEHICLE], return_index=True)

    def smoothness(graph_signal: float) -> float:
        """Mean x^T P x / x^T x over the responses, about 0 for values that know nothing of the links."""
        x = values(replace(RESPONSE, graph_signal=graph_signal))[~VEHICLE][first]
        return float(np.mean(np.sum((x @ P) * x, axis=1) / np.sum(x * x, axis=1)))

    assert abs(smoothness(0.0)) < 0.03
    assert smoothness(1.0) > 0.1


def test_a_subject_changes_the_genes_of_a_response_by_independent_normal_factors() -> None:
    R, change = values(RESPONSE), term("interaction_strength")
    assert not change[VEHICLE].any()
    ratio = sizes(change) / sizes(R)
    assert ratio.to_numpy() == pytest.approx(7 / 12, rel=1e-4)
    # Over its own response every gene's change is a factor, the same at both doses and on all plates of a subject.
    factors = pd.DataFrame((change / np.where(R == 0, 1, R))[~VEHICLE])
    of_pairs = factors.groupby((ROWS["donor"] + ROWS["compound"]).to_numpy(dtype=object)[~VEHICLE])
    assert (of_pairs.max() - of_pairs.min()).to_numpy().max() < 1e-3 * factors.abs().to_numpy().max()
    x = of_pairs.mean().to_numpy()  # (5 * 20, 978)
    x = x / x.std(axis=1, keepdims=True)
    assert stats.kstest(x.ravel()[::7], "norm").pvalue > 0.001
    correlations = np.asarray(np.corrcoef(x))[np.triu_indices(len(x), 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(978)
    assert correlations.mean() == pytest.approx(0, abs=0.005)


def test_every_subject_has_one_baseline() -> None:
    z = term("baseline_strength")
    donors = ROWS["donor"].to_numpy(dtype=object)
    patterns = np.array([z[donors == donor][0] for donor in np.unique(donors)])
    for donor, pattern in zip(np.unique(donors), patterns, strict=True):
        assert np.ptp(z[donors == donor], axis=0).max() == 0
        assert np.linalg.norm(pattern) == pytest.approx(5, rel=1e-5)
    cosines = (patterns @ patterns.T / 25)[np.triu_indices(5, 1)]
    assert np.abs(cosines).max() < 0.5


def test_every_plate_has_one_batch_effect() -> None:
    z = term("plate_strength")
    plates = ROWS["plate"].to_numpy(dtype=object)
    effects = np.array([z[plates == plate][0] for plate in np.unique(plates)])
    assert len(effects) == 15
    for plate, effect in zip(np.unique(plates), effects, strict=True):
        assert np.ptp(z[plates == plate], axis=0).max() == 0
        assert np.linalg.norm(effect) == pytest.approx(4, rel=1e-5)
    cosines = (effects @ effects.T / 16)[np.triu_indices(15, 1)]
    assert np.abs(cosines).max() < 5 / np.sqrt(978)


def test_the_noise_is_student_t() -> None:
    noise = term("noise_strength")[::3].ravel()
    assert stats.kstest(noise / 0.8, stats.t(df=4).cdf).pvalue > 0.001
    normal = values(replace(NONE, noise_strength=1.0, noise_df=1e4))[::3].ravel()
    assert stats.kstest(normal, "norm").pvalue > 0.001
