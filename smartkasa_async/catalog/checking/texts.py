"""Titles, articles and other words of price lists."""

from __future__ import annotations

from smartkasa_async.catalog.problems import RuleBrokenError

__all__ = ["parse_text", "parse_title"]


def parse_title(text: str) -> str:
    """Read a title.

    Raises:
        RuleBrokenError: `line_break` or `letters_unreadable`.
    """
    if "\n" in text or "\r" in text:
        raise RuleBrokenError("line_break")
    return parse_text(text)


def parse_text(text: str) -> str:
    """Read any text, with single spaces.

    Raises:
        RuleBrokenError: `letters_unreadable`.
    """
    if "\ufffd" in text:
        raise RuleBrokenError("letters_unreadable")
    return " ".join(text.split())
