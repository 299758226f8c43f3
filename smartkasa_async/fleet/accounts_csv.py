"""Accounts from a CSV file: each error names the row, the column and what to do; one error, and none is added."""

from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, cast

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.message import Message, msg
from smartkasa_async._i18n.translate import message_of
from smartkasa_async._support.files import read_file
from smartkasa_async._support.nearest import nearest
from smartkasa_async.errors import SmartKasaError
from smartkasa_async.fleet.accounts import NewAccount
from smartkasa_async.fleet.credentials import Credentials
from smartkasa_async.fleet.errors import FleetError
from smartkasa_async.settings import DEFAULT_BASE_URL

if TYPE_CHECKING:
    import os

    from smartkasa_async.fleet.work import Tier

REQUIRED = ("name", "api_key", "phone_number", "password")
OPTIONAL = ("base_url", "tier", "calls_per_second")
_COLUMNS = (*REQUIRED, *OPTIONAL)


class AccountsFileError(FleetError):
    """A file of accounts has errors; nothing was added.

    Attributes:
        problems: Each error, with its row and column.
    """

    def __init__(self, message: Message, problems: tuple[Message, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


def read_accounts(path: str | os.PathLike[str], *, base_url: str | None = None) -> list[NewAccount]:
    """Read accounts from a CSV file in UTF-8, separated by commas or semicolons.

    Args:
        path: The file; its header names the columns: name, api_key, phone_number, password, and, if they are there,
            base_url, tier and calls_per_second.
        base_url: Address of the service for rows that have none; None for the live service.

    Raises:
        AccountsFileError: The file cannot be read, or rows have errors; names them all, and shows no secret.
    """
    file = Path(path)
    try:
        text = read_file(file).decode("utf-8-sig")
    except OSError as error:
        raise AccountsFileError(msg("{file} cannot be read: {reason}", file=file, reason=reason_of(error))) from error
    except UnicodeDecodeError:
        raise AccountsFileError(msg("{file} is not UTF-8; save it again as UTF-8", file=file)) from None
    accounts, problems = parse_accounts(text, base_url=base_url or DEFAULT_BASE_URL)
    if problems:
        raise AccountsFileError(
            msg("{file} has errors, and nothing was added: {first}", file=file, first=problems[0]), tuple(problems)
        )
    return accounts


def parse_accounts(text: str, *, base_url: str = DEFAULT_BASE_URL) -> tuple[list[NewAccount], list[Message]]:
    """Read accounts from the text of a CSV file.

    Args:
        text: The file's text.
        base_url: Address of the service for rows that have none.

    Returns:
        The accounts, and what is wrong.
    """
    first_line = text.partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    reader = csv.DictReader(StringIO(text), delimiter=delimiter, strict=True)
    try:
        header = [(name or "").strip().lower() for name in reader.fieldnames or ()]
        if problems := _problems_of_header(header):
            return [], problems
        reader.fieldnames = header
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        return [], [msg("Row {row}: this is not CSV: {reason}", row=reader.line_num, reason=error)]
    accounts: list[NewAccount] = []
    seen: dict[str, int] = {}
    for number, row in rows:
        account, found = _account(number, row, base_url)
        problems += found
        if account is None:
            continue
        if (before := seen.setdefault(account.name, number)) != number:
            problems.append(
                msg(
                    "Row {row}, column name: {name} stands in row {before} already; remove one",
                    row=number,
                    name=account.name,
                    before=before,
                )
            )
        accounts.append(account)
    if not rows:
        problems.append(msg("There is no row below the header; add a row for each account"))
    return accounts, problems


def _problems_of_header(header: list[str]) -> list[Message]:
    problems = [
        msg("Row 1: the column {column} is missing; add it", column=name) for name in REQUIRED if name not in header
    ]
    for name in dict.fromkeys(header):
        if name not in _COLUMNS:
            meant = ", ".join(nearest(name, _COLUMNS)) or ", ".join(_COLUMNS)
            problems.append(
                msg("Row 1: the column {column} is unknown; remove it or write {meant}", column=name, meant=meant)
            )
        elif header.count(name) > 1:
            problems.append(msg("Row 1: the column {column} stands there twice; remove one", column=name))
    return problems


def _account(number: int, row: dict[str, str], base_url: str) -> tuple[NewAccount | None, list[Message]]:
    if None in row or None in row.values():
        return None, [msg("Row {row} has more or fewer cells than the header; correct it", row=number)]
    cells = {name: value.strip() for name, value in row.items()}
    problems = [
        msg("Row {row}, column {column}: it is empty; fill it in", row=number, column=name)
        for name in REQUIRED
        if not cells[name]
    ]
    pace: float | None = None
    if text := cells.get("calls_per_second", "").replace(",", "."):
        try:
            pace = float(text)
        except ValueError:
            problems.append(msg("Row {row}, column calls_per_second: it is no number; write one such as 5", row=number))
    if problems:
        return None, problems
    try:
        account = NewAccount(
            name=cells["name"],
            credentials=Credentials(cells["api_key"], cells["phone_number"], cells["password"]),
            base_url=cells.get("base_url") or base_url,
            tier=cast("Tier", cells.get("tier") or "standard"),
            calls_per_second=pace,
        )
    except SmartKasaError as error:  # names its field
        return None, [msg("Row {row}: {reason}", row=number, reason=message_of(error))]
    return account, []
