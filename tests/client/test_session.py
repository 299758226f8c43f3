"""The session over a real socket: one login, one refresh, whoever waits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async import (
    FileTokenStore,
    MemoryTokenStore,
    OutcomeUnknownError,
    SessionError,
    TokenStoreError,
    UnauthorizedError,
)
from smartkasa_async.events import RefreshEvent, RequestEvent
from smartkasa_async.sandbox import Fault, Sandbox
from tests.support.clients import LOGIN, LOGOUT, REFRESH, SHOPS, Gate, client

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.events import Event
    from smartkasa_async.models import Session

_CALLERS = 500
_NOBODY: dict[str, Any] = {"phone_number": None, "password": None}


async def _session(box: Sandbox) -> Session:
    """Log in with a client of its own."""
    async with client(box) as kasa:
        session = await kasa.login()
    box.calls.clear()
    return session


def _expired(session: Session) -> Session:
    """Make the access token look expired to the client."""
    return msgspec.structs.replace(session, access_expires_at=datetime.now(UTC) - timedelta(seconds=1))


# --- one renewal for all ---


async def test_many_callers_share_one_login(box: Sandbox) -> None:
    async with client(box) as kasa:
        await asyncio.gather(*(kasa.shops.list() for _ in range(_CALLERS)))
    assert box.calls == {LOGIN: 1, SHOPS: _CALLERS}


@pytest.mark.parametrize("wire", ["flat", "enveloped"])
async def test_many_callers_share_one_refresh_of_an_expired_token(box: Sandbox, wire: str) -> None:
    session = _expired(await _session(box))
    box.expire_access_tokens()
    async with client(box, session=session, wire=wire, **_NOBODY) as kasa:
        await asyncio.gather(*(kasa.shops.list() for _ in range(_CALLERS)))
    assert box.calls == {REFRESH: 1, SHOPS: _CALLERS}


async def test_many_callers_share_one_refresh_when_the_service_refuses(box: Sandbox) -> None:
    """The clock takes the token for good; as many as are on their way at once hear the refusal, and one refreshes."""
    async with client(box, concurrency=50) as kasa:
        await kasa.login()
        box.expire_access_tokens()
        box.calls.clear()
        await asyncio.gather(*(kasa.shops.list() for _ in range(_CALLERS)))
    assert box.calls[REFRESH] == 1
    assert box.calls[LOGIN] == 0
    assert _CALLERS < box.calls[SHOPS] <= _CALLERS + 50


async def test_refusals_that_arrive_late_do_not_refresh_again(box: Sandbox) -> None:
    """A call that was sent with the old token hears of it after the others have the new one."""
    gate = Gate("GET", "/api/v1/inventory/unit_types")
    async with client(box, trace_configs=[gate.trace]) as kasa:
        await kasa.login()
        late = asyncio.ensure_future(kasa.unit_types.list()._first())
        await gate.reached.wait()
        box.expire_access_tokens()
        await kasa.shops.list()
        gate.open()
        await late
    assert box.calls[REFRESH] == 1


async def test_refreshing_goes_on_for_a_caller_that_is_cancelled(box: Sandbox) -> None:
    gate = Gate("POST", "/api/v1/auth/refresh")
    store = MemoryTokenStore(_expired(await _session(box)))
    async with client(box, token_store=store, trace_configs=[gate.trace], **_NOBODY) as kasa:
        calls = [asyncio.ensure_future(kasa.shops.get(1)) for _ in range(3)]
        await gate.reached.wait()
        for call in calls:
            call.cancel()
        assert {type(end) for end in await asyncio.gather(*calls, return_exceptions=True)} == {asyncio.CancelledError}
        gate.open()
        await kasa.shops.list()
    assert box.calls == {REFRESH: 1, SHOPS: 1}


# --- what comes of a refusal ---


async def test_refused_refresh_logs_in_again(box: Sandbox) -> None:
    async with client(box) as kasa:
        await kasa.login()
        box.expire_tokens()
        box.calls.clear()
        await kasa.shops.list()
    assert box.calls == {SHOPS: 2, REFRESH: 1, LOGIN: 1}


async def test_refused_refresh_without_credentials_says_so(box: Sandbox) -> None:
    session = await _session(box)
    box.expire_tokens()
    async with client(box, session=session, **_NOBODY) as kasa:
        with pytest.raises(SessionError, match="give phone_number and password"):
            await kasa.shops.list()
    assert box.calls == {SHOPS: 1, REFRESH: 1}


async def test_service_that_refuses_every_token_ends_the_call(box: Sandbox) -> None:
    box.faults.add(Fault("status", path="/api/v1/rsn/shops", status=401, times=None))
    async with client(box) as kasa:
        with pytest.raises(UnauthorizedError) as caught:
            await kasa.shops.list()
    assert caught.value.operation == "listShops"
    assert box.calls == {LOGIN: 1, SHOPS: 2, REFRESH: 1}


async def test_create_that_was_refused_by_its_token_is_sent_again(box: Sandbox) -> None:
    async with client(box) as kasa:
        from smartkasa_async.models import ShopCreate  # noqa: PLC0415

        await kasa.login()
        box.expire_access_tokens()
        await kasa.shops.create(ShopCreate(title="Т"))
    assert len(box.rows("shops")) == 1


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
async def test_lost_refresh_logs_in_where_it_can(box: Sandbox, kind: Any) -> None:
    async with client(box) as kasa:
        await kasa.login()
        box.expire_access_tokens()
        box.calls.clear()
        box.faults.add(Fault(kind, path="/api/v1/auth/refresh"))
        await kasa.shops.list()
    assert box.calls == {SHOPS: 2, REFRESH: 1, LOGIN: 1}


async def test_lost_refresh_without_credentials_tells_that_nothing_is_known(box: Sandbox) -> None:
    session = _expired(await _session(box))
    box.faults.add(Fault("drop_before", path="/api/v1/auth/refresh"))
    async with client(box, session=session, **_NOBODY) as kasa:
        with pytest.raises(OutcomeUnknownError) as caught:
            await kasa.shops.list()
        assert caught.value.operation == "refreshSession"
        await kasa.shops.list()  # it was not carried out: the next call refreshes
    assert box.calls == {REFRESH: 2, SHOPS: 1}


# --- stores ---


class _Diary(MemoryTokenStore):
    """Remembers what came in which order."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[str] = []

    async def save(self, session: Session) -> None:
        await asyncio.sleep(0)
        await super().save(session)
        self.entries.append("saved")

    def hear(self, event: Event) -> None:
        if isinstance(event, RequestEvent):
            self.entries.append(event.operation)


