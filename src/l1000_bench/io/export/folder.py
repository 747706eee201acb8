"""The folder of an exported benchmark, whole or absent."""

from __future__ import annotations

from pathlib import Path

from l1000_bench.io.atomic import replacing_folder, sha256, sync, write_sums
from l1000_bench.io.export.anndata_file import write_anndata
from l1000_bench.io.export.benchmark import ExportedBenchmark
from l1000_bench.io.export.croissant import croissant
from l1000_bench.io.export.readme import readme
from l1000_bench.io.export.tables import write_tables


def write_export(benchmark: ExportedBenchmark, folder: Path) -> None:
    """Write everything into a new folder, which takes the place of `folder` when it is whole.

    The bytes are the same for the same benchmark and versions of the libraries.
    """
    with replacing_folder(folder) as temporary:
        write_tables(benchmark, temporary)
        write_anndata(benchmark, temporary / f"{benchmark.name}.h5ad")
        paths = {file.name: temporary / file.name for file in benchmark.files}
        sums = {name: sha256(path) for name, path in paths.items()}
        texts = {
            "README.md": readme(benchmark),
            "croissant.json": croissant(benchmark, sums, {name: path.stat().st_size for name, path in paths.items()}),
        }
        for name, text in texts.items():
            paths[name] = temporary / name
            paths[name].write_text(text, encoding="utf-8")
            sums[name] = sha256(paths[name])
        for path in paths.values():
            sync(path)
        write_sums(temporary, sums)
