"""The report page: what a store knows of sales, as one file for a browser."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import N_
from smartkasa_async.cli.access import opened_store, store_file
from smartkasa_async.cli.commands.reports import exit_of_reading, minutes
from smartkasa_async.cli.messages import _
from smartkasa_async.cli.outcomes import library_language
from smartkasa_async.cli.pulls import reading_options, require_shops, say_not_read
from smartkasa_async.cli.run import ThisRun
from smartkasa_async.cli.span import Shops, Span
from smartkasa_async.cli.working_files import require_places

if TYPE_CHECKING:
    from smartkasa_async.cli.progress import Progress
    from smartkasa_async.reports import PageProgress


async def html(
    file: Path,
    /,
    *,
    span: Span | None = None,
    shop: Shops = None,
    tax_tolerance: int = 0,
    shift_tolerance: int = 0,
    run: ThisRun,
) -> int:
    """Write the sales, the reconciliation and the fiscal findings of the store as one page for a browser.

    The file needs no network: open it from disk, or mail it. It asks nothing of the service: bring receipts and
    Z-reports first, by receipts sync and reports z.

    Printed, it shows the shops and the days that are chosen in it. A list of up to 50 differences or findings is
    printed with the receipts behind each; of a longer one, those that you have opened.

    The exit code is 5 where days were not read into the store; the page shows a dash for them.

    Args:
        file: The page; a file of that name is replaced.
        tax_tolerance: Kopecks by which each tax of a receipt may differ; taxes are computed on the sum of each tax
            group, and a registrar may round line by line.
        shift_tolerance: Minutes by which a shift may be open longer than 24 hours, which are counted as time elapsed.
    """
    from smartkasa_async.reports.not_read import reading_steps  # noqa: PLC0415  (likewise)
    from smartkasa_async.reports.page import write_report_page  # noqa: PLC0415

    window = (span or Span()).window()
    async with opened_store(run.settings, to_read=True) as store:
        require_places({"--store": store_file(store)}, {"FILE": file})
        await require_shops(store, shop)
        shops = shop or await store.shop_titles()
        with run.output.progress(_(_STAGES["rules"])) as bar:
            page = await write_report_page(
                store,
                file,
                start=window.start,
                end=window.end,
                shops=shop,
                language=library_language(),
                tax_tolerance=Decimal(tax_tolerance) / 100,
                shift_tolerance=minutes(shift_tolerance),
                on_progress=lambda progress: _follow(bar, progress),
            )
    run.output.document({name: getattr(page, name) for name in page.__dataclass_fields__})
    run.output.text(
        _(
            "The page is in {file}. Receipts: {receipts}, differences: {differences}, findings: {findings}.",
            file=page.path,
            receipts=page.receipts,
            differences=page.differences,
            findings=page.findings,
        )
    )
    words = library_language()
    say_not_read(run, reading_steps(page.not_read, all_shops=shops, language=words, options=reading_options(run)))
    return exit_of_reading(found=False, is_complete=not page.not_read)


_STAGES = {
    "rules": N_("Fiscal rules"),
    "reconciliation": N_("Shifts"),
    "figures": N_("Figures of the page"),
    "writing": N_("Writing the page"),
}


def _follow(bar: "Progress", progress: "PageProgress") -> None:
    if progress.total is None:
        bar.begin(_(_STAGES[progress.stage]))
    else:
        bar.show(progress.done, progress.total)
