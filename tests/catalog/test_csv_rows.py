"""Rows of CSV files whose quotes, long fields, NUL bytes or carriage returns hide where a row ends."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog.sources.csv_file import CsvFile, CsvRows
from smartkasa_async.catalog.sources.ending import End
from smartkasa_async.catalog.sources.rows import UnreadableRow

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "Штрихкод;Назва;Ціна;Опис\n"
LIMIT = 131_072


def read(folder: Path, text: str, encoding: str = "utf-8") -> tuple[CsvFile, list[tuple[int, object]]]:
    """Read a file; rows that cannot be read are shown by why, and the beginning of their text."""
    path = folder / "list.csv"
    path.write_bytes(text.encode(encoding))
    with CsvFile(path) as file:
        rows = list(file)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    return file, [(row.line, shown(row.content)) for row in rows]


def shown(content: object) -> object:
    if isinstance(content, UnreadableRow):
        return f"{content.reason}: {content.content[0][:12]}"
    return content


def field_of(size: int, inner: str = "4820000000017;Фальшивий;1,00;x") -> str:
    """Make a description of lines that look like rows, as long as it must be."""
    return "\n".join([inner] * (size // (len(inner) + 1) + 1))


@pytest.mark.parametrize("size", [LIMIT - 500, LIMIT, 2 * LIMIT, 2_000_000])
def test_no_line_of_a_long_field_is_a_row_and_no_row_behind_it_is_lost(tmp_path: Path, size: int) -> None:
    text = field_of(size)
    lines = text.count("\n")

    _, rows = read(tmp_path, f'{HEADER}1;Кава;5;"{text}"\n2;Чай;6;ще\n3;Сік;7;"добрий"\n')

    assert rows[1:] == [(3 + lines, ["2", "Чай", "6", "ще"]), (4 + lines, ["3", "Сік", "7", "добрий"])]
    if len(text) <= LIMIT:
        assert rows[0] == (2, ["1", "Кава", "5", text])
    else:
        assert rows[0] == (2, 'field larger than field limit (131072): 1;Кава;5;"48')


def test_a_long_field_with_doubled_quotes_and_fields_behind_it_ends_where_it_ends(tmp_path: Path) -> None:
    text = field_of(2 * LIMIT, 'каже ""добре""; 4820000000017;""Фальш"";1')

    _, rows = read(tmp_path, f'Назва;Опис;Ціна;Од\n"Кава";"{text}";5;"шт"\nЧай;"";6;шт\n')

    assert [content for _, content in rows[1:]] == [["Чай", "", "6", "шт"]]
    assert str(rows[0][1]).startswith("field larger")


def test_a_long_field_without_quotes_costs_its_line(tmp_path: Path) -> None:
    _, rows = read(tmp_path, f"{HEADER}1;Кава;5;{'я' * LIMIT}я\n2;Чай;6;ще\n")

    assert rows == [(2, "field larger than field limit (131072): 1;Кава;5;яяя"), (3, ["2", "Чай", "6", "ще"])]


def test_a_long_field_that_never_ends_gives_no_row(tmp_path: Path) -> None:
    file, rows = read(tmp_path, f'{HEADER}1;Кава;5;"{field_of(3 * LIMIT)}\n')

    assert [line for line, _ in rows] == [2]
    assert file.ending.end is not End.WHOLE


@pytest.mark.parametrize("behind", ["", '5;"Мед";9;"ще"\n', '5;Мед "липовий";9;\n'])
def test_a_stray_quote_costs_its_line_and_no_other(tmp_path: Path, behind: str) -> None:
    _, rows = read(tmp_path, f'{HEADER}1;"Кава;5;так\n2;Чай;6;\n\n4;Сік;7;\n{behind}')

    assert rows[:3] == [
        (2, 'unexpected end of data: 1;"Кава;5;та'),
        (3, ["2", "Чай", "6", ""]),
        (5, ["4", "Сік", "7", ""]),
    ]
    assert len(rows) == 3 + bool(behind)


def test_two_stray_quotes_cost_two_lines(tmp_path: Path) -> None:
    rest = "".join(f"{number};Чай {number};6;\n" for number in range(30_000))

    _, rows = read(tmp_path, f'{HEADER}1;"Кава;5;\n{rest}2;"Сік;5;\n{rest}')

    assert len(rows) == 60_002
    assert [line for line, content in rows if isinstance(content, str)] == [2, 30_003]


def test_a_field_of_several_lines_is_a_field(tmp_path: Path) -> None:
    _, rows = read(tmp_path, f'{HEADER}1;Кава;5;"перше; ""друге""\nтретє"\n2;"Чай";6;\n')

    assert rows == [(2, ["1", "Кава", "5", 'перше; "друге"\nтретє']), (4, ["2", "Чай", "6", ""])]


def test_a_carriage_return_within_a_row_is_no_end_of_it(tmp_path: Path) -> None:
    _, rows = read(tmp_path, 'Ціна;Назва\r\n5;Кава\rмелена\r\n6;Чай\r\n7;"Сік\rсвіжий"\r\n8;Сіль\r\r\n9;Мед\r\n')

    assert rows == [
        (2, "a carriage return within the row: 5;Кава\rмелен"),
        (3, ["6", "Чай"]),
        (4, ["7", "Сік\rсвіжий"]),
        (5, ["8", "Сіль"]),
        (6, ["9", "Мед"]),
    ]


def test_carriage_returns_alone_end_the_rows_of_an_old_macintosh(tmp_path: Path) -> None:
    _, rows = read(tmp_path, "Назва;Ціна\rКава;5\rЧай;6\r", "mac-cyrillic")

    assert rows == [(2, ["Кава", "5"]), (3, ["Чай", "6"])]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_a_nul_is_shown_as_an_unreadable_letter_in_its_row_alone(tmp_path: Path, encoding: str) -> None:
    _, rows = read(tmp_path, "Назва;Ціна\nКава\0 мелена;5\nЧай чорний;6\nЦукор білий;7\n" + "Сіль;8\n" * 20, encoding)

    assert rows[:2] == [(2, ["Кава\ufffd мелена", "5"]), (3, ["Чай чорний", "6"])]


def test_the_mark_of_dos_ends_the_last_row(tmp_path: Path) -> None:
    file, rows = read(tmp_path, "Назва;Ціна\nКава мелена;5\nЧай;6\x1a", "cp1125")

    assert rows[-1] == (3, ["Чай", "6"])
    assert file.ending.end is End.WHOLE


@pytest.mark.parametrize(
    "cell",
    [
        '"Кафе "Ранок""',
        '""Ранок" кафе"',
        '"Телевізор 32" LED"',
        '"Чай" зелений',
        r'"Чай \"Ранок\" чорний"',
        '"Чай"" чорний',
    ],
)
def test_quotes_within_a_quoted_field_must_be_doubled(tmp_path: Path, cell: str) -> None:
    _, rows = read(tmp_path, f"{HEADER}1;{cell};5;\n2;Чай;6;\n")

    assert rows[0][0] == 2
    assert "not doubled" in str(rows[0][1]) or "unexpected end" in str(rows[0][1])
    assert rows[1:] == [(3, ["2", "Чай", "6", ""])]


@pytest.mark.parametrize(
    ("cell", "title"),
    [
        ('Телевізор 32" LED', 'Телевізор 32" LED'),
        ('Телевізор 32"', 'Телевізор 32"'),
        ('Кафе "Ранок"', 'Кафе "Ранок"'),
        ('"Кафе ""Ранок"""', 'Кафе "Ранок"'),
        ('"""Ранок"" кафе"', '"Ранок" кафе'),
        ('"""Ранок"""', '"Ранок"'),
        ('""', ""),
        ('" Чай "', " Чай "),
    ],
)
def test_quotes_that_are_as_they_must_be_cost_nothing(tmp_path: Path, cell: str, title: str) -> None:
    _, rows = read(tmp_path, f'{HEADER}1;{cell};5;\n{cell};2;6;"так"\n')

    assert rows == [(2, ["1", title, "5", ""]), (3, [title, "2", "6", "так"])]


