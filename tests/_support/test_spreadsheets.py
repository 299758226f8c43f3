"""Marks that keep spreadsheets from running, shortening or stripping a cell."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column

from smartkasa_async._support.spreadsheets import guard_cell, is_scientific, seen_cell, unguard_cell
from smartkasa_async._support.tables import write_csv
from smartkasa_async.export.files import CsvFile

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://a.example";"Кава")', "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1"]
)
def test_a_formula_is_marked_as_text(text: str) -> None:
    assert guard_cell(text) == f"'{text}"


@pytest.mark.parametrize("sign", "=+-@＝＋－＠﹦﹢﹣﹫")
@pytest.mark.parametrize(
    "front", ["", " ", "\n", "\r\n", "\t ", "\u00a0", "\u202f", "\u3000", "\ufeff", "\u200b", "\x00", "\x0b"]
)
def test_a_formula_is_marked_whatever_stands_before_its_sign(front: str, sign: str) -> None:
    text = f"{front}{sign}SUM(A1)"

    assert guard_cell(text) == f"'{text}"
    assert unguard_cell(guard_cell(text)) == text


@pytest.mark.parametrize("text", ["-5", " -5,50", "\t-1 299,50", "\n+7", "-5 ", "\u00a0-10%"])
def test_negative_numbers_stay_numbers(text: str) -> None:
    assert guard_cell(text) == text


@pytest.mark.parametrize("text", ["4820001000016", "048200010001", "007"])
def test_digits_that_would_be_lost_are_marked_as_text(text: str) -> None:
    assert guard_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Кава", "-5", "+5,5", "-1 299,50", "-10%", "0", "0,5", "12345678", "'Кава", "'"])
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert guard_cell(text) == unguard_cell(text) == text


@given(st.text(alphabet="=+-@＝－'\t\n\u00a0 01789.,Ка", max_size=14))
def test_a_mark_comes_off_again(text: str) -> None:
    assert unguard_cell(guard_cell(text)) == text


@pytest.mark.parametrize("text", ["4820001000016", "007", "Кава", ""])
def test_text_that_other_programs_wrap_in_a_formula_is_taken_out(text: str) -> None:
    assert unguard_cell(f'="{text}"') == text
    assert unguard_cell(guard_cell(f'="{text}"')) == f'="{text}"'


@pytest.mark.parametrize("text", ["4,82E+12", "4.82E12", "4,82e+12", "4Е+12"])
def test_a_shortened_number_is_known(text: str) -> None:
    assert is_scientific(text)


@pytest.mark.parametrize("text", ["482", "E12", "4,82E", "12E3"])
def test_other_texts_are_no_shortened_numbers(text: str) -> None:
    assert not is_scientific(text)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Чай", "Чай"),
        ("Чай\x00чорний", "Чай\\x00чорний"),
        ("\x1b[31mЧай\x7f", "\\x1b[31mЧай\\x7f"),
        ("два\tслова\nі\r\nрядки", "два\tслова\nі\r\nрядки"),
        ("\x00=1+1", "\\x00=1+1"),
        ("=1+\x011", "'=1+\\x011"),
        ("\u00a0\u202eЧай", "\u00a0\u202eЧай"),
        ("", ""),
    ],
)
def test_control_characters_of_a_table_for_people_can_be_seen(text: str, cell: str, tmp_path: Path) -> None:
    assert seen_cell(text) == cell
    written = StringIO()
    write_csv(written, ["a"], [[text], [None], ["x"]])
    file = CsvFile(tmp_path / "a.csv", {"a": column("a")})
    file.write([[text], ["x"]])
    file.finish()
    for content in (written.getvalue(), (tmp_path / "a.csv").read_bytes().decode("utf-8-sig")):
        rows = list(csv.reader(StringIO(content, newline=""), delimiter=";"))
        assert (rows[1] or [""])[0] == cell
        assert rows[-1] == ["x"]
