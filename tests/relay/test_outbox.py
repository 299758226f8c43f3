"""The outbox: each message once, in one transaction with what shows it, in order of its subject."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from smartkasa_async._support import clock as _clock
from smartkasa_async.relay import RelayError, dead_messages, resend_messages
from smartkasa_async.relay.outbox import Draft, Outbox, waiting_messages
from smartkasa_async.stores import StoreError, open_store
from smartkasa_async.stores.schema import RELAY_MESSAGES
from tests.support.message_receiver import about
from tests.support.stored import rows

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from smartkasa_async.stores import Store

LATER = datetime(2100, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 10, 20, 9, tzinfo=UTC)


@pytest.fixture
async def outbox(store: Store, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    monkeypatch.setattr(_clock, "now", lambda: NOW)
    outbox = Outbox(store, "webhook")
    await outbox.take_over()
    return outbox


def subjects(*names: str) -> list[Draft]:
    return [Draft(about(name)) for name in names]


async def test_messages_are_numbered_and_written_with_the_checkpoint(outbox: Outbox) -> None:
    await outbox.commit(subjects("a", "b"), checkpoint="one")
    await outbox.commit(subjects("c"), checkpoint="two", digest_day=date(2026, 10, 19))

    found = await outbox.due(LATER)

    assert [(one.sequence, one.subject) for one in found] == [(1, "a"), (2, "b"), (3, "c")]
    body = msgspec.json.decode(found[2].body)
    assert (body["id"], body["sequence"], body["type"], body["shop_id"]) == (found[2].id, 3, "receipt.changed", 1)
    assert (body["at"], body["text"], body["account_id"]) == ("2026-10-20T09:00:00Z", "Про c", 0)
    state = await outbox.state()
    assert (state.checkpoint, state.reconciled_day, state.digest_day) == ("two", None, date(2026, 10, 19))


async def test_a_message_that_is_written_twice_is_there_once(outbox: Outbox, store: Store) -> None:
    drafts = subjects("a", "b")
    await outbox.commit(drafts)
    await outbox.commit([*drafts, *subjects("c")], checkpoint="one")
    assert [one["subject"] for one in await rows(store, RELAY_MESSAGES)] == ["a", "b", "c"]


async def test_nothing_is_written_where_the_transaction_fails(store: Store, store_address: str) -> None:
    def refuse(_: Connection) -> None:
        raise StoreError("the lease is over")

    outbox = Outbox(store, "webhook")
    await outbox.take_over()
    await outbox.commit(subjects("a"), checkpoint="one", new=["finding:1"])
    async with open_store(store_address, fence=refuse) as refusing:
        other = Outbox(refusing, "webhook")
        other._term = outbox._term
        with pytest.raises(StoreError, match="the lease is over"):
            await other.commit(subjects("b"), checkpoint="two", new=["finding:2"])
    state = await outbox.state()
    assert (state.checkpoint, set(state.known)) == ("one", {"finding:1"})
    assert [one.subject for one in await outbox.due(LATER)] == ["a"]


async def test_a_relay_that_another_took_over_from_writes_and_sends_nothing_more(outbox: Outbox, store: Store) -> None:
    await outbox.commit(subjects("a"), checkpoint="one")
    newer = Outbox(store, "webhook")
    await newer.take_over()
    with pytest.raises(RelayError, match="Another relay to 'webhook' was started"):
        await outbox.commit(subjects("b"), checkpoint="two")
    with pytest.raises(RelayError, match="this one ends"):
        await outbox.due(LATER)
    await newer.commit(subjects("c"))
    assert [one.subject for one in await newer.due(LATER)] == ["a", "c"]
    assert (await newer.state()).checkpoint == "one"


async def test_receivers_and_accounts_have_nothing_to_do_with_each_other(
    outbox: Outbox, store: Store, store_address: str
) -> None:
    async with open_store(store_address, account_id=7) as of_other:
        others = [Outbox(store, "telegram"), Outbox(of_other, "webhook")]
        for number, other in enumerate(others):
            await other.take_over()
            await other.commit(subjects(f"other {number}"), new=["stock:1"], checkpoint=f"{number}")
        await outbox.commit(subjects("mine"), over=["stock:1"])
        for number, other in enumerate(others):
            assert [(one.sequence, one.subject) for one in await other.due(LATER)] == [(1, f"other {number}")]
            assert (await other.state()).known == {"stock:1"}
        assert [one.subject for one in await outbox.due(LATER)] == ["mine"]
        assert await waiting_messages(of_other) == 1


async def test_a_message_waits_for_the_one_before_it_about_the_same_subject(outbox: Outbox) -> None:
    await outbox.commit(subjects("a", "b", "a", "c"))
    first, *_ = await outbox.due(LATER)
    await outbox.failed(first, NOW, "500", 60.0)
    assert [one.sequence for one in await outbox.due(NOW)] == [2, 4]
    assert [one.sequence for one in await outbox.due(NOW + timedelta(seconds=60))] == [1, 2, 3, 4]
    await outbox.delivered(first)
    assert [one.sequence for one in await outbox.due(LATER)] == [2, 3, 4]


async def test_when_the_next_is_due_counts_no_message_that_waits_for_another(outbox: Outbox) -> None:
    assert await outbox.next_due_at() is None
    await outbox.commit(subjects("a", "a"))
    first, _ = await outbox.due(LATER)
    await outbox.failed(first, NOW, "500", 60.0)
    assert await outbox.next_due_at() == NOW + timedelta(seconds=60)


async def test_what_was_given_up_is_listed_holds_nothing_up_and_is_sent_once_more(outbox: Outbox, store: Store) -> None:
    await outbox.commit(subjects("a", "a", "b"))
    first, _, last = await outbox.due(LATER)
    await outbox.failed(first, NOW, "The receiver answered 422", None)

    (dead,) = await dead_messages(store)
    assert (dead.id, dead.attempts, dead.reason, dead.dead_at) == (first.id, 1, "The receiver answered 422", NOW)
    assert [one.sequence for one in await outbox.due(LATER)] == [2, 3]
    assert await dead_messages(store, receiver="telegram") == []
    assert await waiting_messages(store) == 2

    assert await resend_messages(store, [last.id]) == []
    (resent,) = await resend_messages(store, [first.id], receiver="webhook")
    assert resent.id == first.id
    assert await dead_messages(store) == []
    back = (await outbox.due(LATER))[0]
    assert (back.id, back.sequence, back.attempts, back.first_tried_at, back.reason) == (first.id, 1, 0, None, None)


async def test_alerts_are_known_until_they_are_over(outbox: Outbox) -> None:
    await outbox.commit(new=["finding:1", "finding:2"])
    await outbox.commit(new=["finding:2", "stock:3"], over=["finding:1"])
    assert (await outbox.state()).known == {"finding:2", "stock:3"}
