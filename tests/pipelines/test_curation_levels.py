from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from curation_made import ANNOTATIONS, NAN, corpus, dataset
from numpy.typing import NDArray

from l1000_bench.errors import InputError
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.pipelines.curation.nodes import curate
from l1000_bench.schemas import AUDIT, RAW_SAMPLES
from l1000_bench.schemas import SAMPLES as SAMPLES_SCHEMA

# 3 plates of one set and 2 of another, their wells in any order over the parts
N_GENES = 978
PLATES = ["A_X1", "A_X2", "A_X3", "B_X1", "B_X2"]
WELLS = [f"W{number:02d}" for number in range(36)]


@pytest.fixture(scope="module")
def corpus_of_plates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Profiles, pd.DataFrame]:
    """Expression of 5 plates of 36 wells, some of it missing, stored in 6 parts, and its raw samples."""
    rng = np.random.default_rng(9)
    rows = pd.DataFrame([(plate, well) for plate in PLATES for well in WELLS], columns=["plate_id", "well"])
    rows = rows.iloc[rng.permutation(len(rows))].reset_index(drop=True).astype("str")
    numbers = rows["well"].str[1:].astype(int)
    effects = rng.normal(size=(36, N_GENES)) * 3
    values = (8 + effects[numbers] * rng.uniform(0, 1, (len(rows), 1)) + rng.normal(size=(len(rows), N_GENES))).astype(
        np.float32
    )
    values[rng.random(values.shape) < 0.001] = NAN
    values[(rows["plate_id"].str[0] == "B").to_numpy(dtype=bool), 4] = NAN
    text = {
        "plate_set": rows["plate_id"].str[0],
        "sample_id": rows["plate_id"] + ":" + rows["well"],
        "cell_id": rows["plate_id"].map(lambda plate: {"A": "PC3", "B": "A549"}[plate[0]]),
        "pert_id": "B" + (numbers % 6).astype("str"),
        "pert_iname": "name " + (numbers % 6).astype("str"),
        "pert_type": "trt_cp",
    }
    optional = dict.fromkeys(
        ["dose_unit", "time_unit", "sig_id", "primary_site", "subtype", "inchi_key", "subject_id"], None
    )
    samples = pd.DataFrame({**rows, **text, **optional}, dtype="str").assign(
        dose=10.0, time=6.0, tas=np.nan, distil_cc=rng.uniform(0, 1, len(rows)),
        qc_pass=pd.array(rng.random(len(rows)) < 0.8, dtype="boolean"),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("levels") / "p"
    genes = np.array([f"g{number}" for number in range(N_GENES)], dtype=object)
    ids = samples["sample_id"].to_numpy(dtype=object)
    write_profiles(ProfileStream(genes, [Block(ids, values)]), folder, rows_per_part=32)
    return Profiles(folder), RAW_SAMPLES.validate(samples)


def at_level(
    made: tuple[Profiles, pd.DataFrame], corpus_level: int, **changes: Any
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, int]:
    """The values by sample, the samples, the audit, and how many blocks there were."""
    given = dataset(rules=[], missing_values="impute_zero", **changes)
    stream, samples, audit = curate(*made, ANNOTATIONS, given, corpus(corpus_level))
    blocks = list(stream.blocks)
    ids = np.concatenate([block.sample_ids for block in blocks])
    assert ids.tolist() == samples["sample_id"].tolist() == SAMPLES_SCHEMA.validate(samples)["sample_id"].tolist()
    assert audit["before"].iloc[0] == len(made[1])
    assert audit["after"].iloc[-1] == len(samples)
    assert (audit["before"].iloc[1:].to_numpy() == audit["after"].iloc[:-1].to_numpy()).all()
    AUDIT.validate(audit)
    return pd.DataFrame(np.concatenate([block.values for block in blocks]), index=ids), samples, audit, len(blocks)


def literal_scores(made: tuple[Profiles, pd.DataFrame]) -> pd.DataFrame:
    values = pd.DataFrame(made[0].matrix().astype(float))
    groups = values.groupby(made[1]["plate_id"])
    mad = (values - groups.transform("median")).abs().groupby(made[1]["plate_id"]).transform("median")
    return (values - groups.transform("median")) / (1.4826 * mad.clip(lower=0.1))


def literal_signature(z: pd.DataFrame) -> NDArray[np.float64]:
    clipped = z.clip(-10, 10)
    correlations = clipped.dropna(axis=1).T.corr(method="spearman").clip(lower=0).to_numpy(copy=True)
    np.fill_diagonal(correlations, 0)
    weights = np.maximum(0.5 * correlations.sum(axis=1), 0.01)[:, None] * clipped.notna()
    mean = (clipped.fillna(0) * weights).sum() / weights.sum().where(weights.sum() > 0)
    return np.asarray(mean.fillna(0), dtype=float)


def test_scores_are_taken_over_all_wells_and_quality_drops_some(
    corpus_of_plates: tuple[Profiles, pd.DataFrame],
) -> None:
    raw = corpus_of_plates[1]
    values, samples, audit, _ = at_level(corpus_of_plates, 3, level=4, quality={"qc_pass": True}, memory_mib=1)
    passed = raw["qc_pass"].to_numpy(dtype=bool)
    assert samples["sample_id"].tolist() == raw["sample_id"][passed].tolist()
    np.testing.assert_allclose(values, literal_scores(corpus_of_plates)[passed].fillna(0), rtol=1e-6, atol=1e-6)
    rules = ["level 3 to 4", "quality", "quality", "moa_annotation", "missing_values: impute_zero"]
    assert audit["rule"].tolist() == rules
    assert audit["dropped"].tolist() == [0, 0, (~passed).sum(), 0, 0]
    assert audit["why"].iloc[0] == "robust z-scores over all wells of each of 5 plates"


@pytest.mark.parametrize("quality", [None, {"distil_cc_at_least": 0.1}])
def test_signatures_from_level_3_equal_the_formulas_whatever_the_memory(
    corpus_of_plates: tuple[Profiles, pd.DataFrame], quality: dict[str, Any] | None
) -> None:
    raw = corpus_of_plates[1]
    values, samples, audit, n_blocks = at_level(corpus_of_plates, 3, level=5, quality=quality)
    assert n_blocks == 1
    scattered, _, same_audit, n_small = at_level(corpus_of_plates, 3, level=5, quality=quality, memory_mib=1)
    assert n_small > 1
    pd.testing.assert_frame_equal(scattered, values)
    pd.testing.assert_frame_equal(same_audit, audit)
    used = raw[raw["distil_cc"] >= 0.1] if quality else raw
    groups = used.groupby(used["plate_set"] + ":" + used["well"], sort=False)
    assert samples["sample_id"].tolist() == list(groups.groups)
    assert samples["n_replicates"].tolist() == groups.size().tolist()
    assert samples["plate_id"].tolist() == [str(name)[0] for name in groups.groups]
    scores = literal_scores(corpus_of_plates)
    expected = [literal_signature(scores.loc[rows]) for rows in groups.groups.values()]
    np.testing.assert_allclose(values, expected, rtol=0, atol=2e-6)
    assert (values.loc[samples.loc[samples["plate_set"] == "B", "sample_id"], 4] == 0).all()  # no replicate had it
    lacking = np.array([scores.loc[rows].isna().all() for rows in groups.groups.values()])
    told = f"{lacking.any(axis=1).sum()} profiles lack {lacking.sum()} values of {lacking.any(axis=0).sum()} landmark"
    assert audit["why"].iloc[-1].startswith(told)


def test_signatures_that_a_rule_drops_or_that_lack_a_value_are_left_out(
    corpus_of_plates: tuple[Profiles, pd.DataFrame],
) -> None:
    everything = at_level(corpus_of_plates, 4, level=5)[0]
    given = dataset(
        rules=[{"rule": "keep_values", "column": "pert_id", "values": ["B1", "B2"]}],
        missing_values="drop_profiles", level=5,
    )  # fmt: skip
    stream, samples, audit = curate(*corpus_of_plates, ANNOTATIONS, given, corpus(4))
    assert audit["after"].tolist() == [72, 72, 24, 12]  # of set B every signature lacks g4
    assert set(samples["plate_id"]) == {"A"}
    values = np.concatenate([block.values for block in stream.blocks])
    np.testing.assert_array_equal(values, everything.loc[samples["sample_id"]])


def test_profiles_in_no_signature_are_dropped_and_counted(corpus_of_plates: tuple[Profiles, pd.DataFrame]) -> None:
    profiles, raw = corpus_of_plates
    named = raw.assign(sig_id=("sig:" + raw["pert_id"] + raw["cell_id"]).where(raw["pert_id"] != "B3"))
    _, samples, audit, _ = at_level((profiles, named), 4, level=5)
    assert sorted(samples["sample_id"]) == sorted(
        f"sig:B{n}{cell}" for n in (0, 1, 2, 4, 5) for cell in ("PC3", "A549")
    )
    assert audit["why"].iloc[0] == "150 replicates make 10 signatures by sig_id (MODZ); 30 profiles are in none"
    assert audit.iloc[0, :4].tolist() == ["level 4 to 5", 180, 170, 10]
    assert samples["well"].isna().all()


def test_outliers_of_signatures_are_counted(corpus_of_plates: tuple[Profiles, pd.DataFrame]) -> None:
    free = at_level(corpus_of_plates, 3, level=5)[0]
    values, _, audit, _ = at_level(corpus_of_plates, 3, level=5, clip=1.5)
    np.testing.assert_array_equal(values, free.clip(-1.5, 1.5))
    beyond = free.abs() > 1.5
    n_values, n_profiles = beyond.to_numpy().sum(), beyond.any(axis=1).sum()
    assert audit["why"].iloc[-1] == (
        f"{n_values:,} values of {n_profiles:,} profiles lay beyond ±1.5 and were set to it"
    )


@pytest.mark.parametrize(
    ("corpus_level", "changes", "message"),
    [
        (5, {"level": 4}, r"datasets\.mine: level is 4, and raw holds profiles of level 5, which cannot be taken back"),
        (3, {}, r"datasets\.mine: missing_values is impute_zero, and zero is .* not in level 3"),
        (4, {"quality": {"tas_at_least": 0.2}}, "quality asks for tas, which the tables of the corpus do not have"),
        (4, {"level": 5, "quality": {"distil_cc_at_least": 2}}, r"no profile is left .*quality left 0: .*\); loosen"),
    ],
)
def test_levels_and_quality_that_the_corpus_cannot_give_are_refused(
    corpus_of_plates: tuple[Profiles, pd.DataFrame], corpus_level: int, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        at_level(corpus_of_plates, corpus_level, **changes)


def test_a_corpus_of_signatures_is_filtered_by_their_quality(corpus_of_plates: tuple[Profiles, pd.DataFrame]) -> None:
    raw = corpus_of_plates[1]
    values, samples, _, _ = at_level(corpus_of_plates, 5, quality={"distil_cc_at_least": 0.5})
    good = (raw["distil_cc"] >= 0.5).to_numpy()
    assert samples["sample_id"].tolist() == raw["sample_id"][good].tolist()
    np.testing.assert_array_equal(values, np.nan_to_num(corpus_of_plates[0].matrix()[good]))
