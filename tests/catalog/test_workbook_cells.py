"""Cells that show something else than the value that the file holds: errors, formulas, formats, merged cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import xlwt  # type: ignore[import-untyped]

from smartkasa_async.catalog.checks.check import Checker, ProductDraft
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.outcomes import Outcome
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.sheet_marks import shown
from smartkasa_async.catalog.sources.sheets import SheetFile
from tests.support.workbook_package import (
    own_formats,
    parts,
    row,
    sheet_part,
    text_cell,
    with_prefix,
    without_references,
    write_parts,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.workbook_package import Parts

CODE = "4823012345039"
TITLES = ("Штрихкод", "Артикул", "Назва", "Ціна", "Категорія", "Колір")
HEADERS = row(1, *(text_cell(f"{letter}1", title) for letter, title in zip("ABCDEF", TITLES, strict=True)))
GOOD = {
    "A": text_cell("A2", CODE),
    "B": text_cell("B2", "К-1"),
    "C": text_cell("C2", "Кава"),
    "D": '<c r="D2"><v>12.5</v></c>',
}


def made(*, settings: str = "", formats: str | None = None, **cells: str) -> Parts:
    rows = HEADERS + row(2, *dict(sorted((GOOD | cells).items())).values())
    return parts(rows, settings=settings, formats=formats)


def checked(path: Path) -> list[ProductDraft | Outcome]:
    with SheetFile(path) as file:
        checker = Checker(SourceLocation(path.name, file.columns), Units([]))
        return [checker.check(row) for row in file]


def codes(results: list[ProductDraft | Outcome]) -> list[tuple[str, str | None, str | None]]:
    (result,) = results
    assert isinstance(result, Outcome), result
    return [(problem.code, problem.column, problem.value) for problem in result.problems]


def draft(results: list[ProductDraft | Outcome]) -> ProductDraft:
    (result,) = results
    assert isinstance(result, ProductDraft), result
    return result


ERROR = '<c r="{0}2" t="e"><v>#N/A</v></c>'
UNCALCULATED = [
    '<c r="{0}2"><f>Z2*1.3</f></c>',
    '<c r="{0}2"><f>Z2*1.3</f><v></v></c>',
    '<c r="{0}2"><f>Z2*1.3</f><v/></c>',
    '<c r="{0}2"><f aca="false">Z2*1.3</f> <v /></c>',
]


@pytest.mark.parametrize("letter", "ABCDE")
def test_an_error_of_a_formula_is_no_empty_cell(tmp_path: Path, letter: str) -> None:
    path = write_parts(tmp_path / "list.xlsx", made(**{letter: ERROR.format(letter)}))

    assert codes(checked(path)) == [("cell_error", TITLES["ABCDE".index(letter)], "#N/A")]


@pytest.mark.parametrize("cell", UNCALCULATED)
@pytest.mark.parametrize("letter", "ABCDE")
def test_a_formula_whose_result_the_file_lacks_is_no_empty_cell(tmp_path: Path, letter: str, cell: str) -> None:
    path = write_parts(tmp_path / "list.xlsx", made(**{letter: cell.format(letter)}))

    assert codes(checked(path)) == [("cell_formula", TITLES["ABCDE".index(letter)], "=Z2*1.3")]


def test_a_formula_that_is_shared_has_no_text_of_its_own(tmp_path: Path) -> None:
    path = write_parts(tmp_path / "list.xlsx", made(D='<c r="D2"><f t="shared" si="0"/></c>'))

    assert codes(checked(path)) == [("cell_formula", "Ціна", "=")]


def test_a_zero_that_is_to_be_calculated_is_no_price(tmp_path: Path) -> None:
    zero = '<c r="D2"><f>Z2*1.3</f><v>0</v></c>'
    path = write_parts(tmp_path / "a.xlsx", made(D=zero, settings='<calcPr calcId="124519" fullCalcOnLoad="1"/>'))
    other = write_parts(tmp_path / "b.xlsx", made(D=zero, settings='<calcPr calcId="191029"/>'))

    assert codes(checked(path)) == [("cell_formula", "Ціна", "=Z2*1.3")]
    assert [warning.code for warning in draft(checked(other)).warnings] == ["price_zero"]


@pytest.mark.parametrize(
    "cells",
    [
        {"D": '<c r="D2"><f>Z2*1.3</f><v>12.5</v></c>'},
        {"C": '<c r="C2" t="str"><f>Z2</f><v>Кава</v></c>'},
        {"E": '<c r="E2" t="str"><f>IF(Z2,"","")</f><v></v></c>'},
        {"F": ERROR.format("F")},
        {"F": UNCALCULATED[0].format("F")},
    ],
    ids=["number", "text", "empty text", "error that nothing uses", "formula that nothing uses"],
)
def test_results_that_the_file_has_are_taken(tmp_path: Path, cells: dict[str, str]) -> None:
    product = draft(checked(write_parts(tmp_path / "list.xlsx", made(**cells)))).product

    assert (product.title, str(product.price)) == ("Кава", "12.5")


@pytest.mark.parametrize("form", ["references", "no references", "prefix"])
def test_errors_are_found_in_every_form_of_sheets(tmp_path: Path, form: str) -> None:
    rows = HEADERS + row(2, *(GOOD | {"B": ERROR.format("B")} | {"D": GOOD["D"]}).values())
    if form == "no references":
        workbook = parts(without_references(rows))
    elif form == "prefix":
        workbook = parts() | {"xl/worksheets/sheet1.xml": with_prefix(sheet_part(rows))}
    else:
        workbook = parts(rows)

    assert codes(checked(write_parts(tmp_path / "list.xlsx", workbook))) == [("cell_error", "Артикул", "#N/A")]


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ('<c r="{0}2" s="1"><v>46306</v></c>', "cell_date"),
        ('<c r="{0}2" t="d"><v>2026-10-11T00:00:00</v></c>', "cell_date"),
        ('<c r="{0}2" s="2"><v>0.05416666</v></c>', "cell_time"),
        ('<c r="{0}2" t="b"><v>1</v></c>', "cell_boolean"),
        ('<c r="{0}2" s="3"><v>100000</v></c>', "cell_exponent"),
    ],
)
@pytest.mark.parametrize("letter", "BC")
def test_a_text_that_became_something_else_is_known_by_the_type_of_its_cell(
    tmp_path: Path, letter: str, cell: str, rule: str
) -> None:
    formats = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="20"/><xf numFmtId="11"/></cellXfs>'
    path = write_parts(tmp_path / "list.xlsx", made(formats=formats, **{letter: cell.format(letter)}))

    ((code, column, _),) = codes(checked(path))
    assert (code, column) == (rule, TITLES["ABC".index(letter)])


def test_numbers_are_taken_as_their_formats_show_them(tmp_path: Path) -> None:
    formats = own_formats("0000000000000", '"К-"000', "0%", "0.00")
    cells = {
        "A": '<c r="A2" s="1"><v>12345678905</v></c>',
        "B": '<c r="B2" s="2"><v>7</v></c>',
        "C": '<c r="C2" s="3"><v>0.4</v></c>',
        "D": '<c r="D2" s="1"><v>12</v></c>',
        "F": '<c r="F2" s="1"><v>12</v></c>',
    }
    product = draft(checked(write_parts(tmp_path / "list.xlsx", made(formats=formats, **cells)))).product

    assert (product.number, product.alter_number, product.title) == ("0012345678905", "К-007", "40%")
    assert str(product.price) == "12"


@pytest.mark.parametrize(
    "pattern",
    [
        "#,##0.00\\ [$$-409]",
        "[$€-2]\\ #,##0.00",
        '"$"#,##0.00',
        "\\$0.00",
        "$0.00",
        "#,##0.00\\ [$USD]",
        '0.00" дол."',
        "0.00\\ [$₽-419]",
        "[$PLN]0.00;-0.00",
    ],
)
def test_a_price_that_is_shown_in_another_currency_is_no_price_in_hryvnias(tmp_path: Path, pattern: str) -> None:
    cells = {"D": '<c r="D2" s="1"><v>12.5</v></c>'}

    path = write_parts(tmp_path / "list.xlsx", made(formats=own_formats(pattern), **cells))

    ((code, column, value),) = codes(checked(path))
    assert (code, column) == ("currency_foreign", "Ціна")
    assert str(value).startswith("12.5 ")


@pytest.mark.parametrize(
    "pattern",
    [
        "#,##0.00\\ [$₴-422]",
        '#,##0.00" грн"',
        "[$-422]0.00",
        "[$грн.-422]0.00",
        "0.00;[$$-409]0.00",
        "[Red]0.00",
        "0.00_);\\(0.00\\)",
    ],
)
def test_a_price_that_is_shown_in_hryvnias_or_without_a_currency_is_taken(tmp_path: Path, pattern: str) -> None:
    cells = {"D": '<c r="D2" s="1"><v>12.5</v></c>'}

    product = draft(checked(write_parts(tmp_path / "list.xlsx", made(formats=own_formats(pattern), **cells)))).product

    assert str(product.price) == "12.5"


def test_a_barcode_with_an_exponent_in_its_format_alone_is_whole(tmp_path: Path) -> None:
    formats = own_formats("0.00E+00")
    path = write_parts(tmp_path / "a.xlsx", made(formats=formats, A=f'<c r="A2" s="1"><v>{CODE}</v></c>'))
    other = write_parts(tmp_path / "b.xlsx", made(formats=formats, A='<c r="A2" s="1"><v>4.82301E+12</v></c>'))

    assert draft(checked(path)).product.number == CODE
    assert codes(checked(other)) == [("cell_exponent", "Штрихкод", "4.82301E+12")]


@pytest.mark.parametrize(
    ("number", "pattern", "text"),
    [
        ("7", "000", "007"),
        ("7", "[Red]000;-000", "007"),
        ("4823012345039", "0000000000000", None),
        ("901210000", "0000 00 00 00", "0901 21 00 00"),
        ("901210000", "0000\\ 00\\ 00\\ 00", "0901 21 00 00"),
        ("12345", "000-000", "012-345"),
        ("1234567", "000-000", "1234-567"),
        ("0.5", "0%", "50%"),
        ("12.5", "000", None),
        ("-7", "000", None),
        ("7", "0", None),
        ("7", "0.00", None),
        ("7", "#,##0.00", None),
        ("7", "General", None),
        ("x", "000", None),
    ],
)
def test_formats_show_what_spreadsheets_show(number: str, pattern: str, text: str | None) -> None:
    assert shown(number, pattern) == text


def test_a_cell_that_is_merged_with_those_below_stands_for_them(tmp_path: Path) -> None:
    rows = [
        row(number, *(cells.replace("2", str(number), 1) for cells in (GOOD["C"], GOOD["D"]))) for number in range(2, 7)
    ]
    rows[0] = row(2, GOOD["A"], GOOD["C"], GOOD["D"], text_cell("E2", "Напої"))
    rows[3] = row(5, GOOD["C"].replace("C2", "C5"), GOOD["D"].replace("D2", "D5"), text_cell("E5", "Хліб"))
    merged = (
        '<mergeCells count="3"><mergeCell ref="E2:E4"/><mergeCell ref="F2:F6"/><mergeCell ref="A9:F9"/></mergeCells>'
    )
    path = write_parts(tmp_path / "list.xlsx", parts(HEADERS + "".join(rows), after=merged))

    with SheetFile(path) as file:
        assert [row.content[4] for row in file if isinstance(row.content, list)] == [
            "Напої",
            "Напої",
            "Напої",
            "Хліб",
            "",
        ]


def test_a_count_that_is_merged_is_not_repeated(tmp_path: Path) -> None:
    headers = row(1, text_cell("A1", "Назва"), text_cell("B1", "Ціна"), text_cell("C1", "Залишок"))
    rows = row(2, text_cell("A2", "Кава"), '<c r="B2"><v>5</v></c>', '<c r="C2"><v>7</v></c>') + row(
        3, text_cell("A3", "Чай")
    )
    merged = '<mergeCells><mergeCell ref="B2:B3"/><mergeCell ref="C2:C3"/></mergeCells>'

    with SheetFile(write_parts(tmp_path / "list.xlsx", parts(headers + rows, after=merged))) as file:
        assert [row.content for row in file] == [["Кава", "5", "7"], ["Чай", "5", ""]]


def test_an_error_in_an_old_workbook_is_no_empty_cell(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Прайс")
    for column, (title, value) in enumerate(zip(TITLES[:4], (CODE, "К-1", "Кава", 12.5), strict=True)):
        sheet.write(0, column, title)
        sheet.write(1, column, value) if column != 1 else sheet.row(1).set_cell_error(1, 42)
    path = tmp_path / "list.xls"
    book.save(path)

    assert codes(checked(path)) == [("cell_error", "Артикул", "#N/A")]
