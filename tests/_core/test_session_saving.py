"""Tokens that could not be saved: nothing spent comes back, nothing is given up, and it is told."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import CallTimeoutError, FileTokenStore, MemoryTokenStore, TokenStoreError
from smartkasa_async._core import session as session_module
from smartkasa_async.events import RefreshEvent
from tests.support.processes import LONGEST
from tests.support.session_service import SessionService, client_of, serving

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.models import Session


class _Store(MemoryTokenStore):
    """Fails on order, as often as it is told."""

    def __init__(self, session: Session | None = None) -> None:
        super().__init__(session)
        self.failures: list[Exception] = []
        self.load_failure: Exception | None = None
        self.saves = 0

    async def load(self) -> Session | None:
        if self.load_failure is not None:
            raise self.load_failure
        return await super().load()

    async def save(self, session: Session) -> None:
        self.saves += 1
        if self.failures:
            raise self.failures.pop(0)
        await super().save(session)

    async def access(self) -> str | None:
        session = await MemoryTokenStore.load(self)
        return None if session is None else session.access


async def _saved(store: _Store, access: str) -> None:
    async with asyncio.timeout(LONGEST):
        while await store.access() != access:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_the_spent_pair_of_the_store_never_replaces_the_one_in_use() -> None:
    async with serving(SessionService()) as service:
        store = _Store(service.make())
        async with client_of(service, credentials=False, token_store=store) as kasa:
            await kasa.shops.list()
            store.failures = [TokenStoreError("disk full")] * 10
            for refreshes in range(1, 4):
                service.expire_access()
                await kasa.shops.list()
                assert service.calls["refresh"] == refreshes
            assert await store.access() == "access-1"
            store.failures = []
    assert await store.access() == "access-4"


async def test_the_call_that_renewed_succeeds_and_the_next_one_saves(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[Any] = []
    async with serving(SessionService()) as service:
        store = _Store(service.make())
        store.failures = [TokenStoreError("disk full")]
        async with client_of(service, credentials=False, token_store=store, on_event=heard.append) as kasa:
            await kasa.shops.list()
            service.expire_access()
            with caplog.at_level(logging.WARNING, "smartkasa_async"):
                await kasa.shops.list()
            assert "could not be saved" in caplog.text
            assert "disk full" in caplog.text
            assert await store.access() == "access-1"
            await kasa.shops.list()
            await _saved(store, "access-2")
            await kasa.shops.list()
    assert store.saves == 2
    renewals = [(event.how, event.saved) for event in heard if isinstance(event, RefreshEvent)]
    assert renewals == [("store", True), ("refresh", False)]


async def test_a_store_that_stays_broken_is_not_asked_with_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(session_module, "monotonic", lambda: now[0])
    async with serving(SessionService()) as service:
        store = _Store()
        store.failures = [TokenStoreError("disk full")] * 1000
        async with client_of(service, token_store=store) as kasa:
            for _ in range(20):
                await kasa.shops.list()
            assert store.saves == 2
            now[0] += 11
            for _ in range(20):
                await kasa.shops.list()
            assert store.saves == 3
    assert service.calls["login"] == 1


async def test_newer_tokens_of_another_process_are_not_saved_over() -> None:
    async with serving(SessionService()) as service:
        store = _Store(service.make())
        store.failures = [TokenStoreError("disk full")]
        async with client_of(service, credentials=False, token_store=store) as kasa:
            await kasa.shops.list()
            service.expire_access()
            await kasa.shops.list()
            theirs = service.make()
            await MemoryTokenStore.save(store, theirs)
            await kasa.shops.list()
        assert await store.load() == theirs
    assert store.saves == 1


async def test_closing_saves_what_is_left() -> None:
    async with serving(SessionService()) as service:
        store = _Store()
        store.failures = [TokenStoreError("disk full")]
        async with client_of(service, token_store=store) as kasa:
            await kasa.shops.list()
        assert await store.access() == "access-1"


async def test_closing_tells_that_the_session_is_lost_where_there_are_no_credentials() -> None:
    async with serving(SessionService()) as service:
        store = _Store(service.make())
        kasa = client_of(service, credentials=False, token_store=store)
        await kasa.shops.list()
        service.expire_access()
        store.failures = [TokenStoreError("disk full")] * 10
        await kasa.shops.list()
        with pytest.raises(TokenStoreError, match="next run has to log in: disk full"):
            await kasa.aclose()
        await kasa.aclose()


async def test_closing_after_an_error_keeps_the_error() -> None:
    async with serving(SessionService()) as service:
        store = _Store(service.make())

        async def fail() -> None:
            async with client_of(service, credentials=False, token_store=store) as kasa:
                service.expire_access()
                store.failures = [TokenStoreError("disk full")] * 10
                await kasa.shops.list()
                raise LookupError

        with pytest.raises(LookupError):
            await fail()


async def test_with_credentials_closing_ends_well_since_nothing_is_lost(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(SessionService()) as service:
        store = _Store()
        store.failures = [TokenStoreError("disk full")] * 10
        async with client_of(service, token_store=store) as kasa:
            await kasa.shops.list()
    assert "next run has to log in" in caplog.text


async def test_login_and_refresh_by_hand_tell_at_once() -> None:
    async with serving(SessionService()) as service:
        store = _Store()
        async with client_of(service, token_store=store) as kasa:
            for step in (kasa.login, kasa.auth.refresh):
                store.failures = [TokenStoreError("disk full")]
                with pytest.raises(TokenStoreError, match="disk full"):
                    await step()
            await kasa.shops.list()
    assert service.calls == {"login": 1, "refresh": 1, "read": 1}


@pytest.mark.parametrize("failure", [RuntimeError("INSERT … 'access-1'"), OSError(28, "No space left on device")])
async def test_whatever_a_store_raises_costs_no_call_and_quotes_nothing(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(SessionService()) as service:
        store = _Store()
        store.failures, store.load_failure = [failure] * 10, failure
        async with client_of(service, token_store=store) as kasa:
            await kasa.shops.list()
        async with client_of(service, credentials=False, token_store=store) as kasa:
            with pytest.raises(TokenStoreError, match=type(failure).__name__) as caught:
                await kasa.shops.list()
    assert "access-1" not in caplog.text + repr(caught.value)
    assert isinstance(caught.value.__cause__, OSError | None)


async def test_a_full_disk_keeps_the_file_and_the_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "tokens.json"
    async with serving(SessionService()) as service:
        await FileTokenStore(file).save(service.make())
        before = file.read_bytes()

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        async with client_of(service, credentials=False, token_store=FileTokenStore(file)) as kasa:
            await kasa.shops.list()
            service.expire_access()
            with monkeypatch.context() as patch:
                patch.setattr("os.fsync", full)
                await kasa.shops.list()
            assert file.read_bytes() == before
        session = await FileTokenStore(file).load()
    assert session is not None
    assert session.access == "access-2"


async def test_tokens_of_another_user_are_never_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A number that was changed must not go on in the account of before."""
    store = FileTokenStore(tmp_path / "tokens.json")
    async with serving(SessionService()) as service:
        async with client_of(service, token_store=store) as kasa:
            await kasa.shops.list()
        async with client_of(service, token_store=store, phone_number="380971111111") as kasa:
            await kasa.shops.list()
        async with client_of(service, token_store=store, credentials=False) as kasa:
            await kasa.shops.list()
    assert service.calls["login"] == 2
    assert "holds tokens of another address or phone number" in caplog.text


async def test_a_store_that_hangs_costs_a_call_no_more_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "_CLOSING_SECONDS", 0.1)

    class Hanging(_Store):
        async def load(self) -> Session | None:
            await asyncio.Event().wait()
            return None

    async with serving(SessionService()) as service:
        kasa = client_of(service, token_store=Hanging(), timeout=0.2)
        with pytest.raises(CallTimeoutError, match="No session could be had"):
            await kasa.shops.list()
        await kasa.aclose()
