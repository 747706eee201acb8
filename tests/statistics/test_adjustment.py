import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests

from l1000_bench.statistics.tests import (
    adjust,
    adjust_within,
)


def test_benjamini_and_hochberg_by_hand() -> None:
    # Of four p values the i-th smallest times 4 / i: 0.02, 0.06, 0.0533..., 0.2; from the right each the least so far.
    assert adjust(np.array([0.03, 0.2, 0.005, 0.04])) == pytest.approx([0.16 / 3, 0.2, 0.02, 0.16 / 3])
    assert adjust(np.array([0.9, 0.6])).tolist() == [0.9, 0.9]


@settings(deadline=None, derandomize=True)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_statsmodels_and_scipy_agree(p: list[float]) -> None:
    found = adjust(np.array(p))
    assert found == pytest.approx(multipletests(p, method="fdr_bh")[1], abs=1e-12)
    assert found == pytest.approx(stats.false_discovery_control(p, method="bh"), abs=1e-12)
    assert (found >= np.array(p)).all()


def test_what_has_no_p_value_is_not_counted() -> None:
    found = adjust(np.array([0.01, np.nan, 0.04]))
    assert found[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(found[1])
    assert np.isnan(adjust(np.array([np.nan]))).all()
    assert adjust(np.array([])).tolist() == []


def test_every_family_is_adjusted_by_itself() -> None:
    table = pd.DataFrame({"family": ["x", "y", "x", "y"], "p": [0.01, 0.02, 0.04, np.nan]}, index=[3, 1, 4, 9])
    found = adjust_within(table, ["family"], "p")
    assert found.index.tolist() == [3, 1, 4, 9]
    assert found.to_numpy() == pytest.approx([0.02, 0.02, 0.04, np.nan], nan_ok=True)
    assert adjust_within(table.iloc[:0], ["family"], "p").tolist() == []
