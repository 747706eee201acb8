"""Nodes of the modeling pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.graphs.choice import Pyramids
from l1000_bench.io.parts import Profiles
from l1000_bench.models.fit import fit
from l1000_bench.models.fitted import FittedModel
from l1000_bench.search.benchmark_data import encode_labels
from l1000_bench.search.best_trials import best_trial
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.cell_data import EDGES, gather_cell, named
from l1000_bench.search.outcome import Outcome
from l1000_bench.search.records import RecordStore
from l1000_bench.search.trials import Trials


def try_settings(cell: CellSpec, records: Path, **given: Any) -> Outcome:
    """Run the cell's known settings over all rotations; what was run before is not run again.

    Args:
        cell: What to learn with which classifier.
        records: Folder of the records of the cell's trials.
        given: Data, edges and lists of neighbours, see `gather_cell`.

    Returns:
        The trials, costs and predictions tables.

    Raises:
        InputError: If no setting came to its end.
    """
    outcome = Trials(gather_cell(cell, given), cell.settings(), RecordStore(records)).run()
    if best_trial(outcome.trials) is None:
        first = outcome.trials["error"].dropna().iloc[0]
        raise InputError(f"{cell}: no trial came to its end; the first error was: {first}")
    return outcome


def fit_model(
    profiles: Profiles, samples: pd.DataFrame, trials: pd.DataFrame, cell: CellSpec, **edges: pd.DataFrame
) -> FittedModel:
    """Fit the chosen setting on all labelled profiles of the dataset.

    Raises:
        InputError: If no trial is complete.
    """
    chosen = best_trial(trials)
    if chosen is None:
        raise InputError(f"{cell}: no trial came to its end, so there is nothing to fit; see its trials table.")
    setting = json.loads(trials.loc[trials["trial_id"] == chosen, "params"].iloc[0])
    codes, classes = encode_labels(samples, cell.label_column)
    labelled = np.flatnonzero(codes >= 0)
    gene_ids = tuple(profiles.gene_ids)
    pyramids = Pyramids(gene_ids, named(edges, EDGES), cell.directed_graphs, cell.control_graphs)
    estimator = cell.classifier_spec().build(setting, cell.threads, pyramids)
    fit(estimator, profiles.mapped()[labelled], codes[labelled], cell.threads)
    about = {"dataset": cell.dataset, "task": cell.task, "classifier": cell.classifier["name"], "setting": setting}
    return FittedModel(estimator, tuple(classes), gene_ids, about)
