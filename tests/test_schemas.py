from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from pandera.errors import SchemaError

from l1000_bench import schemas
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from schema_tables import BAD, GOOD, Bad


def schema_of(name: str) -> pa.DataFrameSchema:
    schema = getattr(schemas, name)
    assert isinstance(schema, pa.DataFrameSchema)
    return schema


def test_every_schema_is_tried() -> None:
    names = {name for name, value in vars(schemas).items() if isinstance(value, pa.DataFrameSchema)}
    assert names == set(GOOD) == {bad.schema for bad in BAD}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_table_passes_unchanged(name: str) -> None:
    table = pd.DataFrame(GOOD[name])
    pd.testing.assert_frame_equal(schema_of(name).validate(table), table)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad.schema}-{bad.column}")
def test_one_bad_thing_is_refused(bad: Bad) -> None:
    table = pd.DataFrame({**GOOD[bad.schema], bad.column: bad.values})
    with pytest.raises(SchemaError) as caught:
        schema_of(bad.schema).validate(table)
    message = str(caught.value)
    assert any(words in message for words in (bad.column, "adds up", "joins two genes"))


@pytest.mark.parametrize(
    ("name", "column"),
    [
        (name, column)
        for name, table in GOOD.items()
        for column in table
        if not column.startswith(("probability:", "degree_", "predicted:"))
    ],
)
def test_a_missing_column_is_refused(name: str, column: str) -> None:
    with pytest.raises(SchemaError, match=f"column '{column}' not in dataframe"):
        schema_of(name).validate(pd.DataFrame(GOOD[name]).drop(columns=column))


def test_a_pair_of_genes_stands_once() -> None:
    assert len(schemas.EDGES.validate(pd.DataFrame(GOOD["EDGES"]))) == 2
    twice = pd.DataFrame({"gene_a": ["10", "10"], "gene_b": ["9", "9"], "weight": [1.0, 0.5]})
    with pytest.raises(SchemaError, match="not unique"):
        schemas.EDGES.validate(twice)


def test_a_graph_without_any_degree_is_refused() -> None:
    table = pd.DataFrame(GOOD["GRAPH_STATISTICS"])
    assert len(schemas.GRAPH_STATISTICS.validate(table.drop(columns="degree_q25"))) == 1
    with pytest.raises(SchemaError, match="degree_"):
        schemas.GRAPH_STATISTICS.validate(table[[name for name in table if not str(name).startswith("degree_")]])


def test_predictions_need_no_probabilities() -> None:
    table = pd.DataFrame(GOOD["PREDICTIONS"]).drop(columns=["probability:x", "probability:y"])
    assert len(schemas.PREDICTIONS.validate(table)) == 2


def test_predictions_of_a_split_without_dev_pass_and_so_do_those_of_a_classifier_that_stepped_aside() -> None:
    table = pd.DataFrame(GOOD["PREDICTIONS"]).assign(role="test")
    assert len(schemas.PREDICTIONS.validate(table)) == 2
    assert len(schemas.PREDICTIONS.validate(table.iloc[:0])) == 0


def test_pooled_labels_of_a_benchmark_where_all_stepped_aside_pass() -> None:
    nobody = pd.DataFrame(GOOD["POOLED"])[["rotation", "sample_id", "y_true"]]
    assert len(schemas.POOLED.validate(nobody)) == 2


def test_trials_of_a_split_without_dev_pass() -> None:
    table = pd.DataFrame(GOOD["TRIALS"]).assign(dev_accuracy=np.nan, dev_macro_f1=np.nan)
    assert schemas.TRIALS.validate(table)["dev_accuracy"].isna().all()


@pytest.mark.parametrize("column", ["sample_id", "role"])
def test_text_may_be_categorical_but_numbers_not(column: str) -> None:
    table = pd.DataFrame(GOOD["SPLIT"])
    assert len(schemas.SPLIT.validate(table.astype({column: "category"}))) == 4
    numbers = table.assign(**{column: pd.Categorical([1, 2, 1, 2])})
    with pytest.raises(SchemaError, match=column):
        schemas.SPLIT.validate(numbers)


def stored(folder: Path, sample_ids: list[str], genes: list[str]) -> Profiles:
    values = np.zeros((len(sample_ids), len(genes)), dtype=np.float32)
    stream = ProfileStream(np.array(genes, dtype=object), [Block(np.array(sample_ids, dtype=object), values)])
    write_profiles(stream, folder / "p")
    return Profiles(folder / "p")


def test_profiles_with_ids_of_their_own_pass(tmp_path: Path) -> None:
    profiles = stored(tmp_path, ["a", "b"], ["780", "9"])
    assert schemas.check_profiles(profiles) is profiles


def test_doubled_samples_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="doubled sample_id among 3"):
        schemas.check_profiles(stored(tmp_path, ["a", "b", "a"], ["780"]))


def test_doubled_genes_are_refused(tmp_path: Path) -> None:
    profiles = stored(tmp_path, ["a"], ["780", "9"])
    profiles.gene_ids = np.array(["780", "780"], dtype=object)
    with pytest.raises(ValueError, match="doubled gene among 2"):
        schemas.check_profiles(profiles)


def test_profiles_without_genes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no gene column"):
        schemas.check_profiles(stored(tmp_path, ["a"], []))
