"""The tasks of two accounts, whose merchants have the same ids, in one database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import msgspec
import pytest
from sqlalchemy import select

from smartkasa_async import SmartKasa
from smartkasa_async._support import clock
from smartkasa_async.fleet.accounts import Accounts, NewAccount
from smartkasa_async.fleet.credentials import Credentials
from smartkasa_async.fleet.errors import FencedError, FleetError
from smartkasa_async.fleet.journals import DatabaseJournal
from smartkasa_async.fleet.policy import Policy
from smartkasa_async.fleet.retention import prune
from smartkasa_async.fleet.runs import Held
from smartkasa_async.fleet.store_access import open_account_store
from smartkasa_async.fleet.tasks import AccountWork
from smartkasa_async.fleet.uploads import UploadOptions, Uploads
from smartkasa_async.fleet.verdicts import Outcome, outcome_of
from smartkasa_async.fleet.work import TaskName
from smartkasa_async.jobs import JournalError
from smartkasa_async.models import StockCardUpdate
from smartkasa_async.records.days import KYIV, today
from smartkasa_async.sandbox import Fault, Sandbox, Simulation
from smartkasa_async.stock import sync_stock
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import RECEIPTS
from tests.support import till

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from smartkasa_async.fleet.credentials import CredentialStore
    from smartkasa_async.fleet.database import Database
    from smartkasa_async.jobs.journal import Entry
    from smartkasa_async.sandbox import Merchant

_DAYS = 5


@pytest.fixture
async def merchants() -> AsyncIterator[list[Merchant]]:
    """Serve two merchants; the other's receipts are more, and begin with the same ids."""
    start = today() - timedelta(days=_DAYS - 1)
    async with Sandbox() as box:
        yield [
            box.add_merchant(
                simulation=Simulation(seed=3, shops=1, products=8, start=start, days=_DAYS, receipts_per_day=receipts)
            )
            for receipts in (4, 7)
        ]


async def _add(accounts: Accounts, credential_store: CredentialStore, merchant: Merchant, name: str) -> Held:
    credentials = Credentials(merchant.api_key, merchant.phone_number, merchant.password)
    account = NewAccount(name=name, credentials=credentials, base_url=merchant.url)
    return Held(
        account_id=await accounts.add(account, credential_store),
        name=name,
        epoch=1,
        base_url=merchant.url,
        calls_per_second=1000,
        tier="standard",
        reference_data_at=None,
        complete_until=None,
    )


@pytest.fixture
async def held(accounts: Accounts, credential_store: CredentialStore, merchants: list[Merchant]) -> list[Held]:
    return [
        await _add(accounts, credential_store, merchant, f"shop-{number}") for number, merchant in enumerate(merchants)
    ]


class _Killed(BaseException):
    """Ends a run as a kill does: nothing more is written."""


def _client(merchant: Merchant) -> SmartKasa:
    return SmartKasa(
        api_key=merchant.api_key,
        phone_number=merchant.phone_number,
        password=merchant.password,
        base_url=merchant.url,
    )


@pytest.fixture
async def work(database: Database, credential_store: CredentialStore, policy: Policy) -> AsyncIterator[AccountWork]:
    async with open_store(database.address) as store:
        yield AccountWork(database, credential_store, store, policy)


async def _kept(database: Database, held: Held) -> set[str]:
    async with open_account_store(database.address, held.account_id) as store, store.reading() as connection:
        return {row.id for row in await connection.execute(select(RECEIPTS.c.id))}


def _served(merchant: Merchant, *, days: int) -> set[str]:
    first = today() - timedelta(days=days - 1)
    return {row["id"] for row in merchant.rows("receipts") if row["created_at"].astimezone(KYIV).date() >= first}


async def test_passes_of_two_accounts_leave_each_the_receipts_of_its_own_merchant(
    database: Database, merchants: list[Merchant], held: list[Held], work: AccountWork
) -> None:
    results = await asyncio.gather(*(work.do(TaskName.TODAY, one) for one in held))
    for result, one, merchant in zip(results, held, merchants, strict=True):
        assert (result.outcome, result.error) == (Outcome.DONE, None)
        assert result.complete_until is not None
        assert result.reference_data_at is not None
        assert await _kept(database, one) == _served(merchant, days=4) != set()


