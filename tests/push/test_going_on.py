"""Pushes whose answers are lost, that are stopped, and that go on."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import SmartKasa
from smartkasa_async.catalog import import_products
from smartkasa_async.errors import InvalidRequestError, LoginRefusedError
from smartkasa_async.jobs import JournalError, Progress
from smartkasa_async.models import ProductCreate, ReceiptCreate
from smartkasa_async.push import PushKind, PushStoppedError, push_receipts
from smartkasa_async.sandbox import Fault, Sandbox
from tests.support.clients import cut_off, finish
from tests.support.processes import LONGEST
from tests.support.pushing import QUICK, codes, impatient, kinds, numbers, told
from tests.support.till import BATCH, LIST, TILL, receipt, receipts, session, stock, stored

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path


@pytest.mark.parametrize("probability", [0.05, 0.15])
@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
async def test_lost_answers(box: Sandbox, kind: Any, probability: float) -> None:
    box.faults.add(Fault(kind, times=None, probability=probability))
    async with impatient(box) as kasa:
        summary = await push_receipts(kasa, receipts(100, tills=4), batch_size=10, late_write_window=0.02)

    assert summary.created == 400
    assert stored(box) == {f"{int(TILL) + till}": numbers(*range(1, 101)) for till in range(4)}


async def test_work_that_is_done_after_its_answer_was_given_up(box: Sandbox) -> None:
    box.faults.add(Fault("delay", path=BATCH, seconds=0.8, times=2))

    async with SmartKasa(**box.credentials, timeout=0.4, retry=QUICK) as kasa:
        summary = await push_receipts(kasa, receipts(30), batch_size=10, late_write_window=1)

    assert summary.created == 30
    assert stored(box) == {TILL: numbers(*range(1, 31))}


async def test_errors_of_the_server_and_bad_receipts_together(box: Sandbox) -> None:
    for status in (500, 502, 504, 429):
        box.faults.add(Fault("status", path=BATCH, status=status, times=2, probability=0.4, retry_after=0.01))
    box.faults.add(Fault("drop_after", path=BATCH, times=3, probability=0.4))
    bad = {4, 17, 18, 41}
    async with impatient(box) as kasa:
        product = await stock(kasa)
        source = [receipt(n, product_id=product, shop_id=1) if n in bad else receipt(n) for n in range(1, 61)]
        summary = await push_receipts(kasa, source, batch_size=20, late_write_window=0.02)

    assert (summary.created, summary.refused) == (56, 4)
    assert stored(box) == {TILL: numbers(*(n for n in range(1, 61) if n not in bad))}


async def test_a_receipt_that_the_service_fails_on_each_time_ends_alone(box: Sandbox) -> None:
    box.faults.add(Fault("status", path=BATCH, status=500, times=8))
    async with impatient(box) as kasa:
        outcomes = await told(push_receipts(kasa, [*session(2), receipt(14)], late_write_window=0, batch_size=10))

    assert codes(outcomes) == ["failed_each_time", "chain_broken", None]
    assert stored(box) == {TILL: ["000014"]}


@pytest.mark.parametrize(
    ("there", "code"),
    [([receipt(1), receipt(1)], "in_doubt_several"), ([receipt(1, total_amount=Decimal(7))], "in_doubt_differs")],
)
async def test_what_is_there_in_another_form_is_in_doubt_and_holds_its_session_back(
    box: Sandbox, there: list[ReceiptCreate], code: str
) -> None:
    box.faults.add(Fault("drop_before", "POST", BATCH))
    async with impatient(box) as kasa:
        for one in there:
            await kasa.receipts.create(one)
        outcomes = await told(push_receipts(kasa, [*session(3), receipt(4)], late_write_window=0))

    assert codes(outcomes) == [code, "chain_broken", "chain_broken", None]
    assert outcomes[0].kind is PushKind.IN_DOUBT
    assert Counter(stored(box)[TILL]) == {"000001": len(there), "000004": 1}


async def test_existing_receipts_are_looked_for_when_asked(box: Sandbox, kasa: SmartKasa) -> None:
    await push_receipts(kasa, receipts(5))

    outcomes = await told(push_receipts(kasa, receipts(8), check_existing=True, batch_size=3, late_write_window=0))

    assert kinds(outcomes) == ["already_there"] * 5 + ["created"] * 3
    assert stored(box) == {TILL: numbers(*range(1, 9))}


# --- stopped, and gone on with ---


def breaking(items: list[ReceiptCreate], after: int) -> Iterator[ReceiptCreate]:
    yield from items[:after]
    raise OSError("the disk is gone")


async def test_the_same_queue_is_pushed_again_and_again(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    summaries = [await push_receipts(kasa, receipts(count), journal=journal) for count in (20, 20, 30)]

    assert [(one.created, one.already_there) for one in summaries] == [(20, 0), (0, 20), (10, 20)]
    assert stored(box) == {TILL: numbers(*range(1, 31))}
    assert box.calls[f"GET {LIST}"] == 0


async def test_a_source_that_breaks_is_gone_on_with(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with pytest.raises(PushStoppedError, match="the disk is gone") as stopped:
        await push_receipts(kasa, breaking(receipts(50, tills=2), 57), journal=journal, batch_size=5)
    summary = await push_receipts(kasa, receipts(50, tills=2), journal=journal, batch_size=5, late_write_window=0)

    assert summary.created == 100 - stopped.value.summary.created
    assert all(there == numbers(*range(1, 51)) for there in stored(box).values())


async def test_a_push_that_was_left_half_way_is_gone_on_with(box: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    async with impatient(box) as kasa:
        for leave_after in (1, 90, 170):
            outcomes = aiter(
                push_receipts(kasa, receipts(100, tills=3), journal=journal, batch_size=7, late_write_window=0.2)
            )
            for _ in range(leave_after):
                await anext(outcomes)
            await outcomes.aclose()
        await push_receipts(kasa, receipts(100, tills=3), journal=journal, batch_size=7, late_write_window=0.2)

    assert stored(box) == {f"{int(TILL) + till}": numbers(*range(1, 101)) for till in range(3)}


async def test_a_refusal_of_the_key_stops_the_push_and_tells_of_every_receipt_that_was_read(
    box: Sandbox, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    async with impatient(box) as kasa:
        await kasa.login()

        def refuse_from_then_on(progress: Progress) -> None:
            if progress.counts["created"] == 40:
                box.faults.add(Fault("status", times=None, status=401))

        push = push_receipts(
            kasa, receipts(60), journal=journal, batch_size=20, late_write_window=0, on_progress=refuse_from_then_on
        )
        with pytest.raises(PushStoppedError) as stopped:
            await push
        box.faults.clear()
        summary = await push_receipts(kasa, receipts(60), journal=journal, late_write_window=0)

    assert isinstance(stopped.value.__cause__, LoginRefusedError)
    before = stopped.value.summary
    assert (before.created, before.held_back) == (40, 20)
    assert (summary.already_there, summary.created) == (40, 20)
    assert stored(box) == {TILL: numbers(*range(1, 61))}


async def test_a_stop_does_not_wait_for_a_source_that_waits(box: Sandbox, kasa: SmartKasa) -> None:
    await kasa.login()
    box.faults.add(Fault("status", path=BATCH, times=None, status=403))

    async def till() -> AsyncIterator[ReceiptCreate]:
        yield receipt(1)
        await asyncio.Event().wait()

    with pytest.raises(PushStoppedError):
        await asyncio.wait_for(finish(push_receipts(kasa, till())), LONGEST)


async def test_what_was_on_its_way_when_the_push_was_cut_is_waited_for(box: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    box.faults.add(Fault("delay", path=BATCH, seconds=0.3))
    async with impatient(box) as kasa:
        await kasa.login()
        await cut_off(push_receipts(kasa, receipts(3), journal=journal), box, f"POST {BATCH}")
        assert not box.rows("receipts")
        outcomes = await told(push_receipts(kasa, receipts(5), journal=journal, late_write_window=0.5))

    assert kinds(outcomes) == ["created"] * 5
    assert stored(box) == {TILL: numbers(*range(1, 6))}


async def test_the_journal_of_a_push_is_not_taken_by_an_import(kasa: SmartKasa, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    await push_receipts(kasa, receipts(1), journal=journal)

    with pytest.raises(JournalError, match="belongs to a job by fiscal_number"):
        await import_products(kasa, [ProductCreate(title="Кава", number="1", price=Decimal(1))], journal=journal)


@pytest.mark.parametrize(
    "argument",
    [
        {"batch_size": 0},
        {"concurrency": 0},
        {"totals": "maybe"},
        {"late_write_window": -1},
        {"late_write_window": float("nan")},
    ],
)
def test_arguments_that_cannot_be(argument: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError, match=next(iter(argument))):
        push_receipts(SmartKasa(api_key="k"), [], **argument)


async def test_a_source_of_something_else_stops_the_push(kasa: SmartKasa) -> None:
    source: Any = [receipt(1), {"total_amount": 5}]
    with pytest.raises(PushStoppedError, match="gave a dict") as stopped:
        await push_receipts(kasa, source)
    assert stopped.value.summary.total <= 1


async def test_other_contents_under_numbers_that_were_pushed_are_told_and_not_sent(
    box: Sandbox, kasa: SmartKasa, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    made = [outcome.id for outcome in await told(push_receipts(kasa, receipts(2), journal=journal))]
    changed = [receipt(1, total_amount=Decimal("21.00")), receipt(2, description="Доставка"), receipt(3)]
    for _ in range(2):
        outcomes = await told(push_receipts(kasa, changed, journal=journal, totals="ignore"))
        assert codes(outcomes) == [None, "in_doubt_sent_otherwise", None]
        assert kinds(outcomes)[:2] == ["already_there", "in_doubt"]
        assert [outcome.id for outcome in outcomes[:2]] == made

    assert stored(box) == {TILL: numbers(1, 2, 3)}
    summary = await push_receipts(kasa, receipts(2), journal=journal)
    assert summary.already_there == 2
