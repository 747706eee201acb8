from pathlib import Path

import numpy as np
import pytest
from graph_makers import block_diagonal, connected, edges_of, names

from l1000_bench.errors import InputError
from l1000_bench.graphs.coarsening import PyramidSpec, build_pyramid
from l1000_bench.graphs.pyramid import Pyramid
from l1000_bench.graphs.storage import read_pyramid, write_pyramid

W = block_diagonal(connected(40, 30, 0), connected(17, 5, 1), connected(5, 2, 2))


def made(levels: int = 2, directed: bool = False) -> Pyramid:
    A = np.triu(W) if directed else W
    return build_pyramid(edges_of(A, directed), names(len(W)), PyramidSpec(levels, directed=directed))


@pytest.mark.parametrize("levels", [0, 1, 3])
@pytest.mark.parametrize("directed", [False, True])
def test_a_pyramid_comes_back(tmp_path: Path, levels: int, directed: bool) -> None:
    pyramid = made(levels, directed)
    write_pyramid(pyramid, tmp_path / "deep" / "a.npz")
    back = read_pyramid(tmp_path / "deep" / "a.npz")
    assert back.gene_ids == pyramid.gene_ids
    assert all(type(gene) is str for gene in back.gene_ids)
    assert back.levels == levels
    np.testing.assert_array_equal(back.raw, pyramid.raw)
    assert len(back.components) == 2
    for one, other in zip(back.components, pyramid.components, strict=True):
        np.testing.assert_array_equal(one.order, other.order)
        assert (one.laplacians_out is not None) == directed
        found = [*one.laplacians, *(one.laplacians_out or ())]
        expected = [*other.laplacians, *(other.laplacians_out or ())]
        assert len(found) == (levels + 1) * (1 + directed)
        for L, M in zip(found, expected, strict=True):
            assert L.dtype == np.float64
            np.testing.assert_array_equal(L.toarray(), M.toarray())


def test_the_same_pyramid_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        write_pyramid(made(), tmp_path / name)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_pyramid_of_raw_genes_alone_comes_back(tmp_path: Path) -> None:
    write_pyramid(Pyramid(("780", "9"), (), np.arange(2), 1), tmp_path / "a.npz")
    back = read_pyramid(tmp_path / "a.npz")
    assert (back.gene_ids, back.components, back.raw.tolist(), back.levels) == (("780", "9"), (), [0, 1], 1)
    assert back.sizes == (0, 0)


def test_no_object_is_unpickled(tmp_path: Path) -> None:
    write_pyramid(made(), tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as stored:
        arrays = dict(stored)
    assert not any(array.dtype.hasobject for array in arrays.values())
    arrays["gene_ids"] = arrays["gene_ids"].astype(object)
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(InputError, match=r"a\.npz holds no pyramid \(Object arrays cannot be loaded"):
        read_pyramid(tmp_path / "a.npz")


def test_what_is_no_pyramid_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with pytest.raises(InputError, match=r"a\.npz does not exist; run the pipeline"):
        read_pyramid(path)
    write_pyramid(made(), path)
    data = path.read_bytes()
    for wrong in (b"", b"no npz", data[:-50], data[: len(data) // 2]):
        path.write_bytes(wrong)
        with pytest.raises(InputError, match=r"a\.npz holds no pyramid"):
            read_pyramid(path)
    np.savez(path, levels=np.array(2))
    with pytest.raises(InputError, match=r"a\.npz holds no pyramid .*directed"):
        read_pyramid(path)
    with path.open("wb") as stream:
        np.save(stream, np.arange(3))
    with pytest.raises(InputError, match=r"a\.npz holds no pyramid"):
        read_pyramid(path)
