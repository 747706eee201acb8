"""What generalises: benchmarks on what no training part has seen, beside those whose folds are dealt per sample."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.cells import Table
from l1000_bench.report.content import Benchmark, ReportContent, benchmarks_of, only, title_of, unseen_in
from l1000_bench.report.draft import Draft, capital, marks_notes, metric_values, score_draft, standing_column
from l1000_bench.report.names import display
from l1000_bench.report.score_tables import relative_drops

PER_SAMPLE = "per sample"
UNSEEN = "Unseen"  # heads the columns of what no training part has seen
_ROUNDING = 9  # decimals of a mean in percent: means that are closer are equal but for rounding


@dataclass(frozen=True)
class Pair:
    """A benchmark on what no training part has seen, and what it is set beside.

    Attributes:
        benchmark: The one.
        against: The other, which counts: of the same dataset and, as a rule, of the same labels.
        further: Others of the kind of `against` that the run has, whose accuracy is shown.
        unseen: What no training part has seen, in words such as "compounds".
        kept: How the folds of `against` are dealt, in words: "per sample", or its task where these are not.
    """

    benchmark: Benchmark
    against: Benchmark
    further: tuple[Benchmark, ...]
    unseen: str
    kept: str

    @property
    def per_sample(self) -> bool:
        """Whether the folds of `against` are dealt per sample."""
        return self.kept == PER_SAMPLE


def pairs_of(content: ReportContent) -> list[Pair]:
    """Return the pairs of a run, in the order of their benchmarks in the scores."""
    there = benchmarks_of(content.scores)
    pairs = []
    for benchmark in there:
        dataset, task = benchmark
        named = [(dataset, str(other)) for other in content.generalisation.get(task, {}).get("against", ())]
        others = [other for other in named if other in there]
        unseen = unseen_in(content, benchmark)
        if unseen and others:
            kept = display(content.names, others[0][1]) if unseen_in(content, others[0]) else PER_SAMPLE
            pairs.append(Pair(benchmark, others[0], tuple(others[1:]), unseen, kept))
    return pairs


def beside_each_other(summary: pd.DataFrame, pair: Pair) -> pd.DataFrame:
    """Put the mean accuracies of a pair beside each other.

    Args:
        summary: Of `summarise_scores`.
        pair: Of `pairs_of`.

    Returns:
        One row per classifier with a score on both, the highest on the unseen first: classifier, kept and unseen (mean
        accuracies in percent), drop (what is lost in percent of the former), kept_rank and unseen_rank (among these
        classifiers; equal means share the best).
    """
    kept, unseen = (
        only(summary, benchmark)[["classifier", "accuracy_mean"]].dropna().set_axis(["classifier", name], axis=1)
        for benchmark, name in ((pair.against, "kept"), (pair.benchmark, "unseen"))
    )
    both = kept.merge(unseen, on="classifier")
    drops = relative_drops(summary, pair.benchmark, pair.against)
    both = both.merge(drops, "left", "classifier")
    ranks = {
        f"{name}_rank": both[name].round(_ROUNDING).rank(method="min", ascending=False) for name in ("kept", "unseen")
    }
    return both.assign(**ranks).sort_values("unseen_rank", kind="stable", ignore_index=True)


def generalisation_table(content: ReportContent, rows: pd.DataFrame, pair: Pair, both: pd.DataFrame) -> Table:
    """Lay a pair out as the paper's Table V: both scores of every classifier, the relative drop, and both ranks.

    Args:
        content: Of the page.
        rows: Of `standings`.
        pair: Of `pairs_of`.
        both: Its rows of `beside_each_other`.
    """
    heads = {pair.against: capital(pair.kept), pair.benchmark: UNSEEN}
    draft = score_draft(content, rows, heads)
    values = both[["classifier", "drop", "kept_rank", "unseen_rank"]]
    draft = draft.with_columns(values, [cells.number("Relative drop (%)", "drop", 1)])
    ranks = [cells.count(head, f"{name}_rank") for head, name in zip(heads.values(), ("kept", "unseen"), strict=True)]
    draft = _with_further(draft.with_columns(both[["classifier"]], ranks, "Rank"), content, rows, pair)
    frame = draft.frame.sort_values("1 accuracy mean", ascending=False, kind="stable")  # those without one last
    shown = pd.concat([only(rows, benchmark) for benchmark in (*heads, *pair.further)])
    caption = (
        f"{title_of(content.names, pair.benchmark)}, beside {display(content.names, pair.against[1])}: test scores in "
        "percent, mean ± standard deviation over rotations; relative drop: accuracy lost, in percent of that "
        f"{_with_folds(pair)}; ranks among the classifiers with both."
    )
    return replace(draft, frame=frame).table(caption, 1, marks_notes(shown, content.alpha))


def _with_further(draft: Draft, content: ReportContent, rows: pd.DataFrame, pair: Pair) -> Draft:
    """Add the accuracy on the other benchmarks that the pair's could be set beside."""
    for number, other in enumerate(pair.further):
        values = metric_values(only(rows, other), f"further {number} ").drop(columns=["dataset", "task"])
        column = standing_column("Accuracy", f"further {number} accuracy ")
        draft = draft.with_columns(values, [column], display(content.names, other[1]))
    return draft


def _with_folds(pair: Pair) -> str:
    return "with folds dealt per sample" if pair.per_sample else f"on {pair.kept}"
