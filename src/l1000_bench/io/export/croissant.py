"""Metadata of an exported benchmark in MLCommons' Croissant format (version 1.0, http://mlcommons.org/croissant/1.0)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from l1000_bench.io.export.benchmark import TERMS, ExportedBenchmark

_WORDS = (
    "citeAs", "column", "equivalentProperty", "extract", "field", "fileObject", "fileProperty", "fileSet", "format",
    "includes", "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
    "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform",
)  # fmt: skip
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{word: f"cr:{word}" for word in _WORDS},
}
SPLITS = {"train": "cr:TrainingSplit", "dev": "cr:ValidationSplit", "test": "cr:TestSplit", "unused": None}


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        name: Its name.
        types: Data types of the format.
        description: What it holds, where the name does not say.
        references: Where the column is whose values it takes.
    """

    name: str
    types: tuple[str, ...] = ("sc:Text",)
    description: str = ""
    references: Mapping[str, Any] | None = None


def croissant(benchmark: ExportedBenchmark, sums: Mapping[str, str], sizes: Mapping[str, int]) -> str:
    """Describe the files of a benchmark.

    Args:
        benchmark: The benchmark.
        sums: The SHA-256 of every data file.
        sizes: Bytes of every data file.

    Returns:
        JSON-LD. What only the publisher of the folder can say (licence, address, creator, date) is left out, but for
        a note on the licence.
    """
    described = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": benchmark.name,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "description": f"{benchmark.title}: {benchmark.numbers}. {benchmark.corpus} {benchmark.protocol}",
        "license": {"@type": "sc:CreativeWork", "name": "Terms of the publishers", "description": TERMS},
        "identifier": benchmark.split_sha256,
        "keywords": ["L1000", "gene expression", "classification"],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": file.name,
                "name": file.name,
                "description": file.content,
                "contentUrl": file.name,
                "contentSize": f"{sizes[file.name]} B",
                "encodingFormat": file.media_type,
                "sha256": sums[file.name],
            }
            for file in benchmark.files
        ],
        "recordSet": [*_enumerations(benchmark), *_record_sets(benchmark)],
    }
    return json.dumps(described, indent=1) + "\n"


def _record_sets(benchmark: ExportedBenchmark) -> list[dict[str, Any]]:
    sample = Column("sample_id", references=_source("samples.parquet", "sample_id"))
    role = Column("role", references=_field("roles/name"))
    named = benchmark.genes.fillna({"symbol": ""}).itertuples(index=False)
    genes = [Column(str(gene.gene_id), ("sc:Float",), str(gene.symbol)) for gene in named]
    return [
        _record_set("samples", ["sample_id"], _sample_columns(benchmark.samples)),
        _record_set("genes", ["gene_id"], [Column("gene_id", description="Entrez id"), Column("symbol")]),
        _record_set("split", ["rotation", "sample_id"], [Column("rotation", ("sc:Integer",)), sample, role]),
        _record_set("profiles", ["sample_id"], [sample, *genes]),
    ]


def _sample_columns(samples: pd.DataFrame) -> list[Column]:
    columns = []
    for name, column in samples.items():
        kind = "sc:Float" if pd.api.types.is_float_dtype(column) else "sc:Text"
        kind = "sc:Boolean" if pd.api.types.is_bool_dtype(column) else kind
        columns.append(Column(str(name), (kind,)))
    label = Column("y_true", ("sc:Text", "cr:Label"), "The class to be predicted", _field("classes/name"))
    return [label if column.name == "y_true" else column for column in columns]


def _record_set(name: str, key: Sequence[str], columns: Sequence[Column]) -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{name}/{column.name}",
            "name": column.name,
            "dataType": list(column.types) if len(column.types) > 1 else column.types[0],
            "source": _source(f"{name}.parquet", column.name),
            **({"description": column.description} if column.description else {}),
            **({"references": column.references} if column.references else {}),
        }
        for column in columns
    ]
    keys = [{"@id": f"{name}/{column}"} for column in key]
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "key": keys, "field": fields}


def _source(file: str, column: str) -> dict[str, Any]:
    return {"fileObject": {"@id": file}, "extract": {"column": column}}


def _field(name: str) -> dict[str, Any]:
    return {"field": {"@id": name}}


def _enumerations(benchmark: ExportedBenchmark) -> list[dict[str, Any]]:
    """Return the classes, and the roles with what the format calls them."""
    classes = sorted(benchmark.samples["y_true"].dropna().unique())
    return [
        _enumeration("classes", "sc:Enumeration", [{"name": label} for label in classes]),
        _enumeration("roles", "cr:Split", [{"name": role, "url": url} for role, url in SPLITS.items()]),
    ]


def _enumeration(name: str, kind: str, records: Sequence[Mapping[str, str | None]]) -> dict[str, Any]:
    types = {"name": "sc:Text", "url": "sc:URL"}
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "dataType": kind,
        "key": {"@id": f"{name}/name"},
        "field": [
            {"@type": "cr:Field", "@id": f"{name}/{key}", "name": key, "dataType": types[key]} for key in records[0]
        ],
        "data": [{f"{name}/{key}": value for key, value in record.items()} for record in records],
    }
