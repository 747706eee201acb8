from __future__ import annotations

import pandas as pd
import pytest
from scale_workers.corpus import make_inst_info, make_pert_info, make_sig_info, micromolar


def signatures() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sig_id": ["AML001_PC3_6H:BRD-A03772856:0.37037", "CPC006_A375.311_24H:BRD-K1-001-01-3:10"],
            "pert_id": ["BRD-A03772856", "BRD-K1"],
            "pert_iname": ["BRD-A03772856", "aspirin"],
            "pert_dose": ["370nM", "-666"],
            "distil_id": ["AML001_PC3_6H_X1_F1B10:J16|AML001_PC3_6H_X2_F1B10:J16", "CPC006_A375.311_24H_X1:A01"],
        }
    )


def test_doses_become_micromolar_and_minus_666_is_missing() -> None:
    doses = micromolar(pd.Series(["370nM", "10000nM", "10uM", "0.04 uM", "-666", ""]))
    assert doses.tolist()[:4] == ["0.37", "10", "10", "0.04"]
    assert doses.isna().tolist() == [False] * 4 + [True] * 2


def test_a_dose_of_another_unit_is_refused() -> None:
    with pytest.raises(SystemExit, match=r"1 values of pert_dose are not of the form .* '3 ug/ml'"):
        micromolar(pd.Series(["370nM", "3 ug/ml"]))


def test_every_instance_of_a_signature_becomes_a_row_with_its_plate_and_well() -> None:
    instances = make_inst_info(make_sig_info(signatures()))
    assert instances[["inst_id", "rna_plate", "rna_well", "cell_id", "pert_time"]].to_numpy().tolist() == [
        ["AML001_PC3_6H_X1_F1B10:J16", "AML001_PC3_6H_X1_F1B10", "J16", "PC3", "6"],
        ["AML001_PC3_6H_X2_F1B10:J16", "AML001_PC3_6H_X2_F1B10", "J16", "PC3", "6"],
        ["CPC006_A375.311_24H_X1:A01", "CPC006_A375.311_24H_X1", "A01", "A375.311", "24"],
    ]
    assert instances["pert_dose"].fillna("none").tolist() == ["0.37", "0.37", "none"]
    assert instances["pert_dose_unit"].fillna("none").tolist() == ["um", "um", "none"]


def test_compounds_that_geo_does_not_describe_get_a_name_alone() -> None:
    known = pd.DataFrame(
        {"pert_id": ["BRD-K1"], "pert_iname": ["Aspirin"], "pert_type": ["trt_cp"], "inchi_key": ["BSYN"]}
    )
    table = make_pert_info(make_inst_info(make_sig_info(signatures())), known)
    assert table[["pert_id", "pert_iname"]].to_numpy().tolist() == [
        ["BRD-K1", "Aspirin"],
        ["BRD-A03772856", "BRD-A03772856"],
    ]
    assert table["inchi_key"].isna().tolist() == [False, True]
