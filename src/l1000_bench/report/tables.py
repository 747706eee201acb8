"""Scores condensed to the layout of a results table: means, deviations, and where each classifier stands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from l1000_bench.report.content import KEYS, Benchmark, ReportContent, benchmarks_of, only

METRICS = {"accuracy": "accuracy", "macro_f1": "macro-F1"}  # column -> the words for it; these are tested
# Further metrics -> what their fractions are multiplied by to be shown: percent, but MCC and nats as they are.
FURTHER = {
    "balanced_accuracy": 100, "mcc": 1, "top3_accuracy": 100, "top5_accuracy": 100, "log_loss": 1,
    "calibration_error": 100,
}  # fmt: skip

# Where a classifier stands beside the best mean of its benchmark and metric.
BEST, LEVEL, UNTESTED, BEHIND, UNSCORED, ASIDE = "best", "level", "untested", "behind", "unscored", "aside"
MARKS = {BEST: "", LEVEL: "†", UNTESTED: "‡", BEHIND: "", UNSCORED: "*", ASIDE: "¶"}

_KEYS = list(KEYS)
_ROUNDING = 1e-9  # percent: means that are closer are equal but for rounding


def summarise_scores(scores: pd.DataFrame) -> pd.DataFrame:
    """Average scores over rotations.

    Args:
        scores: As in `ReportContent.scores` (fractions).

    Returns:
        One row per dataset, task and classifier in order of first appearance: n_rotations with a test score, then
        means and standard deviations (ddof = 1) of accuracy and macro-F1 over the test folds and dev_accuracy_mean, all
        in percent, and the means of the further metrics (see `FURTHER`). The deviation of a single rotation is NaN.
    """
    test, dev = (scores[scores["role"] == role].groupby(_KEYS, sort=False, observed=True) for role in ("test", "dev"))
    columns: dict[str, pd.Series] = {"n_rotations": test["accuracy"].count()}
    for metric in METRICS:
        columns[f"{metric}_mean"] = 100 * test[metric].mean()
        columns[f"{metric}_std"] = 100 * test[metric].std(ddof=1)
    columns["dev_accuracy_mean"] = 100 * dev["accuracy"].mean()
    columns |= {f"{metric}_mean": scale * test[metric].mean() for metric, scale in FURTHER.items()}
    table = scores[_KEYS].drop_duplicates().merge(pd.DataFrame(columns).reset_index(), on=_KEYS, how="left")
    return table.assign(n_rotations=table["n_rotations"].fillna(0).astype("int64"))


def summarise_run(content: ReportContent) -> pd.DataFrame:
    """Average the scores of a run over rotations.

    Returns:
        What `summarise_scores` does, and after it a row per benchmark for the classifiers that were tried there but
        have no score, as no trial came to its end or they stepped aside: n_rotations is 0, all else NaN. So a benchmark
        where no classifier has a score is there too.
    """
    summary = summarise_scores(content.scores)
    table = pd.concat([summary[_KEYS], content.settings[_KEYS]]).drop_duplicates().merge(summary, on=_KEYS, how="left")
    return table.assign(n_rotations=table["n_rotations"].fillna(0).astype("int64"))


def standings(content: ReportContent) -> pd.DataFrame:
    """Say for every classifier, benchmark and metric whether it is the best or can be told apart from the best.

    Returns:
        One row per dataset, task, metric and classifier: mean and std (percent), and `standing`: `best` (highest
        mean, equal ones together), `level` (adjusted p of the corrected test against the best above alpha),
        `untested` (no p value), `behind`, `unscored` (no test score), or `aside` (it was not run there, for what its
        settings say). Where fewer than two classifiers have a score nothing is compared, and the one is `behind`.
    """
    summary = summarise_run(content)
    parts = [_standings(content, summary, pair, metric) for pair in benchmarks_of(summary) for metric in METRICS]
    columns = ["dataset", "task", "metric", "classifier", "mean", "std", "standing"]
    return _with_aside(content, pd.concat(parts, ignore_index=True)) if parts else pd.DataFrame(columns=columns)


def _with_aside(content: ReportContent, rows: pd.DataFrame) -> pd.DataFrame:
    """Tell the unscored classifiers that stepped aside from those whose trials failed."""
    aside = content.settings.loc[content.settings["aside"].notna(), _KEYS]
    is_aside = pd.MultiIndex.from_frame(rows[_KEYS]).isin(pd.MultiIndex.from_frame(aside))
    return rows.assign(standing=rows["standing"].mask((rows["standing"] == UNSCORED) & is_aside, ASIDE))


def _standings(content: ReportContent, summary: pd.DataFrame, benchmark: Benchmark, metric: str) -> pd.DataFrame:
    part = only(summary, benchmark).rename(columns={f"{metric}_mean": "mean", f"{metric}_std": "std"})
    part = part.assign(metric=metric)[["dataset", "task", "metric", "classifier", "mean", "std"]]
    means = part["mean"]
    if means.notna().sum() < 2:
        return part.assign(standing=np.where(means.notna(), BEHIND, UNSCORED))
    best = part["classifier"].iloc[int(np.nanargmax(means))]
    tests = only(content.comparisons, benchmark)
    p_values = adjusted_p(tests[tests["metric"] == metric])
    standing = [
        _standing(means.max() - mean, p_values.get(frozenset((name, str(best))), np.nan), content.alpha)
        for name, mean in zip(part["classifier"], means, strict=True)
    ]
    return part.assign(standing=standing)


def adjusted_p(tests: pd.DataFrame) -> dict[frozenset[str], float]:
    """Map pairs of classifiers, whichever of the two stands first, to their adjusted p of the corrected test.

    Args:
        tests: Rows of `ReportContent.comparisons` of one benchmark and metric.
    """
    pairs = map(frozenset, zip(tests["classifier_a"], tests["classifier_b"], strict=True))
    return dict(zip(pairs, tests["corrected_p_adjusted"].astype("float64"), strict=True))


def _standing(distance: float, p: float, alpha: float) -> str:
    """Say where a classifier stands that is so far behind the best mean, and has this p against it."""
    if np.isnan(distance):
        return UNSCORED
    if distance <= _ROUNDING:
        return BEST
    if np.isnan(p):
        return UNTESTED
    return LEVEL if p > alpha else BEHIND


def best_first(summary: pd.DataFrame) -> pd.DataFrame:
    """Sort the classifiers of one benchmark by mean test accuracy, those without a score last.

    Args:
        summary: Its rows of `summarise_run`.

    Returns:
        The summary with the column `rank` from 1, which equal means share; NaN for those without a score.
    """
    ranks = summary["accuracy_mean"].round(9).rank(method="min", ascending=False)
    return summary.assign(rank=ranks).sort_values("rank", kind="stable")


def orders(content: ReportContent) -> dict[Benchmark, list[str]]:
    """Return the classifiers of every benchmark as `best_first` sorts them."""
    summary = summarise_run(content)
    return {b: list(best_first(only(summary, b))["classifier"]) for b in benchmarks_of(summary)}


def beside_paper(paper: pd.DataFrame, part: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Put the paper's numbers beside the rows of `standings` of one metric.

    Returns:
        The rows of `part` with paper and paper_std (percent) and gap = ours - paper (percentage points); NaN where
        the paper has no number.
    """
    theirs = paper[[*_KEYS, f"{metric}_mean", f"{metric}_std"]]
    theirs = theirs.set_axis([*_KEYS, "paper", "paper_std"], axis="columns")
    both = part.merge(theirs, on=_KEYS, how="left")
    return both.assign(gap=both["mean"] - both["paper"])
