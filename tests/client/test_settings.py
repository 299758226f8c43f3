"""What a client is told once, and what it refuses before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from smartkasa_async import ConfigurationError, SmartKasa
from smartkasa_async.settings import DEFAULT_BASE_URL, Settings
from smartkasa_async.token_stores import MemoryTokenStore
from tests.support.service import make_session

_VARIABLES = ("API_KEY", "PHONE_NUMBER", "PASSWORD", "BASE_URL")


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(f"SMARTKASA_{name}", raising=False)


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(_VARIABLES, ("key", "380", "p", "http://localhost:1/"), strict=True):
        monkeypatch.setenv(f"SMARTKASA_{name}", value)
    settings = Settings()
    assert (settings.key, settings.phone_number, settings.password) == ("key", "380", "p")
    assert settings.address == "http://localhost:1"


def test_arguments_go_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTKASA_API_KEY", "other")
    assert Settings(api_key="key").key == "key"


def test_empty_variables_count_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.setenv(f"SMARTKASA_{name}", "")
    settings = Settings(api_key="key")
    assert (settings.phone_number, settings.password, settings.address) == (None, None, DEFAULT_BASE_URL)


def test_key_is_needed() -> None:
    with pytest.raises(ConfigurationError, match="SMARTKASA_API_KEY"):
        Settings()


@pytest.mark.parametrize(
    "key", ["s3cret key", "s3cret\n", "s3cret\r\nX: y", "s3cret\t", "ключ-s3cret", "s3cret\x7f", b"s3cret"]
)
def test_key_that_no_header_can_carry_is_refused_unquoted(key: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings(api_key=key)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "given", [{"phone_number": "380"}, {"password": "s3cret"}, {"phone_number": 380, "password": "s3cret"}]
)
def test_credentials_come_together_and_as_text(given: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings(api_key="key", **given)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://core.smartkasa.ua",
        "https://core.smartkasa.ua/",
        "HTTPS://core.smartkasa.ua:443/prefix/",
        "http://localhost:8080",
        "http://127.0.0.1",
        "http://127.8.9.10:1",
        "http://[::1]:8080",
    ],
)
def test_safe_addresses_are_taken(url: str) -> None:
    assert Settings(api_key="key", base_url=url).address == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://core.smartkasa.ua",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0",
        "http://192.168.0.1",
        "http://[::]",
        "ftp://localhost",
        "core.smartkasa.ua",
        "//core.smartkasa.ua",
        "https://",
        "https:///path",
        "https://h:99999",
        "https://h:x",
        "https://[::1",
        "https://user:s3cret@core.smartkasa.ua",
        "https://@core.smartkasa.ua",
        "https://core.smartkasa.ua?x=1",
        "https://core.smartkasa.ua?",
        "https://core.smartkasa.ua#x",
        "https://core smartkasa.ua",
        "https://core.smartkasa.ua\n",
        "https://core.smartkasa.ua/\r\nX: y",
        "https://a..b",
        f"https://{'a' * 64}.ua",
        "https://\udc80",
        5,
    ],
)
def test_other_addresses_are_refused(url: Any) -> None:
    with pytest.raises(ConfigurationError, match="base_url") as caught:
        Settings(api_key="key", base_url=url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", ["timeout", "concurrency", "calls_per_second", "max_answer_bytes"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "5", True])
def test_numbers_are_finite_and_above_zero(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Settings(api_key="key", **{name: value})


@pytest.mark.parametrize(("name", "value"), [("timeout", None), ("concurrency", 1.5), ("max_answer_bytes", 1.5)])
def test_limits_are_of_their_kind(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Settings(api_key="key", **{name: value})


@pytest.mark.parametrize("wire", ["Flat", "", None, 5])
def test_wire_form_is_one_of_two(wire: Any) -> None:
    with pytest.raises(ConfigurationError, match="flat"):
        Settings(api_key="key", wire=wire)


def test_session_and_store_exclude_each_other() -> None:
    with pytest.raises(ConfigurationError, match="token_store"):
        SmartKasa(api_key="key", session=make_session(), token_store=MemoryTokenStore())


def test_secrets_stay_out_of_reprs() -> None:
    settings = Settings(api_key="s3cret-k", phone_number="380979998877", password="s3cret-p")
    kasa = SmartKasa(api_key="s3cret-k", session=make_session("s3cret-a", "s3cret-r"))
    shown = f"{settings!r}{kasa!r}{kasa.shops!r}{SmartKasa.blocking(api_key='s3cret-k').shops!r}"
    assert "<Shops of " in shown
    assert "<blocking <Shops of " in shown
    assert "s3cret" not in shown
    assert "9998877" not in shown
