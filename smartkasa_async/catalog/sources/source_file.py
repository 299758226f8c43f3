"""A file that others may write to while it is read, and the check that it is still the one that was opened."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from typing import TYPE_CHECKING, Protocol

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support.files import require_nameable
from smartkasa_async.catalog.errors import SourceChangedError, SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import WriteableBuffer

_CHUNK_SIZE = 1 << 20
_DIGEST_SIZE = 16


class Survey(Protocol):
    """Looks at all bytes of a file on the way through it."""

    def take(self, chunk: bytes) -> None:
        """Look at the next bytes."""


def require_regular(path: Path) -> None:
    """Refuse what can be read once only.

    Raises:
        OSError: There is nothing at the path.
        SourceError: It is a pipe or a device.
    """
    require_nameable(path)
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # opening a folder raises the right error
        raise SourceError(
            msg("{file} is not a regular file; save the price list to one, or give its rows", file=visible(path.name))
        )


class Recorded(io.FileIO):
    """A file without a buffer that keeps the digest of all that was read since its beginning."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.hash: hashlib.blake2b = _new_hash()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read, and add what was read to the digest."""
        count = super().readinto(buffer)
        if count:
            self.hash.update(memoryview(buffer)[:count])
        return count

    def readall(self) -> bytes:
        """Read to the end, and add what was read to the digest."""
        content = super().readall()
        self.hash.update(content)
        return content

    def seek(self, position: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a position; the digest starts over with the file."""
        found = super().seek(position, whence)
        if not found:
            self.hash = _new_hash()
        return found


class SourceFile:
    """An open file. Its contents are read through once when it is opened, and compared with what is read later.

    Attributes:
        path: Where it is.
        size: Its size when it was opened, bytes.
        digest: What its contents are known by.
        buffer: What to read it from.
    """

    def __init__(self, path: Path, survey: Survey | None = None) -> None:
        """Open a file.

        Args:
            path: Where it is.
            survey: What is to look at its bytes when it is opened.

        Raises:
            OSError: It cannot be opened or read.
            SourceError: It is empty.
        """
        self.path = path
        self._name = visible(path.name)
        self._raw = Recorded(path)
        try:
            status = os.fstat(self._raw.fileno())
            self.size: int = status.st_size
            _require_contents(self._name, self.size)
            self._mark = _mark_of(status)
            self.digest: str = _digest_of(self._raw, survey)
            self._raw.seek(0)
        except BaseException:
            self._raw.close()
            raise
        self.buffer: io.BufferedReader[Recorded] = io.BufferedReader(self._raw)

    def check(self) -> None:
        """Make sure that nothing has changed so far; contents are compared only where the system's marks differ.

        Raises:
            OSError: The file can no longer be read.
            SourceChangedError: It is another one by now.
        """
        try:
            mark = _mark_of(self.path.stat())
        except FileNotFoundError:
            raise self.changed() from None
        if mark != self._mark:
            self.compare()
            self._mark = mark

    def check_read(self) -> None:
        """Make sure that what was read to the end is what the file held when it was opened, and holds now.

        Raises:
            OSError: The file can no longer be read.
            SourceChangedError: It is another one by now, or was for a while.
        """
        if self._raw.hash.hexdigest() != self.digest:
            raise self.changed()
        self.check()

    def compare(self) -> None:
        """Read the file at the path through once more, and make sure that it has the contents that it was opened with.

        Raises:
            OSError: The file can no longer be read.
            SourceChangedError: It has others.
        """
        try:
            digest = _digest_at(self.path)
        except FileNotFoundError:
            raise self.changed() from None
        if digest != self.digest:
            raise self.changed()

    def unreadable(self, error: OSError) -> SourceError:
        """Make the error that the file could not be read to its end."""
        return SourceError(
            msg(
                "{file} could not be read to its end ({reason}): nothing more is sent, and nothing is deleted. When it"
                " can be read, begin again, with the same journal if you gave one",
                file=self._name,
                reason=reason_of(error),
            )
        )

    def changed(self) -> SourceChangedError:
        """Make the error that the file is no longer the one that was opened."""
        return SourceChangedError(
            msg(
                "{file} was changed, replaced or removed while it was read: nothing more is sent, and nothing is"
                " deleted; what was sent until then may be from either version. When the file is complete, begin again,"
                " with the same journal if you gave one",
                file=self._name,
            )
        )


def file_empty(name: str) -> SourceError:
    """Make the error that a file is empty."""
    return SourceError(msg("{file} is empty; export the price list anew", file=name))


def _require_contents(name: str, size: int) -> None:
    if not size:
        raise file_empty(name)


def _new_hash() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=_DIGEST_SIZE, usedforsecurity=False)


def _digest_of(file: io.FileIO, survey: Survey | None = None) -> str:
    found = _new_hash()
    chunk = bytearray(_CHUNK_SIZE)
    while count := file.readinto(chunk):
        found.update(memoryview(chunk)[:count])
        if survey is not None:
            survey.take(bytes(memoryview(chunk)[:count]))
    return found.hexdigest()


def _digest_at(path: Path) -> str:
    with io.FileIO(path) as file:
        return _digest_of(file)


def _mark_of(status: os.stat_result) -> object:
    """Return what the system changes with a file; times of change cannot be set back, those of writing can."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
