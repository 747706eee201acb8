"""From the tables of a corpus to one table that describes the samples of its matrix, whatever the layout."""

from __future__ import annotations

import logging

import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.io import signatures
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.geo import N_LANDMARKS
from l1000_bench.io.layouts import OWN
from l1000_bench.io.matrix import MatrixReader
from l1000_bench.io.own_table import SAMPLE_COLUMNS, in_our_words

logger = logging.getLogger(__name__)

# Names of the published columns (as in GSE92742) among the samples.
_TREATMENT = {
    "cell_id": "cell_id",
    "pert_id": "pert_id",
    "pert_iname": "pert_iname",
    "pert_type": "pert_type",
    "pert_dose": "dose",
    "pert_dose_unit": "dose_unit",
    "pert_time": "time",
    "pert_time_unit": "time_unit",
    "qc_pass": "qc_pass",
}
PUBLISHED = {
    "inst_info": {"inst_id": "sample_id", "rna_plate": "plate_id", "rna_well": "well", **_TREATMENT},
    "sig_info": {"sig_id": "sample_id", **_TREATMENT},
}
NUMBERS = ("dose", "time", "distil_cc", "tas")
PASSED = ("1", "1.0", "true", "t", "yes", "pass")
FAILED = ("0", "0.0", "false", "f", "no", "fail")
PLACEHOLDERS = ("na", "n/a", "nan", "none", "null", "missing", "-", ".", "")  # of a number that is not known
REPLICATE = r"_X\d+.*$"  # what tells the replicates of a plate apart: _X2, _X1_B3_DUO52HI53LO


