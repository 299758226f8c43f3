"""`smartkasa doctor` over sandboxes that are well, and over such as have something wrong."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from smartkasa_async._core.transport import Transport
from smartkasa_async.cli import api_probe, checks
from smartkasa_async.cli.access import Access
from smartkasa_async.cli.checks import checks_of
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.sandbox.faults import Fault
from tests.support.commandline import credentials_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async._support.network import Network
    from smartkasa_async.cli.checks import Check
    from tests.support.commandline import Cli, Result

RECEIPTS = "/api/v1/pos/receipts"


@pytest.fixture
def doctor(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Give a function that runs the doctor on a sandbox."""

    def run(box: Sandbox, *words: str, **changes: str) -> Result:
        for name, value in (box.credentials | changes).items():
            monkeypatch.setenv(f"SMARTKASA_{name.upper()}", str(value))
        return cli("doctor", "--json", *words)

    return run


def statuses(result: Result) -> dict[str, str]:
    return {check["name"]: check["status"] for check in result.document["checks"]}


def found(result: Result, name: str) -> dict[str, Any]:
    check: dict[str, Any] = next(check for check in result.document["checks"] if check["name"] == name)
    return check


def test_all_is_well(box: Sandbox, doctor: Callable[..., Result]) -> None:
    box.load(simulate(Simulation(shops=1, days=2)))
    result = doctor(box)
    assert (result.code, result.document["exit"]) == (0, 0)
    assert statuses(result) == dict.fromkeys(
        ["address", "tls", "clock", "key", "credentials", "wire", "page_size", "receipt_dates", "refresh"], "ok"
    )
    assert "flat and enveloped bodies, Bearer and bare tokens" in found(result, "wire")["message"]
    assert found(result, "wire")["hint"] == 'Settings that fit: wire = "flat", token_form = "bearer".'
    assert "at most 100" in found(result, "page_size")["message"]


def test_nothing_is_written_but_logins_and_a_refresh(box: Sandbox, doctor: Callable[..., Result]) -> None:
    box.load(simulate(Simulation(shops=1, days=1)))
    doctor(box)
    writes = {call: count for call, count in box.calls.items() if not call.startswith("GET ")}
    assert writes == {"POST /api/v1/auth/sessions": 2, "POST /api/v1/auth/refresh": 1}


def test_people_read_a_line_for_each_finding(environment: Sandbox, cli: Cli) -> None:
    result = cli("doctor")
    assert result.code == 0
    assert f"ok       {environment.url} answers from 127.0.0.1." in result.out
    assert "unknown  There are no readable receipts" in result.out


def test_wrong_key(box: Sandbox, doctor: Callable[..., Result]) -> None:
    result = doctor(box, api_key="wrong")
    assert result.code == 4
    assert statuses(result)["key"] == "fail"
    assert "SMARTKASA_API_KEY" in found(result, "key")["hint"]
    assert "wire" not in statuses(result)


def test_wrong_password(box: Sandbox, doctor: Callable[..., Result]) -> None:
    result = doctor(box, password="wrong")
    assert (result.code, statuses(result)["key"], statuses(result)["credentials"]) == (4, "ok", "fail")


