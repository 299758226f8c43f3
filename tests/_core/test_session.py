"""When the keeper of a session logs in, refreshes, or trusts the store."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from smartkasa_async import (
    ConnectionLostError,
    MemoryTokenStore,
    OutcomeUnknownError,
    SessionError,
    TokenStoreError,
    UnauthorizedError,
    ValidationError,
)
from smartkasa_async._core import session as session_module
from smartkasa_async._core.session import LoginMemory, SessionKeeper
from tests.support.service import make_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async.models import Session

_PAST = timedelta(hours=-1)


class _Calls:
    """The calls that make tokens; each may fail, and waits at a gate where there is one."""

    def __init__(self, *, credentials: bool = True) -> None:
        self.has_credentials = credentials
        self.made: list[str] = []
        self.failures: dict[str, Exception] = {}
        self.gate: asyncio.Event | None = None
        self.lifetime = timedelta(hours=1)
        self.keeper: SessionKeeper

    async def login(self) -> Session:
        return await self._make("login")

    async def refresh(self) -> Session:
        return await self._make("refresh")

    async def _make(self, how: str) -> Session:
        self.made.append(how)
        if self.gate is not None:
            await self.gate.wait()
        if how in self.failures:
            raise self.failures[how]
        session = make_session(f"{how}-{len(self.made)}", access_left=self.lifetime)
        await self.keeper.adopt(session)
        return session


class _Store(MemoryTokenStore):
    """A store that can fail and that remembers what was done."""

    def __init__(self, session: Session | None = None) -> None:
        super().__init__(session)
        self.failure: Exception | None = None
        self.done: list[str] = []

    async def load(self) -> Session | None:
        if self.failure is not None:
            raise self.failure
        return await super().load()

    async def save(self, session: Session) -> None:
        await asyncio.sleep(0)
        self.done.append(f"save {session.access}")
        if self.failure is not None:
            raise self.failure
        await super().save(session)

    async def clear(self) -> None:
        self.done.append("clear")
        await super().clear()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let monotonic time stand still, and be moved."""
    now = [1000.0]
    monkeypatch.setattr(session_module, "monotonic", lambda: now[0])

    def move(seconds: float) -> None:
        now[0] += seconds

    return move


def _keeper(calls: _Calls, store: _Store | None = None, news: list[str] | None = None) -> SessionKeeper:
    found = news if news is not None else []
    calls.keeper = SessionKeeper(store or _Store(), calls, lambda: found.append("store"), LoginMemory())
    return calls.keeper


async def test_first_need_logs_in_once() -> None:
    calls = _Calls()
    keeper = _keeper(calls)
    assert await asyncio.gather(*(keeper.token() for _ in range(50))) == ["login-1"] * 50
    assert calls.made == ["login"]
    assert keeper.fresh_token == "login-1"


async def test_stored_tokens_are_used() -> None:
    calls, news = _Calls(), []  # type: tuple[_Calls, list[str]]
    keeper = _keeper(calls, _Store(make_session("stored")), news)
    assert await keeper.token() == "stored"
    assert (calls.made, news) == ([], ["store"])


async def test_token_is_renewed_shortly_before_it_expires(clock: Callable[[float], None]) -> None:
    calls = _Calls()
    keeper = _keeper(calls)
    await keeper.token()
    clock(3600 - 61)
    assert keeper.fresh_token == "login-1"
    clock(2)
    assert await keeper.token() == "refresh-2"


async def test_short_lives_are_not_renewed_at_once(clock: Callable[[float], None]) -> None:
    calls = _Calls()
    calls.lifetime = timedelta(seconds=30)
    keeper = _keeper(calls)
    await keeper.token()
    clock(20)
    assert keeper.fresh_token == "login-1"
    clock(9)
    assert keeper.fresh_token is None


async def test_tokens_that_are_spent_on_arrival_mean_a_wrong_clock() -> None:
    calls = _Calls()
    calls.lifetime = _PAST
    keeper = _keeper(calls)
    assert await keeper.token() == "login-1"
    assert await keeper.token() == "login-1"
    assert await keeper.token("login-1") == "refresh-2"


