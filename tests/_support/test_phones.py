"""Phone numbers as people write them, wherever they are given."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import ConfigurationError, InvalidRequestError, SmartKasa
from smartkasa_async._support.phones import PhoneNumberError, phone_digits, sendable_phone
from smartkasa_async.models import EmployeeCreate, EmployeeUpdate, SessionCreate, ShopCreate, ShopUpdate
from smartkasa_async.sandbox import Sandbox
from smartkasa_async.settings import Settings
from tests.support.service import answer, make_session, serve

if TYPE_CHECKING:
    from tests.support.service import Arrived

WRITTEN = [
    "380971234567",
    "+380971234567",
    "0971234567",
    "80971234567",
    "00380971234567",
    "+38 (097) 123-45-67",
    "+38(097)1234567",
    "38 097 123 45 67",
    "(097) 123 45 67",
    "097.123.45.67",
    "097/123-45-67",
    "8 (097) 123-45-67",
    "+380 (0)97 123 45 67",
    "  380971234567\n",
    "+380\u00a097\u00a0123\u202f45\u202f67",
    "097\u2013123\u201145\u221267",
    "\uff0b\uff13\uff18\uff10\uff19\uff17\uff11\uff12\uff13\uff14\uff15\uff16\uff17",
    "\u202a+380971234567\u202c",
    "\ufeff0971234567",
    "\u0663\u0668\u0660\u0669\u0667\u0661\u0662\u0663\u0664\u0665\u0666\u0667",
]
FOREIGN = [
    ("+48 601 234 567", "48601234567"),
    ("0048 601 234 567", "48601234567"),
    ("48601234567", "48601234567"),
    ("+1 (555) 010-9999", "15550109999"),
    ("+80 012 345 67 8", "80012345678"),
]
WRONG = [
    "s3cret",
    "097123456a",
    "О971234567",
    "097 123 45 67, 050 123 45 67",
    "+380+971234567",
    "097+1234567",
    "++380971234567",
    "()",
    "   ",
    "+",
    "380 50 765 43 2",
    "380 50 765 43 210",
    "050 765 43 2",
    "050 765 43 210",
    "1234567890123456",
    "ivan@example.com",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_ukrainian_number_is_sent_as_the_service_writes_it(text: str) -> None:
    assert phone_digits(text) == "380971234567"


@pytest.mark.parametrize(("text", "digits"), FOREIGN)
def test_a_foreign_number_keeps_its_digits(text: str, digits: str) -> None:
    assert phone_digits(text) == digits


@pytest.mark.parametrize("text", ["1", "380", "102"])
def test_short_digits_are_left_to_the_service(text: str) -> None:
    assert phone_digits(text) == text


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_a_number_is_refused_unquoted(text: str) -> None:
    with pytest.raises(PhoneNumberError) as caught:
        phone_digits(text)
    assert "+380 97 123 45 67" in str(caught.value)
    assert not any(len(part) > 4 and part in str(caught.value) for part in (text, *text.split()))


@pytest.mark.parametrize("text", ["0971234567", "380971234567", "12345678901234567890", ""])
def test_bare_digits_of_a_record_are_sent_as_they_stand(text: str) -> None:
    assert sendable_phone(text) == text


@pytest.mark.parametrize("text", WRITTEN)
def test_a_client_takes_every_form(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings(api_key="key", phone_number=text, password="p").phone_number == "380971234567"
    monkeypatch.setenv("SMARTKASA_PHONE_NUMBER", text)
    monkeypatch.setenv("SMARTKASA_PASSWORD", "p")
    assert Settings(api_key="key").phone_number == "380971234567"


@pytest.mark.parametrize("text", WRONG)
def test_a_client_refuses_what_is_no_number(text: str) -> None:
    with pytest.raises(ConfigurationError, match="phone_number") as caught:
        Settings(api_key="key", phone_number=text, password="s3cret-p")
    assert "s3cret" not in str(caught.value)
    assert not any(len(part) > 4 and part in str(caught.value) for part in text.split())


async def test_the_account_is_the_same_in_every_form() -> None:
    clients = [SmartKasa(api_key="key", phone_number=text, password="p") for text in WRITTEN]
    assert len({await kasa.account_id() for kasa in clients}) == 1


def _session(_request: Arrived) -> bytes:
    session = make_session()
    times = {name: getattr(session, name).isoformat() for name in ("access_expires_at", "refresh_expires_at")}
    return answer({"data": {"access": "a-token", "refresh": "r-token", "csrf": "c", **times}, "meta": {}}, 201)


@pytest.mark.parametrize("wire", ["flat", "enveloped"])
async def test_the_login_sends_digits(wire: Any) -> None:
    async with serve(_session) as service:
        options: dict[str, Any] = {"api_key": "key", "base_url": service.url, "wire": wire}
        async with SmartKasa(phone_number="+38 (097) 123-45-67", password="p", **options) as kasa:
            await kasa.login()
            await kasa.auth.login(SessionCreate(phone_number="8 097 123 45 67", password="p"))
            with pytest.raises(InvalidRequestError, match=r"\$\.phone_number") as caught:
                await kasa.auth.login(SessionCreate(phone_number="s3cret-n", password="s3cret-p"))
    assert "s3cret" not in str(caught.value)
    sent = [json.dumps(each.json) for each in service.arrived]
    assert all('"phone_number": "380971234567"' in body for body in sent)
    assert len(sent) == 2


RECORDS: list[Any] = [
    lambda kasa, phone: kasa.shops.create(ShopCreate(title="А", phone_number=phone)),
    lambda kasa, phone: kasa.shops.update(1, ShopUpdate(phone_number=phone)),
    lambda kasa, phone: kasa.employees.create(EmployeeCreate(first_name="А", phone_number=phone)),
    lambda kasa, phone: kasa.employees.create(EmployeeCreate(first_name="А", additional_phone_number=phone)),
    lambda kasa, phone: kasa.employees.update(1, EmployeeUpdate(phone_number=phone)),
    lambda kasa, phone: kasa.employees.update(1, EmployeeUpdate(additional_phone_number=phone)),
    lambda kasa, phone: kasa.shops.list(phone_number=phone),
    lambda kasa, phone: kasa.employees.list(phone_number=phone),
    lambda kasa, phone: kasa.employees.list(additional_phone_number=phone),
]


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize(
    ("written", "sent"),
    [("+38 (097) 123-45-67", "380971234567"), ("097 123 45 67", "380971234567"), ("0971234567", "0971234567")],
)
async def test_records_and_filters_are_sent_with_digits(record: Any, written: str, sent: str) -> None:
    async with (
        serve(lambda _request: answer({"message": "enough"}, 403)) as service,
        SmartKasa(api_key="key", base_url=service.url, session=make_session(), wire="flat") as kasa,
    ):
        with pytest.raises(Exception, match="enough"):
            await record(kasa, written)
        with pytest.raises(InvalidRequestError, match="phone_number"):
            await record(kasa, "no number")
    (request,) = service.arrived
    assert f'_number":"{sent}"' in request.body.decode() or request.target.endswith(f"_number={sent}")


async def test_the_body_that_was_given_stays_as_it_is() -> None:
    body = EmployeeUpdate(phone_number="+38 097 123 45 67", additional_phone_number=None)
    async with (
        serve(lambda _request: answer({"message": "enough"}, 403)) as service,
        SmartKasa(api_key="key", base_url=service.url, session=make_session(), wire="flat") as kasa,
    ):
        with pytest.raises(Exception, match="enough"):
            await kasa.employees.update(1, body)
    assert body.phone_number == "+38 097 123 45 67"
    assert service.arrived[0].json["additional_phone_number"] is None


async def test_a_sandbox_with_a_written_number_takes_a_client_with_it() -> None:
    async with Sandbox(phone_number="+38 (097) 123-45-67") as box:
        assert box.phone_number == "380971234567"
        options: dict[str, Any] = {**box.credentials, "phone_number": "097 123-45-67"}
        async with SmartKasa(**options) as kasa:
            assert await kasa.shops.list() is not None
