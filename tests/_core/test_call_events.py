"""Each call tells its start and its end, one of each, whatever happens; and its events carry its number."""

from __future__ import annotations

import asyncio
import socket
from decimal import Decimal
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import to_builtins

from smartkasa_async import RetryPolicy, SmartKasa, SmartKasaError, errors
from smartkasa_async._generated import operations
from smartkasa_async.events import (
    CallEndEvent,
    CallStartEvent,
    OutcomeUnknownEvent,
    RefreshEvent,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
    WaitEvent,
    WireFormEvent,
)
from smartkasa_async.models import ProductCreate, SessionCreate
from tests.support.call_diary import Diary, cancelled_at, closed_at
from tests.support.connect_proxy import HOST, Authority
from tests.support.service import Arrived, answer, make_session, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from smartkasa_async.models import Session

NEW = ProductCreate(title="Чай", price=Decimal(5))
TIMES = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
SESSION = answer({"data": to_builtins(make_session("new_access", "new_refresh")), "meta": {}}, 201)
DELETED = answer({"data": {"id": "00000000-0000-0000-0000-000000000001"}, "meta": {}})
UNENDING = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"


def page(number: int = 1, pages: int = 1, *, total: int | None = None) -> bytes:
    """Make a page with one shop."""
    meta = {
        "current_page": number,
        "limit_value": 1,
        "offset_value": number - 1,
        "total_pages": pages,
        "total_count": pages if total is None else total,
        "next_page": number + 1 if number < pages else None,
    }
    return answer({"data": [{"id": number, "state": 0, "title": "Т", **TIMES}], "meta": meta})


def odd_page() -> bytes:
    """Make a page whose only record has no id."""
    return page().replace(b'"id": 1', b'"id":[]')


def client(url: str, diary: Diary, **options: Any) -> SmartKasa:
    given: dict[str, Any] = {"api_key": "key", "base_url": url, "session": make_session(), "on_event": diary}
    return SmartKasa(**{**given, "retry": RetryPolicy(retries=0), "timeout": 5.0, **options})


CREDENTIALS: dict[str, Any] = {"session": None, "phone_number": "380971234567", "password": "p"}


class UnsavedTokens:
    """A token store that holds tokens and keeps no new ones."""

    async def load(self) -> Session:
        return make_session()

    async def save(self, session: object) -> None:
        raise OSError("the disk is full")

    async def clear(self) -> None:
        raise OSError("the disk is full")


def free_port() -> int:
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


# --- every error -----------------------------------------------------------------------------------------------------


def shops(kasa: SmartKasa) -> Awaitable[Any]:
    return kasa.shops.get(1)


def create(kasa: SmartKasa) -> Awaitable[Any]:
    return kasa.products.create(NEW)


async def read_all(kasa: SmartKasa) -> None:
    async for _shop in kasa.shops.list():
        pass


async def closed(kasa: SmartKasa) -> None:
    await kasa.aclose()
    await kasa.shops.get(1)


Case = tuple[type[SmartKasaError], Any, "Callable[[SmartKasa], Awaitable[Any]]", dict[str, Any]]

