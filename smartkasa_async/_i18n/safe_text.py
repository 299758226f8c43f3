"""Text of others where it leaves the program: what a terminal, a log or a reader would be deceived by becomes visible.

A title, a header or a name of a file may hold what moves the cursor, colours the text, sets the title of the window,
makes a link, or turns the order of letters around.
"""

from __future__ import annotations

import re

# C0 but tab and line feed, C1, separators of lines, what turns the direction of writing, and halves of characters,
# which names of files have that are not UTF-8.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""Write what controls a terminal or the direction of writing as escapes: `\x1b`, `\u202e`.

    Args:
        text: Any text; tabs and line feeds stay.
    """
    return _UNSAFE.sub(_escape, text)


def one_line(text: str) -> str:
    r"""Write the same characters as `visible` does, and line feeds as `\n`, so that one error is one line of a log."""
    return visible(text).replace("\n", "\\n")


def escaped_json(text: str) -> str:
    """Write the same letters of a JSON document as its own escapes, which mean what they meant.

    Args:
        text: JSON, in which such letters can stand in strings alone.
    """
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def visible_json(text: str) -> str:
    """Do to the strings of JSON what `visible` does to a text, but for C0, which stands in them as escapes."""
    return _UNSAFE.sub(lambda found: f"\\{_escape(found)}", text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004
