"""A progress bar over the bytes of several files."""

from __future__ import annotations

import threading

from tqdm import tqdm


class ByteBar:
    """A progress bar with rate and time left; silent without a terminal."""

    def __init__(self) -> None:
        self._bar = tqdm(total=0, unit="B", unit_scale=True, unit_divisor=1000, desc="download", disable=None)
        self._files: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, size: int, present: int) -> None:
        """Count a file of `size` bytes, of which some are there already; anew, if it was begun before."""
        with self._lock:
            _, old_count = self._files.get(name, (0, 0))
            self._files[name] = size, present
            self._bar.total = sum(size for size, _ in self._files.values())
            if not self._bar.disable:  # what was there before tells nothing of the rate
                self._bar.initial += present - old_count
                self._bar.n += present - old_count
                self._bar.last_print_n += present - old_count
                self._bar.refresh()

    def add(self, name: str, count: int) -> None:
        """Count bytes of a file that came."""
        with self._lock:
            size, present = self._files[name]
            self._files[name] = size, present + count
            self._bar.update(count)

    def close(self) -> None:
        """End the bar."""
        self._bar.close()
