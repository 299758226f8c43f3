"""What a reconciliation brings: shops, their shifts, and what does not agree."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from smartkasa_async._i18n.message import N_, NP_, msg
from smartkasa_async._i18n.translate import Language, in_language, yes_or_no
from smartkasa_async._support.money import NO_HRYVNIAS, with_kopecks
from smartkasa_async._support.tables import ResultTable, write_csv
from smartkasa_async.jobs.results import plain_values
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import KYIV
from smartkasa_async.reports.not_read import StoreReport, reading_steps

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import date, datetime
    from os import PathLike
    from typing import TextIO

    from smartkasa_async.records.days import Window
    from smartkasa_async.reports.not_read import NotRead
    from smartkasa_async.reports.reconciliation.differences import Difference

NumberT = TypeVar("NumberT", int, Decimal)

_BOTH = frozenset({RecordKind.RECEIPTS, RecordKind.Z_REPORTS})

NOT_READ = "—"
"""Stands where nothing is known, since nothing was read."""

_SHOP_HEADERS = (
    N_("Id"),
    N_("Shop"),
    N_("Shifts"),
    N_("Receipts"),
    N_("Sales"),
    N_("Sales by Z"),
    N_("Refunds"),
    N_("Refunds by Z"),
    N_("Agrees"),
)

_CSV_HEADERS = (
    N_("severity"),
    N_("kind"),
    N_("cause"),
    N_("shop_id"),
    N_("registrar"),
    N_("shift_id"),
    N_("days"),
    N_("figure"),
    NP_("side of a difference", "receipts"),
    N_("other"),
    N_("amount"),
    N_("explanation"),
    N_("receipt_ids"),
    N_("z_report_ids"),
)
"""Columns of the CSV; the two before the amount are the two sides of a figure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums of both sides, hryvnias; None for what was not read.

    Attributes:
        receipts: Number of receipts, whatever their type.
        sales: Paid sales by the receipts.
        refunds: Refunds by the receipts.
        z_reports: Number of Z-reports.
        z_sales: Sales by the Z-reports.
        z_refunds: Refunds by the Z-reports.
    """

    receipts: int | None = 0
    sales: Decimal | None = NO_HRYVNIAS
    refunds: Decimal | None = NO_HRYVNIAS
    z_reports: int | None = 0
    z_sales: Decimal | None = NO_HRYVNIAS
    z_refunds: Decimal | None = NO_HRYVNIAS

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            receipts=_sum(self.receipts, other.receipts),
            sales=_sum(self.sales, other.sales),
            refunds=_sum(self.refunds, other.refunds),
            z_reports=_sum(self.z_reports, other.z_reports),
            z_sales=_sum(self.z_sales, other.z_sales),
            z_refunds=_sum(self.z_refunds, other.z_refunds),
        )

    def of(self, kinds: Collection[RecordKind]) -> Totals:
        """Return the sums of some kinds of records alone, those of the others unknown."""
        receipts, z_reports = RecordKind.RECEIPTS in kinds, RecordKind.Z_REPORTS in kinds
        return Totals(
            receipts=self.receipts if receipts else None,
            sales=self.sales if receipts else None,
            refunds=self.refunds if receipts else None,
            z_reports=self.z_reports if z_reports else None,
            z_sales=self.z_sales if z_reports else None,
            z_refunds=self.z_refunds if z_reports else None,
        )


def _sum(one: NumberT | None, other: NumberT | None) -> NumberT | None:
    return None if one is None or other is None else one + other


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftReconciliation:
    """A shift.

    Attributes:
        shop_id: Id of its shop; None where the records name none.
        registrar: Fiscal number of its registrar; None where the records name none.
        shift_id: Its id; None for records that name no shift.
        days: The business days of its receipts and Z-reports.
        totals: Its sums; those of receipts or Z-reports that were not read whole are None.
        agrees: Whether it was compared, and nothing but notices was found.
    """

    shop_id: int | None
    registrar: str | None
    shift_id: str | None
    days: tuple[date, ...]
    totals: Totals
    agrees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopReconciliation:
    """A shop.

    Attributes:
        shop_id: Its id; None for records that name no shop.
        title: Its title; None where it was not synced.
        shifts: The shifts that were compared, by registrar, in the order of time.
        found: What does not agree, and what is to be known.
        not_compared: Shifts whose receipts or Z-reports were not read whole. Receipts that were are checked by
            themselves.
        not_read: The days of receipts and Z-reports that were not read whole; reports leave them out.
        read: Kinds of records, receipts and Z-reports, of which any day was read.
    """

    shop_id: int | None
    title: str | None
    shifts: tuple[ShiftReconciliation, ...]
    found: tuple[Difference, ...]
    not_compared: tuple[ShiftReconciliation, ...] = ()
    not_read: tuple[NotRead, ...] = ()
    read: frozenset[RecordKind] = _BOTH

    @property
    def totals(self) -> Totals:
        """Sums of all shifts that were compared; where one side was not read at all, those of the other."""
        if self.read == _BOTH:
            return sum((shift.totals for shift in self.shifts), Totals())
        every = (shift.totals.of(self.read) for shift in (*self.shifts, *self.not_compared))
        return sum(every, Totals().of(self.read))

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What does not agree."""
        return tuple(one for one in self.found if not one.is_notice)

    @property
    def notices(self) -> tuple[Difference, ...]:
        """What is to be known although all sums agree."""
        return tuple(one for one in self.found if one.is_notice)

    @property
    def is_complete(self) -> bool:
        """Whether receipts and Z-reports of all days were read, so that all was compared."""
        return not self.not_read

    @property
    def agrees(self) -> bool:
        """Whether all was read and nothing differs; notices may be there."""
        return self.is_complete and not self.differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation(StoreReport):
    """What `reconcile` found.

    Attributes:
        window: The business days that were asked for.
        shops: A line for each shop by id, records without a shop last.
        read_until: Until when all was read of the present day, in UTC; None where it was not read, or not asked for.
        sales_not_read: Days of which the product sales were not read, where they were read of others; nothing for those
            who do not compare them at all.
    """

    window: Window
    shops: tuple[ShopReconciliation, ...]
    read_until: datetime | None = None
    sales_not_read: tuple[NotRead, ...] = ()

    @property
    def not_read(self) -> tuple[NotRead, ...]:
        """The days of receipts and Z-reports that were not read whole, shop by shop; reports leave them out."""
        return tuple(one for shop in self.shops for one in shop.not_read)

    @property
    def shifts(self) -> tuple[ShiftReconciliation, ...]:
        """The shifts of all shops that were compared."""
        return tuple(shift for shop in self.shops for shift in shop.shifts)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What does not agree, shop by shop."""
        return tuple(one for shop in self.shops for one in shop.differences)

    @property
    def notices(self) -> tuple[Difference, ...]:
        """What is to be known although all sums agree."""
        return tuple(one for shop in self.shops for one in shop.notices)

    @property
    def totals(self) -> Totals:
        """Sums of all shops."""
        return sum((shop.totals for shop in self.shops), Totals())

    def failures(self) -> Iterator[object]:
        """Yield the explanation of each difference, and what was not read."""
        for one in self.differences:
            yield one.explain()
        for step in self.reading_steps():
            yield step.text

    def tables(self, language: Language = "en") -> list[ResultTable]:
        """Return the shops as a table, hryvnias, with a line for all of them.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        title = in_language(msg("Receipts and Z-reports of {window}, hryvnias", window=self.window), language)
        return [ResultTable(_translated(_SHOP_HEADERS, language), [*shop_rows(self, language)], title)]

    def note_lines(self, language: Language = "en") -> list[str]:
        """Return each difference and notice in a line, and what is to be known of the days.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        titles = {shop.shop_id: _title(shop, language) for shop in self.shops}
        notes = [_found_line(one, titles[one.shop_id], language) for one in (*self.differences, *self.notices)]
        if not self.shifts and self.is_complete:
            notes.append(in_language(N_("There were no receipts and no Z-reports on these days."), language))
        if self.read_until is not None:
            moment = f"{self.read_until.astimezone(KYIV):%Y-%m-%d %H:%M}"
            until = msg("The present day is not over: it was read until {moment} in Kyiv.", moment=moment)
            notes.append(in_language(until, language))
        if self.sales_not_read:
            unread = N_("Product sales were not compared on all days; reports sales reads them.")
            notes.append(in_language(unread, language))
        return notes

    def to_dict(self, language: Language = "en") -> dict[str, Any]:
        """Return the result as plain values for JSON.

        Args:
            language: Language of the explanations: English (`en`) or Ukrainian (`uk`).
        """
        return {
            "ok": self.ok,
            "complete": self.is_complete,
            **plain_values(
                {
                    "window": self.window,
                    "read_until": self.read_until,
                    "totals": self.totals,
                    "shops": [_shop_values(shop) for shop in self.shops],
                    "not_read": self.not_read,
                    "product_sales_not_read": self.sales_not_read,
                    "differences": [_difference_values(one, language) for one in self.differences],
                    "notices": [_difference_values(one, language) for one in self.notices],
                }
            ),
        }

    def _shop_ids(self) -> Collection[int]:
        return {shop.shop_id for shop in self.shops if shop.shop_id is not None}

    def write_csv(
        self, target: str | PathLike[str] | TextIO, language: Language = "en", options: Sequence[str] = ()
    ) -> None:
        """Write what was not read, and every figure of every difference and notice, as a table for a Ukrainian Excel.

        Args:
            target: Where the file will be, or a text file that is open.
            language: Language of the explanations.
            options: Options that every command is given, such as those that name the store.

        Raises:
            OSError: The file cannot be written.
        """
        write_csv(target, _translated(_CSV_HEADERS, language), csv_rows(self._found, self.not_read, language, options))

    @property
    def _found(self) -> tuple[Difference, ...]:
        return tuple(one for shop in self.shops for one in shop.found)


def _translated(texts: Iterable[str], language: Language) -> list[str]:
    return [in_language(text, language) for text in texts]


def _title(shop: ShopReconciliation, language: Language) -> str:
    return shop.title or str(shop.shop_id or in_language(N_("No shop"), language))


def _found_line(one: Difference, title: str, language: Language) -> str:
    where = ", ".join(part for part in (shown_days(one.days), title, one.registrar) if part)
    amount = msg("{amount} UAH", amount=f"{with_kopecks(one.amount):+f}")
    values = {"where": where, "explanation": one.explain(language), "amount": amount}
    if one.is_notice:
        return in_language(msg("Notice: {where}: {explanation} ({amount})", **values), language)
    return in_language(msg("Difference: {where}: {explanation} ({amount})", **values), language)


def _shop_values(shop: ShopReconciliation) -> dict[str, object]:
    return {
        "shop_id": shop.shop_id,
        "title": shop.title,
        "agrees": shop.agrees,
        "complete": shop.is_complete,
        "totals": shop.totals,
        "shifts": shop.shifts,
        "shifts_not_compared": shop.not_compared,
    }


def _difference_values(one: Difference, language: Language) -> dict[str, object]:
    fields = {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "is_notice"}
    return {**fields, "amount": one.amount, "explanation": one.explain(language)}


def shop_rows(reconciliation: Reconciliation, language: Language) -> Iterator[tuple[object, ...]]:
    """Return a row for each shop and one for all, hryvnias."""
    lines: list[tuple[int | None, str, ShopReconciliation | Reconciliation]] = [
        (shop.shop_id, _title(shop, language), shop) for shop in reconciliation.shops
    ]
    lines.append((None, in_language(N_("All shops"), language), reconciliation))
    for shop_id, title, one in lines:
        totals = one.totals
        money = map(_money, (totals.sales, totals.z_sales, totals.refunds, totals.z_refunds))
        receipts = NOT_READ if totals.receipts is None else totals.receipts
        yield (shop_id, title, _compared(one), receipts, *money, _verdict(one, language))


def _compared(one: ShopReconciliation | Reconciliation) -> int | str:
    """Count the shifts that were compared; of a shop of which not all was read, a dash for none."""
    return len(one.shifts) if one.shifts or one.is_complete else NOT_READ


def _verdict(one: ShopReconciliation | Reconciliation, language: Language) -> str:
    """Return whether a shop agrees; a dash for what was not read."""
    if one.is_complete or one.differences:
        return yes_or_no(not one.differences, language)
    return NOT_READ


def _money(amount: Decimal | None) -> Decimal | str:
    return NOT_READ if amount is None else with_kopecks(amount)


def shown_days(days: Sequence[date]) -> str:
    """Write the first and the last of some days; one alone once, none as an empty text."""
    return "…".join(map(str, dict.fromkeys((*days[:1], *days[-1:]))))


def csv_rows(
    found: Iterable[Difference], not_read: Iterable[NotRead], language: Language, options: Sequence[str] = ()
) -> Iterator[tuple[object, ...]]:
    """Return a row for each figure of each difference and notice, and for each span of days that was not read.

    Args:
        found: The differences and notices.
        not_read: Days that were not read.
        language: Language of the explanations.
        options: Options that the commands are given which read those days.
    """
    for part in not_read:
        (step,) = reading_steps([part], all_shops=(), language=language, options=options)
        days = f"{part.start} {part.end}"
        yield ("not_read", part.kind, None, part.shop_id, None, None, days, *(None,) * 4, f"{step}", None, None)
    for one in found:
        leading = (
            "notice" if one.is_notice else "difference",
            one.kind,
            one.cause,
            one.shop_id,
            one.registrar,
            one.shift_id,
            " ".join(map(str, one.days)),
        )
        behind = (one.explain(language), " ".join(one.receipt_ids), " ".join(map(str, one.z_report_ids)))
        for figure in one.figures:
            yield (*leading, figure.name, figure.receipts, figure.other, figure.amount, *behind)
        if not one.figures:
            yield (*leading, None, None, None, None, *behind)
