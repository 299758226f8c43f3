"""Syncing: the only tool that changes anything, and it changes the store alone."""

import math
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import anyio
from mcp.server.mcpserver import Context
from mcp_types import CallToolResult

from smartkasa_async._i18n.message import arguments_named, msg
from smartkasa_async.client import SmartKasa
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.jobs.results import Progress, TableResult
from smartkasa_async.mcp.answers import TOKENS, Answer, Page
from smartkasa_async.mcp.desk import Desk
from smartkasa_async.mcp.schemas import FLAG, TEXT, TEXTS, Days, Shop, answer_schema
from smartkasa_async.mcp.texts import safe_text
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window
from smartkasa_async.reports.coverage import coverage_of_days, coverage_of_lists
from smartkasa_async.reports.not_read import COMMANDS
from smartkasa_async.sync import sync_product_sales, sync_receipts, sync_reference_data, sync_z_reports

What = Literal["everything", "reference_data", "receipts", "z_reports", "product_sales"]

MOST_DAYS = 92
"""Days that one call reads: what takes an hour is a command's work, not a conversation's."""
_LONG = 300
_MOST_FAILURES = 5

_DEFAULT = ("reference_data", "receipts", "z_reports")
_BY_DAYS = {
    "receipts": RecordKind.RECEIPTS,
    "z_reports": RecordKind.Z_REPORTS,
    "product_sales": RecordKind.PRODUCT_SALES,
}

SYNC_SCHEMA = answer_schema({"what": TEXT, "whole": FLAG, "notes": TEXTS}, days=TEXT)

OnProgress = Callable[[Progress], None]


class SyncTools:
    """The tool that syncs.

    Args:
        desk: Where the store is.
        kasa: The client.
    """

    def __init__(self, desk: Desk, kasa: SmartKasa) -> None:
        self._desk = desk
        self._kasa = kasa

    async def sync(self, days: Days, ctx: Context, what: What = "everything", shop: Shop = "") -> CallToolResult:
        """Read up to 92 days from the service into the store; changes nothing there; days read whole are skipped."""
        desk = self._desk
        page = Page.of("sync", {"arguments": [days, what, shop]}, "", TOKENS)
        window = desk.window(days)
        if window.days > MOST_DAYS:
            message = msg(
                "days are {count}; give {most} at most, or sync them from a shell: smartkasa receipts sync",
                count=window.days,
                most=MOST_DAYS,
            )
            raise InvalidRequestError(message, field="days")
        try:
            desk.syncing.acquire_nowait()
        except anyio.WouldBlock:
            message = msg("A sync is running already; wait for it, then ask again")
            raise InvalidRequestError(message, field="what") from None
        try:
            shops = await desk.shops(shop)
            parts = _DEFAULT if what == "everything" else (what,)
            reports = await self._run(parts, window, shops, ctx)
        finally:
            desk.syncing.release()
        rows = [_row(name, report) for name, report in reports.items()]
        is_whole = all(row["whole"] for row in rows)
        now = desk.now()
        async with desk.store.snapshot() as at_once, at_once.reading() as connection:
            if kinds := [_BY_DAYS[name] for name in parts if name in _BY_DAYS]:
                coverage = await coverage_of_days(connection, kinds, [window], shops, now)
            else:
                coverage = await coverage_of_lists(connection, [RecordKind.PRODUCTS, RecordKind.CARDS], now)
        return Answer(
            headline=f"Synced {', '.join(parts)} of {window}: " + ("all whole." if is_whole else "NOT all whole."),
            coverage=coverage,
            rows=rows,
            facts={"days": f"{window}"},
            shown=("what", "whole"),
        ).give(page)

    async def _run(
        self, parts: tuple[str, ...], window: Window, shops: list[int] | None, ctx: Context
    ) -> dict[str, TableResult]:
        kasa, store = self._kasa, self._desk.store
        chosen: dict[str, Any] = {"shops": shops, "start": window.start, "end": window.end}
        calls: dict[str, Callable[[OnProgress], Awaitable[TableResult]]] = {
            "reference_data": lambda tell: sync_reference_data(kasa, store, on_progress=tell),
            "receipts": lambda tell: sync_receipts(kasa, store, **chosen, on_progress=tell),
            "z_reports": lambda tell: sync_z_reports(kasa, store, **chosen, on_progress=tell),
            "product_sales": lambda tell: sync_product_sales(kasa, store, **chosen, on_progress=tell),
        }
        reports: dict[str, TableResult] = {}
        for number, name in enumerate(parts):
            reports[name] = await _reported(calls[name], ctx, number, len(parts), name)
        return reports


async def _reported(
    call: Callable[[OnProgress], Awaitable[TableResult]], ctx: Context, number: int, parts: int, name: str
) -> TableResult:
    """Run one part, and report its progress as a share of all, in whole per cents, each once."""
    send, receive = anyio.create_memory_object_stream[Progress](math.inf)
    reported = math.floor(100 * number / parts)
    result: TableResult | None = None
    error: Exception | None = None

    async def forward() -> None:
        nonlocal reported
        async for progress in receive:
            share = math.floor(100 * (number + (progress.fraction or 0)) / parts)
            if share > reported:
                reported = share
                await ctx.report_progress(share, 100, f"{name}: {progress}")

    async with receive, anyio.create_task_group() as group:
        group.start_soon(forward)
        try:
            with send:
                result = await call(send.send_nowait)
        except Exception as failed:  # noqa: BLE001  (raised below, outside of the group, which would wrap it)
            error = failed
    if error is not None:
        raise error
    assert result is not None  # noqa: S101
    return result


def _row(name: str, report: TableResult) -> dict[str, Any]:
    refetch = f"In a shell, {COMMANDS[_BY_DAYS[name]]} --refetch" if name in _BY_DAYS else ""
    with arguments_named(lambda argument: refetch if argument == "refetch" else argument):
        notes = [safe_text(f"{each}", _LONG) for each in report.note_lines()]
    return {"what": name, "whole": report.ok, "notes": notes[:_MOST_FAILURES]}
