"""A refusal that asking anew would only repeat is asked for once: logins are counted, and so are renewals."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from smartkasa_async import (
    ApiError,
    ForbiddenError,
    LoginRefusedError,
    MemoryTokenStore,
    ServerError,
    SessionError,
    SmartKasa,
    UnauthorizedError,
    ValidationError,
)
from smartkasa_async._core import session as session_module
from smartkasa_async.catalog import ImportStoppedError, Layout, import_products
from smartkasa_async.jobs.send import SendFailure, Verdict, create_each, judge
from smartkasa_async.sync import sync_product_sales, sync_receipts, sync_z_reports
from tests.support.service import answer, serve
from tests.support.session_service import SessionService, client_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smartkasa_async.records import Batch


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the keeper's time stand still, and be moved."""
    now = [1000.0]
    monkeypatch.setattr(session_module, "monotonic", lambda: now[0])

    def move(seconds: float) -> None:
        now[0] += seconds

    return move


class _Sink:
    async def write(self, batch: Batch[Any]) -> None:
        """Keep nothing."""


# --- logins ---


@pytest.mark.parametrize(("status", "cause"), [(401, UnauthorizedError), (403, ForbiddenError), (422, ValidationError)])
async def test_a_thousand_waiting_calls_make_one_login(status: int, cause: type[ApiError]) -> None:
    async with serving(SessionService()) as service, client_of(service) as kasa:
        service.refusals["login"] = status
        ended = await asyncio.gather(*(kasa.shops.get(1) for _ in range(1000)), return_exceptions=True)
        assert {type(error) for error in ended} == {LoginRefusedError}
        for error in ended:
            assert isinstance(error, LoginRefusedError)
            assert (error.status, error.operation, type(error.__cause__)) == (status, "createSession", cause)
            assert "login_refused" in str(error)
    assert service.calls == {"login": 1}


@pytest.mark.parametrize(
    ("status", "body", "is_doubtful"),
    [
        (422, {"errors": {"base": [{"error": "phone_number_or_password_invalid"}]}}, False),
        (401, {"message": "Unauthorized"}, False),
        (403, {"message": "Forbidden"}, False),
        (401, {"error": "param is missing"}, False),
        (400, {"status": 400, "error": "Bad Request"}, True),
        (404, {"status": 404, "error": "Not Found"}, True),
        (404, None, True),
        (422, {"errors": {"session": [{"error": "blank"}]}}, True),
        (422, {"errors": {"base": ["Phone number can't be blank"]}}, True),
        (422, {"message": "Unprocessable"}, True),
    ],
)
async def test_a_login_refused_in_an_unknown_form_names_the_doctor(status: int, body: Any, is_doubtful: bool) -> None:
    async with (
        serve(answer(body, status)) as service,
        SmartKasa(
            api_key="k", base_url=service.url, phone_number="380971234567", password="s3cret-p", wire="flat"
        ) as kasa,
    ):
        for call in (kasa.shops.get(1), kasa.shops.get(1), kasa.login()):
            with pytest.raises(LoginRefusedError) as caught:
                await call
            assert (caught.value.status, caught.value.is_form_doubtful) == (status, is_doubtful)
            assert ("smartkasa doctor" in str(caught.value)) == is_doubtful
    assert len(service.arrived) == 2


async def test_a_refused_login_is_tried_anew_after_a_minute(clock: Callable[[float], None]) -> None:
    async with serving(SessionService()) as service, client_of(service) as kasa:
        service.refusals["login"] = 422
        for seconds, logins in [(0, 1), (59, 1), (0, 1), (2, 2), (30, 2)]:
            clock(seconds)
            with pytest.raises(LoginRefusedError):
                await kasa.shops.list()
            assert service.calls["login"] == logins
        service.refusals.clear()
        clock(31)
        await kasa.shops.list()


