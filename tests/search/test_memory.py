from __future__ import annotations

import sys

import numpy as np
import psutil
import pytest

from l1000_bench.search.memory import own_mib, peak_mib, reset_peak


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forgets a peak")
def test_the_peak_counts_from_where_it_was_reset() -> None:
    held = np.ones(2**25)  # 256 MiB
    high = peak_mib()
    assert own_mib(psutil.Process()) > 256
    del held
    assert peak_mib() > high - 1
    reset_peak()
    assert peak_mib() < high - 200
    assert peak_mib() == pytest.approx(psutil.Process().memory_info().rss / 2**20, abs=64)
