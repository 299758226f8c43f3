"""Characters that nobody sees, as spreadsheets and web pages bring them into cells."""

from __future__ import annotations

import re

# Controls but line breaks and tabs, soft hyphens, joiners, fillers, marks of direction and of order, invisible signs.
# Selectors of variants and tags are left out, since they are parts of emojis.
_UNPRINTABLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0001"
)
_FILLERS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
"""Signs without a shape that count as letters and the like."""
_SPACES = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_INVISIBLE = re.compile(f"[{_UNPRINTABLE}{_FILLERS}]+")
_SPACE = re.compile(f"[{_SPACES}]")
_ENDS = re.compile(rf"\A[\s{_UNPRINTABLE}{_FILLERS}]+|[\s{_UNPRINTABLE}{_FILLERS}]+\Z")


def is_plain(text: str) -> bool:
    """Tell quickly that a text has nothing invisible in it, nor any space but the plain one.

    Args:
        text: Any text; one with line breaks or tabs is not plain.
    """
    return text.isprintable() and not any(filler in text for filler in _FILLERS)


def without_invisible(text: str) -> str:
    """Take what is invisible out of a header, a number or a code, and make plain spaces of all others."""
    return text if text.isascii() else _SPACE.sub(" ", _INVISIBLE.sub("", text))


def trimmed(text: str) -> str:
    """Take spaces and what is invisible off the ends of a text; inside, it may join two emojis to one."""
    return _ENDS.sub("", text)