async def test_login_by_hand_is_always_tried_and_clears_the_way() -> None:
    async with serving(SessionService()) as service, client_of(service) as kasa:
        service.refusals["login"] = 422
        for _ in range(2):
            with pytest.raises(LoginRefusedError):
                await kasa.login()
            with pytest.raises(LoginRefusedError):
                await kasa.shops.list()
        assert service.calls == {"login": 2}
        service.refusals.clear()
        await kasa.login()
        service.sessions.clear()
        await kasa.shops.list()
        assert service.calls == {"login": 4, "read": 2, "refresh": 1}


async def test_other_event_loops_of_a_client_know_of_it_too() -> None:
    async with serving(SessionService()) as service, client_of(service) as kasa:
        service.refusals["login"] = 422

        async def one() -> None:
            async with kasa:
                await kasa.shops.list()

        for _ in range(3):
            with pytest.raises(LoginRefusedError):
                await asyncio.to_thread(asyncio.run, one())
        with pytest.raises(LoginRefusedError):
            await kasa.shops.list()
        assert service.calls == {"login": 1}


async def test_tokens_that_another_process_saved_are_used_at_once() -> None:
    store = MemoryTokenStore()
    async with serving(SessionService()) as service, client_of(service, token_store=store) as kasa:
        service.refusals["login"] = 422
        with pytest.raises(LoginRefusedError):
            await kasa.shops.list()
        await store.save(service.make())
        await kasa.shops.list()
        assert service.calls == {"login": 1, "read": 1}


async def test_a_login_that_failed_otherwise_is_not_remembered() -> None:
    async with serving(SessionService()) as service, client_of(service) as kasa:
        service.refusals["login"] = 500
        for _ in range(2):
            with pytest.raises(ServerError):
                await kasa.shops.list()
        service.refusals.clear()
        await kasa.shops.list()
        assert service.calls["login"] == 3


# --- jobs end by it ---


@pytest.mark.parametrize("sync", [sync_receipts, sync_z_reports, sync_product_sales])
@pytest.mark.parametrize("has_begun", [False, True])
async def test_a_sync_of_forty_shops_makes_one_login(sync: Any, has_begun: bool) -> None:
    async with serving(SessionService(shops=40)) as service, client_of(service) as kasa:
        if has_begun:
            await kasa.login()
            service.before["read"] = lambda: service.calls["read"] < 3 or service.sessions.clear()  # type: ignore[assignment,func-returns-value]
        service.refusals["login"] = 422
        with pytest.raises(LoginRefusedError):
            await sync(kasa, _Sink(), start=date(2026, 10, 1), end=date(2026, 10, 30))
        assert service.calls["login"] == 1 + has_begun
        assert service.calls["read"] <= 3 + 16


async def test_a_pull_ends_when_the_session_does_and_there_are_no_credentials() -> None:
    async with serving(SessionService(shops=40)) as service:
        async with client_of(service, credentials=False, session=service.make()) as kasa:
            service.before["read"] = lambda: service.calls["read"] < 3 or service.sessions.clear()  # type: ignore[assignment,func-returns-value]
            with pytest.raises(SessionError, match="token_is_no_good"):
                await sync_receipts(kasa, _Sink(), start=date(2026, 10, 1), end=date(2026, 10, 30))
        assert service.calls["read"] <= 3 + 16


async def test_a_pull_ends_when_the_service_accepts_no_token_of_this_user() -> None:
    async with serving(SessionService(shops=40)) as service, client_of(service) as kasa:

        def revoke() -> None:
            if service.calls["read"] == 3:
                service.refusals["read"] = 401

        service.before["read"] = revoke
        with pytest.raises(UnauthorizedError, match="read_refused"):
            await sync_receipts(kasa, _Sink(), start=date(2026, 10, 1), end=date(2026, 10, 30))
        assert service.calls["login"] == service.calls["refresh"] == 1
        assert service.calls["read"] <= 3 + 2 * 16


