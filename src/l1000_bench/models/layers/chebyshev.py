"""Chebyshev convolution (Defferrard et al. 2016)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from l1000_bench.errors import InputError
from l1000_bench.models.layers.convolution import GraphConvolution
from l1000_bench.models.layers.matrices import Sparse
from l1000_bench.models.layers.terms import chebyshev_values

FORMULATIONS = ("auto", "recurrence", "fourier")
ROUNDING = 1e-12  # two entries of a symmetric matrix are two products, rounded each


@keras.saving.register_keras_serializable("l1000_bench")
class ChebyshevConvolution(GraphConvolution):
    """y = sum_k T_k(L~) x W_k for k < K (Defferrard et al. 2016, equation 4), in the cheaper of two exact ways.

    - `recurrence`: T_k x = 2 L~ T_{k-1} x - T_{k-2} x. Its K - 1 products with L~ cost n^2 (K - 1) F_in a sample.
    - `fourier`: with L~ = U Lambda U^T, T_k(L~) = U T_k(Lambda) U^T, so that y = U (sum_k T_k(Lambda) W_k) U^T x: to
      the Fourier domain, one F_in x F_out product per frequency, and back. It costs n^2 (F_in + F_out), whatever K.

    `auto` takes the one with fewer multiplications, and the recurrence where L~ is not symmetric (directed edges),
    which has no orthonormal U. Dense matrices, for XLA compiles no sparse product; on coarse graphs of some hundred
    vertices they are faster than sparse ones too. A first layer, with one input channel, has a third way:
    see `GraphTerms`.

    Args:
        filters: Number of output channels F_out.
        laplacian: (n, n) rescaled Laplacian L~, or its lists.
        K: Number of terms T_0 .. T_{K-1}.
        formulation: One of `FORMULATIONS`.
        kwargs: Of every Keras layer.

    Raises:
        InputError: If the formulation is unknown or needs a symmetric Laplacian, or K or filters is below 1.
    """

    kind = "chebyshev"

    def __init__(
        self, filters: int, laplacian: Sparse | dict[str, Any], K: int, formulation: str = "auto", **kwargs: Any
    ) -> None:
        super().__init__(filters, laplacian, K, **kwargs)
        if formulation not in FORMULATIONS:
            raise InputError(f"the formulation is {formulation!r}; it can be one of {', '.join(FORMULATIONS)}.")
        self.formulation = formulation
        self.symmetric = abs(self.laplacian - self.laplacian.T).max() < ROUNDING
        if formulation == "fourier" and not self.symmetric:
            raise InputError("a Laplacian that is not symmetric has no Fourier basis; take formulation recurrence.")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights, and the Fourier basis if it is used."""
        super().build(input_shape)
        _, F_in, F_out = self.kernel.shape
        fourier_is_cheaper = F_in + F_out < (self.K - 1) * F_in
        self.uses_fourier = self.formulation == "fourier" or (
            self.formulation == "auto" and self.symmetric and fourier_is_cheaper
        )
        if self.uses_fourier:
            eigenvalues, U = np.linalg.eigh(self.laplacian.toarray())
            self.U = self.constant(U)  # (n, n)
            self.values = self.constant(chebyshev_values(eigenvalues, self.K))  # (n, K)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        """Convolve (n, batch, F_in) to (n, batch, F_out)."""
        if not self.uses_fourier:
            return super().call(x)
        n, _, channels = x.shape
        spectrum = ops.matmul(ops.transpose(self.U), ops.reshape(x, (n, -1)))  # (n, batch * F_in)
        response = ops.tensordot(self.values, self.kernel, axes=1)  # (n, F_in, F_out)
        filtered = ops.matmul(ops.reshape(spectrum, (n, -1, channels)), response)  # (n, batch, F_out)
        y = ops.matmul(self.U, ops.reshape(filtered, (n, -1)))  # (n, batch * F_out)
        return ops.reshape(y, (n, -1, self.filters))

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values."""
        return dict(super().get_config()) | {"formulation": self.formulation}
