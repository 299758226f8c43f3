"""The rows of each sheet, made of what was read: pure rules."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from smartkasa_async._i18n.message import N_, NP_, msg, nmsg
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async._support.money import NO_HRYVNIAS, with_kopecks
from smartkasa_async.models import ClassifierType
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import business_day
from smartkasa_async.reports.compliance.findings import WORDS, FindingKind
from smartkasa_async.reports.margins import PriceSource
from smartkasa_async.reports.month.forms import (
    DifferenceRow,
    ExciseRow,
    FindingRow,
    IncomeRow,
    ProductRow,
    RefundRow,
    SummaryRow,
    VatRow,
    ZReportRow,
)
from smartkasa_async.reports.month.taxes import EXCISE_LETTERS, VAT_LETTERS
from smartkasa_async.reports.not_read import reading_steps
from smartkasa_async.reports.page.facts import PageReceipt, check_link
from smartkasa_async.reports.page.texts import TEXTS
from smartkasa_async.reports.reconciliation.result import shown_days
from smartkasa_async.reports.units import hryvnias_of
from smartkasa_async.stores.views import PAYMENT_MEANS, TAX_GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from sqlalchemy import Row

    from smartkasa_async.reports.month.facts import MonthFacts
    from smartkasa_async.reports.month.taxes import Taxed
    from smartkasa_async.reports.reconciliation.differences import Difference

_NOT_STATED = N_("Not stated")
_OUTSIDE = N_("Rounding and other")
_STATED_OTHERWISE = N_("Taxes that receipts state otherwise")
_NO_SHOP = N_("No shop")
_UNREAD_RECEIPTS = N_("receipts of this day were not read in full")
_UNREAD_Z_REPORTS = N_("Z-reports of this day were not read in full")
_CLASSIFIERS = {int(ClassifierType.UKTZED): N_("UKTZED"), int(ClassifierType.DKPP): N_("DKPP")}
_EXCISE_GROUPS = frozenset(code for code, name in TAX_GROUPS.items() if name.startswith("Excise"))
_PRICE_SOURCES = {
    PriceSource.HISTORY: NP_("prices of", "history"),
    PriceSource.CATALOGUE: NP_("prices of", "the catalogue"),
    PriceSource.BOTH: NP_("prices of", "history and the catalogue"),
}
_Z_TAXES = {"vat": VAT_LETTERS, "excise": EXCISE_LETTERS}


class MonthTables:
    """The rows of the sheets of a month in one language.

    Args:
        facts: What was read.
        language: English (`en`) or Ukrainian (`uk`).
        options: Options that the commands are given which read what is missing.
    """

    def __init__(self, facts: MonthFacts, language: Language, options: Sequence[str] = ()) -> None:
        self._facts = facts
        self._language = language
        self._options = options
        self._unread = {
            kind: {id_: facts.unread_days(kind, id_) for id_ in facts.shop_ids()}
            for kind in (RecordKind.RECEIPTS, RecordKind.Z_REPORTS)
        }

    def summary(self) -> list[SummaryRow]:
        """Return a row for each shop."""
        facts = self._facts
        receipts = _by_shop(facts.turnover)
        reports = _by_shop(facts.z_reports)
        findings: defaultdict[int | None, int] = defaultdict(int)
        for finding in facts.compliance.findings:
            findings[finding.shop_id] += 1
        differences = {shop.shop_id: len(shop.differences) for shop in facts.reconciliation.shops}
        rows = []
        for id_ in dict.fromkeys((*facts.shop_ids(), *receipts, *reports, *findings)):
            of_receipts, of_reports = receipts.get(id_, ()), reports.get(id_, ())
            sales, refunds = _sum(of_receipts, "sales"), _sum(of_receipts, "refunds")
            rows.append(
                SummaryRow(
                    shop=self._shop(id_),
                    sale_receipts=sum(row.sale_receipts for row in of_receipts),
                    sales=hryvnias_of(sales),
                    refund_receipts=sum(row.refund_receipts for row in of_receipts),
                    refunds=hryvnias_of(refunds),
                    net=hryvnias_of(sales - refunds),
                    rounding=hryvnias_of(_sum(of_receipts, "rounding_sales") - _sum(of_receipts, "rounding_refunds")),
                    vat=hryvnias_of(_net_taxes(of_receipts, VAT_LETTERS)),
                    excise=hryvnias_of(_net_taxes(of_receipts, EXCISE_LETTERS)),
                    z_reports=len(of_reports),
                    z_sales=_stated(of_reports, "sale_total"),
                    z_refunds=_stated(of_reports, "refund_total"),
                    differences=differences.get(id_, 0),
                    findings=findings[id_],
                    receipts_until=facts.read_until(RecordKind.RECEIPTS, id_),
                    z_reports_until=facts.read_until(RecordKind.Z_REPORTS, id_),
                    note=self._summary_note(id_),
                )
            )
        return rows

    def income(self) -> list[IncomeRow]:
        """Return a row for each day, shop, registrar and means of payment, and for each day that was not read."""
        facts = self._facts
        rest = {tuple(row[:3]): [row.sales, row.refunds] for row in facts.turnover}
        found: dict[tuple[Any, ...], tuple[int, int]] = {}
        for row in facts.means:
            found[*row[:3], row.code] = (row.sales, row.refunds)
            sums = rest[tuple(row[:3])]
            sums[0] -= row.sales
            sums[1] -= row.refunds
        found |= {(*key, None): (sales, refunds) for key, (sales, refunds) in rest.items() if sales or refunds}
        known = {key[:2] for key in found}
        found |= {
            (id_, day, None, None): (0, 0)
            for id_, days in self._unread[RecordKind.RECEIPTS].items()
            for day in days
            if (id_, day) not in known
        }
        rows = []
        for (id_, day, registrar, code), (sales, refunds) in sorted(found.items(), key=self._by_day):
            if (id_, day) in known:
                means = self._named(code, PAYMENT_MEANS, _NOT_STATED)
                money = (hryvnias_of(sales), hryvnias_of(refunds), hryvnias_of(sales - refunds))
                rows.append(IncomeRow(day, self._shop(id_), registrar, means, *money, self._day_note([id_], day)))
            else:
                rows.append(IncomeRow(day, self._shop(id_), note=self._text(_UNREAD_RECEIPTS)))
        return rows

    def z_reports(self) -> list[ZReportRow]:
        """Return the Z-reports, and in their places the shifts without one and the days that were not read."""
        facts = self._facts
        marks = self._z_report_marks()
        found: list[tuple[tuple[Any, ...], ZReportRow]] = []
        for row in facts.z_reports:
            key = (row.business_date, self._shop(row.shop_id), row.registrar_fiscal_number or "", row.created_at)
            found.append((key, self._z_report(row, "; ".join(marks.get(row.id, ())))))
        for finding in facts.compliance.of(FindingKind.Z_REPORT_MISSING):
            day = min(max(business_day(finding.until), facts.window.start), facts.window.end)
            note = nmsg(
                "no Z-report: {count} receipt owes one", "no Z-report: {count} receipts owe one", finding.receipts_count
            )
            place = (self._shop(finding.shop_id), finding.registrar)
            key = (day, place[0], place[1] or "", finding.until)
            found.append((key, _gap(day, *place, finding.shift_id, in_language(note, self._language))))
        for id_, days in self._unread[RecordKind.Z_REPORTS].items():
            for day in days:
                gap = _gap(day, self._shop(id_), None, None, self._text(_UNREAD_Z_REPORTS))
                found.append(((day, gap.shop, "", facts.window.begins_at), gap))
        return [row for _, row in sorted(found, key=lambda one: one[0])]

    def vat(self) -> list[VatRow]:
        """Return a row for each day, rate and code of goods, all shops together."""
        found: defaultdict[tuple[Any, ...], list[Taxed]] = defaultdict(list)
        for one in self._facts.taxed:
            stated = one.group is None and (one.vat or one.excise)
            if stated and one.total:  # taxes that receipts state otherwise stand apart from what lines leave out
                found[one.day, None, None, None, False].append(one._replace(vat=0, excise=0))
                one = one._replace(total=0)  # noqa: PLW2901
            found[one.day, one.group, one.classifier, one.code, bool(stated)].append(one)
        days: defaultdict[date, list[int | None]] = defaultdict(list)
        for id_, unread in self._unread[RecordKind.RECEIPTS].items():
            for day in unread:
                days[day].append(id_)

        def in_order(day: date) -> list[int | None]:
            return sorted(days.get(day, ()), key=lambda id_: id_ or 0)

        rows = []
        for key, parts in sorted(found.items(), key=lambda one: _none_last(one[0])):
            day, group, classifier, code, stated = key
            rate = self._text(_STATED_OTHERWISE) if stated else self._named(group, TAX_GROUPS, _OUTSIDE)
            known = None if classifier is None else self._named(classifier, _CLASSIFIERS, _NOT_STATED)
            sold, refunded = (_taxed_money(parts, is_refund=is_refund) for is_refund in (False, True))
            note = self._day_note(in_order(day), day, is_of_all=True)
            rows.append(VatRow(day, rate, known, code, *sold, *refunded, note))
        known_days = {row.day for row in rows}
        rows += [
            VatRow(day, "", note=self._day_note(in_order(day), day, is_of_all=True))
            for day in days
            if day not in known_days
        ]
        return sorted(rows, key=lambda row: row.day)

    def excise(self) -> list[ExciseRow]:
        """Return a row for each day, shop, rate and code of excise goods."""
        found: defaultdict[tuple[Any, ...], list[Taxed]] = defaultdict(list)
        for one in self._facts.taxed:
            if one.group in _EXCISE_GROUPS or one.excise:
                kept = one if one.group is not None else one._replace(total=0)
                found[one.day, self._shop(one.shop_id), one.group, one.code, one.shop_id].append(kept)
        rows = []
        for (day, shop, group, code, shop_id), parts in sorted(found.items(), key=lambda one: _none_last(one[0])):
            (_, _, sold, total), (_, _, refunded, total_refunded) = (
                _taxed_money(parts, is_refund=is_refund) for is_refund in (False, True)
            )
            rows.append(
                ExciseRow(
                    day,
                    shop,
                    self._named(group, TAX_GROUPS, _STATED_OTHERWISE),
                    code,
                    total,
                    sold,
                    total_refunded,
                    refunded,
                    with_kopecks(sold - refunded),
                    self._day_note([shop_id], day),
                )
            )
        return rows

    def refunds(self, rows: Iterable[Row[Any]]) -> list[RefundRow]:
        """Return refunds.

        Args:
            rows: Rows of `MonthQueries.refunds`.
        """
        return [self._refund(row) for row in rows]

    def differences(self) -> list[DifferenceRow]:
        """Return a row for each span of days that was not read, and for each figure of each difference and notice."""
        rows = []
        for part in self._facts.reconciliation.not_read:
            (step,) = reading_steps([part], all_shops=(), language=self._language, options=self._options)
            kind, days, shop = step.text, shown_days((part.start, part.end)), self._shop(part.shop_id)
            rows.append(DifferenceRow(self._text(N_("not read")), kind, days, shop, explanation=step.command or ""))
        for one in (*self._facts.reconciliation.differences, *self._facts.reconciliation.notices):
            rows += self._difference(one)
        return rows

    def findings(self) -> list[FindingRow]:
        """Return the fiscal findings, the most urgent first."""
        language = self._language
        rows = []
        for one in self._facts.compliance.findings:
            receipt, link = self._receipt(one.receipts)
            rows.append(
                FindingRow(
                    urgency=self._text(WORDS[one.urgency]),
                    finding=one.title(language),
                    shop=self._shop(one.shop_id),
                    registrar=one.registrar,
                    shift=one.shift_id,
                    since=one.since,
                    until=one.until,
                    figures=one.figures(language),
                    receipt=receipt,
                    receipt_link=link,
                    receipts=one.receipts_count or None,
                    rule=one.rule(language),
                    source=one.source(language),
                    advice=one.advice(language),
                )
            )
        return rows

    def products(self) -> list[ProductRow]:
        """Return what was sold, what brought in most first; last what no line accounts for."""
        rows = [
            ProductRow(
                one.number,
                one.title or self._text(N_("No title")),
                one.unit,
                one.quantity,
                one.amount,
                one.cost,
                None if one.cost is None else with_kopecks(one.amount - one.cost),
                None if one.cost is None else one.margin().margin,
                one.below_cost or None,
                one.lines_below_cost or None,
                None if one.price_source is None else self._text(_PRICE_SOURCES[one.price_source]),
            )
            for one in sorted(self._facts.goods, key=lambda one: (-one.amount, one.title or "", one.id or ""))
        ]
        total = hryvnias_of(sum(row.sales - row.refunds for row in self._facts.turnover))
        rest = with_kopecks(total - sum((row.amount for row in rows), NO_HRYVNIAS))
        if rest:
            rows.append(ProductRow(None, self._text(_OUTSIDE), None, None, rest))
        return rows

    def _text(self, text: str) -> str:
        return in_language(text, self._language)

    def _shop(self, shop_id: int | None) -> str:
        return self._facts.shops.get(shop_id) or (self._text(_NO_SHOP) if shop_id is None else f"{shop_id}")

    def _named(self, code: int | None, names: Mapping[int, str], without: str) -> str:
        if code is None:
            return self._text(without)
        return self._text(names.get(code) or msg("Code {code}", code=code))

    def _by_day(self, found: tuple[tuple[Any, ...], object]) -> tuple[object, ...]:
        shop_id, day, registrar, code = found[0]
        return day, self._shop(shop_id), shop_id or 0, registrar or "", code is None, code or 0

    def _day_note(self, shop_ids: Sequence[int | None], day: date, *, is_of_all: bool = False) -> str:
        """Describe what of a day was not read.

        Args:
            shop_ids: The shops; where `is_of_all`, those of which it was not read.
            day: The day.
            is_of_all: Whether the row is about all shops.
        """
        notes = []
        if is_of_all and shop_ids:
            shops = ", ".join(map(self._shop, shop_ids))
            notes.append(self._text(msg("receipts of this day were not read in full: {shops}", shops=shops)))
        elif any(day in self._unread[RecordKind.RECEIPTS].get(id_, ()) for id_ in shop_ids):
            notes.append(self._text(_UNREAD_RECEIPTS))
        if not notes and day == self._facts.running_day():
            notes.append(self._text(N_("the day is not over")))
        return "; ".join(notes)

    def _summary_note(self, shop_id: int | None) -> str:
        compliance = self._facts.compliance
        missing = [one for one in compliance.of(FindingKind.Z_REPORT_MISSING) if one.shop_id == shop_id]
        unreadable = [one.measured for one in compliance.of(FindingKind.RECORD_UNREADABLE) if one.shop_id == shop_id]
        counts = (
            (len(self._unread[RecordKind.RECEIPTS].get(shop_id, ())), N_("days of receipts not read: {count}")),
            (len(self._unread[RecordKind.Z_REPORTS].get(shop_id, ())), N_("days of Z-reports not read: {count}")),
            (len(missing), N_("Z-reports missing: {count}")),
            (int(sum(unreadable)), N_("records in quarantine, which these sums lack: {count}")),
        )
        return "; ".join(self._text(msg(text, count=count)) for count, text in counts if count)

    def _z_report_marks(self) -> dict[int, list[str]]:
        """Name what the reconciliation found about each Z-report."""
        marks: defaultdict[int, list[str]] = defaultdict(list)
        found = (*self._facts.reconciliation.differences, *self._facts.reconciliation.notices)
        for one in found:
            for id_ in one.z_report_ids:
                name = self._kind(one)
                if name not in marks[id_]:
                    marks[id_].append(name)
        return marks

    def _z_report(self, row: Row[Any], note: str) -> ZReportRow:
        def taxes(operation: str, name: str) -> Decimal | None:
            columns = (f"{operation}_tax_{letter}_total" for letter in _Z_TAXES[name])
            stated = [amount for each in columns if (amount := getattr(row, each, None)) is not None]
            return with_kopecks(sum(stated, NO_HRYVNIAS)) if stated else None

        return ZReportRow(
            row.business_date,
            self._shop(row.shop_id),
            row.created_at,
            row.registrar_fiscal_number,
            row.fiscal_number,
            row.shift_id,
            row.sale_receipts_count,
            row.refund_receipts_count,
            _money(row.sale_total),
            _money(row.sale_cash_total),
            _money(row.sale_cashless_total),
            taxes("sale", "vat"),
            taxes("sale", "excise"),
            _money(row.refund_total),
            _money(row.refund_cash_total),
            _money(row.refund_cashless_total),
            taxes("refund", "vat"),
            taxes("refund", "excise"),
            note,
        )

    def _refund(self, row: Row[Any]) -> RefundRow:
        link = _link(row, "")
        note = ""
        if not row.related_fiscal_number:
            note = self._text(N_("the refund names no sale"))
        elif row.sale_id is None:
            note = self._text(N_("the store does not have the sale"))
        return RefundRow(
            row.business_date,
            row.created_at,
            self._shop(row.shop_id),
            row.registrar_fiscal_number,
            row.fiscal_number or row.id,
            link,
            with_kopecks(row.total_amount),
            row.cashier_name,
            row.related_fiscal_number,
            None if row.sale_id is None else _link(row, "sale_"),
            row.sale_created_at,
            _money(row.sale_total_amount),
            note,
        )

    def _difference(self, one: Difference) -> Iterator[DifferenceRow]:
        receipt, link = self._receipt(one.receipt_ids)
        severity = N_("notice") if one.is_notice else N_("difference")
        leading = (
            self._text(severity),
            self._kind(one),
            shown_days(one.days),
            self._shop(one.shop_id),
            one.registrar,
            one.shift_id,
            receipt,
            link,
            len(one.receipt_ids) or None,
        )
        explanation = one.explain(self._language)
        for figure in one.figures:
            name, _, product = figure.name.partition(" ")
            text = self._text(str(TEXTS.get(f"figure.{name}", name))).format(product)
            yield DifferenceRow(*leading, text, figure.receipts, figure.other, figure.amount, explanation)
        if not one.figures:
            yield DifferenceRow(*leading, None, None, None, None, explanation)

    def _kind(self, one: Difference) -> str:
        return self._text(str(TEXTS[f"kind.{one.kind}"]))

    def _receipt(self, ids: Sequence[str]) -> tuple[str | None, str | None]:
        """Return the number of the first receipt, and its page at the tax service."""
        if not ids:
            return None, None
        receipt = self._facts.receipts.get(ids[0])
        return (receipt.fiscal_number or ids[0], check_link(receipt)) if receipt else (ids[0], None)


def _gap(day: date, shop: str, registrar: str | None, shift: str | None, note: str) -> ZReportRow:
    return ZReportRow(day, shop, registrar=registrar, shift=shift, note=note)


def _link(row: Row[Any], prefix: str) -> str | None:
    return check_link(
        PageReceipt(
            id=getattr(row, f"{prefix}id"),
            shop_id=row.shop_id,
            created_at=getattr(row, f"{prefix}created_at"),
            type=getattr(row, f"{prefix}type"),
            total=getattr(row, f"{prefix}total_amount"),
            fiscal_number=row.related_fiscal_number if prefix else row.fiscal_number,
            registrar=getattr(row, f"{prefix}registrar_fiscal_number"),
        )
    )


def _taxed_money(parts: Iterable[Taxed], *, is_refund: bool) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Return base, VAT, excise and total of sales or refunds."""
    found = [one for one in parts if one.is_refund is is_refund]
    total, vat, excise = (sum(getattr(one, name) for one in found) for name in ("total", "vat", "excise"))
    return hryvnias_of(total - vat - excise), hryvnias_of(vat), hryvnias_of(excise), hryvnias_of(total)


def _by_shop(rows: Iterable[Row[Any]]) -> dict[int | None, list[Row[Any]]]:
    found: defaultdict[int | None, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.shop_id].append(row)
    return dict(found)


def _sum(rows: Iterable[Row[Any]], name: str) -> int:
    return sum(getattr(row, name) for row in rows)


def _net_taxes(rows: Sequence[Row[Any]], letters: Iterable[str]) -> int:
    return sum(_sum(rows, f"tax_{letter}_sales") - _sum(rows, f"tax_{letter}_refunds") for letter in letters)


def _stated(rows: Iterable[Row[Any]], name: str) -> Decimal:
    return with_kopecks(sum((getattr(row, name) or NO_HRYVNIAS for row in rows), NO_HRYVNIAS))


def _money(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else with_kopecks(amount)


def _none_last(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple((part is None, part if part is not None else 0) for part in key)
