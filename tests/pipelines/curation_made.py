from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from l1000_bench.curation.spec import DatasetSpec
from l1000_bench.io.corpus import HUB_ROLES, CorpusSpec

NAN = np.nan
ANNOTATIONS = pd.DataFrame({"matched_by": ["pert_id", "name"], "key": ["B1", "two"], "moa": ["x", "y"]}, dtype="str")
COMPOUNDS = {"rule": "keep_perturbations", "types": ["trt_cp"], "vehicle": "DMSO"}


def dataset(**changes: Any) -> DatasetSpec:
    fields = {"name": "mine", "corpus": "raw", "label": "Mine", "rules": [COMPOUNDS], "stratify_by": ["cell_id"]}
    return DatasetSpec(**{**fields, **changes})


def corpus(level: int = 4) -> CorpusSpec:
    table = "sig_info" if level == 5 else "inst_info"
    roles = ("gctx", table, "pert_info", "cell_info", "gene_info", *HUB_ROLES)
    return CorpusSpec("raw", "Raw", "mini", "raw", {role: role for role in roles}, "", level=level)
