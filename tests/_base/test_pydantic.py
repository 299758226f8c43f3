"""Structs inside pydantic's models and FastAPI's routes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from fastapi import Body, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, TypeAdapter, ValidationError

from smartkasa_async import models
from smartkasa_async.models import Product, ProductCreate, Receipt, ReceiptState, Session, Shop, TaxGroup

_SHOP = Shop(id=7, title="Крамниця", created_at=datetime(2026, 10, 1, tzinfo=UTC))


class _Order(BaseModel):
    shop: Shop
    products: list[ProductCreate] = []


def test_a_model_of_pydantic_has_structs_as_fields() -> None:
    order = _Order.model_validate(
        {"shop": _SHOP, "products": [{"title": "Кава", "price": "299.90", "tax_group_id": 1}]}
    )
    assert order.shop is _SHOP
    assert order.products == [ProductCreate(title="Кава", price=Decimal("299.90"), tax_group_id=TaxGroup(1))]
    assert _Order.model_validate_json(order.model_dump_json()) == order
    assert order.model_dump(mode="json")["products"] == [{"title": "Кава", "price": "299.90", "tax_group_id": 1}]
    assert '"created_at":"2026-10-01T00:00:00Z"' in order.model_dump_json()


def test_what_has_another_form_is_refused_and_named() -> None:
    with pytest.raises(ValidationError, match=r"Expected `int`, got `str` - at `\$\.id`"):
        _Order.model_validate({"shop": {"id": "seven", "title": "Т"}})


def test_unlisted_codes_and_secrets_are_what_they_are() -> None:
    receipt = TypeAdapter(Receipt)
    read = receipt.validate_python(
        {"id": "r", "type": 0, "state": 77, "total_amount": 1, "created_at": "2026-10-01T00:00:00Z"}
        | {"updated_at": "2026-10-01T00:00:00Z"}
    )
    assert read.state == ReceiptState(77)
    session = Session(access="a", access_expires_at=_at(), refresh="r", refresh_expires_at=_at())
    assert "'a'" not in repr(TypeAdapter(Session).validate_python(session))


def _at() -> datetime:
    return datetime(2026, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", models.__all__)
def test_every_struct_can_be_described(name: str) -> None:
    kind = getattr(models, name)
    described = TypeAdapter(kind).json_schema()
    assert "$ref" not in str(described)
    assert described.get("title", name) == name


def test_fastapi_takes_and_returns_structs() -> None:
    app = FastAPI()

    @app.get("/shops/{id}")
    async def shop(id: int) -> Shop:
        return Shop(id=id, title="Крамниця")

    @app.get("/products")
    async def products() -> list[Product]:
        return [Product(id="p", title="Кава", price=Decimal("299.90"))]

    @app.post("/products")
    async def create(product: Annotated[ProductCreate, Body()]) -> dict[str, Any]:
        return {"price": str(product.price)}

    web = TestClient(app)
    assert web.get("/shops/7").json() == {"id": 7, "title": "Крамниця"}
    assert web.get("/products").json() == [{"id": "p", "title": "Кава", "price": "299.90"}]
    assert web.post("/products", json={"title": "Кава", "price": 299.9}).json() == {"price": "299.9"}
    refused = web.post("/products", json={"title": 7})
    assert (refused.status_code, "$.title" in refused.text) == (422, True)
    schemas = web.get("/openapi.json").json()["paths"]
    shop_schema = schemas["/shops/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert shop_schema["properties"]["id"] == {"type": "integer"}
