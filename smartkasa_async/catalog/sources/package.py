"""ZIP packages of workbooks: measured before they are unpacked, and their parts found where each program puts them.

The package that reads workbooks knows the usual names only, and UTF-8; `rebuild` gives it those.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, NamedTuple
from urllib.parse import unquote
from xml.parsers import expat
from xml.parsers.expat import ExpatError
from xml.sax.saxutils import quoteattr

from smartkasa_async._i18n.message import Message, msg
from smartkasa_async.catalog.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OWN_NAMES = {"id": "r:id"}
_WORKBOOK = "xl/workbook.xml"
_WORKBOOK_RELATIONS = "xl/_rels/workbook.xml.rels"
_SHARED, _STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
_DECLARED = re.compile(rb"""^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.-]+)["'][^>]*\?>""")
_DIMENSION = re.compile(rb"<(?:\w{1,20}:)?dimension\b[^>]*>")
_HEAD_SIZE = 200
_MARKS = (b"hidden=", b'ht="0', b"ht='0", b'width="0', b"width='0", b't="e"', b"t='e'", b"<f", b"mergeCell ")
"""What a sheet of mere values does not contain."""
_HIDDEN_MARKS = (b'hidden="1"', b'hidden="true"', b"hidden='1'", b"hidden='true'")
_LARGEST_INDEX = 1 << 26
"""Bytes of the parts that only list others."""

_Element = tuple[str, dict[str, str]]

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


class WorkbookParts(NamedTuple):
    """Where the parts of a workbook stand.

    Attributes:
        workbook: Name of the member with the list of sheets.
        sheets: Members with the sheets, by the ids of their relations.
        names: Names of the sheets to the ids of their relations.
        shared: Member with the texts of cells; None for none.
        styles: Member with the formats of cells; None for none.
        is_usual: Whether all stand where they usually do, in UTF-8.
        is_recalculated: Whether the program that opens the workbook is asked to calculate its formulas again.
    """

    workbook: str
    sheets: Mapping[str, str]
    names: Mapping[str, str]
    shared: str | None
    styles: str | None
    is_usual: bool
    is_recalculated: bool

    def sheet(self, name: str) -> str | None:
        """Return the member of a sheet by the sheet's name; None where there is none."""
        return self.sheets.get(self.names.get(name, ""))

    @property
    def members(self) -> Iterable[str]:
        """Return the members that are read, the workbook's own first."""
        return (self.workbook, *(part for part in (self.shared, self.styles) if part), *self.sheets.values())


def elements(content: bytes) -> list[_Element]:
    """List the elements of a small XML document in their order: names and attributes, both without namespaces.

    Raises:
        ExpatError: It is malformed, or defines entities, which no part of a workbook does.
    """
    found: list[_Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        own = {attribute.rpartition(" ")[2]: value for attribute, value in attributes.items()}
        found.append((name.rpartition(" ")[2], own))

    def refuse(*_: object) -> None:
        raise expat.ExpatError("entities are defined")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse
    parser.Parse(content.lstrip(), True)  # noqa: FBT003  (its own form)
    return found


def find_parts(package: zipfile.ZipFile) -> WorkbookParts | None:
    """Find the parts of an XLSX workbook.

    Returns:
        Where they stand; None for a package without a workbook.

    Raises:
        ExpatError: A part that lists others is malformed.
    """
    members = {_plain(name): name for name in package.namelist()}
    workbook = _find_workbook(package, members)
    if workbook is None:
        return None
    folder, _, file = _plain(workbook).rpartition("/")
    relations = members.get(posixpath.join(folder, "_rels", f"{file}.rels"))
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}
    kinds: dict[str, str] = {}
    is_simple = True
    for relation_id, kind, target in _relations(package, relations):
        part = _resolve(members, folder, target)
        if part is None:
            continue
        targets[relation_id] = part
        kinds.setdefault(kind, part)
        if kind == "worksheet":
            sheets[relation_id] = part
            is_simple &= part in (target.removeprefix("/"), f"{folder}/{target}")
    names: dict[str, str] = {}
    is_recalculated = False
    for element, attributes in _index(package, workbook):
        if element == "sheet":
            names.setdefault(attributes.get("name", ""), attributes.get("id", ""))
        elif element == "calcPr":
            is_recalculated = attributes.get("fullCalcOnLoad") in {"1", "true"}
    shared = kinds.get("sharedStrings") or members.get(_plain(_SHARED))
    styles = kinds.get("styles") or members.get(_plain(_STYLES))
    parts = WorkbookParts(workbook, sheets, names, shared, styles, False, is_recalculated)  # noqa: FBT003
    is_usual = (
        is_simple
        and (workbook, relations) == (_WORKBOOK, _WORKBOOK_RELATIONS)
        and "_rels/.rels" in package.NameToInfo
        and (shared is None or _plain(shared) == _plain(_SHARED))
        and (styles is None or _plain(styles) == _plain(_STYLES))
        and all(_is_utf8(package, member) for member in parts.members)
    )
    return parts._replace(is_usual=is_usual)


