"""Locks between processes, threads and event loops; each ends with its holder."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import msg

if TYPE_CHECKING:
    import threading
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

_POLL_SECONDS = 0.02

if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int) -> bool:
        """Lock the byte at the position of an open file; return whether it was free."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _release(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Lock an open file; return whether it was free."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(descriptor: int) -> None:
        # A child that was forked meanwhile holds the descriptor too, so that closing it here would not do.
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@asynccontextmanager
async def locked_file(path: Path) -> AsyncIterator[None]:
    """Hold a lock of the operating system on a file, which is made where it is missing and stays.

    It is polled rather than waited for in a thread: a wait that is cancelled leaves nothing behind.

    Raises:
        OSError: The file cannot be opened, or its file system has no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        await _polled(lambda: try_lock(descriptor))
        try:
            yield
        finally:
            _release(descriptor)
    finally:
        os.close(descriptor)


def lock_folder(folder: Path) -> int | None:
    """Lock a folder until `unlock_folder` is given what is returned, or this process ends; nothing is left in it.

    Returns:
        A descriptor; None where the system has no locks of folders.

    Raises:
        BlockingIOError: Another run holds the lock.
        OSError: The folder cannot be opened.
    """
    if sys.platform == "win32":
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        is_free = try_lock(descriptor)
    except OSError:  # a file system without locks
        os.close(descriptor)
        return None
    if not is_free:
        os.close(descriptor)
        reason = msg("another run is writing into this folder; run this again when that has ended")
        raise BlockingIOError(errno.EAGAIN, reason, str(folder))
    return descriptor


def unlock_folder(descriptor: int | None) -> None:
    """Unlock a folder."""
    if descriptor is not None:
        _release(descriptor)
        os.close(descriptor)


@asynccontextmanager
async def locked_thread(lock: threading.Lock) -> AsyncIterator[None]:
    """Hold a lock that the event loops of several threads share."""
    await _polled(lambda: lock.acquire(blocking=False))
    try:
        yield
    finally:
        lock.release()


async def _polled(take: Callable[[], bool]) -> None:
    import asyncio  # noqa: PLC0415  (of those that wait; every command reads this module)

    while not take():  # noqa: ASYNC110  (no event reports what other processes do)
        await asyncio.sleep(_POLL_SECONDS)
