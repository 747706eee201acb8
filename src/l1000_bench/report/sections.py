"""Tables of what a run is made of: datasets, curation, splits, graphs, settings, environment, and its cost."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from l1000_bench.report import cells
from l1000_bench.report.cells import Cell, Column, Row, Table, make_table
from l1000_bench.report.content import LEFT_OUT, ReportContent, benchmarks_of, only, title_of
from l1000_bench.report.findings import short_listing
from l1000_bench.report.names import display
from l1000_bench.report.wording import setting

_SHOWN_CLASSES = 3


def _benchmark_columns(content: ReportContent) -> list[Column]:
    return [cells.named("Dataset", "dataset", content.names), cells.named("Task", "task", content.names)]


def table_one(content: ReportContent) -> Table:
    """Sizes and class balance of every benchmark, as in the paper's Table I."""
    columns = [
        *_benchmark_columns(content),
        cells.count("Samples", "n_samples"),
        cells.count("Genes", "n_genes"),
        cells.count("Cell lines", "n_cell_lines"),
        cells.counted_name("Most frequent cell line", "most_frequent_cell", "most_frequent_cell_count"),
        cells.counted_name("Least frequent cell line", "least_frequent_cell", "least_frequent_cell_count"),
        cells.count("Classes", "n_classes"),
        cells.counted_name("Most frequent class", "most_frequent_class", "most_frequent_class_count"),
        cells.counted_name("Least frequent class", "least_frequent_class", "least_frequent_class_count"),
    ]
    caption = "Table I: size of every dataset and class balance of every task; numbers of samples in parentheses."
    return make_table(caption, columns, content.table_one, row_heads=2)


def further_paper_tables(content: ReportContent) -> list[Table]:
    """The paper's tables but Table I, which has a section of its own."""
    own = table_one(content).caption
    return [table for table in content.paper_tables if table.caption != own]


def class_tables(content: ReportContent) -> list[Table]:
    """Classes of each benchmark with their samples, the largest first."""
    tables = []
    for benchmark in benchmarks_of(content.class_counts):
        own = ranked_classes(only(content.class_counts, benchmark))
        own = own.assign(share=100 * own["n_samples"] / own["n_samples"].sum())
        columns = [
            cells.text("Class", "label"),
            cells.count("Samples", "n_samples"),
            cells.number("Share (%)", "share", 1),
        ]
        tables.append(make_table(f"{title_of(content.names, benchmark)}: samples per class.", columns, own))
    return tables


def ranked_classes(class_counts: pd.DataFrame) -> pd.DataFrame:
    """Sort the classes of one benchmark from the largest to the smallest, equal ones by name."""
    return class_counts.sort_values(["n_samples", "label"], ascending=[False, True])


def audit(content: ReportContent) -> Table:
    """What every curation rule removed."""
    columns = [
        cells.named("Dataset", "dataset", content.names),
        cells.text("Rule", "rule"),
        cells.count("Before", "before"),
        cells.count("Dropped", "dropped"),
        cells.count("After", "after"),
        cells.text("Why", "why", "prose"),
    ]
    caption = "Curation audit: samples before and after every rule, in the order in which the rules apply."
    return make_table(caption, columns, content.audit, row_heads=2)


def splits(content: ReportContent) -> Table:
    """How every benchmark is split, what that leaves out, and the hash that pins the split."""
    frame = content.splits.assign(
        classes=[_shortened(classes_of(text)) for text in content.splits["left_out"]],
        dev=["yes" if has_dev else "no" for has_dev in content.splits["has_dev"]],
        unseen_share=content.splits["n_unseen"] / content.splits["n_tested"].where(content.splits["n_tested"] > 0),
    )
    columns = [
        *_benchmark_columns(content),
        cells.text("Scheme", "scheme"),
        cells.text("Parameters", "parameters"),
        cells.count("Rotations", "n_rotations"),
        cells.text("Dev part", "dev"),
        cells.count("Samples", "n_samples"),
        cells.count("Unused", "n_unused"),
        cells.count("Never tested", "n_untested"),
        cells.count("Trained on per rotation", "n_trained"),
        cells.count("Tested", "n_tested"),
        cells.count("Of untrained classes", "n_unseen"),
        cells.number("in %", "unseen_share", 1, scale=100),
        cells.text("Classes that fell out", "classes", "prose"),
        cells.text("SHA-256", "sha256", "code"),
    ]
    caption = (
        "Splits into train, dev and test parts. Unused: samples in no part, for want of a label or as their class fell "
        "out. Never tested: trained on in some rotation, tested in none. Trained on: the mean over rotations. Tested: "
        "test samples over all rotations, and those among them whose class has no sample in the training part. The "
        "hash pins the table of samples and roles."
    )
    return make_table(caption, columns, frame, row_heads=2)


def classes_of(left_out: str) -> list[str]:
    """Return the classes that fell out of a split, see `ReportContent.splits`."""
    return left_out.split(LEFT_OUT) if left_out else []


def _shortened(classes: list[str]) -> str:
    return f"{len(classes):,}: {short_listing(classes, _SHOWN_CLASSES)}" if classes else "none"


def left_out(content: ReportContent) -> list[Table]:
    """The classes that fell out of every split that lost more than the table of splits names."""
    tables = []
    for dataset, task, text in content.splits[["dataset", "task", "left_out"]].itertuples(index=False):
        classes = classes_of(text)
        if len(classes) > _SHOWN_CLASSES:
            title = title_of(content.names, (dataset, task))
            caption = f"{title}: the {len(classes):,} classes that fell out, as a split of this kind cannot test them."
            frame = pd.DataFrame({"label": classes})
            tables.append(make_table(caption, [cells.text("Class", "label")], frame))
    return tables


