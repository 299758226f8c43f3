"""Telegram gets texts that it can read, at the pace that it asks for; the token stays out of sight."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async.relay import RelayError, TelegramReceiver, dead_messages
from smartkasa_async.relay.outbox import Draft
from smartkasa_async.relay.telegram import html_of, shortened
from tests.support.message_receiver import LOST, Bench, MessageReceiver, about, listening
from tests.support.service import answer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from smartkasa_async.stores import Store

TOKEN = "123456789:AAbbccddeeffgghhiijjkkllmmnnooppqq"
OK = answer({"ok": True, "result": {"message_id": 1}})


def refusal(status: int, description: str, **parameters: int) -> bytes:
    return answer({"ok": False, "error_code": status, "description": description, "parameters": parameters}, status)


@pytest.fixture
def store_address(tmp_path: Path) -> str:
    """Give one kind of database: what the other does is seen by the tests of the outbox."""
    return f"sqlite+aiosqlite:///{tmp_path / 'kasa.sqlite'}"


@pytest.fixture
async def chat() -> AsyncIterator[MessageReceiver]:
    async with listening() as chat:
        yield chat


@pytest.fixture
async def bench(store: Store, chat: MessageReceiver, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    api_url = chat.url.removesuffix("/hook")
    async with TelegramReceiver(TOKEN, chat_id=-100123, api_url=api_url, timeout=0.2) as telegram:
        bench = Bench(store, telegram, monkeypatch)
        await bench.outbox.take_over()
        yield bench


async def test_texts_come_escaped_with_their_headline_in_bold(bench: Bench, chat: MessageReceiver) -> None:
    chat.answers.append(OK)
    event = about("a")
    text = "Чек: 5 < 6 & <b>7</b>\n«Кава & <i>чай</i>»\nкінець"
    await bench.outbox.commit([Draft(type(event)(kind=event.kind, subject="a", at=event.at, shop_id=1, text=text))])
    assert await bench.send() is None
    assert chat.targets == [f"/bot{TOKEN}/sendMessage"]
    assert chat.bodies == [
        {
            "chat_id": -100123,
            "text": "<b>Чек: 5 &lt; 6 &amp; &lt;b&gt;7&lt;/b&gt;</b>\n«Кава &amp; &lt;i&gt;чай&lt;/i&gt;»\nкінець",
            "parse_mode": "HTML",
            "link_preview_options": {"is_disabled": True},
        }
    ]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.integers(2, 40))
def test_a_text_is_cut_between_its_characters(text: str, longest: int) -> None:
    cut = shortened(text, longest)
    assert len(cut.encode("utf-16-le")) // 2 <= longest
    assert cut == text or (cut.endswith("…") and text.startswith(cut[:-1]))


def test_the_longest_text_has_4096_units_whatever_its_escapes_take() -> None:
    assert html_of("<" * 5000) == f"<b>{'&lt;' * 4095}…</b>"
    assert html_of("😀" * 2048) == f"<b>{'😀' * 2048}</b>"
    assert html_of("😀" * 2049) == f"<b>{'😀' * 2047}…</b>"


async def test_the_wait_that_telegram_asks_for_is_waited(bench: Bench, chat: MessageReceiver) -> None:
    chat.answers.extend([refusal(429, "Too Many Requests: retry after 35", retry_after=35), OK, OK])
    await bench.put("a", "b")
    assert await bench.send() == 35
    bench.now += timedelta(seconds=34)
    assert await bench.send() == 1
    assert len(chat.bodies) == 1
    await bench.send_all()
    assert sorted(body["text"] for body in chat.bodies) == ["<b>Про a</b>", "<b>Про a</b>", "<b>Про b</b>"]


async def test_a_text_that_is_refused_is_given_up(bench: Bench, chat: MessageReceiver, store: Store) -> None:
    chat.answers.extend([refusal(400, "Bad Request: can't parse entities"), OK])
    await bench.put("a", "b")
    assert await bench.send() is None
    (dead,) = await dead_messages(store)
    assert dead.reason == "Telegram answered 400: Bad Request: can't parse entities"


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (refusal(401, f"Unauthorized {TOKEN}"), "Telegram answered 401: Unauthorized ***"),
        (refusal(403, "Forbidden: bot was blocked by the user"), "blocked by the user"),
        (refusal(400, "Bad Request: chat not found"), "chat not found"),
        (refusal(400, "Bad Request: group", migrate_to_chat_id=-1009), "its new number -1009"),
        (answer(b"<html>Bad Gateway</html>", 502), "Telegram answered 502: —"),
        (answer(b"{}", 200), "Telegram answered 200"),
        (LOST, "broke"),
    ],
)
async def test_what_may_be_put_right_is_sent_once_more(
    bench: Bench, chat: MessageReceiver, store: Store, trouble: bytes, reason: str
) -> None:
    chat.answers.extend([trouble, OK])
    await bench.put("a")
    await bench.send_all()
    assert len(chat.bodies) == 2
    assert await dead_messages(store) == []
    (_, attempt), _ = bench.attempts
    assert reason in str(attempt.reason)


async def test_the_token_stands_nowhere(bench: Bench, chat: MessageReceiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    chat.answers.extend([refusal(404, f"Not Found: /bot{TOKEN}"), LOST, b"HTTP/1.1 2", OK])
    await bench.put("a")
    await bench.send_all()
    assert len(bench.attempts) == 4
    shown = [repr(bench.attempts), repr(bench.sender._receiver), caplog.text, json.dumps(chat.bodies)]
    assert [text for text in shown if TOKEN in text or TOKEN.partition(":")[2] in text] == []


@pytest.mark.parametrize("token", ["", "hidden", "12:hidden", "123456789:AAbbccddeeffgghhiijj/../hidden"])
def test_what_is_no_token_is_refused_unquoted(token: str) -> None:
    with pytest.raises(RelayError, match="token is no token of a Telegram bot") as refused:
        TelegramReceiver(token, chat_id=1)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize("chat_id", ["", "name", "1 2", "@a b", 1.5])
def test_what_is_no_chat_is_refused(chat_id: str) -> None:
    with pytest.raises(RelayError, match="chat_id is"):
        TelegramReceiver(TOKEN, chat_id=chat_id)


def test_the_api_is_not_asked_without_tls() -> None:
    with pytest.raises(RelayError, match="api_url begins with http://"):
        TelegramReceiver(TOKEN, chat_id=1, api_url="http://telegram.example")
