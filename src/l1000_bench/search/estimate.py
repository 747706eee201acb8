"""Hours and memory of the cells of a grid, from probes on subsamples."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from l1000_bench.configured import check_field_types
from l1000_bench.errors import InputError, is_whole
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.extrapolation import fit_line, fit_power_law
from l1000_bench.search.identity import trial_id
from l1000_bench.search.probe import Measured
from l1000_bench.search.workload import Size

FIT_EXPONENTS = (1.0, 2.2)  # a fit reads every profile at least once
PREDICT_EXPONENTS = (0.0, 1.0)  # of one profile, over the training profiles: up to a search through all of them
# A pass does the same with every profile, and what is trained in passes has a size of its own.
PASS_EXPONENTS, PASS_PREDICT_EXPONENTS = (1.0, 1.0), (0.0, 0.0)
PROFILES_PER_CLASS = 10  # with which a tenth that is held out can have every class
COPIES = 2  # of the profiles that a final fit holds, float32
HOUR, GIB = 3600.0, 2.0**30


@dataclass(frozen=True)
class EstimateOptions:
    """How hours and memory are estimated (`parameters/estimate.yml`).

    Attributes:
        sizes: Profiles of the subsamples, ascending.
        seconds: Of a probe's measuring.
        seconds_at_most: After which a probe is stopped, its start included.
        predicted: Profiles that are predicted at every size.
        passes: Parameters that count passes over the profiles.
        without_cost: Parameters that change neither seconds nor memory.
        budget_hours: Of the first selection.
        seed: Of subsamples and stand-ins.
        n_genes: Of stand-in profiles.
        graph: n_vertices and n_edges of a stand-in graph.
        expected: n_samples, n_classes and, where the split has no n_folds, n_rotations by dataset and task.

    Raises:
        InputError: If a value is of another type, or out of range.
    """

    sizes: list[int]
    seconds: float
    seconds_at_most: float
    predicted: int
    passes: list[str]
    without_cost: list[str]
    budget_hours: float
    seed: int
    n_genes: int
    graph: dict[str, int]
    expected: dict[str, Any]

    def __post_init__(self) -> None:
        check_field_types(self)
        if not self.sizes or not all(is_whole(n) and n >= 20 for n in self.sizes) or sorted(self.sizes) != self.sizes:
            raise InputError(f"estimate.sizes is {self.sizes}; it takes ascending numbers of profiles, 20 or more.")
        for name in ("seconds", "seconds_at_most", "predicted", "budget_hours", "n_genes"):
            if getattr(self, name) <= 0:
                raise InputError(f"estimate.{name} is {getattr(self, name)}; it must be above 0.")
        if sorted(self.graph) != ["n_edges", "n_vertices"]:
            raise InputError(f"estimate.graph has the keys {sorted(self.graph)}; it takes n_vertices and n_edges.")

    def sizes_of(self, size: Size) -> list[int]:
        """Return the sizes to measure for a benchmark: enough for its classes, and no more than it has."""
        least = min(size.n_samples, PROFILES_PER_CLASS * size.n_classes)
        return sorted({min(max(n, least), size.n_samples) for n in self.sizes})


def distinct_settings(cell: CellSpec) -> list[dict[str, Any]]:
    """Return the settings that a cell tries, each once."""
    return list({trial_id(setting): setting for setting in cell.settings()}.values())


def probe_key(spec: ClassifierSpec, setting: Mapping[str, Any], n_classes: int, options: EstimateOptions) -> str:
    """Return what a setting's cost depends on: settings of one key are measured once, at their most classes.

    Numbers of classes between the same powers of two count as equal. Passes are no part of it, since one is measured.

    Args:
        spec: The classifier.
        setting: In full.
        n_classes: Of the benchmark.
        options: Names the parameters without cost, and those that count passes.
    """
    left_out = {*options.without_cost, *options.passes}
    costly = {name: value for name, value in setting.items() if name not in left_out}
    magnitude = math.ceil(math.log2(n_classes))
    return json.dumps([spec.class_path, spec.preprocess, costly, magnitude], sort_keys=True, default=str)


@dataclass(frozen=True)
class Cost:
    """What one setting costs in a cell.

    Attributes:
        trial_hours: Of its fits and predictions over all rotations.
        final_hours: Of a fit on all profiles.
        peak_gib: NaN where its growth was not measured
        bound: `about`; `at most`, where all passes are counted though it may stop before; or `more than`, where a probe
            was stopped.
        basis: What was measured.
    """

    trial_hours: float
    final_hours: float
    peak_gib: float
    bound: str
    basis: str


def setting_cost(size: Size, passes: int, measured: Measured, options: EstimateOptions) -> Cost:
    """Extrapolate one setting's probe to the whole benchmark.

    Args:
        size: Of the benchmark.
        passes: Of the setting, which may be others than those of the probe.
        measured: What the probe found.
        options: How it was measured.
    """
    if measured.error:
        return Cost(math.nan, math.nan, math.nan, "unknown", f"failed: {measured.error}")
    if not measured.points:
        return _lower_bound(size, passes, measured, options)
    sizes = [point.size for point in measured.points]
    both = (PASS_EXPONENTS, PASS_PREDICT_EXPONENTS) if measured.counted else (FIT_EXPONENTS, PREDICT_EXPONENTS)
    fit = fit_power_law(sizes, [point.fit_seconds for point in measured.points], both[0])
    predict = fit_power_law(sizes, [point.predict_seconds for point in measured.points], both[1])
    memory = fit_line(sizes, [p.peak_gib for p in measured.points], COPIES * 4 * options.n_genes / GIB)
    needed = min(float(passes), measured.passes_needed or passes)
    rotation = needed * fit.at(size.n_train) + size.n_scored * predict.at(size.n_train)
    bound = "at most" if measured.may_stop and measured.passes_needed is None else "about"
    return Cost(
        trial_hours=(measured.start_seconds + size.n_rotations * rotation) / HOUR,
        final_hours=needed * fit.at(size.n_samples) / HOUR,
        peak_gib=memory.at(size.n_samples) if len(sizes) > 1 or sizes[0] == size.n_samples else math.nan,
        bound=bound,
        basis=(
            f"{sizes[0]:,} to {sizes[-1]:,} profiles; {'a fit' if passes == 1 else f'one of {passes:,} passes'} "
            f"over the last took {measured.points[-1].fit_seconds:.3g} s and grows as n^{fit.exponent:.2f}, a "
            f"prediction as n^{predict.exponent:.2f}" + (f"; {needed:,.0f} passes needed" if needed < passes else "")
        ),
    )


def _lower_bound(size: Size, passes: int, measured: Measured, options: EstimateOptions) -> Cost:
    """Scale the seconds after which a probe was stopped as if a fit grew linearly, as the fastest do."""
    at = measured.stopped_at or options.sizes[0]
    fit_hours = passes * options.seconds_at_most / at / HOUR  # of one profile
    basis = f"stopped after {options.seconds_at_most:g} s at {at:,} profiles; taken to grow linearly"
    trial_hours = size.n_rotations * size.n_train * fit_hours
    return Cost(trial_hours, size.n_samples * fit_hours, math.nan, "more than", basis)


def cell_row(cell: CellSpec, size: Size, costs: Sequence[Cost], remark: str) -> dict[str, Any]:
    """Add up what a cell's settings cost, and a final fit of the dearest.

    Args:
        cell: The cell.
        size: Of its benchmark.
        costs: Of every setting that it tries.
        remark: What else there is to say.

    Returns:
        A row of the estimates table.
    """
    dearest = max(costs, key=lambda cost: -1.0 if math.isnan(cost.final_hours) else cost.final_hours)
    bounds = {cost.bound for cost in costs}
    return {
        "dataset": cell.dataset,
        "task": cell.task,
        "classifier": cell.classifier["name"],
        "n_samples": size.n_samples,
        "n_classes": size.n_classes,
        "rotations": size.n_rotations,
        "settings": len(costs),
        "bound": next(bound for bound in ("unknown", "more than", "at most", "about") if bound in bounds),
        "hours": sum(cost.trial_hours for cost in costs) + dearest.final_hours,
        "peak_gib": max(costs, key=lambda cost: math.inf if math.isnan(cost.peak_gib) else cost.peak_gib).peak_gib,
        "basis": dearest.basis,
        "remark": remark,
    }
