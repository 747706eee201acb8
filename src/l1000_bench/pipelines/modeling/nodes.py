"""Nodes of the modeling pipeline."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pandas as pd
from tqdm import tqdm

from l1000_bench.errors import InputError
from l1000_bench.graphs.choice import Pyramids
from l1000_bench.io.parts import Profiles
from l1000_bench.models.fit import fit
from l1000_bench.models.fitted import FittedModel
from l1000_bench.search.benchmark_data import encode_labels, gather_benchmark
from l1000_bench.search.cell import CellSpec
from l1000_bench.search.trials import Outcome, best_trial, run_trials

PREFIX = "edges:"  # of the inputs that are edges tables


def try_settings(
    profiles: Profiles, samples: pd.DataFrame, split: pd.DataFrame, cell: CellSpec, **edges: pd.DataFrame
) -> Outcome:
    """Run the cell's settings over all rotations.

    Args:
        profiles: Stored profiles of the dataset.
        samples: Its samples table.
        split: The split table of the task.
        cell: What to learn with which classifier.
        edges: The edges table of every graph that a setting names.

    Returns:
        The trials, costs and predictions tables.

    Raises:
        InputError: If no setting came to its end.
    """
    data = gather_benchmark(profiles, samples, split, cell.label_column, str(cell))
    bar = partial(tqdm, desc=str(cell), unit="rotation", leave=False, disable=None)
    build = partial(cell.classifier_spec().build, threads=cell.threads, pyramids=_pyramids(profiles, cell, edges))
    return run_trials(data, build, cell.settings(), cell.threads, bar)


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
    estimator = cell.classifier_spec().build(setting, cell.threads, _pyramids(profiles, cell, edges))
    fit(estimator, profiles.matrix()[labelled], codes[labelled], cell.threads)
    about = {"dataset": cell.dataset, "task": cell.task, "classifier": cell.classifier["name"], "setting": setting}
    return FittedModel(estimator, tuple(classes), tuple(profiles.gene_ids), about)


def _pyramids(profiles: Profiles, cell: CellSpec, edges: dict[str, pd.DataFrame]) -> Pyramids:
    named = {name.removeprefix(PREFIX): table for name, table in edges.items()}
    return Pyramids(tuple(profiles.gene_ids), named, cell.directed_graphs, cell.control_graphs)
