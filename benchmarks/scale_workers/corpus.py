"""A corpus of GSE92742's form from the metadata of its compound signatures: `python -m scale_workers.corpus …`.

python -m scale_workers.corpus SHARED CORPUS.yml FOLDER N_GENES
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from ingestion_workers.files import Ids, write_matrix
from ingestion_workers.selection import N_GENES

from l1000_bench.io.geo import landmark_ids, read_info, write_info
from l1000_bench.io.matrix import MISSING_TEXT

CORPUS = "gse92742"
ROWS = 21  # of a chunk, as in GEO's files


def read_signatures(shared: Path) -> pd.DataFrame:
    """Return one row per signature; `distil_id` names its instances."""
    path = shared / "data" / "scale" / "compound_sig_info.tsv.gz"
    return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)


def make_sig_info(signatures: pd.DataFrame) -> pd.DataFrame:
    """Return the sig_info that the signatures' names and doses imply.

    `ASG001_MCF7_24H:BRD-K12345678:10` is of the cell line MCF7 after 24 hours.

    Raises:
        SystemExit: If a sig_id or a dose is written in another way.
    """
    about = signatures["sig_id"].str.extract(r"^[^_:]+_(?P<cell_id>[^_:]+)_(?P<pert_time>\d+)H:")
    _refuse_missing(about, signatures["sig_id"], "sig_id", "set_cell_timeH:…")
    dose = micromolar(signatures["pert_dose"])
    unit = dose.mask(dose.notna(), "um")
    named = signatures[["sig_id", "pert_id", "pert_iname", "distil_id"]]
    return pd.concat([named, about], axis=1).assign(
        pert_type="trt_cp", pert_dose=dose, pert_dose_unit=unit, pert_time_unit="h"
    )


def make_inst_info(sig_info: pd.DataFrame) -> pd.DataFrame:
    """Return the inst_info that a sig_info implies, a row per instance; instances are named plate:well.

    Raises:
        SystemExit: If an instance is written in another way.
    """
    instances = sig_info.assign(inst_id=sig_info["distil_id"].str.split("|")).explode("inst_id", ignore_index=True)
    place = instances["inst_id"].str.extract(r"^(?P<rna_plate>[^:]+):(?P<rna_well>[^:]+)$")
    _refuse_missing(place, instances["inst_id"], "distil_id", "plate:well|plate:well|…")
    return pd.concat([instances["inst_id"], place, instances.drop(columns=["sig_id", "distil_id", "inst_id"])], axis=1)


def micromolar(doses: pd.Series) -> pd.Series:
    """Turn doses such as `370nM` or `10uM` into text in micromolar; -666 and nothing are missing.

    Raises:
        SystemExit: If a dose is written in another way.
    """
    known = doses[~doses.isin(["", *MISSING_TEXT])]
    parts = known.str.extract(r"^(?P<number>\d+(?:\.\d+)?) ?(?P<unit>nM|uM)$")
    _refuse_missing(parts, known, "pert_dose", "370nM or 10uM")
    numbers = pd.to_numeric(parts["number"]) / parts["unit"].map({"nM": 1000, "uM": 1})
    return numbers.map("{:g}".format).astype("str").reindex(doses.index)


def _refuse_missing(parts: pd.DataFrame, source: pd.Series, column: str, form: str) -> None:
    odd = source[parts.isna().any(axis=1)]
    if len(odd):
        raise SystemExit(f"{len(odd)} values of {column} are not of the form {form}; the first is {odd.iloc[0]!r}")


def make_pert_info(instances: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return a row per compound: GEO's own where it is known, and otherwise the name alone."""
    others = instances.drop_duplicates("pert_id").loc[lambda rows: ~rows["pert_id"].isin(known["pert_id"])]
    named = others[["pert_id", "pert_iname", "pert_type"]]
    return pd.concat([known, named], ignore_index=True)


def make_corpus(shared: Path, configuration: Path, folder: Path, n_genes: int) -> None:
    """Write the corpus's files.

    Args:
        shared: The folder that L1000_SHARED names.
        configuration: The corpus's entry, which names the files.
        folder: Where they go.
        n_genes: Of the matrix, the landmarks first.
    """
    files = yaml.safe_load(configuration.read_text())["corpora"][CORPUS]["files"]
    mini = {
        role: next((shared / "data" / "gse92742_mini").glob(f"*_{role}.txt.gz"))
        for role in ("pert_info", "cell_info", "gene_info")
    }
    sig_info = make_sig_info(read_signatures(shared))
    instances = make_inst_info(sig_info)
    write_info(sig_info, folder / files["sig_info"])
    write_info(instances, folder / files["inst_info"])
    write_info(make_pert_info(instances, read_info(mini["pert_info"], "pert_info")), folder / files["pert_info"])
    for role in ("cell_info", "gene_info"):
        shutil.copy(mini[role], folder / files[role])
    for role in ("repurposing_drugs", "repurposing_samples"):
        (found,) = (shared / "data" / "moa").glob(f"{files[role].removesuffix('.gz')}*")
        plain = files[role].removesuffix(".gz")
        shutil.copy(found, folder / (plain + found.suffix if found.suffix == ".gz" else plain))
    gene_info = read_info(mini["gene_info"], "gene_info")
    landmarks = landmark_ids(gene_info)
    others = gene_info.loc[~gene_info["pr_gene_id"].isin(landmarks), "pr_gene_id"].to_numpy(dtype=object)
    genes = np.concatenate([landmarks, others])[:n_genes]
    ids = Ids(instances["inst_id"].to_numpy(dtype=object).astype(np.bytes_), genes.astype(np.bytes_))
    write_matrix(folder / files["gctx"].removesuffix(".gz"), ids, (ROWS, min(n_genes, N_GENES)))


if __name__ == "__main__":
    make_corpus(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
