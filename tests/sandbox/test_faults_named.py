"""Faults by the name of an operation, and faults that could never affect a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import operations
from smartkasa_async.sandbox import Fault
from smartkasa_async.sandbox.faults import parse_fault

if TYPE_CHECKING:
    from tests.support.calling import Caller


_SHOPS = "/api/v1/rsn/shops"


async def test_an_operation_is_affected_by_its_name(caller: Caller) -> None:
    caller.box.faults.add(Fault("status", operation="createShop", status=429))
    await caller("GET", "/rsn/shops", status=200)
    await caller("POST", "/rsn/shops", {"title": "А"}, status=429)
    await caller("POST", "/rsn/shops", {"title": "А"}, status=201)
    caller.box.faults.add(Fault("status", operation="getShop", status=503))
    id_ = caller.box.rows("shops")[0]["id"]
    await caller("GET", f"/rsn/shops/{id_}", status=503)


@pytest.mark.parametrize("operation", operations.ALL, ids=lambda operation: operation.id)
def test_every_operation_can_be_named(operation: Any) -> None:
    fault = Fault("drop_after", operation=operation.id)
    assert fault.affects(operation.method, operation.path)
    assert Fault("drop_after", operation.method, operation.path).affects(operation.method, operation.path)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"operation": "createProducts"}, ["'createProducts'", "'createProduct'"]),
        ({"operation": "createproduct"}, ["'createProduct'"]),
        ({"operation": "products.create"}, ["'createProduct'"]),
        ({"operation": "products.lst"}, ["'listProducts'"]),
        ({"operation": ""}, ["''", "OpenAPI"]),
        ({"operation": "createProduct", "method": "POST"}, ["operation", "method"]),
        ({"operation": "createProduct", "path": "/api/v1/inventory/products"}, ["operation", "path"]),
        ({"path": "/api/v1/inventory/product"}, ["'/api/v1/inventory/products'"]),
        ({"path": "/api/v1/inventory/products/"}, ["'/api/v1/inventory/products'"]),
        ({"path": "api/v1/rsn/shops"}, ["'/api/v1/rsn/shops'"]),
        ({"path": "/rsn/shops"}, ["'/api/v1/rsn/shops'"]),
        ({"path": "/api/v1/rsn/shops/5"}, ["'/api/v1/rsn/shops/{id}'"]),
        ({"path": "GET /api/v1/rsn/shops"}, ["'/api/v1/rsn/shops'"]),
        ({"method": "DELETE", "path": "/api/v1/rsn/shops"}, ["DELETE /api/v1/rsn/shops", "GET, POST"]),
        ({"method": "get"}, ["'get'", "GET"]),
        ({"method": "FETCH"}, ["'FETCH'", "GET"]),
        ({"times": 0}, ["times is 0"]),
        ({"probability": 0}, ["probability is 0"]),
        ({"probability": 2.0}, ["probability is 2.0"]),
        ({"seconds": -1}, ["seconds is -1"]),
        ({"status": 42}, ["status is 42"]),
    ],
)
def test_a_fault_that_could_never_affect_a_request_is_refused(order: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        Fault("status", **order)
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("503", Fault("status", status=503)),
        ("503,operation=createProduct,times=2", Fault("status", status=503, operation="createProduct", times=2)),
        ("status, operation=listShops, times=all", Fault("status", operation="listShops", times=None)),
        ("delay,seconds=1.5,method=GET", Fault("delay", "GET", seconds=1.5)),
        (
            "drop_after,path=/api/v1/rsn/shops,probability=0.5",
            Fault("drop_after", path="/api/v1/rsn/shops", probability=0.5),
        ),
        ("429,retry_after=2", Fault("status", status=429, retry_after=2.0)),
    ],
)
def test_a_fault_is_read_from_a_command_line(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["''", "drop_before"]),
        ("dorp", ["'dorp'", "drop_before"]),
        ("503,operation=creatProduct", ["'createProduct'"]),
        ("503,opration=createProduct", ["'opration'", "operation,"]),
        ("503,times=often", ["times", "'often'"]),
        ("503,times", ["'times'", "no value"]),
        ("777", ["status is 777"]),
    ],
)
def test_what_is_no_fault_on_a_command_line_is_refused(text: str, words: list[str]) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        parse_fault(text)
    assert [word for word in words if word not in str(caught.value)] == []
