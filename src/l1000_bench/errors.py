"""The one error that a user can mend."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral
from typing import Any


class InputError(ValueError):
    """Bad input: one sentence that says what was expected, what came, where, and what to do.

    The command line prints it without a traceback and exits with status 1.
    """


def require(condition: bool, sentence: str) -> None:
    """Raise an InputError with the sentence unless the condition holds."""
    if not condition:
        raise InputError(sentence)


def some_of(values: Iterable[Any], shown: int = 5) -> str:
    """List the first values, each once and in order, text in quotes, and an ellipsis where there are more."""
    ordered = sorted(set(values))
    few = ", ".join(repr(value) if isinstance(value, str) else str(value) for value in ordered[:shown])
    return few + (", …" if len(ordered) > shown else "")


def is_whole(value: Any) -> bool:
    """Return whether a value is a whole number, numpy's too; true and false are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)
