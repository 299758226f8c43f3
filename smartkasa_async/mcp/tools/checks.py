"""Whether receipts agree with Z-reports, and whether fiscal rules are kept."""

from dataclasses import replace
from typing import Any, Literal

from mcp_types import CallToolResult

from smartkasa_async._support.money import hryvnias
from smartkasa_async.mcp.answers import MOST_ROWS, TOKENS, Answer, Page, moment, without_none
from smartkasa_async.mcp.desk import Desk
from smartkasa_async.mcp.schemas import FLAG, OBJECT, TEXT, TEXTS, WHOLE, Cursor, Days, Shop, Tokens, answer_schema
from smartkasa_async.mcp.texts import safe_text
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window, business_day
from smartkasa_async.reports.compliance.check import check_compliance
from smartkasa_async.reports.compliance.findings import Finding, Urgency
from smartkasa_async.reports.coverage import Coverage, coverage_of_days
from smartkasa_async.reports.reconciliation.comparing import reconcile
from smartkasa_async.reports.reconciliation.differences import Difference
from smartkasa_async.reports.reconciliation.result import Reconciliation
from smartkasa_async.stores.contents import first_day

_MOST_IDS = 5
_MOST_FIGURES = 4
_LONG = 400

Wanted = Literal["all", "now", "soon", "past"]

RECONCILE_SCHEMA = answer_schema(
    {
        "kind": TEXT,
        "notice": FLAG,
        "shop_id": WHOLE,
        "shop": TEXT,
        "registrar": TEXT,
        "days": TEXT,
        "amount": TEXT,
        "explanation": TEXT,
        "explanation_uk": TEXT,
        "receipts": TEXTS,
    },
    days=TEXT,
    agrees=FLAG,
    differences=WHOLE,
    notices=WHOLE,
    total=OBJECT,
)
COMPLIANCE_SCHEMA = answer_schema(
    {
        "kind": TEXT,
        "urgency": TEXT,
        "title": TEXT,
        "title_uk": TEXT,
        "shop_id": WHOLE,
        "shop": TEXT,
        "registrar": TEXT,
        "since": TEXT,
        "until": TEXT,
        "figures": TEXT,
        "advice": TEXT,
        "receipts": TEXTS,
    },
    counts=OBJECT,
)


