"""What a run is, in words: the rows and remarks of the report's first box."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

PACKAGES = (
    "l1000_bench", "kedro", "keras", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "statsmodels", "tensorflow",
)  # fmt: skip


@dataclass(frozen=True)
class RunDescription:
    """What the run is (`params:run`, made from the configuration).

    Attributes:
        environment: Kedro environment.
        names: Display names of datasets, tasks and classifiers.
        corpora: label, kind, remark and generator of every corpus used.
        splits: The split schemes used: label, scheme, params, and a remark on what their numbers promise.
        threads: Threads of one fit.
    """

    environment: str
    names: dict[str, str]
    corpora: list[dict[str, Any]]
    splits: list[dict[str, Any]]
    threads: int


def about_rows(run: RunDescription) -> list[tuple[str, str]]:
    """Return (what, value) rows that say what the run is."""
    rows = [("Corpus", "; ".join(f"{corpus['label']} ({corpus['kind']})" for corpus in run.corpora))]
    rows += [
        ("Generator of the synthetic corpus", _listing(corpus["generator"]))
        for corpus in run.corpora
        if corpus["generator"]
    ]
    rows += [(f"Split: {scheme['label']}", _listing(scheme["params"])) for scheme in run.splits]
    rows += [("Environment", run.environment), ("Threads per fit", str(run.threads))]
    return rows


def _listing(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(parameters.items()))


def remarks(run: RunDescription, paper_reason: str) -> list[str]:
    """Return the sentences that a reader must not miss.

    Args:
        run: What the run is.
        paper_reason: Why the paper's numbers stand beside ours, or why not.
    """
    return [*[entry["remark"] for entry in [*run.corpora, *run.splits] if entry.get("remark")], paper_reason]


def environment_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on."""
    return {"python": platform.python_version(), **{package: version(package) for package in PACKAGES}}
