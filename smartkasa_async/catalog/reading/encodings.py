"""How the letters of a file are encoded, by its first bytes that are not ASCII."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["detect_encoding"]

# The longer mark first: a UTF-32 one begins like a UTF-16 one.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ONE_BYTE = ("cp1251", "cp866", "cp1125")
"""Windows-1251, DOS as in Russia and DOS as in Ukraine (РСТ 2018-91), which differ in a few Ukrainian letters only."""

_FREQUENT = frozenset("абвгдежзийклмнопрстуфхцчшщыьэюяіїєАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЫЬЭЮЯІЇЄ")
_POSSIBLE = frozenset("ґҐёЁъЪ№«»–—’“”„…°•₴®™©\u00a0")
_SHARE_OF_HIGH_BYTES = 0.8


def detect_encoding(chunks: Iterable[bytes]) -> str:
    """Find out how a file's letters are encoded.

    Args:
        chunks: The file from its beginning; taken until one holds something else than ASCII, which decides.

    Returns:
        The encoding that a byte order mark names; else UTF-16 where every other byte is the high byte of a letter;
        else UTF-8, where that is possible; else the one-byte encoding that makes the most letters.
    """
    beginning = True
    for chunk in chunks:
        if beginning:
            for mark, encoding in _BYTE_ORDER_MARKS:
                if chunk.startswith(mark):
                    return encoding
            if b"\0" in chunk:
                return _utf_16(chunk) or "utf-8"
        beginning = False
        if not chunk.isascii():
            try:
                codecs.getincrementaldecoder("utf-8")().decode(chunk)
            except UnicodeDecodeError:
                return max(_ONE_BYTE, key=lambda encoding: _letters(chunk, encoding))
            return "utf-8"
    return "utf-8"


def _utf_16(chunk: bytes) -> str | None:
    """Tell the byte order of UTF-16, whose high bytes are 0 for ASCII and 4 for Cyrillic letters."""
    pairs = max(1, len(chunk) // 2)
    even, odd = (sum(half.count(high) for high in (0, 4)) / pairs for half in (chunk[::2], chunk[1::2]))
    if odd >= _SHARE_OF_HIGH_BYTES > even:
        return "utf-16-le"
    return "utf-16-be" if even >= _SHARE_OF_HIGH_BYTES > odd else None


def _letters(chunk: bytes, encoding: str) -> int:
    """Count the frequent letters, and take off what price lists hardly have."""
    text = chunk.decode(encoding, "replace")
    score = 0
    for character in set(text):
        if character in _FREQUENT:
            score += text.count(character)
        elif not character.isascii() and character not in _POSSIBLE:
            score -= 2 * text.count(character)
    return score
