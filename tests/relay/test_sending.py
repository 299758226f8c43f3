"""Messages reach a receiver at least once, in order, whatever it does; nothing is lost, and nothing leaks."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.relay import Delivery, QuietHours, RelayError, WebhookReceiver, dead_messages, resend_messages
from smartkasa_async.relay.outbox import waiting_messages
from tests.support.message_receiver import HANGS, LOST, SECRET, Bench, MessageReceiver, listening
from tests.support.service import answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from smartkasa_async.stores import Store

NIGHT = QuietHours(time(22), time(8))


@pytest.fixture
def store_address(tmp_path: Path) -> str:
    """Give one kind of database: what the other does is seen by the tests of the outbox."""
    return f"sqlite+aiosqlite:///{tmp_path / 'kasa.sqlite'}"


@pytest.fixture
async def hook() -> AsyncIterator[MessageReceiver]:
    async with listening() as hook:
        yield hook


@pytest.fixture
async def webhook(hook: MessageReceiver) -> AsyncIterator[WebhookReceiver]:
    async with WebhookReceiver(hook.url, secret=SECRET, timeout=0.2) as webhook:
        yield webhook


@pytest.fixture
async def bench(store: Store, webhook: WebhookReceiver, monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench = Bench(store, webhook, monkeypatch)
    await bench.outbox.take_over()
    return bench


async def test_messages_come_signed_and_in_order(bench: Bench, hook: MessageReceiver, store: Store) -> None:
    await bench.put("a", "b", "a")
    assert await bench.send() is None
    assert [body["sequence"] for body in hook.bodies] == [1, 2, 3]
    assert hook.forged == []
    assert len(set(hook.taken)) == 3
    assert await waiting_messages(store) == 0


async def test_a_wrong_secret_is_seen_by_the_receiver(
    hook: MessageReceiver, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with WebhookReceiver(hook.url, secret=SECRET.encode()[::-1]) as webhook:
        bench = Bench(store, webhook, monkeypatch)
        await bench.outbox.take_over()
        await bench.put("a")
        await bench.send()
    assert hook.forged == hook.taken


@pytest.mark.parametrize("trouble", [500, 503, 404, 401, 302, 429, LOST, HANGS, b"no HTTP\r\n\r\n"])
async def test_what_may_not_have_been_taken_is_sent_once_more_by_the_same_id(
    bench: Bench, hook: MessageReceiver, store: Store, trouble: int | bytes
) -> None:
    hook.answers.append(trouble)
    await bench.put("a")
    assert await bench.send() == 1.0  # the receiver is left alone, and then the message has to wait
    assert len(hook.bodies) == 1
    await bench.send_all()
    assert [body["sequence"] for body in hook.bodies] == [1, 1]
    assert len({body["id"] for body in hook.bodies}) == 1
    assert await waiting_messages(store) == 0


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(answer(b"x" * 70_000, 200), id="large"),
        pytest.param(answer(b"\x1f\x8b", 200, "Content-Encoding: gzip"), id="unreadable"),
    ],
)
async def test_what_was_taken_is_not_sent_again_whatever_stands_in_the_answer(
    bench: Bench, hook: MessageReceiver, store: Store, reply: bytes
) -> None:
    hook.answers.append(reply)
    await bench.put("a")
    assert await bench.send() is None
    assert (len(hook.bodies), await waiting_messages(store)) == (1, 0)


@pytest.mark.parametrize("asked", ["1e300", "31536000000000", "604800"])
async def test_no_receiver_can_ask_to_wait_for_more_than_a_day(bench: Bench, hook: MessageReceiver, asked: str) -> None:
    hook.answers.append(answer(b"", 429, f"Retry-After: {asked}"))
    await bench.put("a")
    assert await bench.send() == 86_400
    assert len(hook.bodies) == 1


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_message_that_is_refused_is_given_up_at_once_and_holds_nothing_up(
    bench: Bench, hook: MessageReceiver, store: Store, status: int
) -> None:
    hook.answers.append(status)
    await bench.put("a", "a", "b")
    assert await bench.send() is None
    assert [body["sequence"] for body in hook.bodies] == [1, 2, 3]
    (dead,) = await dead_messages(store)
    assert (dead.sequence, dead.reason) == (1, f"The receiver answered {status}")
    await resend_messages(store)
    await bench.send_all()
    assert [body["sequence"] for body in hook.bodies] == [1, 2, 3, 1]


async def test_a_receiver_that_is_away_is_asked_more_and_more_rarely_and_gets_all_in_the_end(
    bench: Bench, hook: MessageReceiver, store: Store
) -> None:
    hook.answers.extend([500] * 40)
    subjects = [f"receipt:{number}" for number in range(12)] * 2
    await bench.put(*subjects)
    began = bench.now
    await bench.send_all()
    assert len(hook.bodies) == 40 + 24
    assert bench.now - began > timedelta(minutes=20)  # of 40 attempts in vain, most after a minute
    first = {body["id"]: number for number, body in reversed([*enumerate(hook.bodies[40:])])}
    assert len(first) == 24
    for subject in set(subjects):
        told = [body["sequence"] for body in hook.bodies[40:] if body["text"] == f"Про {subject}"]
        assert told == sorted(told)
    assert await dead_messages(store) == []


async def test_a_message_that_always_fails_delays_no_other_and_is_given_up_after_three_days(
    bench: Bench, hook: MessageReceiver, store: Store
) -> None:
    await bench.put("poison", *(f"receipt:{number}" for number in range(5)))
    began, good = bench.now, 0
    original = MessageReceiver.__call__

    def reply(self: MessageReceiver, request: Any) -> bytes:
        nonlocal good
        if request.json["sequence"] == 1:
            return answer(b"", 500)
        good += 1
        return original(self, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MessageReceiver, "__call__", reply)
        await bench.send()
        bench.now += timedelta(seconds=1)
        await bench.send()
        assert (good, bench.now - began) == (5, timedelta(seconds=1))
        await bench.send_all(within=timedelta(days=4))
    (dead,) = await dead_messages(store)
    assert dead.sequence == 1
    assert timedelta(days=3) <= dead.dead_at - began < timedelta(days=3, hours=1.2)  # type: ignore[operator]


async def test_what_a_receiver_asks_to_wait_is_waited(bench: Bench, hook: MessageReceiver) -> None:
    hook.answers.append(answer(b"", 429, "Retry-After: 120"))
    await bench.put("a", "b")
    assert await bench.send() == 120.0
    bench.now += timedelta(seconds=119)
    assert await bench.send() == 1.0
    assert len(hook.bodies) == 1
    bench.now += timedelta(seconds=1)
    await bench.send_all()
    assert sorted(body["sequence"] for body in hook.bodies) == [1, 1, 2]


async def test_nothing_is_sent_in_quiet_hours(
    store: Store, hook: MessageReceiver, webhook: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    evening = datetime(2026, 10, 24, 18, 59, tzinfo=UTC)  # 21:59 in Kyiv, and the night has eleven hours
    bench = Bench(store, webhook, monkeypatch, now=evening, quiet_hours=NIGHT)
    await bench.outbox.take_over()
    await bench.put("a")
    await bench.send()
    assert hook.told == ["receipt.changed"]
    bench.now += timedelta(minutes=1)
    await bench.put("b", "c")
    assert await bench.send() == 11 * 3600
    bench.now += timedelta(hours=10, minutes=59)
    assert await bench.send() == 60
    assert len(hook.bodies) == 1
    bench.now += timedelta(minutes=1)
    assert await bench.send() is None
    assert [body["sequence"] for body in hook.bodies] == [1, 2, 3]


async def test_what_was_taken_and_not_noted_is_sent_once_more_after_a_restart(
    bench: Bench, hook: MessageReceiver, webhook: WebhookReceiver, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.put("a", "b")

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench.outbox, "delivered", killed)
        with pytest.raises(KeyboardInterrupt):
            await bench.send()
    assert len(hook.taken) == 1

    anew = Bench(store, webhook, monkeypatch, now=bench.now)
    await anew.outbox.take_over()
    await anew.send()
    assert [body["sequence"] for body in hook.bodies] == [1, 1, 2]
    assert hook.taken[0] == hook.taken[1]


async def test_neither_secret_nor_address_stands_in_errors_logs_or_reprs(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    address = "http://127.0.0.1:9/hidden-path?key=hidden-key"
    async with WebhookReceiver(address, secret=SECRET) as webhook:
        bench = Bench(store, webhook, monkeypatch)
        await bench.outbox.take_over()
        await bench.put("a")
        await bench.send()
        ((message, attempt),) = bench.attempts
        assert attempt.delivery is Delivery.FAILED
        assert str(attempt.reason).startswith("The receiver could not be reached: 127.0.0.1:9: ")
        waiting = await bench.outbox.due(bench.now + timedelta(days=1))
        for text in (repr(webhook), repr(attempt), repr(message), repr(waiting), str(attempt.reason), caplog.text):
            for hidden in (SECRET, "hidden-path", "hidden-key"):
                assert hidden not in text


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/hook",
        "http://192.168.1.7/hook",
        "ftp://example.com",
        "example.com",
        "https://",
        "https://user:hidden@example.com/",
        "https://exa mple.com/",
        "https://[::1",
        "https://example.com:99999/",
    ],
)
def test_addresses_that_cannot_be_trusted_are_refused(address: str) -> None:
    with pytest.raises(RelayError, match="url ") as refused:
        WebhookReceiver(address, secret=SECRET)
    assert "hidden" not in str(refused.value)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(RelayError, match="16 bytes") as refused:
        WebhookReceiver("https://example.com/", secret="hidden")
    assert "hidden" not in str(refused.value)


async def test_a_receiver_must_be_open(bench: Bench) -> None:
    await bench.put("a")
    closed = WebhookReceiver("https://example.com/", secret=SECRET)
    (message,) = await bench.outbox.due(bench.now)
    with pytest.raises(RelayError, match="async with WebhookReceiver"):
        await closed.send(message)
