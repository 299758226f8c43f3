"""A list of receipts that changes from request to request, served page by page by a bare socket."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from smartkasa_async import RetryPolicy, SmartKasa
from tests.support.service import answer, make_session, serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from tests.support.service import Arrived

__all__ = ["SHOP", "ShiftingList", "receipt", "receipts", "served"]

SHOP = 13


def receipt(number: int | str, **fields: Any) -> dict[str, Any]:
    """Make the JSON of a sale of 1 October 2026."""
    return {
        "id": str(number),
        "shop_id": SHOP,
        "type": 0,
        "state": 2,
        "total_amount": "10.50",
        "created_at": "2026-10-01T12:00:00.000+03:00",
        "updated_at": "2026-10-01T12:00:00.000+03:00",
        "items": [],
        "payment_transactions": [],
    } | fields


def receipts(*numbers: int) -> list[dict[str, Any]]:
    return [receipt(number) for number in numbers]


class ShiftingList:
    """Answers with a page of the list as it is at that moment.

    Args:
        state: The list, newest first, given the page that is asked for and how often it was before; bytes are an answer
            as it goes out.
        size: Records on a page, whatever is asked for.
    """

    def __init__(self, state: Callable[[int, int], Sequence[Any] | bytes], size: int = 2) -> None:
        self._state = state
        self._size = size
        self.asked: Counter[int] = Counter()

    def __call__(self, request: Arrived) -> bytes:
        number = int(parse_qs(urlsplit(request.target).query).get("page", ["1"])[0])
        state = self._state(number, self.asked[number])
        self.asked[number] += 1
        if isinstance(state, bytes):
            return state
        pages = ceil(len(state) / self._size)
        begin = (number - 1) * self._size
        meta = {
            "current_page": number,
            "total_pages": pages,
            "total_count": len(state),
            "limit_value": self._size,
            "offset_value": begin,
            "next_page": number + 1 if number < pages else None,
        }
        return answer({"data": state[begin : begin + self._size], "meta": meta})


@asynccontextmanager
async def served(reply: Callable[[Arrived], bytes]) -> AsyncIterator[SmartKasa]:
    """Give a client, logged in, of a service that answers so."""
    async with (
        serve(reply) as service,
        SmartKasa(api_key="key", base_url=service.url, session=make_session(), retry=RetryPolicy(retries=0)) as kasa,
    ):
        yield kasa
