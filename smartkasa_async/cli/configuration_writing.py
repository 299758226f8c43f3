"""Writes settings into the configuration file, whose comments and all else stay as they are."""

from __future__ import annotations

import copy
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._support.files import fresh_file
from smartkasa_async.cli.configuration import FILE_NAME, read_toml
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartkasa_async.cli.configuration import Configuration


_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def write_settings(settings: Configuration, values: Mapping[str, str]) -> Path:
    """Write settings into the profile's table of the configuration file; comments and all else stay as they are.

    Args:
        settings: The settings of this run, which name file and profile.
        values: Settings by name.

    Returns:
        The file: the one that was read, else a new one in the user's folder.

    Raises:
        CommandError: It cannot be written, or is written in a way that can only be changed by hand.
    """
    path = settings.path or _users_file()
    document = read_toml(path) if path.exists() else {}
    is_top = settings.profile == "default" and not document.get("profiles")
    profile = None if is_top else settings.profile
    try:
        before = path.read_bytes().decode("utf-8-sig") if path.exists() else ""
        after = with_settings(before, profile, values)
        if not _contains(after, document, profile, values):
            lines = ", ".join(f'{name} = "{value}"' for name, value in values.items())
            message = _("{file} is written in a way that can only be changed by hand", file=path)
            raise CommandError(message, hint=_("Write into it: {lines}", lines=lines))
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh_file(Path(os.path.realpath(path))) as file:  # which keeps the rights of a file that is there
            file.write(after.encode())
    except OSError as error:
        raise CommandError(_("{file} cannot be written: {reason}", file=path, reason=reason_of(error))) from None
    return path


def with_settings(text: str, profile: str | None, values: Mapping[str, str]) -> str:
    """Put settings into the text of a configuration file.

    Args:
        text: TOML.
        profile: Whose table they belong to; None for the top of the file.
        values: Settings by name.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    begin = 0
    if profile is not None:
        key = profile if _BARE_KEY.fullmatch(profile) else f'"{profile}"'
        header = re.compile(rf"""\s*\[\s*profiles\s*\.\s*["']?{re.escape(profile)}["']?\s*\]\s*(#.*)?""")
        begin = next((number for number, line in enumerate(lines, 1) if header.fullmatch(line)), 0)
        if not begin:
            lines += [*([""] if lines else []), f"[profiles.{key}]"]
            begin = len(lines)
    for name, value in values.items():
        end = next(
            (number for number in range(begin, len(lines)) if lines[number].lstrip().startswith("[")), len(lines)
        )
        own = re.compile(rf"""(\s*{name}\s*=\s*)("[^"]*"|'[^']*')(.*)""")
        for number in range(begin, end):
            if found := own.fullmatch(lines[number]):
                lines[number] = f'{found[1]}"{value}"{found[3]}'
                break
        else:
            while end > begin and not lines[end - 1].strip():
                end -= 1
            lines.insert(end, f'{name} = "{value}"')
    return newline.join(lines) + newline


def _contains(text: str, document: dict[str, Any], profile: str | None, values: Mapping[str, str]) -> bool:
    """Return whether a text has the settings, and all that the document has."""
    import tomllib  # noqa: PLC0415  (not needed by other commands)

    wanted = copy.deepcopy(document)
    table = wanted if profile is None else wanted.setdefault("profiles", {}).setdefault(profile, {})
    table.update(values)
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _users_file() -> Path:
    from platformdirs import user_config_path  # noqa: PLC0415  (only where nothing was read)

    return user_config_path("smartkasa", appauthor=False) / FILE_NAME
