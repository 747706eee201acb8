import json
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from kedro.io import DatasetError

from l1000_bench.datasets.report_datasets import FigureDataset, PageDataset

PAGE = "<!doctype html>\n<p>±, “µ”, 日本\n</p>\r\n"


def figure(height: int = 300) -> go.Figure:
    return go.Figure(go.Bar(x=["knn", "linear"], y=[0.5, 0.75], name="é"), layout={"height": height})


def half(path: Path, data: str, **_: Any) -> int:
    with path.open("w") as stream:
        stream.write(data[:5])
    raise OSError("No space left on device")


def test_a_page_comes_back(tmp_path: Path) -> None:
    dataset = PageDataset(str(tmp_path / "deep" / "report.html"))
    assert not dataset.exists()
    dataset.save(PAGE.replace("\r\n", "\n"))
    assert dataset.load() == PAGE.replace("\r\n", "\n")
    assert (tmp_path / "deep" / "report.html").read_bytes().decode("utf-8") == PAGE.replace("\r\n", "\n")


def test_a_figure_comes_back(tmp_path: Path) -> None:
    dataset = FigureDataset(str(tmp_path / "accuracy.json"))
    dataset.save(figure())
    back = dataset.load()
    assert back == figure()
    assert list(back.data[0].y) == [0.5, 0.75]
    assert back.layout.height == 300


@pytest.mark.parametrize(
    ("dataset", "old", "new"), [(PageDataset, "old page", "new page"), (FigureDataset, figure(100), figure(200))]
)
def test_an_interrupted_save_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dataset: Any, old: Any, new: Any
) -> None:
    written = dataset(str(tmp_path / "a"))
    written.save(old)
    with monkeypatch.context() as patch, pytest.raises(DatasetError, match="No space left"):
        patch.setattr(Path, "write_text", half)
        written.save(new)
    assert written.load() == old
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_preview_is_the_figure_as_json(tmp_path: Path) -> None:
    dataset = FigureDataset(str(tmp_path / "accuracy.json"))
    dataset.save(figure())
    preview: Any = dataset.preview()
    assert preview["data"][0]["x"] == ["knn", "linear"]
    assert preview["data"][0]["type"] == "bar"
    assert preview["layout"]["height"] == 300
    assert go.Figure(preview) == figure()


@pytest.mark.parametrize("dataset", [PageDataset, FigureDataset])
def test_a_missing_file_is_an_error_of_the_dataset(tmp_path: Path, dataset: Any) -> None:
    with pytest.raises(DatasetError, match=r"(?s)missing\.html"):
        dataset(str(tmp_path / "missing.html")).load()


def test_the_preview_of_a_page_is_its_headings(tmp_path: Path) -> None:
    dataset = PageDataset(str(tmp_path / "report.html"))
    assert dataset.preview() is None
    dataset.save(
        "<html><head><title>no</title><script>'<h1>no</h1>'</script></head><body><h1>All &amp; one</h1><p>no</p>"
        "<h2 id='a'>In\n <em>two</em> lines</h2><h4>no</h4></body></html>"
    )
    assert json.loads(str(dataset.preview())) == {"headings": ["All & one", "In two lines"]}


def test_the_preview_of_another_text_is_its_first_lines(tmp_path: Path) -> None:
    dataset = PageDataset(str(tmp_path / "settings.yml"))
    dataset.save("known:\n  moa: [1]\nmore: 2\n")
    assert json.loads(str(dataset.preview(nlines=2))) == {"lines": ["known:", "  moa: [1]"]}
