"""The figures of the page with their captions, legends and menus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from l1000_bench.report.content import ReportContent, benchmarks_of, only, title_of
from l1000_bench.report.draft import capital
from l1000_bench.report.figures.accuracy import accuracy_bars, compute_points
from l1000_bench.report.figures.classes import class_counts_bars
from l1000_bench.report.figures.curves import reliability_curves, search_curves
from l1000_bench.report.figures.drawing import MENU, Drawing, Key, Plot, keys_of, menu_drawing
from l1000_bench.report.figures.pictures import plain_picture
from l1000_bench.report.figures.ranks import rank_diagram
from l1000_bench.report.figures.slopes import slope_lines
from l1000_bench.report.figures.style import Look, looks
from l1000_bench.report.generalisation import beside_each_other, pairs_of
from l1000_bench.report.tables import METRICS, summarise_scores


@dataclass(frozen=True, eq=False)
class Drawings:
    """The figures of a page that do not look inside one benchmark; None where there is nothing to draw.

    Attributes:
        accuracy: Mean test accuracies.
        ranks: Critical-difference diagrams.
        generalisation: Accuracies per sample and on what no training part has seen.
        calibration: Reliability curves.
        search: Best dev accuracy as the search goes on.
        class_counts: Samples per class.
        pictures: Gene graphs.
        compute: Accuracy against time, which differs from run to run.
    """

    accuracy: Drawing | None
    ranks: Drawing | None
    generalisation: Drawing | None
    calibration: Drawing | None
    search: Drawing | None
    class_counts: Drawing | None
    pictures: Drawing | None
    compute: Drawing | None


def draw(content: ReportContent) -> Drawings:
    """Draw what concerns all benchmarks."""
    return Drawings(
        accuracy=_accuracy(content),
        ranks=_ranks(content),
        generalisation=_generalisation(content),
        calibration=_calibration(content),
        search=_search(content),
        class_counts=_class_counts(content),
        pictures=_pictures(content),
        compute=_compute(content),
    )


def _accuracy(content: ReportContent) -> Drawing | None:
    summary, given = summarise_scores(content.scores), looks(content.classifiers)
    plots = [
        Plot(title_of(content.names, benchmark), accuracy_bars(only(summary, benchmark), given, content.names))
        for benchmark in benchmarks_of(summary)
    ]
    caption = (
        "Mean test accuracy (percent) of every classifier on every benchmark; the thin lines span one standard "
        "deviation over rotations to either side. What to see: how far each bar reaches beyond the dashed line, "
        "the accuracy of always predicting the most frequent class. Which classifiers differ is said by the paired "
        "comparisons above, not by bars that overlap."
    )
    return _drawing("accuracy-figure", caption, plots)


def _drawing(id: str, caption: str, plots: Sequence[Plot], keys: Sequence[Key] = ()) -> Drawing | None:
    return Drawing(id, caption, plots, keys) if plots else None


def _ranks(content: ReportContent) -> Drawing | None:
    ranks, given = content.table("ranks"), looks(content.classifiers)
    parts = {metric: ranks[ranks["metric"] == metric] for metric in METRICS}
    plots = [
        Plot(capital(METRICS[metric]), rank_diagram(part, given, content.names), max_px=760)
        for metric, part in parts.items()
        if len(part) > 1
    ]
    caption = (
        "Critical-difference diagram (Demsar 2006): the mean rank of every classifier over the benchmarks, the "
        "best at the top. What to see: an upright line on the right joins classifiers whose mean ranks lie closer "
        "together than the critical difference, so that Nemenyi's test cannot tell them apart; the ruler at the "
        "top has its length."
    )
    return _drawing("ranks-figure", caption, plots)


def _generalisation(content: ReportContent) -> Drawing | None:
    summary, given = summarise_scores(content.scores), looks(content.classifiers)
    drawn = [(pair, both) for pair in pairs_of(content) if len(both := beside_each_other(summary, pair))]
    plots = [
        Plot(
            title_of(content.names, pair.benchmark),
            slope_lines(both, (pair.kept, "unseen"), given, content.names),
            max_px=480,
        )
        for pair, both in drawn
    ]
    dealt = {pair.per_sample for pair, _ in drawn}
    ways = {True: "with folds dealt per sample", False: "on the task named below the axis"}
    left = " or ".join(words for per_sample, words in ways.items() if per_sample in dealt)
    caption = (
        f"Mean test accuracy of every classifier {left} (left) and on what no training part has "
        "seen (right). What to see: how steeply the lines fall, and where they cross, since there the order of the "
        "classifiers changes. Whether two of them differ is said by the comparisons above."
    )
    return _drawing("generalisation-figure", caption, plots, keys_of(_drawn(given, plots), content.names, "line"))


def _calibration(content: ReportContent) -> Drawing | None:
    reliability = content.table("reliability")
    means = summarise_scores(content.scores).groupby("classifier", sort=False)["accuracy_mean"].mean()
    known = means[means.index.isin(reliability["classifier"])].sort_values(ascending=False, kind="stable")
    classifiers = [str(name) for name in known.index]
    plots = [
        Plot(
            title_of(content.names, benchmark),
            reliability_curves(only(reliability, benchmark), classifiers[:MENU]),
            max_px=480,
        )
        for benchmark in benchmarks_of(reliability)
    ]
    caption = (
        "How often predictions are right (accuracy) against how sure the classifier was of them (confidence), in "
        "up to 15 bins of the test predictions of all rotations; larger markers stand for more predictions, faint "
        "lines for the other classifiers. What to see: below the dotted diagonal a classifier is surer than it "
        "should be, above it could be surer."
    )
    return menu_drawing("calibration-figure", caption, plots, classifiers, content.names) if plots else None


def _search(content: ReportContent) -> Drawing | None:
    trials, given = content.table("trials"), looks(content.classifiers)
    drawn = {b: search_curves(only(trials, b), given, content.names) for b in benchmarks_of(trials)}
    plots = [Plot(title_of(content.names, benchmark), figure) for benchmark, figure in drawn.items() if figure]
    caption = (
        "Search: the best mean dev accuracy among the first settings tried, against their number; settings that "
        "failed or were stopped early add to the number alone. What to see: a curve that still climbs at its end "
        "has not been searched long enough. Dev accuracy chooses settings, it is no result."
    )
    return _drawing("search-figure", caption, plots, keys_of(_drawn(given, plots), content.names, "line"))


def _drawn(given: Mapping[str, Look], plots: Sequence[Plot]) -> dict[str, Look]:
    """Return the looks of those classifiers that a trace is named after."""
    named = {trace.name for plot in plots for trace in plot.figure.data}
    return {name: look for name, look in given.items() if name in named}


def _class_counts(content: ReportContent) -> Drawing | None:
    counts = content.class_counts
    plots = [
        class_counts_bars(only(counts, benchmark), title_of(content.names, benchmark))
        for benchmark in benchmarks_of(counts)
    ]
    caption = (
        "Samples per class, the largest class first; every benchmark has a scale of its own. What to see: how "
        "uneven the classes are, which is what lets accuracy and macro-F1 disagree."
    )
    return _drawing("classes-figure", caption, plots)


def _pictures(content: ReportContent) -> Drawing | None:
    plots = [Plot(name, plain_picture(picture), max_px=760) for name, picture in content.pictures.items()]
    caption = (
        "Gene graphs: every point is a landmark gene, its area growing with its number of edges, its colour "
        "telling its component; genes without an edge are not drawn. What to see: whether a few hubs hold the "
        "graph together, and how much of it lies in one component, since the networks convolve within components."
    )
    return _drawing("graphs-figure", caption, plots)


def _compute(content: ReportContent) -> Drawing | None:
    summary, given = summarise_scores(content.scores), looks(content.classifiers)
    drawn = {
        benchmark: compute_points(only(summary, benchmark), only(content.costs, benchmark), given, content.names)
        for benchmark in benchmarks_of(summary)
    }
    plots = [Plot(title_of(content.names, benchmark), figure) for benchmark, figure in drawn.items() if figure]
    caption = (
        "Mean test accuracy against the mean seconds of one rotation, its fit and its predictions, on a logarithmic "
        "axis: a step between two upright lines is ten times the time. What to see: who is as accurate as the best for "
        "less time, towards the upper left. Times are of the machine that ran this; outside methods have none, and "
        "lists of neighbours that serve all rotations at once are not counted."
    )
    return _drawing("compute-figure", caption, plots, keys_of(_drawn(given, plots), content.names, "symbol"))
