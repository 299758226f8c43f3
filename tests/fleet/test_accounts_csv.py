"""A file of accounts: each error names row, column and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smartkasa_async.fleet.accounts_csv import AccountsFileError, parse_accounts, read_accounts

if TYPE_CHECKING:
    from pathlib import Path

_HEADER = "name,api_key,phone_number,password,tier,calls_per_second\n"
_GOOD = "Кафе,key-1,+380 50 123 45 67,secret-word,slow,2.5\n"


def test_good_rows_become_accounts() -> None:
    accounts, problems = parse_accounts(_HEADER + _GOOD + "\n", base_url="https://example.com")
    assert problems == []
    (account,) = accounts
    assert (account.name, account.tier, account.calls_per_second) == ("Кафе", "slow", 2.5)
    assert account.base_url == "https://example.com"
    assert account.credentials.password == "secret-word"


def test_semicolons_decimal_commas_and_capitals_of_excel_are_read() -> None:
    accounts, problems = parse_accounts(
        "Name;API_KEY;Phone_Number;Password;calls_per_second\r\none;k;0501234567;p;2,5\r\n"
    )
    assert problems == []
    assert accounts[0].calls_per_second == 2.5


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("one,,0501234567,p,,\n", "Row 2, column api_key: it is empty; fill it in"),
        ("one,k,0501234567,p,,fast\n", "Row 2, column calls_per_second: it is no number; write one such as 5"),
        ("one,k,0501234567,p,,-1\n", "Row 2: calls_per_second is -1.0; give a finite number above 0"),
        ("one,k,0501234567,p,gold,\n", "Row 2: tier is 'gold'; give one of standard, slow"),
        ("one,k,phone,p,,\n", "Row 2: phone_number cannot be used"),
        ("one,k k,0501234567,p,,\n", "Row 2: api_key holds a space"),
        ("one,k,0501234567\n", "Row 2 has more or fewer cells than the header"),
        (_GOOD + "Кафе,k,0501234567,p,,\n", "Row 3, column name: Кафе stands in row 2 already"),
        ('"one,k\n', "this is not CSV"),
        ("", "There is no row below the header"),
    ],
)
def test_each_error_names_its_row(rows: str, problem: str) -> None:
    _, problems = parse_accounts(_HEADER + rows)
    assert [str(one) for one in problems if problem in str(one)], problems


def test_unknown_and_missing_columns_are_named_with_the_likely_one() -> None:
    _, problems = parse_accounts("name,apikey,phone_number\none,k,0501234567\n")
    assert [str(problem) for problem in problems] == [
        "Row 1: the column api_key is missing; add it",
        "Row 1: the column password is missing; add it",
        "Row 1: the column apikey is unknown; remove it or write api_key",
    ]


def test_all_errors_of_a_file_come_together_and_show_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text(_HEADER + "one,key secret,0501234567,p,,\n" + "two,key-secret,phone,pass-secret,,\n", "utf-8")
    with pytest.raises(AccountsFileError, match="nothing was added") as caught:
        read_accounts(file)
    assert len(caught.value.problems) == 2
    assert "secret" not in str([caught.value, *map(str, caught.value.problems)])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(AccountsFileError, match="cannot be read"):
        read_accounts(tmp_path / "none.csv")
    file = tmp_path / "accounts.csv"
    file.write_bytes(_HEADER.encode("utf-16"))
    with pytest.raises(AccountsFileError, match="UTF-8"):
        read_accounts(file)
