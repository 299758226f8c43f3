"""The parts of a workbook's package, found where each program puts them.

The package that reads workbooks knows the usual names only, and UTF-8; `rebuild` gives it those.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


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
_LARGEST_INDEX = 1 << 26
"""Bytes of the parts that only list others."""
_Element = tuple[str, dict[str, str]]


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