def test_quotes_that_are_not_doubled_cost_nothing_in_a_column_that_is_left_alone(tmp_path: Path) -> None:
    _, rows = read(tmp_path, f'{HEADER}1;Кава;5;"<p class="x">міцна</p>"\n2;Чай;6;\n')

    assert [content[:3] for _, content in rows if isinstance(content, list)] == [["1", "Кава", "5"], ["2", "Чай", "6"]]


def test_no_row_is_swallowed_between_two_stray_quotes_of_the_last_column(tmp_path: Path) -> None:
    _, rows = read(tmp_path, f'{HEADER}1;Кава;5;"міцна\n2;Чай;6;\n3;Сік;7;"свіжий\n4;Мед;8;\n')

    assert rows == [
        (2, 'quotation marks within a quoted field that are not doubled: 1;Кава;5;"мі'),
        (5, ["4", "Мед", "8", ""]),
    ]


PIECES = (
    *("Кава;5;шт;x", "Чай;6", "", " ", ";;;", "\t"), *('"', '""', 'каже "добре"', '"Кава";5', "а\rб", "\0", "\x1a"),
    *("\n", "\n", "\n", "\r\n", "\r\r\n", "\r"),
)  # fmt: skip


def test_lines_without_quotes_are_the_rows_that_the_reader_of_python_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(2026)  # noqa: S311 files need no secrets
    whole = HEADER + "4820000000017;Кава;5,00;у зернах\n" * 60
    texts = [whole + "".join(random.choices(PIECES, k=random.randint(1, 40))) for _ in range(100)]
    read_at_once = [read(tmp_path, text) for text in texts]

    monkeypatch.setattr(CsvRows, "_unquoted", lambda _: ())
    read_with_care = [read(tmp_path, text) for text in texts]

    for text, (file, rows), (other, others) in zip(texts, read_at_once, read_with_care, strict=True):
        assert (rows, file.ending) == (others, other.ending), text
