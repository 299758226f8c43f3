"""What the service's JSON looks like: money, times with their quirks, pages, and the two forms of a body."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

KYIV = ZoneInfo("Europe/Kyiv")

encode_json = msgspec.json.Encoder(decimal_format="number").encode
decode_json = msgspec.json.Decoder(float_hook=Decimal).decode


def ruby_decimal(value: Decimal | int) -> str:
    """Print an amount as the service does: fixed point, at least one decimal, no further zeros at the end."""
    text = format(Decimal(value), "f")
    if "." not in text:
        return text + ".0"
    text = text.rstrip("0")
    return text + "0" if text.endswith(".") else text


def number(stored: str) -> msgspec.Raw:
    """Turn a stored amount into a JSON number, exact to the digit; whole amounts come without decimals."""
    return msgspec.Raw(stored.removesuffix(".0").encode())


def stored_time(moment: datetime) -> str:
    """Print an aware time in the form in which it is stored: UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def utc_time(stored: str) -> str:
    """Show a stored time in UTC."""
    return stored


@lru_cache(maxsize=16384)
def kyiv_time(stored: str) -> str:
    """Show a stored time with Kyiv's offset."""
    return datetime.fromisoformat(stored).astimezone(KYIV).isoformat(timespec="milliseconds")


def kyiv_as_utc(stored: str) -> str:
    """Show Kyiv's wall time labelled +00:00: the known quirk of items in lists of receipts."""
    return kyiv_time(stored)[:23] + "+00:00"


def utc_as_kyiv(stored: str) -> str:
    """Show UTC labelled with Kyiv's offset: the known quirk of categories just written."""
    return stored[:23] + kyiv_time(stored)[23:]


def kyiv_day_start(day: date, *, days_later: int = 0) -> str:
    """Return the first instant of a Kyiv day (or of one some days later) in stored form."""
    day += timedelta(days=days_later)
    return stored_time(datetime(day.year, day.month, day.day, tzinfo=KYIV))


def page_window(query: Mapping[str, str], *, default: int, largest: int) -> tuple[int, int]:
    """Read the page and its size from a query string; what cannot be read counts as not given.

    Args:
        query: The decoded query string.
        default: Rows on a page when `per_page` is not given.
        largest: The size to which larger ones are cut silently.

    Returns:
        The page's number, from 1, and the number of rows on a page.
    """
    page = _positive(query.get("page"), 1)
    return page, min(_positive(query.get("per_page"), default), largest)


def _positive(text: str | None, default: int) -> int:
    if text is None or not text.isascii() or not text.isdigit():
        return default
    return min(int(text[:12]), 10**12) or default


def page_meta(page: int, per_page: int, total: int) -> dict[str, int | None]:
    """Describe a page as the service does; there is no page before the first and none after the last."""
    pages = -(-total // per_page)
    return {
        "current_page": page,
        "next_page": page + 1 if page < pages else None,
        "prev_page": page - 1 if 1 < page <= pages else None,
        "total_pages": pages,
        "total_count": total,
        "limit_value": per_page,
        "offset_value": (page - 1) * per_page,
    }


def unwrap(body: Any, envelope: str, wire: str) -> dict[str, Any] | None:
    """Return a body's fields, whichever form it has; None where the form is not the one that `wire` allows."""
    if not isinstance(body, dict):
        return None
    inner = body.get(envelope)
    enveloped = isinstance(inner, dict) and len(body) == 1
    if wire == "enveloped":
        return inner if isinstance(inner, dict) else None
    if wire == "flat":
        return None if enveloped else body
    return inner if isinstance(inner, dict) and enveloped else body
