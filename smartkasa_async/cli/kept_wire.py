"""The form of request bodies that was detected, kept for the next commands of a profile."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from smartkasa_async._support.files import replace_file
from smartkasa_async.cli.credentials import state_folder

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.cli.configuration import Configuration
    from smartkasa_async.settings import WireForm, WireSetting


class _KeptForm(msgspec.Struct, frozen=True):
    base_url: str
    wire: Literal["flat", "enveloped"]


def wire_of(settings: Configuration, base_url: str) -> tuple[WireSetting, str]:
    """Return the form of request bodies and its source: the setting, else the form that was detected."""
    found = settings.found["wire"]
    if settings.wire == "auto":
        path = _path_of(settings)
        with suppress(OSError, msgspec.DecodeError):
            kept = msgspec.json.decode(path.read_bytes(), type=_KeptForm)
            if kept.base_url == base_url:
                return kept.wire, str(path)
    return settings.wire, found.source


def keep_wire(settings: Configuration, base_url: str, wire: WireForm) -> None:
    """Store the detected form for the next commands of the profile; does nothing if the settings choose one."""
    if settings.wire != "auto" or wire == wire_of(settings, base_url)[0]:
        return
    if wire == "flat":  # what a client begins with
        forget_wire(settings)
        return
    path = _path_of(settings)
    with suppress(OSError):  # the next command detects it again
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, msgspec.json.encode(_KeptForm(base_url, wire)))


def forget_wire(settings: Configuration) -> None:
    """Forget the detected form of the profile."""
    with suppress(OSError):
        _path_of(settings).unlink(missing_ok=True)


def _path_of(settings: Configuration) -> Path:
    return state_folder() / "wire" / f"{settings.profile}.json"
