"""Workbooks are ZIP packages: what a package holds is measured before it is unpacked into memory."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

from smartkasa_async._phrases import phrase
from smartkasa_async.catalog.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_package", "require_size"]

_LARGEST = 1 << 30
"""Bytes; the sheet of a million rows of ten columns has about half of it."""
_MOST_CELLS = 30_000_000
"""Cells between a sheet's corners, empty ones included, as they take memory too."""
_CHUNK_SIZE = 1 << 20
_LONGEST_TAG = 1 << 12

_XLSX_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_WIDE = re.compile(rb"=\s*[\"'][A-Za-z]{2,3}\d")
_WITHOUT_REFERENCE = re.compile(rb"<c(?!\s+r\s*=)[\s/>]")
_WITH_PREFIX = re.compile(rb":c[\s/>]")
_COLUMN = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{1,3})\d")
_ROW = re.compile(rb"\sr\s*=\s*[\"'][A-Za-z]{0,3}(\d{1,9})")
_ROW_START = re.compile(rb"<(?:\w{1,20}:)?row[\s>]")
_ODS_TAG = re.compile(rb"<table:(?:(table)|table-(row)|(?:covered-)?table-(cell))(?=[\s/>])([^>]*)>")
_ROWS_REPEATED = re.compile(rb"number-rows-repeated\s*=\s*[\"'](\d{1,9})")
_COLUMNS_REPEATED = re.compile(rb"number-columns-repeated\s*=\s*[\"'](\d{1,9})")
_HAS_VALUE = re.compile(rb"value-type\s*=")


def require_size(name: str, size: int) -> None:
    """Refuse a workbook that is far too large before it is read.

    Args:
        name: Name of the file.
        size: Its size, or what it says to have when unpacked, bytes.

    Raises:
        SourceError: It is far larger than any price list.
    """
    if size > _LARGEST:
        raise _too_large(name)


def check_package(name: str, content: IO[bytes]) -> str:
    """Make sure that a workbook can be unpacked and fits into memory.

    Args:
        name: Name of the file.
        content: What it holds.

    Returns:
        Its format, `XLSX` or `ODS`.

    Raises:
        SourceError: The package is damaged, is not a workbook, or is far larger unpacked than any price list.
    """
    try:
        with zipfile.ZipFile(content) as package:
            members = package.infolist()
            require_size(name, sum(member.file_size for member in members))
            return _check_members(name, package, members)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceError(
            phrase(
                "{file} is damaged or protected ({reason}); save it anew as XLSX without a password",
                file=name,
                reason=error,
            )
        ) from error


def _check_members(name: str, package: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> str:
    names = {member.filename for member in members}
    if "xl/workbook.bin" in names:
        raise SourceError(phrase("{file} is a binary workbook (XLSB); save it as XLSX", file=name))
    if "xl/workbook.xml" not in names and "content.xml" not in names:
        raise SourceError(
            phrase("{file} is a ZIP archive and not a workbook; unpack it and give the file inside", file=name)
        )
    for member in members:
        if _cells(package, member) > _MOST_CELLS:
            raise _too_large(name)
    return "XLSX" if "xl/workbook.xml" in names else "ODS"


def _too_large(name: str) -> SourceError:
    return SourceError(
        phrase(
            "{file} is far too large when unpacked; a cell far away from the table may be filled: copy the table into a"
            " new workbook, or save it as CSV",
            file=name,
        )
    )


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Read a member to its end, which is where its check sum is compared."""
    while chunk := file.read(_CHUNK_SIZE):
        yield chunk


def _cells(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """Read a member to its end, and count the cells between the corners of the sheet that it is, 0 for no sheet."""
    with package.open(member) as file:
        if member.filename == "content.xml":
            return _ods_cells(file)
        if not _XLSX_SHEET.fullmatch(member.filename) or _is_narrow(file):
            for _ in _chunks(file):
                pass
            return 0
    with package.open(member) as file:
        return _xlsx_cells(file)


def _is_narrow(file: IO[bytes]) -> bool:
    """Tell whether all cells of a sheet stand in the columns A to Z, which fit into memory up to the last row."""
    rest = b""
    for chunk in _chunks(file):
        text, _, rest = (rest + chunk).rpartition(b">")
        if any(unusual.search(text) for unusual in (_WIDE, _WITHOUT_REFERENCE, _WITH_PREFIX)):
            return False
        if len(rest) > _LONGEST_TAG:
            return False
    return True


def _xlsx_cells(file: IO[bytes]) -> int:
    """Multiply the last row by the last column, which references show or, without these, the count of cells."""
    columns: set[bytes] = set()
    last_row = widest = width = 0
    rest = b""
    for chunk in _chunks(file):
        text = rest + chunk
        columns.update(_COLUMN.findall(text))
        last_row = max(last_row, *map(int, set(_ROW.findall(text))), 0)
        # Comments might hold what looks like a row.
        for number, row in enumerate([chunk] if b"<!" in chunk else _ROW_START.split(chunk)):
            width = row.count(b"/c>") + row.count(b":c>") + (0 if number else width)
            widest = max(widest, width)
        rest = text[-_LONGEST_TAG:]
    return last_row * max(widest, *map(_column_number, columns), 0)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _ods_cells(file: IO[bytes]) -> int:
    """Multiply rows by columns up to the last filled cell of each sheet, and take the largest."""
    most = rows = rows_filled = columns = columns_filled = repeated = 0
    rest = b""
    for chunk in _chunks(file):
        text = rest + chunk
        end = 0
        for tag in _ODS_TAG.finditer(text):
            end = tag.end()
            sheet, row, cell, attributes = tag.groups()
            if sheet:
                most, rows, rows_filled, columns_filled = max(most, rows_filled * columns_filled), 0, 0, 0
            elif row:
                repeated = _times(_ROWS_REPEATED, attributes)
                rows, columns = rows + repeated, 0
            elif cell:
                columns += _times(_COLUMNS_REPEATED, attributes)
                if _HAS_VALUE.search(attributes):
                    rows_filled, columns_filled = rows, max(columns_filled, columns)
        rest = text[max(end, len(text) - _LONGEST_TAG) :]
    return max(most, rows_filled * columns_filled)


def _times(repeated: re.Pattern[bytes], attributes: bytes) -> int:
    found = repeated.search(attributes)
    return int(found[1]) if found else 1
