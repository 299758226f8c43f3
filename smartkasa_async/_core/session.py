"""The session of a user: when to log in, when to refresh, and that all waiting calls share one renewal."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import (
    ApiError,
    ClientClosedError,
    ConnectionLostError,
    LoginRefusedError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
    SessionError,
    SmartKasaError,
    TokenStoreError,
    UnreadableAnswerError,
)
from smartkasa_async.token_stores import LockingTokenStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from smartkasa_async.models import Session
    from smartkasa_async.token_stores import TokenStore

_logger = logging.getLogger("smartkasa_async")

_LEEWAY_SECONDS = 60.0
_CLOSING_SECONDS = 5.0
_REFUSAL_SECONDS = 60.0
"""How long a refusal that asking anew would only repeat is taken for the answer."""
_SAVE_SECONDS = 10.0
"""Seconds between attempts to save, after the first one more that the next call makes."""
_STORE_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between looks into the store, for the pair of another process that is still on its way."""


class SessionCalls(Protocol):
    """The calls that make tokens; the keeper has adopted the tokens when one returns."""

    @property
    def has_credentials(self) -> bool:
        """Whether a login is possible."""

    async def login(self) -> Session:
        """Log in with phone number and password.

        Raises:
            LoginRefusedError: The service does not accept them.
            TokenStoreError: The new tokens are in use, and could not be saved.
        """

    async def refresh(self) -> Session:
        """Exchange the keeper's refresh token for a new pair.

        Raises:
            ApiError: The service refuses.
            TokenStoreError: The new tokens are in use, and could not be saved.
        """


class LoginMemory:
    """Remembers for a minute that the service refused a login, for all event loops of one client."""

    def __init__(self) -> None:
        self._refusal: LoginRefusedError | None = None
        self._until = 0.0

    def note(self, refusal: LoginRefusedError) -> None:
        """Remember a refused login."""
        self._refusal, self._until = refusal, monotonic() + _REFUSAL_SECONDS

    def forget(self) -> None:
        """Let logins be tried, since one succeeded."""
        self._refusal = None

    def check(self) -> None:
        """Raise what the last login ended with, where it was refused less than a minute ago.

        Raises:
            LoginRefusedError: It was.
        """
        if self._refusal is not None and monotonic() < self._until:
            raise copy(self._refusal) from self._refusal.__cause__  # each call's own, with a traceback of its own


