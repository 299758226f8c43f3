"""Titles, articles and other words of price lists."""

from __future__ import annotations

import re

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.garbled import is_garbled
from smartkasa_async.catalog.sources.invisible import without_invisible

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")


def one_line_text(text: str) -> str:
    """Bring a text of the service into the form that price lists have: one line, single spaces, no control signs."""
    return " ".join(_CONTROLS.sub("", text).split())


def seen_text(text: str) -> str:
    """Reduce a text to what can be seen of it, by which two are compared."""
    return one_line_text(without_invisible(one_line_text(text)))


def parse_title(text: str) -> str:
    """Read a title.

    Raises:
        RuleViolationError: `line_break`, `letters_unreadable` or `letters_garbled`.
    """
    if "\n" in text or "\r" in text:
        raise RuleViolationError("line_break")
    return parse_text(text)


def parse_text(text: str) -> str:
    """Read any text, with single spaces.

    Raises:
        RuleViolationError: `letters_unreadable` or `letters_garbled`.
    """
    if "\ufffd" in text:
        raise RuleViolationError("letters_unreadable")
    if is_garbled(text):
        raise RuleViolationError("letters_garbled")
    return " ".join(text.split())
