"""A corpus of the configuration: where its raw files lie, how they are written, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from l1000_bench.errors import InputError, is_whole, require
from l1000_bench.io.download.spec import CorpusDownload
from l1000_bench.io.layouts import LAYOUTS, OWN, TABLES
from l1000_bench.io.own_table import OwnTable

# The two tables of the Drug Repurposing Hub, and CLUE's one table: what mechanisms of action may come from.
HUB_ROLES = ("repurposing_drugs", "repurposing_samples")
COMPOUND_INFO = "compound_info"
GEO_ROLES = ("gctx", "inst_info", "pert_info", "cell_info", "gene_info")


class Design(NamedTuple):
    """What a corpus that the project makes itself is written as: its layout, and its files in the order of making."""

    layout: str
    roles: tuple[str, ...]


DESIGNS = {
    "cell_lines": Design("gse92742", (*GEO_ROLES, *HUB_ROLES, "regulatory_edges")),
    "subjects": Design(OWN, ("gctx", "samples")),
}
MADE_LEVEL = 4

REQUIRED_ROLES: dict[str, tuple[str, ...]] = {
    "gse92742": GEO_ROLES,
    "gse70138": GEO_ROLES,
    "lincs2020": ("gctx", "inst_info", "cell_info", "gene_info"),
    OWN: ("gctx", "samples"),
}
OPTIONAL_ROLES: dict[str, tuple[str, ...]] = {
    "gse92742": ("sig_info", "sig_metrics"),
    "gse70138": ("sig_info", "sig_metrics"),
    "lincs2020": ("sig_info",),
    OWN: ("gene_info", "pert_info", "cell_info"),
}
LEVELS = (3, 4, 5)
_OWN_KEYS = ("columns", "values", "recode", "keep")


@dataclass(frozen=True)
class CorpusSpec:
    """A raw collection (`parameters/corpora/NAME.yml`).

    Attributes:
        name: The entry's name.
        label: Display name.
        kind: `synthetic`, `mini`, `full` or `own`: what the report says a run on it is.
        folder: Where the files lie, relative to the project.
        files: File name (or path, relative to `folder`) of every role that the layout asks for, and of those it may
            have. The matrix is a GCTX or GCT, the others are tables.
        remark: One sentence for the report on what may and may not be concluded from it.
        sources: Where to fetch every file, and how large it is, for the message when one is missing.
        generator: Parameters of a synthetic corpus, for one that the project makes itself; `design` among them is one
            of `DESIGNS`, by default `cell_lines`.
        layout: How its tables are written: `gse92742`, `gse70138`, `lincs2020`, or `own` for a lab's one table.
        level: What the matrix holds: 3 (normalised expression), 4 (z-scores of wells) or 5 (signatures).
        columns: Own corpus: our column -> the table's column.
        values: Own corpus: our column -> the one value that it has in every row.
        recode: Own corpus: our column -> the table's value -> ours, where null is missing and `*` is every value not
            named; without it those stay.
        keep: Own corpus: columns of the table that are kept, as text and under their own names.
        missing_landmarks: What to do where the matrix lacks landmark genes: `error`, or `keep` them as missing values.
        memory_mib: How much the buffers of its ingestion may take, beside what Python and its libraries do.
        download: How its public files are fetched, see `CorpusDownload`.
    """

    name: str
    label: str
    kind: str
    folder: str
    files: dict[str, str]
    remark: str
    sources: dict[str, str] = field(default_factory=dict)
    generator: dict[str, Any] | None = None
    layout: str = "gse92742"
    level: int = 4
    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, str | float] = field(default_factory=dict)
    recode: dict[str, dict[str, str | None]] = field(default_factory=dict)
    keep: list[str] = field(default_factory=list)
    missing_landmarks: str = "error"
    memory_mib: int = 256
    download: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.remark is None:
            raise InputError("remark is empty; say in one sentence what may be concluded from the corpus, or give ''.")
        require(self.layout in LAYOUTS, f"layout is {self.layout!r}; it can be {', '.join(LAYOUTS)}.")
        require(
            is_whole(self.level) and self.level in LEVELS, f"level is {self.level!r}; it can be 3, 4 or 5 (signatures)."
        )
        self._check_roles()
        if self.layout == OWN:
            self._check_own()
        else:
            given = [key for key in _OWN_KEYS if getattr(self, key)]
            require(not given, f"{', '.join(given)} given; only a corpus of layout {OWN} takes them: remove them.")
        if self.generator:
            self._check_design()
        if self.download is not None:
            CorpusDownload.read(self.download).wanted(Path(self.folder), self.files)

    @property
    def design(self) -> str | None:
        """What kind of synthetic corpus it is, for one that the project makes itself."""
        return self.generator.get("design", "cell_lines") if self.generator else None

    @property
    def sample_role(self) -> str:
        """The role of the table with a row for every sample of the matrix."""
        if self.layout == OWN:
            return "samples"
        return "sig_info" if self.level == 5 else "inst_info"

    @property
    def sample_tables(self) -> list[str]:
        """The roles of the tables that describe the samples, that of the samples first."""
        others = [role for role in TABLES if role in self.files and role not in (self.sample_role, "gene_info")]
        return [self.sample_role, *others]

    @property
    def own_table(self) -> OwnTable:
        """How the one table of an own corpus is read."""
        return OwnTable(self.columns, self.values, self.recode, self.keep)

    def path(self, role: str) -> Path:
        """Return where the file of a role lies, see `as_stored`."""
        return as_stored(Path(self.folder) / self.files[role])

    def _check_roles(self) -> None:
        needed = [self.sample_role if role == "inst_info" else role for role in REQUIRED_ROLES[self.layout]]
        optional = [role for role in OPTIONAL_ROLES[self.layout] if role not in needed]
        moa = [role for role in (*HUB_ROLES, COMPOUND_INFO) if role in self.files]
        wrong = set(self.files) - {*needed, *optional, "regulatory_edges", *moa} or set(needed) - set(self.files)
        if wrong:
            raise InputError(
                f"the corpus {self.name!r} of layout {self.layout} and level {self.level} names files for "
                f"{', '.join(self.files)}; it needs {', '.join(needed)} and may have "
                f"{', '.join([*optional, *HUB_ROLES, COMPOUND_INFO, 'regulatory_edges'])}: add or remove "
                f"{', '.join(sorted(wrong))}."
            )
        fitting = [[*HUB_ROLES], [COMPOUND_INFO]] + ([[]] if self.layout == OWN else [])
        if moa not in fitting:
            raise InputError(
                f"the corpus {self.name!r} names {', '.join(moa) or 'no file'} for mechanisms of action; they come "
                f"from {' and '.join(HUB_ROLES)} together, or from {COMPOUND_INFO}: name one of the two."
            )
        if "sig_metrics" in self.files and "sig_info" not in self.files:
            raise InputError(
                f"the corpus {self.name!r} names sig_metrics without sig_info, which says whose signature a sample is "
                "part of: name sig_info too, or neither."
            )

    def _check_design(self) -> None:
        require(isinstance(self.generator, dict), f"generator is {self.generator!r}; it takes keys and values.")
        require(self.design in list(DESIGNS), f"generator.design is {self.design!r}; it can be {', '.join(DESIGNS)}.")
        layout, roles = DESIGNS[str(self.design)]
        require(
            (self.layout, self.level, set(self.files)) == (layout, MADE_LEVEL, set(roles)),
            f"a generator of design {self.design} makes {', '.join(roles)} in layout {layout} and level {MADE_LEVEL}; "
            f"the entry has {', '.join(self.files)} in layout {self.layout} and level {self.level}: correct these.",
        )

    def _check_own(self) -> None:
        table = self.own_table
        for role, column in (("cell_info", "primary_site"), ("cell_info", "subtype"), ("pert_info", "inchi_key")):
            if role in self.files and column in {*table.columns, *table.values}:
                raise InputError(f"both {role} and the table of samples give {column}; take it from one of the two.")


def as_stored(path: Path) -> Path:
    """Return a path with or without `.gz`, whichever file exists; as it stands if neither or both do."""
    other = path.with_suffix("") if path.suffix == ".gz" else path.with_name(f"{path.name}.gz")
    return other if other.exists() and not path.exists() else path


def missing_files_message(spec: CorpusSpec, roles: list[str]) -> str:
    """Say in one message which files of a corpus are missing, where to fetch them and how large they are."""
    lines = [f"  {spec.path(role)}: {spec.sources.get(role, 'no source is configured')}" for role in roles]
    public = [spec.files[role] for role in (spec.download or {}).get("roles", []) if role in roles]
    command = [f"`make download CORPUS={spec.name}` fetches {', '.join(public)}."] if public else []
    return "\n".join(
        [
            f"{spec.label} lacks {len(roles)} of its {len(spec.files)} files. Fetch them and put them there:",
            *lines,
            *command,
            "The demo on the synthetic corpus (kedro run, without --env) needs none of them.",
        ]
    )
