"""Settings: flags over environment over file over defaults, profiles, and what is wrong in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.cli.configuration import SETTINGS, configuration_file, read_configuration
from smartkasa_async.cli.errors import CommandError, Exit, cli_error_of
from tests.support.commandline import credentials_of

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli

EVERYTHING = """
profile = "north"
base_url = "https://all.example.com"
timeout = 10
store = "all.sqlite"

[profiles.north]
base_url = "https://north.example.com"
timeout = 20

[profiles.south]
wire = "enveloped"
"""


def write(text: str, name: str = "smartkasa.toml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def refusal(text: str) -> str:
    write(text)
    with pytest.raises(CommandError) as caught:
        read_configuration()
    error = cli_error_of(caught.value)
    assert error is not None
    assert error.exit == Exit.USAGE
    return error.message


@pytest.mark.parametrize("option", ["--config", "--profile", "--base-url", "--store", "--set", "--lang"])
def test_empty_option_is_told(option: str, cli: Cli) -> None:
    result = cli("whoami", option, "")
    assert (result.code, result.err) == (2, f"Error: {option} is empty; give it a value, or leave it out\n")
    assert cli("whoami", f"{option}=").err == cli(option, "", "whoami").err == result.err


@pytest.mark.parametrize(("pair", "name"), [("store=", "store"), ("password:hush", "password")])
def test_setting_without_a_value_is_told_by_its_name_alone(pair: str, name: str, cli: Cli) -> None:
    result = cli("whoami", "--set", pair)
    assert (result.code, result.err) == (2, f"Error: --set {name} has no value; write --set NAME=VALUE\n")


def test_empty_variable_is_none(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    write('lang = "uk"\n')
    before = cli("whoami", "--json").document
    for name in (*SETTINGS, "config", "profile", "api_key", "password"):
        monkeypatch.setenv(f"SMARTKASA_{name.upper()}", "")
    monkeypatch.setenv("SMARTKASA_SECRETS", "file")
    assert cli("whoami", "--json").document == before
    assert "Налаштування" in cli("whoami").out


def test_empty_texts_in_the_file_are_told() -> None:
    assert "store is ''; give a text in quotes that is not empty" in refusal('store = ""')
    assert 'write profile = "NAME"' in refusal('profile = ""')


def test_each_source_goes_over_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    write(EVERYTHING)
    monkeypatch.setenv("SMARTKASA_TIMEOUT", "30")
    settings = read_configuration({"timeout": "40.5"})
    assert (settings.timeout, settings.found["timeout"].source) == (40.5, "flag")
    settings = read_configuration()
    assert (settings.timeout, settings.found["timeout"].source) == (30.0, "SMARTKASA_TIMEOUT")
    monkeypatch.delenv("SMARTKASA_TIMEOUT")
    settings = read_configuration()
    assert (settings.timeout, settings.found["timeout"].source) == (20.0, "smartkasa.toml [profiles.north]")
    assert (settings.store, settings.found["store"].source) == ("all.sqlite", "smartkasa.toml")
    assert (settings.concurrency, settings.found["concurrency"].source) == (16, "default")
    assert (settings.wire, settings.calls_per_second, settings.phone_number) == ("auto", None, None)
    assert settings.is_set("store")
    assert not settings.is_set("wire")


def test_profiles_do_not_share_the_store_that_nobody_names(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_configuration().store == "smartkasa.sqlite"
    assert read_configuration(profile="north").store == "smartkasa-north.sqlite"
    monkeypatch.setenv("SMARTKASA_STORE", "all.sqlite")
    assert read_configuration(profile="north").store == "all.sqlite"


def test_profile_is_chosen_by_flag_then_environment_then_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write(EVERYTHING)
    assert (read_configuration().profile, read_configuration().base_url) == ("north", "https://north.example.com")
    monkeypatch.setenv("SMARTKASA_PROFILE", "south")
    settings = read_configuration()
    assert (settings.profile, settings.profile_source) == ("south", "SMARTKASA_PROFILE")
    assert (settings.wire, settings.base_url, settings.timeout) == ("enveloped", "https://all.example.com", 10.0)
    assert read_configuration(profile="north").profile == "north"


def test_file_is_found_by_name_then_here_then_in_the_users_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert configuration_file() is None
    users = write("", str(home / "config/smartkasa/smartkasa.toml"))
    assert configuration_file() == users
    here = write("")
    assert configuration_file() == here
    other = write("", "other.toml")
    monkeypatch.setenv("SMARTKASA_CONFIG", "other.toml")
    assert configuration_file() == other
    assert configuration_file(str(users)) == users


def test_environment_takes_every_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, setting in SETTINGS.items():
        given = {str: "380971234567" if name == "phone_number" else "some", bool: "no"}.get(setting.kind, "7")
        value = setting.choices[-1] if setting.choices else given
        monkeypatch.setenv(f"SMARTKASA_{name.upper()}", value)
    settings = read_configuration()
    assert {name: found.source for name, found in settings.found.items()} == {
        name: f"SMARTKASA_{name.upper()}" for name in SETTINGS
    }
    assert (settings.concurrency, settings.calls_per_second, settings.secrets) == (7, 7.0, "file")
    assert (settings.proxy, settings.trust_env, settings.ca_file) == ("some", False, "some")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("tiemout = 5", ["smartkasa.toml", "tiemout", "timeout"]),
        ("[profiles.a]\nfoo = 5", ["smartkasa.toml", "profiles.a.foo", "timeout"]),
        ("timeout = 'abc'", ["smartkasa.toml: timeout", "'abc'", "a number above 0"]),
        ("timeout = 0", ["timeout is 0", "a number above 0"]),
        ("timeout = true", ["timeout is True", "a number above 0"]),
        ("trust_env = 1", ["trust_env is 1", "true or false"]),
        ("trust_env = 'no'", ["trust_env is 'no'", "true or false"]),
        ("proxy = true", ["proxy is True", "a text"]),
        ("proxy = 'http://user:pass@proxy:1'", ["smartkasa.toml: proxy", "SMARTKASA_PROXY"]),
        ("[profiles.a]\nproxy = 'user@proxy:1'", ["profiles.a.proxy", "SMARTKASA_PROXY"]),
        ("concurrency = 1.5", ["concurrency is 1.5", "a whole number above 0"]),
        ("store = ''", ["store is ''", "a text"]),
        ("[profiles.a]\nwire = 'round'", ["profiles.a.wire", "'round'", "flat, enveloped"]),
        ("profiles = 5", ["profiles", "[profiles.NAME]"]),
        ("profile = 5", ["smartkasa.toml", "profile"]),
        ("profile = '../x'", ["'../x'", "letters"]),
        ("profile = 'x'\n[profiles.a]\n[profiles.b]", ["x", "smartkasa.toml", "a, b"]),
        ("timeout = = 5", ["smartkasa.toml", "TOML", "line 1"]),
    ],
)
def test_mistakes_in_the_file_name_file_and_key(text: str, parts: list[str]) -> None:
    message = refusal(text)
    assert [part for part in parts if part not in message] == []


@pytest.mark.parametrize("name", ["api_key", "password"])
def test_secrets_are_not_taken_from_the_file_nor_quoted(name: str) -> None:
    for text in (f'{name} = "hush-hush"', f'[profiles.a]\n{name} = "hush-hush"'):
        message = refusal(text)
        assert name in message
        assert "smartkasa login" in message
        assert "hush" not in message


def test_other_encodings_are_told() -> None:
    Path("smartkasa.toml").write_bytes("store = 'чеки'".encode("cp1251"))
    with pytest.raises(CommandError, match="not UTF-8"):
        read_configuration()


def test_byte_order_mark_is_no_mistake(box: Sandbox, cli: Cli) -> None:
    Path("smartkasa.toml").write_text("timeout = 7.0\n", "utf-8-sig")
    assert cli("login", "--stdin", stdin=f"\ufeff{credentials_of(box)}").code == 0
    assert cli("whoami", "--json").document["settings"]["timeout"]["value"] == 7.0


def test_mistakes_in_variables_and_flags_name_them(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "--set foo: " not in cli("whoami", "--set", "wire=flat").err
    result = cli("whoami", "--set", "foo=1")
    assert (result.code, "--set" in result.err, "foo" in result.err) == (2, True, True)
    assert "--set wire is 'round'" in cli("whoami", "--set", "wire=round").err
    assert "--set NAME=VALUE" in cli("whoami", "--set", "wire").err
    assert "nothing.toml" in cli("whoami", "--config", "nothing.toml").err
    monkeypatch.setenv("SMARTKASA_TIMEOUT", "soon")
    assert "SMARTKASA_TIMEOUT is 'soon'; give a number above 0" in cli("whoami").err


def test_flags_stand_before_or_after_the_command(cli: Cli) -> None:
    for words in (["--json", "--store", "x.db", "whoami"], ["whoami", "--store=x.db", "--json"]):
        settings = cli(*words).document["settings"]
        assert settings["store"] == {"value": "x.db", "source": "flag"}


def test_whoami_says_where_each_setting_comes_from(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    write(EVERYTHING)
    monkeypatch.setenv("SMARTKASA_PHONE_NUMBER", "380501234567")
    told = cli("whoami", "--json").document
    assert (told["profile"], told["base_url"], told["phone_number"]) == (
        "north",
        "https://north.example.com",
        "38050…67",
    )
    sources = {name: setting["source"] for name, setting in told["settings"].items()}
    assert sources["profile"] == "smartkasa.toml"
    assert sources["base_url"] == "smartkasa.toml [profiles.north]"
    assert sources["phone_number"] == "SMARTKASA_PHONE_NUMBER"
    assert sources["wire"] == "default"
    assert set(sources) == {*SETTINGS, "profile", "api_key", "password"}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql+asyncpg://kasa:hush@localhost/receipts", "postgresql+asyncpg://kasa:***@localhost/receipts"),
        ("postgresql+asyncpg://kasa@/x?host=h&password=hush", "postgresql+asyncpg://kasa@/x?host=h&password=***"),
        ("postgresql+asyncpg://kasa:a@hush@localhost/receipts", "postgresql+asyncpg://***"),
        ("postgresql+asyncpg://kasa:hush@localhost:port/receipts", "postgresql+asyncpg://***"),
        ("postgresql//kasa:hush@localhost/receipts", "***"),
    ],
)
def test_password_of_the_stores_address_is_not_shown(cli: Cli, address: str, shown: str) -> None:
    result = cli("whoami", "--json", "--store", address)
    assert result.document["settings"]["store"]["value"] == shown
    assert "hush" not in result.out + cli("whoami", "--store", address).out
