"""CSV files: encoding, delimiter, header row, rows with their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.sources.csv_file import CsvFile, Header, find_csv_header
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
from smartkasa_async.catalog.sources.rows import UnreadableRow

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "Штрихкод;Назва;Ціна"


def write(folder: Path, text: str, encoding: str = "cp1251") -> Path:
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["cp1251", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [";", "\t", ",", "|"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n"])
def test_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, delimiter: str, line_end: str) -> None:
    lines = [HEADER, "4006381333931;Кава їжакова;99", "4006381333948;Ґудзик;1"]
    path = write(tmp_path, line_end.join(lines).replace(";", delimiter), encoding)

    with CsvFile(path) as file:
        rows = list(file)

    assert (file.encoding, file.header.delimiter) == (encoding, delimiter)
    assert [(row.number, row.line, row.content) for row in rows] == [
        (1, 2, ["4006381333931", "Кава їжакова", "99"]),
        (2, 3, ["4006381333948", "Ґудзик", "1"]),
    ]
    assert file.columns.positions == {Field.NUMBER: 0, Field.TITLE: 1, Field.PRICE: 2}


def test_the_letterhead_above_the_header_is_skipped() -> None:
    text = "ФОП Коваленко\n\nПрайс-лист; дійсний до 31.12\nНазва;Ціна\nКава;99\n"

    assert find_csv_header(text, HeaderMatcher()) == Header(";", 3)


def test_the_delimiter_with_more_known_headers_wins() -> None:
    assert find_csv_header("Назва;Ціна, грн;Артикул\nКава, мелена;99,50;1\n", HeaderMatcher()) == Header(";", 0)


def test_a_file_without_a_header_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"list.csv: none of its first 20 rows .* begins with «Кава мелена;99» \(read as cp1251\)"
    ):
        CsvFile(write(tmp_path, "Кава мелена;99\nЦукор білий;20\n"))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"list\.csv is empty"):
        CsvFile(write(tmp_path, ""))


@pytest.mark.parametrize("text", ["\ufeff", " \r\n\t\n", "\ufeff\n"])
def test_a_file_of_white_space_is_empty(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError, match=r"list\.csv is empty"):
        CsvFile(write(tmp_path, text, "utf-8"))


def test_rows_keep_their_first_line_over_breaks_and_blank_lines(tmp_path: Path) -> None:
    path = write(tmp_path, f'{HEADER}\n1;"Кава\nмелена";2\n\n;;\n3;Чай;4\n')

    with CsvFile(path) as file:
        assert [(row.number, row.line, row.content) for row in file] == [
            (1, 2, ["1", "Кава\nмелена", "2"]),
            (2, 6, ["3", "Чай", "4"]),
        ]


@pytest.mark.parametrize("count", [3, 20_000, 120_000])
def test_a_stray_quote_costs_its_row_alone_however_far_the_end_of_the_file_is(tmp_path: Path, count: int) -> None:
    rest = "".join(f"{number};Чай {number};10\n" for number in range(count))
    path = write(tmp_path, f'{HEADER}\n1;"Кава;5\n{rest}2;Цукор;6\n')

    with CsvFile(path) as file:
        rows = list(file)

    assert [(row.line, row.content) for row in rows[:2]] == [
        (2, UnreadableRow("unexpected end of data", content=('1;"Кава;5',))),
        (3, ["0", "Чай 0", "10"]),
    ]
    assert (rows[-1].line, rows[-1].content) == (count + 3, ["2", "Цукор", "6"])
    assert [row.number for row in rows] == list(range(1, count + 3))


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\n\n"])
def test_a_quote_left_open_to_the_end_is_told_though_all_fields_are_there(tmp_path: Path, ending: str) -> None:
    path = write(tmp_path, f'{HEADER};Опис\n1;Кава;5;"якість"\n2;Чай;6;"смак\n3;Цукор;7;добрий{ending}')

    with CsvFile(path) as file:
        rows = list(file)

    assert rows[0].content == ["1", "Кава", "5", "якість"]
    content = ('2;Чай;6;"смак\n3;Цукор;7;добрий',)
    assert [(row.line, row.content) for row in rows[1:]] == [
        (3, UnreadableRow("unexpected end of data", content=content))
    ]


def test_the_share_that_was_read_grows_to_one(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + "".join(f"\n{number};Чай;10" for number in range(20_000)))

    with CsvFile(path) as file:
        shares = [file.fraction for _ in file]

    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.5
    assert shares[-1] == 1
