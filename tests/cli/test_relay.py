"""The commands of the relay, from the till to a receiver on loopback."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.relay import EventKind
from smartkasa_async.relay.outbox import Draft, Outbox
from smartkasa_async.stores import open_store
from tests.support.answering_service import serving
from tests.support.message_receiver import SECRET, MessageReceiver, about
from tests.support.processes import running
from tests.support.service import answer
from tests.support.watching import Till

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli

TOKEN = "123456789:AAbbccddeeffgghhiijjkkllmmnnooppqq"
RECEIPTS = ("--start", "today", "--event", "receipt.created", "--limit", "4")


@pytest.fixture
def hook() -> Iterator[MessageReceiver]:
    receiver = MessageReceiver()
    with serving(receiver) as service:
        receiver.url = service.url
        yield receiver


@pytest.fixture
def secret() -> str:
    path = Path("relay.secret")
    path.touch(mode=0o600)
    path.write_text(f"{SECRET}\n")
    return str(path)


@pytest.fixture
def sold(environment: Sandbox) -> list[str]:
    now = datetime.now(UTC)
    till = Till(environment, now)
    till.open_shop(1, opened_at=now)
    return [till.sell(cashier_name="Марія Петренко"), *(till.sell() for _ in range(3))]


def test_receipts_reach_an_address_signed(cli: Cli, hook: MessageReceiver, secret: str, sold: list[str]) -> None:
    result = cli("watch", "--to", hook.url, "--secret-file", secret, *RECEIPTS)
    assert result.code == 0, result.err
    assert [body["data"]["receipt_id"] for body in hook.bodies] == sold
    assert hook.bodies[0]["text"].startswith("Новий чек: продаж, ")
    assert hook.forged == []
    assert "Петренко" not in str(hook.bodies)
    assert [line.split()[:2] for line in result.out.splitlines()] == [[f"{n}", "receipt.created"] for n in (1, 2, 3, 4)]
    assert SECRET not in result.out + result.err


@pytest.mark.parametrize("killed_at", [1, 3])
def test_a_process_that_is_killed_loses_nothing_and_repeats_what_was_not_answered(
    cli: Cli, hook: MessageReceiver, secret: str, sold: list[str], killed_at: int
) -> None:
    command = ["watch", "--to", hook.url, "--secret-file", secret, *RECEIPTS[:-2]]
    with running([sys.executable, "-m", "smartkasa_async", *command], stdout=DEVNULL, stderr=DEVNULL) as process:
        hook.on_message = lambda: process.kill() if len(hook.bodies) == killed_at else None
        process.wait()
    assert len(hook.bodies) == killed_at

    hook.on_message = lambda: None
    left = len(sold) - killed_at + 1
    assert cli(*command, "--limit", f"{left}").code == 0
    assert len(hook.bodies) == killed_at + left
    assert hook.bodies[killed_at - 1]["id"] == hook.bodies[killed_at]["id"]
    once = {body["id"]: body["data"]["receipt_id"] for body in hook.bodies}
    assert [*once.values()] == sold


def test_texts_are_english_where_that_is_asked_for(
    cli: Cli, hook: MessageReceiver, secret: str, sold: list[str]
) -> None:
    result = cli("watch", "--to", hook.url, "--secret-file", secret, *RECEIPTS, "--lang", "en", "--json")
    assert hook.bodies[0]["text"].startswith("New receipt: sale, ")
    assert [one["id"] for one in result.records] == hook.taken


def test_receipts_reach_telegram_by_a_token_that_is_kept(
    cli: Cli, hook: MessageReceiver, sold: list[str], home: Path
) -> None:
    hook.answers.extend([answer({"ok": True})] * 4)
    options = ("watch", "--to", "telegram", "--chat-id", "-1001", "--telegram-api", hook.url, *RECEIPTS)
    missing = cli(*options)
    assert (missing.code, "smartkasa relay token" in missing.err) == (2, True)

    kept = cli("relay", "token", "--stdin", stdin=f"{TOKEN}\n")
    assert (kept.code, "The token is stored in" in kept.out) == (0, True)
    (file,) = home.rglob("default+telegram.json")
    assert file.stat().st_mode & 0o777 == 0o600
    result = cli(*options)
    assert result.code == 0, result.err
    assert set(hook.targets) == {f"/bot{TOKEN}/sendMessage"}
    assert all(body["text"].startswith("<b>Новий чек: продаж, ") for body in hook.bodies)
    assert TOKEN not in kept.out + kept.err + result.out + result.err

    cli("logout", "--forget")
    assert not file.exists()


def test_the_token_of_the_environment_goes_first(
    cli: Cli, hook: MessageReceiver, sold: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.answers.extend([answer({"ok": True})] * 4)
    monkeypatch.setenv("SMARTKASA_TELEGRAM_TOKEN", TOKEN.replace("A", "B"))
    cli("relay", "token", "--stdin", stdin=TOKEN)
    cli("watch", "--to", "telegram", "--chat-id", "@shop_news", "--telegram-api", hook.url, *RECEIPTS)
    assert set(hook.targets) == {f"/bot{TOKEN.replace('A', 'B')}/sendMessage"}


def test_what_is_no_token_is_not_kept(cli: Cli, home: Path) -> None:
    result = cli("relay", "token", "--stdin", stdin="hidden")
    assert (result.code, "hidden" in result.err, [*home.rglob("*telegram*")]) == (2, False, [])
    assert cli("relay", "token").code == 2


def test_what_was_given_up_is_listed_and_sent_once_more(
    cli: Cli, hook: MessageReceiver, secret: str, sold: list[str]
) -> None:
    assert cli("relay", "dead").code == 2  # there is no store
    hook.answers.append(422)
    refused = cli("watch", "--to", hook.url, "--secret-file", secret, *RECEIPTS[:-1], "3")
    assert refused.code == 0
    assert "was not delivered: The receiver answered 422" in refused.err

    (dead,) = cli("relay", "dead", "--json").document["dead"]
    assert (dead["receiver"], dead["sequence"], dead["attempts"]) == ("webhook", 1, 1)
    shown = cli("relay", "dead")
    assert dead["id"] in shown.out
    assert f" {dead['type']} " in shown.out  # as --event takes it
    assert "0 messages are yet to be delivered." in shown.out
    assert cli("relay", "dead", "--name", "other").out.startswith("No message was given up.")
    assert "Недоставлених повідомлень" in cli("relay", "dead", "--name", "other", "--lang", "uk").out

    assert cli("relay", "resend", "no-such-id").code == 2
    assert cli("relay", "resend", dead["id"]).out == "1 message is sent once more.\n"
    cli("watch", "--to", hook.url, "--secret-file", secret, *RECEIPTS[:-1], "1")
    assert hook.bodies[-1]["id"] == dead["id"]
    assert cli("relay", "dead", "--json").document == {"waiting": 0, "dead": []}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--to", "https://example.com/"), "secret is missing"),
        (("--to", "http://example.com/", "--secret-file", "relay.secret"), "--to begins with http://"),
        (("--to", "https://example.com/", "--secret-file", "short.secret"), "--secret-file has fewer than 16 bytes"),
        (("--to", "https://example.com/", "--secret-file", "open.secret"), "can be read by others"),
        (("--to", "https://example.com/", "--secret-file", "none.secret"), "none.secret"),
        (("--to", "https://example.com/", "--secret-file", "relay.secret", "--chat-id", "1"), "--chat-id is for"),
        (("--to", "telegram"), "--chat-id is missing"),
        (("--to", "telegram", "--chat-id", "1", "--secret-file", "relay.secret"), "--secret-file is for"),
        (("--to", "telegram", "--chat-id", "a b"), "--chat-id is 'a b'"),
        (("--to", "telegram", "--chat-id", "1", "--telegram-api", "http://example.com"), "--telegram-api begins with"),
        (("--to", "telegram", "--chat-id", "1", "--quiet-hours", "night"), "--quiet-hours are 'night'"),
        (("--to", "telegram", "--chat-id", "1", "--digest", "morning"), "--digest is 'morning'"),
        (("--to", "telegram", "--chat-id", "1", "--min-stock", "few"), "--min-stock is few"),
        (("--to", "telegram", "--chat-id", "1", "--check-every", "0"), "--check-every is 0"),
        (("--to", "telegram", "--chat-id", "1", "--limit", "0"), "--limit is 0"),
    ],
)
@pytest.mark.usefixtures("environment", "secret")
def test_what_cannot_be_is_refused(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], named: str
) -> None:
    monkeypatch.setenv("SMARTKASA_TELEGRAM_TOKEN", TOKEN)
    for name, mode, content in (("short.secret", 0o600, "hidden"), ("open.secret", 0o644, SECRET)):
        Path(name).write_text(content)
        Path(name).chmod(mode)
    result = cli("watch", *words)
    assert (result.code, named in " ".join(result.err.split())) == (2, True), result.err
    assert "hidden" not in result.err


def test_all_kinds_of_events_can_be_chosen(cli: Cli) -> None:
    shown = cli("watch", "--help").out
    assert [kind for kind in EventKind if kind not in shown] == []


def test_a_token_in_a_configuration_file_is_refused(cli: Cli) -> None:
    Path("smartkasa.toml").write_text(f'telegram_token = "{TOKEN}"\n')
    result = cli("relay", "dead")
    assert (result.code, "smartkasa relay token" in result.err, TOKEN in result.err) == (2, True, False)


def test_messages_that_wait_are_counted(cli: Cli) -> None:
    async def put() -> None:
        async with open_store("smartkasa.sqlite") as store:
            outbox = Outbox(store, "webhook")
            await outbox.take_over()
            await outbox.commit([Draft(about("a"))])

    asyncio.run(put())
    assert json.loads(cli("relay", "dead", "--json").out) == {"waiting": 1, "dead": []}
