"""A model of the service for syncs: shops and receipts that a test changes as it likes, and a clock of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime
from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from smartkasa_async.records import Window, business_day
from tests.support.service import answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.support.service import Arrived

__all__ = ["LONG_AGO", "NOON", "ListingService"]

NOON = datetime(2026, 10, 20, 9, tzinfo=UTC)
"""Noon in Kyiv, in the middle of October."""

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class ListingService:
    """Answers lists of shops and of receipts; give it to `served`.

    Attributes:
        now: The service's clock.
        tell: Makes the header `Date` out of it; None for no such header.
        headers: Other headers of each answer.
        shops: Ids of the account's shops.
        opened: When shops were opened; long ago where nothing is said.
        size: Most records on a page.
        receipts: What is listed, by id.
        asked: The queries that came, those for shops left out.
        before: Called before each query is answered, with its number from 0; it may change anything.
        answered: Answers that are given in place of the right ones, by the number of the query.
    """

    now: datetime = NOON
    tell: Callable[[datetime], str] | None = lambda moment: format_datetime(moment, usegmt=True)
    headers: tuple[str, ...] = ()
    shops: tuple[int, ...] = (1,)
    opened: dict[int, datetime] = field(default_factory=dict)
    size: int = 100
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    before: Callable[[int], None] = lambda _: None
    answered: dict[int, bytes] = field(default_factory=dict)

    def sell(self, moment: datetime, *, shop: int = 1, id_: str | None = None, **fields: Any) -> str:
        """Add a receipt of 10.50 hryvnias, and give its id."""
        name = id_ or f"r{len(self.receipts)}-{moment:%m%d%H%M%S}-{shop}"
        self.receipts[name] = {
            "id": name,
            "shop_id": shop,
            "type": 0,
            "state": 2,
            "total_amount": "10.50",
            "created_at": moment.isoformat(),
            "updated_at": moment.isoformat(),
            "items": [],
            "payment_transactions": [],
        } | fields
        return name

    def sell_daily(self, start: date, end: date, *, shop: int = 1, each: int = 1) -> list[str]:
        """Add receipts at noon of each day of a span."""
        days = [day.start for day in Window(start, end).split(1)]
        return [
            self.sell(datetime(day.year, day.month, day.day, 9, n, tzinfo=UTC), shop=shop)
            for day in days
            for n in range(each)
        ]

    def __call__(self, request: Arrived) -> bytes:
        parts = urlsplit(request.target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/shops"):
            return self._page([self._shop(id_) for id_ in self.shops], query)
        number = len(self.asked)
        self.asked.append(query)
        self.before(number)
        return self.answered.get(number) or self._page(self.listed(query), query)

    def _shop(self, id_: int) -> dict[str, Any]:
        opened_at = self.opened.get(id_, LONG_AGO).isoformat()
        return {"id": id_, "title": f"Shop {id_}", "state": 1, "created_at": opened_at, "updated_at": opened_at}

    def listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """Give what a query lists, newest first."""
        first, last = date.fromisoformat(query["date_start"]), date.fromisoformat(query["date_end"])
        found = [
            one
            for one in self.receipts.values()
            if str(one["shop_id"] or query["shop_id"]) == query["shop_id"]
            and first <= business_day(datetime.fromisoformat(one["created_at"])) <= last
        ]
        return sorted(found, key=lambda one: (one["created_at"], one["id"]), reverse=True)

    def _page(self, records: list[dict[str, Any]], query: dict[str, str]) -> bytes:
        number, size = int(query.get("page", 1)), min(self.size, int(query.get("per_page", 10)))
        begin, pages = (number - 1) * size, ceil(len(records) / size)
        meta = {
            "current_page": number,
            "total_pages": pages,
            "total_count": len(records),
            "limit_value": size,
            "offset_value": begin,
            "next_page": number + 1 if number < pages else None,
        }
        return answer({"data": records[begin : begin + size], "meta": meta}, 200, *self._headers())

    def _headers(self) -> Iterable[str]:
        return self.headers if self.tell is None else (f"Date: {self.tell(self.now)}", *self.headers)