class SessionKeeper:
    """Holds the tokens of one session in one event loop.

    Args:
        store: Where the tokens are kept between runs.
        calls: The calls that make tokens.
        on_stored_tokens: Called when newer tokens were found in the store, where another process had put them.
        logins: What the client remembers of refused logins.
    """

    def __init__(
        self, store: TokenStore, calls: SessionCalls, on_stored_tokens: Callable[[], None], logins: LoginMemory
    ) -> None:
        self._store = store
        self._calls = calls
        self._on_stored_tokens = on_stored_tokens
        self._logins = logins
        self._session: Session | None = None
        self._seen: str | None = None  # access token of the pair that the store held when last looked at
        self._renew_at = 0.0
        self._save_at = float("inf")  # infinite where nothing is left to save
        self._attend_at = 0.0  # the earlier of both, so that a call compares one number
        self._refused: str | None = None
        self._successor: str | None = None  # of a token that was refused
        self._useless: str | None = None  # a token that was refused as its predecessor was
        self._useless_until = 0.0
        self._is_clock_wrong = False
        self._renewal: asyncio.Task[None] | None = None
        self._saving: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._is_locked = False
        self.waits_for_lock = False
        self.accepted: str | None = None
        """The token of the last call that the service did not answer with 401."""

    @property
    def fresh_token(self) -> str | None:
        """The access token, unless there is none, it is about to expire, or something is left to do first."""
        return self._session.access if self._session is not None and monotonic() < self._attend_at else None

    @property
    def access_token(self) -> str | None:
        """The access token, where there is a session; it may be spent."""
        return self._session.access if self._session is not None else None

    @property
    def refresh_token(self) -> str | None:
        """The refresh token, where there is a session."""
        return self._session.refresh if self._session is not None else None

    def distrust(self, token: str | None, before: str | None = None) -> None:
        """Stop using a token that the service has refused.

        If it replaced a token that was refused as well, no more renewals are made for a minute.

        Args:
            token: The token.
            before: Token of the same call that was refused before it.
        """
        if token is None or self.access_token != token:
            return
        self._refused = token
        self._schedule(renew_at=0.0)
        if token == self._successor and (before is not None or token != self.accepted):
            self._useless, self._useless_until = token, monotonic() + _REFUSAL_SECONDS

    async def token(self, refused: str | None = None) -> str:
        """Return a usable access token, renewed where needed.

        Args:
            refused: Token that the service has just refused; when another call has renewed it since, that is enough.

        Returns:
            The token; the refused one where a renewal has just been of no use.

        Raises:
            SessionError: There is no session, and no way to make one.
        """
        session = self._session
        if session is not None and session.access != refused and monotonic() < self._renew_at:
            self._save_in_background()
            return session.access
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew(refused), name="smartkasa session renewal")
            self._renewal.add_done_callback(self._renewed)
        renewal = self._renewal
        # Not awaited itself: a caller that is cancelled must not cost the others a half-spent refresh token.
        await asyncio.wait({renewal})
        if renewal.cancelled():
            raise ClientClosedError(msg("The client was closed while the call waited"))
        renewal.result()
        if self._session is None:
            raise SessionError(msg("The session was closed while this call waited for it"))
        return self._session.access

    async def has_session(self) -> bool:
        """Return whether there are tokens, here or in the store.

        Raises:
            TokenStoreError: The store cannot be read, and there are neither tokens nor credentials.
        """
        await self._use_stored(None)
        return self._session is not None

    @asynccontextmanager
    async def alone(self, seconds: float | None = None) -> AsyncIterator[None]:
        """Hold the session exclusively, among all processes that share the store's lock.

        Args:
            seconds: How long to wait for others; None for no limit.

        Raises:
            TimeoutError: The others took longer.
        """
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(seconds):
                await stack.enter_async_context(self._turn)
                if isinstance(self._store, LockingTokenStore):
                    self.waits_for_lock = True
                    try:
                        await _guarded(stack.enter_async_context(self._store.lock()))
                        self._is_locked = True
                    except TokenStoreError as error:
                        _logger.warning("Tokens are renewed without the lock of their store: %s", error)
                    finally:
                        self.waits_for_lock = False
            try:
                yield
            finally:
                self._is_locked = False

    async def adopt(self, session: Session) -> None:
        """Keep new tokens: in the store first, so that a crash cannot lose them, then in use.

        Raises:
            SessionError: They are empty, or hold what no header can hold.
            TokenStoreError: They could not be saved; they are in use, and the next call saves them.
        """
        _check_tokens(session, SessionError)
        try:
            await self._save(session)
        except TokenStoreError as error:
            _logger.warning("New tokens are in use and could not be saved; it is tried with the next calls: %s", error)
            raise
        finally:
            self._use_fresh(session)

    async def forget(self) -> None:
        """Drop the tokens here and in the store.

        Raises:
            TokenStoreError: The store cannot be cleared.
        """
        self._session = self._seen = None
        self._schedule(save_at=float("inf"))
        await _guarded(self._store.clear())

    async def close(self) -> None:
        """Wait briefly for renewals and saves in progress, whose tokens would be lost, and save unsaved tokens.

        Raises:
            TokenStoreError: The tokens could not be saved, and there are no credentials to make others.
        """
        tasks = {task for task in (self._renewal, self._saving) if task is not None}
        if tasks and not self.waits_for_lock:
            await asyncio.wait(tasks, timeout=_CLOSING_SECONDS)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CLOSING_SECONDS)
        if self._save_at == float("inf"):
            return
        try:
            async with asyncio.timeout(_CLOSING_SECONDS):
                await self._save_again()
        except (TimeoutError, TokenStoreError) as error:
            message = msg("The newest tokens could not be saved, so the next run has to log in")
            if isinstance(error, TokenStoreError):
                message = msg(
                    "The newest tokens could not be saved, so the next run has to log in: {reason}",
                    reason=error.translatable,
                )
            _logger.warning("%s", message)
            if not self._calls.has_credentials:
                raise TokenStoreError(message) from error

    # --- renewing ---

    def _renewed(self, task: asyncio.Task[None]) -> None:
        self._renewal = None
        if not task.cancelled():
            task.exception()  # seen by those who wait for it; nobody may be left

    async def _renew(self, refused: str | None) -> None:
        if await self._use_stored(refused):
            return
        async with self.alone():
            if await self._use_stored(refused):
                return
            session = self._session
            if self._is_renewal_useless:
                self._schedule(renew_at=self._useless_until)
                return
            was_refused = session is not None and session.access == self._refused
            try:
                await self._make_tokens(refused)
            except TokenStoreError:
                # What could not be saved is in use all the same, which is enough for those who wait.
                if self._session is session:
                    raise
            self._successor = self.access_token if was_refused else None

    @property
    def _is_renewal_useless(self) -> bool:
        """Whether a renewal was of no use within the last minute, and nothing has shown since that another may be."""
        return (
            self._session is not None
            and monotonic() < self._useless_until
            and (self._session.access == self._useless or self._session.access != self.accepted)
        )

    async def _make_tokens(self, refused: str | None) -> None:
        refusal = None
        if self._session is not None:
            # Whatever the clock shows of the refresh token: it may be wrong, and the service knows.
            refusal = await self._refresh(refused)
            if refusal is None:
                return
        if self._calls.has_credentials:
            self._logins.check()
            await self._calls.login()
            return
        if refusal is not None:
            raise SessionError(
                msg(
                    "The session has ended ({reason}), and there are no credentials to make another:"
                    " log in, or give phone_number and password",
                    reason=refusal.translatable,
                ),
                status=refusal.status,
                request_id=refusal.request_id,
            ) from refusal
        raise SessionError(
            msg(
                "There is no valid session, and no credentials to make one:"
                " give phone_number and password, or a token store that holds a session"
            )
        )

    async def _refresh(self, refused: str | None) -> SmartKasaError | None:
        """Refresh; return why there is no other way than a login, or None where there are tokens."""
        try:
            await self._calls.refresh()
        except RateLimitedError:
            raise
        except (OutcomeUnknownError, ConnectionLostError, ServerError, UnreadableAnswerError) as error:
            if not self._calls.has_credentials:
                raise
            return error
        except ApiError as error:
            return None if await self._find_pair_of_another(refused) else error
        return None

    async def _find_pair_of_another(self, refused: str | None) -> bool:
        """Look for the tokens of another process that has spent ours, and has saved its new pair or is about to.

        Under a lock nobody can be about to.
        """
        spent = refused or self.access_token
        waits = () if self._calls.has_credentials or self._is_locked else _STORE_WAITS
        for seconds in (0.0, *waits):
            await asyncio.sleep(seconds)
            if await self._use_stored(spent):
                return True
        return False

    # --- what is in use ---

    def _schedule(self, *, renew_at: float | None = None, save_at: float | None = None) -> None:
        self._renew_at = self._renew_at if renew_at is None else renew_at
        self._save_at = self._save_at if save_at is None else save_at
        self._attend_at = min(self._renew_at, self._save_at)

    def _use(self, session: Session) -> None:
        left = (session.access_expires_at - datetime.now(UTC)).total_seconds()
        # Tokens that seem spent on arrival mean that a clock is wrong; then only the service's refusal counts.
        usable = left - min(_LEEWAY_SECONDS, left / 10) if left > 0 else float("inf")
        self._session = session
        self._schedule(renew_at=monotonic() + usable)

    def _use_fresh(self, session: Session) -> None:
        self._is_clock_wrong = session.access_expires_at <= datetime.now(UTC)
        self._use(session)

    async def _use_stored(self, refused: str | None) -> bool:
        """Take the store's tokens where another process has put them there since they were last looked at."""
        try:
            stored = await _guarded(self._store.load())
            if stored is not None:
                _check_tokens(stored, TokenStoreError)
        except TokenStoreError as error:
            if self._session is None and not self._calls.has_credentials:
                raise
            _logger.warning("Tokens of the store are not used: %s", error)
            return False
        seen, self._seen = self._seen, None if stored is None else stored.access
        # What was there before is not newer than what is in use: a pair that could not be saved replaced it.
        if stored is None or stored.access in {seen, self.access_token}:
            return False
        self._use(stored)
        self._schedule(save_at=float("inf"))
        if stored.access_expires_at <= datetime.now(UTC) and not self._is_clock_wrong:
            self._schedule(renew_at=0.0)
            return False
        if stored.access == refused:
            return False
        self._on_stored_tokens()
        return True

    # --- saving ---

    async def _save(self, session: Session) -> None:
        try:
            await _guarded(self._store.save(session))
        except BaseException:
            self._schedule(save_at=monotonic())
            raise
        self._seen = session.access
        self._schedule(save_at=float("inf"))

    async def _save_again(self) -> None:
        """Save what could not be saved, unless another process has put newer tokens there."""
        async with self.alone():
            if not await self._use_stored(None) and self._session is not None and self._save_at < float("inf"):
                await self._save(self._session)

    def _save_in_background(self) -> None:
        if self._saving is None and monotonic() >= self._save_at:
            self._schedule(save_at=monotonic() + _SAVE_SECONDS)
            self._saving = asyncio.create_task(self._save_again(), name="smartkasa saving of tokens")
            self._saving.add_done_callback(self._saved)

    def _saved(self, task: asyncio.Task[None]) -> None:
        self._saving = None
        if not task.cancelled() and task.exception() is not None:
            self._schedule(save_at=monotonic() + _SAVE_SECONDS)


async def _guarded(step: Awaitable[Any]) -> Any:
    """Await what a store does; whatever it raises is one kind of error.

    Errors of others are named by their type alone: those of databases quote what was to be written.
    """
    try:
        return await step
    except SessionError:
        raise
    except Exception as error:  # noqa: BLE001  (a store is the user's own)
        kind = type(error).__name__
        cause = error if isinstance(error, OSError) else None
    raise TokenStoreError(msg("The token store failed with {type}", type=kind)) from cause


def _check_tokens(session: Session, error: type[SessionError]) -> None:
    if not all(
        token.isascii() and token.isprintable() and token.strip() for token in (session.access, session.refresh)
    ):
        raise error(msg("The session's tokens are empty or hold what no header can hold; log in again"))