STATUSES: list[Case] = [
    (errors.UnauthorizedError, answer({}, 401), lambda kasa: kasa.auth.refresh(), {}),
    (errors.ForbiddenError, answer({}, 403), shops, {}),
    (errors.NotFoundError, answer({}, 404), shops, {}),
    (errors.ConflictError, answer({}, 409), shops, {}),
    (errors.ValidationError, answer({}, 422), shops, {}),
    (errors.RateLimitedError, answer({}, 429, "Retry-After: 7200"), shops, {"retry": RetryPolicy()}),
    (errors.ServerError, answer({}, 503), shops, {}),
    (errors.ApiError, answer({}, 418), shops, {}),
]
FAILURES: list[Case] = [
    *STATUSES,
    (errors.InvalidRequestError, b"", lambda kasa: kasa.call(operations.GET_SHOP, id=""), {}),
    (errors.InvalidRequestError, b"", lambda kasa: kasa.call(operations.CREATE_PRODUCT, body=1), {}),
    (errors.ClientClosedError, page(), closed, {}),
    (errors.SessionError, b"", shops, {"session": None}),
    (errors.SessionError, b"", lambda kasa: kasa.auth.logout(), {"session": None}),
    (errors.SessionError, b"", lambda kasa: kasa.login(), {}),
    (errors.LoginRefusedError, answer({}, 422), shops, CREDENTIALS),
    (errors.LoginRefusedError, answer({}, 401), lambda kasa: kasa.login(), CREDENTIALS),
    (errors.TokenStoreError, SESSION, lambda kasa: kasa.login(), {**CREDENTIALS, "token_store": UnsavedTokens()}),
    (
        errors.TokenStoreError,
        SESSION,
        lambda kasa: kasa.auth.refresh(),
        {**CREDENTIALS, "token_store": UnsavedTokens()},
    ),
    (errors.NotConnectedError, None, shops, {}),
    (errors.ConnectionLostError, b"", shops, {}),
    (errors.CallTimeoutError, UNENDING, shops, {"timeout": 0.1}),
    (errors.RedirectRefusedError, answer({}, 302, "Location: https://example.invalid/"), shops, {}),
    (errors.AnswerTooLargeError, page(), shops, {"max_answer_bytes": 1}),
    (errors.UnreadableAnswerError, answer({"data": 5}), shops, {}),
    (errors.UnreadableAnswerError, answer({"data": 5}), lambda kasa: kasa.shops.list(), {}),
    (errors.OutcomeUnknownError, b"", create, {}),
    (errors.OutcomeUnknownError, answer({"data": 5}, 201), create, {}),
    (errors.OutcomeUnknownError, answer({}, 503), lambda kasa: kasa.products.create_batch([NEW]), {}),
    (errors.UnreadableRecordsError, odd_page(), read_all, {}),
    (errors.PaginationError, page(total=7), read_all, {}),
]
OF_LISTS = (errors.UnreadableRecordsError, errors.PaginationError)
"""What a list raises of calls that were answered."""


@pytest.mark.parametrize(("kind", "reply", "call", "options"), FAILURES)
async def test_a_call_that_fails_tells_its_end(
    kind: type[SmartKasaError],
    reply: bytes | None,
    call: Callable[[SmartKasa], Awaitable[Any]],
    options: dict[str, Any],
) -> None:
    diary = Diary()
    async with serve(reply or b"") as service:
        url = service.url if reply is not None else f"http://127.0.0.1:{free_port()}"
        async with client(url, diary, **options) as kasa:
            with pytest.raises(SmartKasaError) as caught:
                await call(kasa)
            assert diary.under_way == 0
    diary.check()
    assert type(caught.value) is kind
    (*_, end) = diary.ends
    if kind in OF_LISTS:
        assert (end.outcome, end.error) == ("done", None)
        return
    assert end.error == kind.__name__
    assert end.outcome == ("unknown" if kind is errors.OutcomeUnknownError else "failed")
    assert end.status == caught.value.status
    assert end.reason == caught.value.message


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


async def test_a_certificate_and_a_proxy_that_refuse_are_told_too(authority: Authority) -> None:
    diary = Diary()
    async with serve(page(), tls=authority.server()) as service, client(service.url, diary, trust_env=False) as kasa:
        with pytest.raises(errors.CertificateError):
            await shops(kasa)
    refusing = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    async with (
        serve(refusing) as proxy,
        client(f"https://{HOST}", diary, proxy=proxy.url) as kasa,
    ):
        with pytest.raises(errors.ProxyRefusedError):
            await shops(kasa)
    assert [end.error for end in diary.ends] == ["CertificateError", "ProxyRefusedError"]
    assert diary.under_way == 0


def test_no_error_of_a_call_is_left_out() -> None:
    def leaves(kind: type[SmartKasaError]) -> set[type[SmartKasaError]]:
        own = {kind} if kind.__module__ == "smartkasa_async.errors" else set()
        return own.union(*(leaves(each) for each in kind.__subclasses__()))

    no_calls = {SmartKasaError, errors.TransportError, errors.ConfigurationError, errors.ClockSkewError}
    synced_ranges = {case[0] for case in FAILURES} | {errors.CertificateError, errors.ProxyRefusedError}
    assert leaves(SmartKasaError) - no_calls == synced_ranges


# --- cancellation ----------------------------------------------------------------------------------------------------


def flaky() -> Callable[[Arrived], bytes]:
    """Answer each path with 503 first, and then as it should be."""
    seen: set[str] = set()

    def reply(request: Arrived) -> bytes:
        if request.target not in seen:
            seen.add(request.target)
            return answer({}, 503, "Retry-After: 0")
        return DELETED if request.method == "DELETE" else SESSION if "/auth/" in request.target else page(1, 3)

    return reply


