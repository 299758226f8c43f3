"""The forms of bodies and tokens at the command line: what doctor writes, and what a profile keeps of the service."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.cli.configuration_writing import with_settings
from smartkasa_async.sandbox import Sandbox
from tests.support.commandline import credentials_of

if TYPE_CHECKING:
    from tests.support.commandline import Cli

VALUES = {"wire": "enveloped", "token_form": "bare"}
FILE = Path("smartkasa.toml")


@pytest.mark.parametrize(
    ("before", "profile", "after"),
    [
        ("", None, 'wire = "enveloped"\ntoken_form = "bare"\n'),
        ("timeout = 5\n", None, 'timeout = 5\nwire = "enveloped"\ntoken_form = "bare"\n'),
        (
            "# mine\nwire = 'flat'  # for now\n\n[profiles.a]\nwire = \"flat\"\n",
            None,
            '# mine\nwire = "enveloped"  # for now\ntoken_form = "bare"\n\n[profiles.a]\nwire = "flat"\n',
        ),
        (
            'lang = "en"\n[profiles.a]\n\n[profiles.b]\nlang = "uk"',
            "a",
            'lang = "en"\n[profiles.a]\nwire = "enveloped"\ntoken_form = "bare"\n\n[profiles.b]\nlang = "uk"\n',
        ),
        ("timeout = 5\r\n", "a", 'timeout = 5\r\n\r\n[profiles.a]\r\nwire = "enveloped"\r\ntoken_form = "bare"\r\n'),
        ("", "a.b", '[profiles."a.b"]\nwire = "enveloped"\ntoken_form = "bare"\n'),
    ],
)
def test_settings_are_put_where_they_belong(before: str, profile: str | None, after: str) -> None:
    assert with_settings(before, profile, VALUES) == after
    assert with_settings(after, profile, VALUES) == after
    tomllib.loads(after)


def _served(monkeypatch: pytest.MonkeyPatch, box: Sandbox) -> None:
    for name, value in box.credentials.items():
        monkeypatch.setenv(f"SMARTKASA_{name.upper()}", str(value))


@pytest.mark.parametrize("wire", ["flat", "enveloped"])
@pytest.mark.parametrize("token_form", ["bearer", "bare"])
def test_doctor_writes_what_works(
    wire: Any, token_form: Any, cli: Cli, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    with Sandbox(wire=wire, token_form=token_form).in_thread() as box:
        _served(monkeypatch, box)
        result = cli("doctor", "--write", "--json")
        written = tomllib.loads((home / "config" / "smartkasa" / "smartkasa.toml").read_text("utf-8"))
        assert written == result.document["settings"] == {"wire": wire, "token_form": token_form}
        assert result.code == 0
        assert cli("shops", "list").code == 0
        assert cli("call", "shops.create", '{"title": "А"}').code == 0
        assert len(box.rows("shops")) == 1


def test_doctor_writes_into_the_file_and_table_of_the_profile(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    FILE.write_text('timeout = 20 # slow\n[profiles.north]\nlang = "en"\n', "utf-8")
    FILE.chmod(0o640)
    with Sandbox(wire="enveloped").in_thread() as box:
        _served(monkeypatch, box)
        assert cli("doctor", "--write", "--profile", "north").code == 0
        text = FILE.read_text("utf-8")
        assert cli("doctor", "--write", "--set", "wire=flat", "--profile", "north").code == 0
        assert FILE.read_text("utf-8") == text
    assert FILE.stat().st_mode & 0o777 == 0o640
    assert text.startswith("timeout = 20 # slow\n")
    assert tomllib.loads(text) == {
        "timeout": 20,
        "profiles": {"north": {"lang": "en", "wire": "enveloped", "token_form": "bearer"}},
    }


def test_default_profile_beside_others_leaves_them_alone(cli: Cli, environment: Sandbox) -> None:
    FILE.write_text('[profiles.north]\nlang = "en"\n', "utf-8")
    assert cli("doctor", "--write").code == 0
    document = tomllib.loads(FILE.read_text("utf-8"))
    assert set(document["profiles"]["north"]) == {"lang"}
    assert document["profiles"]["default"] == {"wire": "flat", "token_form": "bearer"}
    assert environment.calls["POST /api/v1/auth/refresh"] == 1


def test_file_that_cannot_be_changed_stays(cli: Cli, environment: Sandbox) -> None:
    FILE.write_text('profiles.north.wire = "flat"\n', "utf-8")
    result = cli("doctor", "--write", "--profile", "north")
    assert (result.code, "by hand" in result.err, 'wire = "flat"' in result.err) == (2, True, True)
    assert FILE.read_text("utf-8") == 'profiles.north.wire = "flat"\n'
    assert environment.calls["POST /api/v1/auth/sessions"] == 2


def test_nothing_is_written_where_nothing_was_found(cli: Cli, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    _served(monkeypatch, box)
    monkeypatch.setenv("SMARTKASA_API_KEY", "wrong")
    FILE.write_text("timeout = 20\n", "utf-8")
    result = cli("doctor", "--write")
    assert (result.code, "Nothing was written" in result.out) == (4, True)
    assert FILE.read_text("utf-8") == "timeout = 20\n"


def test_form_that_was_found_is_kept_with_the_profile(cli: Cli, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    kept = home / "state" / "smartkasa" / "wire" / "default.json"
    with Sandbox(wire="enveloped").in_thread() as box:
        assert cli("login", "--stdin", stdin=credentials_of(box)).code == 0
        assert json.loads(kept.read_bytes()) == {"base_url": box.url, "wire": "enveloped"}
        shown = cli("whoami", "--json").document["settings"]["wire"]
        assert (shown["value"], shown["source"]) == ("enveloped", str(kept))
        box.calls.clear()
        assert cli("call", "shops.create", '{"title": "А"}').code == 0
        assert box.calls == {"POST /api/v1/rsn/shops": 1}
        assert cli("whoami", "--json", "--set", "wire=flat").document["settings"]["wire"]["value"] == "flat"
        assert cli("logout", "--forget").code == 0
        assert not kept.exists()
        _served(monkeypatch, box)
        assert cli("shops", "list").code == 0
        assert kept.exists()
    with Sandbox().in_thread() as other:
        _served(monkeypatch, other)
        assert cli("whoami", "--json").document["settings"]["wire"]["value"] == "auto", "it is another address"
        assert cli("login", "--stdin", stdin=credentials_of(other)).code == 0
        assert cli("whoami", "--json").document["settings"]["wire"]["value"] == "auto"
