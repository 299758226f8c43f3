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

from smartkasa_async import Page, SmartKasa, UnauthorizedError, ValidationError
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
from tests.sandbox.calling import two_of_each, uuid

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
    "getImportJob": lambda kasa, _: kasa.imports.get(_import_id),
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
