"""The data of a page: all that its scripts show, as one document of JSON."""

from __future__ import annotations

import re
from heapq import nsmallest
from math import gcd
from operator import floordiv
from typing import TYPE_CHECKING, Any

from smartkasa_async._i18n.message import N_, msg
from smartkasa_async._i18n.translate import LANGUAGES, in_language
from smartkasa_async._support.money import hryvnias
from smartkasa_async.records.days import KYIV, Window
from smartkasa_async.reports.compliance.findings import FindingKind, Urgency
from smartkasa_async.reports.page.facts import NO_CODE, check_link, read_data, window_before
from smartkasa_async.reports.page.time_buckets import MONEY, MONEY_UNIT, Table, TimeBuckets
from smartkasa_async.stores.errors import StoreError
from smartkasa_async.stores.schema import TAX_LETTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from smartkasa_async.reports.compliance.check import ComplianceReport
    from smartkasa_async.reports.compliance.findings import Finding
    from smartkasa_async.reports.page.facts import PageFacts, PageReceipt
    from smartkasa_async.reports.reconciliation.differences import Difference
    from smartkasa_async.reports.reconciliation.result import Reconciliation

    ShopIndex = Callable[[int | None], int]

_NUMBER = re.compile(r"[0-9]+")
_DIGITS = 12
_QUANTITY = 1
_KOPECKS = MONEY_UNIT // 100
_THOUSANDTHS = 1_000
_EXACT = 2**53
_BEFORE = (Table.TURNOVER, Table.HOURS)

_WITHOUT = {Table.MEANS: N_("Not stated"), Table.GROUPS: N_("Rounding and other")}

LEFT_OUT = ("difference", "notice", *(urgency.value for urgency in Urgency))
"""Kinds of what is found, as the page counts what it has no room for."""

_MOST_FOUND = 500

_MOST_RECEIPTS = 5

_MOST_FIGURES = 12


def page_data(
    facts: PageFacts,
    reconciliation: Reconciliation,
    compliance: ComplianceReport,
    *,
    window: Window,
    shops: Collection[int] | None,
) -> dict[str, Any]:
    """Put together what a page shows; equal arguments give equal data.

    Money travels in whole kopecks, in ten-thousandths of a hryvnia where there is anything finer.

    Args:
        facts: What was read of the store.
        reconciliation: What was reconciled.
        compliance: What the compliance check found.
        window: The business days.
        shops: Ids of the shops that were asked for; None for all.

    Raises:
        StoreError: Sums are too large to be shown exactly.
    """
    earlier = window_before(window)
    before = facts.before or TimeBuckets(earlier)
    ids = _in_order(
        facts, {*facts.buckets.shops(), *before.shops(), *found_shops(reconciliation, compliance), *(shops or ())}
    )
    indexes = {shop_id: index for index, shop_id in enumerate(ids)}
    money, quantity = _units(facts.buckets, before)
    known = Window(earlier.start, window.end)
    products = _products_in_order(facts)
    return {
        "start": f"{window.start}",
        "end": f"{window.end}",
        "before": {
            "start": f"{earlier.start}",
            "end": f"{earlier.end}",
            "tables": _tables(before, _BEFORE, ids, money),
        },
        "read": [_read(facts, shop_id, known, compliance.now) for shop_id in ids],
        "now": f"{compliance.now.astimezone(KYIV):%Y-%m-%d %H:%M}",
        "money_unit": MONEY_UNIT // money,
        "quantity_unit": _THOUSANDTHS**2 // quantity,
        "shops": [{"id": shop_id, "title": _title(facts, shop_id)} for shop_id in ids],
        "left_out": list(LEFT_OUT),
        "tables": _tables(
            facts.buckets, tuple(Table), ids, money, quantity, {old: new for new, old in enumerate(products)}
        ),
        "means": _names(facts.buckets, Table.MEANS, facts.means),
        "groups": _names(facts.buckets, Table.GROUPS, facts.groups),
        "letters": list(TAX_LETTERS.values()),
        "products": [[facts.products[index].title, facts.products[index].unit] for index in products],
        "products_of_a_shop": facts.products_of_a_shop,
        "refunds": facts.refunds,
        "refunds_of_a_shop": facts.refunds_of_a_shop,
        "receipts": {id_: _receipt(one, indexes.__getitem__) for id_, one in sorted(facts.receipts.items())},
        "reconciliation": difference_data(reconciliation, indexes.__getitem__),
        "not_read": not_read_data(reconciliation, indexes.__getitem__),
        "reading_steps": reading_step_data(reconciliation),
        "unreadable": sorted(unreadable_receipts(reconciliation, compliance) - facts.receipts.keys()),
        "compliance": finding_data(compliance, indexes.__getitem__),
    }


