"""Workbooks of other programs than Excel are read, and what only has a workbook's name is told for what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources import package
from smartkasa_async.catalog.sources.fields import REQUIRED
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT
from smartkasa_async.catalog.sources.source import open_file
from tests.support.workbook_package import (
    HEADERS,
    MAIN,
    STRICT_MAIN,
    STRICT_OFFICE,
    XML,
    Parts,
    goods,
    parts,
    relations,
    renamed,
    row,
    sheet_part,
    with_prefix,
    without_references,
    write_parts,
)

if TYPE_CHECKING:
    from pathlib import Path

SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
ROWS = HEADERS + goods(2)
TEXTS = (
    f'{XML}<sst xmlns="{MAIN}"><si><t>Назва</t></si><si><t>Ціна</t></si><si><r><t>Ка</t></r><r><t>ва</t></r></si></sst>'
)
SHARED_ROWS = row(1, '<c r="A1" t="s"><v>0</v></c>', '<c r="B1" t="s"><v>1</v></c>') + row(
    2, '<c r="A2" t="s"><v>2</v></c>', '<c r="B2"><v>12.5</v></c>'
)


def shared(name: str, target: str) -> Parts:
    return parts(SHARED_ROWS) | {
        f"xl/{name}": TEXTS,
        "xl/_rels/workbook.xml.rels": relations(
            ("r1", "worksheet", "worksheets/sheet1.xml"), ("r2", "sharedStrings", target)
        ),
    }


def encoded(made: Parts, name: str, encoding: str) -> Parts:
    text = str(made[name]).replace("UTF-8", encoding)
    return made | {name: text.encode(encoding)}


WORKBOOKS: dict[str, Parts] = {
    "usual": parts(),
    "strict": parts(main=STRICT_MAIN, office=STRICT_OFFICE),
    "no references": parts(without_references(ROWS)),
    "prefixes": parts() | {SHEET: with_prefix(sheet_part(ROWS)), BOOK: with_prefix(str(parts()[BOOK]))},
    "target from the top": parts(target="/xl/worksheets/sheet1.xml"),
    "target with a point": parts(target="./worksheets/sheet1.xml"),
    "target with two points": parts(target="../xl/worksheets/sheet1.xml"),
    "target with backslashes": parts(target="worksheets\\sheet1.xml"),
    "target with escapes": parts(target="worksheets/%D0%9B.xml", sheet="xl/worksheets/Л.xml"),
    "sheet of another name": parts(target="data/goods.xml", sheet="xl/data/goods.xml"),
    "sheet at the top": parts(target="/goods.xml", sheet="goods.xml"),
    "workbook at the top": parts(book="workbook.xml", sheet="worksheets/sheet1.xml"),
    "workbook of another name": parts(book="xl/workbook22.xml"),
    "names in other case": renamed(parts(), {BOOK: "xl/Workbook.xml", SHEET: "xl/Worksheets/Sheet1.XML"}),
    "names with backslashes": {name.replace("/", "\\"): content for name, content in parts().items()},
    "no content types": {name: content for name, content in parts().items() if "Types" not in name},
    "no relations at the top": {name: content for name, content in parts().items() if name != "_rels/.rels"},
    "wrong extent": parts(before='<dimension ref="A1"/>'),
    "empty extent": parts(before='<dimension ref=""/>'),
    "far extent": parts(before='<dimension ref="A1:XFD1048576"/>'),
    "byte order mark": parts() | {SHEET: "\ufeff" + str(parts()[SHEET])},
    "blank line in front": parts() | {SHEET: "\n" + str(parts()[SHEET])},
    "UTF-16": encoded(parts(), SHEET, "UTF-16"),
    "UTF-16 of the workbook": encoded(parts(), BOOK, "UTF-16"),
    "Windows-1251": encoded(parts(), SHEET, "windows-1251"),
    "texts": shared("sharedStrings.xml", "sharedStrings.xml"),
    "texts of another name": shared("strings.xml", "strings.xml"),
    "texts in other case": shared("SharedStrings.xml", "SharedStrings.xml"),
    "texts from the top": shared("sharedStrings.xml", "/xl/sharedStrings.xml"),
    "a chart first": parts()
    | {
        BOOK: str(parts()[BOOK]).replace("<sheets>", '<sheets><sheet name="Графік" sheetId="2" r:id="r2"/>'),
        "xl/_rels/workbook.xml.rels": relations(
            ("r1", "worksheet", "./worksheets/sheet1.xml"), ("r2", "chartsheet", "chartsheets/sheet1.xml")
        ),
        "xl/chartsheets/sheet1.xml": f'{XML}<chartsheet xmlns="{MAIN}"/>',
    },
}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_workbooks_of_other_programs_are_read(tmp_path: Path, name: str) -> None:
    with open_file(write_parts(tmp_path / "list.xlsx", WORKBOOKS[name]), UNKNOWN_LAYOUT, REQUIRED) as file:
        assert [(row.line, row.content[:2]) for row in file if isinstance(row.content, list)] == [(2, ["Кава", "12.5"])]
        assert (file.source_info.format, file.source_info.sheet) == ("XLSX", "Прайс")


def test_dates_keep_their_beginning_in_a_package_that_is_rebuilt(tmp_path: Path) -> None:
    dated = row(2, '<c r="A2" s="1"><v>1</v></c>', '<c r="B2"><v>5</v></c>')
    formats = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    made = parts(HEADERS + dated, formats=formats, target="./worksheets/sheet1.xml")
    made[BOOK] = str(made[BOOK]).replace("<sheets>", '<workbookPr date1904="1"/><sheets>')

    with open_file(write_parts(tmp_path / "list.xlsx", made), UNKNOWN_LAYOUT, REQUIRED) as file:
        assert [row.content for row in file] == [["02.01.1904", "5", ""]]


def test_a_far_away_cell_is_refused_wherever_its_sheet_stands(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    made = parts(ROWS + far, target="data/goods.xml", sheet="xl/data/goods.xml")

    with pytest.raises(SourceError, match="far too large when unpacked"):
        open_file(write_parts(tmp_path / "list.xlsx", made), UNKNOWN_LAYOUT, REQUIRED)


def test_an_entity_in_the_list_of_sheets_is_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE workbook [<!ENTITY a "aaaaaaaaaa">]>'
    made = parts()
    made[BOOK] = str(made[BOOK]).replace("<workbook", f"{bomb}<workbook")

    with pytest.raises(SourceError, match="entities are defined"):
        open_file(write_parts(tmp_path / "list.xlsx", made), UNKNOWN_LAYOUT, REQUIRED)


OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
OTHERS: list[tuple[Parts, str]] = [
    ({"word/document.xml": "<document/>"}, "is a document of Word; save the table in it as XLSX"),
    ({"ppt/presentation.xml": "<presentation/>"}, "is a presentation"),
    ({"Index/Document.iwa": "x", "preview.jpg": "x"}, "is a document of Apple Numbers; export it as XLSX"),
    ({"xl/workbook.bin": "x"}, r"is a binary workbook \(XLSB\)"),
    ({"mimetype": f"{OPEN_DOCUMENT}text", "content.xml": "<a/>"}, "is a document of OpenOffice that is no workbook"),
    ({"list.csv": "Назва;Ціна\n"}, "is a ZIP archive and not a workbook; unpack it"),
    (parts() | {BOOK: "<workbook><sheets>"}, "is damaged"),
]


@pytest.mark.parametrize(("made", "message"), OTHERS, ids=[message for _, message in OTHERS])
def test_what_only_has_the_name_of_a_workbook_is_told_for_what_it_is(tmp_path: Path, made: Parts, message: str) -> None:
    with pytest.raises(SourceError, match=rf"^list\.xlsx {message}"):
        open_file(write_parts(tmp_path / "list.xlsx", made), UNKNOWN_LAYOUT, REQUIRED)


def test_sheets_of_mere_values_are_known_in_one_reading(tmp_path: Path) -> None:
    path = write_parts(tmp_path / "list.xlsx", parts())
    other = write_parts(tmp_path / "other.xlsx", parts(HEADERS + goods(2, attributes=' hidden="1"')))

    with path.open("rb") as file, other.open("rb") as hidden:
        assert package.check_package("list.xlsx", file).plain == {SHEET}
        assert package.check_package("other.xlsx", hidden).plain == frozenset()
