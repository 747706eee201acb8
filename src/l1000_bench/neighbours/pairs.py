"""One pass over all pairs of blocks, each computed once and pushed into the lists of both sides.

In a round of the tournament every block meets one other, so threads that work on different pairs never write to the
same list: the lists have no locks, and no thread has lists of its own. A thread that is done with its pair takes one of
the next round that shares no block with the pairs at work, so none waits for the end of a round.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1000_bench.neighbours.candidates import Candidates, Span, push
from l1000_bench.neighbours.kernels import KERNELS, ROWS, Block, Layout, fill_block, fill_scaled, new_block
from l1000_bench.neighbours.plan import Plan

Pair = tuple[int, int]


def tournament(n_blocks: int) -> Iterator[list[Pair]]:
    """Yield the rounds of a tournament: the diagonal, then rounds in which every block meets one other at most.

    The circle method (Lucas 1883): the last player stays, the others move on by one seat after every round. Of an odd
    number, one sits out each time.
    """
    seats = n_blocks + n_blocks % 2 - 1
    yield [(block, block) for block in range(n_blocks)]
    for turn in range(seats):
        met = [((turn + step) % seats, (turn - step) % seats) for step in range(1, seats // 2 + 1)]
        yield [pair for pair in [*met, (turn, seats)] if max(pair) < n_blocks]


@dataclass(frozen=True, eq=False)
class Rounds:
    """The rounds of a tournament, without pairs of blocks of which neither has a row that the other wants.

    Attributes:
        asked: (n_blocks, n_words) the sets in which the neighbours of a block's rows are wanted, as bits.
        trains_in: (n_blocks, n_words) the sets that a block's rows are in.
    """

    asked: NDArray[np.uint64]
    trains_in: NDArray[np.uint64]

    @classmethod
    def of(cls, plan: Plan) -> Rounds:
        """Return the rounds that a plan needs."""
        starts = np.arange(0, len(plan.rows), ROWS)
        return cls(np.bitwise_or.reduceat(plan.asked(), starts), np.bitwise_or.reduceat(plan.trains_in, starts))

    def __len__(self) -> int:
        return len(self.asked) + len(self.asked) % 2

    def __iter__(self) -> Iterator[list[Pair]]:
        for pairs in tournament(len(self.asked)):
            left, right = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
            useful = (self.asked[left] & self.trains_in[right]) | (self.asked[right] & self.trains_in[left])
            yield [pairs[number] for number in np.flatnonzero(useful.any(axis=1))]


class Queue:
    """Hands out pairs of blocks, about in their order, so that no block is in two pairs at once.

    Args:
        rounds: The pairs.
        n_threads: That take them.
    """

    def __init__(self, rounds: Iterable[list[Pair]], n_threads: int) -> None:
        self._coming: Iterator[Pair] = (pair for pairs in rounds for pair in pairs)
        self._put_off: list[Pair] = []
        self._most = 8 * n_threads  # pairs that are looked at before a thread waits
        self._busy: set[int] = set()
        self._changed = threading.Condition()

    def __iter__(self) -> Iterator[Pair]:
        """Yield pairs to a thread; each is at work until the thread asks for the next."""
        while (pair := self._take()) is not None:
            try:
                yield pair
            finally:
                with self._changed:
                    self._busy.difference_update(pair)
                    self._changed.notify_all()

    def stop(self) -> None:
        """Hand out nothing more."""
        with self._changed:
            self._coming, self._put_off = iter(()), []

    def _take(self) -> Pair | None:
        with self._changed:
            while True:
                for number, pair in enumerate(self._put_off):
                    if self._busy.isdisjoint(pair):
                        self._busy.update(self._put_off.pop(number))
                        return pair
                coming = next(self._coming, None) if len(self._put_off) < self._most else None
                if coming:
                    self._put_off.append(coming)
                elif self._put_off:
                    self._changed.wait()
                else:
                    return None


class Scratch(NamedTuple):
    """A thread's own memory: two blocks of rows, and the distances of their pairs."""

    left: Block
    right: Block
    sums: Block

    @classmethod
    def new(cls, n_genes: int) -> Scratch:
        """Return scratch for profiles of some genes."""
        return cls(new_block(n_genes), new_block(n_genes), np.empty((ROWS, ROWS), dtype=np.float32))


@dataclass(frozen=True, eq=False)
class AllPairs:
    """What the pass works on.

    Attributes:
        profiles: (n_profiles, n_genes) float32.
        metric: One of `METRICS`.
        plan: The lists that are wanted.
        layout: How rows are centred and scaled, for the metrics that are products.
        lists: Filled by the pass.
    """

    profiles: NDArray[np.float32]
    metric: str
    plan: Plan
    layout: Layout | None
    lists: Candidates

    def run(self, rounds: Iterable[list[Pair]], n_threads: int) -> None:
        """Play rounds with a number of threads."""
        queue = Queue(rounds, n_threads)
        with ThreadPoolExecutor(n_threads) as pool:
            playing = [pool.submit(self._play, queue) for _ in range(n_threads)]
            try:
                wait(playing, return_when=FIRST_EXCEPTION)
            finally:  # where a thread failed, or this one was interrupted
                queue.stop()
            for one in playing:
                one.result()

    def _play(self, queue: Queue) -> None:
        scratch = Scratch.new(self.profiles.shape[1])
        for left, right in queue:
            one = self._fill(left, scratch.left)
            if left == right:
                KERNELS[self.metric](scratch.left, scratch.left, scratch.sums)
                push(scratch.sums, one, one, self.lists)
                continue
            other = self._fill(right, scratch.right)
            KERNELS[self.metric](scratch.left, scratch.right, scratch.sums)
            push(scratch.sums, one, other, self.lists)
            push(scratch.sums.T, other, one, self.lists)

    def _fill(self, block: int, memory: Block) -> Span:
        span = Span(block * ROWS, min((block + 1) * ROWS, len(self.plan.rows)))
        rows = self.plan.rows[span.start : span.end]
        if self.layout is None:
            fill_block(self.profiles, rows, memory)
        else:
            fill_scaled(self.profiles, rows, memory, self.layout)
        return span
