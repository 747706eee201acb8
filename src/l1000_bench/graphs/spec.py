"""A graph of the configuration: where its links come from, and which of them are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from l1000_bench.configured import check_field_types, make_from
from l1000_bench.errors import InputError
from l1000_bench.graphs.coarsening import PyramidSpec
from l1000_bench.graphs.sources import find_reader
from l1000_bench.io.download.spec import FileDownload

CONTROLS = ("rewired", "random")
MADE = ("corpus", "correlation", *CONTROLS)  # every other source reads a file


@dataclass(frozen=True)
class GraphSpec:
    """A gene graph (`parameters/graphs/NAME.yml`).

    Attributes:
        name: The entry's name.
        label: Display name.
        source: `corpus` (the corpus's own `regulatory_edges`), `correlation`, a control (`rewired` or `random`) of
            another graph, or what reads `file`: a format of `sources.FORMATS` or the import path of a reader.
        corpus: The corpus whose landmarks are the vertices.
        file: The link file, for a source that reads one.
        origin: Where to fetch the file, for the message when it is missing.
        names: The gene table by whose names the file calls genes: `file`, `name_column`, `id_column`. Without it the
            corpus's gene_info, by symbol.
        of: For a control, the graph that it is made from, whose corpus, cutoff and direction are its own too.
        pert_types: For a correlation graph, the types of perturbation whose profiles are used.
        cutoff: Smallest weight of an edge; None keeps all.
        directed: Whether to keep the directions of the links, for one filter in and one out.
        seed: Of a control's draws.
        pyramid: Of the stored pyramid: levels, coarsening, seed, min_component.
        download: How `file` is fetched, see `FileDownload`.

    Raises:
        InputError: If the source is unknown, a key that it needs is missing, or one is given that it does not read.
    """

    name: str
    label: str
    source: str
    corpus: str
    file: str | None = None
    origin: str = "no source is configured"
    names: dict[str, str] = field(default_factory=dict)
    of: str | None = None
    pert_types: list[str] = field(default_factory=list)
    cutoff: float | None = None
    directed: bool = False
    seed: int = 0
    pyramid: dict[str, Any] = field(default_factory=lambda: {"levels": 1})
    download: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        check_field_types(self)
        if self.source not in MADE:
            try:
                find_reader(self.source)
            except InputError as error:
                raise InputError(f"source is none of {', '.join(MADE)}: {error}") from error
        if self.seed < 0:
            raise InputError(f"seed is {self.seed}; it cannot be negative.")
        reads = {
            "file": self.source not in MADE,
            "of": self.source in CONTROLS,
            "pert_types": self.source == "correlation",
        }
        for key, needed in reads.items():
            if needed != bool(getattr(self, key)):
                raise InputError(f"the source {self.source!r} {'needs' if needed else 'does not read'} the key {key}.")
        if self.names and sorted(self.names) != ["file", "id_column", "name_column"]:
            raise InputError(f"names has {', '.join(self.names)}; it takes file, name_column and id_column.")
        if not all(isinstance(value, str) and value for value in self.names.values()):
            raise InputError(f"names is {self.names}; it takes text for each of its keys.")
        if self.source == "correlation" and not 0 < (self.cutoff or 0) <= 1:
            raise InputError(
                f"cutoff is {self.cutoff}; a correlation graph needs one, the smallest |r| of an edge, above 0 and at "
                "most 1."
            )
        if self.source == "correlation" and self.directed:
            raise InputError("a correlation has no direction; leave out the key directed.")
        if self.source in CONTROLS and self.cutoff is not None:
            raise InputError(f"the source {self.source!r} does not read the key cutoff: give it to the graph of `of`.")
        self._check_download()
        self.pyramid_spec()

    def _check_download(self) -> None:
        if self.download is None:
            return
        if self.file is None:
            raise InputError(f"the source {self.source!r} does not read the key download, which fetches `file`.")
        FileDownload.read(self.download)

    def pyramid_spec(self) -> PyramidSpec:
        """Return how the stored pyramid is made."""
        return make_from(PyramidSpec, self.pyramid, "pyramid", directed=self.directed)

    @property
    def files(self) -> list[Path]:
        """What must lie on disk before the graph can be made."""
        return [Path(path) for path in (self.file, self.names.get("file")) if path]


def missing_links_message(spec: GraphSpec) -> str:
    """Say which files of a graph are missing and where to fetch them."""
    missing = [path for path in spec.files if not path.exists()]
    names = ", ".join(str(path) for path in missing)
    sentence = f"The graph {spec.name!r} ({spec.label}) lacks {names}: {spec.origin}. Fetch it and put it there."
    if spec.download and spec.file and Path(spec.file) in missing:
        sentence += f" `make download CORPUS={spec.name}` fetches {Path(spec.file).name}."
    return sentence
