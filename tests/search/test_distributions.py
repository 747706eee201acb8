from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from goodness import WORST_P, cdf_p_value, p_value
from numpy.typing import NDArray
from scipy import stats
from sklearn.model_selection import ParameterSampler

from l1000_bench.errors import InputError
from l1000_bench.search.distributions import FAMILIES, read_distribution

N_DRAWS = 10_000


def draws(**spec: Any) -> NDArray[Any]:
    rng = np.random.default_rng(5)
    distribution = read_distribution(spec, "alpha")
    return np.array([distribution.draw(rng) for _ in range(N_DRAWS)])


CONTINUOUS: list[tuple[dict[str, Any], Any]] = [
    ({"dist": "uniform", "low": -2, "high": 3}, stats.uniform(-2, 5)),
    ({"dist": "loguniform", "low": 1e-4, "high": 0.1}, stats.reciprocal(1e-4, 0.1)),
    ({"dist": "norm"}, stats.norm(0, 1)),
    ({"dist": "norm", "loc": 3, "scale": 2}, stats.norm(3, 2)),
    ({"dist": "lognorm", "s": 3, "scale": math.exp(-6)}, stats.lognorm(3, 0, math.exp(-6))),
    ({"dist": "expon"}, stats.expon()),
    ({"dist": "expon", "loc": 1, "scale": 4}, stats.gamma(1, 1, 4)),
    ({"dist": "truncexpon", "b": 8}, stats.truncexpon(8)),
    ({"dist": "truncexpon", "b": 2, "scale": 3}, stats.truncexpon(2, 0, 3)),
    ({"dist": "beta", "a": 6, "b": 9}, stats.beta(6, 9)),
    ({"dist": "beta", "a": 1, "b": 100, "scale": 0.5}, stats.beta(1, 100, 0, 0.5)),
    ({"dist": "beta", "a": 2, "b": 2, "loc": -1, "scale": 2}, stats.beta(2, 2, -1, 2)),
]
DISCRETE: list[tuple[dict[str, Any], Any]] = [
    ({"dist": "randint", "low": 15, "high": 150}, stats.randint(15, 150)),
    ({"dist": "geom", "p": 0.3}, stats.geom(0.3)),
    ({"dist": "geom", "p": 0.5, "loc": -1}, stats.nbinom(1, 0.5)),  # failures before the success: 0, 1, ...
    ({"dist": "poisson", "mu": 390}, stats.poisson(390)),
    ({"dist": "poisson", "mu": 3, "loc": 2}, stats.poisson(3, 2)),
    ({"dist": "dlaplace", "a": 0.1, "loc": 150}, stats.dlaplace(0.1, 150)),
]


def test_every_family_is_compared_with_scipys() -> None:
    for family, cases in ((False, CONTINUOUS), (True, DISCRETE)):
        assert {spec["dist"] for spec, _ in cases} == {name for name, made in FAMILIES.items() if made.whole == family}


@pytest.mark.parametrize(("spec", "expected"), CONTINUOUS)
def test_continuous_draws_follow_the_distribution(spec: dict[str, Any], expected: Any) -> None:
    drawn = draws(**spec)
    assert stats.kstest(drawn, expected.cdf).pvalue > WORST_P
    assert stats.kstest(drawn + expected.std() / 10, expected.cdf).pvalue < WORST_P  # so it can fail


@pytest.mark.parametrize(("spec", "expected"), DISCRETE)
def test_discrete_draws_follow_the_distribution(spec: dict[str, Any], expected: Any) -> None:
    drawn = draws(**spec)
    assert p_value(drawn, expected) > WORST_P
    assert p_value(drawn + max(1, round(expected.std() / 10)), expected) < WORST_P


def test_the_papers_strong_regularisation() -> None:
    # P(alpha < 0.01) = (1 - e^-0.01) / (1 - e^-8) = 0.00995: the reason for a modern space beside the paper's.
    assert np.mean(draws(dist="truncexpon", b=8) < 0.01) == pytest.approx(0.00995, abs=0.003)


def test_rounded_draws_follow_the_distribution_around_every_whole_number() -> None:
    whole = draws(dist="loguniform", low=1, high=50, round=True)
    around = stats.reciprocal(1, 50)
    assert cdf_p_value(whole, lambda k: around.cdf(k + 0.5), whole=True) > WORST_P
    assert cdf_p_value(whole, lambda k: around.cdf(k + 1), whole=True) < WORST_P  # as rounded down


def test_the_upper_end_of_randint_is_excluded() -> None:
    assert set(draws(dist="randint", low=2, high=5).tolist()) == {2, 3, 4}


