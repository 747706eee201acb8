from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from l1000_bench.curation.spec import DatasetSpec, SplitSpec, TaskSpec
from l1000_bench.errors import InputError
from l1000_bench.io.corpus import HUB_ROLES, CorpusSpec
from l1000_bench.io.part_writer import write_profiles
from l1000_bench.io.parts import Block, Profiles, ProfileStream
from l1000_bench.pipelines.curation.nodes import curate, split
from l1000_bench.schemas import AUDIT, RAW_SAMPLES
from l1000_bench.schemas import SAMPLES as SAMPLES_SCHEMA

NAN = np.nan
IDS = ["a", "b", "c", "d", "e", "f"]
VALUES = np.array(
    [[1, 2, 3], [4, NAN, 6], [7, 8, 9], [NAN, NAN, 12], [13, 14, 15], [NAN, 17, 18]], dtype=np.float32
)  # of these, f is dropped by the rule below whatever it lacks
SAMPLES = pd.DataFrame(
    {
        "sample_id": IDS,
        "cell_id": ["PC3", "PC3", "A549", "A549", "PC3", "A549"],
        "pert_id": ["B1", "B1", "B2", "B2", "DMSO", "G1"],
        "pert_iname": ["one", "one", "two", "two", "dmso", "gene"],
        "pert_type": ["trt_cp", "trt_cp", "trt_cp", "trt_cp", "ctl_vehicle", "trt_sh"],
        "inchi_key": [None] * 6,
    },
    dtype="str",
)
ANNOTATIONS = pd.DataFrame({"matched_by": ["pert_id", "name"], "key": ["B1", "two"], "moa": ["x", "y"]}, dtype="str")
COMPOUNDS = {"rule": "keep_perturbations", "types": ["trt_cp"], "vehicle": "DMSO"}


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    blocks = [Block(np.array(IDS[start : start + 2], dtype=object), VALUES[start : start + 2]) for start in (0, 2, 4)]
    write_profiles(ProfileStream(np.array(["780", "9", "1001"], dtype=object), blocks), tmp_path / "p")
    return Profiles(tmp_path / "p")


def dataset(**changes: Any) -> DatasetSpec:
    fields = {"name": "mine", "corpus": "raw", "label": "Mine", "rules": [COMPOUNDS], "stratify_by": ["cell_id"]}
    return DatasetSpec(**{**fields, **changes})


def corpus(level: int = 4) -> CorpusSpec:
    table = "sig_info" if level == 5 else "inst_info"
    roles = ("gctx", table, "pert_info", "cell_info", "gene_info", *HUB_ROLES)
    return CorpusSpec("raw", "Raw", "mini", "raw", {role: role for role in roles}, "", level=level)


def curated(profiles: Profiles, **changes: Any) -> tuple[list[str], list[list[float]], pd.DataFrame, pd.DataFrame]:
    """The ids and values that are left, the samples and the audit."""
    stream, samples, audit = curate(profiles, SAMPLES, ANNOTATIONS, dataset(**changes), corpus())
    assert stream.gene_ids.tolist() == ["780", "9", "1001"]
    blocks = list(stream.blocks)
    ids = [str(sample_id) for block in blocks for sample_id in block.sample_ids]
    return ids, np.concatenate([block.values for block in blocks]).tolist(), samples, audit


def test_missing_values_are_refused(profiles: Profiles) -> None:
    message = r"datasets\.mine: 2 profiles lack 3 values of 2 landmark gene\(s\) \(780, 9\), the first is b; set"
    with pytest.raises(InputError, match=message):
        curated(profiles, missing_values="error")


def test_values_that_only_dropped_profiles_lack_are_not_refused(profiles: Profiles) -> None:
    complete = {"rule": "keep_values", "column": "sample_id", "values": ["a", "c", "e"]}
    ids, values, samples, audit = curated(profiles, rules=[complete], missing_values="error")
    assert ids == samples["sample_id"].tolist() == ["a", "c", "e"]
    assert values == [[1, 2, 3], [7, 8, 9], [13, 14, 15]]
    assert audit["why"].iloc[-1] == "no profile lacks a landmark value"


def test_exactly_the_profiles_that_lack_values_are_dropped(profiles: Profiles) -> None:
    ids, values, samples, audit = curated(profiles, missing_values="drop_profiles")
    assert ids == samples["sample_id"].tolist() == ["a", "c", "e"]
    assert samples.index.tolist() == [0, 1, 2]
    assert values == [[1, 2, 3], [7, 8, 9], [13, 14, 15]]
    assert audit["dropped"].tolist() == [0, 1, 2]


def test_missing_values_become_zero(profiles: Profiles) -> None:
    ids, values, samples, audit = curated(profiles, missing_values="impute_zero")
    assert ids == samples["sample_id"].tolist() == ["a", "b", "c", "d", "e"]
    assert values == [[1, 2, 3], [4, 0, 6], [7, 8, 9], [0, 0, 12], [13, 14, 15]]
    assert audit["dropped"].tolist() == [0, 1, 0]
    assert audit["why"].iloc[-1] == "2 profiles lack 3 values of 2 landmark gene(s) (780, 9), imputed by zero"


