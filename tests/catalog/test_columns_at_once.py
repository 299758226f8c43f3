"""Columns that are read at once: only where each of their cells alone would be read the same."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async._support.spreadsheets import find_conversion, may_be_converted
from smartkasa_async.catalog.checks.codes import check_digit, parse_barcode, parse_plain_barcodes
from smartkasa_async.catalog.checks.values import parse_plain_texts, parse_title
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.cells import ConvertedCell
from tests.catalog.test_check_all import CODES, TITLES

CONVERTED = ("01.02.2024", "1:18:00", "4,82E+12", "1234567890123450000", "#N/A", "##", "TRUE", "10-янв", "2024-01-02")
ARTICLES = ("10-11", "1:18", "К-1", "0901-0000123", "Кава 1:18:00", "4820", "x TRUE")


def _read(cell: str) -> str | None:
    try:
        return parse_barcode(cell)
    except RuleViolationError:
        return None


@given(st.lists(st.tuples(st.integers(0, 10**12 - 1), st.integers(0, 9)), min_size=1, max_size=20))
def test_barcodes_are_right_together_where_each_is(drawn: list[tuple[int, int]]) -> None:
    cells = [f"{body:012}{last}" for body, last in drawn]
    right = [f"{body:012}{check_digit(f'{body:012}')}" for body, _ in drawn]
    for column in (cells, right, [*right, cells[0]]):
        read = parse_plain_barcodes(column)
        assert read is None or read == [_read(cell) for cell in column]
    if "0000000" not in "".join(right):
        assert parse_plain_barcodes(right) == right


@pytest.mark.parametrize("place", range(13))
def test_wrong_digit_in_any_place_is_found(place: int) -> None:
    random = Random(place)  # noqa: S311  (numbers of goods)
    bodies = [f"{random.randrange(10**11, 10**12)}" for _ in range(50)]
    cells = [body + str(check_digit(body)) for body in bodies]
    assert parse_plain_barcodes(cells) == cells
    at = random.randrange(50)
    wrong = cells[at][:place] + str((int(cells[at][place]) + 1) % 10) + cells[at][place + 1 :]
    assert parse_plain_barcodes([*cells[:at], wrong, *cells[at + 1 :]]) is None


@pytest.mark.parametrize(
    "cell",
    ["", " 4006381333931", "96385074", "4820000000000", "٤٠٠٦٣٨١٣٣٣٩٣١", ConvertedCell("4006381333931", "cell_date")],
)
def test_unusual_barcodes_are_left_to_the_rule(cell: str) -> None:
    assert parse_plain_barcodes(["4006381333931"]) == ["4006381333931"]
    assert parse_plain_barcodes(["4006381333931", cell]) is None


@pytest.mark.parametrize("converted", CONVERTED)
@pytest.mark.parametrize("at", [0, 3, 7])
def test_what_a_spreadsheet_made_is_found_among_others(converted: str, at: int) -> None:
    assert find_conversion(converted)
    assert not may_be_converted(ARTICLES)
    assert may_be_converted([*ARTICLES[:at], converted, *ARTICLES[at:]])


@given(
    st.lists(
        st.sampled_from([*TITLES, *CODES, *CONVERTED, *ARTICLES, "", " Чай ", "'Чай", "=1", "Чай\u00a0"]),
        min_size=1,
        max_size=4,
    )
)
def test_texts_are_plain_together_where_each_is(cells: list[str]) -> None:
    read = parse_plain_texts(cells)
    if read is not None:
        texts = [cell.strip() for cell in cells]
        assert read == texts == [parse_title(text) for text in texts]
        assert not any(find_conversion(text) or text[0] in "'=" for text in texts)


def test_plain_texts_lose_the_spaces_at_their_ends() -> None:
    assert parse_plain_texts(["Чай", " Лате ", "Кава, 1 кг"]) == ["Чай", "Лате", "Кава, 1 кг"]
