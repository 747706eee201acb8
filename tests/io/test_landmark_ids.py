from __future__ import annotations

import pandas as pd
import pytest

from l1000_bench.errors import InputError
from l1000_bench.io.geo import landmark_ids


def gene_info(n_landmarks: int) -> pd.DataFrame:
    landmarks = [str(5000 - number) for number in range(n_landmarks)]
    marks = ["0", *["1"] * n_landmarks, "0", None]
    return pd.DataFrame({"pr_gene_id": ["9", *landmarks, "10", "11"], "pr_is_lm": marks}, dtype="str")


def test_the_landmarks_stand_in_the_order_of_gene_info() -> None:
    found = landmark_ids(gene_info(978))
    assert found.tolist() == [str(5000 - number) for number in range(978)]
    assert found.dtype == object


@pytest.mark.parametrize("number", [0, 977, 979])
def test_another_number_of_landmarks_is_refused(number: int) -> None:
    with pytest.raises(InputError, match=rf"gene_info marks {number} genes as landmarks; L1000 has 978"):
        landmark_ids(gene_info(number))
