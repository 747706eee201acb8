"""What the trials of a cell need, in this process or as files that any process can open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from l1000_bench.errors import require
from l1000_bench.graphs.choice import Pyramids
from l1000_bench.io.atomic import replacing_folder
from l1000_bench.io.parts import MATRIX, Profiles, open_matrix
from l1000_bench.models.spec import ClassifierSpec
from l1000_bench.neighbours.lists import NeighbourLists
from l1000_bench.neighbours.storage import load_lists
from l1000_bench.search.benchmark_data import BenchmarkData, gather_benchmark
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.identity import cell_digest, table_digest, trial_key
from l1000_bench.search.records import RecordStore
from l1000_bench.search.rotation import Workplace
from l1000_bench.search.shared_neighbours import check_lists

EDGES, NEIGHBOURS = "edges:", "neighbours:"  # of the keys of what a cell is given
CELL, CODES, SAMPLE_IDS = "cell.json", "codes.npy", "sample_ids.npy"


@dataclass(frozen=True, eq=False)
class CellData:
    """A cell with all that its trials need.

    Attributes:
        cell: What to learn with which classifier.
        benchmark: The data.
        gene_ids: (n_genes,) the columns of the profiles.
        matrix: File of the profiles.
        profiles_digest: Of the profiles.
        edges: The edges table of every graph that a setting can name.
        neighbours: The lists of neighbours by metric, stored.

    Raises:
        InputError: If the lists are not those of these profiles and rotations.
    """

    cell: CellSpec
    benchmark: BenchmarkData
    gene_ids: tuple[str, ...]
    matrix: Path
    profiles_digest: str
    edges: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    neighbours: Mapping[str, NeighbourLists] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for lists in self.neighbours.values():
            check_lists(lists, self.profiles_digest, self.benchmark.rotations.values(), str(self.cell))

    @cached_property
    def spec(self) -> ClassifierSpec:
        """The checked entry of the classifier."""
        return self.cell.classifier_spec()

    @cached_property
    def pyramids(self) -> Pyramids:
        """The pyramids of the graphs, each made once."""
        return Pyramids(self.gene_ids, self.edges, self.cell.directed_graphs, self.cell.control_graphs)

    @cached_property
    def digest(self) -> str:
        """Digest of what the cell's trials share."""
        return cell_digest(self.benchmark, self.profiles_digest, self.spec, self.cell.threads)

    @cached_property
    def _graphs(self) -> dict[str, str]:
        kinds = (self.cell.directed_graphs, self.cell.control_graphs)
        return {
            name: table_digest(table) + "".join(str(name in kind) for kind in kinds)
            for name, table in self.edges.items()
        }

    @cached_property
    def described(self) -> str:
        """What `write_cell` writes, as JSON: in full or, of arrays and tables, by digest."""
        benchmark = self.benchmark
        text = {
            "cell": asdict(self.cell),
            "classes": benchmark.classes.tolist(),
            "rotations": {rotation: list(roles) for rotation, roles in benchmark.rotations.items()},
            "gene_ids": self.gene_ids,
            "matrix": str(self.matrix.resolve()),
            "profiles_digest": self.profiles_digest,
            "edges": self._graphs,
            "neighbours": {
                metric: lists.folder and str(lists.folder.resolve()) for metric, lists in self.neighbours.items()
            },
            "digest": self.digest,
        }
        return json.dumps(text)

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that change with anything that a process opens of the cell."""
        return hashlib.sha256(self.described.encode("utf-8")).hexdigest()[:12]

    def key(self, setting: Mapping[str, Any]) -> str:
        """Return the name of a trial's records."""
        return trial_key(setting, self.digest, self._graphs)

    def steps_aside(self) -> str | None:
        """Return why the classifier is not run here, if a rotation's training part is beyond its limits."""
        trained = [self.benchmark.codes[roles["train"]] for roles in self.benchmark.rotations.values()]
        largest_first = sorted(trained, key=len, reverse=True)
        return next((why for codes in largest_first if (why := self.spec.steps_aside(codes))), None)

    def build(self, setting: Mapping[str, Any]) -> Pipeline:
        """Make an unfitted estimator from a setting."""
        return self.spec.build(setting, self.cell.threads, self.pyramids, self.neighbours)

    def workplace(self, store: RecordStore) -> Workplace:
        """Return where the cell's trials are run in this process."""
        return Workplace(self.benchmark, self.build, self.cell.threads, store)


