"""A folder of text files that is written whole."""

from __future__ import annotations

from kedro_datasets._typing import TablePreview

from l1000_bench.datasets.folder_dataset import first_files
from l1000_bench.datasets.local_dataset import ManifestDataset, if_made
from l1000_bench.io.atomic import check_file, read_manifest, replacing_folder, sync, write_manifest


class TableFilesDataset(ManifestDataset[dict[str, str], dict[str, str]]):
    """Texts by the name of their file, in UTF-8, with a SHA-256 each in the folder's manifest."""

    def load(self) -> dict[str, str]:
        """Return the texts in the order in which they were saved.

        Raises:
            InputError: If a file is missing or differs from its SHA-256, or the folder was not written by this class.
        """
        texts = {}
        for name, digest in read_manifest(self.filepath).items():
            check_file(self.filepath / name, digest)
            texts[name] = (self.filepath / name).read_bytes().decode("utf-8")
        return texts

    def save(self, data: dict[str, str]) -> None:
        """Put a folder with these files alone in the place of the one that is there."""
        with replacing_folder(self.filepath) as folder:
            for name, text in data.items():
                (folder / name).write_bytes(text.encode("utf-8"))
                sync(folder / name)
            write_manifest(folder, [folder / name for name in data])

    @if_made
    def preview(self, nrows: int = 20) -> TablePreview:
        """Return the first files for Kedro-Viz."""
        return first_files(self.filepath, nrows)
