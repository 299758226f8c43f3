"""The client's own secrets never stand in errors, events or logs, in whatever form the service repeats them."""

from __future__ import annotations

import logging
import traceback
from base64 import b64encode
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import (
    RetryPolicy,
    SmartKasa,
    SmartKasaError,
    UnreadableAnswerError,
    UnreadableRecordsError,
)
from smartkasa_async._core.answers import Reply
from smartkasa_async._core.requests import Request
from smartkasa_async._generated import operations
from smartkasa_async._i18n.secrets import Secrets
from smartkasa_async._support.network import Network
from smartkasa_async.cli.api_probe import ApiProbe
from smartkasa_async.events import RetryEvent
from smartkasa_async.models import EmployeeCreate, SessionCreate
from smartkasa_async.token_stores import FileTokenStore, MemoryTokenStore
from tests.support.echoing_service import (
    ACCESS,
    FORMS,
    KEY,
    PASSWORD,
    PHONE,
    REFRESH,
    SHAPES,
    echo,
    log_in,
    shown_secrets,
)
from tests.support.service import Arrived, answer, make_session, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Coroutine, Sequence
    from pathlib import Path

    from smartkasa_async.events import Event


def everything(error: BaseException) -> str:
    """Write all that a log or a crash report could show of an error and of those behind it."""
    texts, seen, queue = [*traceback.format_exception(error)], [], [error]
    while queue:
        current = queue.pop()
        if current in seen:
            continue
        seen.append(current)
        texts += [str(current), *current.args, *_texts(vars(current))]
        queue += [each for each in (current.__cause__, current.__context__) if each is not None]
    return "\n".join(map(str, texts))


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.items() for each in item for text in _texts(each)]
    if isinstance(value, (list, tuple)):
        return [text for each in value for text in _texts(each)]
    if is_dataclass(value):
        return [text for field in fields(value) for text in _texts(getattr(value, field.name))]
    return [str(value)]


def client(url: str, **settings: Any) -> SmartKasa:
    plain: dict[str, Any] = {
        "api_key": KEY,
        "phone_number": PHONE,
        "password": PASSWORD,
        "retry": RetryPolicy(retries=0),
    }
    return SmartKasa(base_url=url, **plain | settings)


async def failing(work: Coroutine[Any, Any, object]) -> SmartKasaError:
    with pytest.raises(SmartKasaError) as caught:
        await work
    return caught.value


# --- every form, shape and class of errors ---


