"""Every question of the page of dashboards is answered by SQLite and by PostgreSQL, and the answers add up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window
from smartkasa_async.sandbox.business import Business, Simulation, simulate
from tests.docs.markdown import Document
from tests.support.simulated_store import write_business

if TYPE_CHECKING:
    from smartkasa_async.stores import Store

FIRST, LAST = date(2026, 9, 28), date(2026, 10, 4)
QUESTIONS = [block.code for block in Document("docs/dashboards.md").blocks if block.language == "sql"]
ALL_OF_IT = {
    "SELECT business_date, shop, net",
    "SELECT payment_means, sum(net)",
    "SELECT business_date, net, net - lag",
}


@cache
def business() -> Business:
    return simulate(Simulation(shops=2, start=FIRST, days=7, receipts_per_day=30))


def net() -> Decimal:
    rows = business().rows["receipts"]
    sales = sum((row["total_amount"] for row in rows if row["type"] == 0 and row["state"] == 2), Decimal(0))
    return sales - sum((row["total_amount"] for row in rows if row["type"] == 3), Decimal(0))


async def ask(store: Store, question: str) -> list[dict[str, Any]]:
    async with store.reading() as connection:
        return [dict(row) for row in (await connection.execute(text(question))).mappings()]


@pytest.fixture
async def filled(store: Store) -> Store:
    await write_business(store, business())
    for shop in business().rows["shops"]:
        now = datetime(2026, 10, 5, tzinfo=UTC)
        await store.note_read(RecordKind.RECEIPTS, now, shop_id=shop["id"], window=Window(FIRST, LAST))
    return store


async def test_every_question_has_an_answer_that_adds_up(filled: Store) -> None:
    assert len(QUESTIONS) >= 12
    checked = set()
    for question in QUESTIONS:
        rows = await ask(filled, question)
        assert rows, question
        assert None not in rows[-1].values(), question
        for beginning in ALL_OF_IT:
            if question.startswith(beginning):
                checked.add(beginning)
                assert round(sum(Decimal(str(row["net"])) for row in rows), 2) == net(), question
    assert checked == ALL_OF_IT


async def test_months_cash_and_last_days_are_those_of_the_business(filled: Store) -> None:
    answers = {question.split("\n")[0]: await ask(filled, question) for question in QUESTIONS}
    months = next(rows for rows in answers.values() if "month" in rows[0] and "net" in rows[0])
    assert [row["month"] for row in months] == ["2026-09", "2026-10"]
    assert round(sum(Decimal(str(row["net"])) for row in months), 2) == net()
    cash = next(rows for rows in answers.values() if "cash" in rows[0])
    assert round(sum(Decimal(str(row["cash"])) + Decimal(str(row["other"])) for row in cash), 2) == net()
    last = next(rows for rows in answers.values() if "last_day" in rows[0])
    assert {str(row["last_day"]) for row in last} == {str(LAST)}


def test_both_pages_ask_the_same() -> None:
    assert [block.code for block in Document("docs/uk/dashboards.md").blocks if block.language == "sql"] == QUESTIONS