class CheckTools:
    """Tools that check.

    Args:
        desk: What they answer from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def reconcile(
        self, days: Days, shop: Shop = "", cursor: Cursor = "", max_tokens: Tokens = TOKENS
    ) -> CallToolResult:
        """Compare receipts with Z-reports shift by shift, to the kopeck: each difference with its cause."""
        desk = self._desk
        page = Page.of("reconcile", {"arguments": [days, shop]}, cursor, max_tokens)
        window, shops, now = desk.window(days), await desk.shops(shop), desk.now()
        async with desk.store.snapshot() as at_once:
            result = await reconcile(at_once, shops=shops, start=window.start, end=window.end, now=now)
            kinds = [RecordKind.RECEIPTS, RecordKind.Z_REPORTS]
            async with at_once.reading() as connection:
                coverage = await coverage_of_days(connection, kinds, [window], shops, now)
        titles = {one.shop_id: one.title for one in result.shops}
        found = sorted(
            (one for each in result.shops for one in each.found), key=lambda one: (one.is_notice, -abs(one.amount))
        )
        rows = [_difference_row(one, titles.get(one.shop_id)) for one in found[page.first : page.first + MOST_ROWS]]
        return Answer(
            headline=_verdict(result, coverage),
            coverage=coverage,
            rows=rows,
            count=len(found),
            facts=_totals(result),
            shown=("kind", "amount", "days", "shop", "explanation"),
        ).give(page)

    async def compliance(
        self,
        days: Days = "",
        *,
        urgency: Wanted = "all",
        shop: Shop = "",
        cursor: Cursor = "",
        max_tokens: Tokens = TOKENS,
    ) -> CallToolResult:
        """Fiscal rules broken or about to be: shifts over 24 h, missing Z-reports, offline limits, gaps in numbers."""
        desk = self._desk
        page = Page.of("compliance", {"arguments": [days, urgency, shop]}, cursor, max_tokens)
        window, shops, now = desk.window(days) if days.strip() else None, await desk.shops(shop), desk.now()
        start, end = (window.start, window.end) if window else (None, None)
        async with desk.store.snapshot() as at_once:
            report = await check_compliance(at_once, shops=shops, start=start, end=end, now=now)
            async with at_once.reading() as connection:
                kinds = [RecordKind.RECEIPTS, RecordKind.Z_REPORTS]
                today = business_day(now)
                asked = window or Window(min(await first_day(connection, shops) or today, today), today)
                coverage = await coverage_of_days(connection, kinds, [asked], shops, now)
        of_no_shop = (one for one in coverage.not_read if one.shop_id is None)
        coverage = replace(coverage, not_read=(*of_no_shop, *report.not_read))
        found = report.findings if urgency == "all" else report.of(Urgency(urgency))
        counts = {each.value: len(report.of(each)) for each in Urgency}
        summary = ", ".join(f"{name} {count}" for name, count in counts.items())
        clean = "Nothing was found" + ("" if coverage.is_final else " in what was read")
        return Answer(
            headline=f"Findings: {summary}." if report.findings else f"{clean}.",
            coverage=coverage,
            rows=[_finding_row(one, desk) for one in found[page.first : page.first + MOST_ROWS]],
            count=len(found),
            facts={"counts": counts},
            shown=("urgency", "title", "shop", "since", "figures"),
        ).give(page)


def _verdict(result: Reconciliation, coverage: Coverage) -> str:
    what, notices = f"Receipts and Z-reports of {result.window}", f"{len(result.notices)} notices"
    if result.differences:
        return f"{what} do NOT agree: {len(result.differences)} differences, {notices}."
    if not coverage.is_final or not result.is_complete:
        return f"No difference in what was read of {result.window}; that is not all."
    return f"{what} agree: {len(result.shifts)} shifts, {notices}."


def _totals(result: Reconciliation) -> dict[str, Any]:
    totals = result.totals
    money = {
        name: None if (amount := getattr(totals, name)) is None else hryvnias(amount)
        for name in ("sales", "z_sales", "refunds", "z_refunds")
    }
    return {
        "days": f"{result.window}",
        "agrees": result.is_complete and not result.differences,
        "differences": len(result.differences),
        "notices": len(result.notices),
        "total": without_none(shifts=len(result.shifts), receipts=totals.receipts, z_reports=totals.z_reports, **money),
    }


def _difference_row(one: Difference, title: str | None) -> dict[str, Any]:
    first, last = one.days[:1], one.days[-1:]
    return without_none(
        kind=one.kind.value,
        notice=True if one.is_notice else None,
        shop_id=one.shop_id,
        shop=title and safe_text(title),
        registrar=one.registrar and safe_text(one.registrar),
        days="…".join(dict.fromkeys(map(str, (*first, *last)))) or None,
        amount=hryvnias(one.amount),
        explanation=safe_text(one.explain("en"), _LONG),
        explanation_uk=safe_text(one.explain("uk"), _LONG),
        figures=[f"{safe_text(each.name)}: {each.receipts:f} ≠ {each.other:f}" for each in one.figures[:_MOST_FIGURES]]
        or None,
        receipts=[safe_text(id_) for id_ in one.receipt_ids[:_MOST_IDS]] or None,
        receipts_in_all=len(one.receipt_ids) if len(one.receipt_ids) > _MOST_IDS else None,
        z_reports=list(one.z_report_ids[:_MOST_IDS]) or None,
    )


def _finding_row(one: Finding, desk: Desk) -> dict[str, Any]:
    return without_none(
        kind=one.kind.value,
        urgency=one.urgency.value,
        title=one.title("en"),
        title_uk=one.title("uk"),
        shop_id=one.shop_id,
        shop=one.shop_title and safe_text(one.shop_title),
        registrar=one.registrar and safe_text(one.registrar),
        since=moment(one.since),
        until=moment(one.until),
        figures=safe_text(one.figures(desk.language), _LONG),
        advice=one.advice(desk.language),
        receipts=[safe_text(id_) for id_ in one.receipts[:_MOST_IDS]] or None,
        receipts_in_all=one.receipts_count if one.receipts_count > _MOST_IDS else None,
    )
