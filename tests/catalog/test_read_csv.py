"""CSV files: each encoding, delimiter and form of numbers, found or given, and files that are broken."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog.checks.decimals import parse_price
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.columns import UNKNOWN_FORMAT
from smartkasa_async.catalog.sources.csv_file import CsvFile
from smartkasa_async.catalog.sources.encodings import best_encoding
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout
from smartkasa_async.catalog.sources.source import open_file
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from pathlib import Path

TITLES = ("Кава мелена Їжакова", "Хліб житній", "Ковбаса Київська, в/с", "Сіль екстра")
LATIN_I = str.maketrans("іІґҐ", "iIгГ")
"""What programs of the time wrote for letters that cp866 does not have."""
ENCODINGS = ("utf-8", "utf-8-sig", "cp1251", "cp866", "cp1125", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
NUMBERS = {
    "decimal comma": ("1299,50", "12,00", "7,5", "0,25"),
    "decimal point": ("1299.50", "12.00", "7.5", "0.25"),
    "spaced thousands": ("1 299,50", "12,00", "7,5", "0,25"),
    "no-break spaces": ("1\u00a0299,50", "12,00", "7,5", "0,25"),
    "thousands by points": ("1.299,50", "12,00", "7,5", "0,25"),
    "thousands by commas": ("1,299.50", "12.00", "7.5", "0.25"),
    "hryvnias": ("1299,50 грн.", "12,00 грн", "7,5грн", "0,25 грн"),
}
PRICES = [Decimal("1299.50"), Decimal(12), Decimal("7.5"), Decimal("0.25")]
LAYOUTS = {
    "plain": ("Штрихкод", "Назва", "Ціна"),
    "prom": ("Код_товару", "Назва_позиції_укр", "Ціна"),
    "bas": ("Артикул", "Номенклатура", "Роздрібна ціна"),
    "horoshop": ("Артикул", "Назва (UA)", "Стара ціна", "Ціна"),
}


def write(folder: Path, text: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "list.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def quoted(value: str, delimiter: str) -> str:
    return f'"{value}"' if delimiter in value else value


def table(
    delimiter: str, prices: tuple[str, ...] = NUMBERS["decimal comma"], headers: tuple[str, ...] = LAYOUTS["plain"]
) -> str:
    rows: list[tuple[str, ...]] = [headers]
    for number, (title, price) in enumerate(zip(TITLES, prices, strict=True)):
        rows.append((f"482000000000{number}", title, *["1"] * (len(headers) - 3), price))
    return "\r\n".join(delimiter.join(quoted(value, delimiter) for value in row) for row in rows) + "\r\n"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("delimiter", [";", "\t", ",", "|"])
@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize("headers", LAYOUTS)
def test_every_form_is_read_the_same(tmp_path: Path, encoding: str, delimiter: str, numbers: str, headers: str) -> None:
    text = table(delimiter, NUMBERS[numbers], LAYOUTS[headers])
    if encoding == "cp866":
        text = text.translate(LATIN_I)

    with CsvFile(write(tmp_path, text, encoding)) as file:
        rows = list(file)
        price = file.columns.positions[Field.PRICE]
        form = file.columns.numbers.get(Field.PRICE, UNKNOWN_FORMAT)

    assert (file.source_info.encoding, file.source_info.delimiter) == (encoding, delimiter)
    assert file.source_info.preset == (None if headers == "plain" else headers)
    assert [row.line for row in rows] == [2, 3, 4, 5]
    assert [parse_price(row.content[price], form) for row in rows] == PRICES  # type: ignore[index]
    assert "Хл" in rows[1].content[1]  # type: ignore[index]


@pytest.mark.parametrize("text", ["ЦІНА;НАЗВА;КОД", "Ціна;Назва", "цена;название"])
def test_few_letters_are_enough_for_windows_1251(text: str) -> None:
    assert best_encoding(text.encode("cp1251")) == "cp1251"


@pytest.mark.parametrize("text", ["ЦЕНА;НАЗВАНИЕ", "Цена;Название", "хлеб"])
def test_few_letters_are_enough_for_cp866(text: str) -> None:
    assert best_encoding(text.encode("cp866")) == "cp866"


def test_what_the_caller_gives_is_not_found_out(tmp_path: Path) -> None:
    path = write(tmp_path, "Наша ціна;грн\nНазва:Ціна\nКава:12,345\n")
    layout = Layout(encoding="utf-8", delimiter=":", header_row=2, decimal=".")

    with CsvFile(path, layout) as file:
        assert (file.source_info.delimiter, file.source_info.header_row, file.source_info.first_row) == (":", 2, 3)
        assert parse_price("12,345", file.columns.numbers[Field.PRICE]) == 12345


def test_a_wrong_encoding_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path, "Назва;Ціна\nКава;1\n", "cp1251")

    with pytest.raises(SourceError, match=r"list\.csv is not utf-8: .* read as cp1251 .*; leave the encoding out"):
        CsvFile(path, Layout(encoding="utf-8"))


def test_a_wrong_wide_encoding_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path, "Назва;Ціна\nКава;1\n", "cp1251")

    with pytest.raises(SourceError, match=r"list\.csv .*utf-16.*leave the encoding out"):
        CsvFile(path, Layout(encoding="utf-16"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("encoding", "utf-99"),
        ("encoding", "base64"),
        ("delimiter", ";;"),
        ("delimiter", '"'),
        ("delimiter", ""),
        ("decimal", ";"),
        ("thousands", "_"),
        ("currency", "USD"),
        ("header_row", -1),
        ("mapping", {"colour": "Колір"}),
    ],
)
def test_an_impossible_layout_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(InvalidRequestError, match=f"{name} is") as caught:
        Layout(**{name: value})  # type: ignore[arg-type]

    assert caught.value.field == name


def test_one_mark_cannot_be_both(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="thousands is"):
        Layout(decimal=",", thousands=",")


def test_a_header_row_that_the_file_does_not_have_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"list\.csv has no row 7"):
        CsvFile(write(tmp_path, "Назва;Ціна\n"), Layout(header_row=7))


def test_a_file_without_headers_is_read_by_positions(tmp_path: Path) -> None:
    path = write(tmp_path, "4820000000017;Кава;12,50\n4820000000024;Чай;3,00\n", "cp1251")
    layout = Layout(header_row=0, mapping={"number": 1, "title": 2, "price": 3})

    with CsvFile(path, layout) as file:
        rows = list(file)

    assert (file.source_info.header_row, file.source_info.first_row) == (0, 1)
    assert [(row.line, row.content) for row in rows] == [
        (1, ["4820000000017", "Кава", "12,50"]),
        (2, ["4820000000024", "Чай", "3,00"]),
    ]
    assert file.columns.header_of("price") == "3"


def test_headers_alone_make_no_rows(tmp_path: Path) -> None:
    with CsvFile(write(tmp_path, "Назва;Ціна")) as file:
        assert list(file) == []
        assert file.source_info.first_row is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n \n", "is empty"),
        (b"\x00\x01\x02\x00" * 500, "is not a text file"),
        (bytes(range(256)) * 20, "is not a text file"),
        (b"%PDF-1.7 ...", "PDF document"),
        (b"PAR1....", "Parquet"),
        (b"\x1f\x8b\x08....", "gzip"),
        ("<html><table><tr><td>Назва".encode(), "web page"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "Excel 2003"),
        (b"PK\x03\x04 and nothing more", "damaged"),
        (b"PK\x05\x06" + bytes(18), "empty ZIP"),
        ("Назва;Ціна, USD\nКава;5\n".encode(), "«Ціна, USD» is not in hryvnias"),
        ("Назва;Ціна $\nКава;5\n".encode(), "«Ціна [$]» is not in hryvnias"),
    ],
)
def test_a_file_that_is_no_price_list_is_refused_by_name(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=f"^list.csv.*{message}"):
        open_file(write(tmp_path, content), UNKNOWN_LAYOUT, (Field.TITLE, Field.PRICE))


def test_prices_are_in_hryvnias_if_the_caller_says_so(tmp_path: Path) -> None:
    with CsvFile(write(tmp_path, "Назва;Ціна, USD\nКава;5\n"), Layout(currency="UAH")) as file:
        assert file.columns.positions[Field.PRICE] == 1


def test_a_nul_byte_in_a_cell_becomes_an_unreadable_letter(tmp_path: Path) -> None:
    rows = "".join(f"Чай {number};1\n" for number in range(100))
    with CsvFile(write(tmp_path, f"Назва;Ціна\nКа\0ва;1\n{rows}")) as file:
        assert next(iter(file)).content == ["Ка\ufffdва", "1"]


def test_ragged_rows_keep_what_they_have(tmp_path: Path) -> None:
    with CsvFile(write(tmp_path, "Назва;Ціна;Од.\nКава\nЧай;1;шт;зайве\n")) as file:
        assert [row.content for row in file] == [["Кава"], ["Чай", "1", "шт", "зайве"]]


def test_excels_line_about_the_separator_is_no_header(tmp_path: Path) -> None:
    with CsvFile(write(tmp_path, "sep=;\nНазва;Ціна\nКава;1\n")) as file:
        assert (file.source_info.header_row, [row.line for row in file]) == (2, [3])


def test_a_long_file_is_sampled_and_read_whole(tmp_path: Path) -> None:
    rows = "".join(f"Товар {number};{number},50\n" for number in range(30_000))
    with CsvFile(write(tmp_path, f"Назва;Ціна\n{rows}", "utf-16")) as file:
        last = list(file)[-1]

    assert last.content == ["Товар 29999", "29999,50"]
    assert last.line == 30_001


def test_a_binary_file_with_the_name_of_a_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"\x00\xff\x00\x01" * 1000)

    with pytest.raises(SourceError, match=r"list\.xlsx is not a text file"):
        open_file(path, UNKNOWN_LAYOUT, (Field.TITLE, Field.PRICE))


def test_a_csv_file_with_the_name_of_a_workbook_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_text("Назва;Ціна\nКава;1\n", "utf-8")

    with open_file(path, UNKNOWN_LAYOUT, (Field.TITLE, Field.PRICE)) as file:
        assert file.source_info.format == "CSV"
