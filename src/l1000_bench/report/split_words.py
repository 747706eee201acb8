"""What must be said of a split where scores are read: classes it does not teach, samples it trains on or not tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from l1000_bench.report.content import Benchmark, ReportContent, only
from l1000_bench.report.wording import count_of, decimal

_ALIKE = 0.05  # share of the larger training part within which two are of a size


def split_of(content: ReportContent, benchmark: Benchmark) -> Mapping[str, Any]:
    """Return what describes a benchmark: its row of `ReportContent.splits`, with n_classes; empty where it has none."""
    described = only(content.splits, benchmark)
    counted = only(content.table_one, benchmark)["n_classes"]
    if described.empty or counted.empty:
        return {}
    return {str(name): value for name, value in described.iloc[0].items()} | {"n_classes": counted.iloc[0]}


def unseen_classes_sentence(split: Mapping[str, Any]) -> str:
    """Say how many test samples no classifier can get right, as their class is not trained on; empty without any.

    Args:
        split: Of `split_of`.
    """
    if not split or not split["n_unseen"]:
        return ""
    n, tested = int(split["n_unseen"]), int(split["n_tested"])
    of = f"{n:,} of {tested:,} test samples ({decimal(100 * n / tested, 1)}\u00a0%) {'is' if n == 1 else 'are'}"
    return f"{of} of a class that the training part lacks, so that every classifier is wrong there."


def one_class_sentence(split: Mapping[str, Any]) -> str:
    """Say in how many rotations always guessing one class is right; empty without any.

    Args:
        split: Of `split_of`.
    """
    if not split or not split["n_one_class"]:
        return ""
    n, rotations = int(split["n_one_class"]), count_of(int(split["n_rotations"]), "rotation", "rotations")
    return (
        f"In {n:,} of {rotations} all test samples are of one class, so that always guessing that class scores "
        "100\u00a0% there: a mean over rotations says little."
    )


def untested_sentence(split: Mapping[str, Any]) -> str:
    """Say how many samples are trained on and never tested; empty without any.

    Args:
        split: Of `split_of`.
    """
    if not split or not split["n_untested"]:
        return ""
    n = int(split["n_untested"])
    return f"{count_of(n, 'sample is', 'samples are')} trained on and never tested."


def training_sentence(own: Mapping[str, Any], other: Mapping[str, Any], there: str = "there") -> str:
    """Say how many samples train in two benchmarks, and what that means for a drop from the other to the own one.

    Args:
        own: Of `split_of`.
        other: Of `split_of`, that of the benchmark whose accuracy is kept or lost.
        there: Where the other's train, in words.

    Returns:
        The two numbers (means over rotations), and where they differ by more than 5 % of the larger one, in which
        direction; empty where one of the two is not described.
    """
    if not own or not other:
        return ""
    here, kept = int(own["n_trained"]), int(other["n_trained"])
    said = f"In a rotation {count_of(here, 'sample trains', 'samples train')} here on average and {kept:,} {there}"
    if abs(here - kept) <= _ALIKE * max(here, kept):
        return f"{said}."
    means = "a part of any drop may come from that" if here < kept else "any drop may be understated"
    return f"{said}, so that {means}."


def no_dev_sentence(split: Mapping[str, Any]) -> str:
    """Say what the lack of a dev part means; empty where there is one.

    Args:
        split: Of `split_of`.
    """
    if not split or split["has_dev"]:
        return ""
    return (
        "It has no dev part: every classifier has one setting, and where that was chosen on another task, samples that "
        "are tested here may have had a part in the choice."
    )