def _in_order(facts: PageFacts, shops: Iterable[int | None]) -> list[int | None]:
    """Sort shops by title, №2 before №10; those without one after them, and what names no shop last."""

    def key(shop_id: int | None) -> tuple[bool, bool, str, int]:
        title = _title(facts, shop_id)
        in_order = _NUMBER.sub(lambda number: number[0].zfill(_DIGITS), (title or "").casefold())
        return shop_id is None, title is None, in_order, shop_id or 0

    return sorted(shops, key=key)


def _title(facts: PageFacts, shop_id: int | None) -> str | None:
    title = facts.shops.get(shop_id)
    return title if title and title.strip() else None


def _read(facts: PageFacts, shop_id: int | None, days: Window, now: datetime) -> dict[str, Any] | None:
    """Return what was read of a shop; of records that name none, which may be of any shop, nothing is known."""
    if facts.read is None:
        return read_data(None, days, now)
    return None if shop_id is None else read_data(facts.read.get(shop_id, ()), days, now)


def _units(buckets: TimeBuckets, before: TimeBuckets) -> tuple[int, int]:
    """Return by what money and quantities can be divided, and make sure that no sum is beyond exact numbers."""
    sums = [
        [*buckets.figures(table, index), *before.figures(table, index)]
        for table, indexes in MONEY.items()
        for index in indexes
    ]
    unit = _KOPECKS if all(gcd(_KOPECKS, *numbers) == _KOPECKS for numbers in sums) else 1
    largest = max(sum(map(abs, numbers)) for numbers in sums)
    if largest // unit >= _EXACT:
        raise StoreError(
            msg("receipts come to more than a page can show exactly: look for totals that cannot be, the largest first")
        )
    quantities = buckets.figures(Table.PRODUCTS, _QUANTITY)
    return unit, _THOUSANDTHS if gcd(_THOUSANDTHS, *quantities) == _THOUSANDTHS else 1


def _products_in_order(facts: PageFacts) -> list[int]:
    """Sort the indexes of the products: what brings in most comes first."""
    amounts = facts.buckets.sums(Table.PRODUCTS, 0)

    def key(index: int) -> tuple[int, str, str]:
        product = facts.products[index]
        return -amounts.get(index, 0), product.title, product.id

    return sorted(range(len(facts.products)), key=key)


def _tables(  # noqa: PLR0917  the figures, and in which units they travel
    buckets: TimeBuckets,
    tables: Iterable[Table],
    shops: list[int | None],
    money: int,
    quantity: int = 1,
    products: Mapping[int, int] | None = None,
) -> dict[str, Any]:
    """Lay each table out: its steps, and for each shop one row of numbers after the other."""
    found = {}
    for table in tables:
        step, firsts = buckets.spans(table)
        rows = buckets.rows_by_shop(table)
        units = dict.fromkeys(MONEY[table], money) | ({_QUANTITY: quantity} if table is Table.PRODUCTS else {})
        width = max((len(numbers) for of_shop in rows.values() for _, _, numbers in of_shop), default=0)
        divisors = [units.get(at, 1) for at in range(width)]
        keys = (products or {}) if table is Table.PRODUCTS else {}
        found[table.value] = {
            "step": step.value,
            "firsts": [f"{day}" for day in firsts],
            "rows": [
                [
                    number
                    for index, key, numbers in rows.get(shop_id, ())
                    for number in (index, keys.get(key, key), *map(floordiv, numbers, divisors))
                ]
                for shop_id in shops
            ],
        }
    return found


