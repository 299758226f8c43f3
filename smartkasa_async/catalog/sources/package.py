"""ZIP packages of workbooks, measured before they are unpacked."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, NamedTuple
from xml.parsers.expat import ExpatError

from smartkasa_async._i18n.message import Message, msg
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.workbook_parts import WorkbookParts, find_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS = (b"hidden=", b'ht="0', b"ht='0", b'width="0', b"width='0", b't="e"', b"t='e'", b"<f", b"mergeCell ")
"""What a sheet of mere values does not contain."""
_HIDDEN_MARKS = (b'hidden="1"', b'hidden="true"', b"hidden='1'", b"hidden='true'")


_LARGEST = 1 << 30
"""Bytes; the sheet of a million rows of ten columns has about half of it."""
_MOST_CELLS = 30_000_000
"""Cells between a sheet's corners, empty ones included, as they take memory too."""
_CHUNK_SIZE = 1 << 20
_LONGEST_TAG = 1 << 12

_ODS_KIND = b"application/vnd.oasis.opendocument.spreadsheet"
_OTHER_KINDS: tuple[tuple[str | tuple[str, ...], Message], ...] = (
    ("xl/workbook.bin", msg("a binary workbook (XLSB); save it as XLSX")),
    ("word/", msg("a document of Word; save the table in it as XLSX")),
    ("ppt/", msg("a presentation; save the table in it as XLSX")),
    ("visio/", msg("a drawing; ask for the price list as XLSX or CSV")),
    (("Index/", "Index.zip"), msg("a document of Apple Numbers; export it as XLSX")),
    ("content.xml", msg("a document of OpenOffice that is no workbook; save the table in it as XLSX")),
)
"""How the names of members begin in packages of other programs, and what these are."""

_UNUSUAL = re.compile(rb'<[cfm](?! r="[A-Z]\d)')
"""What one search shows of most chunks: that all cells name a column from A to Z, and none has a formula."""
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


def has_plain_rows(text: bytes) -> bool:
    """Return whether none of some rows is hidden or has an error; formulas are to be looked for beside."""
    return not (
        (b"hidden=" in text and any(mark in text for mark in _HIDDEN_MARKS))
        or b'ht="0' in text
        or (b"'" in text and b"ht='0" in text)
        or (b"#" in text and b't="e"' in text)
    )


def require_size(name: str, size: int) -> None:
    """Refuse a workbook that is far too large before it is read.

    Args:
        name: Name of the file.
        size: Its size, or its declared size when unpacked, bytes.

    Raises:
        SourceError: It is far larger than any price list.
    """
    if size > _LARGEST:
        raise _too_large(name)


class Package(NamedTuple):
    """What was detected about a workbook's package.

    Attributes:
        format: `XLSX` or `ODS`.
        parts: Where the parts of an XLSX workbook stand; None for ODS.
        plain: Members with sheets that have nothing but values: no formula, no error, nothing hidden or merged.
    """

    format: str
    parts: WorkbookParts | None
    plain: frozenset[str]


def check_package(name: str, content: IO[bytes]) -> Package:
    """Make sure that a workbook can be unpacked and fits into memory.

    Raises:
        SourceError: The package is damaged, is not a workbook, or is far larger unpacked than any price list.
    """
    try:
        with zipfile.ZipFile(content) as package:
            members = package.infolist()
            require_size(name, sum(member.file_size for member in members))
            return _check_members(name, package, members)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ExpatError) as error:
        raise SourceError(
            msg(
                "{file} is damaged or protected ({reason}); save it anew as XLSX without a password",
                file=name,
                reason=error,
            )
        ) from error


def _check_members(name: str, package: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Package:
    parts = find_parts(package)
    if parts is None and not _is_ods(package):
        raise SourceError(_other_kind(name, {member.filename for member in members}))
    sheets = {"content.xml"} if parts is None else set(parts.sheets.values())
    plain: set[str] = set()
    for member in members:
        cells, is_plain = _cells(package, member, is_sheet=member.filename in sheets)
        if cells > _MOST_CELLS:
            raise _too_large(name)
        if is_plain:
            plain.add(member.filename)
    return Package("ODS" if parts is None else "XLSX", parts, frozenset(plain))


def _is_ods(package: zipfile.ZipFile) -> bool:
    """Return whether a package holds a sheet of OpenDocument; some programs leave its kind out."""
    names = package.NameToInfo
    if "content.xml" not in names:
        return False
    return "mimetype" not in names or package.read("mimetype").strip().startswith(_ODS_KIND)


def _other_kind(name: str, members: set[str]) -> Message:
    """Describe what a package is that is no workbook."""
    for beginnings, kind in _OTHER_KINDS:
        if any(member.startswith(beginnings) for member in members):
            return msg("{file} is {kind}", file=name, kind=kind)
    return msg("{file} is a ZIP archive and not a workbook; unpack it and give the file inside", file=name)


def _too_large(name: str) -> SourceError:
    return SourceError(
        msg(
            "{file} is far too large when unpacked; a cell far away from the table may be filled: copy the table into a"
            " new workbook, or save it as CSV",
            file=name,
        )
    )


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    """Read a member to its end, which is where its check sum is compared."""
    while chunk := file.read(_CHUNK_SIZE):
        yield chunk


def _cells(package: zipfile.ZipFile, member: zipfile.ZipInfo, *, is_sheet: bool) -> tuple[int, bool]:
    """Read a member to its end, and count the cells between the corners of the sheet that it is, 0 for no sheet.

    Returns:
        The cells, not counted where they surely fit into memory, and whether it is an XLSX sheet of mere values.
    """
    with package.open(member) as file:
        if is_sheet and member.filename == "content.xml":
            return _ods_cells(file), False
        if not is_sheet:
            for _ in _chunks(file):
                pass
            return 0, False
        is_narrow, is_plain = _is_narrow(file)
    if is_narrow:
        return 0, is_plain
    with package.open(member) as file:
        return _xlsx_cells(file), False


def _is_narrow(file: IO[bytes]) -> tuple[bool, bool]:
    """Return whether all cells of a sheet stand in the columns A to Z, which fit into memory up to the last row.

    Returns:
        That, and whether there are mere values in them.
    """
    rest = b""
    is_plain = True
    for chunk in _chunks(file):
        text, _, rest = (rest + chunk).rpartition(b">")
        if _WITH_PREFIX.search(text) or len(rest) > _LONGEST_TAG:
            return False, False
        if _UNUSUAL.search(text):
            if _WIDE.search(text) or _WITHOUT_REFERENCE.search(text):
                return False, False
            is_plain = is_plain and not any(mark in text for mark in _MARKS)
        elif is_plain:
            is_plain = has_plain_rows(text)
    return True, is_plain


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