def well(request: Arrived) -> bytes:
    if "/auth/" in request.target:
        return DELETED if request.method == "DELETE" else SESSION
    if request.headers.get("Authorization") == "Bearer spent":
        return answer({}, 401)
    number = int(request.target.partition("page=")[2].partition("&")[0] or 1)
    return page(number, 3) if request.method == "GET" else answer({"data": 5}, 201)


async def run_concurrently(kasa: SmartKasa) -> None:
    async for _page in kasa.shops.list().pages(concurrency=3):
        pass


WORK: dict[str, tuple[Callable[[SmartKasa], Awaitable[Any]], dict[str, Any], Callable[[], Any]]] = {
    "page": (lambda kasa: kasa.shops.list(), {}, lambda: well),
    "pages": (run_concurrently, {}, lambda: well),
    "create": (create, {}, lambda: well),
    "batch": (lambda kasa: kasa.products.create_batch([NEW]), {}, lambda: well),
    "login first": (lambda kasa: kasa.shops.list(), CREDENTIALS, lambda: well),
    "renewal": (lambda kasa: kasa.shops.list(), {"session": make_session("spent")}, lambda: well),
    "login": (lambda kasa: kasa.login(), CREDENTIALS, lambda: well),
    "login call": (
        lambda kasa: kasa.auth.login(SessionCreate(phone_number="380971234567", password="p")),
        {},
        lambda: well,
    ),
    "refresh": (lambda kasa: kasa.auth.refresh(), {}, lambda: well),
    "logout": (lambda kasa: kasa.logout(), {}, lambda: well),
    "retry": (lambda kasa: kasa.shops.list(), {"retry": RetryPolicy(first_wait=0)}, flaky),
    "paced": (lambda kasa: kasa.shops.list(), {"calls_per_second": 500.0}, lambda: well),
    "one at a time": (lambda kasa: kasa.shops.list(), {"concurrency": 1}, lambda: well),
}


BESIDE_ANOTHER = ("paced", "one at a time")


@pytest.mark.parametrize("end_at", [cancelled_at, closed_at])
@pytest.mark.parametrize("name", WORK)
async def test_a_call_that_is_cancelled_at_any_await_tells_its_end(name: str, end_at: Any) -> None:
    work, options, replies = WORK[name]

    async def run(kasa: SmartKasa) -> None:
        await work(kasa)

    def answer_now(request: Arrived) -> bytes:
        return reply(request)

    async with serve(answer_now) as service:
        for step in count():
            diary = Diary()
            reply: Callable[[Arrived], bytes] = replies()
            async with client(service.url, diary, **options) as kasa:
                beside = asyncio.ensure_future(run(kasa)) if name in BESIDE_ANOTHER else None
                await asyncio.sleep(0)
                reached = await end_at(step, run(kasa))
                if beside is not None:
                    await beside
            diary.check()
            assert diary.most >= 1
            if not reached:
                break
    assert step > 1


async def test_a_cancelled_read_is_told_as_that_and_a_write_on_its_way_as_unknown() -> None:
    arrived = asyncio.Event()

    def reply(_request: Arrived) -> bytes:
        arrived.set()
        return UNENDING

    diary = Diary()
    async with serve(reply) as service, client(service.url, diary) as kasa:
        for call in (shops, create):
            arrived.clear()
            task = asyncio.ensure_future(call(kasa))
            await arrived.wait()
            task.cancel()
            await asyncio.wait({task})
    diary.check()
    assert [end.outcome for end in diary.ends] == ["cancelled", "unknown"]
    assert [type(event) for event in diary.events[-2:]] == [OutcomeUnknownEvent, CallEndEvent]


async def test_a_task_that_is_cancelled_before_its_first_step_tells_nothing() -> None:
    diary = Diary()
    async with client("http://127.0.0.1:9", diary) as kasa:
        task = asyncio.ensure_future(shops(kasa))
        task.cancel()
        await asyncio.wait({task})
    assert diary.events == []


async def test_a_client_that_closes_ends_the_calls_that_wait_and_that_are_sent() -> None:
    diary = Diary()
    arrived = asyncio.Event()

    def reply(_request: Arrived) -> bytes:
        arrived.set()
        return UNENDING

    async with serve(reply) as service:
        kasa = client(service.url, diary, concurrency=1)
        tasks = [asyncio.ensure_future(call(kasa)) for call in (shops, shops, create)]
        await arrived.wait()
        await kasa.aclose()
        await asyncio.wait(tasks)
    diary.check()
    assert diary.most == 3