def graphs(content: ReportContent) -> list[Table]:
    """The gene graphs of the run and how far each coarsening pads them; empty in a run without graphs."""
    if content.graphs is None or content.coarsenings is None:
        return []
    columns = [
        cells.text("Graph", "label"),
        cells.count("Genes with an edge", "vertices"),
        cells.count("Edges", "edges"),
        cells.count("Components", "components"),
        cells.count("Convolved", "convolved_components"),
        cells.count("Largest", "largest_component"),
        cells.count("Raw genes", "raw_genes"),
        cells.number("Median degree", "degree_q50", 1),
        cells.number("Largest degree", "degree_max", 0),
    ]
    caption = (
        "Gene graphs on the landmarks. Components large enough for the pooling are convolved; genes of smaller ones "
        "and those without an edge go raw to the dense layers."
    )
    return [make_table(caption, columns, content.graphs), _coarsenings(content.coarsenings)]


def _coarsenings(coarsenings: pd.DataFrame) -> Table:
    sizes = coarsenings.assign(level=coarsenings["level"].astype("str"))
    # By the graph's name too, since two graphs may be called alike.
    wide = sizes.pivot_table(index=["graph", "label", "coarsening"], columns="level", values="vertices", sort=False)
    levels = [cells.count(f"Level {level}", level) for level in wide.columns]
    columns = [cells.text("Graph", "label"), cells.text("Coarsening", "coarsening"), *levels]
    caption = (
        "Vertices of every level of the stored pyramids, fake ones too; networks that pool less use fewer levels. "
        "Published: heavy-edge matching, single vertices get a fake partner (Defferrard et al. 2016). Compact: single "
        "vertices are paired with one another first."
    )
    return make_table(caption, columns, wide.reset_index(), row_heads=2)


def settings(content: ReportContent) -> Table:
    """Hyper-parameters: how many settings were tried, and which one was chosen."""
    columns = [
        *_benchmark_columns(content),
        cells.named("Classifier", "classifier", content.names),
        cells.count("Trials", "n_trials"),
        cells.count("Failed", "n_failed"),
        cells.count("Stopped early", "n_stopped"),
        cells.number("Dev accuracy (%)", "dev_accuracy_mean", 1, scale=100),
        cells.number("Test accuracy (%)", "test_accuracy_mean", 1, scale=100),
        cells.number("Chosen per rotation (%)", "per_rotation_test_accuracy_mean", 1, scale=100),
        cells.number("Difference", "difference", 1, sign=True, scale=100),
        Column("Chosen setting", _setting, "code"),
    ]
    caption = (
        "Settings: trials run, failed and stopped early, and the hyper-parameters whose test scores are shown: "
        "those with the highest mean dev accuracy. Where every sample is dev once, that choice has seen every sample, "
        "though no test score; beside it the test accuracy with each rotation's setting chosen by its own dev "
        "samples alone, and its difference in percentage points. Where trials were stopped early, that choice has seen "
        "test samples too: the stops follow the first two rotations, whose dev samples are test samples of others. "
        "Splits without a dev part have a dash: nothing is chosen there."
    )
    return make_table(caption, columns, content.settings, row_heads=3)


def _setting(row: Row) -> Cell:
    """The chosen setting; why there is none where the classifier was not run at all."""
    said: str = setting(row["params"]) if pd.isna(row["aside"]) else f"stepped aside: {row['aside']}"
    return Cell(said, said.casefold())


def seeds(content: ReportContent) -> Table:
    """What is drawn by chance, and the seed that fixes it."""
    return _pairs("Seeds: what is drawn by chance, and what fixes it.", ("What", "Seed"), list(content.seeds))


def hashes(content: ReportContent) -> Table:
    """The hashes that pin the data; those of the splits stand in their own table too."""
    frame = content.table("hashes")
    of = [", ".join(display(content.names, part) for part in str(name).split(".")) for name in frame["of"]]
    columns = [cells.text("What", "what"), cells.text("Of", "of"), cells.text("SHA-256", "sha256", "code")]
    caption = "Hashes: two runs on the same data and splits have the same."
    return make_table(caption, columns, frame.assign(of=of), row_heads=2)


def versions(content: ReportContent) -> Table:
    """Packages and versions, by name."""
    pairs = sorted(content.versions.items(), key=lambda pair: (pair[0].casefold(), pair[0]))
    return _pairs("Environment: versions of the packages that computed this report.", ("Package", "Version"), pairs)


def run(values: Mapping[str, str]) -> Table:
    """What differs from run to run."""
    caption = "This run: what differs from one run of the same content to the next."
    return _pairs(caption, ("What", "Value"), list(values.items()))


def _pairs(caption: str, heads: tuple[str, str], pairs: list[tuple[str, str]]) -> Table:
    frame = pd.DataFrame(pairs, columns=["key", "value"])
    return make_table(caption, [cells.text(heads[0], "key"), cells.text(heads[1], "value")], frame)


def costs(content: ReportContent) -> Table:
    """Time and memory of every classifier."""
    columns = [
        *_benchmark_columns(content),
        cells.named("Classifier", "classifier", content.names),
        cells.number("Fit (s)", "fit_seconds", 2),
        cells.number("Predict (s)", "predict_seconds", 2),
        cells.number("Peak memory (MiB)", "peak_rss_mib", 0),
    ]
    caption = (
        "Costs of the chosen settings: mean time per rotation on the machine that ran it, and the mean of the "
        "process's peak resident memory meanwhile, which holds what it kept from before too."
    )
    return make_table(caption, columns, content.costs, row_heads=3)
