"""From profiles to graphs: the layers without a parameter at the front of a graph network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from l1000_bench.models.layers.matrices import Sparse, from_lists, to_lists
from l1000_bench.models.layers.terms import GraphTerms, terms


@keras.saving.register_keras_serializable("l1000_bench")
class GeneTerms(keras.Layer):  # type: ignore[misc]  # Keras is untyped
    """`GraphTerms` as a layer, for a saved model that takes profiles; sparse products, which XLA cannot compile.

    Args:
        order: (n_vertices,) the gene at each vertex; -1 is a fake vertex.
        operators: One or two (n_vertices, n_vertices) matrices, or their lists.
        kind: One of `terms.KINDS`.
        K: Number of Chebyshev terms.
        kwargs: Of every Keras layer.
    """

    def __init__(
        self, order: Sequence[int] | NDArray[np.intp], operators: Sequence[Any], kind: str, K: int, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.supports_jit = False
        matrices = tuple(from_lists(matrix) for matrix in operators)
        self.terms = GraphTerms(np.asarray(order, dtype=np.intp), matrices, kind, K)

    def call(self, X: tf.Tensor) -> tf.Tensor:
        """Turn profiles (batch, genes) into terms (batch, vertices, terms)."""
        genes = ops.concatenate([X, ops.zeros_like(X[:, :1])], axis=1)  # a last gene of value 0 for the fake vertices
        order = np.where(self.terms.order < 0, X.shape[1], self.terms.order)
        x = ops.transpose(ops.take(genes, order, axis=1))  # (vertices, batch)
        images: list[tf.Tensor] = []
        for matrix in self.terms.operators:
            images += terms(self.terms.kind, _multiplication(matrix, X.dtype), x, self.terms.K)
        return ops.transpose(ops.stack(images), (2, 1, 0))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (batch, vertices, terms)."""
        return (input_shape[0], *self.terms.shape)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values."""
        own = {
            "order": self.terms.order.tolist(),
            "operators": [to_lists(matrix) for matrix in self.terms.operators],
            "kind": self.terms.kind,
            "K": self.terms.K,
        }
        return dict(super().get_config()) | own


def _multiplication(matrix: Sparse, dtype: tf.DType) -> Callable[[tf.Tensor], tf.Tensor]:
    entries = matrix.tocoo()
    indices = np.stack([entries.row, entries.col], axis=1).astype(np.int64)
    sparse = tf.sparse.reorder(tf.SparseTensor(indices, tf.cast(entries.data, dtype), matrix.shape))
    return lambda x: tf.sparse.sparse_dense_matmul(sparse, x)


@keras.saving.register_keras_serializable("l1000_bench")
class SelectedGenes(keras.Layer):  # type: ignore[misc]  # Keras is untyped
    """Pass some genes on as they are: those that stand on no graph.

    Args:
        positions: (n_selected,) columns of the profiles.
        kwargs: Of every Keras layer.
    """

    def __init__(self, positions: Sequence[int] | NDArray[np.intp], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.positions = np.asarray(positions, dtype=np.intp)

    def call(self, X: tf.Tensor) -> tf.Tensor:
        """Select from profiles (batch, genes) the columns (batch, n_selected)."""
        return ops.take(X, self.positions, axis=1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (batch, n_selected)."""
        return (input_shape[0], len(self.positions))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's argument as a plain list."""
        return dict(super().get_config()) | {"positions": self.positions.tolist()}
