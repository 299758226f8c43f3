"""A PostgreSQL of the demo's own: made in a temporary folder, reached through a socket in it, deleted afterwards.

Its programs are those of the package `pgserver`, or those of the machine.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import msg
from smartkasa_async.fleet.errors import FleetError

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEBIAN = Path("/usr/lib/postgresql")
_SECONDS_TO_STOP = 30.0
_READY = "ready to accept connections"

# PostgreSQL refuses to run as root.
SERVER_USER = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None

NEW_CLUSTER = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
_SETTINGS = (
    "listen_addresses=",  # no port, only the socket
    "fsync=off",
    "shared_buffers=64MB",
    "max_connections=200",
)


class EmbeddedPostgresql:
    """A server that runs; `running_postgresql` makes it.

    Attributes:
        address: SQLAlchemy's address of its database.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self.address = f"postgresql+asyncpg://postgres@/postgres?host={folder}"
        self._programs = programs
        self._folder = folder
        self._server: subprocess.Popen[str] | None = None

    def address_for(self, role: str) -> str:
        """Return the address of its database for another role."""
        return self.address.replace("postgres@", f"{role}@", 1)

    def start(self) -> None:
        """Start it, and wait until it takes connections.

        Raises:
            FleetError: It did not start.
        """
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        self._server = subprocess.Popen(  # noqa: S603  (our own command)
            [self._programs / "postgres", "-D", self._folder / "data", "-k", self._folder, *settings],
            cwd=self._folder,
            user=SERVER_USER,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl-C is for the demo, which stops its server itself
        )
        lines = []
        assert self._server.stderr is not None  # noqa: S101  (a pipe)
        for line in self._server.stderr:
            lines.append(line)
            if _READY in line:
                self._server.stderr.close()
                return
        raise FleetError(msg("PostgreSQL did not start: {reason}", reason="".join(lines).strip()))

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it: connections are broken off.

        Args:
            at_once: Like a crash, with what is committed read from its log at the next start.
        """
        server, self._server = self._server, None
        if server is None:
            return
        server.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
        try:
            server.wait(_SECONDS_TO_STOP)
        finally:
            server.kill()


@contextmanager
def running_postgresql() -> Iterator[EmbeddedPostgresql]:
    """Run a server while the block runs.

    Raises:
        FleetError: The machine has no PostgreSQL; says how to get it.
    """
    # /tmp, since the path of a socket has at most 107 characters, and since another user must reach it.
    with TemporaryDirectory(prefix="smartkasa-fleet-", dir="/tmp" if SERVER_USER else None) as name:  # noqa: S108  (likewise)
        folder = Path(name)
        programs = find_programs(folder)
        if SERVER_USER:
            for path in (folder, *folder.rglob("*")):
                shutil.chown(path, SERVER_USER)
        made = subprocess.run(  # noqa: S603  (our own command)
            [programs / "initdb", f"--pgdata={folder / 'data'}", *NEW_CLUSTER],
            cwd=folder,
            user=SERVER_USER,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if made.returncode:
            raise FleetError(msg("PostgreSQL did not start: {reason}", reason=made.stderr.strip()))
        server = EmbeddedPostgresql(programs, folder)
        try:
            server.start()
            yield server
        finally:
            server.stop(at_once=True)


def find_programs(folder: Path) -> Path:
    """Find the folder of PostgreSQL's programs: the wheel's, those on the path, or Debian's."""
    if wheel := find_spec("pgserver"):
        return _readable(Path(wheel.origin or "").parent, folder) / "pginstall" / "bin"
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    for programs in sorted(_DEBIAN.glob("*/bin"), reverse=True):
        return programs
    raise FleetError(
        msg("There is no PostgreSQL on this machine: pip install pgserver, or install the package postgresql")
    )


def _readable(package: Path, folder: Path) -> Path:
    """Copy the wheel's files to where another user can read them: the package may lie in a home folder."""
    if not SERVER_USER:
        return package
    for part in package.parent.glob(f"{package.name}*"):
        if part.is_dir():
            shutil.copytree(part, folder / "packages" / part.name)
    return folder / "packages" / package.name
