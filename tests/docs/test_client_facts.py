"""What the pages on the client and on errors state of the code is so: areas, retries, the tree of errors."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from smartkasa_async import RetryPolicy, SmartKasaError, errors
from smartkasa_async._generated.operations import CREATE_PRODUCT, CREATE_PRODUCT_BATCH, LIST_PRODUCTS
from smartkasa_async.operations import ALL
from smartkasa_async.retry import Failure, is_refusal, may_repeat
from tests.docs.markdown import Document

CLIENT, ERRORS = Document("docs/client.md"), Document("docs/errors.md")


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

    table = {names_in(area)[0]: names_in(methods) for area, methods in CLIENT.table("Areas and methods")}

    assert {area: set(methods) for area, methods in table.items()} == expected
    assert sum(map(len, table.values())) == len(ALL) == 56


def test_bold_methods_are_those_of_the_documentation() -> None:
    bold = {
        (names_in(area)[0], name)
        for area, methods in CLIENT.table("Areas and methods")
        for name in re.findall(r"\*\*`(\w+)`\*\*", methods)
    }

    assert bold == {(f"kasa.{o.area}", o.name) for o in ALL if o.source == "documentation"}


def test_policy_of_retries_is_the_default_one() -> None:
    assert f"`{RetryPolicy()!r}`" in CLIENT.text


def test_tree_of_errors_is_the_real_one() -> None:
    (tree,) = (block.code for block in ERRORS.blocks_in("tree"))
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
    row = next(row for row in CLIENT.table("Retries") if row[0] == what)

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
    def class_by_page(area: str, name: str, method: str) -> str:
        if (area, name) == ("auth", "login"):
            return "safe"
        reads_or_updates = method in {"GET", "PUT", "PATCH"} and (area, name) != ("cards", "update")
        return "safe" if reads_or_updates else "unsent-only"

    assert [o.id for o in ALL if o.retry != class_by_page(o.area, o.name, o.method)] == []
