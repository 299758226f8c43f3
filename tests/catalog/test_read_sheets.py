"""Workbooks: XLSX, XLS and ODS, what their cells become, and those that would do harm."""

from __future__ import annotations

import datetime as dt
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
import xlwt  # type: ignore[import-untyped]

from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources import package
from smartkasa_async.catalog.sources.fields import REQUIRED, Field
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout
from smartkasa_async.catalog.sources.sheets import SheetFile
from smartkasa_async.catalog.sources.source import open_file
from smartkasa_async.errors import ConfigurationError
from tests.support.price_files import ods_rows, sheet_xml, write_ods, write_xlsx

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.price_files import Value

HEADERS: tuple[Value, ...] = ("Штрихкод", "Назва", "Ціна", "Ставка ПДВ", "Залишок", "Колір")
ROWS: list[tuple[Value, ...]] = [
    HEADERS,
    (4820000000017.0, "Кава", 1299.5, 0.2, 12.345, "чорна"),
    ("0012345678905", "Чай", "1 299,50", "20%", 7.0, ""),
    ("", "", "", "", "", ""),
    (12345670.0, "Хліб", 0.1 + 0.2, 0.07, 1.0, True),
]
CELLS = [
    (1, 2, ["4820000000017", "Кава", "1299.5", "20%", "12.3450", "чорна"]),
    (2, 3, ["0012345678905", "Чай", "1 299,50", "20%", "7", ""]),
    (3, 5, ["12345670", "Хліб", "0.3", "7%", "1", "true"]),
]


def write_xls(path: Path, sheets: dict[str, Sequence[Sequence[Value]]]) -> Path:
    book = xlwt.Workbook()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                if value != "":
                    sheet.write(line, column, value)
    book.save(path)
    return path


def write(folder: Path, format: str, sheets: dict[str, Sequence[Sequence[Value]]]) -> Path:
    path = folder / f"list.{format.lower()}"
    if format == "XLS":
        return write_xls(path, sheets)
    return write_xlsx(path, sheets) if format == "XLSX" else write_ods(path, sheets)


@pytest.mark.parametrize("format", ["XLSX", "XLS", "ODS"])
def test_cells_become_what_the_shop_sees(tmp_path: Path, format: str) -> None:
    rows = [row[:5] for row in ROWS]
    with open_file(write(tmp_path, format, {"Прайс": rows}), UNKNOWN_LAYOUT, REQUIRED) as file:
        assert [(row.number, row.line, row.content) for row in file] == [
            (number, line, cells[:5]) for number, line, cells in CELLS
        ]
        assert (file.source_info.format, file.source_info.sheet) == (format, "Прайс")
        assert file.fraction == 1


def test_yes_and_no_are_told(tmp_path: Path) -> None:
    with SheetFile(write(tmp_path, "XLSX", {"Прайс": ROWS})) as file:
        assert [(row.number, row.line, row.content) for row in file] == CELLS
        assert file.source_info.unmapped == ("Колір",)


def test_dates_are_written_as_in_ukraine(tmp_path: Path) -> None:
    path = tmp_path / "list.xls"
    book = xlwt.Workbook()
    sheet = book.add_sheet("Прайс")
    style = xlwt.easyxf(num_format_str="DD.MM.YYYY")
    for column, value in enumerate(("Назва", "Ціна", "Дата")):
        sheet.write(0, column, value)
    sheet.write(1, 0, "Кава")
    sheet.write(1, 1, 5)
    sheet.write(1, 2, dt.date(2025, 3, 9), style)
    book.save(path)

    with SheetFile(path) as file:
        assert [row.content for row in file] == [["Кава", "5", "09.03.2025"]]


@pytest.mark.parametrize("format", ["XLSX", "XLS", "ODS"])
def test_the_first_sheet_with_headers_is_taken_below_its_letterhead(tmp_path: Path, format: str) -> None:
    letterhead: list[Sequence[Value]] = [("",), ("", "ФОП Коваленко"), ("",), ("", "Назва", "Ціна"), ("", "Кава", 5.0)]
    path = write(tmp_path, format, {"Умови": [("Доставка",)], "Прайс": letterhead, "Архів": ROWS})

    with SheetFile(path) as file:
        assert (file.source_info.sheet, file.source_info.header_row, file.source_info.first_row) == ("Прайс", 4, 5)
        assert [(row.line, row.content) for row in file] == [(5, ["", "Кава", "5"])]


def test_a_sheet_is_taken_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, "XLSX", {"Прайс": [("Назва", "Ціна")], "Архів": ROWS})

    with SheetFile(path, Layout(sheet="Архів")) as file:
        assert len(list(file)) == 3


def test_other_sheets_are_told(tmp_path: Path) -> None:
    sheets = {"Довідка": ROWS[1:2], "Напої": ROWS, "Хліб": ROWS, "Старе": ROWS}
    path = write_xlsx(tmp_path / "list.xlsx", sheets, hidden=["Старе"])

    with SheetFile(path) as found, SheetFile(path, Layout(sheet="Хліб")) as given:
        assert found.source_info.other_sheets == ("Довідка", "Хліб")
        assert found.source_info.describe().splitlines()[-2:] == [
            "  other sheets, left alone: «Довідка», «Хліб»",
            "  hidden sheets, left alone: «Старе»",
        ]
        assert "інші аркуші, не використано: «Довідка», «Хліб»" in found.source_info.describe("uk")
        assert given.source_info.other_sheets == ()


