"""The command `fleet demo`."""

import msgspec

from smartkasa_async.cli.errors import Exit
from smartkasa_async.cli.messages import _, translated
from smartkasa_async.cli.numbers import require_between
from smartkasa_async.cli.running import ThisRun

_MOST = 1_000
_MOST_LINES = 5


async def demo(*, merchants: int = 50, workers: int = 3, slots: int = 4, run: ThisRun) -> int:
    """Run a fleet on this machine, kill one of its workers, and compare every store with the sandbox.

    It needs nothing but a PostgreSQL on this machine, of the package pgserver or of the system, and runs it in a
    temporary folder. The exit status is 0 only if every merchant's store equals the sandbox, record by record.

    Args:
        merchants: Number of merchants of the sandbox.
        workers: Number of worker processes; one of them is killed.
        slots: How many tasks each carries out at a time.
    """
    from smartkasa_async.fleet.demo.running import DemoOptions, run_demo  # noqa: PLC0415  (only this command)

    for option, value, least in (("--merchants", merchants, 1), ("--workers", workers, 2), ("--slots", slots, 1)):
        require_between(option, value, least, _MOST)
    options = DemoOptions(merchants=merchants, workers=workers, slots=slots)
    result = await run_demo(options, lambda text: run.output.note(str(translated(text))))
    wrong = [account for account in result.accounts if account.differences]
    for account in wrong:
        run.output.lines([f"{account.name}: {line}" for line in account.differences[:_MOST_LINES]])
    done = sum(count for outcomes in result.status.runs.values() for name, count in outcomes.items() if name == "done")
    rows: list[tuple[str, object]] = [
        (_("Merchants"), len(result.accounts)),
        (_("Receipts"), sum(account.receipts for account in result.accounts)),
        (_("Stores that equal the sandbox"), len(result.accounts) - len(wrong)),
        (_("Tasks carried out"), done),
        (_("Tasks of the killed worker that others took over"), result.taken_over),
        (_("Seconds"), round(result.seconds)),
    ]
    if result.status.lag is not None:
        rows.append((_("Lag, median, seconds"), round(result.status.lag.median)))
    run.output.document(
        {
            "ok": result.ok,
            "accounts": [msgspec.to_builtins(account) for account in result.accounts],
            "taken_over": result.taken_over,
            "seconds": result.seconds,
        }
    )
    run.output.table([_("Fleet"), _("Value")], rows)
    return Exit.DONE if result.ok else Exit.INCOMPLETE
