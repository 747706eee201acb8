"""Display names."""

from __future__ import annotations

from collections.abc import Mapping


def display(names: Mapping[str, str], key: str) -> str:
    """Return the display name of a dataset, task or classifier; the raw name where there is none."""
    return names.get(key, key)
