"""How results are judged and shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from l1000_bench.configured import check_field_types
from l1000_bench.errors import require


@dataclass(frozen=True)
class EvaluationOptions:
    """How results are judged and shown (`parameters/evaluation.yml`).

    Attributes:
        alpha: Level at which adjusted p values are called significant; the intervals are of 95 % throughout.
        table_one_tolerance: Largest relative difference from the paper's Table I with which its numbers are shown.
        paper: The paper's Table I and results by dataset and task; empty where the run is not the paper's.
        resamples: Number of resamples of the intervals by plate and by compound.
        seed: Of the resamples.
    """

    alpha: float
    table_one_tolerance: float
    paper: dict[str, Any] = field(default_factory=dict)
    resamples: int = 2000
    seed: int = 1

    def __post_init__(self) -> None:
        check_field_types(self)
        require(0 < self.alpha < 1, f"evaluation.alpha is {self.alpha}; it lies between 0 and 1, usually at 0.05.")
        require(self.resamples >= 1, f"evaluation.resamples is {self.resamples}; it takes at least 1, usually 2000.")
        require(self.seed >= 0, f"evaluation.seed is {self.seed}; it takes 0 or more.")
