"""Nodes of the ingestion pipeline."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pandas as pd
from tqdm import tqdm

from l1000_bench.errors import InputError
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.geo import landmark_ids
from l1000_bench.io.matrix import Matrix, MatrixReader
from l1000_bench.io.parts import Block, ProfileStream
from l1000_bench.synthetic.corpus import SyntheticSpec, make_corpus

logger = logging.getLogger(__name__)

# Names of inst_info's columns in this project.
SAMPLE_COLUMNS = {
    "inst_id": "sample_id",
    "rna_plate": "plate_id",
    "rna_well": "well",
    "cell_id": "cell_id",
    "pert_id": "pert_id",
    "pert_iname": "pert_iname",
    "pert_type": "pert_type",
    "pert_dose": "dose",
    "pert_dose_unit": "dose_unit",
    "pert_time": "time",
    "pert_time_unit": "time_unit",
}


def make_synthetic_corpus(corpus: CorpusSpec) -> tuple[Matrix, *tuple[pd.DataFrame, ...]]:
    """Make the synthetic corpus.

    Raises:
        InputError: If the corpus's `generator` has an unknown key or an impossible value.

    Returns:
        The matrix, then inst_info, pert_info, cell_info, gene_info, the Repurposing Hub's drugs and samples, and the
        regulatory edges, all as they stand in the public files.
    """
    try:
        spec = SyntheticSpec(**(corpus.generator or {}))
    except TypeError as error:
        keys = ", ".join(SyntheticSpec.__dataclass_fields__)
        raise InputError(f"corpora.{corpus.name}.generator: {error}; its keys are {keys}.") from error
    made = make_corpus(spec)
    matrix = Matrix(values=made.matrix, sample_ids=made.sample_ids, gene_ids=made.gene_ids)
    tables = (made.inst_info, made.pert_info, made.cell_info, made.gene_info)
    return (matrix, *tables, made.drugs, made.repurposing_samples, made.edges)


def describe_samples(
    gctx: MatrixReader, inst_info: pd.DataFrame, pert_info: pd.DataFrame, cell_info: pd.DataFrame
) -> pd.DataFrame:
    """Describe the matrix's samples by the corpus's tables.

    Returns:
        The raw_samples table, in the order of the matrix.

    Raises:
        InputError: If the matrix holds a sample that inst_info lacks.
    """
    samples = inst_info[list(SAMPLE_COLUMNS)].rename(columns=SAMPLE_COLUMNS)
    unknown = pd.Index(gctx.sample_ids).difference(pd.Index(samples["sample_id"]), sort=False)
    if len(unknown):
        raise InputError(
            f"{gctx.path} holds {len(unknown)} sample(s) that inst_info lacks, the first is {unknown[0]!r}; "
            "give the inst_info of the same release."
        )
    samples = samples.set_index("sample_id").loc[pd.Index(gctx.sample_ids)].rename_axis("sample_id").reset_index()
    samples["sample_id"] = samples["sample_id"].astype("str")
    for column in ("dose", "time"):
        samples[column] = _numbers(samples, column)
    cells = cell_info[["cell_id", "primary_site", "subtype"]]
    keys = pert_info[["pert_id", "inchi_key"]]
    samples = samples.merge(cells, on="cell_id", how="left").merge(keys, on="pert_id", how="left")
    return samples.assign(subject_id=pd.Series(pd.NA, index=samples.index, dtype="str"))


def _numbers(samples: pd.DataFrame, column: str) -> pd.Series:
    numbers = pd.to_numeric(samples[column], errors="coerce").astype("float64")
    odd = samples[column][numbers.isna() & samples[column].notna()]
    if len(odd):
        logger.warning("%d values of %s are no numbers and count as missing, such as %r", len(odd), column, odd.iloc[0])
    return numbers


def stream_landmarks(gctx: MatrixReader, gene_info: pd.DataFrame, raw_samples: pd.DataFrame) -> ProfileStream:
    """Stream the landmark genes of every sample, in the order of gene_info.

    Args:
        gctx: The matrix.
        gene_info: `pr_is_lm` is 1 for a landmark.
        raw_samples: The samples in the order of the matrix; what it lacks was refused when it was made.

    Raises:
        InputError: If a landmark is missing from the matrix, or there are not 978 of them.
    """
    landmarks = landmark_ids(gene_info)
    absent = pd.Index(landmarks).difference(pd.Index(gctx.gene_ids), sort=False)
    if len(absent):
        raise InputError(
            f"{gctx.path} lacks {len(absent)} of the {len(landmarks)} landmark genes, the first is {absent[0]}; "
            "give a matrix whose row ids are Entrez ids and not cut off."
        )

    def blocks() -> Iterator[Block]:
        with tqdm(total=len(raw_samples), desc="profiles", unit="profile", disable=None) as bar:
            for sample_ids, values in gctx.blocks(genes=list(landmarks)):
                yield Block(sample_ids, values)
                bar.update(len(sample_ids))

    return ProfileStream(landmarks, blocks())
