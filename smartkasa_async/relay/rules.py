"""Which events follow from which facts, and what is news among them: pure rules."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import UNSET

from smartkasa_async._i18n.message import N_, msg, nmsg
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support.money import hryvnias, with_kopecks, without_zeros
from smartkasa_async.jobs.results import plain_values
from smartkasa_async.records.days import KYIV
from smartkasa_async.relay.events import Event, EventKind
from smartkasa_async.reports.compliance.findings import FindingKind, Urgency
from smartkasa_async.reports.lookups import RECEIPT_TYPES
from smartkasa_async.sync.checkpoint import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.models import Receipt
    from smartkasa_async.reports.compliance.findings import Finding
    from smartkasa_async.reports.lookups import StockLevel
    from smartkasa_async.reports.reconciliation.differences import Difference
    from smartkasa_async.sync.watch import ReceiptChange

_MOST_LISTED = 10
_MOST_IDS = 100

_CHANGES = {
    ChangeKind.CREATED: EventKind.RECEIPT_CREATED,
    ChangeKind.CHANGED: EventKind.RECEIPT_CHANGED,
    ChangeKind.DELETED: EventKind.RECEIPT_DELETED,
}

_FINDINGS = {
    FindingKind.SHIFT_TOO_LONG: EventKind.SHIFT_TOO_LONG,
    FindingKind.Z_REPORT_MISSING: EventKind.Z_REPORT_MISSING,
    FindingKind.OFFLINE_TOO_LONG: EventKind.OFFLINE_HOURS,
    FindingKind.OFFLINE_MONTH: EventKind.OFFLINE_HOURS,
}

_RECEIPT_FIELDS = (
    "id", "type", "state", "created_at", "updated_at", "total_amount", "rounding_amount", "discount_amount",
    "fiscal_number", "registrar_fiscal_number", "related_fiscal_number", "shop_id", "terminal_id", "shift_id",
)  # fmt: skip
_ITEM_FIELDS = ("product_id", "name", "sku", "quantity", "price", "amount", "discount_amount")
_PAYMENT_FIELDS = ("transaction_type_id", "payment_type_id", "amount")
"""What is sent of a receipt: nothing that names a cashier, a buyer or a card."""


class Wording(NamedTuple):
    """How texts are written.

    Attributes:
        language: Their language.
        titles: Titles of the shops by id.
    """

    language: Language
    titles: Mapping[int, str]

    def translate(self, *lines: str) -> str:
        """Translate messages, each a line."""
        return "\n".join(one_line(in_language(line, self.language)) for line in lines if line)

    def shop(self, shop_id: int | None, title: str | None = None) -> str:
        """Name a shop."""
        if shop_id is None:
            return in_language(N_("No shop"), self.language)
        return title or self.titles.get(shop_id) or f"{shop_id}"


def event_of_change(change: ReceiptChange, now: datetime, wording: Wording, *, keep_personal: bool = False) -> Event:
    """Make the event of a receipt that was created, changed or deleted.

    Args:
        change: What a watch found.
        now: The present moment, for a receipt that is no longer there.
        wording: How the text is written.
        keep_personal: Whether to send all that the service has of the receipt, the cashier's name among it.
    """
    data: dict[str, Any] = {"receipt_id": change.receipt_id}
    at = now
    if change.receipt is not None:
        at = change.receipt.created_at if change.kind is ChangeKind.CREATED else change.receipt.updated_at
        data["receipt"] = _receipt_values(change.receipt)
        if keep_personal and change.raw is not None:
            data["raw"] = msgspec.Raw(change.raw)
    return Event(
        kind=_CHANGES[change.kind],
        subject=f"receipt:{change.receipt_id}",
        at=at,
        shop_id=change.shop_id,
        text=_text_of_change(change, wording),
        data=data,
    )


def _receipt_values(receipt: Receipt) -> dict[str, Any]:
    values = _filled(receipt, _RECEIPT_FIELDS)
    values["items"] = [_filled(item, _ITEM_FIELDS) for item in receipt.items or ()]
    values["payments"] = [_filled(payment, _PAYMENT_FIELDS) for payment in receipt.payment_transactions or ()]
    return values


def _filled(record: object, names: Iterable[str]) -> dict[str, Any]:
    found = {name: getattr(record, name) for name in names}
    values: dict[str, Any] = plain_values({name: value for name, value in found.items() if value not in {UNSET, None}})
    return values


def _text_of_change(change: ReceiptChange, wording: Wording) -> str:
    receipt, shop = change.receipt, wording.shop(change.shop_id)
    if receipt is None:
        return wording.translate(msg("Receipt deleted: {id}", id=change.receipt_id), shop)
    known = RECEIPT_TYPES.get(int(receipt.type))
    what = in_language(known, wording.language) if known else str(int(receipt.type))
    amount = hryvnias(receipt.total_amount)
    if change.kind is ChangeKind.CREATED:
        headline = msg("New receipt: {what}, {amount} UAH", what=what, amount=amount)
    else:
        headline = msg("Receipt changed: {what}, {amount} UAH", what=what, amount=amount)
    facts = [shop, f"{receipt.created_at.astimezone(KYIV):%Y-%m-%d %H:%M}"]
    if receipt.fiscal_number:
        facts.append(in_language(msg("fiscal number {number}", number=receipt.fiscal_number), wording.language))
    return wording.translate(headline, ", ".join(facts))


FINDING_EVENTS = frozenset(_FINDINGS.values())
"""Events that are about breaches of fiscal rules."""


def findings_to_report(
    findings: Iterable[Finding], kinds: Collection[EventKind] = FINDING_EVENTS
) -> dict[str, Finding]:
    """Choose the findings that are sent to a receiver, by keys that stay the same as long as they last.

    Shifts that were closed and offline sessions that are over are left out: nothing can be done about them any more.

    Args:
        findings: What was found.
        kinds: Kinds of events that are sent to it.
    """
    return {
        ":".join(
            (
                "finding",
                finding.kind,
                finding.urgency,
                f"{finding.shop_id}",
                finding.registrar or "",
                finding.shift_id or "",
                finding.detail or f"{finding.since:%Y-%m-%dT%H:%M:%SZ}",
            )
        ): finding
        for finding in findings
        if _FINDINGS.get(finding.kind) in kinds
        and (finding.urgency is not Urgency.PAST or finding.kind is FindingKind.Z_REPORT_MISSING)
    }


def event_of_finding(key: str, finding: Finding, now: datetime, wording: Wording) -> Event:
    """Make the event of a breach, or of one that is near."""
    language = wording.language
    where = ", ".join(part for part in (wording.shop(finding.shop_id, finding.shop_title), finding.registrar) if part)
    since = msg("since {moment} (Kyiv)", moment=f"{finding.since_kyiv:%Y-%m-%d %H:%M}")
    return Event(
        kind=_FINDINGS[finding.kind],
        subject=key,
        at=now,
        shop_id=finding.shop_id,
        text=wording.translate(
            f"{where}: {finding.title(language)}",
            f"{finding.figures(language)}, {in_language(since, language)}",
            finding.advice(language),
        ),
        data=plain_values(
            {
                "kind": finding.kind,
                "urgency": finding.urgency,
                "registrar": finding.registrar,
                "shift_id": finding.shift_id,
                "since": finding.since,
                "until": finding.until,
                "measured": finding.measured,
                "limit": finding.limit,
                "unit": finding.unit,
                "detail": finding.detail,
                "receipts": finding.receipts_count,
            }
        ),
    )


def differences_to_report(differences: Iterable[Difference]) -> dict[str, Difference]:
    """Return differences by keys that stay the same as long as they last."""
    return {
        ":".join(
            (
                "difference",
                one.kind,
                one.cause,
                f"{one.shop_id}",
                one.registrar or "",
                one.shift_id or "",
                ",".join(map(str, one.days)),
                ",".join(one.receipt_ids[:_MOST_IDS]),
                ",".join(map(str, one.z_report_ids[:_MOST_IDS])),
            )
        ): one
        for one in differences
    }


def events_of_differences(differences: Sequence[Difference], now: datetime, wording: Wording) -> Iterator[Event]:
    """Make an event for each shop that has differences."""
    for shop_id, found in _by_shop(differences).items():
        headline = nmsg(
            "{shop}: {count} difference between receipts and Z-reports",
            "{shop}: {count} differences between receipts and Z-reports",
            len(found),
            shop=wording.shop(shop_id),
        )
        lines = [_line_of(one, wording) for one in found]
        yield Event(
            kind=EventKind.DIFFERENCES,
            subject=f"differences:{shop_id}",
            at=now,
            shop_id=shop_id,
            text=wording.translate(headline, *_shortened(lines, wording)),
            data={"differences": [_difference_values(one, wording.language) for one in found]},
        )


def _line_of(one: Difference, wording: Wording) -> str:
    where = ", ".join([*map(str, dict.fromkeys((*one.days[:1], *one.days[-1:]))), *filter(None, [one.registrar])])
    amount = msg("{amount} UAH", amount=f"{with_kopecks(one.amount):+f}")
    return f"• {where}: {one.explain(wording.language)} ({in_language(amount, wording.language)})"


def _difference_values(one: Difference, language: Language) -> dict[str, Any]:
    values: dict[str, Any] = plain_values(
        {
            "kind": one.kind,
            "cause": one.cause,
            "registrar": one.registrar,
            "shift_id": one.shift_id,
            "days": one.days,
            "receipt_ids": one.receipt_ids[:_MOST_IDS],
            "z_report_ids": one.z_report_ids[:_MOST_IDS],
            "amount": one.amount,
            "explanation": one.explain(language),
        }
    )
    return values


class LowStock(NamedTuple):
    """A product of a shop whose stock is below its minimum."""

    level: StockLevel
    minimum: Decimal

    @property
    def shop_id(self) -> int | None:
        """Id of the shop."""
        return self.level.shop_id


def stock_to_report(
    levels: Iterable[StockLevel], minimum: Decimal | None, of_products: Mapping[str, Decimal]
) -> dict[str, LowStock]:
    """Choose the counted products whose stock is below its minimum, by keys that stay the same as long as it is.

    Args:
        levels: The stock cards.
        minimum: The minimum of each product that has none of its own; None for none.
        of_products: Minima by barcode or article, or by the product's id.
    """
    found: dict[str, LowStock] = {}
    for level in levels:
        if level.on_hand is None or level.is_counted is False:
            continue
        names = (level.number, level.product_id)
        own = next((of_products[name] for name in names if name is not None and name in of_products), minimum)
        if own is not None and level.on_hand < own:
            found[f"stock:{level.shop_id}:{level.product_id}"] = LowStock(level, own)
    return found


def events_of_stock(low: Sequence[LowStock], now: datetime, wording: Wording) -> Iterator[Event]:
    """Make an event for each shop that has too little of something."""
    for shop_id, found in _by_shop(low).items():
        headline = nmsg(
            "{shop}: stock of {count} product is below the minimum",
            "{shop}: stock of {count} products is below the minimum",
            len(found),
            shop=wording.shop(shop_id, found[0].level.shop),
        )
        lines = [
            "• "
            + in_language(
                msg(
                    "{product}: {count}, minimum {minimum}",
                    product=level.title or level.number or level.product_id,
                    count=_plain(level.on_hand),
                    minimum=_plain(minimum),
                ),
                wording.language,
            )
            for level, minimum in found
        ]
        yield Event(
            kind=EventKind.STOCK_LOW,
            subject=f"stock:{shop_id}",
            at=now,
            shop_id=shop_id,
            text=wording.translate(headline, *_shortened(lines, wording)),
            data={
                "products": [
                    {
                        "product_id": level.product_id,
                        "title": level.title,
                        "number": level.number,
                        "count": _plain(level.on_hand),
                        "minimum": _plain(minimum),
                    }
                    for level, minimum in found
                ]
            },
        )


def _plain(count: Decimal | None) -> str:
    """Write a number of units without the zeros that its column has."""
    return without_zeros(count or Decimal(0))


def _by_shop(facts: Iterable[Any]) -> dict[int | None, list[Any]]:
    found: defaultdict[int | None, list[Any]] = defaultdict(list)
    for fact in facts:
        found[fact.shop_id].append(fact)
    return dict(found)


def _shortened(lines: list[str], wording: Wording) -> list[str]:
    rest = len(lines) - _MOST_LISTED
    if rest <= 0:
        return lines
    more = nmsg("… and {count} more", "… and {count} more", rest)
    return [*lines[:_MOST_LISTED], in_language(more, wording.language)]


class News(NamedTuple):
    """What changed in what a receiver knows.

    Attributes:
        new: Keys of what is to be sent to it.
        over: Keys of what has passed, so that it is sent again the next time.
    """

    new: tuple[str, ...] = ()
    over: tuple[str, ...] = ()


def find_news(found: Collection[str], known: Collection[str], area: str, *, is_whole: bool) -> News:
    """Compare what was found with what was sent to a receiver.

    Args:
        found: Keys of what there is now.
        known: Keys of what was sent to it, of all areas.
        area: What was looked at: the keys' first word.
        is_whole: Whether all was looked at, so that what was not found has passed.
    """
    over = (key for key in known if key.startswith(f"{area}:") and key not in found)
    return News(tuple(key for key in found if key not in known), tuple(over) if is_whole else ())
