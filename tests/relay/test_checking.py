"""What a store shows is told once, with the figures that the simulated business itself counts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from sqlalchemy import delete, insert, update

from smartkasa_async._support import clock as _clock
from smartkasa_async.records import KYIV, business_day
from smartkasa_async.records.batch import Batch, RecordKind
from smartkasa_async.records.days import Window
from smartkasa_async.relay import EventKind
from smartkasa_async.relay.checking import Checker, CheckOptions
from smartkasa_async.relay.outbox import Outbox
from smartkasa_async.sandbox import Business, Simulation, simulate
from smartkasa_async.stores.schema import CARDS, RECEIPTS, Z_REPORTS
from tests.support.edited_ledger import EditedLedger, is_sale
from tests.support.stock_cards import card, product
from tests.support.stored_ledger import note_all_read, write_business

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async.stores import Store

START, DAYS = date(2026, 3, 20), 5
YESTERDAY = START + timedelta(days=DAYS - 1)
TODAY = YESTERDAY + timedelta(days=1)
BUSINESS = Simulation(seed=7, shops=2, terminals_per_shop=1, products=6, start=START, days=DAYS, receipts_per_day=5)


def at(hour: int, minute: int = 0, *, day: date = TODAY) -> datetime:
    return datetime.combine(day, time(hour, minute), KYIV)


@pytest.fixture(scope="module")
def business() -> Business:
    return simulate(BUSINESS)


@pytest.fixture
async def ledger(store: Store, business: Business, monkeypatch: pytest.MonkeyPatch) -> EditedLedger:
    await write_business(store, business)
    monkeypatch.setattr(_clock, "now", lambda: at(12))
    return EditedLedger(store)


@pytest.fixture
async def look(store: Store, ledger: EditedLedger) -> Callable[..., Any]:
    """Give a function that looks at the store once, and gives the messages that this made."""
    outbox = Outbox(store, "webhook")
    await outbox.take_over()

    async def look(now: datetime, *events: EventKind, **options: Any) -> list[dict[str, Any]]:
        known = {message.id for message in await outbox.due(at(12))}
        made = await Checker(store, outbox, CheckOptions(events=frozenset(events), **options)).check(now)
        new = [one for one in await outbox.due(at(12)) if one.id not in known]
        assert len(new) == made
        return [msgspec.json.decode(one.body) for one in new]

    return look


async def test_a_business_that_agrees_has_nothing_to_tell(look: Callable[..., Any]) -> None:
    assert await look(at(9), *EventKind, minimum_stock=Decimal(5)) == []


async def test_a_missing_z_report_is_told_once_and_anew_when_it_is_missing_anew(
    look: Callable[..., Any], ledger: EditedLedger
) -> None:
    report = (await ledger.all(Z_REPORTS.select().order_by(Z_REPORTS.c.created_at)))[-3]
    await ledger.run(delete(Z_REPORTS).where(Z_REPORTS.c.id == report.id))

    (told,) = await look(at(9), EventKind.Z_REPORT_MISSING)
    assert (told["type"], told["shop_id"], told["data"]["shift_id"]) == (
        "z_report.missing",
        report.shop_id,
        report.shift_id,
    )
    assert told["text"].splitlines()[0].endswith("продажі без Z-звіту")
    assert await look(at(10), EventKind.Z_REPORT_MISSING) == []
    assert await look(at(10), EventKind.SHIFT_TOO_LONG) == []

    await ledger.run(insert(Z_REPORTS).values(dict(report._mapping)))
    assert await look(at(11), EventKind.Z_REPORT_MISSING) == []
    await ledger.run(delete(Z_REPORTS).where(Z_REPORTS.c.id == report.id))
    assert len(await look(at(11), EventKind.Z_REPORT_MISSING)) == 1


async def test_differences_of_the_night_are_told_in_the_morning_once(
    look: Callable[..., Any], ledger: EditedLedger
) -> None:
    lost = await ledger.middle(*is_sale(RECEIPTS.c.business_date == YESTERDAY))
    await ledger.remove(lost.id)

    assert await look(at(5, 59), EventKind.DIFFERENCES) == []
    (told,) = await look(at(6), EventKind.DIFFERENCES)
    assert (told["type"], told["shop_id"]) == ("reconciliation.differences", lost.shop_id)
    assert [one["days"] for one in told["data"]["differences"]] == [[f"{YESTERDAY}"]]
    assert abs(Decimal(told["data"]["differences"][0]["amount"])) == lost.total_amount
    assert "1 розбіжність між чеками та Z-звітами" in told["text"]
    assert await look(at(7), EventKind.DIFFERENCES) == []


async def test_days_that_were_not_read_are_compared_when_they_are(
    look: Callable[..., Any], ledger: EditedLedger, store: Store, business: Business
) -> None:
    day = TODAY + timedelta(days=2)
    assert await look(at(6, day=day), EventKind.DIFFERENCES) == []  # the day before was not read
    lost = await ledger.middle(*is_sale(RECEIPTS.c.business_date == YESTERDAY))
    await ledger.remove(lost.id)
    await note_all_read(store, Window(START, day), [shop["id"] for shop in business.rows["shops"]])
    assert len(await look(at(7, day=day), EventKind.DIFFERENCES)) == 1


async def test_stock_below_its_minimum_is_told_once_until_it_was_filled_up(
    look: Callable[..., Any], ledger: EditedLedger, store: Store, business: Business
) -> None:
    shop_id = business.rows["shops"][0]["id"]
    goods = [product("p1", "4820000000017"), product("p2", "4820000000024")]
    await store.write(Batch(RecordKind.PRODUCTS, goods, [b"{}"] * 2))
    cards = [card(1, "p1", "3", shop_id), card(2, "p2", "7", shop_id)]
    await store.write(Batch(RecordKind.CARDS, cards, [b"{}"] * 2))
    await store.note_read(RecordKind.CARDS, at(8))

    def count(number: str) -> Any:
        return update(CARDS).where(CARDS.c.id == 1).values(count=Decimal(number))

    options = {"minimum_stock": Decimal(5), "minima": {"4820000000024": Decimal(7)}}
    (told,) = await look(at(9), EventKind.STOCK_LOW, **options)
    assert [(one["title"], one["count"], one["minimum"]) for one in told["data"]["products"]] == [
        ("Товар p1", "3", "5")
    ]
    await ledger.run(count("2"))
    assert await look(at(9), EventKind.STOCK_LOW, **options) == []
    await ledger.run(count("50"))
    assert await look(at(9), EventKind.STOCK_LOW, **options) == []
    await ledger.run(count("4"))
    assert len(await look(at(9), EventKind.STOCK_LOW, **options)) == 1
    assert await look(at(9), EventKind.STOCK_LOW) == []


async def test_a_digest_sums_yesterday_up_once_a_morning(look: Callable[..., Any], business: Business) -> None:
    def sums(type_: int, shop_id: int | None = None) -> tuple[Decimal, int]:
        rows = [
            row["total_amount"]
            for row in business.rows["receipts"]
            if business_day(row["created_at"]) == YESTERDAY
            and shop_id in {None, row["shop_id"]}
            and (row["type"] == 3 if type_ == 3 else (row["type"], row["state"]) == (0, 2))
        ]
        return sum(rows, Decimal(0)), len(rows)

    nine = {"digest_at": time(9)}
    assert await look(at(8, 59), EventKind.DIGEST, **nine) == []
    (told,) = await look(at(9), EventKind.DIGEST, **nine)
    data = told["data"]
    for facts, shop_id in [*((one, one["shop_id"]) for one in data["shops"]), (data["total"], None)]:
        assert (Decimal(facts["sales"]), facts["sale_receipts"]) == sums(0, shop_id)
        assert (Decimal(facts["refunds"]), facts["refund_receipts"]) == sums(3, shop_id)
    assert len(data["shops"]) == 2
    assert (data["day"], data["complete"], data["breaches"], data["differences"]) == (f"{YESTERDAY}", True, 0, 0)
    lines = told["text"].splitlines()
    assert lines[0] == f"Підсумок дня {YESTERDAY}"
    assert lines[3].startswith(f"Усі магазини: продажі {sums(0)[0]:.2f} грн")
    assert lines[4] == "порушень фіскальних правил: 0, розбіжностей: 0"

    assert await look(at(10), EventKind.DIGEST, **nine) == []
    (later,) = await look(at(9, day=TODAY + timedelta(days=3)), EventKind.DIGEST, **nine)
    assert (later["data"]["day"], later["data"]["complete"]) == (f"{TODAY + timedelta(days=2)}", False)
    assert "Прочитано не всі чеки за цей день." in later["text"]
