"""How to read the numbers of the results: what each measures, for whom it holds, and what it does not say."""

from __future__ import annotations

from l1000_bench.report.content import ReportContent, benchmarks_of, unseen_in
from l1000_bench.report.wording import listing, p_value

_SCORES = {
    "mcc": (
        "MCC",
        "Matthews correlation coefficient: 0 is what chance agreement gives, 1 is without an error.",
    ),
    "top3_accuracy": (
        "Top 3, top 5",
        "How often the true class is among the three or five most probable ones, in percent. Classes of equal "
        "probability are taken in random order, and the expected value over all such orders is counted.",
    ),
    "log_loss": (
        "Log loss",
        "Minus the mean logarithm of the probability given to the true class, in nats; lower is better.",
    ),
    "calibration_error": (
        "Calibration error",
        "How far confidence lies from accuracy on average, over 15 bins of the confidence (expected calibration "
        "error), in percent; lower is better.",
    ),
}


def how_to_read(content: ReportContent) -> list[tuple[str, str]]:
    """Return (number, what it says) rows for the numbers that this run has."""
    rows = [
        (
            "Mean ± deviation",
            "Over the test folds of the rotations, ddof = 1, in percent. The deviation is the spread between "
            "classifiers trained on other parts of the same samples, not the error of the mean; with one rotation "
            f"there is none, and a dash stands for it.{_held_out(content)}",
        ),
        *_interval_rows(content),
        *(row for metric, row in _SCORES.items() if content.scores[metric].notna().any()),
    ]
    return [*rows, *_test_rows(content)] if len(content.comparisons) else rows


def _held_out(content: ReportContent) -> str:
    """Say what else the deviation holds where rotations differ in what is held out."""
    unseen = any(unseen_in(content, benchmark) for benchmark in benchmarks_of(content.scores))
    return (
        " Where whole subjects, compounds or plates are held out, it is the spread between these too." if unseen else ""
    )


def _interval_rows(content: ReportContent) -> list[tuple[str, str]]:
    texts = {
        "plate": "other plates of the same kind",
        "compound": "other compounds like those of this dataset",
    }
    drawn = [text for cluster, text in texts.items() if (content.table("intervals")["cluster"] == cluster).any()]
    if not drawn:
        return []
    text = (
        f"How far the score would move with {listing(drawn, 'or')}: whole plates or compounds are drawn with "
        "replacement, with all their test predictions, and every draw is scored as the run is, by the mean over "
        "rotations. The trained classifiers are taken as they are: what other training samples would change is not in "
        "it, and whether compounds are new to a classifier is a matter of the split. Ids of one name or structure "
        "are one compound; the vehicle, which stands on all plates, is drawn plate by plate. A class of few plates "
        "or compounds may be missing from a draw: macro-F1 then averages over the others, so that its interval leans "
        "to one side and may even leave out the mean."
    )
    return [("95 % by plate, by compound", text)]


def _test_rows(content: ReportContent) -> list[tuple[str, str]]:
    return [
        (
            "Differs, cannot be told apart",
            "By the corrected resampled t-test (Nadeau and Bengio 2003), which allows for training samples that "
            "rotations share. It is conservative: it overlooks real differences sooner than it invents any. p is "
            f"adjusted by Benjamini-Hochberg within benchmark and metric and read at {content.alpha:g}. “Cannot be "
            "told apart” means a p above that; it is no evidence that two classifiers are equally good.",
        ),
        (
            "Paired t-test",
            "The paper's test. It takes rotations to be independent though they share training samples, so its p "
            "values are too small. It stands beside the corrected one, and where it alone calls a pair different, "
            "that is said.",
        ),
        ("Wilcoxon", _wilcoxon(content)),
        (
            "McNemar",
            "Compares two classifiers sample by sample. It takes samples to be independent, which wells of one "
            "plate and replicates are not, and says nothing of other training sets.",
        ),
    ]


def _wilcoxon(content: ReportContent) -> str:
    """Say how low the exact two-sided p can be: all n differences of one sign have a probability of 2 / 2^n."""
    lowest = {int(n): 2.0 ** (1 - int(n)) for n in sorted(content.comparisons["n_rotations"].unique()) if n > 1}
    start = "The signed-rank test makes no assumption on the shape of the differences; "
    if not lowest:
        return f"{start}with one rotation it says nothing."
    short = [str(n) for n, p in lowest.items() if p > content.alpha]
    reach = f"so it cannot reach {content.alpha:g}" if len(short) == len(lowest) else "before it is adjusted"
    some = f"; with {listing(short, 'or')} it cannot reach {content.alpha:g}" if 0 < len(short) < len(lowest) else ""
    rotations = f"{listing([str(n) for n in lowest], 'or')} rotations"
    bounds = listing([p_value(p) for p in lowest.values()], "or")
    return f"{start}with {rotations} its p cannot fall below {bounds}, {reach}{some}.".replace("below <", "below")
