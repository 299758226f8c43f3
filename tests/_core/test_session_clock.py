"""A clock that is wrong: it only hints at when tokens end, and the service says it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from smartkasa_async import LoginRefusedError, MemoryTokenStore, SessionError
from tests.support.session_service import SessionService, client_of, serving

_AHEAD = timedelta(days=40)
_BEHIND = timedelta(days=-40)


@pytest.mark.parametrize("credentials", [True, False])
async def test_clock_ahead_asks_the_service_for_new_tokens(credentials: bool) -> None:
    async with serving(SessionService(ahead=_AHEAD)) as service:
        store = MemoryTokenStore(service.make())
        async with client_of(service, credentials=credentials, token_store=store) as kasa:
            for _ in range(20):
                await kasa.shops.list()
        assert service.calls == {"refresh": 1, "read": 20}


async def test_clock_ahead_and_a_password_that_was_changed_meanwhile() -> None:
    async with serving(SessionService(ahead=_AHEAD)) as service:
        service.refusals["login"] = 422
        async with client_of(service, session=service.make()) as kasa:
            await kasa.shops.list()
        assert service.calls == {"refresh": 1, "read": 1}


@pytest.mark.parametrize("ahead", [_AHEAD, _BEHIND])
async def test_the_service_has_the_last_word_on_the_refresh_token(ahead: timedelta) -> None:
    async with serving(SessionService(ahead=ahead)) as service:
        spent = service.make()
        service.sessions.clear()
        async with client_of(service, credentials=False, session=spent) as kasa:
            with pytest.raises(SessionError, match=r"401: base: token_is_no_good.*log in"):
                await kasa.shops.list()
        async with client_of(service, session=spent) as kasa:
            await kasa.shops.list()
            service.refusals["login"] = 422
            service.sessions.clear()
            with pytest.raises(LoginRefusedError):
                await kasa.shops.list()


@pytest.mark.parametrize("credentials", [True, False])
async def test_clock_behind_takes_tokens_for_good_until_they_are_refused(credentials: bool) -> None:
    async with serving(SessionService(ahead=_BEHIND)) as service:
        store = MemoryTokenStore(service.make())
        service.expire_access()
        async with client_of(service, credentials=credentials, token_store=store) as kasa:
            for _ in range(3):
                await kasa.shops.list()
        assert service.calls == {"refresh": 1, "read": 4}


async def test_two_clients_with_the_clock_ahead_do_not_take_turns_to_refresh() -> None:
    """Each finds out once that its clock is wrong; then the other's new tokens are as good as its own."""
    async with serving(SessionService(ahead=_AHEAD)) as service:
        store = MemoryTokenStore(service.make())
        async with (
            client_of(service, credentials=False, token_store=store) as one,
            client_of(service, credentials=False, token_store=store) as other,
        ):
            for _ in range(10):
                await one.shops.list()
                await other.shops.list()
        assert service.calls["refresh"] == 2


async def test_logout_asks_the_service_whatever_the_clock_says() -> None:
    async with serving(SessionService(ahead=_AHEAD)) as service:
        async with client_of(service, credentials=False, session=service.make()) as kasa:
            await kasa.logout()
        assert (service.sessions, service.calls) == ({}, {"logout": 1})
