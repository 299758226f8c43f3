"""Price lists by link: what is fetched, what is refused in true words, and what never goes along."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import ConfigurationError, SmartKasaError
from smartkasa_async._support.network import Network
from smartkasa_async.catalog import LinkError, SourceError, import_products
from smartkasa_async.catalog.sources import links
from smartkasa_async.catalog.sources.links import fetched, is_link, name_of_link, shown_link
from smartkasa_async.catalog.sources.source import open_source
from tests.support.catalogue_service import FakeKasa
from tests.support.connect_proxy import HOST, Authority, proxying
from tests.support.service import Arrived, answer, serve

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("empty_temporary_folder")

_FEED = """<?xml version="1.0" encoding="UTF-8"?><yml_catalog><shop><offers>
<offer id="1" available="true"><name>Кава</name><price>189.90</price><currencyId>UAH</currencyId>
<barcode>4823012345039</barcode></offer></offers></shop></yml_catalog>""".encode()
_TABLE = "Штрихкод;Назва;Ціна\n4823012345039;Кава;189,90\n".encode()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def _kasa(network: Network | None = None) -> Any:
    kasa = FakeKasa()
    kasa.network = network or Network()
    return kasa


async def _titles(link: str, network: Network | None = None) -> list[str]:
    kasa = _kasa(network)
    await import_products(kasa, link, late_write_window=0)
    return list(kasa.created)


async def _refusal(link: Any, network: Network | None = None) -> SmartKasaError:
    kasa = _kasa(network)
    with pytest.raises(SmartKasaError) as caught:
        await import_products(kasa, link, late_write_window=0)
    assert kasa.calls == []
    assert "s3cret" not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    return caught.value


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        ("/feed.xml", answer(_FEED)),
        ("/", answer(_FEED)),
        ("/export?token=5", answer(_FEED)),
        ("/price.csv", answer(_TABLE)),
        ("/feed.xml.gz", answer(gzip.compress(_FEED))),
        ("/feed.xml", answer(gzip.compress(_FEED), 200, "Content-Encoding: gzip")),
        ("/feed.xml.gz", answer(gzip.compress(_FEED), 200, "Content-Encoding: gzip", "Content-Type: application/gzip")),
        ("/download", answer(_TABLE, 200, 'Content-Disposition: attachment; filename="../../price.csv"')),
        ("/%D0%BF%D1%80%D0%B0%D0%B9%D1%81.csv", answer(_TABLE)),
        ("/прайс.csv", answer(_TABLE)),
    ],
)
async def test_lists_are_fetched_and_unpacked(path: str, reply: bytes) -> None:
    async with serve(reply) as service:
        assert await _titles(service.url + path) == ["Кава"]


async def test_https_goes_by_the_clients_proxy_and_authority_and_takes_nothing_of_the_client_along(
    authority: Authority,
) -> None:
    async with (
        serve(answer(_FEED), tls=authority.server()) as service,
        proxying(service.url, credentials="till:s3cret") as proxy,
    ):
        network = Network.of(proxy=proxy.named("till:s3cret"), ca_file=authority.file)
        assert await _titles(f"https://{HOST}/feed.xml?token=s3cret", network) == ["Кава"]
    assert proxy.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]
    names = {name.lower() for arrived in service.arrived for name in arrived.headers}
    assert names == {"host", "user-agent", "accept", "accept-encoding"}


async def test_the_environment_says_how_where_no_client_does(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve(answer(_FEED), tls=authority.server()) as service, proxying(service.url) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("SMARTKASA_CA_FILE", str(authority.file))
        async with open_source(f"https://{HOST}/feed.xml") as reader:
            assert len(await reader.read(10)) == 1
            assert reader.location.file == "feed.xml"
            assert reader.digest is not None
    assert len(proxy.asked) == 1


async def test_user_and_password_go_to_their_host_alone() -> None:
    def reply(arrived: Arrived) -> bytes:
        place = "/there" if arrived.target == "/here" else f"{other.url}/feed.xml"
        return answer(b"", 302, f"Location: {place}")

    async with serve(answer(_FEED)) as other, serve(reply) as service:
        link = service.url.replace("://", "://shop:s3cret@") + "/here"
        assert await _titles(link) == ["Кава"]
    assert ["Authorization" in arrived.headers for arrived in service.arrived] == [True, True]
    assert ["Authorization" in arrived.headers for arrived in other.arrived] == [False]


async def test_redirects_are_few_and_lead_to_https(authority: Authority) -> None:
    async with serve(lambda arrived: answer(b"", 302, f"Location: {arrived.target}x")) as service:
        assert "leads on and on" in str(await _refusal(f"{service.url}/a"))
        assert len(service.arrived) == 6
    for target in ("http://127.0.0.1:1/s3cret", "http://shop.example/feed.xml", "ftp://shop.example/feed.xml"):
        reply = answer(b"", 301, f"Location: {target}")
        async with serve(reply, tls=authority.server()) as service:
            error = await _refusal(f"{service.url}/feed.xml", Network.of(ca_file=authority.file))
            assert isinstance(error, SourceError)
            assert not isinstance(error, LinkError)
            assert len(service.arrived) == 1


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("http://shop.example/feed.xml?key=s3cret", "not encrypted"),
        ("http://user:s3cret@192.168.0.5/feed.xml", "not encrypted"),
        ("ftp://user:s3cret@shop.example/price.csv", "download"),
        ("file:///tmp/price.csv", "download"),
        ("s3://bucket/price.csv", "download"),
        ("https://", "no whole link"),
        ("https:///price.csv", "no whole link"),
        ("https:/shop.example/price.csv", "no whole link"),
        ("https://shop.example:99999/price.csv", "no whole link"),
        ("https://shop.example/pri ce.csv", "no whole link"),
        ("https://shop.example/feed\x1b[2Js3cret", "no whole link"),
        (Path("https://shop.example/feed.xml"), "str"),
    ],
)
async def test_what_cannot_be_fetched_is_refused_in_true_words(link: Any, words: str) -> None:
    error = await _refusal(link)
    assert isinstance(error, SourceError)
    assert words in str(error)


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (answer(b"", 401), SourceError, "asks for a login (401)"),
        (answer(b"", 403), SourceError, "asks for a login (403)"),
        (answer(b"", 404), SourceError, "no file at"),
        (answer(b"", 410), SourceError, "no file at"),
        (answer(b"", 429), LinkError, "status 429"),
        (answer(b"s3cret", 503), LinkError, "status 503"),
        (answer(b"", 304), LinkError, "status 304"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", LinkError, "status 204"),
        (answer(b"<!DOCTYPE html><title>Sign in</title>"), SourceError, "web page"),
        (b"", LinkError, "the service closed the connection"),
        (b"s3cret\r\n\r\n", LinkError, "could not be fetched"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + _FEED[:100], LinkError, "the answer is incomplete"),
        (answer(b"s3cret", 200, "Content-Encoding: gzip"), LinkError, "could not be fetched"),
        (answer(gzip.compress(_FEED)[:-20]), LinkError, "damaged or cut off"),
        (answer(gzip.compress(_FEED)[:10] + b"s3cret" * 9), LinkError, "damaged or cut off"),
    ],
)
async def test_an_answer_that_is_no_list_is_told_as_what_it_is(
    reply: bytes, kind: type[SourceError], words: str
) -> None:
    async with serve(reply, keep_open=False) as service:
        error = await _refusal(f"{service.url}/feed.xml?key=s3cret")
    assert type(error) is kind, repr(error)
    assert words in str(error)
    assert f"{service.url}/feed.xml" in str(error)


async def test_a_server_that_is_not_there_or_not_trusted(authority: Authority) -> None:
    async with serve(answer(_FEED), tls=authority.server()) as service:
        error = await _refusal(f"{service.url}/feed.xml")
        assert isinstance(error, LinkError)
        assert "unable to get local issuer certificate" in str(error)
    error = await _refusal(f"{service.url}/feed.xml")
    assert isinstance(error, LinkError)
    assert "Connection refused" in str(error)


async def test_a_proxy_that_refuses(authority: Authority) -> None:
    async with serve(b"") as service, proxying(service.url, credentials="till:s3cret") as proxy:
        error = await _refusal(f"https://{HOST}/feed.xml", Network.of(proxy=proxy.named("till:other-s3cret")))
    assert isinstance(error, LinkError)
    assert "the proxy answers 407" in str(error)


@pytest.mark.parametrize(
    "reply",
    [
        lambda: answer(b"x" * 5000),
        lambda: b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000,
        lambda: answer(gzip.compress(b"x" * 5000)),
        lambda: answer(gzip.compress(b"x" * 5000), 200, "Content-Encoding: gzip"),
    ],
)
async def test_size_is_bounded_packed_and_unpacked(reply: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_BYTES", 4000)
    async with serve(reply(), keep_open=False) as service:
        error = await _refusal(f"{service.url}/feed.xml")
    assert "is larger than" in str(error)


async def test_time_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_SECONDS", 0.1)
    async with serve(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nx") as service:
        error = await _refusal(f"{service.url}/feed.xml")
    assert isinstance(error, LinkError)
    assert "too long" in str(error)


async def test_a_wrong_proxy_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://user:s3cret@one:1")
    error = await _refusal("https://shop.example/feed.xml", Network.of())
    assert isinstance(error, ConfigurationError)


@pytest.mark.parametrize(
    ("source", "is_one"),
    [
        ("https://shop.example/feed.xml", True),
        ("HTTP://shop.example", True),
        ("ftp://shop.example/x", True),
        (Path("https://shop.example/x"), True),
        (b"https://shop.example/x", False),
        ("price.csv", False),
        ("/tmp/price.csv", False),
        ("C:/price.csv", False),
        ("C:\\price.csv", False),
        ("price:2026/list.csv", False),
        ("shop.example/feed.xml", False),
        (os.fsdecode(b"pri\xffce.csv"), False),
        ([], False),
        (None, False),
    ],
)
def test_links_are_told_from_paths(source: object, *, is_one: bool) -> None:
    assert is_link(source) is is_one


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://shop.example/a/feed.xml?x=1#y", "feed.xml"),
        ("https://shop.example", "feed"),
        ("https://shop.example/a/", "a"),
        ("https://shop.example/%2e%2e", "feed"),
        ("https://shop.example/..%2f..%2fx.csv", "x.csv"),
        ("https://shop.example/a%5Cb.csv", "b.csv"),
        ("https://shop.example/a%00b%0A.csv", "a_b_.csv"),
        ("https://shop.example/.bashrc", "bashrc"),
        ("https://shop.example/" + "я" * 300 + ".csv", "я" * 96 + ".csv"),
    ],
)
def test_names_of_links_are_names_of_files(link: str, name: str) -> None:
    assert name_of_link(link) == name


def test_what_is_shown_of_a_link_holds_no_key() -> None:
    assert shown_link("https://u:s3cret@Shop.example:8443/f.xml?k=s3cret#s3cret") == "https://shop.example:8443/f.xml"


async def test_a_file_is_gone_when_it_has_been_read() -> None:
    async with serve(answer(_TABLE)) as service, fetched(f"{service.url}/price.csv", Network()) as path:
        assert path.read_bytes() == _TABLE
    assert not path.exists()
