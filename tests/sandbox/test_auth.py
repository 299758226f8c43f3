"""Key, login, tokens and their ends, and the two wire forms."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import pytest

from smartkasa_async.sandbox import Sandbox
from tests.support.calling import Caller

if TYPE_CHECKING:
    import aiohttp

UNAUTHORIZED = {"message": "Unauthorized"}


def _lifetime(pair: dict[str, Any], token: str) -> timedelta:
    return datetime.fromisoformat(pair[f"{token}_expires_at"]) - datetime.now(UTC)


def _bearer(caller: Caller, token: str) -> dict[str, str]:
    return caller.headers | {"Authorization": f"Bearer {token}"}


async def _refresh(caller: Caller, token: str, *, status: int = 201) -> Any:
    return await caller("POST", "/auth/refresh", {}, status=status, headers=_bearer(caller, token))


@pytest.mark.parametrize("key", [{}, {"X-API-KEY": "wrong"}])
async def test_every_call_needs_the_api_key(caller: Caller, key: dict[str, str]) -> None:
    headers = {"Authorization": caller.headers["Authorization"], **key}
    assert await caller("GET", "/rsn/shops", status=401, headers=headers) == UNAUTHORIZED
    assert await caller("POST", "/auth/sessions", {}, status=401, headers=key) == UNAUTHORIZED


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer made.up.token", "made.up.token", "Bearer \udcff"])
async def test_a_call_needs_a_token(caller: Caller, token: str) -> None:
    headers = caller.headers | {"Authorization": token}
    assert await caller("GET", "/rsn/shops", status=401, headers=headers) == UNAUTHORIZED


@pytest.mark.parametrize(
    "credentials", [{}, {"phone_number": 5, "password": None}, {"phone_number": "380960000006", "password": "wrong"}]
)
async def test_wrong_credentials_are_refused_as_recorded(caller: Caller, credentials: dict[str, Any]) -> None:
    answer = await caller("POST", "/auth/sessions", credentials, status=422)
    assert answer == {"errors": {"base": [{"error": "phone_number_or_password_invalid"}]}}


async def test_tokens_look_like_the_service_s(caller: Caller) -> None:
    pair = await caller.login()
    for token in (pair["access"], pair["refresh"]):
        header, payload, _ = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
        assert header == b'{"alg":"HS256"}'
        assert payload.count(b'"exp":') == 2
    assert pair["id"] is None


async def test_known_lifetimes(caller: Caller) -> None:
    pair = await caller.login()
    assert timedelta(hours=23, minutes=59) < _lifetime(pair, "access") <= timedelta(hours=24)
    assert timedelta(days=29) < _lifetime(pair, "refresh") <= timedelta(days=30)
    renewed = (await _refresh(caller, pair["refresh"]))["data"]
    assert timedelta(days=29) < _lifetime(renewed, "access") <= timedelta(days=30)


async def test_lifetimes_can_be_set(session: aiohttp.ClientSession) -> None:
    deleted = timedelta(seconds=-1)
    async with Sandbox(access_lifetime=deleted, refreshed_access_lifetime=timedelta(hours=1)) as box:
        caller = Caller(box, session)
        pair = await caller.login()
        await caller("GET", "/rsn/shops", status=401)
        renewed = (await _refresh(caller, pair["refresh"]))["data"]
        await caller("GET", "/rsn/shops", headers=_bearer(caller, renewed["access"]))


async def test_a_refresh_spends_the_old_pair(caller: Caller) -> None:
    old = await caller.login()
    new = (await _refresh(caller, old["refresh"]))["data"]
    assert {new["access"], new["refresh"]}.isdisjoint({old["access"], old["refresh"]})
    assert await _refresh(caller, old["refresh"], status=401) == UNAUTHORIZED
    assert await caller("GET", "/rsn/shops", status=401, headers=_bearer(caller, old["access"])) == UNAUTHORIZED
    await caller("GET", "/rsn/shops", headers=_bearer(caller, new["access"]))
    await _refresh(caller, new["refresh"])


@pytest.mark.parametrize("body", [[], {"a": 1}, False, "x"])
async def test_a_refresh_takes_an_empty_object_or_nothing(caller: Caller, body: Any) -> None:
    refresh = (await caller.login())["refresh"]
    await caller("POST", "/auth/refresh", body, status=400, headers=_bearer(caller, refresh))
    await caller("POST", "/auth/refresh", None, status=201, headers=_bearer(caller, refresh))


async def test_sessions_are_apart(caller: Caller) -> None:
    first, second = await caller.login(), await caller.login()
    await _refresh(caller, first["refresh"])
    await caller("GET", "/rsn/shops", headers=_bearer(caller, second["access"]))


async def test_an_access_token_does_not_refresh(caller: Caller) -> None:
    pair = await caller.login()
    assert await _refresh(caller, pair["access"], status=401) == UNAUTHORIZED


async def test_logout_ends_the_session(caller: Caller) -> None:
    pair = await caller.login()
    session = await caller.data("DELETE", "/auth/sessions/logout")
    assert len(session["id"]) == 36
    await caller("GET", "/rsn/shops", status=401)
    await _refresh(caller, pair["refresh"], status=401)


async def test_access_tokens_expire_on_order(caller: Caller) -> None:
    pair = await caller.login()
    caller.box.expire_access_tokens()
    assert await caller("GET", "/rsn/shops", status=401) == UNAUTHORIZED
    await _refresh(caller, pair["refresh"])


async def test_all_tokens_expire_on_order(caller: Caller) -> None:
    pair = await caller.login()
    caller.box.expire_tokens()
    await caller("GET", "/rsn/shops", status=401)
    await _refresh(caller, pair["refresh"], status=401)
    await caller.login()


async def test_both_wire_forms_are_taken(caller: Caller) -> None:
    await caller("POST", "/rsn/shops", {"title": "Пласка"}, status=201)
    raw = caller.headers | {"Authorization": caller.headers["Authorization"].removeprefix("Bearer ")}
    await caller("POST", "/rsn/shops", {"shop": {"title": "У конверті"}}, status=201, headers=raw)
    assert [shop["title"] for shop in caller.box.rows("shops")] == ["Пласка", "У конверті"]


BODIES: dict[str, dict[str, Any]] = {"flat": {"title": "А"}, "enveloped": {"shop": {"title": "А"}}}
TOKENS = {"bearer": "Bearer {}", "bare": "{}"}
REFUSED = {
    "flat": {"errors": {"shop": [{"error": "invalid"}]}},
    "enveloped": {"errors": {"shop": [{"error": "blank"}]}},
}


@pytest.mark.parametrize(("wire", "other"), [("flat", "enveloped"), ("enveloped", "flat")])
@pytest.mark.parametrize(("token_form", "other_token"), [("bearer", "bare"), ("bare", "bearer")])
async def test_one_form_only(
    session: aiohttp.ClientSession,
    wire: Literal["flat", "enveloped"],
    other: str,
    token_form: Literal["bearer", "bare"],
    other_token: str,
) -> None:
    async with Sandbox(wire=wire, token_form=token_form) as box:
        caller = Caller(box, session)
        credentials = {"phone_number": box.phone_number, "password": box.password}
        logins = {"flat": credentials, "enveloped": {"session": credentials}}
        await caller("POST", "/auth/sessions", logins[other], status=422)
        access = (await caller("POST", "/auth/sessions", logins[wire], status=201))["data"]["access"]
        headers = {form: caller.headers | {"Authorization": token.format(access)} for form, token in TOKENS.items()}
        await caller("POST", "/rsn/shops", BODIES[wire], status=201, headers=headers[token_form])
        answer = await caller("POST", "/rsn/shops", BODIES[other], status=422, headers=headers[token_form])
        assert answer == REFUSED[wire]
        assert (
            await caller("POST", "/rsn/shops", BODIES[wire], status=401, headers=headers[other_token]) == UNAUTHORIZED
        )


@pytest.mark.parametrize(("wire", "header"), [("flat", "X-Refresh-Token"), ("enveloped", "Authorization")])
async def test_refresh_in_the_other_form_is_refused(
    session: aiohttp.ClientSession, wire: Literal["flat", "enveloped"], header: str
) -> None:
    async with Sandbox(wire=wire) as box:
        caller = Caller(box, session)
        credentials = {"phone_number": box.phone_number, "password": box.password}
        body = credentials if wire == "flat" else {"session": credentials}
        token = (await caller("POST", "/auth/sessions", body, status=201))["data"]["refresh"]
        other = caller.headers | {header: f"Bearer {token}" if header == "Authorization" else token}
        assert await caller("POST", "/auth/refresh", {}, status=401, headers=other) == UNAUTHORIZED
