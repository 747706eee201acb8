"""What tells a file from another one that took its place while it was read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from l1000_bench.errors import InputError


class Stamp(NamedTuple):
    """The state of a file.

    Attributes:
        size: Its bytes.
        modified: When it was changed, in nanoseconds.
        inode: Its number on the disk.
    """

    size: int
    modified: int
    inode: int

    @classmethod
    def of(cls, file: Path | int) -> Stamp:
        """Return the stamp of a path or of an open file's descriptor."""
        state = os.stat(file)
        return cls(state.st_size, state.st_mtime_ns, state.st_ino)

    def check(self, path: Path, file: Path | int) -> None:
        """Compare with the stamp that a file has now.

        Args:
            path: Its name, for the message.
            file: The path again, or the descriptor of the file that was opened.

        Raises:
            InputError: If it is another.
        """
        if Stamp.of(file) != self:
            raise InputError(f"{path} was replaced or changed while it was read; run this again.")
