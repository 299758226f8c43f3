"""Files that take their names once they are whole, replacing nothing but a file.

Until then what is written stands beside, under a name that nobody can know before, so that no link is followed and
two runs at once share nothing. It is locked, so that the next run tells what a killed process left, and removes it; on
Windows, and where the file system has no locks, that stays. A name that stands for a link, a folder, a device or a pipe
is refused: replacing it would take away what others use.
"""

from __future__ import annotations

import errno
import filecmp
import io
import os
import secrets
import shutil
import stat
import sys
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any

from smartkasa_async._i18n.message import N_, msg
from smartkasa_async._support.locks import lock_folder, try_lock, unlock_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path, PurePath

_STAGED = ".exporting-"
_OTHERS = (
    (stat.S_ISLNK, N_("a link")),
    (stat.S_ISFIFO, N_("a pipe")),
    (stat.S_ISSOCK, N_("a socket")),
)


def require_nameable(path: PurePath) -> None:
    """Refuse a path that no file can have.

    Raises:
        OSError: It has a NUL character.
    """
    if "\0" in str(path):
        raise OSError(errno.EINVAL, msg("a path cannot have a NUL character"), str(path))


def require_replaceable(path: Path) -> None:
    """Refuse a name that is that of a folder, a link, a device or a pipe; nothing need exist.

    Raises:
        OSError: Says what is there; `IsADirectoryError` for a folder.
    """
    require_nameable(path)
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        reason = msg("it is {kind}, and only files are replaced; name a file", kind=msg(_kind_of(mode)))
        raise OSError(errno.EINVAL, reason, str(path))


