"""Training compiled as a whole: one call runs many batches over tensors that stay on the device."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from l1000_bench.models.compiled import CompiledNetwork
from l1000_bench.models.initial_weights import initial_bias, initial_kernel
from l1000_bench.models.network import build
from l1000_bench.models.plans import NetworkPlan, TrainingPlan

# Adam's constants (Kingma and Ba 2015, algorithm 1).
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


class Trainer(CompiledNetwork):
    """A network, its optimiser and their compiled step; `restart` makes it new for another fit.

    The step changes variables in place: handing weights in and out would allocate them anew with every batch. XLA
    compiles the step; the loop over batches and the gathering of their rows stay outside, where their number may vary.

    Args:
        network_plan: The network.
        plan: Its training.
    """

    def __init__(self, network_plan: NetworkPlan, plan: TrainingPlan) -> None:
        super().__init__(build(network_plan), plan.jit_compile)
        self.plan, self.initializer = plan, network_plan.initializer
        body = self.network.body
        self._variables = [variable.value for variable in body.trainable_variables]
        n_slots = {"momentum": 1, "adam": 2}[plan.optimizer]
        self._slots = [[tf.Variable(tf.zeros_like(w)) for w in self._variables] for _ in range(n_slots)]
        self._step = tf.Variable(0.0)
        update = tf.function(self._update_once, jit_compile=plan.jit_compile)
        self._update = update.get_concrete_function(*self._specs(plan.batch_size))
        order = tf.TensorSpec((None, plan.batch_size), tf.int32)
        self._run = tf.function(self._run_batches).get_concrete_function(*self._specs(None), order)

    def _specs(self, n: int | None) -> tuple[list[tf.TensorSpec], tf.TensorSpec, tf.TensorSpec]:
        """Return the shapes of inputs, codes and weights of n samples."""
        return self.network.specs(n), tf.TensorSpec((n,), tf.int32), tf.TensorSpec((n,))

    def restart(self, rng: np.random.Generator) -> None:
        """Draw new weights, forget the optimiser's past and seed the dropout."""
        for variable in self.network.body.trainable_variables:
            shape = tuple(variable.shape)
            is_bias = variable.name == "bias"
            scheme = self.initializer
            variable.assign(initial_bias(scheme, shape) if is_bias else initial_kernel(scheme, shape, rng))
        for state in self.network.body.non_trainable_variables:  # of the dropout layers: seed and counter
            state.assign([int(rng.integers(2**31)), 0])
        for variable in [self._step, *(variable for slot in self._slots for variable in slot)]:
            variable.assign(tf.zeros_like(variable))

    def run(
        self,
        inputs: list[tf.Tensor],
        codes: NDArray[np.intp],
        weights: NDArray[np.float32],
        order: NDArray[np.intp],
    ) -> float:
        """Take one step per batch.

        Args:
            inputs: Of the network's body, (n, …) each.
            codes: (n,) class codes.
            weights: (n,) weight of every sample in the loss.
            order: (n_steps, batch_size) the samples of every batch.

        Returns:
            The mean loss.
        """
        loss = self._run(inputs, tf.constant(codes, tf.int32), tf.constant(weights), tf.constant(order, tf.int32))
        return float(loss)

    def _run_batches(self, inputs: Any, codes: Any, weights: Any, order: Any) -> tf.Tensor:
        total = tf.constant(0.0)
        for rows in order:
            batch = [tf.gather(tensor, rows) for tensor in inputs]
            total += self._update(batch, tf.gather(codes, rows), tf.gather(weights, rows))
        return total / tf.cast(tf.shape(order)[0], total.dtype)

    def _update_once(self, inputs: list[tf.Tensor], codes: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = self.network.logits(inputs, training=True)
            entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(codes, logits)
            penalty = tf.add_n([tf.nn.l2_loss(variable.value) for variable in self.network.head_weights])
            loss = tf.reduce_mean(weights * entropy) + self.plan.l2 * penalty
        stairs = tf.floor(self._step / self.plan.decay_steps)
        rate = self.plan.learning_rate * self.plan.decay_rate**stairs
        self._step.assign_add(1.0)
        direction: Any = {"momentum": self._momentum, "adam": self._adam}[self.plan.optimizer]
        gradients = tape.gradient(loss, self._variables)
        for w, gradient, *slots in zip(self._variables, gradients, *self._slots, strict=True):
            w.assign_sub(rate * direction(gradient, *slots))
        return loss

    def _momentum(self, gradient: tf.Tensor, v: tf.Variable) -> tf.Tensor:
        """Return v = momentum v + gradient, in which the rate has no part, so that a stair acts at once."""
        return v.assign(self.plan.momentum * v + gradient)

    def _adam(self, gradient: tf.Tensor, m: tf.Variable, v: tf.Variable) -> tf.Tensor:
        """Return the direction of Kingma and Ba 2015, algorithm 1."""
        m.assign(BETA_1 * m + (1 - BETA_1) * gradient)
        v.assign(BETA_2 * v + (1 - BETA_2) * gradient**2)
        unbiased_m = m / (1 - BETA_1**self._step)
        unbiased_v = v / (1 - BETA_2**self._step)
        return unbiased_m / (tf.sqrt(unbiased_v) + EPSILON)


@lru_cache(maxsize=4)
def trainer_for(network_plan: NetworkPlan, plan: TrainingPlan) -> Trainer:
    """Return the trainer of a plan; the folds of a trial share one, for XLA takes seconds to compile."""
    return Trainer(network_plan, plan)
