"""The flat form: the requests of the area methods equal the documentation's 13 curl commands."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from aioresponses.compat import normalize_url

from smartkasa_async import SmartKasa
from smartkasa_async.models import (
    ClassifierType,
    ProductCreate,
    ReceiptCreate,
    ReceiptItemCreate,
    ReceiptState,
    ReceiptType,
    SessionCreate,
    ShopAddressForm,
    ShopCreate,
    TaxGroup,
    TerminalUpdate,
)
from tests.support.service import SAMPLES, answer, make_session, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aioresponses import aioresponses

_SHOP = ShopCreate(
    title="Downtown Store",
    email="downtown@store.com",
    phone_number="0971234567",
    state=0,
    website_url="https://www.downtown-store.com",
    business_category_id=1,
    fiscal_numbers=[],
    fiscalization_enabled=False,
    is_vat_taxation=True,
    is_excise_taxation=False,
    address=ShopAddressForm(zip_code="01001", city_name="Київ", content="вул. Хрещатик, 1"),
)
_PRODUCT = ProductCreate(
    number="6930426566",
    title="Premium Coffee Beans 1kg",
    unit_type_id=0,
    portion_amount=1000,
    portion_type_id=0,
    price=Decimal("299.99"),
    procurement_price=Decimal("150.0"),
    classifier_type_id=ClassifierType.DKPP,
    classifier_code="543210123456789",
    tax_group_id=TaxGroup.VAT_20,
    category_id="992670be-c998-4169-a62c-63bfe2a4e1a0",
    category_type_id=2201372,
    sold_by_weight=False,
    bookmark_ids=[],
    user_id=103930,
    owner_id=103929,
)
_RECEIPT = ReceiptCreate(
    title="Customer Purchase #1234",
    total_amount=Decimal("145.0"),
    state=ReceiptState.PAID,
    type=ReceiptType.SALE,
    discount_amount=Decimal("15.0"),
    seller_id=1,
    shift_id=None,
    fiscal_number="123456789012345",
    registrar_fiscal_number="123456789054321",
    cashier_name="Jane Doe",
    description="Regular sale transaction",
    tax_amount={"А": Decimal("23.5")},
    is_hidden=False,
    items=[
        ReceiptItemCreate(
            name="Coffee Premium Blend",
            price=Decimal("70.5"),
            amount=Decimal("246.75"),
            quantity=Decimal("3.5"),
            sku="COFFEE-001",
            tax_group_id=TaxGroup.VAT_20,
            is_product=True,
            product_id="db8b8402-cd2a-4ad1-947f-bc521ca5f13f",
            stock_item_id=1,
            unit_type_id=0,
            description="Premium coffee blend 250g",
        )
    ],
)


def _batch_product(number: str, title: str, *, portion: int, price: str, cost: str, code: str) -> ProductCreate:
    return ProductCreate(
        number=number,
        title=title,
        unit_type_id=0,
        portion_amount=portion,
        portion_type_id=0,
        price=Decimal(price),
        procurement_price=Decimal(cost),
        classifier_type_id=ClassifierType.DKPP,
        classifier_code=code,
        tax_group_id=TaxGroup.VAT_20,
        category_id="b3c286e0-1823-4c2b-a850-12f7fd921020",
        category_type_id=2938762,
        sold_by_weight=False,
        bookmark_ids=[],
    )


_BATCH = [
    _batch_product(
        "6930426566", "Premium Coffee Beans 1kg", portion=1000, price="299.99", cost="150.0", code="543210123456789"
    ),
    _batch_product(
        "6930426567", "Organic Green Tea 500g", portion=500, price="189.5", cost="95.0", code="543210123456790"
    ),
    _batch_product(
        "6930426568", "Espresso Blend 250g", portion=250, price="149.0", cost="75.0", code="543210123456791"
    ),
]

CALLS: list[Callable[[SmartKasa], Awaitable[Any]]] = [
    lambda kasa: kasa.auth.login(SessionCreate(phone_number="380960000006", password="123456789")),
    lambda kasa: kasa.auth.refresh(),
    lambda kasa: kasa.auth.logout(),
    lambda kasa: kasa.terminals.list(shop_id=37958, page=1, per_page=25),
    lambda kasa: kasa.terminals.update(20012, TerminalUpdate(name="Updated Terminal Name", shop_id=37964)),
    lambda kasa: kasa.shops.create(_SHOP),
    lambda kasa: kasa.products.create(_PRODUCT),
    lambda kasa: kasa.products.get("f747fbc5-4782-4489-92b4-51691dea1f63"),
    lambda kasa: kasa.receipts.create(_RECEIPT),
    lambda kasa: kasa.receipts.list(shop_id=13, state=ReceiptState.PAID, page=1, per_page=10),
    lambda kasa: kasa.shifts.list(terminal_id=19987, state=0, page=1),
    lambda kasa: kasa.reports.z_reports(shop_id=155, date_start=date(2021, 8, 1), date_end=date(2021, 8, 31)),
    lambda kasa: kasa.products.create_batch(_BATCH),
]
_TRANSPORTS_OWN = {"Host", "Accept", "Accept-Encoding", "User-Agent", "Content-Length"}


def _name(sample: dict[str, Any]) -> str:
    path = urlsplit(sample["request"]["url"]).path.removeprefix("/api/v1/")
    return f"{sample['request']['method']} {path}"


_EACH_SAMPLE = pytest.mark.parametrize(
    ("sample", "call"), list(zip(SAMPLES, CALLS, strict=True)), ids=[_name(sample) for sample in SAMPLES]
)


def test_every_sample_has_its_call() -> None:
    assert len(SAMPLES) == len(CALLS) == 13


@_EACH_SAMPLE
async def test_request_equals_the_curl_command(
    sample: dict[str, Any], call: Callable[[SmartKasa], Awaitable[Any]]
) -> None:
    wanted, success = sample["request"], sample["answers"][0]
    parts = urlsplit(wanted["url"])
    async with (
        serve(answer(success["body"], success["status"])) as service,
        SmartKasa(api_key="your_api_key_here", base_url=service.url, session=make_session()) as kasa,
    ):
        await call(kasa)

    (request,) = service.arrived
    assert request.method == wanted["method"]
    assert request.target == (f"{parts.path}?{parts.query}" if parts.query else parts.path)
    headers = {name: value for name, value in request.headers.items() if name not in _TRANSPORTS_OWN}
    if request.target == "/api/v1/auth/refresh":  # its token goes in the header that others read as well
        assert headers["Authorization"] == f"Bearer {headers.pop('X-Refresh-Token')}"
    assert headers == wanted["headers"]
    assert request.json == wanted["body"]


@_EACH_SAMPLE
async def test_address_is_the_documented_one_by_default(
    sample: dict[str, Any],
    call: Callable[[SmartKasa], Awaitable[Any]],
    mocked: aioresponses,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SMARTKASA_BASE_URL", raising=False)
    wanted, success = sample["request"], sample["answers"][0]
    reply = answer(success["body"]).partition(b"\r\n\r\n")[2]
    mocked.add(wanted["url"], method=wanted["method"], status=success["status"], body=reply)
    async with SmartKasa(api_key="your_api_key_here", session=make_session()) as kasa:
        await call(kasa)

    assert list(mocked.requests) == [(wanted["method"], normalize_url(wanted["url"]))]  # the query's order apart
