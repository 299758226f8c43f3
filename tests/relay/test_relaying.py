"""From the till to the receiver: each change is one message, wherever the relay was killed."""

from __future__ import annotations

import inspect
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import anyio
import anyio.lowlevel
import pytest

from smartkasa_async._support import clock as _clock
from smartkasa_async._support.clock import ServiceClock
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.relay import (
    Attempt,
    Delivery,
    EventKind,
    RelayError,
    RelayMessage,
    WebhookReceiver,
    relay_events,
    sending,
)
from smartkasa_async.relay.events import RECEIPT_EVENTS
from smartkasa_async.relay.outbox import Outbox, waiting_messages
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import RELAY_MESSAGES
from smartkasa_async.sync import watch as watching
from tests.support.clients import client
from tests.support.message_receiver import LOST, SECRET, MessageReceiver, listening
from tests.support.stored import rows
from tests.support.watching import Till, moment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from smartkasa_async import SmartKasa
    from smartkasa_async.sandbox import Sandbox
    from smartkasa_async.stores import Store

Act = Any


class _Killed(BaseException):
    """The process is no more."""


@pytest.fixture
def store_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give SQLite's kind of database, or the one that a test names."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'kasa.sqlite'}"
    address: str = request.getfixturevalue("cleared_postgresql")
    return address


@pytest.fixture
async def kasa(box: Sandbox) -> AsyncIterator[SmartKasa]:
    async with client(box) as kasa:
        yield kasa