def test_limits_move_draws_and_rounding_makes_whole_numbers() -> None:
    limited = draws(dist="norm", min=-1, max=0.5)
    assert np.mean(limited == -1) == pytest.approx(stats.norm.cdf(-1), abs=0.015)
    assert np.mean(limited == 0.5) == pytest.approx(1 - stats.norm.cdf(0.5), abs=0.015)
    inside = limited[(limited > -1) & (limited < 0.5)]
    assert p_value(inside, stats.truncnorm(-1, 0.5)) > WORST_P
    rounded = draws(dist="uniform", low=0, high=3, round=True)
    assert rounded.dtype.kind == "i"
    np.testing.assert_allclose(np.bincount(rounded) / N_DRAWS, [1 / 6, 1 / 3, 1 / 3, 1 / 6], atol=0.015)


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ({"dist": "poisson", "mu": 5}, int),
        ({"dist": "dlaplace", "a": 1}, int),
        ({"dist": "expon", "round": True}, int),
        ({"dist": "expon"}, float),
        ({"dist": "uniform", "low": 0, "high": 1, "min": 1}, float),
    ],
)
def test_draws_are_plain_numbers(spec: dict[str, Any], kind: type) -> None:
    assert type(read_distribution(spec, "alpha").draw(np.random.default_rng(0))) is kind


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        ({"dist": "randint", "low": 2, "high": 5}, [2, 3, 4]),
        ({"dist": "geom", "p": 0.5, "max": 3}, [1, 2, 3]),
        ({"dist": "uniform", "low": 0.6, "high": 3.2, "round": True}, [1, 2, 3]),
        ({"dist": "geom", "p": 0.5}, None),
        ({"dist": "uniform", "low": 0, "high": 1}, None),
        ({"dist": "randint", "low": 0, "high": 5}, None),  # more than the limit
    ],
)
def test_options_of_bounded_whole_numbers(spec: dict[str, Any], options: list[int] | None) -> None:
    assert read_distribution(spec, "alpha").options(4) == options


def test_scikit_learns_sampler_takes_a_distribution() -> None:
    parameters = {"alpha": read_distribution({"dist": "loguniform", "low": 0.1, "high": 1}, "alpha")}
    first, second = (list(ParameterSampler(parameters, 5, random_state=0)) for _ in range(2))
    assert first == second
    assert len({setting["alpha"] for setting in first}) == 5


KNOWN = "beta, dlaplace, expon, geom, lognorm, loguniform, norm, poisson, randint, truncexpon, uniform"


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"dist": "gauss"}, f"alpha: there is no distribution 'gauss'; there are {KNOWN}."),
        ({"dist": ["norm"]}, f"alpha: there is no distribution ['norm']; there are {KNOWN}."),
        ({"dist": "geom", "q": 1}, "alpha: geom has no argument 'q'; it has p, loc, min, max, round."),
        ({"dist": "geom", "p": 1, "scale": 2}, "alpha: geom has no argument 'scale'; it has p, loc, min, max, round."),
        ({"dist": "beta", "a": 1}, "alpha: beta needs the argument 'b'."),
        ({"dist": "norm", "round": 1}, "alpha: round is 1; it takes true or false."),
        ({"dist": "norm", "min": 2, "max": 1}, "alpha: min 2 of norm is above its max 1."),
        ({"dist": "beta", "a": 0, "b": 1}, "alpha: a of beta is 0; it must be above 0."),
        ({"dist": "norm", "scale": -1}, "alpha: scale of norm is -1; it must be above 0."),
        ({"dist": "geom", "p": 1.5}, "alpha: p of geom is 1.5; it must be above 0 and at most 1."),
        ({"dist": "geom", "p": 0.5, "loc": 0.5}, "alpha: loc of geom is 0.5; it takes a whole number."),
        ({"dist": "randint", "low": 0, "high": 2.5}, "alpha: high of randint is 2.5; it takes a whole number."),
        ({"dist": "randint", "low": 3, "high": 3}, "alpha: low 3 of randint must be below its high 3."),
        ({"dist": "loguniform", "low": 0, "high": 1}, "alpha: low of loguniform is 0; it must be above 0."),
        (
            {"dist": "norm", "scale": "1e-5"},
            "alpha: scale of norm is '1e-5'; it takes a number, a small one written like 1.0e-5.",
        ),
        (
            {"dist": "norm", "loc": math.inf},
            "alpha: loc of norm is inf; it takes a number, a small one written like 1.0e-5.",
        ),
        (
            {"dist": "norm", "max": True},
            "alpha: max of norm is True; it takes a number, a small one written like 1.0e-5.",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(spec: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as error:
        read_distribution(spec, "alpha")
    assert str(error.value) == sentence
