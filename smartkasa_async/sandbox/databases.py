"""The databases of a sandbox's merchants: a few are open at a time, so that idle merchants cost next to nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from smartkasa_async.sandbox.calls import Service

NOT_RUNNING = "The sandbox is not running: use `async with Sandbox() as box` or `with Sandbox().in_thread() as box`."

_MOST_OPEN = 32
"""Databases that are kept open; of more, only those that are in use."""


class Databases:
    """Where the databases of a running sandbox are, and which of them were used last."""

    def __init__(self) -> None:
        self._folder: TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()
        self._recent: OrderedDict[Database, None] = OrderedDict()

    @property
    def folder(self) -> Path:
        """The folder of the databases that have no file of their own; it goes when the sandbox stops."""
        if self._folder is None:
            raise RuntimeError(NOT_RUNNING)
        return Path(self._folder.name)

    @property
    def running(self) -> bool:
        """Whether databases can be used."""
        return self._folder is not None

    def start(self) -> None:
        """Let databases be used."""
        self._folder = TemporaryDirectory(prefix="smartkasa-sandbox-")

    def stop(self) -> None:
        """Close all databases; what is in memory or in the folder is lost."""
        with self._lock:
            while self._recent:
                self._recent.popitem()[0].close()
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()

    def used(self, database: Database) -> None:
        """Count a database as the one used last, and close those that were used longest ago."""
        with self._lock:
            if not self.running:
                database.close()
                return
            self._recent[database] = None
            self._recent.move_to_end(database)
            for old in list(self._recent)[: len(self._recent) - _MOST_OPEN]:
                if old.close_unused():
                    del self._recent[old]


class Database:
    """One merchant's database, open while it is used and for a while after. Safe to use from several threads.

    Args:
        databases: The sandbox's databases.
        connect: Opens it: the file, or the memory, in which it is.
    """

    def __init__(self, databases: Databases, connect: Callable[[], Service]) -> None:
        self._databases = databases
        self._connect = connect
        self._lock = threading.Lock()
        self._service: Service | None = None
        self._users = 0
        self._closers: list[Callable[[], None]] = []

    @property
    def is_open(self) -> bool:
        """Whether it is open at the moment."""
        return self._service is not None

    def before_close(self, closer: Callable[[], None]) -> None:
        """Have something called once before it is closed."""
        self._closers.append(closer)

    @contextmanager
    def opened(self) -> Iterator[Service]:
        """Keep it open inside, and make what calls work with."""
        service = self.open()
        try:
            yield service
        finally:
            with self._lock:
                self._users -= 1
            self._databases.used(self)

    def open(self) -> Service:
        """Open it until the sandbox stops, or for as long as `opened` needs it."""
        with self._lock:
            if not self._databases.running:
                raise RuntimeError(NOT_RUNNING)
            if self._service is None:
                self._service = self._connect()
            self._users += 1
            service = self._service
        self._databases.used(self)
        return service

    def close_unused(self) -> bool:
        """Close it unless somebody uses it or opens it just now; return whether it is closed."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if self._users == 0 and self._service is not None:
                self._service.storage.close()
                self._service = None
            return self._service is None
        finally:
            self._lock.release()

    def close(self) -> None:
        """Close it, whoever uses it."""
        while self._closers:
            self._closers.pop()()
        with self._lock:
            service, self._service = self._service, None
            if service is not None:
                service.storage.close()
