"""The form of request bodies that the service of a profile was found to take, where the settings leave it open."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

import msgspec

from smartkasa_async._support.files import replace_file
from smartkasa_async.cli.secrets import state_folder

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.cli.configuration import Configuration
    from smartkasa_async.settings import WireForm, WireSetting


class _Kept(msgspec.Struct, frozen=True):
    base_url: str
    wire: Literal["flat", "enveloped"]


def wire_of(settings: Configuration, base_url: str) -> tuple[WireSetting, str]:
    """Choose the form of request bodies: what is set, else what was found out, and say who says so.

    Args:
        settings: The settings of this run.
        base_url: Address of the service.
    """
    found = settings.found["wire"]
    if settings.wire == "auto":
        path = _path(settings)
        with suppress(OSError, msgspec.DecodeError):
            kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
            if kept.base_url == base_url:
                return kept.wire, str(path)
    return settings.wire, found.source


def keep_wire(settings: Configuration, base_url: str, wire: WireForm) -> None:
    """Keep the form that was found, for the next commands of the profile; nothing where the settings say one.

    Args:
        settings: The settings of this run.
        base_url: Address of the service.
        wire: The form in which its client sends bodies.
    """
    if settings.wire != "auto" or wire == wire_of(settings, base_url)[0]:
        return
    if wire == "flat":  # what a client begins with
        forget_wire(settings)
        return
    path = _path(settings)
    with suppress(OSError):  # it is found out anew with the next command
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, msgspec.json.encode(_Kept(base_url, wire)))


def forget_wire(settings: Configuration) -> None:
    """Forget what was found out for the profile."""
    with suppress(OSError):
        _path(settings).unlink(missing_ok=True)


def _path(settings: Configuration) -> Path:
    return state_folder() / "wire" / f"{settings.profile}.json"
