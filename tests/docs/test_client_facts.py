"""What the pages on the client and on errors state of the code is so: areas, retries, the tree of errors."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from importlib import import_module

import pytest

import smartkasa_async
from smartkasa_async import RetryPolicy, SmartKasaError, errors
from smartkasa_async._generated.operations import CREATE_PRODUCT, CREATE_PRODUCT_BATCH, LIST_PRODUCTS
from smartkasa_async._i18n.message import MessageError
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


DOORS = ("jobs", "catalog", "stock", "plans", "push", "sync", "relay", "stores", "fleet")
DRAWN = {
    "page": next(block.code for block in ERRORS.blocks_in("tree")),
    "docstring": (inspect.getdoc(errors) or "").split("\n\n")[1],
}


def public_errors() -> dict[str, type[Exception]]:
    """Return every error of the library that a user can import, by what the tree calls it."""
    found: dict[str, type[Exception]] = {name: getattr(errors, name) for name in errors.__all__}
    for door in DOORS:
        facade = import_module(f"smartkasa_async.{door}")
        for name in facade.__all__:
            kind = getattr(facade, name)
            if isinstance(kind, type) and issubclass(kind, SmartKasaError) and kind not in found.values():
                found[f"{door}.{name}"] = kind
    return {name: kind for name, kind in found.items() if issubclass(kind, SmartKasaError)}


@pytest.mark.parametrize("where", DRAWN)
def test_tree_of_errors_is_the_real_one(where: str) -> None:
    real = public_errors()
    names = {kind: name for name, kind in real.items()}
    parents: list[str] = []
    drawn = {}
    for line in inspect.cleandoc(DRAWN[where]).splitlines():
        branch, name, remark = re.fullmatch(r"([│├└─ ]*)(\S+) +(.+)", line).groups()  # type: ignore[union-attr]
        depth = len(branch) // 4
        parents[depth:] = [name]
        assert len(branch) == 4 * depth, line
        others = re.findall(r"\(also an? (\S+)\)", remark)
        drawn[name] = [parents[depth - 1], *others] if depth else []

    assert drawn == {
        name: sorted(
            [names.get(base, base.__name__) for base in kind.__bases__ if base not in {MessageError, ValueError}],
            key=lambda base: base not in drawn[name][:1],
        )
        for name, kind in real.items()
    }


def test_names_of_errors_without_a_door_are_at_the_top() -> None:
    assert all(getattr(smartkasa_async, name) is getattr(errors, name) for name in errors.__all__)
    assert smartkasa_async.JobStoppedError is smartkasa_async.jobs.JobStoppedError
    assert smartkasa_async.FailuresError is smartkasa_async.jobs.FailuresError


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
