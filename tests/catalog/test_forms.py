"""Rows of a price list that are none of a product: told in one line, and never a product among them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, cast

import pytest

from smartkasa_async.catalog import Outcome, OutcomeKind, OutcomesCsv, RejectedFile, import_products
from smartkasa_async.catalog.checks.review import no_product_code
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
from tests.support.catalogue_service import FakeKasa

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async import SmartKasa

HEADERS = ["Штрихкод", "Назва", "Од.", "Ціна, грн", "Залишок"]
COLUMNS = HeaderMatcher().match(HEADERS, file="list.csv")
NUMBER = "4823012345039"


@pytest.mark.parametrize(
    ("row", "form"),
    [
        (HEADERS, "header_repeated"),
        (["штрихкод", "НАЗВА", "", "ціна", ""], "header_repeated"),
        (["", "Напої", "", "", ""], "section_title"),
        (["Напої безалкогольні", "", "", "", ""], "section_title"),
        (["", "Напої 0,5 л", "", "", ""], "section_title"),
        (["", "  1. Бакалія  ", "", "", ""], "section_title"),
        (["", "Разом", "", "1 500,00", "30"], "total_row"),
        (["Разом:", "", "", "1500", ""], "total_row"),
        (["", "ВСЬОГО", "", "", "30"], "total_row"),
        (["", "Всього найменувань 25, на суму 1 299,50 грн", "", "", ""], "total_row"),
        (["", "Итого по группе Напитки", "", "12", ""], "total_row"),
        (["", "Усього до сплати", "", "12", ""], "total_row"),
        (["", "Total", "", "", "5"], "total_row"),
        (["", "Директор ____________", "", "", ""], "signature_row"),
        (["", "Гол. бухгалтер", "", "", "Петренко О. О."], "signature_row"),
        (["", "Склав:", "________", "", ""], "signature_row"),
        (["М.П.", "", "", "", ""], "signature_row"),
    ],
)
def test_row_of_no_product_is_told_by_its_form(row: list[str], form: str) -> None:
    assert no_product_code(row, COLUMNS) == form


@pytest.mark.parametrize(
    "row",
    [
        [NUMBER, "Напої", "", "", ""],
        ["ABC-1", "Напої", "", "", ""],
        ["12345", "", "", "", ""],
        ["", "Хліб", "шт", "", ""],
        ["", "Хліб", "", "20,00", ""],
        ["", "Хліб", "", "", "5"],
        ["", "", "", "20,00", ""],
        ["", "12", "", "", ""],
        ["", "Всього потроху, цукерки", "", "20,00", ""],
        ["", "Разом з мамою, печиво", "", "20,00", ""],
        ["", "Підсумковий альбом", "", "20,00", ""],
        ["", "Директорська ковбаса", "", "20,00", ""],
        ["", "Складана лінійка", "шт", "", ""],
        [NUMBER, "Разом", "", "20,00", ""],
        [NUMBER, "Директор ____", "", "", ""],
        ["", "", "", "", ""],
    ],
)
def test_row_that_may_be_a_product_is_none_of_them(row: list[str]) -> None:
    assert no_product_code(row, COLUMNS) is None


LIST = [
    HEADERS,
    ["", "Напої", "", "", ""],
    [NUMBER, "Кава", "", "5,00", "1"],
    ["", "Солодощі", "", "", ""],
    ["4823012345046", "Печиво", "", "дорого", "1"],
    HEADERS,
    ["4006381333931", "Чай", "", "7,00", "1"],
    ["", "Разом", "", "12,00", "3"],
    ["", "Директор ________", "", "", ""],
]


def write(path: Path, rows: list[list[str]] = LIST) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return path


async def bring(kasa: FakeKasa, path: Path, mode: str = "upsert") -> tuple[list[Outcome], str]:
    job = import_products(cast("SmartKasa", kasa), path, late_write_window=0, mode=mode)  # type: ignore[arg-type]
    outcomes = [outcome async for outcome in job]
    return sorted(outcomes, key=lambda outcome: outcome.row), job.summary.table()


async def test_they_have_an_outcome_each_and_are_told_in_one_line(tmp_path: Path) -> None:
    outcomes, table = await bring(FakeKasa(), write(tmp_path / "list.csv"))

    assert [(outcome.line, outcome.kind.value) for outcome in outcomes] == [
        (2, "no_product"),
        (3, "created"),
        (4, "no_product"),
        (5, "rejected"),
        (6, "no_product"),
        (7, "created"),
        (8, "no_product"),
        (9, "no_product"),
    ]
    assert table.splitlines() == [
        "rows        8",
        "created     2",
        "rejected    1",
        "no product  5",
        (
            "5 rows are no products: 2 «Напої», 4 «Солодощі», 6 «Штрихкод», 8 «Разом», 9 «Директор ________»; "
            "if one of them is, fill in its other cells"
        ),
    ]


async def test_one_of_them_is_told_as_one(tmp_path: Path) -> None:
    _, table = await bring(FakeKasa(), write(tmp_path / "list.csv", LIST[:3]))

    assert table.splitlines()[-1].startswith("one row is no product: 2 «Напої»;")


async def test_they_are_not_among_the_rows_to_be_repaired_but_among_all_outcomes(tmp_path: Path) -> None:
    outcomes, _ = await bring(FakeKasa(), write(tmp_path / "list.csv"))
    with (
        RejectedFile(tmp_path / "rejected.csv", language="uk") as rejected,
        OutcomesCsv(tmp_path / "all.csv", language="uk") as everything,
    ):
        for outcome in outcomes:
            rejected.write(outcome)
            everything.write(outcome)

    assert (rejected.count, everything.count) == (1, 8)
    assert "не товар" in (tmp_path / "all.csv").read_text("utf-8-sig")


async def test_title_alone_keeps_a_mirror_from_deleting_what_it_may_stand_for(tmp_path: Path) -> None:
    kasa = FakeKasa()
    kasa.keep(number="40063812", title="Напої")

    async def missing(rows: list[list[str]]) -> list[str]:
        job = import_products(
            cast("SmartKasa", kasa),
            write(tmp_path / "list.csv", rows),
            mode="mirror",
            delete_missing=True,
            delete_limit=9,
            dry_run=True,
            late_write_window=0,
        )
        await job
        return [note.code for note in job.summary.notes if note.code.startswith("missing")] + [str(job.summary.deleted)]

    assert await missing(LIST[:3]) == ["missing_rows_unread", "0"]
    assert await missing([LIST[0], LIST[2], *LIST[-2:]]) == ["1"], "a total or a signature stands for nothing"


async def test_records_are_all_products(tmp_path: Path) -> None:
    (tmp_path / "list.jsonl").write_text('{"number": "1", "title": "Чай", "price": 5}\n{"title": "Напої"}\n', "utf-8")

    outcomes, _ = await bring(FakeKasa(), tmp_path / "list.jsonl")

    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.REJECTED}
