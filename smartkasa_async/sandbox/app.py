"""The HTTP application: from a request to the call of an endpoint, and from its answer to a response."""

from __future__ import annotations

import asyncio
import logging
import uuid
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from smartkasa_async.sandbox.areas import ENDPOINTS
from smartkasa_async.sandbox.auth import read_refresh_token, read_token, refuse_unauthorized
from smartkasa_async.sandbox.calls import Call
from smartkasa_async.sandbox.validation import Refused
from smartkasa_async.sandbox.wire import decode_json, encode_json

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Awaitable, Callable, Mapping

    from smartkasa_async.sandbox.calls import Answer, Endpoint, Service
    from smartkasa_async.sandbox.faults import Fault, Faults
    from smartkasa_async.sandbox.merchant import Merchant

    _Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logging.getLogger("smartkasa_async.sandbox")

_LARGEST_BODY = 64 * 1024 * 1024


def make_app(merchants: Mapping[str, Merchant], faults: Faults, calls: Counter[str]) -> web.Application:
    """Make the application.

    Args:
        merchants: The merchants by API key, as they come and go.
        faults: The injected faults of all.
        calls: Counts every request that arrives, by method and path template.

    Returns:
        The application with all operations.
    """

    @web.middleware
    async def supervise(request: web.Request, handler: _Handler) -> web.StreamResponse:
        resource = request.match_info.route.resource
        path = resource.canonical if resource else request.path
        name = f"{request.method} {path}"
        calls[name] += 1
        merchant = _find_merchant(merchants, request)
        if merchant is not None and (seconds := merchant.arrive(name)):
            return _respond(429, {"message": _phrase(429)}, {"Retry-After": str(seconds)})
        drawn = faults.draw(request.method, path)
        if merchant is not None and all(fault.kind == "delay" for fault in drawn):
            drawn += merchant.faults.draw(request.method, path)
        return await _guard(request, _inject(request, handler, drawn))

    app = web.Application(middlewares=[supervise], client_max_size=_LARGEST_BODY)
    for endpoint in ENDPOINTS:
        app.router.add_route(endpoint.method, endpoint.path, _handler(merchants, endpoint))
    return app


def _find_merchant(merchants: Mapping[str, Merchant], request: web.Request) -> Merchant | None:
    return merchants.get(request.headers.get("X-API-KEY", ""))


async def _inject(request: web.Request, handler: _Handler, faults: list[Fault]) -> web.StreamResponse:
    """Let the faults that were drawn happen to a request, and work on it unless one forbids it."""
    await request.read()
    kinds = {fault.kind: fault for fault in faults}
    for fault in faults:
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
    if "drop_before" in kinds:
        return _hang_up(request)
    if "status" in kinds:
        return _misanswer(kinds["status"])
    response = await _guard(request, handler(request))
    return _hang_up(request) if "drop_after" in kinds else response


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _misanswer(fault: Fault) -> web.Response:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if isinstance(fault.body, bytes):
        return web.Response(body=fault.body, status=fault.status, headers=headers, content_type="text/html")
    body = {"message": _phrase(fault.status)} if fault.body is None else fault.body
    return _respond(fault.status, body, headers)


async def _guard(request: web.Request, work: Awaitable[web.StreamResponse]) -> web.StreamResponse:
    """Turn whatever goes wrong into an answer in the service's form."""
    try:
        return await work
    except Refused as refused:
        return _respond(refused.status, refused.body)
    except web.HTTPException as refused:
        allowed = {name: refused.headers[name] for name in ("Allow",) if name in refused.headers}
        return _respond(refused.status, {"message": _phrase(refused.status)}, allowed)
    except Exception:  # noqa: BLE001 a server answers 500 whatever went wrong
        _log.exception("%s %s failed inside the sandbox", request.method, request.path)
        return _respond(500, {"message": _phrase(500)})


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _respond(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=encode_json(body),
        status=status,
        headers={"X-Request-Id": str(uuid.uuid4()), **(headers or {})},
        content_type="application/json",
        charset="utf-8",
    )


def _handler(merchants: Mapping[str, Merchant], endpoint: Endpoint) -> _Handler:
    """Make the aiohttp handler of an endpoint; its work is one transaction."""

    async def handle(request: web.Request) -> web.Response:
        merchant = _find_merchant(merchants, request)
        if merchant is None:
            raise refuse_unauthorized()
        body = await request.read()
        if merchant.is_unmade:
            await asyncio.to_thread(merchant.make)
        with merchant.opened() as service:
            answer = _answer(service, endpoint, request, body)
        return _respond(answer.status, {"data": answer.data, "meta": answer.meta})

    return handle


def _answer(service: Service, endpoint: Endpoint, request: web.Request, body: bytes) -> Answer:
    token = _token_of(service, endpoint, request)
    if endpoint.auth == "access":
        service.sessions.check(token)
    call = Call(
        service=service,
        token=token,
        key=request.match_info.get("id", ""),
        query=request.query,
        body=_decode(body, endpoint),
        now=datetime.now(UTC),
    )
    with service.storage.transaction():
        answer = endpoint.handler(call)
    for listener in service.listeners:
        listener(endpoint)
    return answer


def _token_of(service: Service, endpoint: Endpoint, request: web.Request) -> str:
    if endpoint.auth == "refresh":
        return read_refresh_token(request.headers, service.wire, service.token_form)
    return read_token(request.headers, service.token_form) if endpoint.auth == "access" else ""


def _decode(body: bytes, endpoint: Endpoint) -> Any:
    """Read the body that an operation owes; a refresh may send an empty object, and other operations take none."""
    if not (endpoint.envelope or (endpoint.auth == "refresh" and body)):
        return None
    try:
        return decode_json(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(400, {"message": "Bad Request"}) from None
