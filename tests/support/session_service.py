"""A service of its own sessions: a refresh token is good for one refresh, which ends the tokens before it."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async.models import Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

__all__ = ["SessionService", "client_of", "serving"]

_ROUTES = {
    ("POST", "/api/v1/auth/sessions"): "login",
    ("POST", "/api/v1/auth/refresh"): "refresh",
    ("DELETE", "/api/v1/auth/sessions/logout"): "logout",
}
_TIMES = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}


class SessionService:
    """Counts what is asked of it, and does on order what services do.

    Attributes:
        calls: How often it was called: `login`, `refresh`, `logout`, `read` and `write`.
        before: Run before a call is carried out.
        refusals: Status to answer with, by call.
        gates: Calls that wait for their event before they are answered, but after they were carried out.
        arrived: Set when a call has been carried out.
        ahead: How far the client's clock is ahead of this service's.
        shops: Number of the account's shops.
    """

    def __init__(self, *, ahead: timedelta = timedelta(0), shops: int = 1) -> None:
        self.calls: Counter[str] = Counter()
        self.before: dict[str, Callable[[], None]] = {}
        self.refusals: dict[str, int] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.arrived: dict[str, asyncio.Event] = {
            name: asyncio.Event() for name in (*_ROUTES.values(), "read", "write")
        }
        self.ahead = ahead
        self.shops = shops
        self.url = ""
        self.sessions: dict[str, str] = {}
        """Access tokens that are good, by the refresh token that is."""
        self._number = 0

    def make(self) -> Session:
        """Begin a session."""
        self._number += 1
        access, refresh = f"access-{self._number}", f"refresh-{self._number}"
        self.sessions[refresh] = access
        end = datetime.now(UTC) - self.ahead + timedelta(hours=1)
        return Session(access=access, refresh=refresh, access_expires_at=end, refresh_expires_at=end)

    def expire_access(self) -> None:
        """Accept no access token that was given so far."""
        self.sessions = dict.fromkeys(self.sessions, "")

    async def answer(self, request: web.Request) -> web.Response:
        """Answer whatever is asked."""
        call = _ROUTES.get((request.method, request.path), "read" if request.method == "GET" else "write")
        self.calls[call] += 1
        self.before.get(call, lambda: None)()
        status, body = self._carry_out(call, request)
        self.arrived[call].set()
        if call in self.gates:
            await self.gates[call].wait()
        return web.json_response(body, status=status)

    def _carry_out(self, call: str, request: web.Request) -> tuple[int, Any]:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if call in self.refusals:
            return self.refusals[call], {"errors": {"base": [{"error": f"{call}_refused"}]}}
        if call == "login" or (call == "refresh" and self.sessions.pop(token, None) is not None):
            return 201, _answer(self.make())
        if call == "refresh" or not token or token not in self.sessions.values():
            return 401, {"errors": {"base": [{"error": "token_is_no_good"}]}}
        if call == "logout":
            self.sessions = {refresh: access for refresh, access in self.sessions.items() if access != token}
            return 200, {"data": {"id": "00000000-0000-0000-0000-000000000001"}, "meta": {}}
        rows = [{"id": n, "state": 0, "title": f"Т{n}", **_TIMES} for n in range(1, self.shops + 1)]
        return 200, _page(rows if request.path.endswith("/shops") else [])


@asynccontextmanager
async def serving(service: SessionService) -> AsyncIterator[SessionService]:
    """Listen on a free port of loopback."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", service.answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.url = str(runner.addresses[0][1]).join(("http://127.0.0.1:", ""))
    try:
        yield service
    finally:
        await runner.cleanup()


def client_of(service: SessionService, *, credentials: bool = True, **options: Any) -> SmartKasa:
    """Make a client that repeats nothing; without credentials it has what `token_store` or `session` hold."""
    known: dict[str, Any] = {"phone_number": "380970000000", "password": "s3cret"} if credentials else {}
    return SmartKasa(api_key="key", base_url=service.url, retry=RetryPolicy(retries=0), **known | options)


def _answer(session: Session) -> dict[str, Any]:
    return {
        "data": {
            "access": session.access,
            "refresh": session.refresh,
            "access_expires_at": session.access_expires_at.isoformat(),
            "refresh_expires_at": session.refresh_expires_at.isoformat(),
        },
        "meta": {},
    }


def _page(rows: list[dict[str, Any]]) -> dict[str, Any]:
    count = len(rows)
    meta = {"current_page": 1, "total_pages": 1, "total_count": count, "limit_value": 100, "offset_value": 0}
    return {"data": rows, "meta": meta}
