"""How the published L1000 collections write their tables: which column is which.

Inside the project every table has the column names of GSE92742; the other layouts are translated to them here, and
nowhere else. Sources: the headers of the files on GEO and of CLUE's LINCS2020 release.
"""

from __future__ import annotations

from dataclasses import dataclass, field

OWN = "own"  # the layout of a lab's own corpus


@dataclass(frozen=True)
class TableLayout:
    """One published table.

    Attributes:
        columns: Published name -> our name of every column that must be there; the first is the key.
        unique: Whether the key is unique and never missing.
        quoted: Whether values may stand in double quotes, as CLUE writes them (an empty text is `""`).
        missing: What stands for a missing value beside -666 and nothing.
        split: Our name of a column such as `10 um` -> our names of its number and its unit.
        recoded: Our name of a column -> its published value that becomes 1; all others become 0.
    """

    columns: dict[str, str]
    unique: bool = True
    quoted: bool = False
    missing: tuple[str, ...] = ()
    split: dict[str, tuple[str, str]] = field(default_factory=dict)
    recoded: dict[str, str] = field(default_factory=dict)

    @property
    def renamed(self) -> bool:
        """Whether any column has another name in the project; such a table keeps only the columns it names."""
        return any(published != ours for published, ours in self.columns.items())


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_COMPOUND_INFO = TableLayout(
    {**_same("pert_id"), "cmap_name": "pert_iname", **_same("moa", "inchi_key")}, unique=False, quoted=True
)
_GSE92742 = {
    "inst_info": TableLayout(
        _same(
            "inst_id", "rna_plate", "rna_well", "pert_id", "pert_iname", "pert_type",
            "pert_dose", "pert_dose_unit", "pert_time", "pert_time_unit", "cell_id",
        )
    ),
    "sig_info": TableLayout(
        _same(
            "sig_id", "pert_id", "pert_iname", "pert_type", "cell_id",
            "pert_dose", "pert_dose_unit", "pert_time", "pert_time_unit", "distil_id",
        )
    ),
    "sig_metrics": TableLayout(_same("sig_id", "distil_cc_q75", "tas")),
    "pert_info": TableLayout(_same("pert_id", "pert_iname", "pert_type", "inchi_key")),
    "cell_info": TableLayout(_same("cell_id", "primary_site", "subtype")),
    "gene_info": TableLayout(_same("pr_gene_id", "pr_gene_symbol", "pr_is_lm")),
    "compound_info": _COMPOUND_INFO,
}  # fmt: skip

_GSE70138 = _GSE92742 | {
    "inst_info": TableLayout(
        {
            **_same("inst_id", "cell_id"),
            "det_plate": "rna_plate",
            "det_well": "rna_well",
            **_same("pert_dose", "pert_dose_unit", "pert_id", "pert_iname", "pert_type", "pert_time", "pert_time_unit"),
        }
    ),
    "sig_info": TableLayout(
        _same("sig_id", "pert_id", "pert_iname", "pert_type", "cell_id", "pert_idose", "pert_itime", "distil_id"),
        split={"pert_idose": ("pert_dose", "pert_dose_unit"), "pert_itime": ("pert_time", "pert_time_unit")},
    ),
}

_TREATMENT = {
    "cell_iname": "cell_id",
    "cmap_name": "pert_iname",
    **_same("pert_id", "pert_type", "pert_dose", "pert_dose_unit", "pert_time", "pert_time_unit", "qc_pass"),
}
# The detection plate is the one whose wells a z-score is taken over, as the rna_plate of GSE92742 is.
_LINCS2020 = {
    "inst_info": TableLayout(
        {"sample_id": "inst_id", "det_plate": "rna_plate", "det_well": "rna_well", **_TREATMENT}, quoted=True
    ),
    "sig_info": TableLayout(
        {**_same("sig_id"), **_TREATMENT, "distil_ids": "distil_id", "cc_q75": "distil_cc_q75", "tas": "tas"},
        quoted=True,
    ),
    # Its own `subtype` is finer than the subtypes of GSE92742; `primary_disease` is what answers to them.
    "cell_info": TableLayout(
        {"cell_iname": "cell_id", "cell_lineage": "primary_site", "primary_disease": "subtype"},
        quoted=True,
        missing=("unknown", "Unknown"),
    ),
    "gene_info": TableLayout(
        {"gene_id": "pr_gene_id", "gene_symbol": "pr_gene_symbol", "feature_space": "pr_is_lm"},
        quoted=True,
        recoded={"pr_is_lm": "landmark"},
    ),
    "compound_info": _COMPOUND_INFO,
}

# Layout -> table -> how it is written. A lab's own corpus may borrow the tables that are no table of samples.
LAYOUTS: dict[str, dict[str, TableLayout]] = {
    "gse92742": _GSE92742,
    "gse70138": _GSE70138,
    "lincs2020": _LINCS2020,
    OWN: {name: _GSE92742[name] for name in ("pert_info", "cell_info", "gene_info", "compound_info")},
}
TABLES = tuple(dict.fromkeys(table for tables in LAYOUTS.values() for table in tables))
