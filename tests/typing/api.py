"""How the package is used, for the type checker: never run."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, assert_type

from msgspec import UnsetType

from smartkasa_async import (
    FailuresError,
    FileTokenStore,
    JobStoppedError,
    Page,
    Pages,
    RateLimitedError,
    RetryPolicy,
    SmartKasa,
    TokenStore,
    ValidationError,
)
from smartkasa_async._generated.operations import GET_SHOP
from smartkasa_async.blocking import BlockingPages, BlockingSmartKasa
from smartkasa_async.catalog import ImportStoppedError, ImportSummary, Outcome, import_products
from smartkasa_async.client import RawAnswer
from smartkasa_async.errors import FieldRefusal
from smartkasa_async.events import Event, RetryEvent
from smartkasa_async.jobs import JobOutcome, JobProblem, JobSummary, RunResult
from smartkasa_async.models import (
    Category,
    CategoryCreate,
    NumericId,
    PaymentTransaction,
    Product,
    ProductCreate,
    ProductSales,
    ProductUpdate,
    Receipt,
    ReceiptType,
    Session,
    Shop,
    ShopAnswer,
    ShopCreate,
    ShopPage,
    ShopStaff,
    StockCard,
    TaxGroup,
    Terminal,
    UnitType,
    UuidId,
    ZReport,
)
from smartkasa_async.operations import ALL, Operation, find
from smartkasa_async.push import PushStoppedError, PushSummary, push_receipts
from smartkasa_async.records import RecordKind, Sink, SyncState, Undecodable
from smartkasa_async.stores import Store, open_store


class CredentialStore:
    """A token store of the user's own."""

    async def load(self) -> Session | None:
        return None

    async def save(self, session: Session) -> None: ...

    async def clear(self) -> None: ...


def on_event(event: Event) -> None:
    if isinstance(event, RetryEvent):
        assert_type(event.seconds, float)


store: TokenStore = CredentialStore()


async def use() -> None:
    async with SmartKasa(
        api_key="key",
        token_store=FileTokenStore("tokens.json"),
        wire="enveloped",
        retry=RetryPolicy(retries=5),
        calls_per_second=4,
        on_event=on_event,
    ) as kasa:
        assert_type(kasa, SmartKasa)
        assert_type(await kasa.login(), Session)
        await reads(kasa)
        await writes(kasa)
        await jobs(kasa)
        await operations(kasa)


async def reads(kasa: SmartKasa) -> None:
    shops = kasa.shops.list(title="Т", per_page=50, limit=3)
    assert_type(shops, Pages[Shop])
    assert_type(await shops, Page[Shop])
    async for shop in shops:
        assert_type(shop, Shop)
        assert_type(shop.id, int)
    async for page in kasa.receipts.list(date_start=date(2026, 10, 1)).pages(concurrency=4):
        assert_type(page, Page[Receipt])
        for receipt in page:
            assert_type(receipt, Receipt)
            assert_type(receipt.total_amount, Decimal)
            assert_type(receipt.type, ReceiptType)
    assert_type(await kasa.shops.get(1), Shop)
    assert_type(kasa.shops.list_employees(), Pages[ShopStaff])
    assert_type(kasa.unit_types.list(), Pages[UnitType])
    assert_type(kasa.cards.list(), Pages[StockCard])
    assert_type(kasa.terminals.list(), Pages[Terminal])
    assert_type(await kasa.payments.get("id"), PaymentTransaction)
    assert_type(kasa.reports.z_reports(), Pages[ZReport])
    assert_type(await kasa.reports.product_sales(shop_id=1), ProductSales)
    product = await kasa.products.get("id")
    assert_type(product, Product)
    assert_type(product.price, Decimal)
    assert_type(product.tax_group_id, TaxGroup | None | UnsetType)


