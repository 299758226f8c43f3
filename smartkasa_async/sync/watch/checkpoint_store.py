"""Where the position of a watch is kept between runs."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import Protocol

from anyio import to_thread

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.message import msg
from smartkasa_async._support.files import read_file, replace_file
from smartkasa_async.errors import SmartKasaError


class CheckpointError(SmartKasaError):
    """The position of a watch cannot be read or saved, or is something else."""


class CheckpointStore(Protocol):
    """Keeps the position of one watch; write one of your own for a database."""

    async def load(self) -> bytes | None:
        """Return what was saved last, or None."""

    async def save(self, content: bytes) -> None:
        """Keep the position in place of the last one; when this returns, it must survive a crash."""


class FileCheckpointStore:
    """Keeps a position in a file that only its owner can read, replaced as a whole.

    Args:
        path: The file; its folder must exist.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = Path(path)

    def __repr__(self) -> str:
        return f"FileCheckpointStore({str(self._path)!r})"

    async def load(self) -> bytes | None:
        """Return what was saved last, or None where there is no file.

        Raises:
            CheckpointError: The file cannot be read.
        """
        try:
            return await to_thread.run_sync(read_file, self._path)
        except FileNotFoundError:
            return None
        except OSError as error:
            message = msg("{file} cannot be read: {reason}", file=self._path, reason=reason_of(error))
            raise CheckpointError(message) from error

    async def save(self, content: bytes) -> None:
        """Replace the file, safely against a crash at any moment.

        Raises:
            CheckpointError: The file cannot be written.
        """
        try:
            await to_thread.run_sync(replace_file, self._path, content)
        except OSError as error:
            message = msg("{file} cannot be written: {reason}", file=self._path, reason=reason_of(error))
            raise CheckpointError(message) from error


class _MemoryCheckpointStore:
    """Keeps nothing beyond the watch itself."""

    async def load(self) -> bytes | None:
        return None

    async def save(self, content: bytes) -> None:
        del content


def open_keeper(checkpoint: str | PathLike[str] | CheckpointStore | None) -> CheckpointStore:
    """Return the caller's own keeper, that of the file which is named, or one that keeps nothing."""
    if checkpoint is None:
        return _MemoryCheckpointStore()
    return FileCheckpointStore(checkpoint) if isinstance(checkpoint, str | PathLike) else checkpoint