def rebuild(package: zipfile.ZipFile, parts: WorkbookParts) -> io.BytesIO:
    """Copy a workbook into a package in which all parts have their usual paths, in UTF-8.

    What a sheet declares as its own extent is left out, as it may be wrong.

    Returns:
        The new package.
    """
    content = io.BytesIO()
    relations: list[str] = []
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as copy:
        copy.writestr("[Content_Types].xml", f'<Types xmlns="{_PACKAGE}/content-types"/>')
        copy.writestr("_rels/.rels", _relations_xml([_relation("r1", "officeDocument", _WORKBOOK)]))
        copy.writestr(_WORKBOOK, _workbook_xml(package, parts))
        for number, (relation_id, member) in enumerate(parts.sheets.items(), start=1):
            sheet = _in_utf8(package.read(member))
            copy.writestr(f"xl/worksheets/sheet{number}.xml", _DIMENSION.sub(b"", sheet, count=1))
            relations.append(_relation(relation_id, "worksheet", f"worksheets/sheet{number}.xml"))
        for number, (kind, name, part) in enumerate(
            (("sharedStrings", _SHARED, parts.shared), ("styles", _STYLES, parts.styles))
        ):
            if part is not None:
                copy.writestr(name, _in_utf8(package.read(part)))
                relations.append(_relation(f"own{number}", kind, name.removeprefix("xl/")))
        copy.writestr(_WORKBOOK_RELATIONS, _relations_xml(relations))
    content.seek(0)
    return content


def _workbook_xml(package: zipfile.ZipFile, parts: WorkbookParts) -> str:
    """Write the list of sheets; those of charts alone are left out."""
    dates, sheets = "", []
    for element, attributes in _index(package, parts.workbook):
        if element == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            dates = '<workbookPr date1904="1"/>'
        if element == "sheet" and attributes.get("id") in parts.sheets:
            written = (f"{_OWN_NAMES.get(name, name)}={quoteattr(value)}" for name, value in attributes.items())
            sheets.append(f"<sheet {' '.join(written)}/>")
    listed = f"{dates}<sheets>{''.join(sheets)}</sheets>"
    return f'<workbook xmlns="{_SHEETS}" xmlns:r="{_RELATIONS}">{listed}</workbook>'


def _find_workbook(package: zipfile.ZipFile, members: Mapping[str, str]) -> str | None:
    for _, kind, target in _relations(package, members.get("_rels/.rels")):
        if kind == "officeDocument" and target.casefold().endswith(".xml"):
            found = _resolve(members, "", target)
            if found is not None and any(element == "workbook" for element, _ in _index(package, found)[:1]):
                return found
    return members.get(_WORKBOOK)


def _relations(package: zipfile.ZipFile, member: str | None) -> list[tuple[str, str, str]]:
    """List what a part is related to: id, kind and target."""
    if member is None:
        return []
    return [
        (attributes.get("Id", ""), attributes.get("Type", "").rpartition("/")[2], attributes.get("Target", ""))
        for element, attributes in _index(package, member)
        if element == "Relationship" and attributes.get("TargetMode") != "External"
    ]


def _index(package: zipfile.ZipFile, member: str) -> list[_Element]:
    with package.open(member) as file:
        return elements(file.read(_LARGEST_INDEX))


def _resolve(members: Mapping[str, str], folder: str, target: str) -> str | None:
    """Find the member that a relation points to; one that begins with a slash begins at the package's top."""
    for written in (target, unquote(target)):
        path = written.replace("\\", "/")
        plain = posixpath.normpath(path if path.startswith("/") else posixpath.join("/", folder, path))
        found = members.get(_plain(plain.lstrip("/")))
        if found is not None:
            return found
    return None


def _plain(name: str) -> str:
    """Reduce a member's name to what counts: neither case nor the kind of slash does."""
    return name.replace("\\", "/").casefold()


def _relation(relation_id: str, kind: str, target: str) -> str:
    return f'<Relationship Id={quoteattr(relation_id)} Type="{_RELATIONS}/{kind}" Target="{target}"/>'


def _relations_xml(relations: Iterable[str]) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{"".join(relations)}</Relationships>'


def _is_utf8(package: zipfile.ZipFile, member: str) -> bool:
    with package.open(member) as file:
        return _encoding_of(file.read(_HEAD_SIZE)) is None


def _encoding_of(head: bytes) -> str | None:
    """Name the encoding of an XML document that is not in UTF-8."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in head[:2]:
        return "utf-16-be" if head[:1] == b"\0" else "utf-16-le"
    declared = _DECLARED.match(head)
    if declared is None or declared[1].lower() in {b"utf-8", b"utf8", b"us-ascii"}:
        return None
    return declared[1].decode("ascii")


def _in_utf8(content: bytes) -> bytes:
    encoding = _encoding_of(content[:_HEAD_SIZE])
    if encoding is None:
        return content
    try:
        text = content.decode(encoding)
    except (LookupError, UnicodeDecodeError):
        return content
    return _DECLARED.sub(b"", text.encode()).lstrip()


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
