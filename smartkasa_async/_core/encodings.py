"""What a body is packed in: `Content-Encoding`, undone step by step so that a small answer cannot fill the memory."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCEPTED = "gzip, deflate"
"""What is asked for; whatever else comes was not."""

_BEGIN_OF_TEXT = (b"{", b"[", b"<")
_STEP_BYTES = 2**20
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31
_ZLIB_WINDOW = 15
_RAW_WINDOW = -15
_ZLIB_METHOD = 8


class Unpacking:
    """Unpacks one body, chunk by chunk.

    A body that is not what its header states is given as it came: a gateway may have unpacked it and left the header.

    Attributes:
        is_unpacked: Whether what was given is free of the encoding, and whole.
        is_as_it_came: Whether nothing was unpacked.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower().removeprefix("x-")
        self._unpacker: zlib._Decompress | None = None
        self._has_begun = False
        self.is_unpacked = True
        self.is_as_it_came = True

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the contents of a chunk, at most a MiB at a time; nothing after what cannot be unpacked."""
        if not self._has_begun and chunk:
            self._has_begun = True
            self._unpacker = _unpacker_of(self._encoding, chunk)
            self.is_as_it_came = self._unpacker is None
            self.is_unpacked = self._encoding in {"", "identity"}
        if self.is_as_it_came:
            yield chunk
            return
        while self._unpacker is not None and chunk:
            try:
                part = self._unpacker.decompress(chunk, _STEP_BYTES)
            except zlib.error:
                self._unpacker, self.is_unpacked = None, False
                return
            yield part
            chunk = self._unpacker.unconsumed_tail
            self.is_unpacked = self._unpacker.eof
            if self._unpacker.eof:
                chunk = self._unpacker.unused_data
                self._unpacker = zlib.decompressobj(_GZIP_WINDOW) if chunk.startswith(_GZIP) else None


def _unpacker_of(encoding: str, begin: bytes) -> zlib._Decompress | None:
    if encoding not in {"gzip", "deflate"} or is_text(begin):
        return None
    if begin.startswith(_GZIP[: len(begin)]):
        return zlib.decompressobj(_GZIP_WINDOW)
    has_head = begin[0] & 0xF == _ZLIB_METHOD  # some servers send deflate without it
    return zlib.decompressobj(_ZLIB_WINDOW if has_head else _RAW_WINDOW)


def is_text(body: bytes) -> bool:
    """Return whether a body begins as JSON or a page does."""
    return body.lstrip()[:1] in _BEGIN_OF_TEXT