def test_no_key_and_no_credentials(box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    result = cli("doctor", "--json", "--base-url", box.url)
    assert (result.code, statuses(result)["key"]) == (2, "fail")
    monkeypatch.setenv("SMARTKASA_API_KEY", box.api_key)
    result = cli("doctor", "--json", "--base-url", box.url)
    assert (result.code, statuses(result)["credentials"]) == (2, "fail")
    assert "smartkasa login" in found(result, "credentials")["hint"]


def test_key_that_is_kept_for_another_address(logged_in: Sandbox, cli: Cli) -> None:
    result = cli("doctor", "--json", "--base-url", f"{logged_in.url}/other")
    check = found(result, "key")
    assert (result.code, check["status"], logged_in.url in check["message"]) == (2, "fail", True)
    assert "smartkasa login --profile NAME" in check["hint"]


FORMS = [(wire, token_form) for wire in ("flat", "enveloped") for token_form in ("bearer", "bare")]


@pytest.mark.parametrize(("wire", "token_form"), FORMS)
@pytest.mark.parametrize(("said", "said_token"), [("auto", "bearer"), *FORMS])
def test_forms_that_the_service_takes(
    wire: Any, token_form: Any, said: str, said_token: str, doctor: Callable[..., Result]
) -> None:
    with Sandbox(wire=wire, token_form=token_form).in_thread() as box:
        result = doctor(box, "--set", f"wire={said}", "--set", f"token_form={said_token}")
    check = found(result, "wire")
    if said in {wire, "auto"} and said_token == token_form:
        assert (result.code, check["status"]) == (0, "ok")
    else:
        assert (result.code, check["status"]) == (2, "fail")
        assert "smartkasa doctor --write" in check["hint"]
    assert f'wire = "{wire}"' in check["hint"]
    assert f'token_form = "{token_form}"' in check["hint"]
    assert (statuses(result)["page_size"], statuses(result)["refresh"]) == ("ok", "ok")


def test_session_that_is_not_renewed(box: Sandbox, doctor: Callable[..., Result]) -> None:
    box.faults.add(Fault("status", "POST", "/api/v1/auth/refresh", times=None, status=401))
    result = doctor(box)
    assert (result.code, found(result, "refresh")["status"]) == (1, "warn")
    assert "does not renew" in found(result, "refresh")["message"]


def test_no_token_style_is_taken(box: Sandbox, doctor: Callable[..., Result]) -> None:
    box.faults.add(Fault("status", "GET", "/api/v1/rsn/shops", times=None, status=401))
    result = doctor(box)
    assert (result.code, found(result, "wire")["status"]) == (4, "fail")
    assert "smartkasa login" not in found(result, "wire")["hint"], "it has just logged in"
    assert "page_size" not in statuses(result)


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [(403, 4, "vendor's cabinet"), (404, 1, "base_url"), (429, 3, "Try later"), (500, 3, "Try later")],
)
def test_nothing_can_be_read(status: int, code: int, hint: str, box: Sandbox, doctor: Callable[..., Result]) -> None:
    box.faults.add(Fault("status", "GET", times=None, status=status))
    result = doctor(box)
    told = {name: statuses(result)[name] for name in ("key", "credentials", "wire", "page_size", "receipt_dates")}
    assert (result.code, [*told.values()]) == (code, ["ok", "ok", "unknown", "fail", "fail"])
    for name in ("page_size", "receipt_dates"):
        assert (str(status) in found(result, name)["message"], hint in found(result, name)["hint"]) == (True, True)


def test_shops_that_are_not_permitted_leave_the_rest(box: Sandbox, doctor: Callable[..., Result]) -> None:
    box.load(simulate(Simulation(shops=1, days=1)))
    box.faults.add(Fault("status", "GET", "/api/v1/rsn/shops", times=None, status=403))
    result = doctor(box)
    told = statuses(result)
    assert (result.code, told["wire"], told["page_size"], told["receipt_dates"]) == (4, "unknown", "fail", "ok")


@pytest.mark.parametrize(("largest", "words"), [(37, "37 records"), (5000, None)])
def test_page_size(largest: int, words: str | None, doctor: Callable[..., Result]) -> None:
    with Sandbox(max_per_page=largest).in_thread() as box:
        check = found(doctor(box), "page_size")
    assert check["status"] == "ok"
    assert (words in check["hint"]) if words else "records are possible" in check["message"]


def test_date_filters_that_are_ignored(box: Sandbox, cli: Cli) -> None:
    box.load(simulate(Simulation(shops=1, days=1)))
    assert cli("login", "--stdin", stdin=credentials_of(box)).code == 0
    answer = cli("call", "receipts.list", "--query", "per_page=1").document
    box.faults.add(Fault("status", "GET", RECEIPTS, times=None, status=200, body=answer))
    result = cli("doctor", "--json")
    check = found(result, "receipt_dates")
    assert (result.code, check["status"]) == (1, "warn")
    assert f"{answer['meta']['total_count']} receipts on 2001-01-01" in check["message"]


