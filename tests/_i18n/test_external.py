"""What other libraries say becomes phrases: the same in English, and said in Ukrainian where it is usual."""

from __future__ import annotations

import errno
import json
import sqlite3
import ssl
import tomllib
from xml.etree import ElementTree as ET

import aiohttp
import msgspec
import pytest

from smartkasa_async._i18n.external import external_message, reason_of
from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import in_ukrainian, message_of
from smartkasa_async.catalog.problems import Problem, RuleViolationError
from smartkasa_async.errors import ConnectionLostError
from smartkasa_async.models import ReceiptCreate, ShopCreate
from smartkasa_async.push.outcomes import PushProblem

LOST = ConnectionLostError(
    msg(
        "The connection broke before the answer was complete: {reason}",
        reason=external_message(aiohttp.ServerDisconnectedError()),
    ),
    operation="createShop",
)


@pytest.mark.parametrize(
    ("body", "struct", "translated"),
    [
        ("{", ShopCreate, "JSON обривається"),
        ("{} 5", dict, "неправильний JSON: trailing characters (byte 4)"),
        ("[]", ShopCreate, "має бути `object`, а не `array`"),
        ("{}", ShopCreate, "бракує обов'язкового поля `title`"),
        ('{"title": 5}', ShopCreate, "має бути `str`, а не `int` (у `$.title`)"),
        ('{"total_amount": "x"}', ReceiptCreate, "це не десяткове число (у `$.total_amount`)"),
    ],
)
def test_what_msgspec_says(body: str, struct: type, translated: str) -> None:
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(body, type=struct)
    made = external_message(caught.value)
    assert str(made).removeprefix("JSON is malformed: ") == str(caught.value).removeprefix("JSON is malformed: ")
    assert in_ukrainian(made) == in_ukrainian(caught.value) == translated


def test_errors_of_known_kinds_are_translated_with_their_detail() -> None:
    with pytest.raises(json.JSONDecodeError) as of_json:
        json.loads('{"a"')
    with pytest.raises(tomllib.TOMLDecodeError) as of_toml:
        tomllib.loads("lang = uk")
    assert [in_ukrainian(message_of(caught.value)) for caught in (of_json, of_toml)] == [
        "неправильний JSON: Expecting ':' delimiter: line 1 column 5 (char 4)",
        "неправильний TOML: Invalid value (at line 1, column 8)",
    ]


def test_xml_is_known_by_its_code() -> None:
    with pytest.raises(ET.ParseError) as caught:
        ET.fromstring("<a></b>")  # noqa: S314  (a literal)
    made = external_message(caught.value)
    assert (made, in_ukrainian(made)) == (str(caught.value), "теги не сходяться: рядок 1, стовпець 5")


@pytest.mark.parametrize(
    ("code", "translated"),
    [(10, "строк дії сертифіката минув"), (62, "сертифікат видано для інших імен"), (7, "unable to verify")],
)
def test_certificates_are_known_by_their_code(code: int, translated: str) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "unable to verify"
    assert in_ukrainian(external_message(error)) == translated


def test_a_database_is_known_by_its_code_whatever_its_words() -> None:
    error = sqlite3.OperationalError("database table is locked: receipts")
    error.sqlite_errorcode = sqlite3.SQLITE_LOCKED_SHAREDCACHE
    assert in_ukrainian(external_message(error)) == "базу зайняла інша програма"


def test_what_is_not_usual_stays_as_it_is() -> None:
    error = ValueError("nobody {knows} this")
    assert external_message(error) == in_ukrainian(error) == "nobody {knows} this"
    assert (in_ukrainian("Broken pipe"), in_ukrainian(5)) == ("Broken pipe", 5)


def test_errors_of_http_never_show_what_they_quote() -> None:
    assert external_message(aiohttp.ClientError("header s3cret")) == "ClientError"


def test_why_the_system_refuses() -> None:
    assert in_ukrainian(reason_of(OSError(errno.ENOENT, "No such file or directory", "a.csv"))) == (
        "немає такого файлу чи теки"
    )
    refused = OSError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)")
    assert (reason_of(refused), in_ukrainian(refused)) == ("Connection refused", "у з'єднанні відмовлено")
    assert reason_of(OSError("without a number")) == "OSError"
    kept = msg("it is there already and may be needed to undo an earlier sync; give the undo file another name")
    assert reason_of(OSError(errno.EEXIST, kept, "undo.csv")) is kept


def test_words_of_any_error() -> None:
    assert str(message_of(LOST)) == str(LOST)
    assert (
        in_ukrainian(message_of(LOST))
        == in_ukrainian(LOST)
        == ("createShop: З'єднання обірвалося до кінця відповіді: сервіс розірвав з'єднання")
    )


def test_reasons_of_rows_and_receipts_are_of_one_language() -> None:
    problem = Problem.from_broken_rule(RuleViolationError("in_doubt", detail=LOST), file="", line=2)
    receipt = PushProblem.of("in_doubt", None, detail=message_of(LOST))
    assert str(LOST) in problem.reason_en
    assert str(LOST) in receipt.reason_en
    assert "сервіс розірвав з'єднання" in problem.reason_uk
    assert "сервіс розірвав з'єднання" in receipt.reason_uk
