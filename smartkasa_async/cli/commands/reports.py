"""The commands for reports: Z-reports, best sellers, reconciliation, compliance, the page, and the month."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from smartkasa_async._i18n.message import N_
from smartkasa_async._support.money import with_kopecks, without_zeros
from smartkasa_async.cli.access import opened_client, opened_store, store_file
from smartkasa_async.cli.errors import CommandError, Exit
from smartkasa_async.cli.messages import _, language, n_
from smartkasa_async.cli.options import AcceptClockSkew, Period, Refetch, Shops, parse_month
from smartkasa_async.cli.running import Run, ThisRun
from smartkasa_async.cli.sync_output import (
    exit_of,
    exit_of_reading,
    print_not_read,
    reading_options,
    require_shops,
    updating,
)
from smartkasa_async.cli.working_files import require_files

if TYPE_CHECKING:
    from smartkasa_async.cli.progress import ProgressDisplay
    from smartkasa_async.jobs import Progress
    from smartkasa_async.records import Window
    from smartkasa_async.reports import ZArchive
    from smartkasa_async.reports.listings import StoredZReport
    from smartkasa_async.stores import Store

_MOST_MINUTES = 100_000


async def z(
    *,
    period: Period | None = None,
    shop: Shops = None,
    refetch: Refetch = False,
    accept_clock_skew: AcceptClockSkew = False,
    each: bool = False,
    archive: Annotated[Path | None, Parameter(metavar="FOLDER")] = None,
    run: ThisRun,
) -> int:
    """Sync Z-reports into the store, and show them.

    Days that were read in full three days after their end or later are skipped, except for one recheck by a later run.

    With --archive, those of the days asked for are also kept as files: a folder for each registrar and year, each
    Z-report as JSON and as a page to print, indexes, and a seal. All files that are there are compared with the seal.

    The exit status is 1 if a window could not be read in full, a record does not have the documented form, or a file of
    the archive was changed or lost.

    Args:
        each: Show each Z-report instead of each shop's sums.
        archive: Folder of the archive; it is made.
    """
    from smartkasa_async.sync import sync_z_reports  # noqa: PLC0415  (help pages need none of it)

    window = (period or Period()).window()
    run.resume = _("What was read is kept. To go on, run the same command again.")
    async with opened_client(run.settings) as kasa, opened_store(run.settings) as store:
        from smartkasa_async.reports.listings import z_reports  # noqa: PLC0415  (an extra, which the store needs too)

        with run.output.progress(_("Z-reports, by spans of days")) as bar:
            report = await sync_z_reports(
                kasa,
                store,
                shops=shop,
                start=window.start,
                end=window.end,
                refetch=refetch,
                accept_clock_skew=accept_clock_skew,
                on_progress=updating(bar),
            )
        stored = await z_reports(store, window, shop)
        archived = None if archive is None else await _archive(run, store, archive, window, shop)
    document = report.to_dict() | {"z_reports": [one._asdict() for one in stored]}
    run.output.document(document if archived is None else document | {"archive": archived.to_dict()})
    title = _("Z-reports of {window}, hryvnias", window=window)
    (_show_each if each else _show_shops)(run, stored, title)
    run.output.lines(report.note_lines(language()))
    if archived is not None:
        run.output.result(archived)
        if not archived.is_intact:
            return Exit.INCOMPLETE
    return exit_of(report)


async def _archive(run: Run, store: "Store", folder: Path, window: "Window", shops: list[int] | None) -> "ZArchive":
    from smartkasa_async.reports import archive_z_reports  # noqa: PLC0415  (likewise)

    with run.output.progress(_("Archive of Z-reports")) as bar:
        return await archive_z_reports(
            store,
            folder,
            shops=shops,
            start=window.start,
            end=window.end,
            language=language(),
            on_progress=updating(bar),
        )


def _show_each(run: Run, stored: "list[StoredZReport]", title: str) -> None:
    columns = [_("Shop"), _("Day"), _("Closed"), _("Registrar"), _("Number"), _("Receipts"), _("Sales"), _("Refunds")]
    rows = [
        (
            one.shop or one.shop_id,
            one.business_date,
            one.created_at,
            one.registrar,
            one.fiscal_number,
            one.receipts,
            with_kopecks(one.sales),
            with_kopecks(one.refunds),
        )
        for one in stored
    ]
    run.output.table(columns, rows, title=title)


def _show_shops(run: Run, stored: "list[StoredZReport]", title: str) -> None:
    by_shop: dict[object, list[StoredZReport]] = {}
    for one in stored:
        by_shop.setdefault(one.shop or one.shop_id, []).append(one)
    lines = [*by_shop.items(), (_("All shops"), stored)]
    rows = [
        (
            shop,
            len(reports),
            sum(one.receipts for one in reports),
            with_kopecks(sum((one.sales for one in reports), Decimal(0))),
            with_kopecks(sum((one.refunds for one in reports), Decimal(0))),
        )
        for shop, reports in lines
    ]
    run.output.table([_("Shop"), _("Z-reports"), _("Receipts"), _("Sales"), _("Refunds")], rows, title=title)


async def sales(
    *,
    period: Period | None = None,
    shop: Shops = None,
    refetch: Refetch = False,
    accept_clock_skew: AcceptClockSkew = False,
    top: int = 20,
    run: ThisRun,
) -> int:
    """Sync product sales into the store, and show the best sellers.

    Days that were read in full three days after their end or later are skipped, except for one recheck by a later run.

    The exit status is 1 if a day could not be read in full, or a record does not have the documented form.

    Args:
        top: Maximum number of products.
    """
    from smartkasa_async.sync import sync_product_sales  # noqa: PLC0415  (likewise)

    window = (period or Period()).window()
    if top < 1:
        raise CommandError(_("--top is {top}; give a whole number above 0", top=top))
    run.resume = _("What was read is kept. To go on, run the same command again.")
    async with opened_client(run.settings) as kasa, opened_store(run.settings) as store:
        from smartkasa_async.reports.listings import best_sellers  # noqa: PLC0415  (likewise)

        with run.output.progress(_("Product sales, by days")) as bar:
            report = await sync_product_sales(
                kasa,
                store,
                shops=shop,
                start=window.start,
                end=window.end,
                refetch=refetch,
                accept_clock_skew=accept_clock_skew,
                on_progress=updating(bar),
            )
        best = await best_sellers(store, window, shop, top)
    products = [one._asdict() for one in best.products]
    facts = {"products": products, "products_sold": best.different, "total_amount": best.amount}
    run.output.document(report.to_dict() | facts)
    rows = [
        (one.title, one.number, Decimal(without_zeros(one.quantity)), with_kopecks(one.amount)) for one in best.products
    ]
    title = _("Best sellers of {window}, hryvnias", window=window)
    run.output.table([_("Product"), _("Barcode"), _("Quantity"), _("Sales")], rows, title=title)
    text = n_(
        "{count} product sold, {amount} UAH",
        "{count} products sold, {amount} UAH",
        best.different,
        amount=with_kopecks(best.amount),
    )
    run.output.text(text)
    run.output.lines(report.note_lines(language()))
    return exit_of(report)


async def reconcile(
    *,
    period: Period | None = None,
    shop: Shops = None,
    tax_tolerance: int = 0,
    csv: Path | None = None,
    run: ThisRun,
) -> int:
    """Compare receipts, payments, Z-reports and product sales of the store, shift by shift.

    It sends nothing to the service: first sync receipts with receipts sync, Z-reports with reports z, and, to compare
    them too, product sales with reports sales. Sync one day more at both ends if shifts run past midnight.

    For days that were not read into the store, the command that reads them is printed.

    The exit status is 1 if there are differences, else 5 if days were not read; notices are no differences.

    Args:
        tax_tolerance: Kopecks by which each tax of a receipt may differ: taxes are computed per tax group, and a
            registrar may round line by line.
        csv: CSV file for every figure of every difference, for spreadsheet programs.
    """
    from smartkasa_async.reports import reconcile as compare  # noqa: PLC0415  (likewise)

    window = (period or Period()).window()
    async with opened_store(run.settings, to_read=True) as store:
        require_files({"--store": store_file(store)}, {"--csv": csv})
        await require_shops(store, shop)
        with run.output.progress(_("Shifts")) as bar:
            result = await compare(
                store,
                start=window.start,
                end=window.end,
                shops=shop,
                tax_tolerance=hryvnias_of(tax_tolerance),
                on_progress=updating(bar),
            )
    if csv is not None:
        result.write_csv(csv, language(), reading_options(run))
    run.output.document(result.to_dict(language()))
    run.output.result(result)
    print_not_read(run, result.reading_steps(language(), reading_options(run)))
    if csv is not None:
        run.output.text(_("The differences are in {file}.", file=csv))
    return exit_of_reading(found=bool(result.differences), is_complete=result.is_complete)


async def compliance(
    *,
    period: Period | None = None,
    shop: Shops = None,
    shift_tolerance: int = 0,
    csv: Path | None = None,
    run: ThisRun,
) -> int:
    """Check the store for breaches of the fiscal rules, and for those that are imminent.

    It finds shifts that are open too long, days with sales and no Z-report, an exceeded offline budget, receipts
    without a fiscal number, and gaps in numbers. It sends nothing to the service: first sync receipts with receipts
    sync and Z-reports with reports z.

    The exit status is 1 if something has to be done now or soon, else 5 if days were not read into the store, and 0 if
    all findings are past. Without --start it checks all days from the first that was read until today.

    Args:
        start: First business day of the findings, in Kyiv: 2026-10-31, today or yesterday.
        end: Last business day.
        shift_tolerance: Minutes by which a shift may be open longer than 24 hours of elapsed time.
        csv: CSV file for the findings, for spreadsheet programs.
    """
    from smartkasa_async.reports import Urgency  # noqa: PLC0415  (likewise)
    from smartkasa_async.reports import check_compliance as look  # noqa: PLC0415

    start, end = (period or Period()).bounds()
    async with opened_store(run.settings, to_read=True) as store:
        require_files({"--store": store_file(store)}, {"--csv": csv})
        await require_shops(store, shop)
        with run.output.progress(_("Fiscal rules")):
            report = await look(store, shops=shop, start=start, end=end, shift_tolerance=minutes(shift_tolerance))
    if csv is not None:
        report.write_csv(csv, language(), reading_options(run))
    run.output.document(report.to_dict(language()))
    run.output.result(report)
    print_not_read(run, report.reading_steps(language(), reading_options(run)))
    if csv is not None:
        run.output.text(_("The findings are in {file}.", file=csv))
    pressing = report.of(Urgency.NOW) or report.of(Urgency.SOON)
    return exit_of_reading(found=bool(pressing), is_complete=report.is_complete)


def hryvnias_of(tolerance: int) -> Decimal:
    """Return the amount of `--tax-tolerance`, which is in kopecks.

    Raises:
        CommandError: It is below 0.
    """
    if tolerance < 0:
        raise CommandError(_("--tax-tolerance is {value}; give kopecks from 0", value=tolerance))
    return Decimal(tolerance) / 100


def minutes(tolerance: int) -> timedelta:
    """Return the duration of `--shift-tolerance`.

    Raises:
        CommandError: It is out of range.
    """
    if not 0 <= tolerance <= _MOST_MINUTES:
        raise CommandError(
            _("--shift-tolerance is {value}; give minutes from 0 to {most}", value=tolerance, most=_MOST_MINUTES)
        )
    return timedelta(minutes=tolerance)


async def html(
    file: Path,
    /,
    *,
    period: Period | None = None,
    shop: Shops = None,
    tax_tolerance: int = 0,
    shift_tolerance: int = 0,
    run: ThisRun,
) -> int:
    """Write sales, reconciliation and compliance findings of the store as one page for a browser.

    The page works without a network: open it from disk, or mail it. The command sends nothing to the service: first
    sync receipts with receipts sync and Z-reports with reports z.

    A printout shows the shops and days that are chosen on the page. Lists of up to 50 differences or findings are
    printed with the receipts behind each; longer ones only with those that you have opened.

    The exit status is 5 if days were not read into the store; the page shows a dash for them.

    Args:
        file: The page; an existing file is replaced.
        tax_tolerance: Kopecks by which each tax of a receipt may differ: taxes are computed per tax group, and a
            registrar may round line by line.
        shift_tolerance: Minutes by which a shift may be open longer than 24 hours of elapsed time.
    """
    from smartkasa_async.reports import write_report_page  # noqa: PLC0415  (likewise)

    window = (period or Period()).window()
    async with opened_store(run.settings, to_read=True) as store:
        require_files({"--store": store_file(store)}, {"FILE": file})
        await require_shops(store, shop)
        with run.output.progress(_(_STAGES["checking"])) as bar:
            page = await write_report_page(
                store,
                file,
                start=window.start,
                end=window.end,
                shops=shop,
                language=language(),
                tax_tolerance=hryvnias_of(tax_tolerance),
                shift_tolerance=minutes(shift_tolerance),
                on_progress=lambda progress: _follow(bar, progress, _STAGES),
            )
    run.output.document(page.to_dict())
    run.output.result(page)
    print_not_read(run, page.reading_steps(language(), reading_options(run)))
    return exit_of_reading(found=False, is_complete=page.is_complete)


async def month(
    file: Path,
    /,
    *,
    month: Annotated[str, Parameter(metavar="MONTH", help=N_("The month: 2026-10, 10.2026, october, this or last."))],
    shop: Shops = None,
    format: Literal["xlsx", "csv", "parquet", "json"] = "xlsx",
    tax_tolerance: int = 0,
    shift_tolerance: int = 0,
    run: ThisRun,
) -> int:
    """Write a month of the store as a workbook for accountants, or its tables as files.

    Sheets: summary, income by day, Z-reports, VAT by day, excise, refunds, differences, fiscal findings and products.
    The command sends nothing to the service: first sync receipts with receipts sync and Z-reports with reports z, one
    day more at both ends if shifts run past midnight. The workbook needs the extra workbook, Parquet the extra parquet.

    The exit status is 1 if receipts or Z-reports of the month are in quarantine, which its sums lack, else 5 if days
    were not read into the store, or the month is not over; rows without them are marked.

    Args:
        file: The workbook or the JSON document, which is replaced; for csv and parquet the folder of the files.
        format: xlsx for a workbook; csv, parquet or json for the same tables.
        tax_tolerance: Kopecks by which each tax of a receipt may differ: taxes are computed per tax group, and a
            registrar may round line by line.
        shift_tolerance: Minutes by which a shift may be open longer than 24 hours of elapsed time.
    """
    from smartkasa_async.reports import export_month  # noqa: PLC0415  (likewise)

    day = parse_month(month)
    async with opened_store(run.settings, to_read=True) as store:
        require_files({"--store": store_file(store)}, {"FILE": file} if format in {"xlsx", "json"} else {})
        await require_shops(store, shop)
        with run.output.progress(_(_MONTH_STAGES["checking"])) as bar:
            report = await export_month(
                store,
                file,
                month=day,
                format=format,
                shops=shop,
                language=language(),
                tax_tolerance=hryvnias_of(tax_tolerance),
                shift_tolerance=minutes(shift_tolerance),
                options=reading_options(run),
                on_progress=lambda progress: _follow(bar, progress, _MONTH_STAGES),
            )
    run.output.document(report.to_dict())
    run.output.result(report)
    print_not_read(run, report.reading_steps(language(), reading_options(run)))
    return exit_of_reading(found=bool(report.in_quarantine), is_complete=report.is_complete)


_STAGES = {
    "checking": N_("Fiscal rules"),
    "comparing": N_("Shifts"),
    "summing": N_("Figures of the page"),
    "writing": N_("Writing the page"),
}
_MONTH_STAGES = {**_STAGES, "summing": N_("Figures of the month"), "writing": N_("Writing the tables")}


def _follow(bar: "ProgressDisplay", progress: "Progress", stages: dict[str, str]) -> None:
    if progress.total is None:
        bar.begin(_(stages[progress.stage]))
    else:
        bar.show(progress.done, progress.total)
