"""Pushes to a service whose answers prove nothing and whose lists come late: no receipt is stored twice."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.models import Receipt, ReceiptState, ReceiptType
from smartkasa_async.push import PushKind, PushStoppedError, push_receipts
from smartkasa_async.push.tasks import in_order_sent
from tests.support.pushing import codes, kinds, numbers, told
from tests.support.receipt_service import LIST, PROVE_NOTHING, REFUSALS, Clock, Deed, ReceiptService, client_of
from tests.support.service import answer
from tests.support.till import TILL, receipt, receipts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smartkasa_async import SmartKasa
    from smartkasa_async.models import ReceiptCreate
    from smartkasa_async.push import PushOutcome, ReceiptPush

SETTLE_AFTER = 15.0
FULL_SYNC = 2
"""What `PRAGMA synchronous` says where each commit waits for the disk."""


@pytest.fixture
def service() -> Iterator[ReceiptService]:
    with Clock().driven() as clock:
        yield ReceiptService(clock)


async def stopped(push: ReceiptPush) -> list[PushOutcome]:
    """Give the outcomes of a push that something stops."""
    outcomes: list[PushOutcome] = []

    async def collect() -> None:
        async for outcome in push:
            outcomes.append(outcome)  # noqa: PERF401  (kept when the push raises)

    with pytest.raises(PushStoppedError):
        await collect()
    return sorted(outcomes, key=lambda outcome: outcome.position)


async def pushed(service: ReceiptService, journal: Path, count: int = 20, **options: Any) -> list[PushOutcome]:
    """Push receipts until nothing stops it any more, with the same journal, and give the outcomes of the last run."""
    for _ in range(5):
        async with client_of(service) as kasa:
            push = push_receipts(
                kasa, receipts(count), journal=journal, batch_size=20, **{"late_write_window": SETTLE_AFTER, **options}
            )
            try:
                return await told(push)
            except PushStoppedError:
                continue
    raise AssertionError("it stops each time")


def assert_each_once(service: ReceiptService, outcomes: list[PushOutcome]) -> None:
    assert sorted(service.stored) == numbers(*range(1, len(outcomes) + 1))
    assert {outcome.kind for outcome in outcomes} <= {PushKind.CREATED, PushKind.ALREADY_THERE}
    assert {outcome.key.number: outcome.id for outcome in outcomes if outcome.key} == service.ids


@pytest.mark.parametrize("stores", [None, 7])
@pytest.mark.parametrize("status", PROVE_NOTHING)
async def test_a_status_that_proves_nothing_is_read_back(
    service: ReceiptService, tmp_path: Path, status: int, stores: int | None
) -> None:
    service.deeds.append(Deed(stores, answers=status))

    assert_each_once(service, await pushed(service, tmp_path / "journal"))


@pytest.mark.parametrize("answers", ["reversed", "fewer", "unreadable", "page", "nothing"])
async def test_an_answer_that_does_not_say_what_was_stored(
    service: ReceiptService, tmp_path: Path, answers: str
) -> None:
    service.deeds.append(Deed(answers=answers))

    assert_each_once(service, await pushed(service, tmp_path / "journal"))


@pytest.mark.parametrize("status", REFUSALS)
async def test_a_refusal_that_can_be_read_is_not_waited_for(
    service: ReceiptService, tmp_path: Path, status: int
) -> None:
    service.deeds.append(Deed(0, answers=status))

    assert_each_once(service, await pushed(service, tmp_path / "journal"))
    assert service.clock.seconds == 0
    assert f"GET {LIST}" not in service.calls


@pytest.mark.parametrize("status", [301, 408, 429, 499, 500])
async def test_no_run_says_that_a_receipt_was_not_sent_which_the_service_has(
    service: ReceiptService, tmp_path: Path, status: int
) -> None:
    service.deeds.append(Deed(answers=status))
    service.lists.extend([403] * 100)
    async with client_of(service) as kasa:
        push = push_receipts(kasa, receipts(20), journal=tmp_path / "journal", late_write_window=SETTLE_AFTER)
        outcomes = await stopped(push)

    assert kinds(outcomes) == ["in_doubt"] * 20
    service.lists.clear()
    assert_each_once(service, await pushed(service, tmp_path / "journal"))


@pytest.mark.parametrize("late", [0.0, 5.0, 11.0])
@pytest.mark.parametrize("lag", [0.0, 3.0])
async def test_a_list_that_lags_is_read_until_the_window_is_over(
    service: ReceiptService, tmp_path: Path, lag: float, late: float
) -> None:
    service.lag = lag
    service.deeds.extend([Deed(12, late, 504), Deed(None, late, "nothing")])

    assert_each_once(service, await pushed(service, tmp_path / "journal"))


async def test_a_list_that_was_asked_for_before_the_window_was_over_is_not_the_last_one(
    service: ReceiptService, tmp_path: Path
) -> None:
    def take_long() -> None:
        if service.calls[-1] == f"GET {LIST}":
            service.clock.seconds += SETTLE_AFTER

    service.lag = 3.0
    service.deeds.append(Deed(answers="nothing"))
    service.on_answer = take_long

    assert_each_once(service, await pushed(service, tmp_path / "journal"))


async def test_what_the_list_shows_at_once_is_not_waited_for(service: ReceiptService, tmp_path: Path) -> None:
    service.deeds.append(Deed(answers="nothing"))

    assert_each_once(service, await pushed(service, tmp_path / "journal"))
    assert service.clock.seconds == 0


@pytest.mark.parametrize("lag", [3.0, 14.0])
async def test_receipts_of_a_lost_journal_are_looked_for_until_the_window_is_over(
    service: ReceiptService, tmp_path: Path, lag: float
) -> None:
    service.lag = lag
    await pushed(service, tmp_path / "lost")

    assert_each_once(service, await pushed(service, tmp_path / "new", check_existing=True))


async def test_a_receipt_in_doubt_whose_id_is_known_is_asked_for_by_it(service: ReceiptService, tmp_path: Path) -> None:
    """Also after a run that did not get to ask; once it is no longer there by its id, it is sent."""

    def push(kasa: SmartKasa) -> ReceiptPush:
        return push_receipts(kasa, [receipt(1)], journal=tmp_path / "journal", late_write_window=SETTLE_AFTER)

    async def run() -> list[PushOutcome]:
        async with client_of(service) as kasa:
            return await told(push(kasa))

    service.deeds.append(Deed(answers="nothing"))
    service.on_answer = partial(service.change, total_amount="5.00")
    assert codes(await run()) == ["in_doubt_differs"]
    service.on_answer = lambda: None
    service.lag = 1000.0
    assert codes(await run()) == ["in_doubt_differs"]
    service.lists.extend([403] * 2)
    async with client_of(service) as kasa:
        assert [outcome.id for outcome in await stopped(push(kasa))] == ["r-1"]
    service.lists.clear()
    service.change(total_amount="21.00")
    assert kinds(await run()) == ["created"]
    assert service.stored == ["000001"]


async def test_a_page_that_says_404_does_not_make_a_known_receipt_absent(
    service: ReceiptService, tmp_path: Path
) -> None:
    service.deeds.append(Deed(answers="nothing"))
    service.on_answer = partial(service.change, total_amount="5.00")
    assert codes(await pushed(service, tmp_path / "journal", count=1)) == ["in_doubt_differs"]
    service.on_answer = lambda: None
    service.lag, service.page = 1000.0, answer(b"<html>We are being updated</html>", 404)

    async with client_of(service) as kasa:
        push = push_receipts(kasa, [receipt(1)], journal=tmp_path / "journal", late_write_window=SETTLE_AFTER)
        assert [outcome.kind for outcome in await stopped(push)] == [PushKind.IN_DOUBT]
    assert service.stored == ["000001"]


async def test_a_receipt_in_doubt_that_was_deleted_is_sent(service: ReceiptService, tmp_path: Path) -> None:
    service.deeds.append(Deed(answers="nothing"))
    service.on_answer = partial(service.change, total_amount="5.00")
    assert codes(await pushed(service, tmp_path / "journal", count=1)) == ["in_doubt_differs"]
    service.on_answer = lambda: None
    service.kept.clear()

    assert_each_once(service, await pushed(service, tmp_path / "journal", count=1))


async def test_a_stop_before_a_receipt_is_looked_for_leaves_it_in_doubt(
    service: ReceiptService, tmp_path: Path
) -> None:
    """Receipts of an earlier run, of which this one does not get to ask."""
    service.deeds.append(Deed(answers="nothing"))
    service.lists.extend([403] * 100)
    for _ in range(3):
        async with client_of(service) as kasa:
            push = push_receipts(
                kasa, receipts(8), journal=tmp_path / "journal", batch_size=4, late_write_window=SETTLE_AFTER
            )
            outcomes = await stopped(push)
        assert kinds(outcomes) == ["in_doubt"] * 4 + ["held_back"] * 4
    service.lists.clear()
    assert_each_once(service, await pushed(service, tmp_path / "journal", count=8))


# --- what was sent before, and what is told of it ---


async def test_contents_that_were_sent_before_a_kill_are_not_taken_for_others(
    service: ReceiptService, tmp_path: Path
) -> None:
    """The first run is cut off with its receipts on their way; before the second one, the source was changed."""
    async with client_of(service) as kasa:
        push = push_receipts(kasa, receipts(3), journal=tmp_path / "journal")
        pushing = asyncio.ensure_future(told(push))
        service.on_answer = pushing.cancel
        await asyncio.gather(pushing, return_exceptions=True)
    service.on_answer = lambda: None

    changed = [receipt(1), receipt(2, description="Доставка"), receipt(3)]
    for _ in range(2):
        async with client_of(service) as kasa:
            outcomes = await told(push_receipts(kasa, changed, journal=tmp_path / "journal"))
        assert codes(outcomes) == [None, "in_doubt_sent_otherwise", None]
        assert outcomes[1].id == service.ids["000002"]
    assert_each_once(service, await pushed(service, tmp_path / "journal", count=3))


async def test_numbers_that_the_service_changes_stop_the_push_and_nothing_is_sent_again(
    service: ReceiptService, tmp_path: Path
) -> None:
    """Receipts that are kept under other numbers could not be found by theirs."""
    service.renumber = lambda number: number.lstrip("0")
    for _ in range(2):
        async with client_of(service) as kasa:
            push = push_receipts(
                kasa, receipts(6), journal=tmp_path / "journal", batch_size=3, late_write_window=SETTLE_AFTER
            )
            outcomes = await stopped(push) if len(service.batches) == 0 else await told(push)
        assert codes(outcomes)[:3] == ["in_doubt_differs"] * 3
        assert [outcome.id for outcome in outcomes[:3]] == ["r-1", "r-2", "r-3"]
        if len(service.batches) == 1:
            assert kinds(outcomes)[3:] == ["held_back"] * 3
            service.renumber = lambda number: number
    assert service.stored == ["1", "2", "3", *numbers(4, 5, 6)]


async def test_a_stop_does_not_hide_what_is_there(service: ReceiptService, tmp_path: Path) -> None:
    await pushed(service, tmp_path / "journal", count=4)
    async with client_of(service) as kasa:
        more = [*receipts(4), receipt(5, product_id="p-1")]
        outcomes = await stopped(push_receipts(kasa, more, journal=tmp_path / "journal"))

    assert kinds(outcomes) == ["already_there"] * 4 + ["held_back"]


async def test_receipts_are_in_doubt_whatever_their_call_ends_with(
    service: ReceiptService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with client_of(service) as kasa:
        create = kasa.receipts.create_batch

        async def break_after(sent: list[ReceiptCreate]) -> None:
            await create(sent)
            raise ZeroDivisionError

        monkeypatch.setattr(kasa.receipts, "create_batch", break_after)
        outcomes = await stopped(push_receipts(kasa, receipts(6), journal=tmp_path / "journal", batch_size=3))

    assert kinds(outcomes) == ["in_doubt"] * 3 + ["held_back"] * 3
    assert_each_once(service, await pushed(service, tmp_path / "journal", count=6))


async def test_a_receipt_is_not_sent_before_the_disk_has_what_the_journal_says(
    service: ReceiptService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a power cut took of the journal would be sent twice, since nothing else remembers it."""
    opened: list[sqlite3.Connection] = []
    levels: list[int] = []
    connect = sqlite3.connect

    def note(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **kwargs))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", note)
    service.on_request = lambda: levels.extend(opened[-1].execute("PRAGMA synchronous").fetchone())
    await pushed(service, tmp_path / "journal")

    assert levels == [FULL_SYNC]