async def test_new_pair_is_saved_before_it_is_used(box: Sandbox) -> None:
    diary = _Diary()
    async with client(box, token_store=diary, on_event=diary.hear) as kasa:
        await kasa.shops.list()
        box.expire_access_tokens()
        await kasa.shops.list()
    assert diary.entries == ["createSession", "saved", "listShops", "listShops", "refreshSession", "saved", "listShops"]


async def test_tokens_outlive_the_client(box: Sandbox, tmp_path: Path) -> None:
    store = FileTokenStore(tmp_path / "tokens.json")
    async with client(box, token_store=store) as kasa:
        await kasa.shops.list()
    async with client(box, token_store=FileTokenStore(tmp_path / "tokens.json"), **_NOBODY) as kasa:
        await kasa.shops.list()
    assert box.calls == {LOGIN: 1, SHOPS: 2}


async def test_two_clients_share_a_file(box: Sandbox, tmp_path: Path) -> None:
    """The one refreshes, which ends the other's tokens; that one finds the new pair in the file."""
    file = tmp_path / "tokens.json"
    heard: list[Event] = []
    async with (
        client(box, token_store=FileTokenStore(file)) as one,
        client(box, token_store=FileTokenStore(file), on_event=heard.append, **_NOBODY) as other,
    ):
        await one.shops.list()
        await other.shops.list()
        for refreshes in range(3):
            box.expire_access_tokens()
            await one.shops.list()
            await other.shops.list()
            assert box.calls[REFRESH] == refreshes + 1
    assert box.calls[LOGIN] == 1
    assert [event.how for event in heard if isinstance(event, RefreshEvent)] == ["store"] * 4


