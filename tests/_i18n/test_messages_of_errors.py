"""Phrases that are made of others, and of errors; what others are to encode stays plain text."""

from __future__ import annotations

import pickle
from datetime import date

import msgspec
import pytest

from smartkasa_async import SmartKasa, errors
from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async.cli.messages import translated, use_language
from smartkasa_async.errors import SmartKasaError
from smartkasa_async.events import Event, RetryEvent
from smartkasa_async.push import PushSummary
from smartkasa_async.records import RecordKind, Window
from smartkasa_async.records.batch import Undecodable
from smartkasa_async.sandbox import Fault, Sandbox
from smartkasa_async.sync import IncompleteWindow, ListSync, WatchError


@pytest.fixture
def ukrainian() -> None:
    use_language("uk")


@pytest.fixture(autouse=True)
def english_afterwards(request: pytest.FixtureRequest) -> None:
    request.addfinalizer(lambda: use_language("en"))  # noqa: PT021  (nothing to give)


@pytest.mark.usefixtures("ukrainian")
def test_parts_are_translated_on_their_own() -> None:
    parts = join_messages(
        [msg("{count} {kind}", count=3, kind=msg("created")), "plain {text}", msg("The client is closed")], "; "
    )
    assert parts == "3 created; plain {text}; The client is closed"
    assert translated(parts) == "створено: 3; plain {text}; Клієнт закрито"


@pytest.mark.usefixtures("ukrainian")
def test_an_error_as_a_phrase_says_what_the_error_says() -> None:
    error = errors.SessionError(msg("The client is closed"), operation="listShops", request_id="{a}")
    told = error.as_message()
    assert told == str(error) == "listShops: The client is closed [request {a}]"
    assert translated(told) == translated(error) == "listShops: Клієнт закрито [request {a}]"
    assert error not in told.values.values(), "the traceback of an error would hold what ran"
    assert translated(pickle.loads(pickle.dumps(told))) == translated(told)  # noqa: S301  (made here)


@pytest.mark.usefixtures("ukrainian")
def test_counts_of_a_push_are_a_phrase() -> None:
    summary = PushSummary(created=1, already_there=2, refused=3, held_back=4, in_doubt=5)
    assert summary.describe() == "1 created, 2 already there, 3 refused, 4 held back, 5 in doubt"
    assert translated(summary.describe()) == "створено: 1, уже були: 2, відхилено: 3, притримано: 4, під питанням: 5"


async def test_events_carry_plain_text() -> None:
    heard: list[Event] = []
    async with Sandbox() as box, SmartKasa(**box.credentials, on_event=heard.append) as kasa:
        box.faults.add(Fault("status", path="/api/v1/rsn/shops", status=503))
        await kasa.shops.list()
    assert {type(event.reason) for event in heard if isinstance(event, RetryEvent)} == {str}


def test_texts_are_plain_for_every_encoder() -> None:
    made = msg("{count} of {total} came", count=1, total=2)
    window = IncompleteWindow(Window(date(2026, 10, 1), date(2026, 10, 1)), made)
    trouble, whole = WatchError(made), ListSync(RecordKind.SHIFTS, 1, 0, 0, None)
    unread = Undecodable("a", b"{}", made)
    for record in (window, trouble, whole, unread, SmartKasaError(made).message):
        msgspec.json.encode(record)
    assert (window.reason, trouble.reason, whole.reason) == ("1 of 2 came", "1 of 2 came", None)
    assert unread.error == "1 of 2 came"
    assert window.translatable is unread.translatable is made
    assert pickle.loads(pickle.dumps(trouble)).reason == "1 of 2 came"  # noqa: S301  (made here)
