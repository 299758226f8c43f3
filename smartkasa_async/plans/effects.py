"""What the changes of a plan come to: the largest one, and their total effect. Pure rules over texts with amounts."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from math import inf
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async._support.money import NO_HRYVNIAS, hryvnias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.plans.plan import PlannedChange

_PRICE, _COUNT = "price", "count"
_WIDE = Context(prec=100)
"""Digits enough for whatever prices and counts the service has, which shares and sums are rounded from."""


class LargestChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The largest change of a price or a count.

    Attributes:
        line: Line of the source on which its row begins.
        title: Title of the product.
        before: What it has: hryvnias, or a count.
        after: What it is to have.
        percent: The change in per cent of what it has; None where that is nothing.
        hryvnias: The change: of a price itself, of a count by the sale price; None where that is not known.
    """

    line: int
    title: str
    before: str
    after: str
    percent: str | None
    hryvnias: str | None

    def describe(self, language: Language = "en") -> str:
        """Describe it in a line: `Кава: 45.00 → 49.50 (+10%, +4.50 UAH)`."""
        amount = None if self.hryvnias is None else in_language(msg("{amount} UAH", amount=self.hryvnias), language)
        shares = ", ".join(filter(None, (self.percent and f"{self.percent}%", amount)))
        return f"{self.title}: {self.before} → {self.after}" + (f" ({shares})" if shares else "")

    def __str__(self) -> str:
        return one_line(self.describe())


def change_in_percent(before: Any, after: Any) -> Decimal | None:
    """Return a change in per cent of what was before, to one decimal; None where that is nothing or no number."""
    if not isinstance(before, str) or not isinstance(after, str) or not Decimal(before):
        return None
    with localcontext(_WIDE):
        return round((Decimal(after) - Decimal(before)) / Decimal(before) * 100, 1)


def factor_of(before: Any, after: Any) -> float:
    """Return how many times more or less an amount becomes: 2 for twice as much and for half of it; 1 for no number."""
    if not isinstance(before, str) or not isinstance(after, str) or Decimal(before) == Decimal(after):
        return 1.0
    first, second = sorted((abs(Decimal(before)), abs(Decimal(after))))
    return float(second / first) if first else inf


def signed_percent(share: Decimal) -> str:
    """Write a change in per cent: `+10`, `-2.5`."""
    return f"{share.normalize():+f}"


def largest_changes(changes: Sequence[PlannedChange]) -> tuple[LargestChange | None, LargestChange | None]:
    """Find the largest change of a price or a count, in per cent and in hryvnias; the first of equal ones."""
    with localcontext(_WIDE):
        return _largest([(change, name) for change in changes if (name := _amount_of(change)) is not None])


def _largest(found: Sequence[tuple[PlannedChange, str]]) -> tuple[LargestChange | None, LargestChange | None]:
    by_percent = max(
        ((abs(percent), -number) for number, pair in enumerate(found) if (percent := _percent(*pair)) is not None),
        default=None,
    )
    by_hryvnias = max(
        ((abs(amount), -number) for number, pair in enumerate(found) if (amount := _hryvnias(*pair)) is not None),
        default=None,
    )
    return (
        None if by_percent is None else _describe(*found[-by_percent[1]]),
        None if by_hryvnias is None else _describe(*found[-by_hryvnias[1]]),
    )


def effect_of(changes: Sequence[PlannedChange]) -> str | None:
    """Sum up what the stock on hand is worth more, or less, after all changes, hryvnias with a sign."""
    with localcontext(_WIDE):
        worths = [
            _difference(change, name) * Decimal(factor)
            for change in changes
            if (name := _amount_of(change)) is not None
            and (factor := change.on_hand if name == _PRICE else change.price) is not None
        ]
        return _signed(sum(worths, NO_HRYVNIAS)) if worths else None


def _amount_of(change: PlannedChange) -> str | None:
    return next((name for name in (_PRICE, _COUNT) if isinstance(change.after.get(name), str)), None)


def _difference(change: PlannedChange, name: str) -> Decimal:
    return Decimal(change.after[name]) - Decimal(change.before[name] or 0)


def _percent(change: PlannedChange, name: str) -> Decimal | None:
    return change_in_percent(change.before[name], change.after[name])


def _hryvnias(change: PlannedChange, name: str) -> Decimal | None:
    if name == _COUNT and change.price is None:
        return None
    return _difference(change, name) * (Decimal(change.price or 0) if name == _COUNT else 1)


def _describe(change: PlannedChange, name: str) -> LargestChange:
    percent, amount = _percent(change, name), _hryvnias(change, name)
    return LargestChange(
        line=change.line,
        title=change.title,
        before=change.before[name] or "0",
        after=change.after[name],
        percent=None if percent is None else signed_percent(percent),
        hryvnias=None if amount is None else _signed(amount),
    )


def _signed(amount: Decimal) -> str:
    text = hryvnias(round(amount, 2))
    return text if amount < 0 else f"+{text}"
