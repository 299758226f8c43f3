"""Receipts of the store, compared with those of the service."""

from typing import TYPE_CHECKING

from smartkasa_async.cli.access import opened_client, opened_store
from smartkasa_async.cli.errors import Exit
from smartkasa_async.cli.messages import _
from smartkasa_async.cli.pulls import following, hryvnias, require_shops
from smartkasa_async.cli.run import Run, ThisRun
from smartkasa_async.cli.span import Shops, Span

if TYPE_CHECKING:
    from smartkasa_async import SmartKasa
    from smartkasa_async.receipts import VerifyReport
    from smartkasa_async.stores import Store

__all__ = ["verify"]


async def verify(*, span: Span | None = None, shop: Shops = None, refetch: bool = False, run: ThisRun) -> int:
    """Compare the receipts of the store with those of the service, each by id, time of change and total.

    All receipts of the days are read anew. What came since the last sync differs too: sync first, or name days that are
    over.

    The exit code is 1 where a day differs, or could not be read whole.

    Args:
        refetch: Read the days that differ into the store, and compare them once more.
    """
    from smartkasa_async.receipts import verify_receipts  # noqa: PLC0415  (likewise)

    window = (span or Span()).window()
    async with opened_client(run.settings) as kasa, opened_store(run.settings, to_read=True) as store:
        await require_shops(store, shop)

        for attempt in range(2):
            with run.output.progress(_("Receipts, by spans of days")) as bar:
                report = await verify_receipts(
                    kasa, store, shops=shop, start=window.start, end=window.end, on_progress=following(bar)
                )
            if attempt or not (refetch and report.differences):
                break
            await _refetch(kasa, store, report)
    facts = {name: getattr(report, name) for name in report.__dataclass_fields__}
    run.output.document({"agrees": report.agrees} | facts)
    _tell_differences(run, report)
    return Exit.DONE if report.agrees else Exit.INCOMPLETE


async def _refetch(kasa: "SmartKasa", store: "Store", report: "VerifyReport") -> None:
    from smartkasa_async.receipts import sync_receipts  # noqa: PLC0415  (likewise)

    for one in report.differences:
        await sync_receipts(
            kasa, store, shops=[one.shop_id], start=one.day, end=one.day, again=True, accept_clock_skew=True
        )


def _tell_differences(run: Run, report: "VerifyReport") -> None:
    columns = [
        _("Shop"),
        _("Day"),
        _("At the service"),
        _("In the store"),
        _("Sum at the service"),
        _("Sum in the store"),
        _("Missing"),
        _("Deleted"),
        _("Changed"),
    ]
    rows = [
        (
            one.title,
            one.day,
            one.listed,
            one.kept,
            hryvnias(one.listed_total),
            hryvnias(one.kept_total),
            len(one.missing),
            len(one.deleted),
            len(one.changed),
        )
        for one in report.differences
    ]
    if rows:
        title = _("Days of {window} on which the store is not as the service, hryvnias", window=report.window)
        run.output.table(columns, rows, title=title)
    for shop_id, part in report.incomplete:
        text = _("Incomplete: shop {shop}, {window}: {reason}", shop=shop_id, window=part.window, reason=part.phrase)
        run.output.say(text)
    if report.agrees:
        agreement = _("The store agrees with the service: {count} receipts.", count=report.receipts)
        run.output.say(agreement)
    for one in report.differences:
        command = f"smartkasa receipts sync --shop {one.shop_id} --start {one.day} --end {one.day} --again --no-frame"
        run.output.note(_("To read this day anew: {command}", command=command))
