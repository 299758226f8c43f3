"""What is asked of who mistypes a command, an option, an operation, a setting or a variable."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.cli.command_table import COMMANDS
from smartkasa_async.cli.suggestions import likely_commands

if TYPE_CHECKING:
    from tests.support.commandline import Cli


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("prodcts list", "smartkasa products list"),
        ("product list", "smartkasa products list"),
        ("shop", "smartkasa shops"),
        ("logn", "smartkasa login"),
        ("docter", "smartkasa doctor"),
        ("products imprt a.csv", "smartkasa products import"),
        ("products exports", "smartkasa products export"),
        ("receipts compliance", "smartkasa reports compliance"),
        ("import a.csv", "smartkasa products import"),
        ("sync", "smartkasa receipts sync"),
        ("reconcile --month last", "smartkasa reports reconcile"),
        ("reports reconcille", "smartkasa reports reconcile"),
        ("receipts-sync", "smartkasa receipts"),
        ("receipts sync --moth last", "--month"),
        ("receipts sync --moth=last", "--month"),
        ("receipts sync --strat today", "--start"),
        ("receipts sync --sincee today", "--since"),
        ("products list --limt 5", "--limit"),
        ("receipts export out --form csv", "--format"),
        ("receipts push q.jsonl --window 3", "--late-write-window"),
        ("shops list --profil x", "--profile"),
        ("--profil x shops list", "--profile"),
        ("--stor=x.sqlite reports reconcile", "--store"),
        ("shops --jsn list", "--json"),
        ("shops list --jsn", "--json"),
        ("shops list --hlep", "--help"),
        ("call products.lst", "products.list"),
        ("call product.list", "products.list"),
        ("call list_products", "listProducts"),
        ("call creatProduct", "createProduct"),
        ("call unit-types.lst", "unit_types.list"),
        ("call products.list --query shopid=1", "shop_id"),
        ('call shops.create {"titel":"x","title":"y"}', "title"),
        ("whoami --set tiemout=5", "timeout"),
        ("whoami --set base-ulr=x", "base_url"),
    ],
)
def test_a_mistyped_word_is_answered_with_what_it_is_like(line: str, meant: str, cli: Cli) -> None:
    result = cli(*line.split())
    assert result.code == 2
    (question,) = [each for each in result.err.splitlines() if each.startswith("Did you mean ")]
    assert meant in question.removeprefix("Did you mean ").removesuffix("?").split(", ")
    told = cli(*line.split(), "--json").error["hint"]
    assert "Did you mean" in told


@pytest.mark.parametrize(
    "line", ["zzzz", "products zzzz", "shops list --colour red", "call zzzz", "whoami --set zzzz=5"]
)
def test_what_is_like_nothing_is_not_guessed_at(line: str, cli: Cli) -> None:
    result = cli(*line.split())
    assert result.code == 2
    assert "Did you mean" not in result.err


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_is_found_with_a_letter_too_few(path: str) -> None:
    *group, word = path.split()
    asked = likely_commands(" ".join(group), [word[:-1] if len(word) > 3 else f"{word}s"])
    if len(word) > 3:
        assert f"smartkasa {path}" in str(asked)


def test_the_question_is_in_the_users_language(cli: Cli) -> None:
    assert "Можливо, ви мали на увазі smartkasa products import?" in cli("--lang", "uk", "products", "imprt").err


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("tiemout = 5", "timeout"),
        ("base-url = 'x'", "base_url"),
        ("phonenumber = '1'", "phone_number"),
        ("profils = 5", "profiles"),
        ("[profiles.a]\nwireform = 'flat'", "wire"),
    ],
)
def test_a_mistyped_setting_of_the_file(text: str, meant: str, cli: Cli) -> None:
    Path("smartkasa.toml").write_text(text, "utf-8")
    result = cli("whoami")
    assert result.code == 2
    assert "Did you mean" in result.err
    assert meant in result.err.partition("Did you mean")[2]


def test_an_option_is_not_answered_with_an_argument(cli: Cli) -> None:
    assert "FOLDER" not in cli("receipts", "export", "out", "--form", "csv").err


def test_a_mistyped_profile(cli: Cli) -> None:
    Path("smartkasa.toml").write_text("[profiles.kiosk]\n[profiles.market]\n", "utf-8")
    assert "Did you mean kiosk?" in cli("whoami", "--profile", "kisok").err


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("SMARTKASA_APIKEY", "SMARTKASA_API_KEY"),
        ("SMARTKASA_KEY", "SMARTKASA_API_KEY"),
        ("SMART_KASA_API_KEY", "SMARTKASA_API_KEY"),
        ("SMARTKASA_PASWORD", "SMARTKASA_PASSWORD"),
        ("SMARTKASA_PHONE", "SMARTKASA_PHONE_NUMBER"),
        ("SMARTKASA_URL", "SMARTKASA_BASE_URL"),
        ("SMARTKASA_PROFIL", "SMARTKASA_PROFILE"),
        ("SMARTKASA_TIMEUOT", "SMARTKASA_TIMEOUT"),
    ],
)
def test_a_mistyped_variable_is_noted_without_its_value(
    variable: str, meant: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "s3cret")
    result = cli("whoami")
    assert f"{variable} is set, and nothing reads it. Did you mean {meant}?" in " ".join(result.err.split())
    assert "s3cret" not in result.out + result.err
    assert result.code == 0
    assert "Did you mean" not in cli("whoami", "--quiet").err


@pytest.mark.parametrize("variable", ["SMARTKASA_REFERENCE", "SMARTKASA_TEST_CHROMIUM", "SMARTPHONE", "OTHER_API_KEY"])
def test_variables_of_others_are_left_alone(variable: str, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "x")
    assert "Did you mean" not in cli("whoami").err
