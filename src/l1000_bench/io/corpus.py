"""A corpus of the configuration: where its raw files lie, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from l1000_bench.errors import InputError

# What a corpus may name under `files`; the matrix is a GCTX or GCT, the others are tables.
FILE_ROLES = ("gctx", "inst_info", "pert_info", "cell_info", "gene_info", "repurposing_drugs", "repurposing_samples")
OPTIONAL_ROLES = ("regulatory_edges",)


@dataclass(frozen=True)
class CorpusSpec:
    """A raw collection (`parameters/corpora/NAME.yml`).

    Attributes:
        name: The entry's name.
        label: Display name.
        kind: `synthetic`, `mini` or `full`: what the report says a run on it is.
        folder: Where the files lie, relative to the project.
        files: File name (or path, relative to `folder`) of every role of `FILE_ROLES`, and of `OPTIONAL_ROLES`.
        remark: One sentence for the report on what may and may not be concluded from it.
        sources: Where to fetch every file, and how large it is, for the message when one is missing.
        generator: Parameters of the synthetic corpus, for the one that the project makes itself.
    """

    name: str
    label: str
    kind: str
    folder: str
    files: dict[str, str]
    remark: str
    sources: dict[str, str] = field(default_factory=dict)
    generator: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.remark is None:
            raise InputError("remark is empty; say in one sentence what may be concluded from the corpus, or give ''.")
        wrong = set(self.files) - {*FILE_ROLES, *OPTIONAL_ROLES} or set(FILE_ROLES) - set(self.files)
        if wrong:
            raise InputError(
                f"the corpus {self.name!r} names files for {', '.join(self.files)}; it needs {', '.join(FILE_ROLES)} "
                f"and may have {', '.join(OPTIONAL_ROLES)}: add or remove {', '.join(sorted(wrong))}."
            )

    def path(self, role: str) -> Path:
        """Return where the file of a role lies."""
        return Path(self.folder) / self.files[role]


def missing_files_message(spec: CorpusSpec, roles: list[str]) -> str:
    """Say in one message which files of a corpus are missing, where to fetch them and how large they are."""
    lines = [f"  {spec.path(role)}: {spec.sources.get(role, 'no source is configured')}" for role in roles]
    return "\n".join(
        [
            f"{spec.label} lacks {len(roles)} of its {len(FILE_ROLES)} files. Fetch them and put them there:",
            *lines,
            "The demo on the synthetic corpus (kedro run, without --env) needs none of them.",
        ]
    )