def test_date_filters_that_lose_receipts(box: Sandbox, cli: Cli) -> None:
    box.load(simulate(Simulation(shops=1, days=1)))
    assert cli("login", "--stdin", stdin=credentials_of(box)).code == 0
    answer = cli("call", "receipts.list", "--query", "per_page=1").document
    box.faults.add(Fault("status", "GET", RECEIPTS, times=1, status=200, body=answer))
    empty = {"data": [], "meta": answer["meta"] | {"total_count": 0, "total_pages": 0, "next_page": None}}
    box.faults.add(Fault("status", "GET", RECEIPTS, times=None, status=200, body=empty))
    result = cli("doctor", "--json")
    assert (result.code, found(result, "receipt_dates")["status"]) == (1, "warn")
    assert "though there is a receipt on that day" in found(result, "receipt_dates")["message"]


def test_read_that_fails_is_one_finding(box: Sandbox, doctor: Callable[..., Result]) -> None:
    box.faults.add(Fault("status", "GET", RECEIPTS, times=None, status=500))
    result = doctor(box)
    assert (result.code, statuses(result)["receipt_dates"], statuses(result)["page_size"]) == (3, "fail", "ok")


def test_records_that_cannot_be_read_are_named_and_leave_the_rest(box: Sandbox, cli: Cli) -> None:
    box.load(simulate(Simulation(shops=2, days=1)))
    assert cli("login", "--stdin", stdin=credentials_of(box)).code == 0
    shops, receipts = (cli("call", f"{area}.list").document for area in ("shops", "receipts"))
    shops["data"][1]["title"] = None
    receipts["data"][0]["created_at"] = {}
    box.faults.add(Fault("status", "GET", "/api/v1/rsn/shops", times=None, status=200, body=shops))
    box.faults.add(Fault("status", "GET", RECEIPTS, times=1, status=200, body=receipts))

    result = cli("doctor", "--json")

    told = statuses(result)
    assert (result.code, told.pop("records")) == (1, "warn")
    assert set(told.values()) == {"ok"}
    message = found(result, "records")["message"]
    assert f"record {shops['data'][1]['id']} (number 2 of page 1) at $.title" in message
    assert f"record {receipts['data'][0]['id']} (number 1 of page 1) at $.created_at" in message


def test_nobody_listens(cli: Cli) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        result = cli("doctor", "--json", "--base-url", f"http://127.0.0.1:{free.getsockname()[1]}")
    assert (result.code, statuses(result)) == (3, {"address": "fail"})


@pytest.mark.parametrize(
    ("address", "word"),
    [
        ("http://example.com", "use https"),
        ("core.smartkasa.ua", "is not an address"),
        ("https://", "is not an address"),
    ],
)
def test_nothing_is_sent_to_an_address_that_no_client_takes(
    address: str, word: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "probe_connection", lambda *_: pytest.fail("it was sent"))
    for name in ("API_KEY", "PHONE_NUMBER", "PASSWORD"):
        monkeypatch.setenv(f"SMARTKASA_{name}", "380971234567")
    result = cli("doctor", "--json", "--base-url", address)
    assert (result.code, statuses(result)) == (2, {"address": "fail"})
    assert word in found(result, "address")["message"]
    assert "command line" in found(result, "address")["hint"]


def test_key_that_no_header_can_carry(box: Sandbox, doctor: Callable[..., Result]) -> None:
    result = doctor(box, api_key="two\nlines")
    assert (result.code, statuses(result)["key"]) == (2, "fail")
    assert "line break" in found(result, "key")["message"]
    assert box.calls.total() == 0


