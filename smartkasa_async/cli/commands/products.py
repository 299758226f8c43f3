"""The commands for products: list, import, export and stock."""

from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

from cyclopts import Parameter

from smartkasa_async.cli.access import opened_client
from smartkasa_async.cli.commands.lists import show_records
from smartkasa_async.cli.errors import CommandError, Exit
from smartkasa_async.cli.messages import _, language, n_
from smartkasa_async.cli.options import LayoutOptions
from smartkasa_async.cli.running import Run, ThisRun
from smartkasa_async.cli.sync_output import updating
from smartkasa_async.cli.working_files import import_journal, require_files, stock_journal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from cyclopts import Token

    from smartkasa_async import SmartKasa
    from smartkasa_async.stock import StockSync

KeyName = Literal["number", "alter_number", "remote_id"]
ModeName = Literal["upsert", "create", "mirror"]

_PAGE = 100


def _price_list(_type: object, tokens: "Sequence[Token]") -> Path | str:
    """Return the path of a price list, or its link unchanged."""
    from smartkasa_async.catalog.sources.links import is_link  # noqa: PLC0415  (an extra)

    (token,) = tokens
    return token.value if is_link(token.value) else Path(token.value)


PriceList = Annotated[Path | str, Parameter(converter=_price_list)]
"""A file or a link; shells complete files."""


async def products(
    *,
    search: str | None = None,
    number: str | None = None,
    shop_id: int | None = None,
    category_id: str | None = None,
    subgroup_id: int | None = None,
    limit: int | None = None,
    run: ThisRun,
) -> None:
    """List the products.

    Args:
        search: Only products with this text.
        number: Only products with this barcode.
        shop_id: Only products of the shop with this id.
        category_id: Only products of the category with this id.
        subgroup_id: Only products of the subgroup with this id.
        limit: Maximum number of products.
    """
    async with opened_client(run.settings) as kasa:
        records = kasa.products.list(
            q=search,
            number=number,
            shop_id=shop_id,
            category_id=category_id,
            subgroup_id=subgroup_id,
            per_page=_PAGE,
            limit=limit,
        )
        headings = {
            "number": _("Barcode"),
            "alter_number": _("Article"),
            "title": _("Title"),
            "price": _("Price"),
            "unit_type_name": _("Unit"),
            "id": _("Id"),
        }
        await show_records(run, records, headings)


async def import_(
    file: PriceList,
    /,
    *,
    key: KeyName = "number",
    mode: ModeName = "upsert",
    dry_run: bool = False,
    journal: Path | None = None,
    rejected: Path | None = None,
    outcomes: Path | None = None,
    delete_missing: bool = False,
    delete_limit: int | None = None,
    batch_size: int = 100,
    concurrency: int = 8,
    late_write_window: float | None = None,
    layout: LayoutOptions | None = None,
    run: ThisRun,
) -> int:
    """Import products from a price list: CSV, XLSX, XLS, ODS, JSONL or YML.

    Encoding, delimiter, headers and columns are detected and shown before anything is sent; layout options override
    what was detected wrongly. Each row ends created, updated, unchanged or rejected, exactly once: run the same command
    again to continue an interrupted import. Rejected rows are written to a file to fix and import again.

    The exit status is 1 if rows were rejected, in conflict or in doubt.

    Args:
        file: The price list, or its link (https).
        key: Field that identifies products: barcode, article, or the id in your own system.
        mode: Create and update; only create; or also find products that are missing in the price list.
        dry_run: Only show what would be done.
        journal: File to continue an interrupted import from; by default one in the user's folder.
        rejected: File for the rows to fix: .csv, .xlsx or .jsonl; by default a new one beside the price list in its
            format, and none in a dry run.
        outcomes: File for the outcome of every row, with warnings: CSV, or JSON lines if it ends in .jsonl.
        delete_missing: With the mode mirror, delete products that are missing in the price list.
        delete_limit: Maximum number of deletions; if more are missing, none is deleted.
        batch_size: Products per request.
        concurrency: Maximum concurrent requests.
        late_write_window: Seconds in which a request whose answer was lost may still take effect; by default the
            setting late_write_window.
    """
    from smartkasa_async.cli.importing import Import  # noqa: PLC0415  (likewise)
    from smartkasa_async.cli.layout_confirmation import confirmed_source  # noqa: PLC0415  (an extra)

    options = {
        "key": key,
        "mode": mode,
        "dry_run": dry_run,
        "batch_size": batch_size,
        "concurrency": concurrency,
        "late_write_window": run.late_write_window(late_write_window),
        "delete_missing": delete_missing,
        "delete_limit": delete_limit,
    }
    require_files(
        {"FILE": file if isinstance(file, Path) else None, "--journal": journal},
        {"--rejected": rejected, "--outcomes": outcomes},
    )
    kept = journal or (None if dry_run else import_journal(run.settings, file, key))
    run.resume = _("No row is sent twice. To go on, run the same command again.")
    work = Import(run, file, rejected=rejected, outcomes=outcomes, dry_run=dry_run)
    async with (
        opened_client(run.settings) as kasa,
        confirmed_source(run, kasa, file, layout or LayoutOptions(), key=key, counts=False) as source,
    ):
        summary = await work.run(kasa, source, journal=kept, **options)
    if journal is None and kept is not None and not summary.in_doubt:
        kept.unlink(missing_ok=True)  # it is done, and contains a copy of the catalogue
    return work.print_summary(summary)