def _names(buckets: TimeBuckets, table: Table, names: Mapping[int, str]) -> dict[int, Sequence[str]]:
    """Name the codes that are there; one that nobody knows is called by its number."""
    known = {code: _translated(name) for code, name in {**names, NO_CODE: _WITHOUT[table]}.items()}
    return {
        code: known.get(code) or _translated(msg("Code {code}", code=code)) for code in sorted(buckets.sums(table, 0))
    }


def _translated(text: str) -> list[str]:
    return [in_language(text, language) for language in LANGUAGES]


def _receipt(receipt: PageReceipt, shop_index: Callable[[int | None], int]) -> list[Any]:
    made = receipt.created_at.astimezone(KYIV)
    return [
        shop_index(receipt.shop_id),
        f"{made:%Y-%m-%d}",
        f"{made:%H:%M}",
        receipt.type,
        hryvnias(receipt.total),
        receipt.fiscal_number,
        check_link(receipt),
    ]


def add_shifts(buckets: TimeBuckets, reconciliation: Reconciliation) -> None:
    """Add the shifts that were compared, each on its last day."""
    for shift in reconciliation.shifts:
        totals = shift.totals
        if shift.days:
            money = (totals.sales, totals.z_sales, totals.refunds, totals.z_refunds)
            known = (int((amount or 0) * MONEY_UNIT) for amount in money)
            figures = (1, int(shift.agrees), totals.receipts or 0, *known)
            buckets.add(Table.SHIFTS, shift.shop_id, shift.days[-1], figures)


def add_left_out(buckets: TimeBuckets, reconciliation: Reconciliation, compliance: ComplianceReport) -> None:
    """Count what was found beyond what the page names, each on its last day, so that a choice has its true number."""
    shown = {id(one) for one in _gravest(reconciliation)}
    for one in _found(reconciliation):
        if id(one) in shown:
            continue
        day = one.days[-1] if one.days else reconciliation.window.end
        buckets.add(Table.LEFT_OUT, one.shop_id, day, (1,), LEFT_OUT.index("notice" if one.is_notice else "difference"))
    for finding in compliance.findings[_MOST_FOUND:]:
        day = finding.until_kyiv.date()
        buckets.add(Table.LEFT_OUT, finding.shop_id, day, (1,), LEFT_OUT.index(finding.urgency.value))


def found_shops(reconciliation: Reconciliation, compliance: ComplianceReport) -> set[int | None]:
    """Return the shops of which something was found, or something was not read."""
    shops = {shop.shop_id for shop in reconciliation.shops if shop.found or shop.not_read}
    return shops | {one.shop_id for one in compliance.findings}


def named_receipts(reconciliation: Reconciliation, compliance: ComplianceReport) -> set[str]:
    """Return the ids of the receipts that the page names."""
    behind = [one.receipt_ids for one in _gravest(reconciliation)] + [one.receipts for one in _first(compliance)]
    return {id_ for ids in behind for id_ in ids[:_MOST_RECEIPTS]}


def not_read_data(reconciliation: Reconciliation, shop_index: ShopIndex) -> list[list[Any]]:
    """Return which days were not read: kind of record, index of the shop, first and last day."""
    return [[one.kind.value, shop_index(one.shop_id), f"{one.start}", f"{one.end}"] for one in reconciliation.not_read]


