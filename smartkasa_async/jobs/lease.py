"""One job of a kind at a time for an account, on one machine and for one user; and how the last one ended.

A file of each kind and account is held with a lock of the operating system's, which lets go of it when a process dies.
The file records whether the last job ended well: after one that did not, and right after one that did, the service
may still carry out what it was sent, or not list yet what it has done.
"""

from __future__ import annotations

import logging
import os
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec
from anyio import to_thread

from smartkasa_async._i18n.message import msg
from smartkasa_async._support.locks import try_lock
from smartkasa_async._support.state_folder import state_folder
from smartkasa_async.jobs.errors import JobRunningError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_logger = logging.getLogger("smartkasa_async")

_LOCKED_BYTE = 1 << 30
"""Byte that Windows locks, far behind the text, which others read meanwhile; POSIX locks the file."""


class _Record(msgspec.Struct, frozen=True):
    """The contents of the file.

    Attributes:
        pid: Process that holds it, or held it last.
        since: When that began, in words.
        open: Whether something was sent, and the job has not ended well since.
        ended: When the last job ended that sent something, seconds of the Unix clock; None where no matter.
    """

    pid: int
    since: str
    open: bool = False
    ended: float | None = None


class Lease:
    """What a job holds while it runs.

    Args:
        file: Descriptor of the file; None where there is none, so that nothing is known and nothing written down.
        before: What the last job left in it.
    """

    def __init__(self, file: int | None = None, before: _Record | None = None) -> None:
        self._file = file
        self._before = before or _Record(os.getpid(), "")

    def seconds_left(self, late_write_window: float) -> float:
        """Return how long to wait for what the last job did.

        Args:
            late_write_window: Seconds in which the service does what it was sent, and lists what it did.
        """
        if self._before.open:
            return late_write_window
        if self._before.ended is None:
            return 0.0
        passed = time.time() - self._before.ended
        return max(0.0, late_write_window - passed) if passed >= 0 else late_write_window

    async def begin_writing(self) -> None:
        """Write down, before anything is sent, that this job has not ended."""
        await self._note(is_open=True, ended=None)

    async def end_writing(self, *, has_sent: bool) -> None:
        """Write down that the job ended well.

        Args:
            has_sent: Whether it sent anything.
        """
        await self._note(is_open=False, ended=time.time() if has_sent else None)

    async def _note(self, *, is_open: bool, ended: float | None) -> None:
        if self._file is not None:
            record = msgspec.structs.replace(_begun(), open=is_open, ended=ended)
            await to_thread.run_sync(_write, self._file, record)


@asynccontextmanager
async def hold_lease(kind: str, account: str) -> AsyncIterator[Lease]:
    """Hold what only one job at a time may hold.

    Where no file can be made or locked, for example in a container without a folder that can be written, jobs are not
    kept apart; a line in the log reports it.

    Args:
        kind: What the job does, for example `products`.
        account: Identifies the account.

    Raises:
        JobRunningError: Another job of this kind and account holds it.
    """
    path = lease_folder() / f"{kind}-{sha256(account.encode()).hexdigest()[:32]}.lease"
    file = None
    try:
        file = await to_thread.run_sync(_take, path)
        before = await to_thread.run_sync(_read, file)
        await to_thread.run_sync(_write, file, msgspec.structs.replace(_begun(), open=before.open, ended=before.ended))
    except OSError as error:
        _logger.warning("Jobs of one account are not kept apart, since %s cannot be used: %s", path, error)
        lease = Lease()
    else:
        lease = Lease(file, before)
    try:
        yield lease
    finally:
        if file is not None:
            os.close(file)


def lease_folder() -> Path:
    """Return the folder of leases."""
    return state_folder() / "leases"


def _take(path: Path) -> int:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0), 0o600)
    try:
        os.lseek(file, _LOCKED_BYTE, os.SEEK_SET)
        if try_lock(file):
            return file
        holder = _read(file)
    except BaseException:
        os.close(file)
        raise
    os.close(file)
    raise JobRunningError(
        msg(
            "Another job of this kind is at work on this account: process {pid}, since {since};"
            " wait until it has ended, or end it",
            pid=holder.pid,
            since=holder.since,
        )
    )


def _begun() -> _Record:
    return _Record(os.getpid(), f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")


def _read(file: int) -> _Record:
    os.lseek(file, 0, os.SEEK_SET)
    content = os.read(file, 4096)
    if not content:
        return _Record(0, "?")
    try:
        return msgspec.json.decode(content, type=_Record)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Cut off while it was written: the last job did not end well.
        return _Record(0, "?", open=True)


def _write(file: int, record: _Record) -> None:
    """Replace the text; cut off at any moment, it is the new one or cannot be read, never empty."""
    content = msgspec.json.encode(record)
    os.lseek(file, 0, os.SEEK_SET)
    os.write(file, content)
    os.truncate(file, len(content))
