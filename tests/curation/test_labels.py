import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from l1000_bench.curation.label_text import class_labels
from l1000_bench.curation.labels import add_labels, perturbagen_names

ANNOTATIONS = pd.DataFrame(
    [
        ("pert_id", "BRD-K00000001", "by id"),
        ("pert_id", "BRD-K00000003", "x|y"),
        ("inchi_key", "BSYNRYMUTXBXSQ-UHFFFAOYSA-N", "by structure"),
        ("name", "aspirin", "by name"),
        ("name", "straße".casefold(), "german"),
        ("name", "dmso", "control vehicle"),
        ("name", "tp53", "no compound"),
    ],
    columns=["matched_by", "key", "moa"],
    dtype="str",
)


def samples(*rows: tuple[str | None, str | None, str | None]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["pert_id", "pert_iname", "pert_type"], dtype="str")
    return frame.assign(inchi_key=pd.Series(None, index=frame.index, dtype="str"))


def labels(column: pd.Series) -> list[str | None]:
    return [None if pd.isna(label) else label for label in column]


def moa(*rows: tuple[str | None, str | None, str | None]) -> list[str | None]:
    return labels(add_labels(samples(*rows), ANNOTATIONS, "DMSO")[0]["moa"])


def test_the_id_comes_before_the_name() -> None:
    assert moa(
        ("BRD-K00000001", "aspirin", "trt_cp"),
        ("BRD-K00000002", "Aspirin", "trt_cp"),
        ("BRD-K00000002", "STRASSE", "trt_cp"),
        ("BRD-K00000003", "unheard", "trt_cp"),
        ("BRD-K00000004", "unheard", "trt_cp"),
        (None, "ASPIRIN", "trt_cp"),
        ("BRD-K00000004", None, "trt_cp"),
    ) == ["by id", "by name", "german", "x|y", None, "by name", None]


def test_the_structure_comes_between_the_id_and_the_name() -> None:
    key = "BSYNRYMUTXBXSQ-UHFFFAOYSA-N"
    frame = samples(
        ("BRD-K00000001", "aspirin", "trt_cp"),
        ("BRD-K00000002", "aspirin", "trt_cp"),
        ("BRD-K00000002", "unheard", "trt_cp"),
        ("BRD-K00000002", "aspirin", "trt_cp"),
        (None, "aspirin", "trt_sh"),
        ("BRD-K00000004", "unheard", "trt_cp"),
    )
    frame["inchi_key"] = [key, key, f" {key.lower()}", "RDHQFKQIGNGIED-MRVPVSSYSA-N", key, None]
    labelled, audit = add_labels(frame.astype("str"), ANNOTATIONS, "DMSO")
    assert labels(labelled["moa"]) == ["by id", "by structure", "by structure", "by name", None, None]
    assert "by pert_id: 1, by InChIKey: 2, by name: 1, vehicle controls: 0, compounds without" in audit[0]["why"]
    assert "known mechanism: 1, other perturbations and controls: 1" in audit[0]["why"]


def test_the_vehicle_is_a_class_and_other_controls_are_none() -> None:
    assert moa(
        ("DMSO", "DMSO", "ctl_vehicle"),
        ("DMSO", "dmso", "ctl_vehicle"),
        ("H2O", "H2O", "ctl_vehicle"),
        ("DMSO", "DMSO", "ctl_untrt"),
        ("BRD-K00000001", "aspirin", "ctl_vehicle"),
    ) == ["DMSO", "DMSO", None, None, None]


def test_genetic_perturbations_have_no_mechanism_and_positive_controls_do() -> None:
    assert moa(
        ("TRCN1", "TP53", "trt_sh"),
        ("ccsbBroad304", "aspirin", "trt_oe"),
        ("BRD-K00000001", "tp53", "trt_xpr"),
        ("BRD-K00000001", "x", "trt_poscon"),
        ("BRD-K00000001", "x", None),
    ) == [None, None, None, "by id", None]


def test_the_audit_counts_how_mechanisms_were_found() -> None:
    frame = samples(
        ("BRD-K00000001", "aspirin", "trt_cp"),
        ("BRD-K00000001", "aspirin", "trt_cp"),
        ("BRD-K00000002", "aspirin", "trt_cp"),
        ("DMSO", "DMSO", "ctl_vehicle"),
        ("BRD-K00000004", "unheard", "trt_cp"),
        ("TRCN1", "TP53", "trt_sh"),
    )
    _, audit = add_labels(frame, ANNOTATIONS, "DMSO")
    assert audit == [
        {
            "rule": "moa_annotation",
            "before": 6,
            "dropped": 0,
            "after": 6,
            "why": "profiles that found their mechanism of action by pert_id: 2, by InChIKey: 0, by name: 1, "
            "vehicle controls: 1, compounds without a known mechanism: 1, other perturbations and controls: 1",
        }
    ]


def test_no_annotation_at_all() -> None:
    frame = samples(("BRD-K00000001", "aspirin", "trt_cp"), ("DMSO", "DMSO", "ctl_vehicle"))
    labelled, _ = add_labels(frame, ANNOTATIONS.iloc[:0], "DMSO")
    assert labels(labelled["moa"]) == [None, "DMSO"]
    assert str(labelled["moa"].dtype) == "str"
    assert list(frame.columns) == ["pert_id", "pert_iname", "pert_type", "inchi_key"]  # the argument stays as it was


def test_a_name_of_several_ids_is_told_apart() -> None:
    frame = samples(
        ("P1", "aspirin", None), ("P2", "Aspirin", None), ("P3", "x", None), ("P1", "ASA", None), (None, "y", None),
        ("P4", None, None), ("P4", "z", None), ("P5", None, None),
    )  # fmt: skip
    assert labels(perturbagen_names(frame)) == [
        "aspirin (P1)", "Aspirin (P2)", "x", "aspirin (P1)", None, "z", "z", "P5"
    ]  # fmt: skip


IDS = st.sampled_from(["P1", "P2", "P3", "P4", None])
NAMES = st.sampled_from(["a", "A", "b", "ß", "ss", "P1", None])


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(IDS, NAMES), min_size=1, max_size=12))
def test_one_id_has_one_name_and_no_two_share_one(pairs: list[tuple[str | None, str | None]]) -> None:
    frame = samples(*((identifier, name, None) for identifier, name in pairs))
    named = frame.assign(perturbagen=perturbagen_names(frame))
    assert (named["perturbagen"].isna() == named["pert_id"].isna()).all()
    known = named.dropna(subset="pert_id")
    assert (known.groupby("pert_id")["perturbagen"].nunique() == 1).all()
    assert (known.groupby(known["perturbagen"].str.casefold())["pert_id"].nunique() == 1).all()


def test_class_labels_are_text_whatever_the_column() -> None:
    samples = pd.DataFrame({"dose": [10.0, 0.04, None], "cell_id": pd.Series(["A", None, "B"], dtype="str")})
    assert class_labels(samples, "dose").tolist()[:2] == ["10", "0.04"]
    assert class_labels(samples, "dose").isna().tolist() == [False, False, True]
    assert class_labels(samples, "cell_id").isna().tolist() == [False, True, False]
