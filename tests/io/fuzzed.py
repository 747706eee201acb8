"""Reads damaged files in a process of its own, so that a crash or a hang of a library ends that process alone."""

from __future__ import annotations

import resource
import select
import struct
import subprocess
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from types import TracebackType

from mutants import read_all, seeds

SECONDS = 20
_MEMORY = 2**30  # beside what the libraries have taken for whole files


class Reader:
    """A process that reads files of one family, one after the other; it is started anew when it was lost."""

    def __init__(self, family: str) -> None:
        self._family = family
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def read(self, content: bytes) -> str:
        """Return `read`, `refused`, or what went wrong: a traceback, `hangs` or `crashed`."""
        if self._process is None:
            command = [sys.executable, __file__, self._family]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            self._answer(self._process, 120)  # its imports
        assert self._process.stdin is not None
        self._process.stdin.write(struct.pack("<Q", len(content)) + content)
        self._process.stdin.flush()
        answer = self._answer(self._process, SECONDS)
        if answer is None:
            self._process.kill()
            answer = "hangs"
        elif not answer:
            answer = f"crashed with status {self._process.wait()}"
        if answer.startswith(("hangs", "crashed")):
            self._end()
        return answer

    @staticmethod
    def _answer(process: subprocess.Popen[bytes], seconds: int) -> str | None:
        """Return the next line, `` at the end, None if none comes."""
        assert process.stdout is not None
        if not select.select([process.stdout], [], [], seconds)[0]:
            return None
        return process.stdout.readline().decode("unicode_escape").rstrip("\n")

    def _end(self) -> None:
        if self._process is not None:
            self._process.communicate()
        self._process = None


def _serve(family: str) -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:  # what libraries load or reserve when they are first used
        for content in seeds(family).values():
            read_all(family, content, Path(folder))
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + _MEMORY, used + _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        answer = "ready"
        while True:
            sys.stdout.write(answer.encode("unicode_escape").decode() + "\n")
            sys.stdout.flush()
            header = sys.stdin.buffer.read(8)
            if not header:
                return
            content = sys.stdin.buffer.read(struct.unpack("<Q", header)[0])
            try:
                answer = read_all(family, content, Path(folder))
            except BaseException:
                answer = traceback.format_exc()


if __name__ == "__main__":
    _serve(sys.argv[1])