@pytest.mark.parametrize("form", FORMS)
async def test_what_the_service_repeats_is_hidden_in_every_form(form: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    heard: list[Event] = []
    seen = []

    asked: list[tuple[str, int]] = []

    def reply(request: Arrived) -> bytes:
        return log_in(request) or echo(request, form, *asked[-1])

    async with serve(reply) as service, client(service.url, on_event=heard.append) as kasa:
        for pair in _pairs(form, (200, 307, 400, 401, 403, 404, 409, 422, 429, 500, 503)):
            asked.append(pair)
            error = await failing(kasa.shops.get(1))
            logging.getLogger("user").error("The call failed", exc_info=error)
            seen.append(f"{everything(error)} {error.translated(str)}")
    assert shown_secrets("\n".join([*seen, repr(heard), caplog.text])) == []


@pytest.mark.parametrize("form", FORMS)
async def test_what_a_login_sends_is_hidden_too(form: str) -> None:
    asked: list[tuple[str, int]] = []
    seen = []
    async with serve(lambda request: echo(request, form, *asked[-1])) as service, client(service.url) as kasa:
        for pair in _pairs(form, (201, 401, 422, 500)):
            asked.append(pair)
            seen += [everything(await failing(work)) for work in (kasa.login(), kasa.shops.get(1))]
    assert shown_secrets("\n".join(seen)) == []


def _pairs(form: str, statuses: Sequence[int]) -> list[tuple[str, int]]:
    """Pair each shape with two of the statuses, others for each form."""
    first = list(FORMS).index(form)
    return [
        (shape, statuses[(first + 2 * place + step) % len(statuses)])
        for place, shape in enumerate(SHAPES)
        for step in (0, 1)
    ]


async def test_words_of_the_service_stay() -> None:
    reply = lambda request: log_in(request) or echo(request, "raw", "message", 403)  # noqa: E731
    async with serve(reply) as service, client(service.url) as kasa:
        error = await failing(kasa.shops.get(1))
    assert str(error) == "getShop: 403: You sent *** and Bearer ***, which gives no access"


async def test_credentials_of_a_call_are_hidden_though_the_client_has_others() -> None:
    body = SessionCreate(phone_number=PHONE, password=PASSWORD)
    async with (
        serve(lambda request: echo(request, "json", "errors", 422)) as service,
        client(service.url, phone_number=None, password=None) as kasa,
    ):
        error = await failing(kasa.auth.login(body))
    assert shown_secrets(everything(error)) == []


async def test_pin_that_a_refusal_repeats_is_hidden() -> None:
    refuse = answer({"errors": {"pin_code": [{"error": "weak", "messages": "4821 is too simple, says 14821"}]}}, 422)
    async with serve(lambda request: log_in(request) or refuse) as service, client(service.url) as kasa:
        error = await failing(kasa.employees.create(EmployeeCreate(first_name="Оля", pin_code="4821")))
    assert "*** is too simple, says 14821" in str(error)


async def test_token_that_was_replaced_meanwhile_is_hidden() -> None:
    def reply(request: Arrived) -> bytes:
        if request.headers["Authorization"].endswith("first-token"):
            return answer({"message": "spent"}, 401)
        return log_in(request) or answer({"message": f"first-token became {ACCESS}"}, 500)

    async with serve(reply) as service:
        session = make_session("first-token")
        async with client(service.url, session=session, phone_number=None, password=None) as kasa:
            texts = [everything(await failing(kasa.shops.get(1)))]
    assert [text for text in texts if "first-token" in text] == []


async def test_host_of_a_redirect_is_looked_through() -> None:
    moved = answer(b"", 302, f"Location: https://{ACCESS_OF_HOST}.example/")
    session = make_session(ACCESS_OF_HOST)
    async with serve(moved) as service, client(service.url, session=session) as kasa:
        error = await failing(kasa.shops.get(1))
    assert str(error) == (
        "getShop: The service answered with a redirect to ***.example, and none is followed; check base_url"
    )
    assert ACCESS_OF_HOST not in everything(error)


ACCESS_OF_HOST = "a1b2c3d4e5f6"


async def test_reason_of_a_retry_is_looked_through() -> None:
    heard: list[Event] = []
    policy = RetryPolicy(retries=1, first_wait=0.0)
    reply = lambda request: log_in(request) or echo(request, "url", "message", 503)  # noqa: E731
    async with serve(reply) as service, client(service.url, retry=policy, on_event=heard.append) as kasa:
        await failing(kasa.shops.get(1))
    (retry,) = [event for event in heard if isinstance(event, RetryEvent)]
    assert "***" in retry.reason
    assert shown_secrets(repr(heard)) == []


async def test_answer_of_the_auth_area_is_never_excerpted() -> None:
    body = {"data": {"session": {"token": "opaque-and-new"}}, "meta": {}}
    async with serve(answer(body, 201)) as service, client(service.url) as kasa:
        error = await failing(kasa.login())
    assert isinstance(error, UnreadableAnswerError)
    assert error.excerpt == ""
    assert "opaque" not in everything(error)


async def test_long_token_does_not_begin_at_the_end_of_an_excerpt() -> None:
    token = "opaque.".ljust(3_000, "z")
    body = answer(b'{"data": {"title": "' + b"x" * 150 + token.encode() + b'"}')
    session = make_session(token)
    async with serve(body) as service, client(service.url, session=session) as kasa:
        error = await failing(kasa.shops.get(1))
    assert isinstance(error, UnreadableAnswerError)
    assert "xxx***" in error.excerpt
    assert "opaque." not in everything(error)


# --- what is hidden, and what is not ---


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("1234 is short, 12345 and x1234 are others", "*** is short, 12345 and x1234 are others"),
        ("a, key: a word is no secret", "a, key: a word is no secret"),
        ("Basic " + b64encode(b"user:1234").decode(), "Basic ***"),
        ("+38 (050) 123-45-67, 050 123 45 67, 0501234567", "+***, ***, ***"),
        ("380501234567.", "***."),
        ("10501234567890", "10501234567890"),
        ("long-secret2", "***2"),
    ],
)
def test_short_values_are_words_and_phones_have_forms(text: str, hidden: str) -> None:
    assert Secrets("1234", "a", "key", PHONE, "long-secret").hide(text) == hidden


