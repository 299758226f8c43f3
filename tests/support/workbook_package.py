"""XLSX packages as other programs than Excel write them: other names, encodings and prefixes, whatever a test asks."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Parts = dict[str, str | bytes]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def row(number: int, *cells: str, attributes: str = "") -> str:
    return f'<row r="{number}"{attributes}>{"".join(cells)}</row>'


HEADERS = row(1, text_cell("A1", "Назва"), text_cell("B1", "Ціна"), text_cell("C1", "Штрихкод"))


def goods(number: int, title: str = "Кава", price: str = "12.5", *, attributes: str = "") -> str:
    """A row of goods."""
    cells = (text_cell(f"A{number}", title), f'<c r="B{number}"><v>{price}</v></c>')
    return row(number, *cells, attributes=attributes)


def relations(*related: tuple[str, str, str], office: str = OFFICE) -> str:
    each = (f'<Relationship Id="{id_}" Type="{office}/{kind}" Target="{target}"/>' for id_, kind, target in related)
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{"".join(each)}</Relationships>'


def sheet_part(rows: str, *, before: str = "", after: str = "", main: str = MAIN) -> str:
    return f'{XML}<worksheet xmlns="{main}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def parts(
    rows: str = HEADERS + goods(2),
    *,
    before: str = "",
    after: str = "",
    main: str = MAIN,
    office: str = OFFICE,
    target: str = "worksheets/sheet1.xml",
    sheet: str = "xl/worksheets/sheet1.xml",
    book: str = "xl/workbook.xml",
    settings: str = "",
    formats: str | None = None,
) -> Parts:
    """Make the parts of a workbook of one sheet."""
    folder, _, name = book.rpartition("/")
    related = [("r1", "worksheet", target)]
    made: Parts = {
        "[Content_Types].xml": f'{XML}<Types xmlns="{PACKAGE}/content-types"/>',
        "_rels/.rels": relations(("r1", "officeDocument", book), office=office),
        book: f'{XML}<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="Прайс" sheetId="1" r:id="r1"/>'
        f"</sheets>{settings}</workbook>",
        sheet: sheet_part(rows, before=before, after=after, main=main),
    }
    if formats is not None:
        related.append(("r2", "styles", "styles.xml"))
        made["xl/styles.xml"] = f'{XML}<styleSheet xmlns="{main}">{formats}</styleSheet>'
    made[f"{folder}/_rels/{name}.rels".removeprefix("/")] = relations(*related, office=office)
    return made


def own_formats(*patterns: str) -> str:
    """Make formats; the first has number 1 in a cell's `s`."""
    codes = "".join(
        f'<numFmt numFmtId="{164 + number}" formatCode="{pattern.replace(chr(34), "&quot;")}"/>'
        for number, pattern in enumerate(patterns)
    )
    used = "".join(f'<xf numFmtId="{164 + number}"/>' for number in range(len(patterns)))
    return (
        f'<numFmts>{codes}</numFmts><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs>'
        f'<cellXfs><xf numFmtId="0"/>{used}</cellXfs>'
    )


def without_references(text: str) -> str:
    return re.sub(r' r="[A-Z]*\d+"', "", text)


def with_prefix(text: str) -> str:
    """Put the elements of a part under a prefix."""
    return re.sub(r"<(/?)(\w)", r"<\1x:\2", text).replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')


def renamed(made: Parts, names: Mapping[str, str]) -> Parts:
    return {names.get(name, name): content for name, content in made.items()}


def write_parts(path: Path, made: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in made.items():
            package.writestr(name, content)
    return path