# --- numbers of calls ------------------------------------------------------------------------------------------------


async def test_attempts_of_a_call_carry_its_number_and_calls_have_their_own() -> None:
    diary = Diary()
    async with serve(flaky()) as service:
        options = {"retry": RetryPolicy(first_wait=0), "concurrency": 1}
        async with client(service.url, diary, **CREDENTIALS, **options) as kasa:
            await asyncio.gather(kasa.shops.list()._first(), kasa.shops.get(1), return_exceptions=True)
    diary.check()
    first = [event for event in diary.events if event.call_id == 1 and not isinstance(event, WaitEvent)]
    assert [type(event) for event in first] == [
        CallStartEvent, RequestEvent, ResponseEvent, RetryEvent, RequestEvent, ResponseEvent, CallEndEvent,
    ]  # fmt: skip
    assert [event.attempt for event in first] == [0, 1, 1, 1, 2, 2, 2]
    ids = [event.call_id for event in diary.events if isinstance(event, CallStartEvent)]
    assert all(before < after for before, after in pairwise(ids))
    waits = [event for event in diary.events if isinstance(event, WaitEvent)]
    assert waits
    assert all(event.call_id for event in waits)


async def test_each_page_of_a_list_is_a_call() -> None:
    diary = Diary()
    async with serve(well) as service, client(service.url, diary) as kasa:
        await read_all(kasa)
    diary.check()
    assert diary.outcomes == [("listShops", "done", None)] * 3


async def test_event_loops_of_one_client_share_the_numbers() -> None:
    diary = Diary()
    async with serve(well) as service:
        kasa = client(service.url, diary)

        def elsewhere() -> None:
            async def use() -> None:
                async with kasa:
                    await kasa.shops.list()

            asyncio.run(use())

        async with kasa:
            await asyncio.gather(*(asyncio.to_thread(elsewhere) for _ in range(3)))
            await kasa.shops.list()
    diary.check()
    assert len(diary.ends) == 4


async def test_login_refresh_and_stored_tokens_are_told_apart() -> None:
    diary = Diary()
    async with serve(well) as service:
        async with client(service.url, diary, **CREDENTIALS) as kasa:
            await kasa.shops.list()
            await kasa.auth.refresh()
        async with client(service.url, diary, session=make_session("spent")) as kasa:
            await kasa.shops.list()
    diary_of = {event.how: event for event in diary.events if isinstance(event, RefreshEvent)}
    login, refresh, stored = diary_of["login"], diary_of["refresh"], diary_of["store"]
    assert (login.operation, refresh.operation) == ("createSession", "refreshSession")
    assert login.call_id in {end.call_id for end in diary.ends if end.operation == "createSession"}
    assert (stored.call_id, stored.attempt) == (0, 0)


async def test_a_found_wire_form_is_of_the_call_that_found_it() -> None:
    def reply(request: Arrived) -> bytes:
        if "session" in request.json:
            return SESSION
        return answer({"message": "param is missing or the value is empty: session"}, 400)

    diary = Diary()
    async with serve(reply) as service, client(service.url, diary, **CREDENTIALS) as kasa:
        await kasa.login()
    diary.check()
    (form,) = [event for event in diary.events if isinstance(event, WireFormEvent)]
    assert (form.call_id, form.attempt) == (diary.ends[0].call_id, 2)


# --- listeners that come and go --------------------------------------------------------------------------------------


async def test_who_heard_the_start_hears_the_end_and_nobody_else() -> None:
    arrived, late, early = asyncio.Event(), Diary(), Diary()

    def reply(_request: Arrived) -> bytes:
        arrived.set()
        return UNENDING

    async with serve(reply) as service, client(service.url, late, on_event=None, timeout=60) as kasa:
        with kasa.listening(early):
            task = asyncio.ensure_future(shops(kasa))
            await arrived.wait()
        with kasa.listening(late):
            task.cancel()
            await asyncio.wait({task})
    early.check()
    assert early.outcomes == [("getShop", "cancelled", "CancelledError")]
    assert late.events == []


async def test_a_listener_that_fails_costs_the_others_nothing() -> None:
    def fail(_event: object) -> None:
        raise RuntimeError("hook")

    diary = Diary()
    async with serve(well) as service, client(service.url, diary, on_event=fail) as kasa:
        with kasa.listening(diary):
            await kasa.shops.list()
    diary.check()
    assert len(diary.ends) == 1
