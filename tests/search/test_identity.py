from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from planted import cell_data

from l1000_bench.search.identity import code_version, sources_digest, table_digest, trial_key


def test_the_code_of_an_own_estimator_counts_with_its_sources() -> None:
    own, foreign = code_version("l1000_bench.models.mlp.KerasMLPClassifier"), code_version("sklearn.tree.X")
    assert "tensorflow " in own
    assert sources_digest("models") in own
    assert "tensorflow " not in foreign
    assert sources_digest("models") not in foreign
    assert foreign.count("scikit-learn ") == 2  # as what everything stands on, and as the estimator's package


def test_a_module_without_a_package_counts_with_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("mine_one", "mine_two"):
        (tmp_path / f"{name}.py").write_text("X = 1\n")
    assert code_version("mine_one.X") == code_version("mine_two.X")
    (tmp_path / "mine_three.py").write_text("X = 2\n")
    assert code_version("mine_three.X") != code_version("mine_one.X")


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path for modules of one's own, which are forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def version_of(class_path: str) -> str:
    """As of a new process."""
    code_version.cache_clear()
    return code_version(class_path)


def package(folder: Path, *names: str) -> Path:
    """A package whose class lies in a subpackage."""
    (folder / "mylab" / "nets").mkdir(parents=True)
    for name in names:
        (folder / "mylab" / name).touch()
    module = folder / "mylab" / "nets" / "net.py"
    module.write_text("X = 1\n")
    return module


@pytest.mark.parametrize("names", [("__init__.py", "nets/__init__.py"), ()])
def test_a_package_on_the_path_counts_with_all_its_sources(lab: Path, names: tuple[str, ...]) -> None:
    module = package(lab, *names)
    before = version_of("mylab.nets.net.X")
    assert version_of("mylab.nets.net.X") == before
    module.write_text("X = 2\n")
    assert version_of("mylab.nets.net.X") != before


def distribution(folder: Path) -> Path:
    """What pip writes beside what it installs."""
    about = folder / "mylab-1.5.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mylab\nVersion: 1.5\n")
    (about / "RECORD").write_text("mylab-1.5.dist-info/METADATA,,\n")
    (about / "top_level.txt").write_text("mylab\n")
    return about


def test_a_package_that_is_installed_counts_with_its_version(lab: Path) -> None:
    module, about = package(lab, "__init__.py"), distribution(lab)
    before = version_of("mylab.nets.net:X")
    assert "mylab 1.5" in before
    module.write_text("X = 2\n")
    assert version_of("mylab.nets.net:X") == before
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: mylab\nVersion: 1.6\n")
    assert version_of("mylab.nets.net:X") != before


def test_a_package_that_is_installed_as_editable_counts_with_its_sources(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(lab / "src")
    module = package(lab / "src", "__init__.py")
    distribution(lab)
    before = version_of("mylab.nets.net.X")
    module.write_text("X = 2\n")
    assert version_of("mylab.nets.net.X") != before


def test_the_graph_that_a_setting_names_counts_and_no_other() -> None:
    setting = {"pyramid": {"graph": "one"}}
    key = trial_key(setting, "cell", {"one": "a", "two": "b"})
    assert trial_key(setting, "cell", {"one": "a", "two": "c"}) == key
    assert trial_key(setting, "cell", {"one": "c", "two": "b"}) != key
    assert trial_key(setting, "other", {"one": "a", "two": "b"}) != key
    assert trial_key({"pyramid": None}, "cell", {"one": "a"}) == trial_key({"pyramid": None}, "cell", {})


def test_a_table_is_told_by_its_values_and_their_order() -> None:
    table = pd.DataFrame({"gene_a": ["1", "2"], "weight": [0.1, 1.0]})
    assert table_digest(table) == table_digest(table.copy())
    assert table_digest(table[::-1]) != table_digest(table)
    assert table_digest(table.assign(weight=[0.1, 1.0 + 1e-15])) != table_digest(table)


def test_the_threads_of_a_fit_count(tmp_path: Path) -> None:
    data = cell_data(tmp_path)
    other = cell_data(tmp_path)
    object.__setattr__(other.cell, "threads", 2)
    assert data.key({}) != other.key({})
    assert data.fingerprint != other.fingerprint