def test_secrets_hold_themselves_back() -> None:
    assert KEY not in repr(Secrets(KEY))
    request = Request("POST", "https://x/y", f'{{"password":"{KEY}"}}'.encode())
    assert repr(request) == f"Request(POST https://x/y, {len(request.body or b'')} bytes)"
    assert KEY not in repr(Reply(200, {"X": KEY}, KEY.encode()))


def test_latest_tokens_are_hidden_and_their_number_is_bounded() -> None:
    secrets = Secrets(KEY)
    for number in range(1_000):
        secrets.learn(f"token-{number:04}")
    assert secrets.hide(f"{KEY} token-0999 token-0990 token-0001") == "*** *** *** token-0001"


@pytest.mark.parametrize("letter", ["\\", "%", "&", "\\u0041", "3 8 ", "QUFB"])
def test_no_text_takes_long(letter: str) -> None:
    secrets = Secrets(KEY, PHONE, PASSWORD, ACCESS, REFRESH)
    began = perf_counter()
    secrets.hide(letter * (100_000 // len(letter)))
    assert perf_counter() - began < 2


async def test_file_that_holds_no_session_is_not_quoted(tmp_path: Path) -> None:
    for content in (b'{"access": "opaque-\xff"}', b'{"access": 5, "refresh": "opaque"}'):
        (tmp_path / "tokens").write_bytes(content)
        error = await failing(FileTokenStore(tmp_path / "tokens").load())
        assert error.__context__ is None
        assert "opaque" not in everything(error)


# --- records that cannot be read, tokens that were stored, and what the doctor sends ---


async def _first(records: AsyncIterable[object]) -> object:
    return await anext(aiter(records))


async def test_a_record_that_cannot_be_read_quotes_no_secret_as_its_id_or_in_its_excerpt() -> None:
    words = f"{KEY} {PASSWORD} {ACCESS}"
    meta = {"current_page": 1, "total_pages": 1, "total_count": 1, "limit_value": 5, "offset_value": 0}
    listed = {"data": [{"id": words, "title": words}], "meta": meta}
    async with serve(lambda request: log_in(request) or answer(listed)) as service, client(service.url) as kasa:
        error = await failing(_first(kasa.products.list(per_page=5)))
    assert isinstance(error, UnreadableRecordsError)
    said = f"{error} {error!r} {error.excerpt} {error.translated(str)} {error.records[0]} {error.records[0]!r}"
    assert shown_secrets(said) == []


async def test_a_refresh_token_that_was_stored_is_hidden_before_it_is_ever_sent() -> None:
    refusal = answer({"message": f"unknown {REFRESH}"}, 403)
    async with (
        serve(refusal) as service,
        client(service.url, token_store=MemoryTokenStore(make_session(ACCESS, REFRESH))) as kasa,
    ):
        error = await failing(kasa.shops.get(1))
    assert shown_secrets(everything(error)) == []


async def test_the_doctor_quotes_no_secret_of_its_login() -> None:
    refusal = answer({"message": f"{KEY} {PHONE} {PASSWORD} {ACCESS} {REFRESH}"}, 422)
    async with (
        serve(lambda request: log_in(request) or refusal) as service,
        ApiProbe(service.url, KEY, lambda: datetime.now(UTC), Network()) as probe,
    ):
        token = (await probe.login("flat", PHONE, PASSWORD)).access
        error = await failing(probe.read(operations.LIST_SHOPS, "bearer", token))
    assert shown_secrets(everything(error)) == []
