"""A fitted model that knows its classes and genes, and what stands for one that was not fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from l1000_bench.errors import InputError


@dataclass(frozen=True)
class NoModel:
    """What is stored in place of a model where the classifier stepped aside.

    Attributes:
        reason: Why there is none, one sentence.
        about: What it would have been made from: dataset, task, classifier, setting.
    """

    reason: str
    about: dict[str, Any]


@dataclass(frozen=True)
class FittedModel:
    """A classifier fitted on a whole dataset.

    Attributes:
        estimator: The fitted preprocessing and classifier; its own classes are integer codes.
        classes: The label of every code.
        gene_ids: Entrez ids in the order of the profiles' columns.
        about: What it was made from: dataset, task, classifier, setting.
    """

    estimator: Pipeline
    classes: tuple[str, ...]
    gene_ids: tuple[str, ...]
    about: dict[str, Any]

    def predict(self, profiles: NDArray[np.float32]) -> NDArray[np.object_]:
        """Label profiles.

        Args:
            profiles: (n_samples, n_genes), genes in the order of `gene_ids`.

        Returns:
            (n_samples,) labels.

        Raises:
            InputError: If the number of genes differs.
        """
        if profiles.shape[1] != len(self.gene_ids):
            raise InputError(
                f"the model takes {len(self.gene_ids)} genes, the profiles have {profiles.shape[1]}; "
                "select the model's gene_ids, in their order."
            )
        codes = self.estimator.predict(np.asarray(profiles, dtype=np.float32))
        labels: NDArray[np.object_] = np.array(self.classes, dtype=object)[codes]
        return labels
