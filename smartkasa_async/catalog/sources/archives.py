"""Price lists that are packed by gzip: recognised by their first bytes, and unpacked into temporary files."""

from __future__ import annotations

import gzip
import tempfile
import zlib
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from anyio import to_thread

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async.catalog.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MOST_BYTES = 1024**3
"""Largest price list that is fetched or unpacked, bytes."""

_CHUNK = 1 << 18
_MARK = b"\x1f\x8b"


class PackedError(Exception):
    """An archive cannot be unpacked.

    Attributes:
        is_too_large: Whether because what it holds is larger than allowed; else it is damaged or cut off.
    """

    def __init__(self, *, is_too_large: bool) -> None:
        super().__init__()
        self.is_too_large = is_too_large


@asynccontextmanager
async def unpacked(path: Path) -> AsyncIterator[Path]:
    """Yield the path of a file, or of the unpacked contents of a gzip archive while the block runs.

    Args:
        path: The file; what is none is left for the reader to refuse.

    Raises:
        SourceError: The archive is damaged, or holds more than can be a price list.
    """
    if not await to_thread.run_sync(is_packed, path):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="smartkasa-", ignore_cleanup_errors=True) as folder:
        target = Path(folder, unpacked_name(path.name))
        try:
            await to_thread.run_sync(partial(unpack, path, target, most=MOST_BYTES))
        except PackedError as error:
            name = visible(path.name)
            if error.is_too_large:
                message = msg("{file} unpacks to more than {count} MiB", file=name, count=MOST_BYTES >> 20)
            else:
                message = msg("{file} is a gzip archive that is damaged or cut off; get it anew", file=name)
            raise SourceError(message) from error
        yield target


def is_packed(path: Path) -> bool:
    """Return whether a regular file is a gzip archive; its first bytes decide, not its name."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(_MARK)) == _MARK
    except OSError:
        return False  # which the reader reports


def unpack(packed: Path, target: Path, *, most: int) -> None:
    """Unpack an archive into a new file.

    Args:
        packed: The archive.
        target: The file.
        most: How many bytes it may hold.

    Raises:
        PackedError: It is damaged, or holds more.
        OSError: The file cannot be written.
    """
    size = 0
    try:
        with gzip.open(packed) as source, target.open("xb") as file:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    raise PackedError(is_too_large=True)
                file.write(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise PackedError(is_too_large=False) from error


def unpacked_name(name: str) -> str:
    """Name what an archive holds after the archive."""
    return name.removesuffix(".gz").removesuffix(".GZ") or "feed"
