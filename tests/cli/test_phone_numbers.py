"""The phone number of a login, written as people write it, from every place that can give it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.sandbox import Sandbox
from tests.support.commandline import credentials_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.commandline import Cli, Result

_WRITTEN = ("+38 (097) 123-45-67", "0971234567", "80971234567", "097\u00a0123.45.67")
_NO_NUMBER = "0971234567, 0509876543"


@pytest.fixture
def known_box() -> Iterator[Sandbox]:
    with Sandbox(phone_number="380971234567", api_key="key-k", password="pass-word").in_thread() as box:
        yield box


@pytest.mark.parametrize("written", _WRITTEN)
@pytest.mark.parametrize("place", ["stdin", "environment", "file", "profile", "flag", "terminal"])
def test_login_takes_a_phone_number_as_people_write_it(
    known_box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch, place: str, written: str
) -> None:
    result = _log_in_from(place, written, known_box, cli, monkeypatch)
    assert result.code == 0, result.err
    assert "38097…67" in result.out
    assert (place != "terminal") or ("+380 97 123 45 67" in result.err)


@pytest.mark.parametrize("place", ["stdin", "environment", "file", "profile", "flag", "terminal"])
def test_login_refuses_what_is_no_phone_number_unquoted(
    known_box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    result = _log_in_from(place, _NO_NUMBER, known_box, cli, monkeypatch)
    assert result.code == 2
    assert "phone_number" in result.err.lower()
    assert "380971234567" in result.err  # the forms
    assert "0509876543" not in result.err + result.out
    assert not known_box.calls


@pytest.mark.parametrize("written", _WRITTEN)
def test_what_a_login_kept_is_used_in_whatever_form_the_number_is_said(
    known_box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    assert cli("login", "--base-url", known_box.url, "--stdin", stdin=credentials_of(known_box)).code == 0
    monkeypatch.setenv("SMARTKASA_PHONE_NUMBER", written)
    told = cli("whoami", "--json").document
    assert (told["phone_number"], told["settings"]["password"]["value"]) == ("38097…67", "***")
    assert cli("shops", "list").code == 0
    assert known_box.calls["POST /api/v1/auth/sessions"] == 1  # with the tokens that the login kept


def test_a_setting_that_is_no_number_is_refused_by_every_command(cli: Cli) -> None:
    Path("smartkasa.toml").write_text(f'phone_number = "{_NO_NUMBER}"', "utf-8")
    result = cli("whoami")
    assert result.code == 2
    assert "smartkasa.toml: phone_number cannot be used" in result.err


def _log_in_from(place: str, written: str, box: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Result:
    given = json.loads(credentials_of(box, phone_number=written))
    words = ["login", "--base-url", box.url]
    if place == "stdin":
        return cli(*words, "--stdin", stdin=json.dumps(given))
    monkeypatch.setenv("SMARTKASA_API_KEY", box.api_key)
    monkeypatch.setenv("SMARTKASA_PASSWORD", box.password)
    if place == "environment":
        monkeypatch.setenv("SMARTKASA_PHONE_NUMBER", written)
    elif place == "flag":
        words += ["--set", f"phone_number={written}"]
    elif place == "terminal":
        for module in ("commands.session", "prompts"):
            monkeypatch.setattr(f"smartkasa_async.cli.{module}.sys", _with_terminal(written))
    else:
        header = "[profiles.shop]\n" if place == "profile" else ""
        words += ["--profile", "shop"] if place == "profile" else []
        Path("smartkasa.toml").write_text(f'{header}phone_number = "{written}"\n', "utf-8")
    return cli(*words)


def _with_terminal(line: str) -> SimpleNamespace:
    stdin = SimpleNamespace(isatty=lambda: True, readline=lambda: f"{line}\n")
    return SimpleNamespace(stdin=stdin, stdout=sys.stdout, stderr=sys.stderr)