def read_file(path: Path) -> bytes:
    """Read a file as a whole; of a device or a pipe there may be no end, and of a pipe no beginning.

    Raises:
        OSError: It cannot be read, or is no file.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a pipe that nobody writes to
    descriptor = os.open(path, flags)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            reason = msg("it is {kind}, and only files are read; name a file", kind=msg(_kind_of(mode)))
            raise OSError(errno.EINVAL, reason, str(path))
        with open(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def _kind_of(mode: int) -> str:
    return next((name for is_one, name in _OTHERS if is_one(mode)), N_("a device"))


class FreshFile:
    """A file in the making.

    Attributes:
        file: What it is written by; its errors name the file that is to be.
    """

    file: IO[Any]

    def __init__(
        self, path: Path, *, private: bool = False, encoding: str | None = None, errors: str | None = None
    ) -> None:
        """Begin the file; what processes left in its folder that were killed is removed.

        Args:
            path: Where it will be. The rights of a file that is there are kept.
            private: Whether only its owner can read it, whatever the rights of a file that is there.
            encoding: Encoding of a text; None for bytes.
            errors: What becomes of letters that the encoding lacks.

        Raises:
            OSError: It cannot be written, or the name stands for something else than a file.
        """
        require_replaceable(path)
        self._path = path
        self._private = private
        _remove_left(path.parent)
        # Nobody reads what may replace a file that others must not read; that of a new name is as public as it will be.
        mode = 0o600 if private or path.exists() else 0o666
        try:
            self._part, descriptor = _new_part(path.parent, mode)
            self._lock: int | None = os.dup(descriptor)  # a copy, since the file is closed before it has its name
        except OSError as error:
            raise _naming(error, path) from error
        binary = io.BufferedWriter(_Part(descriptor, path))
        self.file = binary if encoding is None else io.TextIOWrapper(binary, encoding, errors, newline="")

    def keep(self) -> None:
        """Bring the file onto the disk, and give it its name.

        Raises:
            OSError: It cannot be written; what had the name is as it was.
        """
        try:
            close_to_disk(self.file)
            take_name(self._part, self._path, keep_rights=not self._private)
        except OSError as error:
            self.drop()
            raise _naming(error, self._path) from error
        except BaseException:
            self.drop()
            raise
        self._unlock()
        sync_folder(self._path.parent)

    def drop(self) -> None:
        """Leave nothing of the file; what has its name stays."""
        with suppress(OSError):
            self.file.close()
        self._part.unlink(missing_ok=True)
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _new_part(folder: Path, mode: int) -> tuple[Path, int]:
    """Make an empty file of a name that nobody knows, locked as long as any copy of its descriptor is open."""
    while True:
        part = folder / f".smartkasa-{secrets.token_hex(8)}.part"
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        # Another run may take it for what is left of a killed one before it is locked, and then it is made anew.
        if sys.platform == "win32" or (_try_lock(descriptor) is not False and part.exists()):
            return part, descriptor
        os.close(descriptor)


def _remove_left(folder: Path) -> None:
    """Remove the parts of a folder that nobody writes: those of killed processes."""
    if sys.platform == "win32":
        return
    for left in folder.glob(".smartkasa-*.part"):
        with suppress(OSError):  # it has its name now, or is another user's
            descriptor = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if _try_lock(descriptor):
                    left.unlink()
            finally:
                os.close(descriptor)


def _try_lock(descriptor: int) -> bool | None:
    """Lock a file; return whether it was free, None where the file system has no locks."""
    try:
        return try_lock(descriptor)
    except OSError:
        return None


class _Part(io.FileIO):
    """Bytes on their way to the disk; a full disk is reported with the name of the file that is to be."""

    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(descriptor, "w")
        self._path = path

    def write(self, content: Any, /) -> int:
        try:
            return super().write(content)
        except OSError as error:
            raise _naming(error, self._path) from error


@contextmanager
def fresh_file(path: Path, *, encoding: str | None = None) -> Iterator[IO[Any]]:
    """Open a file that takes its name at the end of the block, and leaves nothing where the block fails.

    Args:
        path: Where it will be.
        encoding: Encoding of a text; None for bytes.

    Raises:
        OSError: It cannot be written, or the name stands for something else than a file.
    """
    fresh = FreshFile(path, encoding=encoding)
    try:
        yield fresh.file
    except BaseException:
        fresh.drop()
        raise
    fresh.keep()


def replace_file(path: Path, content: bytes) -> None:
    """Replace the content of a file, which only its owner can read then, safely against a crash at any moment.

    Raises:
        OSError: The file cannot be written, and is as it was; or the name stands for something else than a file.
    """
    fresh = FreshFile(path, private=True)
    try:
        fresh.file.write(content)
    except BaseException:
        fresh.drop()
        raise
    fresh.keep()


class Staging:
    """A folder inside another one where files wait until all of them are whole; one run at a time has it."""

    def __init__(self, folder: Path) -> None:
        """Begin; what a process left here that was killed is removed.

        Args:
            folder: The folder of the files, which is made.

        Raises:
            OSError: It cannot be written; `BlockingIOError` where another run is writing into it.
        """
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = lock_folder(folder)
        self._staged = folder / f"{_STAGED}{secrets.token_hex(8)}"
        try:
            for left in folder.glob(f"{_STAGED}*"):
                shutil.rmtree(left)
            self._staged.mkdir()
        except BaseException:
            self.discard()
            raise

    def __truediv__(self, name: PurePath) -> Path:
        return self._staged / name

    def publish(self, names: Collection[PurePath], stale: Collection[PurePath]) -> None:
        """Give files their names, and remove the stale ones; one that is there already, to the byte, stays untouched.

        Args:
            names: The files, by their names in the folder; each was closed by `close_to_disk`.
            stale: Files of the folder that these leave out of date.

        Raises:
            OSError: A name is that of something else than a file, and no file was moved; or a file cannot be moved.
        """
        for name in (*names, *stale):
            require_replaceable(self._folder / name)
        for name in names:
            path = self._folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not (path.exists() and filecmp.cmp(self._staged / name, path, shallow=False)):
                take_name(self._staged / name, path)
        for name in stale:
            (self._folder / name).unlink()
        for folder in {above for name in names for above in name.parents}:
            sync_folder(self._folder / folder)

    def discard(self) -> None:
        """Remove the folder with its files, and release the lock for another run."""
        shutil.rmtree(self._staged, ignore_errors=True)
        unlock_folder(self._lock)
        self._lock = None


def close_to_disk(file: IO[Any]) -> None:
    """Bring what was written into a file onto the disk, and close it.

    Raises:
        OSError: It cannot be written.
    """
    file.flush()
    os.fsync(file.fileno())
    file.close()


def take_name(part: Path, path: Path, *, keep_rights: bool = True) -> None:
    """Move a complete file to its name.

    Args:
        part: The file.
        path: Its name; a file that is there is replaced.
        keep_rights: Whether it gets the rights of the file that it replaces.

    Raises:
        OSError: It cannot be moved there, or the name stands for something else than a file.
    """
    require_replaceable(path)
    try:
        if keep_rights:
            with suppress(FileNotFoundError):
                _take_rights(part, path.lstat())
        part.replace(path)
    except OSError as error:
        raise _naming(error, path) from error


def _take_rights(part: Path, before: os.stat_result) -> None:
    """Give a file the owner and the rights of another, as far as the user may."""
    if hasattr(os, "chown"):
        with suppress(PermissionError):
            os.chown(part, before.st_uid, before.st_gid)
    part.chmod(stat.S_IMODE(before.st_mode))


def sync_folder(folder: Path) -> None:
    """Bring a new name onto the disk, where the system lets folders be opened."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _naming(error: OSError, path: Path) -> OSError:
    return OSError(error.errno, error.strerror, str(path))
