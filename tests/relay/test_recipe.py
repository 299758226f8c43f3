"""The ten lines of docs/relay.md tell a message of the relay from what anybody else may send."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async._support import clock as _clock
from smartkasa_async.relay import EventKind, RelayMessage, WebhookReceiver
from tests.docs.markdown import Document
from tests.support.message_receiver import SECRET
from tests.support.service import Arrived, answer, serve

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime.now(UTC)
MESSAGE = RelayMessage(
    id="1",
    sequence=1,
    kind=EventKind.DIGEST,
    subject="digest",
    body='{"id": "1", "text": "Підсумок"}'.encode(),
    created_at=NOW,
    due_at=NOW,
)


@pytest.fixture(scope="module")
def is_genuine() -> Callable[..., bool]:
    """Give the function that the page shows."""
    (recipe,) = (block for block in Document("docs/relay.md").blocks if block.file == "signature.py")
    names: dict[str, Any] = {}
    exec(recipe.code, names)  # noqa: S102  (the project's own text)
    assert len([line for line in recipe.code.splitlines() if line.strip()]) <= 10
    function: Callable[..., bool] = names["is_genuine"]
    assert inspect.isfunction(function)
    return function


async def arrived(monkeypatch: pytest.MonkeyPatch, *, minutes_ago: int = 0) -> Arrived:
    sent_at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
    monkeypatch.setattr(_clock, "now", lambda: sent_at)
    async with serve(answer(b"", 204)) as service:
        async with WebhookReceiver(service.url, secret=SECRET) as receiver:
            await receiver.send(MESSAGE)
        (request,) = service.arrived
        return request


async def test_what_the_relay_sends_is_genuine(
    is_genuine: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await arrived(monkeypatch)
    assert request.body == MESSAGE.body
    assert is_genuine(request.headers, request.body, SECRET.encode())


async def test_nothing_else_is(is_genuine: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    request, secret = await arrived(monkeypatch), SECRET.encode()
    assert not is_genuine(request.headers, request.body, b"another secret of some length")
    assert not is_genuine(request.headers, request.body.replace(b"1", b"2"), secret)
    later = str(int(request.headers["Smartkasa-Timestamp"]) + 1)
    assert not is_genuine(request.headers | {"Smartkasa-Timestamp": later}, request.body, secret)
    for name in ("Smartkasa-Timestamp", "Smartkasa-Signature"):
        assert not is_genuine({**request.headers, name: "підпис"}, request.body, secret)
        assert not is_genuine({key: value for key, value in request.headers.items() if key != name}, b"{}", secret)


async def test_what_was_recorded_is_not_genuine_for_long(
    is_genuine: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await arrived(monkeypatch, minutes_ago=10)
    assert not is_genuine(request.headers, request.body, SECRET.encode())
    assert is_genuine(request.headers, request.body, SECRET.encode(), 900.0)
