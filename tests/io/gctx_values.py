from __future__ import annotations

from typing import Any

import numpy as np
from matrix_files import FILL, Layout

from l1000_bench.io.matrix import Values


def values_of(shape: tuple[int, int], dtype: str = "<f4") -> Values:
    """Values with some -666 and, where they can be, some NaN."""
    rng = np.random.default_rng(shape)
    values = rng.normal(scale=9, size=shape)
    if np.dtype(dtype).kind == "f":
        values[rng.random(shape) < 0.1] = np.nan
    values[rng.random(shape) < 0.1] = -666
    return values.astype(dtype)


def expected(values: Any, layout: Layout) -> Values:
    """What is read of a file of these values, with numpy alone."""
    held = values.astype(layout.dtype)
    if layout.rows is not None:
        held[layout.rows :] = np.array(FILL).astype(layout.dtype)
    numbers: Values = held.astype(np.float32)
    numbers[numbers == -666] = np.nan
    return numbers
