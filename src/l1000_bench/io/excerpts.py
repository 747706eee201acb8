"""Pieces of a stream that are kept as it goes by, because HDF5 asks for them again and again."""

from __future__ import annotations

from collections import deque

import numpy as np

# HDF5 keeps the places of a matrix's chunks in nodes with this mark, strewn all over the file.
_MARK = int.from_bytes(b"TREE", "little")
_NODE_BYTES = 2**13
_NODES = 2048
_END_BYTES = 2**21  # kept of the beginning, and at least of the end


class Excerpts:
    """The beginning and the end of a stream, and what in it begins as an index of HDF5 does.

    They are true bytes and a shortcut alone: some of the marks are chance, and a mark is missed that stands at no
    multiple of four or that two pieces share.

    Attributes:
        nodes: What begins with the mark, by offset.
    """

    def __init__(self) -> None:
        self.nodes: dict[int, bytes] = {}
        self._open: list[int] = []
        self._head = b""
        self._tail: deque[bytes] = deque()
        self._tail_start = self._tail_end = 0

    def look_at(self, piece: bytes) -> None:
        """Look at the next piece of the stream."""
        start = self._tail_end
        if start < _END_BYTES:
            self._head += piece[: _END_BYTES - start]
        self._tail.append(piece)
        self._tail_end += len(piece)
        while self._tail_end - self._tail_start - len(self._tail[0]) >= _END_BYTES:
            self._tail_start += len(self._tail.popleft())
        self._look_for_nodes(start, piece)

    def find(self, offset: int, size: int) -> bytes | None:
        """Return some bytes of the stream if they were kept."""
        if offset + size <= len(self._head):
            return self._head[offset : offset + size]
        if self._tail_start <= offset and offset + size <= self._tail_end:
            tail = b"".join(self._tail)
            return tail[offset - self._tail_start :][:size]
        node = self.nodes.get(offset, b"")
        return node[:size] if size <= len(node) else None

    def _look_for_nodes(self, start: int, piece: bytes) -> None:
        for place in self._open:
            self.nodes[place] += piece[: _NODE_BYTES - len(self.nodes[place])]
        self._open = [place for place in self._open if len(self.nodes[place]) < _NODE_BYTES]
        first = -start % 4
        words = np.frombuffer(piece[first:] if first else piece, dtype=np.uint8)
        words = words[: len(words) // 4 * 4].view("<u4")
        places = first + 4 * np.flatnonzero(words == _MARK)
        for at in places[: _NODES - len(self.nodes)].tolist():
            self.nodes[start + at] = piece[at : at + _NODE_BYTES]
            if len(piece) - at < _NODE_BYTES:
                self._open.append(start + at)
