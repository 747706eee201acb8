"""How the loops of this package are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")

# Sums in any order, fused operations, reciprocals with a Newton step. Only for loops whose error is bounded for every
# order of summation (see `bounds`), over values that are finite.
FAST = frozenset({"reassoc", "contract", "arcp", "nsz", "nnan", "ninf"})
# Sums in any order alone: infinities and NaN keep their meaning.
ANY_ORDER = frozenset({"reassoc", "contract", "nsz"})


def compiled(fast: frozenset[str] = frozenset()) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile a function when it is first called, and keep the machine code on the disk.

    It lets go of Python's lock while it runs, so threads of Python can share the work. Code is kept per file, so
    a compiled function uses functions and settings of its own file alone, or a change elsewhere would not reach it.

    Args:
        fast: LLVM's fast-math flags.
    """
    compiler: Callable[[Callable[P, R]], Callable[P, R]] = njit(
        cache=True, nogil=True, error_model="numpy", fastmath=set(fast)
    )
    return compiler