@pytest.mark.parametrize("missing_values", ["drop_profiles", "impute_zero"])
def test_the_audit_adds_up(profiles: Profiles, missing_values: str) -> None:
    rules = [COMPOUNDS, {"rule": "keep_values", "column": "cell_id", "values": ["PC3"]}]
    ids, _, _, audit = curated(profiles, rules=rules, missing_values=missing_values)
    assert audit["rule"].tolist() == [
        "moa_annotation", "keep_perturbations", "keep_values", f"missing_values: {missing_values}",
    ]  # fmt: skip
    last = 2 if missing_values == "drop_profiles" else 3
    assert audit["before"].tolist() == [6, 6, 5, 3]
    assert audit["after"].tolist() == [6, 5, 3, last]
    assert audit["dropped"].tolist() == [0, 1, 2, 3 - last]
    assert len(ids) == last


def test_samples_are_labelled(profiles: Profiles) -> None:
    _, _, samples, audit = curated(profiles, missing_values="impute_zero")
    assert samples["moa"].tolist() == ["x", "x", "y", "y", "DMSO"]
    assert samples["perturbagen"].tolist() == ["one", "one", "two", "two", "dmso"]
    assert (
        "by pert_id: 2, by InChIKey: 0, by name: 2, vehicle controls: 1, compounds without a known"
        in audit["why"].iloc[0]
    )


@pytest.mark.parametrize(
    ("rule", "missing_values", "words"),
    [
        ({"rule": "keep_values", "column": "cell_id", "values": ["HA1E"]}, "impute_zero", "keep_values left 0"),
        ({"rule": "keep_values", "column": "sample_id", "values": ["b", "d"]}, "drop_profiles", "drop_profiles left 0"),
    ],
)
def test_a_dataset_that_keeps_nothing_is_refused(
    profiles: Profiles, rule: dict[str, Any], missing_values: str, words: str
) -> None:
    message = rf"datasets\.mine: no profile is left after its rules \(moa_annotation left 6; .*{words}"
    with pytest.raises(InputError, match=message):
        curated(profiles, rules=[rule], missing_values=missing_values)


@pytest.mark.parametrize("samples", [SAMPLES.iloc[::-1], SAMPLES.iloc[:5]])
def test_profiles_of_other_samples_are_refused(profiles: Profiles, samples: pd.DataFrame) -> None:
    with pytest.raises(InputError, match=r"raw\.raw_samples differ; run the ingestion pipeline again"):
        curate(profiles, samples, ANNOTATIONS, dataset(missing_values="impute_zero"), corpus())


def test_values_beyond_the_clip_are_set_to_it_and_counted(profiles: Profiles) -> None:
    ids, values, _, audit = curated(profiles, missing_values="drop_profiles", clip=7.5)
    assert ids == ["a", "c", "e"]
    assert values == [[1, 2, 3], [7, 7.5, 7.5], [7.5, 7.5, 7.5]]
    assert audit["rule"].tolist()[-2:] == ["missing_values: drop_profiles", "clip: 7.5"]
    assert audit.iloc[-1, 1:].tolist() == [3, 0, 3, "5 values of 2 profiles lay beyond ±7.5 and were set to it"]


# Levels: 3 plates of one set and 2 of another, their wells in any order over the parts

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


CURATED = pd.DataFrame(
    {
        "sample_id": [f"s{number}" for number in range(12)],
        "cell_id": ["PC3", "A549"] * 6,
        "moa": ["x", "y", "x", "y", "x", "y", "x", "y", "x", "y", "x", None],
    },
    dtype="str",
)
SCHEME = SplitSpec("stratified", "stratified", "Folds", {"n_folds": 3, "seed": 1})


def task(column: str) -> TaskSpec:
    return TaskSpec("mechanism", column, "Mechanism", "stratified")


@pytest.mark.parametrize(
    ("stratify_by", "column", "named"),
    [(["cell_id", "cel"], "moa", "cel"), (["dose"], "moa", "dose"), (["cell_id"], "mao", "mao")],
)
def test_a_column_that_the_samples_lack_is_named(stratify_by: list[str], column: str, named: str) -> None:
    message = rf"mine\.mechanism: the samples have no column '{named}', .*; they have sample_id, cell_id, moa\."
    with pytest.raises(InputError, match=message):
        split(CURATED, dataset(stratify_by=stratify_by), task(column), SCHEME)


def test_a_split_uses_every_labelled_sample_in_every_rotation() -> None:
    table = split(CURATED, dataset(stratify_by=["cell_id", "moa"]), task("moa"), SCHEME)
    counts = table.astype({"role": "str"}).groupby(["rotation", "role"]).size().unstack(fill_value=0)
    assert counts.index.tolist() == [0, 1, 2]
    # 6 samples of x and 5 of y over three folds; the one without a label is in none
    assert counts["unused"].tolist() == [1, 1, 1]
    assert (counts[["train", "dev", "test"]].sum(axis=1) == 11).all()
    assert set(table.loc[table["role"] == "unused", "sample_id"]) == {"s11"}