def made(number: str | None, id: str) -> Receipt:
    moment = datetime(2026, 10, 1, tzinfo=UTC)
    fields: dict[str, Any] = {"fiscal_number": number, "registrar_fiscal_number": TILL} if number else {}
    return Receipt(
        id=id,
        created_at=moment,
        updated_at=moment,
        state=ReceiptState.PAID,
        type=ReceiptType.SALE,
        total_amount=Decimal(21),
        **fields,
    )


@pytest.mark.parametrize(
    ("answered", "ids"),
    [
        (["000001", "000002", "000003"], "abc"),
        (["000003", "000001", "000002"], "bca"),
        ([None, None, None], "abc"),
        (["000003", None, "000001"], "cba"),
        (["000002", "000002", "000001"], "cba"),
        (["000009", "000001", "000003"], "bac"),
    ],
)
def test_answered_receipts_are_known_by_their_numbers(answered: list[str | None], ids: str) -> None:
    answer = [made(number, name) for number, name in zip(answered, "abc", strict=True)]

    assert "".join(one.id for one in in_order_sent(receipts(3), answer)) == ids


async def test_a_wait_for_a_lost_answer_is_announced_with_its_seconds(service: ReceiptService, tmp_path: Path) -> None:
    waits: list[float] = []
    service.deeds.append(Deed(0, answers=PROVE_NOTHING[0]))

    assert_each_once(service, await pushed(service, tmp_path / "journal", on_wait=waits.append))
    assert waits == [SETTLE_AFTER]
