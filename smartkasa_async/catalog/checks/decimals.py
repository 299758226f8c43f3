"""Numbers as price lists write them: decimal comma or point, spaced thousands, hryvnia signs."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.columns import SPACES, UNKNOWN_FORMAT, NumberFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAIN_PRICE = re.compile(r"\d{1,9}(?:[.,]\d{1,2})?", re.ASCII)
"""What most prices look like; nothing about them can be wrong or ambiguous."""
_PLAIN_PRICES = re.compile(r"(?:\d{1,9}+(?:[.,]\d{1,2}+)?+\n)*+", re.ASCII)
_SPACED = re.compile(rf"(-?)(\d{{1,15}}(?:[{SPACES}]\d{{3}}){{0,4}})(?:([.,])(\d{{1,15}}))?", re.ASCII)
_GROUPED_BY_POINTS = re.compile(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)|-?\d{1,3}(?:\.\d{3}){2,}", re.ASCII)
_GROUPED_BY_COMMAS = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)|-?\d{1,3}(?:,\d{3}){2,}", re.ASCII)
_HRYVNIAS = re.compile(r"^(?:₴|грн\b\.?|uah\b)\s*|\s*(?:₴|грн\.?|гривень|гривні|гривня|uah)$", re.IGNORECASE)
_FOREIGN = re.compile(r"[$€£¥₽]|\b(?:usd|eur|pln|дол|євро|у\.\s?о)", re.IGNORECASE)
_REMOVE_SPACES = str.maketrans("", "", SPACES)
_THOUSANDS_GROUP = 3
_KOPECK = Decimal("0.01")
_TEXT_MARK = "'"
_TOO_LARGE = Decimal(10) ** 10


def parse_decimal(text: str, format: NumberFormat = UNKNOWN_FORMAT) -> Decimal:
    """Read a number.

    Args:
        text: Digits with a decimal comma or point; there may be spaces between thousands, and a hryvnia sign.
            An apostrophe in front, by which spreadsheets mark text, does not count.
        format: What the marks of the column mean; it decides forms such as 1,299 only.

    Returns:
        The number, exactly as written.

    Raises:
        RuleViolationError: `number_unreadable`, `currency_foreign`, or `number_ambiguous` for a form such as 1,299,
            which may stand for a fraction as well as for thousands.
    """
    found = _SPACED.fullmatch(text)
    if found is None:
        return _parse_unusual(text, format)
    sign, whole, mark, fraction = found.groups()
    if fraction is None:
        return Decimal(sign + whole.translate(_REMOVE_SPACES))
    if len(fraction) == _THOUSANDS_GROUP >= len(whole) and whole[0] != "0":
        return _parse_ambiguous(sign + whole, fraction, is_fraction=format.is_fraction(mark))
    return Decimal(f"{sign}{whole.translate(_REMOVE_SPACES)}.{fraction}")


def parse_price(text: str, format: NumberFormat = UNKNOWN_FORMAT) -> Decimal:
    """Read a price in hryvnias; the arguments are those of `parse_decimal`.

    Raises:
        RuleViolationError: As for `parse_decimal` and `check_price`.
    """
    if _PLAIN_PRICE.fullmatch(text):
        return Decimal(text.replace(",", "."))
    price = parse_decimal(text, format)
    check_price(price)
    return price


def parse_plain_prices(texts: Sequence[str]) -> list[Decimal] | None:
    """Read the prices of a column at once, if all are plain; for others this returns None, and `parse_price` them."""
    together = "\n".join((*texts, ""))
    if set(map(type, texts)) != {str} or not _PLAIN_PRICES.fullmatch(together):
        return None
    prices = together.replace(",", ".").split("\n")[:-1]
    return list(map(Decimal, prices)) if len(prices) == len(texts) else None


def parse_cost(text: str, format: NumberFormat = UNKNOWN_FORMAT) -> Decimal:
    """Read a purchase price in hryvnias, which may be finer than a kopeck, as average costs are.

    Raises:
        RuleViolationError: As for `parse_price`, but for `kopecks_fraction`.
    """
    if _PLAIN_PRICE.fullmatch(text):
        return Decimal(text.replace(",", "."))
    cost = parse_decimal(text, format)
    _check_amount(cost)
    return cost


def to_kopecks(amount: Decimal) -> Decimal:
    """Round an amount to whole kopecks, half a kopeck up."""
    return amount.quantize(_KOPECK, ROUND_HALF_UP)


def check_price(price: Decimal) -> None:
    """Refuse a price that no receipt can show.

    Raises:
        RuleViolationError: `number_unreadable` for infinity and the like, `negative`, `price_too_large` from ten
            thousand million on, or `kopecks_fraction` with more than two decimals.
    """
    _check_amount(price)
    if price != to_kopecks(price):
        raise RuleViolationError("kopecks_fraction")


def _check_amount(amount: Decimal) -> None:
    if not amount.is_finite():
        raise RuleViolationError("number_unreadable")
    if amount < 0:
        raise RuleViolationError("negative")
    if amount >= _TOO_LARGE:
        raise RuleViolationError("price_too_large")


def _parse_ambiguous(whole: str, digits: str, *, is_fraction: bool | None) -> Decimal:
    """Read a number with a single mark before exactly three digits."""
    if is_fraction is None:
        raise RuleViolationError("number_ambiguous")
    return Decimal(f"{whole}.{digits}" if is_fraction else whole + digits)


def _parse_unusual(text: str, format: NumberFormat) -> Decimal:
    """Read what is not bare digits: currency signs, another minus, thousands grouped by points or commas."""
    if _FOREIGN.search(text):
        raise RuleViolationError("currency_foreign")
    bare = _HRYVNIAS.sub("", text.removeprefix(_TEXT_MARK).replace("−", "-")).strip()
    if bare != text:
        return parse_decimal(bare, format)
    if _GROUPED_BY_POINTS.fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    if _GROUPED_BY_COMMAS.fullmatch(text):
        return Decimal(text.replace(",", ""))
    raise RuleViolationError("number_unreadable")
