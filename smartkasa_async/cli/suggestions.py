"""What a mistyped word may have meant, as it is told to people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._support.nearest import nearest
from smartkasa_async.cli.catalogue import COMMANDS
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MOST = 3


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Ask whether a known name was meant; None where none is like the word."""
    return _asked(nearest(word, known))


def likely_commands(path: str, words: Sequence[str]) -> str | None:
    """Ask whether another command was meant.

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
    """Make one hint of the parts that there are."""
    return "\n".join(part for part in parts if part) or None


def _asked(names: Sequence[str]) -> str | None:
    return _("Did you mean {names}?", names=", ".join(names)) if names else None
