"""What the README states of the code is so: areas, settings, errors, retries."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict

import pytest

from smartkasa_async import RetryPolicy, SmartKasa, SmartKasaError, errors
from smartkasa_async._generated.operations import CREATE_PRODUCT, CREATE_PRODUCT_BATCH, LIST_PRODUCTS
from smartkasa_async.operations import ALL
from smartkasa_async.retry import Failure, is_refusal, may_repeat
from tests.docs.markdown import Document

README = Document("README.md")


def statuses(*codes: int, has_reason: bool) -> list[Failure]:
    return [Failure("status", code, has_reason=has_reason) for code in codes]


WHAT_HAPPENED = {
    "the service was not reached": [Failure("unsent")],
    "429": statuses(429, has_reason=True),
    "the connection broke, or no answer came in time": [Failure("lost")],
    "408, 425, 500, 502, 503, 504, 520–527, 529, 530, 598, 599": statuses(
        408, 425, 500, 502, 503, 504, *range(520, 528), 529, 530, 598, 599, has_reason=True
    ),
    "400, 403, 404, 413, 415, 422 with a reason in the service's form": statuses(
        400, 403, 404, 413, 415, 422, has_reason=True
    ),
    "the same without one, such as a gateway's page; any other 4xx but 460 and 499": [
        *statuses(400, 403, 404, 413, 415, 422, has_reason=False),
        *statuses(402, 405, 409, 410, 424, 451, has_reason=True),
    ],
    "any other error status, a redirect, an answer that is unreadable or too large": [
        Failure("unusable"),
        *statuses(302, 460, 499, 501, 505, 509, 528, has_reason=True),
    ],
}


def names_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_table_of_areas_names_every_operation() -> None:
    expected: defaultdict[str, set[str]] = defaultdict(set)
    for operation in ALL:
        expected[f"kasa.{operation.area}"].add(operation.name)

    table = {names_in(area)[0]: names_in(methods) for area, methods in README.table("Areas and methods")}

    assert {area: set(methods) for area, methods in table.items()} == expected
    assert sum(map(len, table.values())) == len(ALL) == 56


def test_bold_methods_are_those_of_the_documentation() -> None:
    bold = {
        (names_in(area)[0], name)
        for area, methods in README.table("Areas and methods")
        for name in re.findall(r"\*\*`(\w+)`\*\*", methods)
    }

    assert bold == {(f"kasa.{o.area}", o.name) for o in ALL if o.source == "documentation"}


def test_table_of_settings_names_every_argument_and_default() -> None:
    table = {tuple(names_in(arguments)): default for arguments, default, _ in README.table("Settings")}
    parameters = inspect.signature(SmartKasa).parameters

    assert sorted(name for names in table for name in names) == sorted(parameters)
    for name in ("wire", "session", "timeout", "concurrency", "calls_per_second", "max_answer_bytes"):
        assert table[(name,)] == f"`{parameters[name].default!r}`".replace("'", '"'), name
    assert f"`{RetryPolicy()!r}`" in README.text


def test_tree_of_errors_is_the_real_one() -> None:
    tree = next(block.code for block in README.blocks_in("text") if block.code.startswith("SmartKasaError"))
    parents: list[str] = []
    drawn = {}
    for line in tree.splitlines():
        match = re.match(r"[│├└─ ]*", line)
        depth = len(match[0]) // 4 if match else 0
        name = line.lstrip("│├└─ ").split()[0]
        parents[depth:] = [name]
        drawn[name] = parents[depth - 1] if depth else "Exception"

    real = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SmartKasaError)]
    assert drawn.pop("SmartKasaError") == "Exception"  # its base is private
    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in real if kind is not SmartKasaError}


@pytest.mark.parametrize("what", WHAT_HAPPENED)
def test_table_of_retries_is_what_the_rules_do(what: str) -> None:
    row = next(row for row in README.table("Retries") if row[0] == what)

    for failure in WHAT_HAPPENED[what]:
        safe = "repeated" if may_repeat(LIST_PRODUCTS, failure) else "raised"
        writes = [
            "repeated"
            if may_repeat(operation, failure)
            else "raised"
            if is_refusal(operation, failure)
            else "`OutcomeUnknownError`"
            for operation in (CREATE_PRODUCT, CREATE_PRODUCT_BATCH)
        ]
        assert row[1:] == [safe, *writes], failure


def test_retry_classes_are_those_of_the_operations() -> None:
    def class_by_readme(area: str, name: str, method: str) -> str:
        if (area, name) == ("auth", "login"):
            return "safe"
        reads_or_updates = method in {"GET", "PUT", "PATCH"} and (area, name) != ("cards", "update")
        return "safe" if reads_or_updates else "unsent-only"

    assert [o.id for o in ALL if o.retry != class_by_readme(o.area, o.name, o.method)] == []


def test_speed_table_stands_between_its_marks() -> None:
    table = README.text.partition("<!-- speed -->\n")[2].partition("<!-- /speed -->")[0]

    assert table.startswith("| what |")
    assert len(table.splitlines()) == 7