def describe_matrix(gctx: MatrixReader, corpus: CorpusSpec, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Describe the samples of a matrix.

    Args:
        gctx: The matrix.
        corpus: Its layout, level and own table.
        tables: The tables of `corpus.sample_tables`, named as in GSE92742; the samples of an own corpus as in
            `SAMPLE_COLUMNS`.

    Returns:
        The columns of `SAMPLE_COLUMNS`, then those that an own corpus keeps, in the order of the matrix; dose, time,
        distil_cc and tas as float64, qc_pass as nullable boolean, all else text.

    Raises:
        InputError: If the matrix and the tables do not fit, or a value of qc_pass is neither yes nor no.
    """
    table = tables[corpus.sample_role]
    samples = in_our_words(table, corpus.own_table) if corpus.layout == OWN else _published(table, corpus.sample_role)
    samples = _in_order(samples, gctx, corpus)
    samples = _with_signatures(samples, gctx, corpus, tables)
    samples = _with_plates(samples, corpus)
    samples = _looked_up(samples, tables)
    numbers = {name: _numbers(samples[name], name) for name in NUMBERS}
    return samples.assign(**numbers, qc_pass=_passed(samples["qc_pass"]))


def _published(table: pd.DataFrame, role: str) -> pd.DataFrame:
    names = {theirs: ours for theirs, ours in PUBLISHED[role].items() if theirs in table}
    found = table[list(names)].rename(columns=names)
    nothing = pd.Series(pd.NA, found.index, dtype="str")
    return found.assign(**{name: nothing for name in SAMPLE_COLUMNS if name not in found})[list(SAMPLE_COLUMNS)]


def _in_order(samples: pd.DataFrame, gctx: MatrixReader, corpus: CorpusSpec) -> pd.DataFrame:
    unknown = pd.Index(gctx.sample_ids).difference(pd.Index(samples["sample_id"]), sort=False)
    if len(unknown):
        role = corpus.sample_role
        raise InputError(
            f"{gctx.path} holds {len(unknown)} sample(s) that {role} lacks, the first is {unknown[0]!r}; "
            f"give the {role} of the same release in the place of {corpus.path(role)}, or add their rows."
        )
    columns = list(samples.columns)
    samples = samples.set_index("sample_id").loc[pd.Index(gctx.sample_ids)].rename_axis("sample_id").reset_index()
    return samples.astype({"sample_id": "str"})[columns]


def _with_signatures(
    samples: pd.DataFrame, gctx: MatrixReader, corpus: CorpusSpec, tables: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    if corpus.layout == OWN:
        return samples
    if corpus.sample_role == "sig_info":
        samples = samples.assign(sig_id=samples["sample_id"])
    elif "sig_info" in tables:
        paths = corpus.path("sig_info"), gctx.path
        found = signatures.instances(tables["sig_info"], samples["sample_id"], samples["pert_type"], paths)
        samples = samples.assign(sig_id=samples["sample_id"].map(found).astype("str"))
    metrics = signatures.metrics(tables)
    numbers = {name: samples["sig_id"].map(metrics[name]).astype("str") for name in signatures.METRICS.values()}
    return samples.assign(**numbers)


def _with_plates(samples: pd.DataFrame, corpus: CorpusSpec) -> pd.DataFrame:
    if corpus.sample_role == "sig_info":  # CPC006_A375_24H:BRD-K…:10
        samples = samples.assign(plate_id=samples["sample_id"].str.split(":", n=1).str[0])
    derived = samples["plate_id"].str.replace(REPLICATE, "", regex=True)
    return samples.assign(plate_set=samples["plate_set"].fillna(derived))


def _looked_up(samples: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Take site and subtype from the cell's row, and the InChIKey from the compound's; a missing row leaves them so."""
    if "cell_info" in tables:
        cells = tables["cell_info"].set_index("cell_id")
        site, subtype = (samples["cell_id"].map(cells[name]).astype("str") for name in ("primary_site", "subtype"))
        samples = samples.assign(primary_site=site, subtype=subtype)
    if "pert_info" in tables:
        keys = tables["pert_info"].set_index("pert_id")["inchi_key"]
    elif "compound_info" in tables:
        rows = tables["compound_info"].dropna(subset=["pert_id", "inchi_key"])
        keys = rows.drop_duplicates("pert_id").set_index("pert_id")["inchi_key"]
    else:
        return samples
    return samples.assign(inchi_key=samples["inchi_key"].fillna(samples["pert_id"].map(keys).astype("str")))


def _numbers(column: pd.Series, name: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    odd = column[numbers.isna() & column.notna() & ~column.str.strip().str.lower().isin(PLACEHOLDERS)]
    if len(odd) and numbers.isna().all():
        raise InputError(
            f"none of the {len(odd):,} values of {name} is a number, such as {odd.iloc[0]!r}; write numbers with a "
            "point and without their unit, or leave the column out."
        )
    if len(odd):
        logger.warning("%d values of %s are no numbers and count as missing, such as %r", len(odd), name, odd.iloc[0])
    return numbers


def _passed(column: pd.Series) -> pd.Series:
    words = column.str.lower()
    odd = column[column.notna() & ~words.isin([*PASSED, *FAILED])]
    if len(odd):
        raise InputError(
            f"qc_pass is {odd.iloc[0]!r} for {len(odd)} sample(s); expected one of {', '.join([*PASSED, *FAILED])}: "
            "correct the table, or recode the values of an own corpus."
        )
    return words.map({**dict.fromkeys(PASSED, True), **dict.fromkeys(FAILED, False)}).astype("boolean")


def matrix_genes(gctx: MatrixReader) -> pd.DataFrame:
    """Take the genes of a matrix for the landmarks, in its order, for a corpus without gene_info.

    Returns:
        Columns pr_gene_id, pr_gene_symbol (the id again) and pr_is_lm.

    Raises:
        InputError: If the matrix holds another number of genes, or names one otherwise than by Entrez id.
    """
    if gctx.n_genes != N_LANDMARKS:
        raise InputError(
            f"{gctx.path} holds {gctx.n_genes} genes and the corpus names no gene_info, so which of them are the "
            f"{N_LANDMARKS} landmarks is not known; name gene_info among its files, such as that of GSE92742."
        )
    ids = pd.Series(gctx.gene_ids, dtype="str")
    odd = ids[~ids.str.fullmatch(r"\d+")]
    if len(odd):
        raise InputError(
            f"{gctx.path} names {len(odd)} of its genes otherwise than by Entrez id, such as {odd.iloc[0]!r}, and the "
            "corpus names no gene_info; write Entrez ids, by which graphs and models know their genes."
        )
    return pd.DataFrame({"pr_gene_id": ids, "pr_gene_symbol": ids, "pr_is_lm": pd.Series("1", ids.index, dtype="str")})
