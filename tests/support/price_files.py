"""Price lists in the forms that tests need: workbooks made by hand, feeds, and a table that all of them hold."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Value = str | int | float | bool

_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/></Types>'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET_NAMES = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ODS_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def letters(column: int) -> str:
    """Name a column, from 0, as a spreadsheet does."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def sheet_xml(rows: Sequence[Sequence[Value]]) -> str:
    """Write the rows of an XLSX sheet; an empty text is no cell."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(_xlsx_cell(f"{letters(column)}{number}", value) for column, value in enumerate(row))
        lines.append(f'<row r="{number}">{cells}</row>')
    return "".join(lines)


def _xlsx_cell(place: str, value: Value) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>' if value else ""
    return f'<c r="{place}"><v>{value!r}</v></c>'


def write_xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[Value]] | str], hidden: Sequence[str] = ()) -> Path:
    """Write a workbook of sheets given as rows, or as the XML of their rows."""
    relations = f'<Relationships xmlns="{_RELATIONS.replace("officeDocument", "package")}">'
    names = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _CONTENT_TYPES)
        package.writestr(
            "_rels/.rels",
            f'{relations}<Relationship Id="r1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        )
        for number, (name, rows) in enumerate(sheets.items(), start=1):
            state = ' state="hidden"' if name in hidden else ""
            names.append(f'<sheet name={quoteattr(name)} sheetId="{number}"{state} r:id="r{number}"/>')
            relations += (
                f'<Relationship Id="r{number}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
            )
            data = rows if isinstance(rows, str) else sheet_xml(rows)
            package.writestr(
                f"xl/worksheets/sheet{number}.xml",
                f'<worksheet xmlns="{_SHEET_NAMES}"><sheetData>{data}</sheetData></worksheet>',
            )
        package.writestr("xl/_rels/workbook.xml.rels", f"{relations}</Relationships>")
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_SHEET_NAMES}" xmlns:r="{_RELATIONS}"><sheets>{"".join(names)}</sheets></workbook>',
        )
    return path


def ods_rows(rows: Sequence[Sequence[Value]]) -> str:
    """Write the rows of an ODS sheet."""
    return "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)


def _ods_cell(value: Value) -> str:
    if isinstance(value, bool):
        return f'<table:table-cell office:value-type="boolean" office:boolean-value="{str(value).lower()}"/>'
    if isinstance(value, str):
        if not value:
            return "<table:table-cell/>"
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value!r}"><text:p/></table:table-cell>'


def write_ods(path: Path, sheets: Mapping[str, Sequence[Sequence[Value]] | str], *, encrypted: bool = False) -> Path:
    """Write a workbook of sheets given as rows, or as the XML of their rows."""
    protection = "<manifest:encryption-data/>" if encrypted else ""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>{rows if isinstance(rows, str) else ods_rows(rows)}</table:table>"
        for name, rows in sheets.items()
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        package.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{protection}'
            "</manifest:file-entry></manifest:manifest>",
        )
        package.writestr(
            "content.xml",
            f"<office:document-content {_ODS_NAMES}><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def write_feed(path: Path, offers: str, *, categories: str = "", head: str = "", encoding: str = "utf-8") -> Path:
    """Write a YML feed with a DOCTYPE, as real ones have it."""
    head = head or '<!DOCTYPE yml_catalog SYSTEM "shops.dtd">'
    path.write_bytes(
        (
            f'<?xml version="1.0" encoding="{encoding}"?>\n{head}\n<yml_catalog date="2025-01-01 00:00">\n<shop>\n'
            f'<currencies><currency id="UAH" rate="1"/></currencies>\n<categories>{categories}</categories>\n'
            f"<offers>\n{offers}\n</offers>\n</shop>\n</yml_catalog>\n"
        ).encode(encoding)
    )
    return path
