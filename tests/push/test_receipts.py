"""Receipts pushed into the sandbox: in order, once each, whatever is lost, refused or stopped on the way."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec
import pytest

from smartkasa_async.models import ProductCreate, ReceiptCreate
from smartkasa_async.push import PushKind, push_receipts
from tests.push.test_totals import DOCUMENTATION
from tests.support.pushing import NOWHERE, codes, kinds, numbers, told
from tests.support.till import TILL, receipt, receipts, session, stock, stored

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from smartkasa_async import SmartKasa
    from smartkasa_async.jobs import Progress
    from smartkasa_async.sandbox import Sandbox


# --- what is stored, and in which order ---


async def test_receipts_of_tills_by_turns_are_stored_in_the_order_of_each_till(box: Sandbox, kasa: SmartKasa) -> None:
    summary = await push_receipts(kasa, receipts(60, tills=5), batch_size=10)

    assert (summary.created, summary.total) == (300, 300)
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

    def note(progress: Progress) -> None:
        seen.append(read - progress.done)

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
