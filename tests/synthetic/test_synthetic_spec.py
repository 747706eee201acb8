from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from l1000_bench.errors import InputError
from l1000_bench.synthetic.perturbagens import make_perturbagens
from l1000_bench.synthetic.plates import lay_out
from l1000_bench.synthetic.spec import Stream, SyntheticSpec


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", -1),
        ("seed", 1.5),
        ("n_genes", 977),
        ("n_genes", "1200"),
        ("n_cell_lines", 13),
        ("n_moas", 1),
        ("n_replicates", True),
        ("doses", []),
        ("doses", 10.0),
        ("doses", (1.0, -1.0)),
        ("doses", (1.0, 1)),
        ("graph_signal", 1.01),
        ("graph_signal", float("nan")),
        ("moa_strength", -0.1),
        ("plate_strength", None),
        ("noise_df", 2.0),
    ],
)
def test_bad_value_is_refused_by_name(field: str, value: object) -> None:
    arguments: dict[str, Any] = {"seed": 1, field: value}
    with pytest.raises(InputError, match=field):
        SyntheticSpec(**arguments)


def test_too_few_compounds_for_the_moas() -> None:
    # of 14 compounds one has two MOAs and two have none
    with pytest.raises(InputError, match="leaves 11 compounds with one MOA, fewer than n_moas 12"):
        SyntheticSpec(seed=1, n_compounds=14)
    assert SyntheticSpec(seed=1, n_compounds=15).n_single_moa == 12


def test_plates_never_overflow() -> None:
    with pytest.raises(InputError, match="wells of a plate of 384"):
        SyntheticSpec(seed=1, n_compounds=561, doses=(10.0,))
    spec = SyntheticSpec(seed=1, n_compounds=559, doses=(10.0,), n_cell_lines=3)
    wells = lay_out(spec, make_perturbagens(spec, np.array([f"G{k}" for k in range(1200)], dtype=object)))
    places = set(zip(wells.plate.tolist(), wells.position.tolist(), strict=True))
    assert len(places) == len(wells.plate)
    assert wells.position.max() == 383
    assert np.bincount(wells.plate).max() <= 384


def test_doses_of_a_list_become_a_tuple_of_floats() -> None:
    doses: Any = [1, 10]
    assert SyntheticSpec(seed=1, doses=doses).doses == (1.0, 10.0)


def test_streams_differ_between_parts_and_seeds_and_repeat() -> None:
    noise = SyntheticSpec(seed=1).stream(Stream.NOISE).random(3)
    assert SyntheticSpec(seed=1).stream(Stream.NOISE).random(3) == pytest.approx(noise, rel=0)
    assert not np.allclose(SyntheticSpec(seed=1).stream(Stream.GRAPH).random(3), noise)
    assert not np.allclose(SyntheticSpec(seed=2).stream(Stream.NOISE).random(3), noise)
