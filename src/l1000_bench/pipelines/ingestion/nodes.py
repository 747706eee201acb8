"""Nodes of the ingestion pipeline."""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

from l1000_bench.configured import make_from
from l1000_bench.io.corpus import CorpusSpec
from l1000_bench.io.geo import landmark_ids
from l1000_bench.io.landmarks import landmark_stream
from l1000_bench.io.matrix import Matrix, MatrixReader
from l1000_bench.io.parts import ProfileStream
from l1000_bench.io.samples import describe_matrix
from l1000_bench.synthetic.corpus import SyntheticSpec, make_corpus
from l1000_bench.synthetic.subject_corpus import SubjectSpec, make_subject_corpus

Generator = TypeVar("Generator", SyntheticSpec, SubjectSpec)


def make_synthetic_corpus(corpus: CorpusSpec) -> tuple[Matrix, *tuple[pd.DataFrame, ...]]:
    """Make the synthetic corpus of cell lines.

    Raises:
        InputError: If the corpus's `generator` has an unknown key or an impossible value.

    Returns:
        The matrix, then inst_info, pert_info, cell_info, gene_info, the Repurposing Hub's drugs and samples, and the
        regulatory edges, all as they stand in the public files.
    """
    made = make_corpus(_generator(corpus, SyntheticSpec))
    matrix = Matrix(values=made.matrix, sample_ids=made.sample_ids, gene_ids=made.gene_ids)
    tables = (made.inst_info, made.pert_info, made.cell_info, made.gene_info)
    return (matrix, *tables, made.drugs, made.repurposing_samples, made.edges)


def make_synthetic_subjects(corpus: CorpusSpec) -> tuple[Matrix, pd.DataFrame]:
    """Make the synthetic corpus of subjects.

    Raises:
        InputError: As for `make_synthetic_corpus`.

    Returns:
        The matrix of the landmarks, and the table of its samples as it stands in the file.
    """
    made = make_subject_corpus(_generator(corpus, SubjectSpec))
    return Matrix(values=made.matrix, sample_ids=made.sample_ids, gene_ids=made.gene_ids), made.samples


def _generator(corpus: CorpusSpec, kind: type[Generator]) -> Generator:
    return make_from(kind, corpus.generator or {}, f"corpora.{corpus.name}.generator", also=["design"])


def describe_samples(gctx: MatrixReader, corpus: CorpusSpec, *tables: pd.DataFrame) -> pd.DataFrame:
    """Describe the matrix's samples by the corpus's tables.

    Args:
        gctx: The matrix.
        corpus: Its specification.
        tables: The tables of `corpus.sample_tables`, in that order.

    Returns:
        The raw_samples table, in the order of the matrix; see `l1000_bench.io.samples.describe_matrix`.

    Raises:
        InputError: If the matrix and the tables do not fit.
    """
    return describe_matrix(gctx, corpus, dict(zip(corpus.sample_tables, tables, strict=True)))


def stream_landmarks(
    gctx: MatrixReader, gene_info: pd.DataFrame, raw_samples: pd.DataFrame, corpus: CorpusSpec
) -> ProfileStream:
    """Stream the landmark genes of every sample, in the order of gene_info.

    Args:
        gctx: The matrix.
        gene_info: `pr_is_lm` is 1 for a landmark.
        raw_samples: The samples in the order of the matrix; what it lacks was refused when it was made.
        corpus: Says what to do about landmarks that the matrix lacks, and how much memory may be used.

    Raises:
        InputError: As `l1000_bench.io.landmarks.landmark_stream` says, or if there are not 978 landmarks.
    """
    return landmark_stream(gctx, landmark_ids(gene_info), corpus.missing_landmarks, corpus.memory_mib)