async def writes(kasa: SmartKasa) -> None:
    assert_type(await kasa.shops.create(ShopCreate(title="Т")), Shop)
    assert_type(await kasa.shops.delete(1), NumericId)
    product = ProductCreate(title="Кава", price=Decimal("299.99"), tax_group_id=TaxGroup.VAT_20)
    try:
        assert_type(await kasa.products.create_batch((product, product)), list[UuidId])
    except RateLimitedError as error:
        assert_type(error.retry_after, float | None)
    except ValidationError as error:
        assert_type(error.refusals, tuple[FieldRefusal, ...])
    assert_type(await kasa.products.update("id", ProductUpdate(number=None)), UuidId)
    assert_type(await kasa.categories.create_batch([CategoryCreate(title="Т")]), list[Category])
    ProductCreate(title="Кава", price=299.99)  # type: ignore[arg-type]  # money is never float
    ProductCreate(title=None)  # type: ignore[arg-type]
    await kasa.shops.create({"title": "Т"})  # type: ignore[arg-type]
    await kasa.shops.get("1")  # type: ignore[arg-type]
    kasa.receipts.list(date_start="2026-10-01")  # type: ignore[arg-type]


async def jobs(kasa: SmartKasa) -> None:
    try:
        summary = await import_products(kasa, "prices.csv")
        assert_type(summary.raise_for_failures(), ImportSummary)
    except ImportStoppedError as error:
        assert_type(error.summary, ImportSummary)
        assert_type(error.summary.failed, tuple[Outcome, ...])
    except JobStoppedError as error:
        assert_type(error.summary, JobSummary[JobOutcome[JobProblem]])
        assert_type(error.summary.total, int)
    except FailuresError as error:
        assert_type(error.result, RunResult)
    try:
        assert_type(await push_receipts(kasa, []), PushSummary)
    except PushStoppedError as error:
        assert_type(error.summary, PushSummary)


async def operations(kasa: SmartKasa) -> None:
    operation = find("GET", "/api/v1/rsn/shops")
    assert_type(operation, Operation[ShopPage])  # type: ignore[assert-type]  # known only at run time
    assert_type(await kasa.call(GET_SHOP, id=1), ShopAnswer)
    assert_type(GET_SHOP.decode(b"{}"), ShopAnswer)
    view = kasa.with_options(timeout=5, retry=RetryPolicy(retries=0), headers={"X-Trace": "1"}, extra_query={"a": [1]})
    assert_type(view, SmartKasa)
    raw = await view.with_options(extra_body={"new": Decimal(1)}).call_raw(GET_SHOP, id=1)
    assert_type(raw, RawAnswer[ShopAnswer])
    assert_type(raw.answer.data, Shop)
    assert_type(raw.status, int)
    assert_type(raw.body, bytes)
    for known in ALL:
        assert_type(known.id, str)


def without_a_loop() -> None:
    with SmartKasa.blocking(api_key="key", timeout=5) as kasa:
        assert_type(kasa, BlockingSmartKasa)
        assert_type(kasa.shops.get(1), Shop)
        assert_type(kasa.shops.list(per_page=50), BlockingPages[Shop])
        assert_type(kasa.shops.list().first(), Page[Shop])
        for shop in kasa.shops.list():
            assert_type(shop, Shop)
        assert_type(kasa.call(GET_SHOP, id=1), ShopAnswer)
        assert_type(kasa.with_options(timeout=1).call_raw(GET_SHOP, id=1), RawAnswer[ShopAnswer])
        assert_type(kasa.import_products("prices.csv"), ImportSummary)
        with kasa.open_store("kasa.sqlite") as kept:
            assert_type(kept, Store)
            assert_type(kasa.run(kept.quarantined), list[tuple[RecordKind, Undecodable]])
        for outcome in kasa.iterate(import_products(kasa.client, "prices.csv")):
            assert_type(outcome, Outcome)
    SmartKasa.blocking(timeout="5")  # type: ignore[arg-type]
    SmartKasa.blocking("key")  # type: ignore[call-arg]
    kasa.shops.get("1")  # type: ignore[arg-type]


async def stores() -> None:
    async with open_store(Path("kasa.sqlite"), keep_raw=False) as kept:
        assert_type(kept, Store)
        takes_all_kinds(kept)
        remembers(kept)


def takes_all_kinds(sink: Sink[Any]) -> None: ...


def remembers(state: SyncState) -> None: ...
