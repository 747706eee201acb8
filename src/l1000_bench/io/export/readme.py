"""What an exported benchmark says of itself to people."""

from __future__ import annotations

from l1000_bench.io.export.benchmark import TEMPLATE, TERMS, ExportedBenchmark

ALWAYS = (
    ("croissant.json", "The same for machines: MLCommons' Croissant metadata."),
    ("SHA256SUMS", "`sha256sum -c SHA256SUMS` checks the files."),
)


def readme(benchmark: ExportedBenchmark) -> str:
    """Return the text of README.md: what each file is, the protocol, and how to hand predictions in."""
    files = [*((file.name, file.content) for file in benchmark.files), *ALWAYS]
    rows = "\n".join(f"| `{name}` | {content} |" for name, content in files)
    return f"""# {benchmark.title} (`{benchmark.name}`)

{benchmark.numbers[0].upper()}{benchmark.numbers[1:]}. {benchmark.corpus}

| file | what it is |
|---|---|
{rows}

## Protocol

{benchmark.protocol}

In every rotation fit on the samples whose role is `train` alone, preprocessing too; {_choosing(benchmark)}
Those with `unused` take no part. The SHA-256 of the split is

    {benchmark.split_sha256}

It is that of the lines `rotation<TAB>sample_id<TAB>role`, sorted by rotation and sample_id, each ended by a line feed.

{_handing_in(benchmark)}
## Terms

{TERMS}
"""


def _choosing(benchmark: ExportedBenchmark) -> str:
    if (benchmark.split["role"] == "dev").any():
        return "choose settings by those with\n`dev`, and report those with `test`."
    return (
        "report those with\n`test`. There is no `dev`, so settings must be chosen without these rows, or on another "
        "benchmark."
    )


def _handing_in(benchmark: ExportedBenchmark) -> str:
    named = f"submission.dataset={benchmark.dataset},submission.task={benchmark.task}"
    return f"""## Hand in predictions

Fill the column `y_pred` of `{TEMPLATE}`, one of the classes in every row, and leave the others as they are.
Probabilities are optional: one column `probability:CLASS` per class, summing to 1 in every row to
0.01. CSV or Parquet will do.
In Python, for instance:

    rows = pandas.read_csv("{TEMPLATE}", dtype={{"y_pred": "str"}})
    rows["y_pred"] = …    # a class for every row
    rows.to_csv("mine.csv", index=False)

In the project's folder:

    .venv/bin/kedro run --env={benchmark.environment} --pipelines=submission,evaluation \\
        --params=submission.file=PATH,submission.name=NAME,{named}

A file is refused, with the first rows that are wrong, unless it holds every row of the template once, from this split.
"""
