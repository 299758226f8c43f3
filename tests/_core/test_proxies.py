"""Calls through a proxy and by a company's own authority, against a real proxy and a certificate made for the test."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from smartkasa_async import (
    CertificateError,
    ConfigurationError,
    NotConnectedError,
    ProxyRefusedError,
    RetryPolicy,
    SmartKasa,
    SmartKasaError,
)
from smartkasa_async.models import CategoryCreate
from tests.support.connect_proxy import HOST, Authority, proxying
from tests.support.service import Service, answer, make_session, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from smartkasa_async.events import Event

_PAGE = answer(
    {"data": [], "meta": {"current_page": 1, "limit_value": 100, "offset_value": 0, "total_pages": 1, "total_count": 0}}
)
_CREDENTIALS = "till:p%40ss-w0rd-s3cret"
_SECRETS = ("s3cret-key", "s3cret-token", "your_refresh_token_here")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
async def service(authority: Authority) -> AsyncIterator[Service]:
    async with serve(_PAGE, tls=authority.server()) as service:
        yield service


def _client(authority: Authority | None, **settings: Any) -> SmartKasa:
    given = {
        "api_key": "s3cret-key",
        "base_url": f"https://{HOST}",
        "session": make_session("s3cret-token"),
        "retry": RetryPolicy(retries=0),
        "timeout": 5.0,
        "ca_file": authority.file if authority else None,
    }
    return SmartKasa(**{**given, **settings})


async def test_calls_go_through_the_proxy_which_reads_nothing_of_them(authority: Authority, service: Service) -> None:
    async with proxying(service.url) as proxy, _client(authority, proxy=proxy.url) as kasa:
        for _ in range(3):
            assert (await kasa.shops.list()).data == []
    assert proxy.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]  # the connection is kept
    assert [arrived.headers["X-API-KEY"] for arrived in service.arrived] == ["s3cret-key"] * 3
    assert not any("Proxy-Authorization" in arrived.headers for arrived in service.arrived)
    assert not any(secret.encode() in proxy.seen for secret in _SECRETS)


async def test_the_proxy_is_given_its_credentials(authority: Authority, service: Service) -> None:
    async with (
        proxying(service.url, credentials="till:p@ss-w0rd-s3cret") as proxy,
        _client(authority, proxy=proxy.named(_CREDENTIALS)) as kasa,
    ):
        assert (await kasa.shops.list()).data == []
    assert not any("Proxy-Authorization" in arrived.headers for arrived in service.arrived)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "SMARTKASA_PROXY"])
async def test_the_environment_names_the_proxy(
    variable: str, authority: Authority, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with proxying(service.url, credentials="till:p@ss-w0rd-s3cret") as proxy:
        monkeypatch.setenv(variable, proxy.named(_CREDENTIALS))
        monkeypatch.setenv("SMARTKASA_CA_FILE", str(authority.file))
        async with _client(None) as kasa:
            assert (await kasa.shops.list()).data == []
    assert len(proxy.asked) == 1


async def test_what_is_excepted_and_what_is_not_trusted_goes_directly(
    authority: Authority, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with proxying(service.url) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        async with _client(authority, base_url=service.url, trust_env=False) as kasa:
            assert (await kasa.shops.list()).data == []
        monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.0/8")
        async with _client(authority, base_url=service.url) as kasa:
            assert (await kasa.shops.list()).data == []
        assert proxy.asked == []


async def test_plain_http_on_loopback_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serve(_PAGE) as service, proxying(service.url) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        async with _client(None, base_url=service.url, proxy=proxy.url) as kasa:
            assert (await kasa.shops.list()).data == []
    assert (proxy.asked, len(service.arrived)) == ([], 1)


async def test_the_way_to_the_proxy_may_be_encrypted_too(authority: Authority, service: Service) -> None:
    tls = authority.server("127.0.0.1")
    async with (
        proxying(service.url, credentials="till:p@ss-w0rd-s3cret", tls=tls) as proxy,
        _client(authority, proxy=proxy.named(_CREDENTIALS)) as kasa,
    ):
        assert (await kasa.shops.list()).data == []
    assert proxy.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]


# --- what fails before a connection stands: nothing was sent ---------------------------------------------------------


async def _failure(kasa: SmartKasa) -> SmartKasaError:
    """Fail a write, which would be in doubt if anything had been sent."""
    async with kasa:
        with pytest.raises(SmartKasaError) as caught:
            await kasa.categories.create(CategoryCreate(title="Кава"))
    _assert_no_secret(caught.value)
    return caught.value


def _assert_no_secret(error: BaseException) -> None:
    queue: list[BaseException | None] = [error]
    seen: list[BaseException] = []
    while queue:
        current = queue.pop()
        if current is not None and current not in seen:
            seen.append(current)
            queue += [current.__cause__, current.__context__]
            shown = f"{current} {current!r} {current.args!r} {vars(current)!r}"
            assert [word for word in ("s3cret", "p@ss", "p%40ss", "dGlsbDpwQHNzLX") if word in shown] == []


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (b"HTTP/1.1 403 s3cret\r\nContent-Length: 0\r\n\r\n", ProxyRefusedError, r"\(403 Forbidden\)"),
        (b"HTTP/1.1 502 s3cret\r\nContent-Length: 6\r\n\r\ns3cret", ProxyRefusedError, r"\(502 Bad Gateway\)"),
        (b"HTTP/1.1 302 s3cret\r\nLocation: http://s3cret/\r\n\r\n", ProxyRefusedError, r"\(302 Found\)"),
        (b"HTTP/1.1 799 s3cret\r\nContent-Length: 0\r\n\r\n", ProxyRefusedError, r"\(799\)"),
        (b"HTTP/1.1 407 s3cret\r\nContent-Length: 0\r\n\r\n", ProxyRefusedError, "does not accept the user"),
        (b"", NotConnectedError, "through the proxy 127.0.0.1:"),
        (b"HTTP/1.1 200", NotConnectedError, "through the proxy 127.0.0.1:"),
        (b"s3cret s3cret s3cret\r\n\r\n", NotConnectedError, "through the proxy 127.0.0.1:"),
        (b"HTTP/1.1 200 OK\r\n\r\ns3cret", NotConnectedError, "through the proxy 127.0.0.1:"),
        (b"HTTP/1.1 200 OK\r\n\r\n", NotConnectedError, "through the proxy 127.0.0.1:"),
    ],
)
async def test_a_proxy_that_does_not_pass_on_means_that_nothing_was_sent(
    reply: bytes, kind: type[SmartKasaError], words: str, authority: Authority, service: Service
) -> None:
    async with proxying(service.url, reply=reply) as proxy:
        error = await _failure(_client(authority, proxy=proxy.named(_CREDENTIALS)))
    assert type(error) is kind, repr(error)
    assert proxy.address in str(error)
    assert error.operation == "createCategory"
    with pytest.raises(kind, match=words):
        raise error
    assert service.arrived == []


@pytest.mark.parametrize(
    ("named", "words"),
    [("", "asks for a user and a password"), ("till:other-s3cret", "does not accept the user and the password")],
)
async def test_407_is_told_in_words(named: str, words: str, authority: Authority, service: Service) -> None:
    async with proxying(service.url, credentials="till:p@ss-w0rd-s3cret") as proxy:
        error = await _failure(_client(authority, proxy=proxy.named(named) if named else proxy.url))
    assert isinstance(error, ProxyRefusedError)
    assert error.status == 407
    assert words in str(error)


async def test_a_proxy_that_is_not_there_means_that_nothing_was_sent(authority: Authority, service: Service) -> None:
    async with proxying(service.url) as proxy:
        pass
    error = await _failure(_client(authority, proxy=proxy.named(_CREDENTIALS)))
    assert type(error) is NotConnectedError
    assert f"The proxy could not be reached: {proxy.address}: Connection refused" in str(error)


async def test_a_proxy_that_never_answers_means_that_nothing_was_sent(authority: Authority) -> None:
    async with serve(b"") as silent:  # waits for more than it is sent
        error = await _failure(_client(authority, proxy=silent.url.replace("http", "https"), timeout=0.3))
    assert type(error) is NotConnectedError
    started = asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        started.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(swallow, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        error = await _failure(_client(authority, proxy=f"http://127.0.0.1:{port}", timeout=0.3))
    assert started.is_set()
    assert type(error) is NotConnectedError


@pytest.mark.parametrize(("status", "attempts"), [(502, 3), (503, 3), (429, 3), (403, 1), (407, 1), (302, 1)])
async def test_only_passing_faults_of_a_proxy_are_tried_again(
    status: int, attempts: int, authority: Authority, service: Service
) -> None:
    reply = answer(b"", status)
    async with proxying(service.url, reply=reply) as proxy:
        kasa = _client(authority, proxy=proxy.url, retry=RetryPolicy(retries=2, first_wait=0.0))
        assert isinstance(await _failure(kasa), ProxyRefusedError)
    assert len(proxy.asked) == attempts


# --- certificates ----------------------------------------------------------------------------------------------------


async def test_an_authority_that_nobody_named_is_not_trusted(authority: Authority, service: Service) -> None:
    error = await _failure(_client(None, base_url=service.url))
    assert isinstance(error, CertificateError)
    assert "ca_file" in str(error)
    async with proxying(service.url) as proxy:
        error = await _failure(_client(None, proxy=proxy.url))
    assert isinstance(error, CertificateError)
    assert HOST in str(error)
    assert service.arrived == []


async def test_a_certificate_for_another_name_is_not_trusted(authority: Authority) -> None:
    async with serve(_PAGE, tls=authority.server("other.example")) as service, proxying(service.url) as proxy:
        assert isinstance(await _failure(_client(authority, proxy=proxy.url)), CertificateError)
    assert service.arrived == []


async def test_a_context_of_ones_own_checks_certificates(authority: Authority, service: Service) -> None:
    context = ssl.create_default_context(cafile=authority.file)
    async with _client(None, base_url=service.url, ssl_context=context) as kasa:
        assert (await kasa.shops.list()).data == []


def test_the_systems_authorities_are_trusted_besides(authority: Authority, tmp_path_factory: Any) -> None:
    other = Authority(tmp_path_factory.mktemp("other"))
    context = _client(authority)._settings.network.ssl_context
    assert context is not None
    assert len(context.get_ca_certs()) == len(ssl.create_default_context().get_ca_certs()) + 1
    assert other.file.read_text() != authority.file.read_text()


# --- connectors of one's own -----------------------------------------------------------------------------------------


async def test_a_connector_of_ones_own_is_used_in_each_event_loop(service: Service, authority: Authority) -> None:
    made: list[aiohttp.BaseConnector] = []

    def make() -> aiohttp.BaseConnector:
        made.append(aiohttp.TCPConnector())
        return made[-1]

    kasa = _client(authority, base_url=service.url, connector_factory=make)

    async def call() -> None:
        async with kasa:
            assert (await kasa.shops.list()).data == []

    await call()
    await asyncio.to_thread(asyncio.run, call())
    assert len(made) == 2
    assert all(connector.closed for connector in made)


async def test_a_connector_that_cannot_connect_means_that_nothing_was_sent(authority: Authority) -> None:
    class Socks(aiohttp.TCPConnector):
        async def _create_connection(self, *_: Any) -> Any:
            raise ValueError("s3cret")

    error = await _failure(_client(authority, connector_factory=Socks))
    assert type(error) is NotConnectedError


async def test_a_factory_that_makes_no_connector_is_named(authority: Authority) -> None:
    kasa = _client(authority, connector_factory=dict)
    with pytest.raises(ConfigurationError, match="connector_factory"):
        await kasa.shops.list()


# --- what is shown ---------------------------------------------------------------------------------------------------


async def test_credentials_of_a_proxy_are_in_no_event_and_no_log(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[Event] = []
    body = {"errors": {"base": ["till:p@ss-w0rd-s3cret dGlsbDpwQHNzLXcwcmQtczNjcmV0"]}}
    async with serve(answer(body, 422), tls=authority.server()) as service, proxying(service.url) as proxy:
        kasa = _client(authority, proxy=proxy.named(_CREDENTIALS), on_event=heard.append)
        with caplog.at_level(logging.DEBUG):
            error = await _failure(kasa)
    assert error.status == 422
    assert "***" in str(error)
    assert "p@ss" not in f"{heard!r} {caplog.text}"