async def test_stored_tokens_that_are_spent_are_refreshed_and_never_used() -> None:
    calls = _Calls(credentials=False)
    calls.gate = asyncio.Event()
    keeper = _keeper(calls, _Store(make_session("stored", access_left=_PAST)))
    first = asyncio.ensure_future(keeper.token())
    while not calls.made:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert keeper.fresh_token is None
    assert keeper.refresh_token == "your_refresh_token_here"
    calls.gate.set()
    assert await first == "refresh-1"


async def test_refused_token_is_compared_not_the_clock() -> None:
    calls = _Calls()
    keeper = _keeper(calls)
    token = await keeper.token()
    assert await asyncio.gather(*(keeper.token(token) for _ in range(50))) == ["refresh-2"] * 50
    # A caller that hears late of the same refusal takes what there is.
    assert await keeper.token(token) == "refresh-2"
    assert calls.made == ["login", "refresh"]


async def test_refused_token_is_given_to_no_other_call() -> None:
    calls = _Calls()
    keeper = _keeper(calls)
    token = await keeper.token()
    keeper.distrust("an older one")
    assert keeper.fresh_token == token
    keeper.distrust(token)
    assert keeper.fresh_token != token
    assert await keeper.token() == "refresh-2"


@pytest.mark.parametrize("refusal", [UnauthorizedError("401"), ValidationError("422")])
async def test_refused_refresh_logs_in_again(refusal: Exception) -> None:
    calls = _Calls()
    keeper = _keeper(calls)
    token = await keeper.token()
    calls.failures["refresh"] = refusal
    assert await keeper.token(token) == "login-3"
    assert calls.made == ["login", "refresh", "login"]


async def test_refresh_token_that_the_clock_takes_for_spent_is_tried() -> None:
    calls = _Calls(credentials=False)
    keeper = _keeper(calls, _Store(make_session("stored", access_left=_PAST, refresh_left=_PAST)))
    assert await keeper.token() == "refresh-1"


async def test_without_credentials_the_error_says_so() -> None:
    with pytest.raises(SessionError, match="give phone_number and password"):
        await _keeper(_Calls(credentials=False)).token()


async def test_without_credentials_the_error_keeps_why_the_refresh_was_refused() -> None:
    calls = _Calls(credentials=False)
    calls.failures["refresh"] = refusal = UnauthorizedError("401: revoked", status=401, request_id="r-1")
    keeper = _keeper(calls, _Store(make_session("stored", access_left=_PAST)))
    with pytest.raises(SessionError, match=r"401: revoked.*give phone_number and password") as caught:
        await keeper.token()
    assert caught.value.__cause__ is refusal
    assert (caught.value.status, caught.value.request_id) == (401, "r-1")


@pytest.mark.parametrize("lost", [OutcomeUnknownError("lost"), ConnectionLostError("lost")])
async def test_refresh_whose_answer_was_lost(lost: Exception) -> None:
    calls = _Calls()
    keeper = _keeper(calls)
    token = await keeper.token()
    calls.failures["refresh"] = lost
    assert await keeper.token(token) == "login-3"
    calls.has_credentials = False
    with pytest.raises(type(lost)):
        await keeper.token("login-3")


async def test_failed_renewal_fails_all_who_wait_and_no_later_one() -> None:
    calls = _Calls()
    calls.failures["login"] = ValidationError("422: base: phone_number_or_password_invalid")
    keeper = _keeper(calls)
    failed = await asyncio.gather(*(keeper.token() for _ in range(5)), return_exceptions=True)
    assert [type(error) for error in failed] == [ValidationError] * 5
    assert calls.made == ["login"]
    calls.failures.clear()
    assert await keeper.token() == "login-2"