async def test_a_pass_over_today_reads_today_alone_once_the_rest_is_read(
    merchants: list[Merchant], held: list[Held], work: AccountWork
) -> None:
    first = await work.do(TaskName.TODAY, held[0])
    before = len(merchants[0].arrivals)
    again = replace(held[0], complete_until=first.complete_until, reference_data_at=first.reference_data_at)
    result = await work.do(TaskName.TODAY, again)
    assert result.figures["receipts"] == len(_served(merchants[0], days=1))
    assert result.reference_data_at is None
    assert len(merchants[0].arrivals) - before == 2  # the shops, and the day


@pytest.mark.parametrize("history", [True, False])
async def test_history_is_kept_where_the_policy_asks_for_it(
    database: Database, credential_store: CredentialStore, held: list[Held], *, history: bool
) -> None:
    async with open_store(database.address) as store:
        work = AccountWork(database, credential_store, store, Policy(history=history))
        result = await work.do(TaskName.TODAY, held[0])
    assert (result.outcome, result.error) == (Outcome.DONE, None)
    async with open_account_store(database.address, held[0].account_id) as store:
        stock = await store.read("stock_by_day")
    assert set(stock["business_date"].to_pylist()) == ({today()} if history else set())


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault("status", status=503, times=None, path="/api/v1/pos/receipts"), Outcome.OUTAGE),
        (Fault("drop_before", times=None, path="/api/v1/pos/receipts"), Outcome.OUTAGE),
        (Fault("status", status=403, times=None, path="/api/v1/inventory/products"), Outcome.REFUSED),
    ],
)
async def test_a_pass_that_fails_in_part_is_what_kept_it_from_being_whole(
    merchants: list[Merchant], held: list[Held], work: AccountWork, fault: Fault, outcome: Outcome
) -> None:
    merchants[0].faults.add(fault)
    result = await work.do(TaskName.TODAY, held[0])
    assert (result.outcome, result.complete_until is None) == (outcome, outcome is Outcome.OUTAGE)
    assert result.error is not None


@pytest.mark.parametrize("task", [TaskName.TODAY, TaskName.NIGHT])
async def test_days_that_passed_while_an_account_was_paused_are_read(
    task: TaskName, database: Database, merchants: list[Merchant], held: list[Held], work: AccountWork
) -> None:
    await work.do(task, replace(held[0], complete_until=clock.now() - timedelta(days=_DAYS - 1)))
    assert await _kept(database, held[0]) == _served(merchants[0], days=_DAYS) != _served(merchants[0], days=4)


async def test_a_nightly_pass_reads_all_and_judges_the_store(
    database: Database, merchants: list[Merchant], held: list[Held], work: AccountWork
) -> None:
    result = await work.do(TaskName.NIGHT, held[0])
    assert (result.outcome, result.error) == (Outcome.DONE, None)
    assert await _kept(database, held[0]) == _served(merchants[0], days=4)
    assert result.figures["z_reports"] > 0
    assert result.figures["product_sales"] > 0
    assert {"differences", "findings", "not_read"} <= result.figures.keys()


async def test_backfill_reads_the_newest_month_and_marks_it(
    database: Database, accounts: Accounts, merchants: list[Merchant], held: list[Held], work: AccountWork
) -> None:
    await accounts.backfill(held[0].account_id, today() - timedelta(days=40), today())
    result = await work.do(TaskName.BACKFILL, held[0])
    assert (result.outcome, result.figures["month"]) == (Outcome.DONE, str(today().replace(day=1)))
    month = {
        row["id"] for row in merchants[0].rows("receipts") if row["created_at"].astimezone(KYIV).month == today().month
    }
    assert await _kept(database, held[0]) == month
    rows = await database.rows("SELECT month FROM backfill WHERE done_at IS NULL ORDER BY month DESC")
    assert rows[0]["month"] < today().replace(day=1)


async def test_a_price_list_is_written_once_and_its_contents_are_dropped(
    database: Database, accounts: Accounts, merchants: list[Merchant], held: list[Held], work: AccountWork
) -> None:
    content = "Назва;Штрихкод;Ціна\nСік;4820999999996;25,50\nВода;4820999999989;15\n".encode()
    before = len(merchants[0].rows("products"))
    await Uploads(database).add(accounts, held[0].account_id, "products", name="prices.csv", content=content)
    result = await work.do(TaskName.UPLOAD, held[0])
    assert (result.outcome, result.error) == (Outcome.DONE, None)
    assert result.figures == {"file": "prices.csv", "summary": "2 created, 0 rejected"}
    assert len(merchants[0].rows("products")) == before + 2
    assert len(merchants[1].rows("products")) == before
    (row,) = await database.rows("SELECT content, ended_at, (SELECT count(*) FROM journals) AS journals FROM uploads")
    assert (bytes(row["content"]), row["journals"]) == (b"", 0)
    assert await work.do(TaskName.UPLOAD, held[0]) == type(result)()