def test_doctor_does_not_send_to_the_doctor(box: Sandbox, doctor: Callable[..., Result]) -> None:
    box.faults.add(Fault("status", "POST", "/api/v1/auth/sessions", times=None, status=403))
    result = doctor(box)
    assert (result.code, "vendor's cabinet" in found(result, "credentials")["hint"]) == (4, True)
    assert "smartkasa doctor" not in result.out


def test_name_is_not_known(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("asyncio.open_connection", unknown)
    result = cli("doctor", "--json", "--base-url", "https://kasa.invalid")
    assert (result.code, statuses(result)) == (3, {"address": "fail"})
    assert "kasa.invalid is not known" in found(result, "address")["message"]
    assert "command line" not in found(result, "address")["message"]


def test_certificate_is_not_accepted(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_arguments: object, **_options: object) -> None:
        error = ssl.SSLCertVerificationError(1, "certificate verify failed")
        error.verify_code, error.verify_message = 10, "certificate has expired"
        raise error

    monkeypatch.setattr("asyncio.open_connection", refused)
    result = cli("doctor", "--json", "--base-url", "https://localhost")
    assert (result.code, statuses(result)) == (3, {"tls": "fail"})
    assert "certificate has expired" in found(result, "tls")["message"]


def test_tls_is_expected_where_http_is_spoken(box: Sandbox, cli: Cli) -> None:
    result = cli("doctor", "--json", "--base-url", box.url.replace("http:", "https:"))
    assert (result.code, statuses(result)) == (3, {"tls": "fail"})


async def checked(box: Sandbox, *, ahead: timedelta = timedelta(0)) -> dict[str, Check]:
    access = Access(box.url, box.api_key, box.phone_number, box.password, None, {"api_key": "", "base_url": ""}, None)
    now = datetime.now(UTC) + ahead
    return {check.name: check async for check in checks_of(access, "flat", "bearer", now=lambda: now)}


@pytest.mark.parametrize(
    ("minutes", "status", "word"),
    [(0, "ok", "agree"), (2, "warn", "2 min ahead"), (-60, "fail", "min behind"), (60 * 72, "fail", "3 d 0 h ahead")],
)
async def test_clock(box: Sandbox, minutes: int, status: str, word: str) -> None:
    clock = (await checked(box, ahead=timedelta(minutes=minutes)))["clock"]
    assert clock.status == status
    assert word in clock.message
    assert (clock.hint is None) == (status == "ok")


@pytest.mark.parametrize("said", ["nonsense", "Fri, 31 Dec 9999 23:59:59 -2359"])
async def test_clock_that_tells_no_time(box: Sandbox, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Transport.send

    async def send_late(*arguments: Any) -> Any:
        reply = await send(*arguments)
        return replace(reply, headers={**reply.headers, "Date": said})

    monkeypatch.setattr(Transport, "send", send_late)
    assert (await checked(box))["clock"].status == "unknown"


@pytest.mark.parametrize(("days", "status"), [(100, "ok"), (3, "warn")])
async def test_certificate_that_ends_soon(
    box: Sandbox, monkeypatch: pytest.MonkeyPatch, days: int, status: str
) -> None:
    async def probe_connection(_url: str, _network: Network) -> api_probe.ConnectionInfo:
        return api_probe.ConnectionInfo("127.0.0.1", datetime.now(UTC) + timedelta(days=days, hours=1))

    monkeypatch.setattr(checks, "probe_connection", probe_connection)
    access = Access(box.url.replace("http:", "https:"), None, None, None, None, {"base_url": ""}, None)
    found = {check.name: check async for check in checks_of(access, "flat", "bearer")}
    assert (found["tls"].status, str(days) in found["tls"].message) == (status, True)


@pytest.mark.parametrize("address", ["http://[::1", "https://kasa.example:99999"])
def test_what_is_no_address_is_told(cli: Cli, address: str) -> None:
    result = cli("doctor", "--json", "--base-url", address)
    check = found(result, "address")
    assert (result.code, check["status"]) == (2, "fail")
    assert "base_url is not an address" in check["message"]
    assert check["hint"] == "Set another base_url; this one comes from: command line."
