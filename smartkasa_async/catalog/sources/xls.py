"""Old workbooks (XLS): letters of one byte in an undeclared code page, hidden rows, errors of formulas.

Excel 95 keeps all texts in single bytes; Excel 97 keeps them in Unicode, and some programs write other bytes there.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

from smartkasa_async.catalog.sources.cells import ConvertedCell
from smartkasa_async.catalog.sources.encodings import canonical, one_byte_letters, pick_tokens, weigh
from smartkasa_async.catalog.sources.letters import CYRILLIC
from smartkasa_async.catalog.sources.sheet_marks import NO_MARKS, SheetMarks
from smartkasa_async.catalog.sources.text_file import doubt_about_encoding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from smartkasa_async.catalog.sources.questions import Doubt

_BEGINNING = re.compile(rb"\x09\x08[\x08\x10]\x00\x00([\x05\x06])\x05\x00", re.DOTALL)
_ALIGNMENT = 64
_CODE_PAGE = 0x0042
_MOST_RECORDS = 40
_LAST_BYTE = 255
_EXCEL_97 = 6
_UNICODE, _WESTERN = 1200, 1252
_NAMES = {20866: "koi8-r", 21866: "koi8-u", 28595: "iso8859-5", 10007: "mac-cyrillic", 10017: "mac-cyrillic"}

_FREE = 0xFFFFFFFA
"""Numbers of sectors from here on mean that a chain ends."""
_BEGIN, _SHEET, _ROW, _END = 0x0809, 0x0085, 0x0208, 0x000A
_IS_HIDDEN = 0x20
_MARKED = re.compile(
    rb"\x08\x02\x10\x00.{12}[\x20-\x3f\x60-\x7f\xa0-\xbf\xe0-\xff]|\x05\x02\x08\x00.{7}\x01|\x06\x00.{8}\x02.{5}\xff\xff",
    re.DOTALL,
)
"""What records of hidden rows and errors look like; a workbook without them need not be read record by record."""
_VALUE, _FORMULA = 0x0205, 0x0006
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


class _CodePage(NamedTuple):
    position: int
    version: int
    number: int


class Letters(NamedTuple):
    """How the letters of one byte in a workbook are read.

    Attributes:
        encoding: Their encoding; None where they are in Unicode already.
        doubts: The question which encoding is right, where it is unknown.
    """

    encoding: str | None = None
    doubts: tuple[Doubt, ...] = ()


def with_plain_code_page(content: bytes) -> tuple[bytes, Letters | None]:
    """Let a workbook declare that its letters are Western, so that each byte can be distinguished from what is read.

    Returns:
        It, and what it declared before; None where it declares nothing.
    """
    page = _find(content)
    if page is None:
        return content, None
    plain = struct.pack("<H", _UNICODE if page.version == _EXCEL_97 else _WESTERN)
    declared = "cp1252" if page.version == _EXCEL_97 else _NAMES.get(page.number) or canonical(f"cp{page.number}")
    return content[: page.position] + plain + content[page.position + 2 :], Letters(declared)


def _find(content: bytes) -> _CodePage | None:
    for begin in _BEGINNING.finditer(content):
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


def find_letters(workbook: Any, declared: Letters, given: str | None) -> Letters:
    """Determine how the letters of one byte are encoded, by all texts of a workbook."""
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
    found = weigh(tokens, declared=declared.encoding)
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
    """Return the bytes of a text that was read as Western; None for ASCII, and for other letters."""
    if text.isascii():
        return None
    table = one_byte_letters("cp1252")
    numbers = [number if (number := ord(letter)) <= _LAST_BYTE else table.get(letter, -1) for letter in text]
    return None if -1 in numbers else bytes(numbers)


def marks_of_xls(content: bytes, index: int, used: Collection[int]) -> SheetMarks:
    """Find the hidden rows of a sheet of an old workbook, and the errors that its cells show.

    Args:
        content: The workbook.
        index: Number of the sheet among all, from 0.
        used: Positions of the columns whose cells count.
    """
    stream = _stream(content)
    if _MARKED.search(stream) is None:
        return NO_MARKS
    starts = [struct.unpack_from("<I", data)[0] for kind, data in _records(stream, 0) if kind == _SHEET]
    if index >= len(starts):
        return NO_MARKS
    hidden: set[int] = set()
    cells: dict[int, dict[int, str]] = {}
    for kind, data in _records(stream, starts[index]):
        if kind == _ROW and len(data) >= 16 and struct.unpack_from("<H", data, 12)[0] & _IS_HIDDEN:  # noqa: PLR2004
            hidden.add(struct.unpack_from("<H", data)[0] + 1)
        elif (error := _error_of(kind, data)) is not None:
            row, column = struct.unpack_from("<HH", data)
            if column in used:
                cells.setdefault(row + 1, {})[column] = ConvertedCell(error, "cell_error")
    return NO_MARKS._replace(hidden_rows=frozenset(hidden), cells=cells)


def _error_of(kind: int, data: bytes) -> str | None:
    """Return the error that a cell shows; None for other records."""
    if kind == _VALUE and len(data) >= 8 and data[7] == 1:  # noqa: PLR2004
        return _ERRORS.get(data[6], "#N/A")
    if kind == _FORMULA and len(data) >= 14 and data[6] == 2 and data[12:14] == b"\xff\xff":  # noqa: PLR2004
        return _ERRORS.get(data[8], "#N/A")
    return None


def _records(stream: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a part of the workbook's stream; charts within it are parts of their own."""
    depth = 0
    while position + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, position)
        depth += (kind == _BEGIN) - (kind == _END)
        if not depth:
            return
        if depth == 1:
            yield kind, stream[position + 4 : position + 4 + size]
        position += 4 + size


def _stream(content: bytes) -> bytes:
    """Return the stream of the workbook out of its container; nothing where it is in none of the usual form."""
    try:
        size = 1 << struct.unpack_from("<H", content, 30)[0]
        tables = [sector for sector in struct.unpack_from("<109I", content, 76) if sector < _FREE]
        tables += _further_tables(content, size)
        table = b"".join(_sector(content, size, sector) for sector in tables)
        chain = struct.unpack(f"<{len(table) // 4}I", table)
        directory = _chained(content, size, chain, struct.unpack_from("<I", content, 48)[0])
        for position in range(0, len(directory), 128):
            length = struct.unpack_from("<H", directory, position + 64)[0]
            name = directory[position : position + max(length - 2, 0)].decode("utf-16-le", "replace")
            if name in {"Workbook", "Book"}:
                first, count = struct.unpack_from("<II", directory, position + 116)
                return _chained(content, size, chain, first)[:count]
    except (struct.error, IndexError):
        pass
    return b""


def _further_tables(content: bytes, size: int) -> list[int]:
    """List the sectors of the table of sectors that a large container names outside its header."""
    found: list[int] = []
    sector, count = struct.unpack_from("<II", content, 68)
    for _ in range(min(count, len(content) // size)):
        numbers = struct.unpack(f"<{size // 4}I", _sector(content, size, sector))
        found += [number for number in numbers[:-1] if number < _FREE]
        sector = numbers[-1]
    return found


def _chained(content: bytes, size: int, chain: tuple[int, ...], sector: int) -> bytes:
    parts: list[bytes] = []
    while sector < _FREE and len(parts) <= len(chain):
        parts.append(_sector(content, size, sector))
        sector = chain[sector]
    return b"".join(parts)


def _sector(content: bytes, size: int, number: int) -> bytes:
    start = (number + 1) * size
    return content[start : start + size]