async def export(file: Path, /, *, run: ThisRun) -> None:
    """Write the service's catalogue as a price list, which import reads back unchanged.

    Categories, units and tax groups are written by name, numbers with a decimal comma, for editing in a spreadsheet
    program. Fields that an import could not read back are left out.

    Args:
        file: The price list: .csv for spreadsheet programs, .jsonl for others; an existing file is replaced.
    """
    if file.suffix.lower() not in _EXPORTED:
        hint = _("Give a name that ends in {suffixes}", suffixes=_(" or ").join(_EXPORTED))
        raise CommandError(_("{file} has an unknown format", file=file), hint=hint)
    require_files({}, {"FILE": file})
    from smartkasa_async.cli.price_list import write_price_list  # noqa: PLC0415  (an extra)

    async with opened_client(run.settings) as kasa:
        with run.output.progress(_("Products")) as bar:
            count = await write_price_list(kasa, file, language(), on_progress=bar.show)
    run.output.document({"file": file, "products": count})
    run.output.text(n_("{count} product is in {file}.", "{count} products are in {file}.", count, file=file))


async def stock(
    file: PriceList | None = None,
    /,
    *,
    shop: int | None = None,
    key: KeyName = "number",
    dry_run: bool = False,
    overwrite_changed: bool = False,
    journal: Path | None = None,
    undo: Path | None = None,
    undo_from: Path | None = None,
    concurrency: int = 8,
    late_write_window: float | None = None,
    layout: LayoutOptions | None = None,
    run: ThisRun,
) -> int:
    """Set the stock cards of a shop to the counts of a price list or stock report, or undo that.

    Missing cards are created, and counts that differ are set. A card whose count changed in the meantime is left as it
    is. Run the same command again after an interruption: a count that was set, and that a sale has changed since, is
    not set once more.

    The exit status is 1 if rows were left out.

    Args:
        file: The price list, or its link, with a column of keys and one of counts.
        shop: Id of the shop.
        key: Field that identifies products: barcode, article, or the id in your own system.
        dry_run: Only show what would be done.
        overwrite_changed: Also set the counts of cards that changed in the meantime.
        journal: File to continue an interrupted sync from; by default one in the user's folder, as long as the file is
            not changed, and none for a link.
        undo: New file for the previous counts, to undo the sync.
        undo_from: Such a file, instead of a price list: restores the previous counts.
        concurrency: Maximum concurrent cards.
        late_write_window: Seconds in which a request whose answer was lost may still take effect; by default the
            setting late_write_window.
    """
    _require_either(file=file, shop=shop, journal=journal, undo=undo, undo_from=undo_from)
    path = file if isinstance(file, Path) else None
    require_files({"FILE": path, "--undo": undo, "--journal": journal})
    kept = journal
    if kept is None and not dry_run and path is not None and shop is not None:
        kept = stock_journal(run.settings, path, shop, key)
    run.resume = _("Counts are set, not added. To go on, run the same command again.")
    if undo is not None:
        run.resume = _("Counts are set, not added. To go on, run the command again with a new file for --undo.")
    async with (
        opened_client(run.settings) as kasa,
        _stock_job(
            run, kasa, file=file, shop=shop, key=key, journal=kept, undo=undo, undo_from=undo_from, layout=layout
        ) as job_of,
    ):
        with run.output.progress(_("Stock cards")) as bar:
            job = job_of(
                kasa,
                dry_run=dry_run,
                overwrite_changed=overwrite_changed,
                concurrency=concurrency,
                late_write_window=run.late_write_window(late_write_window),
                on_wait=run.output.note_wait,
                on_progress=updating(bar),
            )
            summary = await job
    if journal is None and kept is not None and not summary.in_doubt:
        kept.unlink(missing_ok=True)
    run.output.document(summary.to_dict())
    run.output.problems(summary.failed)
    run.output.text(summary.table(language()))
    return Exit.INCOMPLETE if summary.failed else Exit.DONE


_EXPORTED = (".csv", ".jsonl")


def _require_either(
    *, file: Path | str | None, shop: int | None, journal: Path | None, undo: Path | None, undo_from: Path | None
) -> None:
    """Require the arguments of either a sync or an undo."""
    if undo_from is not None:
        for name, value in {"FILE": file, "--shop": shop, "--journal": journal, "--undo": undo}.items():
            if value is not None:
                raise CommandError(_("{one} and {other} exclude each other; give one", one="--undo-from", other=name))
    elif file is None or shop is None:
        raise CommandError(_("{name} is missing or has no value", name="FILE" if file is None else "--shop"))


@asynccontextmanager
async def _stock_job(
    run: Run,
    kasa: "SmartKasa",
    *,
    file: Path | str | None,
    shop: int | None,
    key: KeyName,
    journal: Path | None,
    undo: Path | None,
    undo_from: Path | None,
    layout: LayoutOptions | None,
) -> "AsyncIterator[Callable[..., StockSync]]":
    """Prepare an undo, or a sync after its layout is confirmed."""
    from smartkasa_async.cli.layout_confirmation import confirmed_source  # noqa: PLC0415  (likewise)
    from smartkasa_async.stock import sync_stock, undo_stock  # noqa: PLC0415  (an extra)

    if file is None or shop is None:
        yield partial(undo_stock, path=cast("Path", undo_from))
        return
    async with confirmed_source(run, kasa, file, layout or LayoutOptions(), key=key, counts=True) as confirmed:
        yield partial(
            sync_stock,
            source=confirmed.source,
            layout=confirmed.layout,
            on_source_detected=confirmed.print_source,
            shop_id=shop,
            key=key,
            journal=journal,
            undo=undo,
        )
