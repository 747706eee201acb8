from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations_with_replacement

import numpy as np
import pytest
from neighbour_data import assert_same, fold_rotations, random_profiles

from l1000_bench.neighbours.bounds import extent_of, float32_bound
from l1000_bench.neighbours.candidates import Candidates
from l1000_bench.neighbours.cross_validation import cross_validation_neighbours
from l1000_bench.neighbours.exact import Moments
from l1000_bench.neighbours.kernels import KERNELS, ROWS
from l1000_bench.neighbours.lists import Rotation
from l1000_bench.neighbours.pairs import AllPairs, Pair, Queue, Rounds, tournament
from l1000_bench.neighbours.plan import plan_lists
from l1000_bench.neighbours.rerank import Rerank


@pytest.mark.parametrize("n_blocks", [1, 2, 3, 4, 7, 10, 31])
def test_every_pair_of_blocks_meets_once_and_no_block_twice_in_a_round(n_blocks: int) -> None:
    rounds = list(tournament(n_blocks))
    for pairs in rounds[1:]:
        players = [block for pair in pairs for block in pair]
        assert len(set(players)) == len(players)
    met = sorted((min(pair), max(pair)) for pairs in rounds for pair in pairs)
    assert met == list(combinations_with_replacement(range(n_blocks), 2))
    assert rounds[0] == [(block, block) for block in range(n_blocks)]


def test_no_block_is_in_two_pairs_that_are_at_work_and_no_pair_is_forgotten() -> None:
    rng = np.random.default_rng(3)
    rounds = [[(int(a), int(b)) for a, b in rng.integers(0, 6, (5, 2))] for _ in range(60)]
    queue, at_work, handed = Queue(rounds, 3), set[int](), list[Pair]()
    clashes = 0

    def work() -> None:
        nonlocal clashes
        for pair in queue:
            clashes += not at_work.isdisjoint(pair)
            at_work.update(pair)
            handed.append(pair)
            time.sleep(0.0005 * (pair[0] % 3))
            at_work.difference_update(pair)

    with ThreadPoolExecutor(3) as pool:
        for working in [pool.submit(work) for _ in range(3)]:
            working.result()
    assert clashes == 0
    assert sorted(handed) == sorted(pair for pairs in rounds for pair in pairs)


def test_a_failure_in_one_thread_ends_the_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def fail(left: object, right: object, sums: object) -> None:
        calls.append(1)
        if len(calls) == 5:
            raise MemoryError("full")
        time.sleep(0.01)

    monkeypatch.setitem(KERNELS, "canberra", fail)
    profiles = random_profiles(20 * ROWS, 4)
    with pytest.raises(MemoryError, match="full"):
        cross_validation_neighbours(profiles, fold_rotations(np.arange(len(profiles)) % 5), "canberra", 2)
    assert len(calls) < 10  # of 210 pairs


def test_the_order_of_rounds_and_sides_does_not_change_the_lists() -> None:
    profiles = random_profiles(900, 30)
    rotations = fold_rotations(np.random.default_rng(0).integers(0, 5, len(profiles)))
    expected = cross_validation_neighbours(profiles, rotations, "canberra", 1)
    plan = plan_lists(len(profiles), rotations)
    moments = Moments.of(profiles, plan.rows, "canberra")
    candidates = Candidates.empty(plan)
    rounds = [[(right, left) for left, right in reversed(pairs)] for pairs in Rounds.of(plan)]
    order = np.random.default_rng(1).permutation(len(rounds))
    AllPairs(profiles, "canberra", plan, None, candidates).run([rounds[number] for number in order], 2)
    bound = float32_bound("canberra", 30, extent_of(profiles, plan.rows))
    assert_same(Rerank(profiles, "canberra", plan, moments, bound).run(candidates, 2), expected)


def test_blocks_that_want_nothing_of_each_other_do_not_meet() -> None:
    n = 6 * ROWS
    queries, training = np.arange(ROWS), np.arange(ROWS, n - ROWS)  # the last block is unused
    plan = plan_lists(n, [Rotation(training, queries)])
    assert len(plan.rows) == n - ROWS
    played = [tuple(sorted(pair)) for pairs in Rounds.of(plan) for pair in pairs]
    block = int(np.flatnonzero(plan.rows == 0)[0]) // ROWS  # of the queries
    assert sorted(played) == [tuple(sorted((block, other))) for other in range(5) if other != block]


def test_rows_of_a_fold_stand_together_and_never_meet() -> None:
    n = 10 * 2 * ROWS
    folds = np.random.default_rng(2).permutation(np.arange(n) % 10)
    plan = plan_lists(n, fold_rotations(folds))
    assert (np.diff(folds[plan.rows]) != 0).sum() == 9
    assert sum(map(len, Rounds.of(plan))) == (20 * 21) // 2 - 10 * 3  # of the two blocks of a fold no pair is useful


def test_lists_that_rotations_share_are_wanted_once() -> None:
    rotation = Rotation(np.array([4, 0, 1]), np.array([3, 2]))
    same = Rotation(np.array([0, 1, 4]), np.array([2, 5]))
    plan = plan_lists(7, [rotation, same, Rotation(np.array([0, 1]), np.array([2]))])
    assert len(plan.training_sets) == 2
    lists = sorted(zip(plan.list_rows().tolist(), plan.sets.tolist(), strict=True))
    assert lists == [(2, 0), (2, 1), (3, 0), (5, 0)]
    assert sorted(plan.rows.tolist()) == [0, 1, 2, 3, 4, 5]
    members = {int(row): int(word) for row, word in zip(plan.rows, plan.trains_in[:, 0], strict=True)}
    assert members == {0: 0b11, 1: 0b11, 2: 0, 3: 0, 4: 0b01, 5: 0}
