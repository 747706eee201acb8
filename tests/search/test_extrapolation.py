from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1000_bench.search.extrapolation import fit_line, fit_power_law

SIZES = [500, 1000, 2000, 4000]


@given(scale=st.floats(1e-6, 10), exponent=st.floats(1.0, 2.2))
def test_a_power_law_comes_back(scale: float, exponent: float) -> None:
    law = fit_power_law(SIZES, [scale * n**exponent for n in SIZES], (1.0, 2.2))
    assert law.exponent == pytest.approx(exponent, rel=1e-9)
    assert law.at(125_169) == pytest.approx(scale * 125_169**exponent, rel=1e-6)


def test_an_exponent_is_the_slope_of_the_weighted_regression_of_logarithms() -> None:
    seconds = [0.31, 0.52, 1.3, 2.2]
    slope, start = np.polyfit(np.log(SIZES), np.log(seconds), 1, w=np.sqrt(SIZES))
    law = fit_power_law(SIZES, seconds, (0.0, 3.0))
    assert law.exponent == pytest.approx(slope)
    assert law.scale == pytest.approx(np.exp(start))


def test_an_exponent_out_of_its_range_is_set_to_its_end_and_the_scale_follows() -> None:
    law = fit_power_law([100, 400], [1.0, 1.0], (1.0, 2.2))
    assert law.exponent == 1.0
    # log scale is the mean of -log n, in which 400 counts four times as much as 100.
    assert law.scale == pytest.approx(np.exp(-(0.2 * np.log(100) + 0.8 * np.log(400))))


def test_one_size_alone_is_taken_to_grow_linearly() -> None:
    assert fit_power_law([500], [2.0], (0.0, 2.2)).at(5000) == pytest.approx(20.0)


def test_a_line_of_memory_comes_back() -> None:
    line = fit_line(SIZES, [0.3 + 2e-5 * n for n in SIZES], 1e-5)
    assert line.at(156_461) == pytest.approx(0.3 + 2e-5 * 156_461)


def test_memory_grows_at_least_by_what_is_known_to_be_held() -> None:
    assert fit_line([1000, 2000], [0.5, 0.5], 1e-5).at(101_500) == pytest.approx(0.5 + 1.0)
    assert fit_line([1000], [0.5], 1e-5).at(101_000) == pytest.approx(0.5 + 1.0)