@pytest.fixture
def till(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Till:
    till = Till(box, moment(20))
    till.open_shop(1, opened_at=moment(1))
    monkeypatch.setattr(_clock, "now", lambda: till.now)
    monkeypatch.setattr(ServiceClock, "hear", lambda *_: None)  # the sandbox gives the machine's own time
    return till


@pytest.fixture
async def hook() -> AsyncIterator[MessageReceiver]:
    async with listening() as hook:
        yield hook


@pytest.fixture
def relay(
    kasa: SmartKasa, store: Store, till: Till, hook: MessageReceiver, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Give a function that relays until a number of messages were taken; in each pause of the watch an act happens."""

    async def run(*acts: Act, limit: int, **options: Any) -> None:
        waiting = list(acts)

        async def pause(_seconds: float) -> None:
            till.now += timedelta(seconds=2)
            await anyio.lowlevel.checkpoint()
            if waiting and inspect.isawaitable(done := waiting.pop(0)()):
                await done

        monkeypatch.setattr(watching, "sleep", pause)
        monkeypatch.setattr(sending, "_LONGEST_WAIT", 0.01)  # the test moves the clock, not the loop
        options.setdefault("events", RECEIPT_EVENTS)
        async with WebhookReceiver(hook.url, secret=SECRET) as receiver:
            with anyio.fail_after(20):
                await relay_events(kasa, store, receiver, limit=limit, **options)

    return run


def told(hook: MessageReceiver) -> list[tuple[str, str]]:
    """What the receiver has after dropping repeats, in the order of their numbers."""
    once = {body["id"]: body for body in hook.bodies}
    ordered = sorted(once.values(), key=lambda body: int(body["sequence"]))
    return [(body["type"].partition(".")[2], body["data"]["receipt_id"]) for body in ordered]


@pytest.mark.parametrize("store_address", ["sqlite", "postgresql"], indirect=True)
async def test_receipts_are_told_as_they_come(relay: Callable[..., Any], till: Till, hook: MessageReceiver) -> None:
    old = till.sell()
    ids: list[str] = []
    await relay(
        lambda: ids.append(till.sell()),
        lambda: till.change(ids[0], fiscal_number="16773376"),
        limit=2,
    )
    assert told(hook) == [("created", ids[0]), ("changed", ids[0])]
    assert old not in hook.bodies[0]["text"]
    first = hook.bodies[0]
    assert first["text"] == "Новий чек: продаж, 102.00 грн\nКрамниця 1, 2026-10-20 12:00"
    receipt = first["data"]["receipt"]
    assert (receipt["total_amount"], receipt["shop_id"], receipt["state"]) == ("102.0", 1, 2)
    assert [item["name"] for item in receipt["items"]] == ["Кава"]
    assert [payment["amount"] for payment in receipt["payments"]] == ["102.0"]


async def test_personal_data_stays_here_unless_it_is_asked_for(
    relay: Callable[..., Any], till: Till, hook: MessageReceiver
) -> None:
    sell = lambda: till.sell(cashier_name="Марія Петренко", seller_id=77, description="для Олени")  # noqa: E731
    await relay(sell, limit=1)
    assert "Петренко" not in str(hook.bodies)
    assert "Олени" not in str(hook.bodies)
    assert "seller_id" not in str(hook.bodies)
    await relay(sell, limit=1, keep_personal=True)
    assert hook.bodies[-1]["data"]["raw"]["cashier_name"] == "Марія Петренко"


async def test_only_what_is_asked_for_is_told(relay: Callable[..., Any], till: Till, hook: MessageReceiver) -> None:
    ids: list[str] = []
    await relay(
        lambda: ids.append(till.sell()),
        lambda: till.change(ids[0], fiscal_number="1"),
        limit=1,
        events=[EventKind.RECEIPT_CHANGED],
    )
    assert told(hook) == [("changed", ids[0])]


@pytest.mark.parametrize(
    ("store_address", "number", "when"),
    [
        *(("sqlite", number, when) for number in (5, 8, 10, 11, 12, 13) for when in ("before", "after")),
        *(("postgresql", number, "after") for number in (8, 11)),
    ],
    indirect=["store_address"],
)
async def test_killed_anywhere_each_change_is_one_message(  # noqa: PLR0917  (fixtures)
    relay: Callable[..., Any],
    store: Store,
    till: Till,
    hook: MessageReceiver,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    when: str,
) -> None:
    """The process dies before or after a transaction, which may be one of the outbox, of the sender or of a sync."""
    ids: list[str] = []
    acts: list[Act] = [
        lambda: ids.append(till.sell()),
        lambda: till.change(ids[0], fiscal_number="1"),
        lambda: ids.append(till.sell()),
        lambda: till.change(ids[0], fiscal_number="2"),
        lambda: till.change(ids[1], state=3),
    ]
    done = iter(acts)
    hook.answers.extend([204, LOST, 500])
    left = number
    transact = store.transact

    async def dying(work: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0 or (left == 0 and when == "before"):
            raise _Killed  # nothing of a dead process is done any more
        result = await transact(work)
        if left == 0:
            raise _Killed
        return result

    with monkeypatch.context() as patch:
        patch.setattr(store, "transact", dying)
        with suppress(_Killed, BaseExceptionGroup):
            await relay(*(lambda: next(done)() for _ in acts), limit=len(acts))  # noqa: PLW0108  (drawn when it is called)
    if (missing := len(acts) - len(told(hook)) + await _unnoted(store, hook)) > 0:
        await relay(*done, limit=missing)
    expected = [
        ("created", ids[0]),
        ("changed", ids[0]),
        ("created", ids[1]),
        ("changed", ids[0]),
        ("changed", ids[1]),
    ]
    assert told(hook) == expected
    assert await waiting_messages(store) == 0
    assert hook.forged == []


async def _unnoted(store: Store, hook: MessageReceiver) -> int:
    """Count messages that arrived and are still in the outbox, and so come once more."""
    arrived = {body["id"] for body in hook.bodies}
    return sum(row["id"] in arrived for row in await rows(store, RELAY_MESSAGES))


async def test_it_ends_with_the_message_that_was_asked_for(kasa: SmartKasa, store: Store, till: Till) -> None:
    class Taker:
        name = "taker"
        taken: ClassVar[list[RelayMessage]] = []

        async def send(self, message: RelayMessage) -> Attempt:
            self.taken.append(message)
            return Attempt(Delivery.TAKEN)

    ids = [till.sell() for _ in range(5)]
    await relay_events(kasa, store, Taker(), events=RECEIPT_EVENTS, start=till.now.date(), limit=3)
    assert [message.subject for message in Taker.taken] == [f"receipt:{one}" for one in ids[:3]]


async def test_a_second_relay_takes_over_and_the_first_ends(
    relay: Callable[..., Any], kasa: SmartKasa, store: Store, till: Till, hook: MessageReceiver
) -> None:
    async def start_another() -> None:
        await Outbox(store, "webhook").take_over()
        till.sell()

    with pytest.raises(RelayError, match="Another relay to 'webhook'"):
        await relay(start_another, limit=5)
    assert hook.bodies == []


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"events": ["receipt"]}, "events"),
        ({"events": []}, "events"),
        ({"language": "de"}, "language"),
        ({"limit": 0}, "limit"),
        ({"check_every": -1}, "check_every"),
        ({"minimum_stock": 1.5}, "minimum_stock"),
        ({"minima": {"482": "3"}}, "minima"),
        ({"keep_personal": 1}, "keep_personal"),
    ],
)
async def test_arguments_that_cannot_be_used_are_refused(
    kasa: SmartKasa, empty_store: Path, options: dict[str, Any], named: str
) -> None:
    receiver = WebhookReceiver("https://example.com/", secret=SECRET)
    async with open_store(empty_store) as store:
        with pytest.raises(InvalidRequestError, match=named):
            await relay_events(kasa, store, receiver, **options)
