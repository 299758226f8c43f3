"""Login, logout, and where secrets are: in a keyring or a file of one's own, and in nothing that is printed."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.cli.access import Access
from smartkasa_async.cli.credentials import Credentials, masked
from smartkasa_async.sandbox import Sandbox
from smartkasa_async.sandbox.faults import Fault
from tests.support.commandline import credentials_of
from tests.support.terminal import CTRL_C, Terminal

if TYPE_CHECKING:
    from tests.support.commandline import Cli

LOGIN = "/api/v1/auth/sessions"


class Keyring(ModuleType):
    """A keyring that tests can look into."""

    def __init__(self, priority: float = 5) -> None:
        super().__init__("keyring")
        self.entries: dict[tuple[str, str], str] = {}
        self.core = SimpleNamespace(recommended=lambda backend: backend.priority >= 1)
        self.backend = SimpleNamespace(name="Test keyring", priority=priority)
        self.locked = False

    def get_keyring(self) -> SimpleNamespace:
        return self.backend

    def get_password(self, service: str, user: str) -> str | None:
        if self.locked:
            raise KeyError("locked")
        return self.entries.get((service, user))

    def set_password(self, service: str, user: str, password: str) -> None:
        self.entries[service, user] = password

    def delete_password(self, service: str, user: str) -> None:
        del self.entries[service, user]


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """Put a keyring into the place of the package, and let settings choose it."""
    keyring = Keyring()
    for name, module in {"keyring": keyring, "keyring.core": keyring.core}.items():
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delenv("SMARTKASA_SECRETS")
    return keyring


def kept(home: Path) -> dict[str, Path]:
    """What is there, but for the locks of tokens, which are empty and stay."""
    files = {path.relative_to(home).as_posix(): path for path in home.rglob("*") if path.is_file()}
    return {name: path for name, path in files.items() if not name.endswith(".lock") or path.stat().st_size}


def test_login_keeps_credentials_and_tokens_that_only_the_owner_can_read(box: Sandbox, cli: Cli, home: Path) -> None:
    result = cli("login", "--stdin", stdin=credentials_of(box))
    assert result.code == 0
    assert f"{masked(box.phone_number)} at {box.url}" in result.out
    files = kept(home)
    assert sorted(files) == ["state/smartkasa/secrets/default.json", "state/smartkasa/tokens/default.json"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    assert {stat.S_IMODE(path.parent.stat().st_mode) for path in files.values()} == {0o700}
    assert cli("units", "list").code == 0
    assert box.calls[f"POST {LOGIN}"] == 1, "the kept tokens are used"


def test_failed_login_keeps_nothing(box: Sandbox, cli: Cli, home: Path) -> None:
    result = cli("login", "--stdin", stdin=credentials_of(box, password="guess"))
    assert (result.code, "phone_number_or_password_invalid" in result.err) == (4, True)
    assert cli("login", "--stdin", stdin=credentials_of(box, api_key="guess")).code == 4
    assert kept(home) == {}


def test_login_reads_the_environment(environment: Sandbox, cli: Cli, home: Path) -> None:
    assert cli("login").code == 0
    credentials = json.loads(kept(home)["state/smartkasa/secrets/default.json"].read_text())
    assert credentials == {**environment.credentials}


@pytest.mark.parametrize("missing", ["api_key", "phone_number", "password"])
def test_login_tells_what_is_missing(box: Sandbox, cli: Cli, missing: str) -> None:
    result = cli("login", "--stdin", stdin=credentials_of(box, **{missing: ""}))
    assert result.code == 2
    assert f"{missing} is missing" in result.err
    assert f"SMARTKASA_{missing.upper()}" in result.err


def test_login_does_not_quote_what_it_cannot_read(cli: Cli) -> None:
    result = cli("login", "--stdin", stdin='{"password": "hush", nonsense')
    assert (result.code, "hush" in result.err) == (2, False)
    assert '{"api_key": "…"' in result.err


def test_login_asks_on_a_terminal_without_echo(box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers = {"API key: ": box.api_key, "Password: ": box.password}

    def getpass(question: str) -> str:
        asked.append(question)
        return answers[question]

    monkeypatch.setattr("getpass.getpass", getpass)
    for module in ("commands.session", "prompts"):
        monkeypatch.setattr(f"smartkasa_async.cli.{module}.sys", _with_terminal(box.phone_number))
    result = cli("login", "--base-url", box.url)
    assert result.code == 0
    assert asked == ["API key: ", "Password: "]


def _with_terminal(line: str) -> SimpleNamespace:
    stdin = SimpleNamespace(isatty=lambda: True, readline=lambda: f"{line}\n")
    return SimpleNamespace(stdin=stdin, stdout=sys.stdout, stderr=sys.stderr)


def test_kept_secrets_are_sent_to_their_own_address_alone(logged_in: Sandbox, cli: Cli) -> None:
    Path("smartkasa.toml").write_text('base_url = "http://127.0.0.1:9"')
    logged_in.calls.clear()
    result = cli("shops", "list")
    assert result.code == 2
    assert [part for part in (logged_in.url, "http://127.0.0.1:9", "smartkasa.toml") if part not in result.err] == []
    told = cli("whoami", "--json").document["settings"]
    assert (told["api_key"]["value"], told["password"]["value"]) == (None, None)
    assert logged_in.calls.total() == 0


@pytest.mark.parametrize("words", [["shops", "list"], ["doctor"], ["login"]])
def test_file_that_nobody_named_sends_the_environments_secrets_nowhere(
    words: list[str], environment: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SMARTKASA_BASE_URL")
    Path("smartkasa.toml").write_text(f'base_url = "{environment.url}"')
    result = cli(*words)
    assert (result.code, environment.calls.total()) == (2, 0)
    assert [part for part in (environment.url, "--config smartkasa.toml") if part not in result.err] == []
    assert environment.password not in result.err
    assert cli(*words, "--config", "smartkasa.toml").code == 0
    monkeypatch.setenv("SMARTKASA_BASE_URL", environment.url)
    assert cli(*words).code == 0


def test_login_elsewhere_lets_no_such_file_have_the_environments_secrets(
    logged_in: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in logged_in.credentials.items():
        if name != "base_url":
            monkeypatch.setenv(f"SMARTKASA_{name.upper()}", str(value))
    with Sandbox().in_thread() as other:
        Path("smartkasa.toml").write_text(f'base_url = "{other.url}"')
        result = cli("shops", "list")
        assert (result.code, other.calls.total()) == (2, 0)
        assert "--config smartkasa.toml" in result.err


def test_file_that_nobody_named_sends_the_secrets_of_standard_input_nowhere(box: Sandbox, cli: Cli) -> None:
    Path("smartkasa.toml").write_text(f'base_url = "{box.url}"')
    given = credentials_of(box, url="")
    result = cli("login", "--stdin", stdin=given)
    assert (result.code, box.calls.total()) == (2, 0)
    assert cli("login", "--stdin", "--config", "smartkasa.toml", stdin=given).code == 0


def test_questions_name_the_address_and_end_at_once(box: Sandbox) -> None:
    with Terminal("login", "--base-url", box.url) as terminal:
        terminal.wait_for(f"{box.url} \\(command line\\)")
        terminal.wait_for("API key: ")
        terminal.type(CTRL_C)
        assert terminal.end() == 130


def test_profiles_keep_secrets_apart(logged_in: Sandbox, cli: Cli) -> None:
    result = cli("shops", "list", "--profile", "other")
    assert (result.code, "profile other" in result.err) == (2, True)
    assert cli("login", "--stdin", "--profile", "other", stdin=credentials_of(logged_in)).code == 0
    assert cli("logout", "--forget", "--profile", "other").code == 0
    assert cli("shops", "list").code == 0


def test_environment_goes_over_what_is_kept(logged_in: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTKASA_API_KEY", "another")
    assert cli("whoami", "--json").document["settings"]["api_key"]["source"] == "SMARTKASA_API_KEY"
    assert cli("shops", "list").code == 4
    assert logged_in.url


def test_logout_ends_the_session_and_forgets(logged_in: Sandbox, cli: Cli, home: Path) -> None:
    assert logged_in.rows("sessions")
    result = cli("logout")
    assert (result.code, "ended" in result.out) == (0, True)
    assert logged_in.rows("sessions") == []
    assert list(kept(home)) == ["state/smartkasa/secrets/default.json"]
    assert cli("shops", "list").code == 0, "the credentials are still there"
    assert cli("logout", "--forget", "--json").document == {
        "profile": "default",
        "session_ended": True,
        "forgotten": True,
    }
    assert kept(home) == {}
    assert cli("logout").code == 0


def test_logout_forgets_tokens_though_the_service_is_away(logged_in: Sandbox, cli: Cli, home: Path) -> None:
    logged_in.faults.add(Fault("drop_before", times=None))
    result = cli("logout")
    assert (result.code, "could not be informed" in result.err) == (1, True)
    assert list(kept(home)) == ["state/smartkasa/secrets/default.json"]


def test_files_that_others_can_read_are_refused(logged_in: Sandbox, cli: Cli, home: Path) -> None:
    path = kept(home)["state/smartkasa/secrets/default.json"]
    path.chmod(0o644)
    result = cli("shops", "list")
    assert (result.code, str(path) in result.err, "chmod 600" in result.err) == (2, True, True)
    path.chmod(0o600)
    path.write_text("{}")
    result = cli("shops", "list")
    assert (result.code, "does not contain credentials" in result.err) == (2, True)
    assert logged_in.api_key not in result.err


def test_keyring_keeps_the_token_of_a_bot_where_there_is_one(keyring: Keyring, cli: Cli, home: Path) -> None:
    token = "123456789:AAbbccddeeffgghhiijjkkllmmnnooppqq"
    assert "Test keyring" in cli("relay", "token", "--stdin", stdin=token).out
    assert keyring.entries == {("smartkasa-async", "default+telegram"): token}
    assert [*home.rglob("*telegram*")] == []
    cli("logout", "--forget")
    assert keyring.entries == {}


def test_keyring_keeps_credentials_where_there_is_one(keyring: Keyring, box: Sandbox, cli: Cli, home: Path) -> None:
    assert "Test keyring" in cli("login", "--stdin", stdin=credentials_of(box)).out
    assert list(keyring.entries) == [("smartkasa-async", "default")]
    assert list(kept(home)) == ["state/smartkasa/tokens/default.json"]
    assert cli("shops", "list").code == 0
    assert cli("whoami", "--json").document["settings"]["password"] == {"value": "***", "source": "Test keyring"}
    keyring.locked = True
    result = cli("shops", "list")
    assert (result.code, 'secrets = "file"' in result.err) == (2, True)
    keyring.locked = False
    assert cli("logout", "--forget").code == 0
    assert keyring.entries == {}


def test_keyring_that_breaks_is_told(keyring: Keyring, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_arguments: str) -> None:
        raise RuntimeError("no bus")

    monkeypatch.setattr(keyring, "get_password", breaks)
    result = cli("shops", "list")
    assert (result.code, "Test keyring cannot be used: RuntimeError" in result.err) == (2, True)


def test_locked_keyring_does_not_stop_what_the_environment_says(
    keyring: Keyring, environment: Sandbox, cli: Cli
) -> None:
    keyring.locked = True
    assert cli("shops", "list").code == 0
    assert cli("doctor").code == 0


def test_backend_that_cannot_be_loaded_is_none(
    keyring: Keyring, box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise AttributeError("no such backend")

    monkeypatch.setattr(keyring, "get_keyring", missing)
    result = cli("login", "--stdin", stdin=credentials_of(box))
    assert (result.code, "secrets" in result.out) == (0, True)


@pytest.mark.parametrize("words", [["login", "--stdin"], ["logout", "--forget"]])
def test_damaged_file_does_not_stop_what_replaces_it(
    words: list[str], logged_in: Sandbox, cli: Cli, home: Path
) -> None:
    path = kept(home)["state/smartkasa/secrets/default.json"]
    path.write_text("{}")
    assert cli("shops", "list").code == 2
    assert cli(*words, stdin=credentials_of(logged_in)).code == 0
    assert not path.exists() or "api_key" in path.read_text()


def test_damaged_tokens_do_not_stop_what_replaces_them(logged_in: Sandbox, cli: Cli, home: Path) -> None:
    path = kept(home)["state/smartkasa/tokens/default.json"]
    path.write_text("hush-hush")
    result = cli("whoami")
    assert (result.code, logged_in.url in result.out, f"{path} does not hold tokens" in result.err) == (0, True, True)
    assert "hush-hush" not in result.out + result.err
    assert cli("shops", "list").code == 0
    assert cli("whoami").err == ""


def test_login_into_a_keyring_removes_the_file(keyring: Keyring, logged_in: Sandbox, cli: Cli, home: Path) -> None:
    keyring.entries.clear()
    assert cli("login", "--stdin", "--set", "secrets=file", stdin=credentials_of(logged_in)).code == 0
    assert "state/smartkasa/secrets/default.json" in kept(home)
    assert cli("login", "--stdin", stdin=credentials_of(logged_in)).code == 0
    assert list(kept(home)) == ["state/smartkasa/tokens/default.json"]


def test_keyring_that_is_not_recommended_is_taken_by_name_alone(
    keyring: Keyring, box: Sandbox, cli: Cli, home: Path
) -> None:
    keyring.backend.priority = 0.5
    assert cli("login", "--stdin", stdin=credentials_of(box)).code == 0
    assert (keyring.entries, "state/smartkasa/secrets/default.json" in kept(home)) == ({}, True)
    assert cli("login", "--stdin", "--set", "secrets=keyring", stdin=credentials_of(box)).code == 0
    assert list(keyring.entries) == [("smartkasa-async", "default")]
    assert list(kept(home)) == ["state/smartkasa/tokens/default.json"]


@pytest.mark.parametrize("name", ["fail.Keyring", "null.Keyring", "chainer.ChainerBackend", "missing.Keyring"])
def test_stand_in_for_a_keyring_is_none(
    name: str, box: Sandbox, cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"keyring.backends.{name}")
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    monkeypatch.setattr("keyring.backends.chainer.ChainerBackend.backends", [])
    monkeypatch.delenv("SMARTKASA_SECRETS")
    assert cli("login", "--stdin", stdin=credentials_of(box)).code == 0
    assert "state/smartkasa/secrets/default.json" in kept(home)
    result = cli("shops", "list", "--set", "secrets=keyring")
    assert (result.code, "finds no keyring" in result.err, "pip install" in result.err) == (2, True, False)
    assert "--list-backends" in result.err


def test_no_output_shows_a_secret(logged_in: Sandbox, cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = json.loads(kept(home)["state/smartkasa/tokens/default.json"].read_text())
    secrets = {logged_in.api_key, logged_in.password, tokens["access"], tokens["refresh"], tokens["csrf"]}
    login = json.dumps({"phone_number": logged_in.phone_number, "password": logged_in.password})
    Path("login.json").write_text(login)
    pin = json.dumps({"first_name": "А", "last_name": "Б", "pin_code": "739154", "phone_number": "380501111111"})
    outputs = [
        cli("login", "--stdin", stdin=credentials_of(logged_in)),
        cli("login", "--stdin", stdin=credentials_of(logged_in, password="wrong-but-secret")),
        cli("whoami"),
        cli("whoami", "--json"),
        cli("doctor"),
        cli("doctor", "--json"),
        cli("shops", "list", "--json"),
        cli("call", "auth.login", "@login.json"),
        cli("call", "auth.login", "@-", stdin=login),
        cli("call", "auth.refresh"),
        cli("call", "employees.create", pin),
        cli("employees", "list", "--json"),
        cli("employees", "list"),
        cli("call", "shops.list", "--query", "foo=1"),
        cli("shops", "list", "--set", "foo=1"),
        cli("logout"),
    ]
    monkeypatch.setenv("SMARTKASA_API_KEY", "key with a space")
    outputs.append(cli("shops", "list"))
    assert "***" in outputs[7].out
    secrets |= {"739154", "wrong-but-secret", "key with a space"}
    secrets |= {row[name] for row in logged_in.rows("sessions") for name in ("access", "refresh")}
    shown = "".join(result.out + result.err for result in outputs)
    assert "А" in shown
    assert [secret for secret in secrets if secret in shown] == []


def test_objects_with_secrets_do_not_show_them() -> None:
    credentials = Credentials(base_url="https://x", api_key="hush1", phone_number="hush2", password="hush3")
    access = Access("https://x", "hush1", "hush2", "hush3", None, {}, None)
    assert "hush" not in f"{credentials!r} {credentials} {access!r} {access}"


def test_masks_leave_enough_to_recognize() -> None:
    assert masked("380501234567") == "38050…67"
    assert masked("1234") == "…"
    assert os.environ["SMARTKASA_SECRETS"] == "file"