async def test_counts_are_set_in_the_shop_that_they_are_for(
    database: Database, accounts: Accounts, merchants: list[Merchant], held: list[Held], work: AccountWork
) -> None:
    product = merchants[0].rows("products")[0]
    (shop, *_) = merchants[0].rows("shops")
    content = f"Штрихкод;Кількість\n{product['number']};7\n".encode()
    options = UploadOptions(shop_id=shop["id"])
    await Uploads(database).add(
        accounts, held[0].account_id, "stock", name="counts.csv", content=content, options=options
    )
    result = await work.do(TaskName.UPLOAD, held[0])
    assert (result.outcome, result.error) == (Outcome.DONE, None)
    (card,) = [row for row in merchants[0].rows("cards") if row["product_id"] == product["id"]]
    assert int(card["count"]) == 7


async def test_a_count_that_a_killed_worker_set_is_not_set_once_more(
    database: Database,
    accounts: Accounts,
    merchants: list[Merchant],
    held: list[Held],
    work: AccountWork,
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = merchants[0].rows("products")[:2]
    (shop, *_) = merchants[0].rows("shops")
    content = f"Штрихкод;Кількість\n{first['number']};7\n{second['number']};8\n".encode()
    options = UploadOptions(shop_id=shop["id"])
    await Uploads(database).add(
        accounts, held[0].account_id, "stock", name="counts.csv", content=content, options=options
    )
    monkeypatch.setattr("smartkasa_async.fleet.tasks.sync_stock", partial(sync_stock, concurrency=1))
    writes = 0
    enter = DatabaseJournal.enter

    async def until_killed(self: DatabaseJournal, entries: Sequence[Entry]) -> list[int]:
        nonlocal writes
        writes += 1
        if writes == 3:  # the plan, the first card, and the second one no more
            raise _Killed
        return await enter(self, entries)

    monkeypatch.setattr(DatabaseJournal, "enter", until_killed)
    with pytest.raises((_Killed, BaseExceptionGroup)):
        await work.do(TaskName.UPLOAD, held[0])
    monkeypatch.setattr(DatabaseJournal, "enter", enter)
    (card,) = merchants[0].rows("cards", product_id=first["id"], shop_id=shop["id"])
    assert card["count"] == 7
    async with _client(merchants[0]) as kasa:
        await kasa.cards.update(card["id"], StockCardUpdate(count=Decimal(6)))  # as a sale does

    monkeypatch.setattr(
        "smartkasa_async.fleet.tasks.sync_stock", partial(sync_stock, concurrency=1, late_write_window=0)
    )
    result = await work.do(TaskName.UPLOAD, held[0])
    assert result.figures["summary"] == "2 updated"
    counts = {row["product_id"]: row["count"] for row in merchants[0].rows("cards", shop_id=shop["id"])}
    assert (counts[first["id"]], counts[second["id"]]) == (6, 8)
    assert await database.rows("SELECT * FROM journals") == []


async def test_a_worker_that_the_account_was_taken_from_sets_no_count(
    database: Database, accounts: Accounts, merchants: list[Merchant], held: list[Held], work: AccountWork
) -> None:
    product = merchants[0].rows("products")[0]
    (shop, *_) = merchants[0].rows("shops")
    content = f"Штрихкод;Кількість\n{product['number']};7\n".encode()
    await Uploads(database).add(
        accounts,
        held[0].account_id,
        "stock",
        name="counts.csv",
        content=content,
        options=UploadOptions(shop_id=shop["id"]),
    )
    before = merchants[0].rows("cards")
    await accounts.pause(held[0].account_id, "given to another worker")
    with pytest.raises(JournalError) as caught:
        await work.do(TaskName.UPLOAD, held[0])
    assert outcome_of(caught.value) is Outcome.FENCED
    assert merchants[0].rows("cards") == before


async def test_receipts_are_pushed_once_however_often_they_are_given(
    database: Database, accounts: Accounts, merchants: list[Merchant], held: list[Held], work: AccountWork
) -> None:
    product = merchants[0].rows("products")[0]
    made = till.receipts(3, product_id=product["id"])
    content = b"\n".join(msgspec.json.encode(receipt) for receipt in made)
    before = len(merchants[0].rows("receipts"))
    for _ in range(2):
        await Uploads(database).add(accounts, held[0].account_id, "receipts", name="r.jsonl", content=content)
        result = await work.do(TaskName.PUSH, held[0])
        assert (result.outcome, result.error) == (Outcome.DONE, None)
    assert len(merchants[0].rows("receipts")) == before + 3


async def test_a_receipt_that_the_journal_forgot_is_looked_up_before_it_is_pushed(
    database: Database, accounts: Accounts, merchants: list[Merchant], held: list[Held], work: AccountWork
) -> None:
    content = b"\n".join(msgspec.json.encode(receipt) for receipt in till.receipts(2))
    before = len(merchants[0].rows("receipts"))
    for _ in range(2):
        await Uploads(database).add(accounts, held[0].account_id, "receipts", name="r.jsonl", content=content)
        result = await work.do(TaskName.PUSH, held[0])
        assert result.outcome is Outcome.DONE
        await database.execute("UPDATE journal_rows SET entered_at = '2000-01-01'")
        await prune(database, Policy())
        assert await database.rows("SELECT * FROM journal_rows") == []
    assert len(merchants[0].rows("receipts")) == before + 2


async def test_rows_that_are_rejected_are_named_and_not_tried_again(
    database: Database, accounts: Accounts, held: list[Held], work: AccountWork
) -> None:
    content = "Назва;Штрихкод;Ціна\nСік;4820000000017;дорого\nВода;4820000000024;15\n".encode()
    await Uploads(database).add(accounts, held[0].account_id, "products", name="prices.csv", content=content)
    result = await work.do(TaskName.UPLOAD, held[0])
    assert (result.outcome, result.is_final) == (Outcome.INCOMPLETE, True)
    assert {
        language: [text.split(":")[0] for text in texts] for language, texts in result.figures["problems"].items()
    } == {
        "en": ["prices.csv, line 2, column «Ціна»"],
        "uk": ["prices.csv, рядок 2, стовпець «Ціна»"],
    }
    assert await Uploads(database).next(held[0].account_id, TaskName.UPLOAD) is None


async def test_a_file_that_is_no_price_list_is_not_tried_again(
    database: Database, accounts: Accounts, held: list[Held], work: AccountWork
) -> None:
    await Uploads(database).add(accounts, held[0].account_id, "products", name="prices.csv", content=b"a\nb\n")
    result = await work.do(TaskName.UPLOAD, held[0])
    assert (result.outcome, result.is_final) == (Outcome.FAILED, True)
    assert await Uploads(database).next(held[0].account_id, TaskName.UPLOAD) is None


async def test_what_cannot_be_uploaded_is_refused_at_once(
    database: Database, accounts: Accounts, held: list[Held]
) -> None:
    uploads = Uploads(database)
    with pytest.raises(FleetError, match="line 2 is no receipt"):
        await uploads.add(accounts, held[0].account_id, "receipts", name="r.jsonl", content=b"\nno\n")
    with pytest.raises(FleetError, match="--shop"):
        await uploads.add(accounts, held[0].account_id, "stock", name="s.csv", content=b"", options=UploadOptions())


async def test_a_run_whose_account_was_taken_away_stores_nothing_more(
    database: Database, accounts: Accounts, held: list[Held], work: AccountWork
) -> None:
    await accounts.pause(held[0].account_id, "given to another worker")
    with pytest.raises(FencedError) as caught:
        await work.do(TaskName.TODAY, held[0])
    assert outcome_of(caught.value) is Outcome.FENCED
    assert await _kept(database, held[0]) == set()


async def test_a_revoked_key_is_a_refusal(
    accounts: Accounts, credential_store: CredentialStore, merchants: list[Merchant], work: AccountWork
) -> None:
    held = await _add(accounts, credential_store, merchants[0], "shop-9")
    await accounts.add(
        NewAccount(
            name="shop-9",
            credentials=Credentials("no-such-key", merchants[0].phone_number, merchants[0].password),
            base_url=merchants[0].url,
        ),
        credential_store,
    )
    with pytest.raises(Exception, match=r".") as caught:
        await work.do(TaskName.TODAY, replace(held, epoch=2))
    assert outcome_of(caught.value) is Outcome.REFUSED
