"""A small service that takes bodies, tokens and refresh tokens in one form each, or in the forms that it is told."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from smartkasa_async.operations import find

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

    from smartkasa_async.operations import Operation

__all__ = ["FormsService", "serving_forms"]

_UNAUTHORIZED = (401, {"message": "Unauthorized"})


class FormsService:
    """Takes one form, and keeps what it was sent.

    Args:
        bodies: `flat` or `enveloped`.
        tokens: `bearer` or `bare`.
        refresh_header: The header that a refresh token is read from.
        missing: Answer to a body without its envelope; `{key}` stands for the key.

    Attributes:
        sent: Operation and body of each request with a body, as they came.
        done: Operation and fields of each write that was carried out.
        refreshed: Headers of the refreshes that came.
        refusals: Answers to the next writes, the login excepted, none of which is carried out.
        together: Lets writes wait for each other.
    """

    def __init__(
        self,
        *,
        bodies: str = "flat",
        tokens: str = "bearer",
        refresh_header: str = "Authorization",
        missing: tuple[int, Any] = (400, {"message": "param is missing or the value is empty: {key}"}),
    ) -> None:
        self.bodies, self.tokens, self.refresh_header, self.missing = bodies, tokens, refresh_header, missing
        self.sent: list[tuple[str, Any]] = []
        self.done: list[tuple[str, Any]] = []
        self.refreshed: list[dict[str, str]] = []
        self.refusals: list[tuple[int, Any]] = []
        self.together: asyncio.Barrier | None = None
        self.url = ""
        self._number = 0
        self._good: dict[str, str] = {}

    def expire_access(self) -> None:
        """Let the access tokens end."""
        self._good = dict.fromkeys(self._good, "")

    async def answer(self, request: web.Request) -> web.Response:
        raw = await request.read()
        path = request.path
        if path.rpartition("/")[2].isdigit() or len(path.rpartition("/")[2]) == 36:
            path = path.rpartition("/")[0] + "/{id}"
        operation = find(request.method, path)
        body = json.loads(raw) if raw else None
        if self.together is not None and operation.is_write:
            await self.together.wait()
        status, answer = self._answer(operation, body, request)
        if isinstance(answer, str):
            return web.Response(text=answer, status=status, content_type="text/html")
        return web.json_response(answer, status=status)

    def _answer(self, operation: Operation[Any], body: Any, request: web.Request) -> tuple[int, Any]:
        if operation.auth == "refresh":
            self.refreshed.append(
                {name: request.headers.get(name, "") for name in ("Authorization", "X-Refresh-Token")}
            )
            token = request.headers.get(self.refresh_header, "").removeprefix("Bearer ")
            return (
                (201, {"data": self._pair(), "meta": {}}) if self._good.pop(token, None) is not None else _UNAUTHORIZED
            )
        if operation.auth == "access":
            given = request.headers.get("Authorization", "")
            is_bearer = given.startswith("Bearer ")
            if is_bearer != (self.tokens == "bearer") or given.removeprefix("Bearer ") not in self._good.values():
                return _UNAUTHORIZED
        fields = body
        if operation.envelope is not None:
            self.sent.append((operation.id, body))
            if operation.auth == "access" and self.refusals:
                return self.refusals.pop(0)
            if self.bodies == "enveloped":
                if operation.envelope not in body:
                    status, text = self.missing
                    return status, json.loads(json.dumps(text).replace("{key}", operation.envelope))
                fields = body[operation.envelope]
            elif operation.envelope in body:
                return 422, {"errors": {"base": [{"error": "unknown_key"}]}}
        if operation.method != "GET" or operation.auth == "none":
            self.done.append((operation.id, fields))
        return operation.status, {"data": self._data(operation, fields), "meta": {}}

    def _data(self, operation: Operation[Any], fields: Any) -> Any:
        if operation.id == "createSession":
            return self._pair()
        if operation.id in {"createShop", "updateShop"}:
            return {"id": 1, "title": fields.get("title", "А"), "state": 0}
        if operation.is_batch:
            return [{"id": f"{number:032}"} for number in range(2)]
        return {"id": 1, "title": "А", "state": 0}

    def _pair(self) -> dict[str, Any]:
        self._number += 1
        access, refresh = f"access-token-{self._number}", f"refresh-token-{self._number}"
        self._good[refresh] = access
        end = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        return {"access": access, "access_expires_at": end, "refresh": refresh, "refresh_expires_at": end, "csrf": "c"}


@asynccontextmanager
async def serving_forms(service: FormsService) -> AsyncIterator[FormsService]:
    """Serve on loopback while the block runs."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", service.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        service.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield service
    finally:
        await runner.cleanup()
