"""Workbooks of Excel 95 and 97 made by hand, byte for byte, with letters in whatever encoding a writer might use."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_BIFF_5, _BIFF_8 = 0x0500, 0x0600
_GLOBALS, _SHEET = 0x0005, 0x0010


def write_xls(
    path: Path,
    rows: Sequence[Sequence[str | float]],
    *,
    encoding: str,
    code_page: int,
    version: int = 5,
    wide: bool = False,
    sheet: bytes = b"List",
) -> Path:
    """Write a workbook of one sheet.

    Args:
        path: Where.
        rows: Its cells; an empty text is no cell.
        encoding: How letters of one byte are written.
        code_page: What the workbook says that to be.
        version: 5 for Excel 95, 8 for Excel 97.
        wide: Whether texts have two bytes a letter, as Excel 97 writes them.
        sheet: Name of the sheet, encoded.
    """
    biff = _BIFF_8 if version == 8 else _BIFF_5
    begin = struct.pack("<HHHH", biff, 0, 0x0DBB, 1996) + (b"\0" * 8 if version == 8 else b"")
    begin_globals = _record(0x0809, begin[:2] + struct.pack("<H", _GLOBALS) + begin[4:])
    begin_sheet = _record(0x0809, begin[:2] + struct.pack("<H", _SHEET) + begin[4:])
    author = _record(0x005C, b" " * 112)
    page = _record(0x0042, struct.pack("<H", code_page))
    name = bytes([len(sheet)]) + (b"\0" if biff == _BIFF_8 else b"") + sheet
    size = len(begin_globals) + len(author) + len(page) + 4 + 6 + len(name) + 4
    bound = _record(0x0085, struct.pack("<IH", size, 0) + name)
    cells = b"".join(
        _cell(row, column, value, encoding, biff, wide=wide)
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value != ""
    )
    width = max(map(len, rows))
    corners = struct.pack("<HHHHH", 0, len(rows), 0, width, 0)
    if biff == _BIFF_8:
        corners = struct.pack("<IIHHH", 0, len(rows), 0, width, 0)
    end = _record(0x000A, b"")
    stream = begin_globals + author + page + bound + end + begin_sheet + _record(0x0200, corners) + cells + end
    path.write_bytes(_compound("Workbook" if biff == _BIFF_8 else "Book", stream))
    return path


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _cell(row: int, column: int, value: str | float, encoding: str, biff: int, *, wide: bool) -> bytes:
    head = struct.pack("<HHH", row, column, 0)
    if not isinstance(value, str):
        return _record(0x0203, head + struct.pack("<d", value))
    text = value.encode("utf-16-le" if wide else encoding)
    flag = (b"\1" if wide else b"\0") if biff == _BIFF_8 else b""
    return _record(0x0204, head + struct.pack("<H", len(value) if wide else len(text)) + flag + text)


def _compound(name: str, stream: bytes) -> bytes:
    """Put a stream into a file of the kind that Excel's binary workbooks are."""
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    count = len(stream) // _SECTOR
    head = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\0" * 16, 0x3E, 3, 0xFFFE, 9, 6, b"\0" * 6, 0, 1, 1, 0, 4096, _END, 0,
        _END, 0,
    )  # fmt: skip
    head += struct.pack("<I", 0) + struct.pack("<I", _FREE) * 108
    chain = [_FAT, _END, *range(3, count + 2), _END]
    assert len(chain) <= _SECTOR // 4
    table = struct.pack(f"<{len(chain)}I", *chain) + struct.pack("<I", _FREE) * (_SECTOR // 4 - len(chain))
    entries = _entry("Root Entry", 5, 1, _END, 0) + _entry(name, 2, _FREE, 2, len(stream))
    return head + table + entries.ljust(_SECTOR, b"\0") + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ", text, len(text), kind, 1, _FREE, _FREE, child, b"\0" * 16, 0, 0, 0, start, size
    )
