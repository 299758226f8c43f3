"""Likely meanings of mistyped words: commands, options and names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._support.nearest import nearest
from smartkasa_async.cli.command_table import COMMANDS
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_MOST = 3


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Suggest known names that are like a word; None if there are none."""
    return _asked(nearest(word, known))


def likely_options(option: str, known: Iterable[str]) -> str | None:
    """Suggest options that are like a word, or else those that have it among their words."""
    options = [name for name in known if name.startswith("--")]
    parts = option.strip("-").split("-")
    return _asked(nearest(option, options) or [name for name in options if set(parts) < set(name.split("-"))][:_MOST])


def likely_commands(path: str, words: Sequence[str]) -> str | None:
    """Suggest other commands.

    Args:
        path: Words that were understood, such as `products`.
        words: Those that were not, and what follows.
    """
    below = {command.removeprefix(f"{path} ") for command in COMMANDS if not path or command.startswith(f"{path} ")}
    wholes = nearest(" ".join(words[:2]), below) if len(words) > 1 and not words[1].startswith("-") else []
    firsts = nearest(words[0], dict.fromkeys(command.split()[0] for command in below))
    last = {command: command.split()[-1] for command in COMMANDS}  # which may stand in another group
    found = [command for command in last if last[command] == words[0]]
    found += [f"{path} {each}".strip() for each in (*wholes, *firsts)]
    found = found or [command for each in nearest(words[0], last.values()) for command in last if last[command] == each]
    return _asked([f"smartkasa {each}" for each in dict.fromkeys(found)][:_MOST])


def hint_of(*parts: str | None) -> str | None:
    """Join the parts that are not empty."""
    return "\n".join(part for part in parts if part) or None


def _asked(names: Sequence[str]) -> str | None:
    return _("Did you mean {names}?", names=", ".join(names)) if names else None