def gather_cell(cell: CellSpec, given: Mapping[str, Any]) -> CellData:
    """Bring together what the trials of a cell need.

    Args:
        cell: What to learn with which classifier.
        given: The dataset's stored `profiles`, its `samples` table and the `split` table of the task; the edges table
            of every graph that a setting can name, keyed `edges:GRAPH`; the stored lists of neighbours, keyed
            `neighbours:METRIC`.

    Raises:
        InputError: If profiles, samples and split do not speak of the same samples, or lists of neighbours of others.
    """
    profiles: Profiles = given["profiles"]
    return CellData(
        cell=cell,
        benchmark=gather_benchmark(profiles, given["samples"], given["split"], cell.label_column, str(cell)),
        gene_ids=tuple(str(gene) for gene in profiles.gene_ids),
        matrix=profiles.folder / MATRIX,
        profiles_digest=profiles.digest,
        edges=named(given, EDGES),
        neighbours=named(given, NEIGHBOURS),
    )


def named(given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return what is keyed `prefix` and a name, by the name."""
    return {name.removeprefix(prefix): value for name, value in given.items() if name.startswith(prefix)}


def write_cell(data: CellData, folder: Path) -> None:
    """Write what `open_cell` reads; the profiles and the lists of neighbours stay where they are.

    Args:
        data: The cell.
        folder: Replaced when all of it is written.

    Raises:
        InputError: If a list of neighbours is not stored.
    """
    for lists in data.neighbours.values():
        require(
            lists.folder is not None,
            f"the {lists.metric} neighbours are not stored, so no other process can read them; store them.",
        )
    with replacing_folder(folder) as temporary:
        benchmark = data.benchmark
        np.save(temporary / CODES, benchmark.codes.astype(np.int64), allow_pickle=False)
        np.save(temporary / SAMPLE_IDS, benchmark.sample_ids.astype(np.str_), allow_pickle=False)
        for rotation, roles in benchmark.rotations.items():
            for role, positions in roles.items():
                np.save(temporary / f"{rotation}.{role}.npy", positions.astype(np.int64), allow_pickle=False)
        for name, table in data.edges.items():
            table.to_parquet(temporary / f"{name}.parquet", index=False)
        (temporary / CELL).write_text(data.described, encoding="utf-8")


def open_cell(folder: Path) -> CellData:
    """Open what `write_cell` wrote; the profiles are mapped into memory."""
    text = json.loads((folder / CELL).read_text(encoding="utf-8"))
    cell = CellSpec(**text["cell"])
    rotations = {
        int(rotation): {role: np.load(folder / f"{rotation}.{role}.npy").astype(np.intp) for role in roles}
        for rotation, roles in text["rotations"].items()
    }
    benchmark = BenchmarkData(
        profiles=open_matrix(Path(text["matrix"])),
        sample_ids=np.load(folder / SAMPLE_IDS, mmap_mode="r"),
        codes=np.load(folder / CODES).astype(np.intp),
        classes=np.array(text["classes"], dtype=object),
        rotations=rotations,
        place=str(cell),
    )
    return CellData(
        cell=cell,
        benchmark=benchmark,
        gene_ids=tuple(text["gene_ids"]),
        matrix=Path(text["matrix"]),
        profiles_digest=text["profiles_digest"],
        edges={name: pd.read_parquet(folder / f"{name}.parquet") for name in text["edges"]},
        neighbours={metric: load_lists(Path(path)) for metric, path in text["neighbours"].items()},
    )