async def test_two_clients_that_refresh_at_once_both_go_on(box: Sandbox, tmp_path: Path) -> None:
    file = FileTokenStore(tmp_path / "tokens.json")
    await file.save(_expired(await _session(box)))
    async with client(box, token_store=file) as one, client(box, token_store=file) as other:
        await asyncio.gather(*(kasa.shops.list() for kasa in (one, other) for _ in range(20)))
        box.calls.clear()
        await asyncio.gather(one.shops.list(), other.shops.list())
    assert box.calls == {SHOPS: 2}


async def test_store_that_cannot_save_is_told_and_costs_no_session(
    box: Sandbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with client(box, token_store=FileTokenStore(tmp_path / "missing" / "tokens.json")) as kasa:
        await kasa.shops.list()
        with pytest.raises(TokenStoreError, match="cannot be written"):
            await kasa.login()
        await kasa.shops.list()
    assert "cannot be written" in caplog.text
    assert box.calls == {LOGIN: 2, SHOPS: 2}


async def test_broken_file_does_not_hinder_a_login(box: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    file.write_bytes(b"\xff")
    async with client(box, token_store=FileTokenStore(file)) as kasa:
        await kasa.shops.list()
    async with client(box, token_store=FileTokenStore(file), **_NOBODY) as kasa:
        await kasa.shops.list()
    assert box.calls == {LOGIN: 1, SHOPS: 2}


async def test_given_session_can_be_refreshed_at_once(box: Sandbox) -> None:
    old = await _session(box)
    async with client(box, session=old, **_NOBODY) as kasa:
        new = await kasa.auth.refresh()
        assert new.access != old.access
        await kasa.shops.list()
    assert box.calls == {REFRESH: 1, SHOPS: 1}


async def test_refresh_without_a_session_says_so(box: Sandbox) -> None:
    async with client(box) as kasa:
        with pytest.raises(SessionError, match="log in first"):
            await kasa.auth.refresh()
    assert box.calls == {}


# --- the end of a session ---


async def test_logout_ends_the_session_and_forgets_it(box: Sandbox) -> None:
    store = MemoryTokenStore()
    async with client(box, token_store=store) as kasa:
        await kasa.login()
        await kasa.logout()
        assert await store.load() is None
        await kasa.logout()
        assert box.calls == {LOGIN: 1, LOGOUT: 1}
        await kasa.shops.list()
    assert box.calls[LOGIN] == 2
    assert len(box.rows("sessions")) == 1


async def test_logout_of_the_area_does_the_same(box: Sandbox) -> None:
    store = MemoryTokenStore()
    async with client(box, token_store=store) as kasa:
        await kasa.login()
        assert (await kasa.auth.logout()).id
        assert await store.load() is None
    assert box.rows("sessions") == []


@pytest.mark.parametrize("credentials", [{}, _NOBODY])
async def test_logout_with_spent_tokens_forgets_them(box: Sandbox, credentials: dict[str, Any]) -> None:
    store = MemoryTokenStore(await _session(box))
    box.expire_tokens()
    async with client(box, token_store=store, **credentials) as kasa:
        await kasa.logout()
    assert await store.load() is None


async def test_logout_of_a_session_that_the_clock_takes_for_spent(box: Sandbox) -> None:
    session = await _session(box)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    spent = msgspec.structs.replace(session, access_expires_at=hour_ago, refresh_expires_at=hour_ago)
    store = MemoryTokenStore(spent)
    async with client(box, token_store=store, **_NOBODY) as kasa:
        await kasa.logout()
    assert await store.load() is None


async def test_logout_ends_the_session_that_another_client_has_refreshed(box: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    async with (
        client(box, token_store=FileTokenStore(file)) as one,
        client(box, token_store=FileTokenStore(file)) as other,
    ):
        await one.shops.list()
        await other.shops.list()
        await one.auth.refresh()
        await other.logout()
    assert box.rows("sessions") == []
