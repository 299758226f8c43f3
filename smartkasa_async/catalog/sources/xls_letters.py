"""Letters of old workbooks (XLS), which have one byte each, and a code page that need not be the one they are in.

Excel 95 keeps all texts so; Excel 97 keeps them in Unicode, and some programs write bytes of another set there.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from smartkasa_async.catalog.sources.encodings import canonical, one_byte_letters, pick_tokens, weigh
from smartkasa_async.catalog.sources.letters import CYRILLIC
from smartkasa_async.catalog.sources.text_file import doubt_about_encoding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smartkasa_async.catalog.sources.questions import Doubt

_BEGIN = re.compile(rb"\x09\x08[\x08\x10]\x00\x00([\x05\x06])\x05\x00", re.DOTALL)
_ALIGNMENT = 64
_CODE_PAGE = 0x0042
_MOST_RECORDS = 40
_LAST_BYTE = 255
_EXCEL_97 = 6
_UNICODE, _WESTERN = 1200, 1252
_NAMES = {20866: "koi8-r", 21866: "koi8-u", 28595: "iso8859-5", 10007: "mac-cyrillic", 10017: "mac-cyrillic"}


class _CodePage(NamedTuple):
    position: int
    version: int
    number: int


class Letters(NamedTuple):
    """How the letters of one byte in a workbook are read.

    Attributes:
        encoding: Their encoding; None where they are in Unicode already.
        doubts: The question which encoding is right, where nothing tells.
    """

    encoding: str | None = None
    doubts: tuple[Doubt, ...] = ()


def with_plain_code_page(content: bytes) -> tuple[bytes, Letters | None]:
    """Let a workbook say that its letters are Western, so that each byte can be told from what is read.

    Args:
        content: The workbook.

    Returns:
        It, and what it said before; None where it says nothing.
    """
    page = _find(content)
    if page is None:
        return content, None
    plain = struct.pack("<H", _UNICODE if page.version == _EXCEL_97 else _WESTERN)
    said = "cp1252" if page.version == _EXCEL_97 else _NAMES.get(page.number) or canonical(f"cp{page.number}")
    return content[: page.position] + plain + content[page.position + 2 :], Letters(said)


def _find(content: bytes) -> _CodePage | None:
    for begin in _BEGIN.finditer(content):
        position = begin.start()
        if position % _ALIGNMENT:
            continue
        for _ in range(_MOST_RECORDS):
            if position + 6 > len(content):
                break
            kind, size, number = struct.unpack_from("<HHH", content, position)
            if kind == _CODE_PAGE:
                return _CodePage(position + 4, begin[1][0], number)
            position += 4 + size
    return None


def find_letters(workbook: Any, said: Letters, given: str | None) -> Letters:
    """Find out how the letters of one byte are encoded, by all texts of a workbook.

    Args:
        workbook: The workbook, opened with the plain code page.
        said: What it said before.
        given: What the caller knows.
    """
    lines: list[bytes] = []
    for text in _texts(workbook):
        if CYRILLIC.intersection(text):
            return Letters()
        raw = _bytes_of(text)
        if raw is not None:
            lines.append(raw)
    if not lines:
        return Letters()
    if given is not None:
        return Letters(given)
    tokens = pick_tokens([b"\n".join(lines)])
    found = weigh(tokens, declared=said.encoding)
    doubts = (doubt_about_encoding(tokens, found.choices),) if len(found.choices) > 1 else ()
    return Letters(found.encoding, doubts)


def _texts(workbook: Any) -> Iterator[str]:
    for name in workbook.sheet_names:
        yield name
        for row in workbook.get_sheet_by_name(name).iter_rows():
            yield from (cell for cell in row if isinstance(cell, str) and not cell.isascii())


def decoded(rows: Iterable[list[Any]], letters: Letters) -> Iterator[list[Any]]:
    """Read the texts of rows in the encoding that was found."""
    encoding = letters.encoding
    if encoding is None:
        return iter(rows)
    return ([decoded_text(cell, encoding) if isinstance(cell, str) else cell for cell in row] for row in rows)


def decoded_text(text: str, encoding: str | None) -> str:
    """Read a text in the encoding that was found; one that has letters of two bytes stays as it is."""
    raw = None if encoding is None else _bytes_of(text)
    return text if raw is None or encoding is None else raw.decode(encoding, "replace")


def _bytes_of(text: str) -> bytes | None:
    """Give the bytes of a text that was read as Western; None for ASCII, and for other letters."""
    if text.isascii():
        return None
    table = one_byte_letters("cp1252")
    numbers = [number if (number := ord(letter)) <= _LAST_BYTE else table.get(letter, -1) for letter in text]
    return None if -1 in numbers else bytes(numbers)