def test_hidden_sheets_are_passed_over(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", {"Старе": ROWS, "Прайс": [("Назва", "Ціна")]}, hidden=["Старе"])

    with SheetFile(path) as file:
        assert file.source_info.sheet == "Прайс"


def test_a_sheet_without_headers_is_read_by_positions(tmp_path: Path) -> None:
    path = write(tmp_path, "XLSX", {"Прайс": [("", 5.0, "Кава"), ("", 6.5, "Чай")]})

    with SheetFile(path, Layout(header_row=0, mapping={"price": 2, "title": 3})) as file:
        assert [(row.line, row.content) for row in file] == [(1, ["", "5", "Кава"]), (2, ["", "6.5", "Чай"])]


@pytest.mark.parametrize(
    ("layout", "message"),
    [
        (Layout(sheet="Немає"), "has no sheet «Немає»; it has «Прайс»"),
        (Layout(header_row=9), "has no row 9"),
        (
            UNKNOWN_LAYOUT,
            "none of its first 20 rows is a header .*begins with «Доставка безкоштовна» .*sheets: «Прайс»",
        ),
    ],
)
def test_a_workbook_without_the_table_is_refused_by_name(tmp_path: Path, layout: Layout, message: str) -> None:
    path = write(tmp_path, "XLSX", {"Прайс": [("Доставка", "безкоштовна")]})

    with pytest.raises(SourceError, match=rf"^list\.xlsx.*{message}"):
        SheetFile(path, layout)


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="none of its first 20 rows"):
        SheetFile(write(tmp_path, "XLSX", {"Прайс": []}))


def test_headers_alone_make_no_rows(tmp_path: Path) -> None:
    with SheetFile(write(tmp_path, "XLSX", {"Прайс": [("Назва", "Ціна")]})) as file:
        assert list(file) == []
        assert file.source_info.first_row is None


def test_numbers_written_as_text_have_their_marks_found(tmp_path: Path) -> None:
    rows: list[Sequence[Value]] = [("Назва", "Ціна"), ("Кава", "12,50"), ("Чай", 12.345)]
    with SheetFile(write(tmp_path, "XLSX", {"Прайс": rows})) as file:
        assert file.columns.numbers[Field.PRICE].decimal == ","
        assert [row.content for row in file][1] == ["Чай", "12.3450"]


def test_a_far_away_cell_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    far = sheet_xml(ROWS) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'

    with pytest.raises(SourceError, match="far too large when unpacked"):
        SheetFile(write_xlsx(tmp_path / "list.xlsx", {"Прайс": far}))


def test_far_away_cells_without_references_are_refused_too(tmp_path: Path) -> None:
    far = f'<row r="1">{"<c><v>1</v></c>" * 16_000}</row><row r="1048576"><c><v>1</v></c></row>'

    with pytest.raises(SourceError, match="far too large when unpacked"):
        SheetFile(write_xlsx(tmp_path / "list.xlsx", {"Прайс": far}))


def test_repeated_cells_are_refused_before_they_take_memory(tmp_path: Path) -> None:
    filled = '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="9999"/>'
    far = f'<table:table-row table:number-rows-repeated="99999">{filled}</table:table-row>'

    with pytest.raises(SourceError, match="far too large when unpacked"):
        SheetFile(write_ods(tmp_path / "list.ods", {"Прайс": far}))


def test_empty_cells_up_to_the_end_of_the_sheet_do_no_harm(tmp_path: Path) -> None:
    end = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    with SheetFile(write_ods(tmp_path / "list.ods", {"Прайс": ods_rows(ROWS) + end})) as file:
        assert len(list(file)) == 3


def test_a_zip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "_LARGEST", 1 << 20)
    path = write_xlsx(tmp_path / "list.xlsx", {"Прайс": " " * (1 << 21)})

    assert path.stat().st_size < 1 << 15
    with pytest.raises(SourceError, match="far too large when unpacked"):
        SheetFile(path)


def test_a_package_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", {"Прайс": "<row/>" * 10_000})
    content = path.read_bytes()
    size = (60_000 + len(content)).to_bytes(4, "little")
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    path.write_bytes(content.replace(size, (100).to_bytes(4, "little")))

    with pytest.raises(SourceError, match=r"list\.xlsx is damaged or protected"):
        SheetFile(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04" + b"\xff" * 2000, "damaged or protected"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 2000, "damaged workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(700) + "EncryptedPackage".encode("utf-16-le"), "by a password"),
    ],
)
def test_a_damaged_or_protected_workbook_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)

    with pytest.raises(SourceError, match=rf"^list\.xlsx .*{message}"):
        open_file(path, UNKNOWN_LAYOUT, REQUIRED)


@pytest.mark.parametrize("format", ["XLSX", "XLS", "ODS"])
def test_a_cut_workbook_is_refused(tmp_path: Path, format: str) -> None:
    path = write(tmp_path, format, {"Прайс": ROWS})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(SourceError, match=f"^{path.name}"):
        open_file(path, UNKNOWN_LAYOUT, REQUIRED)


def test_a_protected_ods_is_told_from_a_damaged_one(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="protected by a password"):
        SheetFile(write_ods(tmp_path / "list.ods", {"Прайс": ROWS}, encrypted=True))


@pytest.mark.parametrize(("member", "message"), [("list.csv", "not a workbook"), ("xl/workbook.bin", "XLSB")])
def test_an_archive_of_something_else_is_refused(tmp_path: Path, member: str, message: str) -> None:
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "Назва;Ціна\n")

    with pytest.raises(SourceError, match=message):
        SheetFile(path)


def test_the_missing_package_is_named_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "XLSX", {"Прайс": ROWS})
    monkeypatch.setitem(sys.modules, "python_calamine", None)

    with pytest.raises(ConfigurationError, match=r"pip install 'smartkasa-async\[sheets\]'"):
        SheetFile(path)
