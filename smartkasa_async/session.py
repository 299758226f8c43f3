"""The session of a user: when to log in, when to refresh, and that all waiting calls share one renewal."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from smartkasa_async._phrases import phrase
from smartkasa_async.errors import (
    ApiError,
    ConnectionLostError,
    OutcomeUnknownError,
    RateLimitedError,
    ServerError,
    SessionError,
    TokenStoreError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async.models import Session
    from smartkasa_async.token_stores import TokenStore

__all__ = ["SessionCalls", "SessionKeeper"]

_LEEWAY_SECONDS = 60.0
_CLOSING_SECONDS = 5.0
_STORE_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between looks into the store, for the pair of another process that is still on its way."""


class SessionCalls(Protocol):
    """The calls that make tokens."""

    @property
    def has_credentials(self) -> bool:
        """Whether a login is possible."""

    async def login(self) -> Session:
        """Log in with phone number and password; the keeper has adopted the tokens when this returns."""

    async def refresh(self) -> Session:
        """Exchange the keeper's refresh token for a new pair, likewise."""


class SessionKeeper:
    """Holds the tokens of one session in one event loop.

    Args:
        store: Where the tokens are kept between runs.
        calls: The calls that make tokens.
        on_stored_tokens: Called when newer tokens were found in the store, where another process had put them.
    """

    def __init__(self, store: TokenStore, calls: SessionCalls, on_stored_tokens: Callable[[], None]) -> None:
        self._store = store
        self._calls = calls
        self._on_stored_tokens = on_stored_tokens
        self._session: Session | None = None
        self._renew_at = 0.0
        self._renewal: asyncio.Task[None] | None = None

    @property
    def fresh_token(self) -> str | None:
        """The access token, unless there is none or it is about to expire."""
        return self._session.access if self._session is not None and monotonic() < self._renew_at else None

    @property
    def refresh_token(self) -> str | None:
        """The refresh token, where there is a session."""
        return self._session.refresh if self._session is not None else None

    def distrust(self, token: str | None) -> None:
        """Give a token that the service has refused to no other call."""
        if self._session is not None and self._session.access == token:
            self._renew_at = 0.0

    async def token(self, refused: str | None = None) -> str:
        """Return a usable access token, renewed where needed.

        Args:
            refused: Token that the service has just refused; when another call has renewed it since, that is enough.

        Raises:
            SessionError: There is no session, and no credentials to log in with.
        """
        token = self.fresh_token
        if token is not None and token != refused:
            return token
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew(refused), name="smartkasa session renewal")
            self._renewal.add_done_callback(self._renewed)
        # Shielded: a caller that is cancelled must not cost the others a half-spent refresh token.
        await asyncio.shield(self._renewal)
        if self._session is None:
            raise SessionError(phrase("The session was closed while this call waited for it"))
        return self._session.access

    async def has_session(self) -> bool:
        """Tell whether there are tokens, here or in the store."""
        await self._use_stored(None)
        return self._session is not None

    async def adopt(self, session: Session) -> None:
        """Keep new tokens: in the store first, so that a crash cannot lose them, then in use."""
        _check_tokens(session, SessionError)
        try:
            await self._store.save(session)
        finally:
            self._use(session)

    async def forget(self) -> None:
        """Drop the tokens here and in the store."""
        self._session = None
        await self._store.clear()

    async def close(self) -> None:
        """Give a renewal that runs a moment to end, since its tokens would be lost."""
        if self._renewal is not None:
            await asyncio.wait({self._renewal}, timeout=_CLOSING_SECONDS)

    def _use(self, session: Session) -> None:
        left = (session.access_expires_at - datetime.now(UTC)).total_seconds()
        # Tokens that seem spent on arrival mean that a clock is wrong; then only the service's refusal counts.
        usable = left - min(_LEEWAY_SECONDS, left / 10) if left > 0 else float("inf")
        self._renew_at = monotonic() + usable
        self._session = session

    def _renewed(self, task: asyncio.Task[None]) -> None:
        self._renewal = None
        if not task.cancelled():
            task.exception()  # seen by those who wait for it; nobody may be left

    async def _renew(self, refused: str | None) -> None:
        if await self._use_stored(refused):
            return
        session = self._session
        refreshable = session is not None and session.refresh_expires_at > datetime.now(UTC)
        if refreshable and await self._refresh(refused):
            return
        if not self._calls.has_credentials:
            raise SessionError(
                phrase(
                    "There is no valid session, and no credentials to make one:"
                    " give phone_number and password, or a token store that holds a session"
                )
            )
        await self._calls.login()

    async def _refresh(self, refused: str | None) -> bool:
        try:
            await self._calls.refresh()
        except RateLimitedError:
            raise
        except (OutcomeUnknownError, ConnectionLostError, ServerError):
            if not self._calls.has_credentials:
                raise
            return False
        except ApiError:
            return await self._find_pair_of_another(refused)
        return True

    async def _find_pair_of_another(self, refused: str | None) -> bool:
        """Look for the tokens of another process that has spent ours, and has saved its new pair or is about to."""
        spent = refused or (self._session.access if self._session is not None else None)
        waits = () if self._calls.has_credentials else _STORE_WAITS
        for seconds in (0.0, *waits):
            await asyncio.sleep(seconds)
            if await self._use_stored(spent):
                return True
        return False

    async def _use_stored(self, refused: str | None) -> bool:
        """Take the store's tokens where they are newer than those that failed."""
        try:
            stored = await self._store.load()
            if stored is not None:
                _check_tokens(stored, TokenStoreError)
        except TokenStoreError:
            if self._session is None and not self._calls.has_credentials:
                raise
            return False
        known = self._session
        if stored is None or (known is not None and stored.access == known.access):
            return False
        self._use(stored)
        if stored.access_expires_at <= datetime.now(UTC):
            self._renew_at = 0.0
            return False
        if stored.access == refused:
            return False
        self._on_stored_tokens()
        return True


def _check_tokens(session: Session, error: type[SessionError]) -> None:
    if not all(
        token.isascii() and token.isprintable() and token.strip() for token in (session.access, session.refresh)
    ):
        raise error(phrase("The session's tokens are empty or hold what no header can carry; log in again"))
