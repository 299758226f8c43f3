"""A plain caller of the sandbox, and two rows of each table to call about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.schema import TABLES, Kind

if TYPE_CHECKING:
    import aiohttp

    from smartkasa_async.sandbox import Merchant, Sandbox

__all__ = ["Caller", "Rows", "two_of_each", "uuid"]

API = "/api/v1"

_NUMBERED_PARENTS = {
    "shop_id": "shops",
    "terminal_id": "terminals",
    "role_id": "roles",
    "partner_id": "partners",
    "subgroup_id": "subgroups",
}
_START = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


class Caller:
    """Calls the sandbox in the flat form with the key and a token."""

    def __init__(self, box: Sandbox | Merchant, session: aiohttp.ClientSession) -> None:
        self.box = box
        self.session = session
        self.headers = {"X-API-KEY": box.api_key}

    async def login(self) -> dict[str, Any]:
        credentials = {"phone_number": self.box.phone_number, "password": self.box.password}
        pair = await self("POST", "/auth/sessions", credentials, status=201)
        self.headers["Authorization"] = f"Bearer {pair['data']['access']}"
        return dict(pair["data"])

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        status: int | None = 200,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Any:
        """Call, check the status (None for any), and return the answer's body."""
        headers = self.headers if headers is None else headers
        sent = {} if body is None else {"json": body}
        url = f"{self.box.url}{API}{path}"
        async with self.session.request(method, url, params=query, headers=headers, **sent) as response:
            answer = await response.json()
            assert status in {None, response.status}, answer
            return answer

    async def data(self, method: str, path: str, body: Any = None, *, status: int = 200, **query: Any) -> Any:
        """Call and return the answer's data."""
        return (await self(method, path, body, status=status, **query))["data"]


@dataclass
class Rows:
    """Rows by table, as a business has them."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def two_of_each() -> Rows:
    """Make two rows of each table, all columns filled in, no value the same; the first ones belong together."""
    tables = [table for name, table in TABLES.items() if name not in {"sessions", "unit_types"}]
    world = Rows({table.name: [_row(table.name, number) for number in (1, 2)] for table in tables})
    for shop in world.rows["shops"]:
        shop |= {"employees_count": 1, "terminals_count": 1}
    for category in world.rows["categories"]:
        category |= {"parent_id": None, "products_count": 1}
    sale, refund = world.rows["receipts"]
    sale |= {"type": 0, "state": 2}
    refund |= {"type": 3, "state": 3}
    world.rows["products"][1]["picture"] = None
    return world


def _row(table: str, number: int) -> dict[str, Any]:
    return {name: _value(table, name, kind, number) for name, kind in TABLES[table].columns.items()}


def _value(table: str, name: str, kind: Kind, number: int) -> Any:
    if name == "position":
        return 0
    if name == "id" or name in _NUMBERED_PARENTS:
        return number if kind is Kind.INTEGER else uuid(number)
    if name.endswith("_id") and kind is Kind.TEXT:
        return uuid(number)
    return {
        Kind.INTEGER: number,
        Kind.TEXT: f"{name} Ґ{number}",
        Kind.FLAG: number == 1,
        Kind.DECIMAL: Decimal(number) + Decimal("0.25"),
        Kind.NUMBER: Decimal(number) + Decimal("0.25"),
        Kind.TIME: _START + timedelta(days=number),
        Kind.UTC_TIME: datetime(1980, 1, number, tzinfo=UTC),
        Kind.JSON: _document(table, name, number),
    }[kind]


def _document(table: str, name: str, number: int) -> Any:
    address = {"id": number, "address_type_id": 0, "content": f"вул. Тестова, {number}", "zip_code": "08800"}
    times = {"created_at": "2026-10-05T12:00:00.000+03:00", "updated_at": "2026-10-05T12:00:00.000+03:00"}
    picture = {"id": "cd84", "filename": "test.png", "mime_type": "image/png", "size": 8132, "url": "/uploads/cd84"}
    z_report = {
        "cash": {"total": Decimal("12276.25"), "commission": 0, "receipts_count": 4},
        "timestamp": "1618495142092",
        "cash_amount": 0,
        "cashierName": "Андрій Солопчук",
        "fiscalNumber": "7069483",
        "service_input": 0,
        "service_output": 0,
        "turnover_amount": 0,
        "registrarLocalNumber": "1",
        "registrarFiscalNumber": "4000026885",
    }
    documents = {
        "address": address | times | {"city_name": "Київ"},
        "address_legal": address | times | {"city_id": None, "city_name": None, "region_id": None},
        "avatar": picture,
        "picture": picture,
        "tax_amount": {"А": 22825, "З": 6848},
        "results": {},
        "payload": z_report if table == "z_reports" else {"merchant": "M1", "terminal": "T1"},
    }
    return documents.get(name, [])