def reading_step_data(reconciliation: Reconciliation) -> list[list[Any]]:
    """Return what was not read, in both languages, and the command that reads it."""
    steps = zip(*(reconciliation.reading_steps(language) for language in LANGUAGES), strict=True)
    return [[[one.text for one in same], same[0].command] for same in steps]


def unreadable_receipts(reconciliation: Reconciliation, compliance: ComplianceReport) -> set[str]:
    """Return the ids of the receipts in quarantine that the page names, and of some that are not."""
    behind = [one.receipt_ids for one in _gravest(reconciliation) if "unreadable" in one.details]
    behind += [one.receipts for one in _first(compliance) if one.kind is FindingKind.RECORD_UNREADABLE]
    return {id_ for ids in behind for id_ in ids[:_MOST_RECEIPTS]}


def difference_data(reconciliation: Reconciliation, shop_index: ShopIndex) -> dict[str, Any]:
    """Return the differences, by how much money they are about, and the notices after them.

    Args:
        reconciliation: What was found.
        shop_index: Returns the index of a shop in the page's list of shops.
    """
    shown = _gravest(reconciliation)
    return {"found": [_difference(one, shop_index) for one in shown]}


def finding_data(compliance: ComplianceReport, shop_index: ShopIndex) -> dict[str, Any]:
    """Return the findings, the most urgent first, and the rules that they are about.

    Args:
        compliance: What was found.
        shop_index: Returns the index of a shop in the page's list of shops.
    """
    shown = _first(compliance)
    return {
        "found": [_finding(one, shop_index) for one in shown],
        "rules": {
            _rule(one): [
                [one.title(language), one.rule(language), one.source(language), one.advice(language)]
                for language in LANGUAGES
            ]
            for one in shown
        },
    }


def _gravest(reconciliation: Reconciliation) -> list[Difference]:
    return nsmallest(_MOST_FOUND, _found(reconciliation), key=lambda one: (one.is_notice, -abs(one.amount)))


def _found(reconciliation: Reconciliation) -> Iterator[Difference]:
    return (one for shop in reconciliation.shops for one in shop.found)


def _first(compliance: ComplianceReport) -> tuple[Finding, ...]:
    return compliance.findings[:_MOST_FOUND]


def _difference(one: Difference, shop_index: ShopIndex) -> dict[str, Any]:
    return {
        "shop": shop_index(one.shop_id),
        "days": [f"{day}" for day in (one.days[:1] + one.days[-1:])],
        "kind": one.kind.value,
        "notice": one.is_notice,
        "amount": hryvnias(one.amount),
        "text": [one.explain(language) for language in LANGUAGES],
        "registrar": one.registrar,
        "shift": one.shift_id,
        "figures": [
            [figure.name, hryvnias(figure.receipts), hryvnias(figure.other), hryvnias(figure.amount)]
            for figure in one.figures[:_MOST_FIGURES]
        ],
        "receipts": list(one.receipt_ids[:_MOST_RECEIPTS]),
        "receipts_count": len(one.receipt_ids),
        "z_reports": list(one.z_report_ids[:_MOST_RECEIPTS]),
    }


def _finding(one: Finding, shop_index: ShopIndex) -> dict[str, Any]:
    return {
        "shop": shop_index(one.shop_id),
        "days": [f"{one.since_kyiv:%Y-%m-%d}", f"{one.until_kyiv:%Y-%m-%d}"],
        "times": [f"{one.since_kyiv:%H:%M}", f"{one.until_kyiv:%H:%M}"],
        "rule": _rule(one),
        "urgency": one.urgency.value,
        "text": [one.figures(language) for language in LANGUAGES],
        "registrar": one.registrar,
        "shift": one.shift_id,
        "receipts": list(one.receipts[:_MOST_RECEIPTS]),
        "receipts_count": one.receipts_count,
    }


def _rule(one: Finding) -> str:
    return f"{one.kind.value} {one.urgency.value}"
