"""Hidden rows, columns and sheets of workbooks are told, and left out where that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import xlwt  # type: ignore[import-untyped]

from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout
from smartkasa_async.catalog.sources.sheet_marks import shorten_numbers
from smartkasa_async.catalog.sources.sheets import SheetFile
from smartkasa_async.errors import InvalidRequestError
from tests.support.price_files import ods_rows, write_ods
from tests.support.workbook_package import (
    HEADERS,
    goods,
    parts,
    row,
    sheet_part,
    with_prefix,
    without_references,
    write_parts,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.workbook_package import Parts

SHEET = "xl/worksheets/sheet1.xml"
HIDDEN = ' hidden="1"'
ROWS = HEADERS + goods(2) + goods(3, "Чай", attributes=HIDDEN) + goods(4, "Сік")


def lines(path: Path, layout: Layout = UNKNOWN_LAYOUT) -> list[int]:
    with SheetFile(path, layout) as file:
        return [row.line for row in file]


def hidden_rows(path: Path) -> tuple[int, ...]:
    with SheetFile(path) as file:
        return file.source_info.hidden_rows


WAYS: dict[str, Parts] = {
    "by hand": parts(ROWS),
    "by a filter": parts(
        HEADERS + goods(2) + goods(3, attributes=' spans="1:3" hidden="true"') + goods(4),
        after='<autoFilter ref="A1:C4"><filterColumn colId="0"/></autoFilter>',
    ),
    "in a closed group": parts(
        HEADERS
        + goods(2)
        + goods(3, attributes=' outlineLevel="1" hidden="1"')
        + goods(4, attributes=' collapsed="1"')
    ),
    "by a height of nothing": parts(HEADERS + goods(2) + goods(3, attributes=' ht="0" customHeight="1"') + goods(4)),
    "single quotes": parts(HEADERS + goods(2) + goods(3, attributes=" hidden='1'") + goods(4)),
    "among many attributes": parts(
        HEADERS + goods(2, attributes=' ht="12.8" hidden="false"') + goods(3, attributes=' ht="12.8" hidden="true"')
        + goods(4, attributes=' ht="12.8" hidden="false"')
    ),
    "without references": parts(without_references(ROWS)),
    "with a prefix": parts() | {SHEET: with_prefix(sheet_part(ROWS))},
    "in an unusual place": parts(ROWS, target="./worksheets/sheet1.xml"),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_hidden_row_is_told_and_read_unless_it_is_to_be_left_out(tmp_path: Path, way: str) -> None:
    path = write_parts(tmp_path / "list.xlsx", WAYS[way])

    assert hidden_rows(path) == (3,)
    assert lines(path) == lines(path, Layout(hidden="take")) == [2, 3, 4]
    assert lines(path, Layout(hidden="skip")) == [2, 4]


def test_numbers_of_rows_hold_through_a_large_sheet(tmp_path: Path) -> None:
    numbers = range(2, 12_002)
    hidden = {5, 6_000, 11_999, 12_000}
    rows = "".join(goods(number, "Кава " * 20, attributes=HIDDEN if number in hidden else "") for number in numbers)

    for number, text in enumerate((rows, without_references(rows))):
        path = write_parts(tmp_path / f"{number}.xlsx", parts(HEADERS + text))
        assert set(hidden_rows(path)) == hidden


def test_nothing_is_told_of_a_sheet_that_hides_nothing(tmp_path: Path) -> None:
    attributes = ' ht="12.8" hidden="false" customHeight="false" outlineLevel="0" collapsed="false"'
    rows = HEADERS + goods(2, "Прихований hidden=&quot;1&quot;", attributes=attributes) + row(3, attributes=HIDDEN)
    columns = '<cols><col min="1" max="3" width="9.5" hidden="false"/></cols>'
    with SheetFile(write_parts(tmp_path / "list.xlsx", parts(rows, before=columns))) as file:
        source_info = file.source_info

    assert (source_info.hidden_rows, source_info.hidden_columns, source_info.hidden_sheets) == ((), (), ())
    assert source_info.notes == ()


@pytest.mark.parametrize("how", ['hidden="1"', 'width="0" customWidth="1"', "hidden='true'"])
def test_hidden_columns_that_are_used_are_told(tmp_path: Path, how: str) -> None:
    columns = f'<cols><col min="1" max="1" width="9"/><col min="2" max="2" {how}/><col min="9" max="9" {how}/></cols>'
    with SheetFile(write_parts(tmp_path / "list.xlsx", parts(before=columns))) as file:
        assert file.source_info.hidden_columns == ("Ціна",)
        assert [row.content for row in file] == [["Кава", "12.5", ""]]
        (note,) = file.source_info.notes

    assert (note.code, note.severity) == ("columns_hidden", "warning")
    assert "«Ціна»" in note.reason_uk


@pytest.mark.parametrize(("hidden", "code", "word"), [(None, "taken", "прочитано"), ("skip", "skipped", "пропущено")])
def test_what_becomes_of_hidden_rows_is_told_with_their_numbers(
    tmp_path: Path, hidden: str | None, code: str, word: str
) -> None:
    rows = HEADERS + goods(2) + "".join(goods(number, attributes=HIDDEN) for number in (3, 4, 5, 9))
    layout = Layout(hidden="skip") if hidden else UNKNOWN_LAYOUT
    with SheetFile(write_parts(tmp_path / "list.xlsx", parts(rows)), layout) as file:
        source_info = file.source_info
        (note,) = source_info.notes

    assert (note.code, note.line, note.severity) == (f"rows_hidden_{code}", 0, "warning")
    assert "4: 3–5, 9" in note.reason_en
    assert word in note.reason_uk
    assert note.reason_uk in source_info.describe("uk")


def test_hidden_sheets_are_told(tmp_path: Path) -> None:
    made = parts()
    made["xl/workbook.xml"] = str(made["xl/workbook.xml"]).replace(
        "</sheets>", '<sheet name="Старе" sheetId="2" state="veryHidden" r:id="r1"/></sheets>'
    )
    with SheetFile(write_parts(tmp_path / "list.xlsx", made)) as file:
        assert file.source_info.hidden_sheets == ("Старе",)
        assert "hidden sheets, left alone: «Старе»" in file.source_info.describe()


def test_many_numbers_are_told_in_short() -> None:
    assert shorten_numbers([]) == ""
    assert shorten_numbers([3]) == "3"
    assert shorten_numbers([3, 4, 6, 8, 9, 10]) == "3–4, 6, 8–10"
    assert shorten_numbers(range(1, 99, 2)).endswith("37, 39, …")


@pytest.mark.parametrize("sheet", ["Прайс", "Напої & сік"])
@pytest.mark.parametrize("way", ["collapse", "filter"])
def test_hidden_rows_of_opendocument_are_told(tmp_path: Path, way: str, sheet: str) -> None:
    rows = [ods_rows([cells]) for cells in (("Назва", "Ціна"), ("Кава", 5.0), ("Чай", 6.0), ("Сік", 7.0))]
    rows[2] = rows[2].replace("<table:table-row>", f'<table:table-row table:visibility="{way}">')
    empty = '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
    path = write_ods(tmp_path / "list.ods", {"Умови": "", sheet: empty + "".join(rows)})

    assert hidden_rows(path) == (5,)
    assert lines(path) == [4, 5, 6]
    assert lines(path, Layout(hidden="skip")) == [4, 6]


def test_hidden_rows_of_old_workbooks_are_told(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    for name in ("Умови", "Прайс"):
        sheet = book.add_sheet(name)
        for line in range(3_000) if name == "Прайс" else ():
            sheet.write(line, 0, f"Кава {line}" if line else "Назва")
            sheet.write(line, 1, float(line) if line else "Ціна")
        sheet.row(7 if name == "Прайс" else 3).hidden = True
    sheet.row(2_998).hidden = True
    path = tmp_path / "list.xls"
    book.save(path)

    assert hidden_rows(path) == (8, 2_999)
    assert len(lines(path)) == 2_999
    assert {8, 2_999}.isdisjoint(lines(path, Layout(hidden="skip")))


def test_another_word_for_hidden_rows_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"^hidden is .drop.; give one of take, skip"):
        Layout(hidden="drop")  # type: ignore[arg-type]
