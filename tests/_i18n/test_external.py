"""What other libraries say becomes phrases: the same in English, and said in Ukrainian where it is usual."""

from __future__ import annotations

import errno
import json
import sqlite3
import tomllib

import msgspec
import pytest

from smartkasa_async._i18n.external import external_message, reason_of
from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import in_ukrainian, message_of
from smartkasa_async.catalog.problems import Problem, RuleViolationError
from smartkasa_async.errors import ConnectionLostError
from smartkasa_async.models import ReceiptCreate, ShopCreate
from smartkasa_async.push.problems import PushProblem

LOST = ConnectionLostError(
    msg(
        "The connection broke before the answer was complete: {reason}",
        reason=external_message("ServerDisconnectedError"),
    ),
    operation="createShop",
)


@pytest.mark.parametrize(
    ("body", "struct", "translated"),
    [
        ("{", ShopCreate, "JSON обривається"),
        ("{bad", ShopCreate, "неправильний JSON: назви полів мають бути в лапках (байт 1)"),
        ('{"title": "А" 5}', ShopCreate, "неправильний JSON: тут має бути «,» або «}» (байт 15)"),
        ('{"title" 5}', ShopCreate, "неправильний JSON: тут має бути «:» (байт 9)"),
        ("{} 5", dict, "неправильний JSON: після кінця є зайве (байт 4)"),
        ("[]", ShopCreate, "має бути `object`, а не `array`"),
        ("{}", ShopCreate, "бракує обов’язкового поля `title`"),
        ('{"title": 5}', ShopCreate, "має бути `str`, а не `int` (у `$.title`)"),
        ('{"total_amount": "x"}', ReceiptCreate, "це не десяткове число (у `$.total_amount`)"),
    ],
)
def test_what_msgspec_says(body: str, struct: type, translated: str) -> None:
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(body, type=struct)
    made = external_message(caught.value)
    assert str(made) == str(caught.value)
    assert in_ukrainian(made) == in_ukrainian(caught.value) == translated


def test_what_pythons_json_and_toml_say() -> None:
    with pytest.raises(json.JSONDecodeError) as of_json:
        json.loads('{"a"')
    with pytest.raises(tomllib.TOMLDecodeError) as of_toml:
        tomllib.loads("lang = uk")
    translated = [in_ukrainian(message_of(caught.value)) for caught in (of_json, of_toml)]
    assert translated == [
        "тут має бути «:»: рядок 1, стовпець 5 (символ 4)",
        "хибно записане значення; текст пишуть у лапках (рядок 1, стовпець 8)",
    ]
    assert str(message_of(of_toml.value)) == str(of_toml.value)


def test_what_is_not_usual_stays_as_it_is() -> None:
    translated = "nobody {knows} this"
    assert external_message(translated) == in_ukrainian(external_message(translated)) == translated
    assert (in_ukrainian("Broken pipe"), in_ukrainian(5)) == ("Broken pipe", 5)


def test_why_the_system_refuses() -> None:
    assert in_ukrainian(reason_of(OSError(errno.ENOENT, "No such file or directory", "a.csv"))) == (
        "немає такого файлу чи теки"
    )
    refused = OSError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 1)")
    assert (reason_of(refused), in_ukrainian(refused)) == ("Connection refused", "у з’єднанні відмовлено")
    assert reason_of(OSError("without a number")) == "OSError"
    kept = msg("it is there already and may be needed to undo an earlier sync; give the undo file another name")
    assert reason_of(OSError(errno.EEXIST, kept, "undo.csv")) is kept


def test_words_of_any_error() -> None:
    assert in_ukrainian(message_of(sqlite3.OperationalError("database is locked"))) == "базу зайняла інша програма"
    assert str(message_of(LOST)) == str(LOST)
    assert (
        in_ukrainian(message_of(LOST))
        == in_ukrainian(LOST)
        == ("createShop: З’єднання обірвалося до кінця відповіді: сервіс розірвав з’єднання")
    )


def test_reasons_of_rows_and_receipts_are_of_one_language() -> None:
    problem = Problem.from_broken_rule(RuleViolationError("in_doubt", detail=LOST), file="", line=2)
    receipt = PushProblem.of("in_doubt", None, detail=message_of(LOST))
    assert str(LOST) in problem.reason_en
    assert str(LOST) in receipt.reason_en
    assert "сервіс розірвав з’єднання" in problem.reason_uk
    assert "сервіс розірвав з’єднання" in receipt.reason_uk
