"""Receipts pushed into the sandbox: in order, once each, whatever is lost, refused or stopped on the way."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async.catalog import JournalError, import_products
from smartkasa_async.errors import InvalidRequestError, UnauthorizedError
from smartkasa_async.models import ProductCreate, ReceiptCreate
from smartkasa_async.receipts import PushKind, PushProgress, PushStoppedError, push_receipts
from smartkasa_async.sandbox import Fault, Sandbox
from tests.sandbox.till import BATCH, LIST, TILL, receipt, receipts, session, stock, stored
from tests.unit.test_push_totals import DOCUMENTATION

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from smartkasa_async.receipts import PushOutcome, ReceiptPush

QUICK = RetryPolicy(first_wait=0.01, longest_wait=0.05)
NOWHERE = "5f0c7a52-0000-4000-8000-000000000000"


def impatient(box: Sandbox) -> SmartKasa:
    """A client whose waits are too short to notice."""
    return SmartKasa(**box.credentials, retry=QUICK)


def numbers(*wanted: int) -> list[str]:
    return [f"{number:06}" for number in wanted]


async def told(push: ReceiptPush) -> list[PushOutcome]:
    return sorted([outcome async for outcome in push], key=lambda outcome: outcome.position)


def kinds(outcomes: Sequence[PushOutcome]) -> list[str]:
    return [outcome.kind.value for outcome in outcomes]


def codes(outcomes: Sequence[PushOutcome]) -> list[str | None]:
    return [outcome.problems[0].code if outcome.problems else None for outcome in outcomes]


# --- what is stored, and in which order ---


async def test_receipts_of_tills_by_turns_are_stored_in_the_order_of_each_till(box: Sandbox, kasa: SmartKasa) -> None:
    summary = await push_receipts(kasa, receipts(60, tills=5), batch_size=10)

    assert (summary.created, summary.receipts) == (300, 300)
    assert stored(box) == {f"{int(TILL) + till}": numbers(*range(1, 61)) for till in range(5)}
    assert len(box.rows("payments")) == len(box.rows("receipt_items")) == 300


@pytest.mark.parametrize("seed", range(5))
async def test_a_source_in_any_grouping_gets_through_little_room(box: Sandbox, kasa: SmartKasa, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 chance for tests, not for secrets
    tills = [f"{int(TILL) + till}" for till in range(12)]
    counts = Counter(chance.choices(tills, weights=[2**place for place in range(12)], k=200))
    order = [till for till in tills for _ in range(counts[till])]
    if seed % 2:
        chance.shuffle(order)
    left = {till: iter(range(1, counts[till] + 1)) for till in tills}

    source = (receipt(next(left[till]), till=till) for till in order)
    summary = await push_receipts(kasa, source, batch_size=3, concurrency=2)

    assert summary.created == 200
    assert stored(box) == {till: numbers(*range(1, counts[till] + 1)) for till in tills if counts[till]}


async def test_a_long_source_is_read_only_as_far_as_it_is_sent(kasa: SmartKasa) -> None:
    read = 0
    seen: list[int] = []

    async def source() -> AsyncIterator[ReceiptCreate]:
        nonlocal read
        for one in receipts(500, tills=2):
            read += 1
            yield one

    def note(progress: PushProgress) -> None:
        seen.append(read - progress.receipts)

    summary = await push_receipts(kasa, source(), batch_size=20, concurrency=2, on_progress=note)

    assert summary.created == 1000
    assert max(seen) <= 2 * 20 * 2 + 1


async def test_receipts_are_sent_while_the_source_waits_for_the_next(box: Sandbox, kasa: SmartKasa) -> None:
    sent = asyncio.Event()

    async def till() -> AsyncIterator[ReceiptCreate]:
        yield receipt(1)
        await sent.wait()
        yield receipt(2)

    push = push_receipts(kasa, till())
    async for outcome in push:
        assert outcome.kind is PushKind.CREATED
        sent.set()

    assert stored(box) == {TILL: numbers(1, 2)}


async def test_outcomes_have_the_ids_of_the_service(box: Sandbox, kasa: SmartKasa) -> None:
    outcomes = await told(push_receipts(kasa, receipts(7), batch_size=3))

    assert [outcome.id for outcome in outcomes] == [row["id"] for row in box.rows("receipts")]
    assert [str(outcome.key) for outcome in outcomes] == [f"{TILL}/{number}" for number in numbers(*range(1, 8))]


async def test_a_dry_run_sends_nothing_and_says_what_would_be(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    source = [receipt(1), receipt(1), receipt(2, product_id=NOWHERE)]

    outcomes = await told(push_receipts(kasa, source, dry_run=True, journal=journal))

    assert kinds(outcomes) == ["created", "refused", "refused"]
    assert (box.rows("receipts"), journal.exists()) == ([], False)


# --- what is wrong with receipts ---


@pytest.mark.parametrize("field", ["registrar_fiscal_number", "fiscal_number"])
async def test_a_receipt_without_its_numbers_is_refused(box: Sandbox, kasa: SmartKasa, field: str) -> None:
    source = [receipt(1), msgspec.structs.replace(receipt(2), **{field: msgspec.UNSET}), receipt(3)]

    outcomes = await told(push_receipts(kasa, source))

    assert codes(outcomes) == [None, "key_missing", None]
    assert (outcomes[1].key, stored(box)) == (None, {TILL: numbers(1, 3)})


async def test_numbers_that_come_twice_are_refused_the_second_time(box: Sandbox, kasa: SmartKasa) -> None:
    source = [receipt(1), receipt(2), receipt(1), *receipts(50, tills=2)]

    outcomes = await told(push_receipts(kasa, source, batch_size=2))

    twice = [outcome for outcome in outcomes if outcome.failed]
    assert [(one.position, codes([one])) for one in twice] == [(n, ["key_duplicate"]) for n in (3, 4, 6)]
    assert "receipt 1 of the source" in twice[0].problems[0].reason_en
    assert all(len(there) == len(set(there)) == 50 for there in stored(box).values())


async def test_products_are_asked_for_once_and_unknown_ones_never_reach_the_service(
    box: Sandbox, kasa: SmartKasa
) -> None:
    product = await stock(kasa)
    source = receipts(40, tills=3, product_id=product)
    bad = [*(source[10].items or ()), *(receipt(1, product_id=NOWHERE).items or ())]
    source[10] = msgspec.structs.replace(source[10], items=bad)

    outcomes = await told(push_receipts(kasa, source, batch_size=5, totals="ignore"))

    assert [(one.position, one.kind) for one in outcomes if one.failed] == [(11, PushKind.REFUSED)]
    assert (outcomes[10].problems[0].code, outcomes[10].problems[0].field) == ("product_unknown", "items[1].product_id")
    assert box.calls["GET /api/v1/inventory/products/{id}"] == 2
    assert len(box.rows("receipts")) == 119


async def test_sums_that_do_not_agree_warn_refuse_or_do_not_matter(box: Sandbox, kasa: SmartKasa) -> None:
    source = [receipt(1), receipt(2, total_amount=Decimal("21.01")), receipt(3)]

    refused = await told(push_receipts(kasa, source, totals="refuse", dry_run=True))
    ignored = await told(push_receipts(kasa, source, totals="ignore", dry_run=True))
    warned = await told(push_receipts(kasa, source))

    assert kinds(refused) == ["created", "refused", "created"]
    assert {problem.severity for problem in refused[1].problems} == {"error"}
    assert kinds(ignored) == kinds(warned) == ["created"] * 3
    assert [len(outcome.warnings) for outcome in ignored] == [0, 0, 0]
    assert [problem.code for problem in warned[1].warnings] == ["payments_total", "items_total"]
    assert stored(box) == {TILL: numbers(1, 2, 3)}


async def test_the_sample_of_the_documentation_is_sent_with_a_warning(box: Sandbox, kasa: SmartKasa) -> None:
    exchanges = msgspec.json.decode(DOCUMENTATION.read_bytes())
    bodies = [exchange["request"]["body"] or {} for exchange in exchanges]
    (sample,) = [body for body in bodies if "registrar_fiscal_number" in body]
    product = (await kasa.products.create_batch([ProductCreate(title="Кава", price=Decimal(1))]))[0].id
    sample["items"][0]["product_id"] = product

    (outcome,) = await told(push_receipts(kasa, [msgspec.convert(sample, ReceiptCreate)]))

    assert (outcome.kind, [warning.code for warning in outcome.warnings]) == (PushKind.CREATED, ["items_total"])
    assert box.rows("receipts")[0]["total_amount"] == 145


async def test_refused_receipts_stand_alone_and_the_rest_keeps_its_order(box: Sandbox, kasa: SmartKasa) -> None:
    # Products without a stock card in the receipt's shop are refused by the service alone.
    product = await stock(kasa)
    source = receipts(100)
    for place in (0, 30, 31, 77):
        source[place] = receipt(place + 1, product_id=product, shop_id=1)

    outcomes = await told(push_receipts(kasa, source, batch_size=50))

    assert {outcome.position for outcome in outcomes if outcome.failed} == {1, 31, 32, 78}
    assert {*codes(outcomes)} == {None, "refused"}
    assert stored(box) == {TILL: numbers(*(n for n in range(1, 101) if n not in {1, 31, 32, 78}))}


# --- offline sessions ---


async def test_what_follows_a_refused_receipt_in_its_session_is_held_back(box: Sandbox, kasa: SmartKasa) -> None:
    product = await stock(kasa)
    broken, whole = session(10, number=7), session(5, number=8, first=11)
    broken[3] = msgspec.structs.replace(broken[3], items=receipt(4, product_id=product).items, shop_id=1)
    online = [receipt(16), receipt(17)]

    outcomes = await told(push_receipts(kasa, [*broken, *whole, *online], batch_size=50))

    assert kinds(outcomes) == ["created"] * 3 + ["refused"] + ["held_back"] * 6 + ["created"] * 7
    assert f"{TILL}/000004" in outcomes[5].problems[0].reason_en
    assert stored(box) == {TILL: numbers(1, 2, 3, *range(11, 18))}


async def test_a_chain_by_hashes_alone_breaks_too(box: Sandbox, kasa: SmartKasa) -> None:
    source = [receipt(n, previous_receipt_hash=f"hash-{n}") for n in range(1, 6)]
    source[1] = receipt(2, previous_receipt_hash="hash-2", product_id=NOWHERE)

    outcomes = await told(push_receipts(kasa, [*source, receipt(6)], batch_size=2))

    assert codes(outcomes) == [None, "product_unknown", *["chain_broken"] * 3, None]
    assert stored(box) == {TILL: numbers(1, 6)}


async def test_a_session_out_of_order_is_told_and_not_sent_on(box: Sandbox, kasa: SmartKasa) -> None:
    first, second, third, fourth = session(4)

    outcomes = await told(push_receipts(kasa, [first, third, second, fourth, receipt(9)], batch_size=3))

    assert codes(outcomes) == [None, None, "out_of_order", "chain_broken", None]
    assert stored(box) == {TILL: numbers(1, 3, 9)}


async def test_a_session_goes_on_when_its_bad_receipt_was_mended(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    bad, good = session(6), session(6)
    bad[2] = msgspec.structs.replace(bad[2], items=receipt(3, product_id=NOWHERE).items)

    await push_receipts(kasa, bad, journal=journal)
    summary = await push_receipts(kasa, good, journal=journal)

    assert (summary.already_there, summary.created) == (2, 4)
    assert stored(box) == {TILL: numbers(*range(1, 7))}


# --- exactly once ---


@pytest.mark.parametrize("probability", [0.05, 0.15])
@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
async def test_lost_answers(box: Sandbox, kind: Any, probability: float) -> None:
    box.faults.add(Fault(kind, times=None, probability=probability))
    async with impatient(box) as kasa:
        summary = await push_receipts(kasa, receipts(100, tills=4), batch_size=10, settle_after=0.02)

    assert summary.created == 400
    assert stored(box) == {f"{int(TILL) + till}": numbers(*range(1, 101)) for till in range(4)}


async def test_work_that_is_done_after_its_answer_was_given_up(box: Sandbox) -> None:
    box.faults.add(Fault("delay", path=BATCH, seconds=0.3, times=2))

    async with SmartKasa(**box.credentials, timeout=0.15, retry=QUICK) as kasa:
        summary = await push_receipts(kasa, receipts(30), batch_size=10, settle_after=0.5)

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
        summary = await push_receipts(kasa, source, batch_size=20, settle_after=0.02)

    assert (summary.created, summary.refused) == (56, 4)
    assert stored(box) == {TILL: numbers(*(n for n in range(1, 61) if n not in bad))}


async def test_a_receipt_that_the_service_fails_on_each_time_ends_alone(box: Sandbox) -> None:
    box.faults.add(Fault("status", path=BATCH, status=500, times=8))
    async with impatient(box) as kasa:
        outcomes = await told(push_receipts(kasa, [*session(2), receipt(14)], settle_after=0, batch_size=10))

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
        outcomes = await told(push_receipts(kasa, [*session(3), receipt(4)], settle_after=0))

    assert codes(outcomes) == [code, "chain_broken", "chain_broken", None]
    assert outcomes[0].kind is PushKind.IN_DOUBT
    assert Counter(stored(box)[TILL]) == {"000001": len(there), "000004": 1}


async def test_existing_receipts_are_looked_for_when_asked(box: Sandbox, kasa: SmartKasa) -> None:
    await push_receipts(kasa, receipts(5))

    outcomes = await told(push_receipts(kasa, receipts(8), check_existing=True, batch_size=3))

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
    summary = await push_receipts(kasa, receipts(50, tills=2), journal=journal, batch_size=5, settle_after=0)

    assert summary.created == 100 - stopped.value.summary.created
    assert all(there == numbers(*range(1, 51)) for there in stored(box).values())


async def test_a_push_that_was_left_half_way_is_gone_on_with(box: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    async with impatient(box) as kasa:
        for leave_after in (1, 90, 170):
            outcomes = aiter(
                push_receipts(kasa, receipts(100, tills=3), journal=journal, batch_size=7, settle_after=0.2)
            )
            for _ in range(leave_after):
                await anext(outcomes)
            await outcomes.aclose()
        await push_receipts(kasa, receipts(100, tills=3), journal=journal, batch_size=7, settle_after=0.2)

    assert stored(box) == {f"{int(TILL) + till}": numbers(*range(1, 101)) for till in range(3)}


async def test_a_refusal_of_the_key_stops_the_push_and_tells_of_every_receipt_that_was_read(
    box: Sandbox, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    async with impatient(box) as kasa:
        await kasa.login()

        def refuse_from_then_on(progress: PushProgress) -> None:
            if progress.created == 40:
                box.faults.add(Fault("status", times=None, status=401))

        push = push_receipts(
            kasa, receipts(60), journal=journal, batch_size=20, settle_after=0, on_progress=refuse_from_then_on
        )
        with pytest.raises(PushStoppedError) as stopped:
            await push
        box.faults.clear()
        summary = await push_receipts(kasa, receipts(60), journal=journal, settle_after=0)

    assert isinstance(stopped.value.__cause__, UnauthorizedError)
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
        await asyncio.wait_for(finish(push_receipts(kasa, till())), 5)


async def finish(push: ReceiptPush) -> object:
    return await push


async def test_what_was_on_its_way_when_the_push_was_cut_is_waited_for(box: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    box.faults.add(Fault("delay", path=BATCH, seconds=0.3))
    async with impatient(box) as kasa:
        await kasa.login()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(finish(push_receipts(kasa, receipts(3), journal=journal)), 0.2)
        assert not box.rows("receipts")
        outcomes = await told(push_receipts(kasa, receipts(5), journal=journal, settle_after=0.5))

    assert kinds(outcomes) == ["created"] * 5
    assert stored(box) == {TILL: numbers(*range(1, 6))}


async def test_the_journal_of_a_push_is_not_taken_by_an_import(kasa: SmartKasa, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    await push_receipts(kasa, receipts(1), journal=journal)

    with pytest.raises(JournalError, match="belongs to an import by fiscal_number"):
        await import_products(kasa, [ProductCreate(title="Кава", number="1", price=Decimal(1))], journal=journal)


@pytest.mark.parametrize(
    "argument",
    [{"batch_size": 0}, {"concurrency": 0}, {"totals": "maybe"}, {"settle_after": -1}, {"settle_after": float("nan")}],
)
def test_arguments_that_cannot_be(argument: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError, match=next(iter(argument))):
        push_receipts(SmartKasa(api_key="k"), [], **argument)


async def test_a_source_of_something_else_stops_the_push(kasa: SmartKasa) -> None:
    source: Any = [receipt(1), {"total_amount": 5}]
    with pytest.raises(PushStoppedError, match="gave a dict") as stopped:
        await push_receipts(kasa, source)
    assert stopped.value.summary.receipts <= 1
