"""Where commands put the files that nobody names: journals, positions, rows to fix."""

from __future__ import annotations

import os
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from smartkasa_async._support.files import require_replaceable
from smartkasa_async.cli.access import access_of
from smartkasa_async.cli.credentials import state_folder
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartkasa_async.cli.configuration import Configuration

_STREAM = Path("-")


def account_folder(settings: Configuration) -> Path:
    """Make the folder of what is to be remembered of one account.

    Profile, address and phone number together name an account, so that nothing that was done at one is taken for done
    at another.
    """
    access = access_of(settings)
    folder = state_folder() / "work" / f"{settings.profile}-{_digest(access.base_url, access.phone_number)}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def import_journal(settings: Configuration, file: Path | str, key: str) -> Path:
    """Name the journal of an import; the same file, imported by the same key into the same account, has the same."""
    if isinstance(file, str):
        return account_folder(settings) / f"link-{_digest(file, key)}.journal"
    return account_folder(settings) / f"{file.stem}-{_digest(file.resolve(), key)}.journal"


def stock_journal(settings: Configuration, file: Path, shop: int, key: str) -> Path:
    """Name the journal of a sync of counts; a file that was changed since has another: it may be of a new count."""
    state = file.stat()
    written = f"{state.st_mtime_ns} {state.st_size}"
    return account_folder(settings) / f"{file.stem}-{_digest(file.resolve(), written, shop, key)}.stock.journal"


def free_name(file: Path, addition: str) -> Path:
    """Name a file beside another one, such as `list.rejected.csv` beside `list.xlsx`; never one that is there.

    Args:
        file: The other file.
        addition: What its name has besides, with the new suffix.
    """
    stem = file.name.removesuffix(file.suffix)
    addition, dot, suffix = addition.rpartition(".")
    found, number = file.parent / f"{stem}.{addition}{dot}{suffix}", 1
    while os.path.lexists(found):
        number += 1
        found = file.parent / f"{stem}.{addition}-{number}{dot}{suffix}"
    return found


def require_files(files: Mapping[str, Path | None], written: Mapping[str, Path | None] | None = None) -> None:
    """Refuse files without a folder, and files that would overwrite one another, before any work.

    Args:
        files: The files by their name on the command line; None if it is not given.
        written: Likewise those that are written; each may replace nothing but a file.

    Raises:
        CommandError: Two of them are the same, there is no such folder, or one is `-`.
        OSError: A file that is to be written would replace a link, a folder, a device or a pipe.
    """
    written = written or {}
    seen: dict[Path, str] = {}
    for name, file in (*files.items(), *written.items()):
        if file is None:
            continue
        if file == _STREAM:
            message = _("{name} is -, and standard input and output are not used as files", name=name)
            raise CommandError(message, hint=_("Name a file; nothing was done"))
        if name in written:
            require_replaceable(file)
        if not file.parent.is_dir():
            message = _("{name} is {file}, and there is no folder {folder}", name=name, file=file, folder=file.parent)
            raise CommandError(message, hint=_("Make it, or name a file elsewhere; nothing was done"))
        path = file.resolve()
        if path in seen:
            message = _("{one} and {other} are the same file, {file}", one=seen[path], other=name, file=file)
            raise CommandError(message, hint=_("Give each a name of its own; nothing was done"))
        seen[path] = name


def _digest(*parts: object) -> str:
    return blake2b("\n".join(map(str, parts)).encode(errors="surrogateescape"), digest_size=4).hexdigest()
