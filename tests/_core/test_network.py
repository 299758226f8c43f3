"""Which proxy an address is reached through, and what is refused before anything is sent."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import ConfigurationError, SmartKasa
from smartkasa_async._support.network import Network, Proxy, is_excepted
from smartkasa_async.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

_URL = "https://pos.example.com"
_PROXY = "http://user:s3cret@proxy.example:3128"


@pytest.mark.parametrize(
    ("text", "url", "shown", "authorization"),
    [
        ("http://proxy:3128", "http://proxy:3128", "proxy:3128", None),
        ("http://proxy:3128/", "http://proxy:3128", "proxy:3128", None),
        (" http://proxy:3128\r\n", "http://proxy:3128", "proxy:3128", None),
        ("proxy:3128", "http://proxy:3128", "proxy:3128", None),
        ("http://proxy", "http://proxy:80", "proxy:80", None),
        ("HTTPS://Proxy", "https://proxy:443", "proxy:443", None),
        ("http://[::1]:3128", "http://[::1]:3128", "[::1]:3128", None),
        ("http://u:p@proxy:1", "http://proxy:1", "proxy:1", "Basic dTpw"),
        ("u:p@proxy:1", "http://proxy:1", "proxy:1", "Basic dTpw"),
        ("http://u@proxy:1", "http://proxy:1", "proxy:1", "Basic dTo="),
        ("http://u:%40%3A%2F@proxy:1", "http://proxy:1", "proxy:1", "Basic dTpAOi8="),
        ("http://u:пароль@proxy:1", "http://proxy:1", "proxy:1", "Basic dTrQv9Cw0YDQvtC70Yw="),
    ],
)
def test_addresses_of_proxies_are_read(text: str, url: str, shown: str, authorization: str | None) -> None:
    proxy = Proxy.parse(text, "proxy")
    assert (proxy.url, proxy.shown, proxy.authorization) == (url, shown, authorization)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("socks5://user:s3cret@proxy:1080", "socks5"),
        ("socks5h://proxy:1080", "socks5h"),
        ("ftp://proxy", "ftp"),
        ("http://", "address"),
        ("http://user:s3cret/@proxy:1", "%2F"),
        ("http://user:s3cret#1@proxy:1", "address"),
        ("http://user:s3cret?1@proxy:1", "address"),
        ("http://proxy:s3cret", "address"),
        ("http://proxy:99999", "address"),
        ("http://proxy/s3cret", "address"),
        ("http://pro xy:1", "address"),
        ("http://proxy:1\r\nX: s3cret", "address"),
        ("http://a..b:1", "address"),
        ("http+unix://s3cret", "address"),
        ("http://proxy:0", "address"),
    ],
)
def test_what_is_no_address_of_a_proxy_is_refused_unquoted(text: str, word: str) -> None:
    with pytest.raises(ConfigurationError, match="proxy") as caught:
        Settings(api_key="key", proxy=text)
    assert word in str(caught.value)
    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"


@pytest.mark.parametrize(
    ("exceptions", "is_direct"),
    [
        ("", False),
        ("*", True),
        ("other.com, *", True),
        ("pos.example.com", True),
        ("POS.Example.COM", True),
        ("example.com", True),
        (".example.com", True),
        ("*.example.com", True),
        ("*example.com", True),
        ("localhost,example.com", True),
        ("localhost example.com", True),
        ("pos.example.com:443", True),
        ("pos.example.com:8443", False),
        ("s.example.com", False),
        ("ample.com", False),
        ("com.", True),
        ("example.com.ua", False),
        (",", False),
        (".", False),
        ("10.0.0.0/8", False),
    ],
)
def test_exceptions_of_names(exceptions: str, *, is_direct: bool) -> None:
    assert is_excepted("pos.example.com", 443, exceptions) is is_direct


@pytest.mark.parametrize(
    ("host", "exceptions", "is_direct"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.1.2.3:443", True),
        ("10.1.2.3", "10.1.2.3:80", False),
        ("10.1.2.30", "10.1.2.3", False),
        ("10.1.2.3", "fd00::/8", False),
        ("fd00::1", "fd00::/8", True),
        ("fd00::1", "[fd00::1]:443", True),
        ("fd00::1", "[fd00::1]", True),
        ("fd00::1", "[fd00::1]:80", False),
        ("::1", "::1", True),
    ],
)
def test_exceptions_of_addresses(host: str, exceptions: str, *, is_direct: bool) -> None:
    assert is_excepted(host, 443, exceptions) is is_direct


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://one:1"}, "one:1"),
        ({"https_proxy": "http://one:1"}, "one:1"),
        ({"HTTPS_PROXY": "one:1"}, "one:1"),
        ({"ALL_PROXY": "http://two:2"}, "two:2"),
        ({"HTTPS_PROXY": "http://one:1", "ALL_PROXY": "http://two:2"}, "one:1"),
        ({"HTTP_PROXY": "http://three:3"}, None),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTPS_PROXY": "http://one:1", "NO_PROXY": "example.com"}, None),
        ({"HTTPS_PROXY": "http://one:1", "no_proxy": "pos.example.com"}, None),
        ({"HTTPS_PROXY": "http://one:1", "NO_PROXY": "other.com"}, "one:1"),
    ],
)
def test_environment_is_heeded_unless_it_is_not_to_be(
    environment: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = Settings(api_key="key", base_url=_URL).network.proxy_for(_URL)
    assert (found.shown if found else None) == proxy
    assert Settings(api_key="key", base_url=_URL, trust_env=False).network.proxy_for(_URL) is None
    monkeypatch.setenv("SMARTKASA_TRUST_ENV", "No")
    assert Settings(api_key="key", base_url=_URL).network.proxy_for(_URL) is None


def test_a_proxy_that_is_said_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://one:1")
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("SMARTKASA_PROXY", "http://two:2")
    found = Settings(api_key="key", base_url=_URL).network.proxy_for(_URL)
    assert found is not None
    assert found.shown == "two:2"
    found = Settings(api_key="key", base_url=_URL, proxy="http://three:3").network.proxy_for(_URL)
    assert found is not None
    assert found.shown == "three:3"


def test_a_wrong_proxy_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://user:s3cret@one:1")
    with pytest.raises(ConfigurationError, match="ALL_PROXY") as caught:
        Settings(api_key="key", base_url=_URL)
    assert "s3cret" not in str(caught.value)
    Settings(api_key="key", base_url=_URL, trust_env=False)
    Settings(api_key="key", base_url="http://127.0.0.1:1")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost", "HTTP://[::1]:1"])
def test_what_is_not_encrypted_goes_through_no_proxy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://one:1")
    assert Settings(api_key="key", base_url=url).network.proxy_for(url) is None
    assert Settings(api_key="key", base_url=url, proxy=_PROXY).network.proxy_for(url) is None


def test_credentials_of_a_proxy_are_in_no_repr() -> None:
    settings = Settings(api_key="key", base_url=_URL, proxy=_PROXY)
    kasa = SmartKasa(api_key="key", base_url=_URL, proxy=_PROXY)
    shown = f"{settings!r} {kasa!r} {settings.network!r} {settings.network.proxy_for(_URL)!r}"
    assert "s3cret" not in shown
    assert "dXNlcjpzM2NyZXQ" not in shown  # the header's value


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"proxy": ""}, "proxy"),
        ({"proxy": 5}, "int"),
        ({"trust_env": "yes"}, "true or false"),
        ({"ca_file": "no-such-file.pem"}, "No such file"),
        ({"ca_file": "a\0b"}, "cannot be read"),
        ({"ca_file": 5}, "cannot be read"),
        ({"ssl_context": True}, "SSLContext"),
        ({"ssl_context": ssl.create_default_context(), "ca_file": "ca.pem"}, "one of them"),
        ({"connector_factory": 5}, "int"),
    ],
)
def test_wrong_settings_are_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        Settings(api_key="key", base_url=_URL, **given)


def test_a_file_without_certificates_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    monkeypatch.setenv("SMARTKASA_CA_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(ConfigurationError, match="PEM"):
        Settings(api_key="key", base_url=_URL)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        Settings(api_key="key", base_url=_URL, ca_file=tmp_path)


def test_trust_env_of_the_environment_is_yes_or_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTKASA_TRUST_ENV", "maybe")
    with pytest.raises(ConfigurationError, match="trust_env"):
        Settings(api_key="key")


def test_certificates_are_checked_but_on_loopback() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with pytest.raises(ConfigurationError, match="ca_file"):
        Settings(api_key="key", base_url=_URL, ssl_context=context)
    assert Settings(api_key="key", base_url="https://127.0.0.1:1", ssl_context=context).network.ssl_context is context


def test_a_network_without_a_word_is_direct() -> None:
    assert Network().proxy_for(_URL) is None