async def test_an_import_ends_by_a_refused_login_and_refuses_no_row_for_it() -> None:
    async with serving(SessionService()) as service, client_of(service) as kasa:
        service.before["write"] = service.sessions.clear
        rows = [{"title": f"Товар {n}", "number": f"{n:013}", "price": "5.00"} for n in range(1, 501)]
        await kasa.login()
        service.refusals["login"] = 422
        with pytest.raises(ImportStoppedError) as caught:
            await import_products(kasa, rows, layout=Layout())
        assert isinstance(caught.value.__cause__, LoginRefusedError)
        assert service.calls["login"] == 2


async def test_a_batch_that_no_login_could_send_is_not_halved() -> None:
    calls: list[int] = []

    async def create(items: Sequence[int]) -> Sequence[int]:
        calls.append(len(items))
        raise LoginRefusedError("422", status=422)

    results = await create_each(create, range(100))
    assert calls == [100]
    assert all(isinstance(result, SendFailure) and result.verdict is Verdict.STOPPED for result in results)
    assert judge(LoginRefusedError("401", status=401)) is Verdict.STOPPED


# --- renewals ---


async def test_a_user_whose_every_token_is_refused_costs_one_renewal_a_minute(clock: Callable[[float], None]) -> None:
    async with serving(SessionService()) as service, client_of(service) as kasa:
        service.refusals["read"] = 401
        for minute in range(1, 4):
            ended = await asyncio.gather(*(kasa.shops.get(1) for _ in range(200)), return_exceptions=True)
            for _ in range(20):
                with pytest.raises(UnauthorizedError) as caught:
                    await kasa.employees.list()
                assert caught.value.operation == "listEmployees"
            assert {type(error) for error in ended} == {UnauthorizedError}
            assert service.calls["login"] + service.calls["refresh"] == 1 + minute
            clock(61)
        service.refusals.clear()
        await kasa.shops.list()


async def test_tokens_of_another_process_end_that_wait() -> None:
    store = MemoryTokenStore()
    async with serving(SessionService()) as service, client_of(service, token_store=store) as kasa:
        service.refusals["read"] = 401
        with pytest.raises(UnauthorizedError):
            await kasa.shops.list()
        service.refusals.clear()
        service.sessions.clear()
        await store.save(service.make())
        await kasa.shops.list()
        assert service.calls["login"] + service.calls["refresh"] == 2


async def test_processes_do_not_drive_each_other_to_renewals_of_no_use() -> None:
    """To each of them the other's new tokens are news; they are tried, and refused as well."""
    async with serving(SessionService()) as service:
        store = MemoryTokenStore(service.make())
        service.refusals["read"] = 401
        async with (
            client_of(service, credentials=False, token_store=store) as one,
            client_of(service, credentials=False, token_store=store) as other,
        ):
            for kasa in [one, other] * 10:
                with pytest.raises(UnauthorizedError):
                    await kasa.shops.list()
        assert service.calls["refresh"] == 2


async def test_one_call_that_is_refused_whatever_its_token_costs_the_others_no_renewals() -> None:
    async with serving(SessionService()) as service, client_of(service) as kasa:
        for _ in range(10):
            service.refusals.clear()
            await kasa.shops.list()
            service.refusals["read"] = 401
            with pytest.raises(UnauthorizedError):
                await kasa.employees.list()
        assert service.calls["login"] + service.calls["refresh"] == 2


async def test_calls_that_go_well_meanwhile_do_not_hide_that_a_renewal_was_of_no_use() -> None:
    class Picky(SessionService):
        async def answer(self, request: web.Request) -> web.Response:
            if not request.path.endswith("/employees"):
                return await super().answer(request)
            await kasa.shops.list()  # with the same token, just before it is refused here
            return web.json_response({"errors": {"base": [{"error": "not_yours"}]}}, status=401)

    async with serving(Picky()) as service, client_of(service) as kasa:
        for _ in range(5):
            with pytest.raises(UnauthorizedError, match="not_yours"):
                await kasa.employees.list()
        assert service.calls["login"] + service.calls["refresh"] == 2
