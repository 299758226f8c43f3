"""Titles, articles and other words of price lists."""

from __future__ import annotations

import re

from smartkasa_async.catalog.problems import RuleBrokenError
from smartkasa_async.catalog.reading.garbled import is_garbled

__all__ = ["one_line_text", "parse_text", "parse_title", "seen_text"]

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def one_line_text(text: str) -> str:
    """Bring a text of the service into the form that price lists have: one line, single spaces, no control signs."""
    return " ".join(_CONTROLS.sub("", text).split())


def seen_text(text: str) -> str:
    """Reduce a text to what can be seen of it, by which two are compared."""
    return one_line_text(_UNSEEN.sub("", text))


def parse_title(text: str) -> str:
    """Read a title.

    Raises:
        RuleBrokenError: `line_break`, `letters_unreadable` or `letters_garbled`.
    """
    if "\n" in text or "\r" in text:
        raise RuleBrokenError("line_break")
    return parse_text(text)


def parse_text(text: str) -> str:
    """Read any text, with single spaces.

    Raises:
        RuleBrokenError: `letters_unreadable` or `letters_garbled`.
    """
    if "\ufffd" in text:
        raise RuleBrokenError("letters_unreadable")
    if is_garbled(text):
        raise RuleBrokenError("letters_garbled")
    return " ".join(text.split())
