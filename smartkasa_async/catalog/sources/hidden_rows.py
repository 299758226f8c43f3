"""Hidden rows of workbooks that are no XLSX, ODS and XLS, and errors of formulas in XLS."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from smartkasa_async.catalog.sources.cells import ConvertedCell
from smartkasa_async.catalog.sources.sheet_marks import NO_MARKS, SheetMarks

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Collection, Iterator

_INVISIBLE = re.compile(rb'table:visibility\s*=\s*["\'](?:collapse|filter)["\']')
_REPEATED = re.compile(rb'number-rows-repeated\s*=\s*["\'](\d{1,7})["\']')
_ROW_START = b"<table:table-row"
_SPACES = b" \t\r\n/>"

_FREE = 0xFFFFFFFA
"""Numbers of sectors from here on say that a chain ends."""
_BEGIN, _SHEET, _ROW, _END = 0x0809, 0x0085, 0x0208, 0x000A
_IS_HIDDEN = 0x20
_MARKED = re.compile(
    rb"\x08\x02\x10\x00.{12}[\x20-\x3f\x60-\x7f\xa0-\xbf\xe0-\xff]|\x05\x02\x08\x00.{7}\x01|\x06\x00.{8}\x02.{5}\xff\xff",
    re.DOTALL,
)
"""What records of hidden rows and errors look like; a workbook without them need not be read record by record."""
_VALUE, _FORMULA = 0x0205, 0x0006
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def marks_of_ods(package: zipfile.ZipFile, sheet: str) -> SheetMarks:
    """Find the hidden rows of a sheet of OpenDocument, by hand, by a filter or in a closed group.

    Args:
        package: The open package.
        sheet: Name of the sheet.
    """
    content = package.read("content.xml")
    start = content.find(f"table:name={quoteattr(sheet)}".encode())
    if start < 0 or _INVISIBLE.search(content) is None:
        return NO_MARKS
    end = content.find(b"</table:table>", start)
    hidden: set[int] = set()
    line = 0
    for row in content[start:end].split(_ROW_START)[1:]:
        if row[:1] not in _SPACES:
            continue
        attributes, _, cells = row.partition(b">")
        repeated = _REPEATED.search(attributes)
        count = int(repeated[1]) if repeated else 1
        if b"value-type" in cells and _INVISIBLE.search(attributes):
            hidden.update(range(line + 1, line + count + 1))
        line += count
    return NO_MARKS._replace(hidden_rows=frozenset(hidden))


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
    """Give the error that a cell shows; None for other records."""
    if kind == _VALUE and len(data) >= 8 and data[7] == 1:  # noqa: PLR2004
        return _ERRORS.get(data[6], "#N/A")
    if kind == _FORMULA and len(data) >= 14 and data[6] == 2 and data[12:14] == b"\xff\xff":  # noqa: PLR2004
        return _ERRORS.get(data[8], "#N/A")
    return None


def _records(stream: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """Give the records of a part of the workbook's stream; charts within it are parts of their own."""
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
    """Give the stream of the workbook out of its container; nothing where it is in none of the usual form."""
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
