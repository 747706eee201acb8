"""Nodes of the modeling pipeline."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from l1000_bench.errors import InputError
from l1000_bench.graphs.choice import Pyramids
from l1000_bench.io.parts import Profiles
from l1000_bench.models.fit import fit
from l1000_bench.models.fitted import FittedModel, NoModel
from l1000_bench.search.benchmark_data import encode_labels
from l1000_bench.search.best_trials import best_trial, chosen_setting
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.cell_data import EDGES, gather_cell, named
from l1000_bench.search.outcome import Outcome
from l1000_bench.search.records import ASIDE, RecordStore
from l1000_bench.search.trials import Trials, chosen_elsewhere
from l1000_bench.statistics.split_counts import used_samples

logger = logging.getLogger(__name__)


def try_settings(cell: CellSpec, records: Path, **given: Any) -> Outcome:
    """Run the cell's known settings over all rotations; what was run before is not run again.

    Args:
        cell: What to learn with which classifier.
        records: Folder of the records of the cell's trials.
        given: Data, edges and lists of neighbours, see `gather_cell`.

    Returns:
        The trials, costs and predictions tables; the last is empty where the classifier steps aside.

    Raises:
        InputError: If no setting came to its end.
    """
    return _require_an_end(cell, Trials(gather_cell(cell, given), cell.settings(), RecordStore(records)).run())


def try_chosen(cell: CellSpec, records: Path, source: pd.DataFrame, **given: Any) -> Outcome:
    """Run the setting that was chosen on another task of the dataset, for a split that leaves nothing to choose by.

    Args:
        cell: What to learn with which classifier.
        records: Folder of the records of the cell's trials.
        source: The trials table of the other task.
        given: Data, edges and lists of neighbours, see `gather_cell`.

    Returns:
        As of `try_settings`.

    Raises:
        InputError: If it did not come to its end.
    """
    return _require_an_end(cell, chosen_elsewhere(gather_cell(cell, given), source, RecordStore(records)).run())


def _require_an_end(cell: CellSpec, outcome: Outcome) -> Outcome:
    errors = outcome.trials["error"].dropna()
    if best_trial(outcome.trials) is None and not errors.str.startswith(ASIDE).all():
        raise InputError(f"{cell}: no trial came to its end; the first error was: {errors.iloc[0]}")
    if outcome.predictions.empty:
        logger.info("%s steps aside: %s.", cell, str(errors.iloc[0]).partition(": ")[2])
    return outcome


def fit_model(  # the inputs of the node
    profiles: Profiles,
    samples: pd.DataFrame,
    split: pd.DataFrame,
    trials: pd.DataFrame,
    cell: CellSpec,
    **edges: pd.DataFrame,
) -> FittedModel | NoModel:
    """Fit the chosen setting on all profiles that the split uses: classes that fell out of it were not scored.

    Returns:
        The model, or why there is none: the classifier steps aside.

    Raises:
        InputError: If no trial is complete.
    """
    about: dict[str, Any] = {"dataset": cell.dataset, "task": cell.task, "classifier": cell.classifier["name"]}
    rows = np.flatnonzero(samples["sample_id"].isin(used_samples(split)))
    codes, classes = encode_labels(samples.iloc[rows], cell.label_column)
    aside = cell.classifier_spec().steps_aside(codes)
    setting = chosen_setting(trials)
    if setting is None:
        error = str(trials["error"].dropna().iloc[0])
        if not error.startswith(ASIDE):
            raise InputError(f"{cell}: no trial came to its end, so there is nothing to fit; see its trials table.")
        aside = error.partition(": ")[2]
    if setting is None or aside:
        logger.info("%s has no final model: %s.", cell, aside)
        return NoModel(str(aside), about)
    gene_ids = tuple(profiles.gene_ids)
    pyramids = Pyramids(gene_ids, named(edges, EDGES), cell.directed_graphs, cell.control_graphs)
    estimator = cell.classifier_spec().build(setting, cell.threads, pyramids)
    fit(estimator, profiles.mapped()[rows], codes, cell.threads)
    return FittedModel(estimator, tuple(classes), gene_ids, about | {"setting": setting})
