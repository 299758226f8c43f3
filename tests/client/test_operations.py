"""Every operation through its typed method, in both wire forms, against a service that takes only that one."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import msgspec
import pytest

from smartkasa_async import LoginRefusedError, Page, SmartKasa, UnauthorizedError
from smartkasa_async.models import (
    CategoryCreate,
    CategoryUpdate,
    EmployeeCreate,
    EmployeeUpdate,
    ImportJobCreate,
    ProductCreate,
    ProductUpdate,
    ReceiptCreate,
    ReceiptItemCreate,
    ReceiptState,
    ReceiptType,
    ReceiptUpdate,
    SessionCreate,
    ShopAddressForm,
    ShopCreate,
    ShopUpdate,
    StockCardCreate,
    StockCardUpdate,
    SubgroupCreate,
    SubgroupUpdate,
    TerminalUpdate,
)
from smartkasa_async.operations import ALL
from smartkasa_async.sandbox import Sandbox
from tests.support.calling import two_of_each, uuid

WireForm = Literal["flat", "enveloped"]
Call = Callable[[SmartKasa, Sandbox], Awaitable[Any]]

_DAY = date(2026, 10, 7)
_PRODUCT = ProductCreate(title="Кава", price=Decimal("299.99"), category_id=uuid(1))
_RECEIPT = ReceiptCreate(
    total_amount=Decimal("145.50"),
    state=ReceiptState.PAID,
    type=ReceiptType.SALE,
    items=[ReceiptItemCreate(name="Кава", price=Decimal("145.50"), amount=Decimal("145.50"), quantity=Decimal(1))],
)

CALLS: dict[str, Call] = {
    "createSession": lambda kasa, box: kasa.auth.login(
        SessionCreate(phone_number=box.phone_number, password=box.password)
    ),
    "refreshSession": lambda kasa, _: kasa.auth.refresh(),
    "deleteSession": lambda kasa, _: kasa.auth.logout(),
    "listTerminals": lambda kasa, _: kasa.terminals.list(shop_id=1),
    "getTerminal": lambda kasa, _: kasa.terminals.get(1),
    "updateTerminal": lambda kasa, _: kasa.terminals.update(1, TerminalUpdate(name="Каса")),
    "deleteTerminal": lambda kasa, _: kasa.terminals.delete(1),
    "listShops": lambda kasa, _: kasa.shops.list(title="Ґ1"),
    "createShop": lambda kasa, _: kasa.shops.create(
        ShopCreate(title="Крамниця", address=ShopAddressForm(city_name="Київ", content="вул. Хрещатик, 1"))
    ),
    "getShop": lambda kasa, _: kasa.shops.get(1),
    "updateShop": lambda kasa, _: kasa.shops.update(1, ShopUpdate(title="Крамниця")),
    "deleteShop": lambda kasa, _: kasa.shops.delete(2),
    "listShopEmployees": lambda kasa, _: kasa.shops.list_employees(),
    "listEmployees": lambda kasa, _: kasa.employees.list(),
    "createEmployee": lambda kasa, _: kasa.employees.create(EmployeeCreate(first_name="Віктор", birthday=_DAY)),
    "getEmployee": lambda kasa, _: kasa.employees.get(1),
    "updateEmployee": lambda kasa, _: kasa.employees.update(1, EmployeeUpdate(notes="так")),
    "deleteEmployee": lambda kasa, _: kasa.employees.delete(1),
    "listUnitTypes": lambda kasa, _: kasa.unit_types.list(),
    "listCategories": lambda kasa, _: kasa.categories.list(),
    "createCategory": lambda kasa, _: kasa.categories.create(CategoryCreate(title="Напої")),
    "updateCategory": lambda kasa, _: kasa.categories.update(uuid(1), CategoryUpdate(title="Напої")),
    "deleteCategory": lambda kasa, _: kasa.categories.delete(uuid(2)),
    "createCategoryBatch": lambda kasa, _: kasa.categories.create_batch([CategoryCreate(title="Напої")]),
    "deleteCategoryBatch": lambda kasa, _: kasa.categories.delete_batch([uuid(1), uuid(2)]),
    "listProducts": lambda kasa, _: kasa.products.list(shop_id=1),
    "createProduct": lambda kasa, _: kasa.products.create(_PRODUCT),
    "getProduct": lambda kasa, _: kasa.products.get(uuid(1)),
    "updateProduct": lambda kasa, _: kasa.products.update(uuid(1), ProductUpdate(number=None, price=Decimal("1.10"))),
    "deleteProduct": lambda kasa, _: kasa.products.delete(uuid(1)),
    "createProductBatch": lambda kasa, _: kasa.products.create_batch([_PRODUCT, _PRODUCT]),
    "deleteProductBatch": lambda kasa, _: kasa.products.delete_batch([uuid(1)]),
    "listStockCards": lambda kasa, _: kasa.cards.list(),
    "createStockCard": lambda kasa, _: kasa.cards.create(
        StockCardCreate(product_id=uuid(1), shop_id=2, count=Decimal("5.5"))
    ),
    "getStockCard": lambda kasa, _: kasa.cards.get(1),
    "updateStockCard": lambda kasa, _: kasa.cards.update(1, StockCardUpdate(count=Decimal("9.99"))),
    "deleteStockCard": lambda kasa, _: kasa.cards.delete(1),
    "listSubgroups": lambda kasa, _: kasa.subgroups.list(),
    "createSubgroup": lambda kasa, _: kasa.subgroups.create(SubgroupCreate(title="Акція")),
    "updateSubgroup": lambda kasa, _: kasa.subgroups.update(1, SubgroupUpdate(title="Акція")),
    "deleteSubgroup": lambda kasa, _: kasa.subgroups.delete(1),
    "createImportJob": lambda kasa, _: kasa.imports.create(
        ImportJobCreate(url="https://example.com/products.json", category_id=uuid(1))
    ),
    "listImportJobs": lambda kasa, _: kasa.imports.list(),
    "getImportJob": lambda kasa, _: kasa.imports.get(1),
    "listShifts": lambda kasa, _: kasa.shifts.list(terminal_id=1),
    "getShift": lambda kasa, _: kasa.shifts.get(uuid(1)),
    "listReceipts": lambda kasa, _: kasa.receipts.list(date_start=_DAY, date_end=_DAY),
    "createReceipt": lambda kasa, _: kasa.receipts.create(_RECEIPT),
    "getReceipt": lambda kasa, _: kasa.receipts.get(uuid(1)),
    "updateReceipt": lambda kasa, _: kasa.receipts.update(uuid(1), ReceiptUpdate(description="так")),
    "deleteReceipt": lambda kasa, _: kasa.receipts.delete(uuid(1)),
    "createReceiptBatch": lambda kasa, _: kasa.receipts.create_batch([_RECEIPT, _RECEIPT]),
    "deleteReceiptBatch": lambda kasa, _: kasa.receipts.delete_batch([uuid(1), uuid(2)]),
    "getPayment": lambda kasa, _: kasa.payments.get(uuid(1)),
    "getProductSales": lambda kasa, _: kasa.reports.product_sales(shop_id=1, date_start=_DAY, date_end=_DAY),
    "listZReports": lambda kasa, _: kasa.reports.z_reports(date_start=_DAY, date_end=_DAY),
}


@asynccontextmanager
async def _client(wire: WireForm) -> AsyncIterator[tuple[SmartKasa, Sandbox]]:
    async with Sandbox(wire=wire) as box:
        world = two_of_each()
        for terminal in world.rows["terminals"]:
            terminal["properties"] = None  # nothing else was ever seen
        box.load(world)
        async with SmartKasa(**box.credentials, wire=wire) as kasa:
            yield kasa, box


def test_every_operation_has_its_call() -> None:
    assert set(CALLS) == {operation.id for operation in ALL}
    assert len(CALLS) == 56


@pytest.mark.parametrize("wire", ["flat", "enveloped"])
@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.id)
async def test_operation_is_carried_out(operation: Any, wire: WireForm) -> None:
    async with _client(wire) as (kasa, box):
        await kasa.login()
        box.calls.clear()
        answer = await CALLS[operation.id](kasa, box)

        assert box.calls == {f"{operation.method} {operation.path}": 1}
        wanted = msgspec.structs.fields(operation.response)
        if operation.pages is not None:
            assert isinstance(answer, Page)
            assert answer.data, "an empty list shows nothing"
            assert answer.meta.total_count >= len(answer)
        else:
            data = next(field.type for field in wanted if field.name == "data")
            assert msgspec.convert(msgspec.to_builtins(answer), type=data) is not None


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.id)
def test_method_stands_at_its_area(operation: Any) -> None:
    kasa = SmartKasa(api_key="key")
    method = getattr(getattr(kasa, operation.area), operation.name)
    assert operation.path in (inspect.getdoc(method) or "")


@pytest.mark.parametrize("wire", ["flat", "enveloped"])
async def test_other_wire_form_is_refused_with_a_clear_error(wire: WireForm) -> None:
    other: WireForm = "enveloped" if wire == "flat" else "flat"
    async with Sandbox(wire=wire) as box, SmartKasa(**box.credentials, wire=other) as kasa:
        with pytest.raises(LoginRefusedError) as caught:
            await kasa.shops.list()
        assert (caught.value.operation, caught.value.status) == ("createSession", 422)


async def test_what_was_written_is_read_back_exactly() -> None:
    async with _client("flat") as (kasa, box):
        shop = await kasa.shops.create(ShopCreate(title="Крамниця №1 «Ґедзь»", phone_number="0971234567"))
        assert (shop.title, shop.phone_number) == ("Крамниця №1 «Ґедзь»", "380971234567")
        assert (await kasa.shops.get(shop.id)).title == shop.title
        made = await kasa.products.create(_PRODUCT)
        product = await kasa.products.get(made.id)
        assert product.price == Decimal("299.99")
        await kasa.products.update(made.id, ProductUpdate(alter_title=None, price=Decimal("0.1")))
        assert box.rows("products", id=made.id)[0]["price"] == Decimal("0.1")
        receipt = await kasa.receipts.create(_RECEIPT)
        assert receipt.total_amount == Decimal("145.50")


async def test_wrong_password_is_the_recorded_refusal() -> None:
    async with Sandbox() as box, SmartKasa(**(box.credentials | {"password": "s3cret"})) as kasa:
        with pytest.raises(LoginRefusedError, match="phone_number_or_password_invalid") as caught:
            await kasa.shops.list()
        assert "s3cret" not in f"{caught.value!r}"
        assert caught.value.request_id


async def test_wrong_key_is_unauthorized() -> None:
    async with Sandbox() as box, SmartKasa(**(box.credentials | {"api_key": "other"})) as kasa:
        with pytest.raises(LoginRefusedError) as caught:
            await kasa.shops.list()
        assert isinstance(caught.value.__cause__, UnauthorizedError)
        assert (caught.value.operation, caught.value.status) == ("createSession", 401)
        assert box.calls == {"POST /api/v1/auth/sessions": 1}
