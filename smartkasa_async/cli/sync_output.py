"""Output of syncs: progress, what is incomplete, what is in quarantine, and exit statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.cli.access import sync_hint
from smartkasa_async.cli.errors import CommandError, Exit
from smartkasa_async.cli.messages import _, n_, translated
from smartkasa_async.stores.addresses import shown, shown_address
from smartkasa_async.sync.report import KIND_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from smartkasa_async.cli.progress import ProgressDisplay
    from smartkasa_async.cli.running import Run
    from smartkasa_async.jobs import Progress
    from smartkasa_async.reports import ReadingStep
    from smartkasa_async.stores import Store
    from smartkasa_async.sync import ReferenceDataReport, ShopSync, SyncReport

_MOST_SHOWN = 20


def updating(bar: ProgressDisplay) -> Callable[[Progress], None]:
    """Return a callback that shows the progress of a long call on a bar."""
    return lambda progress: bar.show(progress.done, progress.total)


async def print_quarantine(run: Run, store: Store) -> int:
    """Print the records in quarantine, at most the first few, and return their number."""
    kept = await store.quarantined()
    if kept:
        run.output.text(n_("{count} record in quarantine:", "{count} records in quarantine:", len(kept)))
    for kind, record in kept[:_MOST_SHOWN]:
        run.output.text(f"  {_(KIND_NAMES[kind])} {record.key}: {translated(record.translatable)}")
    if len(kept) > _MOST_SHOWN:
        run.output.text(n_("… and {count} more", "… and {count} more", len(kept) - _MOST_SHOWN))
    return len(kept)


def exit_of(*reports: SyncReport[ShopSync] | ReferenceDataReport) -> Exit:
    """Return the exit status: whether everything was read in full and decoded."""
    return Exit.DONE if all(report.ok for report in reports) else Exit.INCOMPLETE


def exit_of_reading(*, found: bool, is_complete: bool) -> Exit:
    """Return the exit status; differences take precedence over days that were not read."""
    if found:
        return Exit.INCOMPLETE
    return Exit.DONE if is_complete else Exit.NOT_READ


def reading_options(run: Run) -> list[str]:
    """List the options of this run that a command needs which reads into the same store."""
    store = run.flags.get("store")
    given = {"--profile": run.profile, "--config": run.file, "--store": store and shown_address(store)}
    return [part for name, value in given.items() if value for part in (name, value)]


def print_not_read(run: Run, steps: Sequence[ReadingStep]) -> None:
    """Print what was not read into the store, each part with the command that reads it."""
    for step in steps:
        run.output.text(step.text)
        if step.command:
            run.output.command(step.command)


async def require_shops(store: Store, shops: Iterable[int] | None) -> None:
    """Refuse a store without these shops, since an empty result would look like good news.

    Args:
        store: The store.
        shops: Ids of the shops that are asked for; None for all.

    Raises:
        CommandError: No shop was synced into it, or not these.
    """
    known = await store.shop_titles()
    address = shown(store.engine.url)
    if not known:
        raise CommandError(_("There are no shops in the store {address}", address=address), hint=sync_hint())
    for shop in shops or ():
        if shop not in known:
            hint = _(
                "It has {shops}; those that are new come with smartkasa receipts sync --month last",
                shops=", ".join(map(str, sorted(known)[:_MOST_SHOWN])),
            )
            raise CommandError(
                _("There is no shop {shop} in the store {address}", shop=shop, address=address), hint=hint
            )
