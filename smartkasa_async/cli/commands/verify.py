"""The command `receipts verify`."""

import shlex
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from smartkasa_async._support import clock as _clock
from smartkasa_async.cli.access import opened_client, opened_store
from smartkasa_async.cli.messages import _, language
from smartkasa_async.cli.options import Period, Shops
from smartkasa_async.cli.running import Run, ThisRun
from smartkasa_async.cli.sync_output import exit_of_reading, print_not_read, reading_options, require_shops, updating

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from smartkasa_async import SmartKasa
    from smartkasa_async.reports import NotRead
    from smartkasa_async.stores import Store
    from smartkasa_async.sync import VerifyReport
    from smartkasa_async.sync.verify import DayDifference


async def verify(*, period: Period | None = None, shop: Shops = None, refetch: bool = False, run: ThisRun) -> int:
    """Compare the receipts of the store with those of the service by id, time of change and total.

    All receipts of the days are read again. Receipts newer than the last sync count as differences: sync first, or name
    past days.

    The exit status is 1 if a day differs or could not be read in full, and 5 if only days differ that were never read
    into the store.

    Args:
        refetch: Sync the days that differ, and compare them once more.
    """
    from smartkasa_async.jobs.results import plain_values  # noqa: PLC0415  (likewise)
    from smartkasa_async.reports.not_read import reading_steps  # noqa: PLC0415  (likewise)
    from smartkasa_async.sync import verify_receipts  # noqa: PLC0415  (likewise)

    window = (period or Period()).window()
    async with opened_client(run.settings) as kasa, opened_store(run.settings, to_read=True) as store:
        await require_shops(store, shop)

        for attempt in range(2):
            with run.output.progress(_("Receipts, by spans of days")) as bar:
                report = await verify_receipts(
                    kasa, store, shops=shop, start=window.start, end=window.end, on_progress=updating(bar)
                )
            if attempt or not (refetch and report.differences):
                break
            await _refetch(kasa, store, report)
        not_read = await _not_read(store, report)
        titles = await store.shop_titles()
    differing = [one for one in report.differences if not any(_holds(each, one) for each in not_read)]
    run.output.document({**report.to_dict(), "not_read": plain_values(not_read)})
    for table in replace(report, differences=tuple(differing)).tables(language()):
        run.output.table(table.header, table.rows, title=table.title)
    run.output.lines(report.note_lines(language()))
    _print_refetching(run, differing)
    print_not_read(
        run,
        reading_steps(not_read, all_shops=titles, language=language(), options=reading_options(run)),
    )
    return exit_of_reading(found=bool(differing or report.incomplete), is_complete=not not_read)


async def _not_read(store: "Store", report: "VerifyReport") -> "list[NotRead]":
    """Return the days with differences that were never read: these are no errors."""
    from smartkasa_async.records import Window  # noqa: PLC0415  (likewise)
    from smartkasa_async.records.batch import RecordKind  # noqa: PLC0415  (likewise)
    from smartkasa_async.reports.not_read import find_not_read  # noqa: PLC0415  (likewise)

    read = await store.days_read()
    days: dict[int, list[date]] = {}
    for one in report.differences:
        days.setdefault(one.shop_id, []).append(one.day)
    return [
        part
        for shop_id, found in days.items()
        for part in find_not_read(
            read, (RecordKind.RECEIPTS,), (shop_id,), Window(min(found), max(found)), _clock.now()
        )
    ]


def _holds(part: "NotRead", one: "DayDifference") -> bool:
    return part.shop_id == one.shop_id and part.start <= one.day <= part.end


async def _refetch(kasa: "SmartKasa", store: "Store", report: "VerifyReport") -> None:
    from smartkasa_async.sync import sync_receipts  # noqa: PLC0415  (likewise)

    for one in report.differences:
        await sync_receipts(
            kasa, store, shops=[one.shop_id], start=one.day, end=one.day, refetch=True, accept_clock_skew=True
        )


def _print_refetching(run: Run, differing: "list[DayDifference]") -> None:
    """Print the commands that read days anew."""
    for shop_id, first, last in _periods(differing):
        words = ["--shop", f"{shop_id}", "--start", f"{first}", "--end", f"{last}", "--refetch", "--no-reference-data"]
        command = f"smartkasa receipts sync {shlex.join([*words, *reading_options(run)])}"
        text = _("To read this day anew:") if first == last else _("To read these days anew:")
        run.output.text(text)
        run.output.command(command)


def _periods(differing: "Iterable[DayDifference]") -> "Iterator[tuple[int, date, date]]":
    """Join days of a shop that follow one another."""
    periods: list[tuple[int, date, date]] = []
    for one in sorted(differing, key=lambda one: (one.shop_id, one.day)):
        if periods and periods[-1][0] == one.shop_id and one.day - periods[-1][2] == timedelta(days=1):
            periods[-1] = (one.shop_id, periods[-1][1], one.day)
        else:
            periods.append((one.shop_id, one.day, one.day))
    yield from periods