async def test_cancelled_caller_does_not_cost_the_others_the_renewal() -> None:
    calls = _Calls()
    calls.gate = asyncio.Event()
    keeper = _keeper(calls)
    first, second = (asyncio.ensure_future(keeper.token()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    calls.gate.set()
    assert await second == "login-1"
    assert calls.made == ["login"]


async def test_renewal_that_nobody_waits_for_is_kept() -> None:
    calls = _Calls()
    calls.gate = asyncio.Event()
    keeper = _keeper(calls)
    only = asyncio.ensure_future(keeper.token())
    await asyncio.sleep(0)
    only.cancel()
    calls.gate.set()
    assert await keeper.token() == "login-1"
    assert calls.made == ["login"]


async def test_tokens_are_saved_before_they_are_used() -> None:
    calls, store = _Calls(), _Store()
    keeper = _keeper(calls, store)
    task = asyncio.ensure_future(keeper.token())
    while keeper.fresh_token is None:
        assert store.done == []
        await asyncio.sleep(0)
    assert store.done == ["save login-1"]
    await task


async def test_tokens_that_could_not_be_saved_are_used_all_the_same() -> None:
    calls, store = _Calls(), _Store()
    keeper = _keeper(calls, store)
    store.failure = TokenStoreError("disk full")
    assert await keeper.token() == "login-1"
    with pytest.raises(TokenStoreError, match="disk full"):
        await keeper.adopt(make_session("given"))
    assert await keeper.token() == "given"


async def test_broken_store_matters_only_without_credentials() -> None:
    store = _Store()
    store.failure = TokenStoreError("broken")
    with pytest.raises(TokenStoreError, match="broken"):
        await _keeper(_Calls(credentials=False), store).token()
    calls = _Calls()
    assert await _keeper(calls, store).token() == "login-1"
    assert calls.made == ["login"]


async def test_newer_tokens_of_another_process_spare_the_refresh() -> None:
    calls, store, news = _Calls(), _Store(), []  # type: tuple[_Calls, _Store, list[str]]
    keeper = _keeper(calls, store, news)
    token = await keeper.token()
    await store.save(make_session("theirs"))
    assert await keeper.token(token) == "theirs"
    assert (calls.made, news) == (["login"], ["store"])


async def test_refresh_token_spent_by_another_process() -> None:
    """Both began to refresh; the other was first, and has saved its pair meanwhile."""
    calls, store = _Calls(credentials=False), _Store(make_session("ours", access_left=_PAST))
    keeper = _keeper(calls, store)
    calls.failures["refresh"] = UnauthorizedError("401")
    calls.gate = asyncio.Event()
    waiting = asyncio.ensure_future(keeper.token())
    while not calls.made:  # noqa: ASYNC110
        await asyncio.sleep(0)
    await store.save(make_session("theirs"))
    calls.gate.set()
    assert await waiting == "theirs"


@pytest.mark.parametrize("token", ["", " ", "a\r\nX: y", "a\x00", "токен", "a\tb"])
async def test_tokens_that_no_header_can_carry_are_refused_unquoted(token: str) -> None:
    for stored in (make_session(token), make_session("a", token)):
        with pytest.raises(TokenStoreError, match="log in again") as caught:
            await _keeper(_Calls(credentials=False), _Store(stored)).token()
        assert token.strip() == "" or token not in str(caught.value)
        assert await _keeper(_Calls(), _Store(stored)).token() == "login-1"
    store = _Store()
    with pytest.raises(SessionError, match="log in again"):
        await _keeper(_Calls(), store).adopt(make_session(token))
    assert store.done == []


async def test_forgetting_forgets_here_and_in_the_store() -> None:
    calls, store = _Calls(), _Store()
    keeper = _keeper(calls, store)
    await keeper.token()
    assert await keeper.has_session()
    await keeper.forget()
    assert (keeper.fresh_token, keeper.refresh_token, await store.load()) == (None, None, None)
    assert not await keeper.has_session()


async def test_session_that_ends_while_a_call_waits_for_it() -> None:
    calls = _Calls()
    keeper = _keeper(calls)
    calls.gate = asyncio.Event()
    waiting = asyncio.ensure_future(keeper.token())
    await asyncio.sleep(0)
    renewal = keeper._renewal
    assert renewal is not None
    renewal.add_done_callback(lambda _: setattr(keeper, "_session", None))
    calls.gate.set()
    with pytest.raises(SessionError, match="closed while"):
        await waiting


async def test_closing_lets_a_renewal_end() -> None:
    calls, store = _Calls(), _Store()
    keeper = _keeper(calls, store)
    calls.gate = asyncio.Event()
    waiting = asyncio.ensure_future(keeper.token())
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(keeper.close())
    await asyncio.sleep(0)
    assert not closing.done()
    calls.gate.set()
    await closing
    assert store.done == ["save login-1"]
    assert await waiting == "login-1"
