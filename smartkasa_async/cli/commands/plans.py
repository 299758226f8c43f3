"""The commands plan prices, plan stock and plan catalog, apply, and undo."""

import shlex
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from smartkasa_async.cli.access import opened_client
from smartkasa_async.cli.commands.products import KeyName, PriceList
from smartkasa_async.cli.errors import CommandError, Exit
from smartkasa_async.cli.messages import _, language
from smartkasa_async.cli.numbers import require_between
from smartkasa_async.cli.options import LayoutOptions
from smartkasa_async.cli.prompts import ask_line, can_ask
from smartkasa_async.cli.running import Run, ThisRun
from smartkasa_async.cli.sync_output import updating
from smartkasa_async.cli.working_files import require_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async.plans import Plan, PlanJob, PlanKind, PlanSummary

_HOURS = 24
_MOST_HOURS = 30 * 24

ValidFor = Annotated[int, Parameter(metavar="HOURS")]
Code = Annotated[str | None, Parameter(name="--yes", metavar="CODE")]


async def prices(
    file: PriceList,
    /,
    *,
    out: Path,
    key: KeyName = "number",
    valid_for: ValidFor = _HOURS,
    concurrency: int = 8,
    layout: LayoutOptions | None = None,
    run: ThisRun,
) -> int:
    """Plan new prices from a price list, into a file to be approved; nothing is changed.

    The plan has what each product costs and what it will, the largest change, what the stock is then worth more or
    less, and the rows that cannot be planned. Apply it with smartkasa apply.

    The exit status is 1 if there are such rows.

    Args:
        file: The price list, or its link, with a column of keys and one of prices; other columns are left alone.
        out: File for the plan; an existing one is replaced.
        key: Field that identifies products: barcode, article, or the id in your own system.
        valid_for: Hours in which the plan can be applied, 1 to 720.
        concurrency: Maximum concurrent requests.
    """
    return await _plan(
        run, "prices", file, out, layout, key=key, hours=valid_for, concurrency=concurrency, shop_id=None
    )


async def catalog(
    file: PriceList,
    /,
    *,
    out: Path,
    key: KeyName = "number",
    valid_for: ValidFor = _HOURS,
    concurrency: int = 8,
    layout: LayoutOptions | None = None,
    run: ThisRun,
) -> int:
    """Plan new titles, categories, codes, taxes and units, into a file to be approved; nothing is changed.

    Prices and counts are left alone, and nothing is created. To change barcodes, give articles as the key, or a column
    with the ids of the products.

    The exit status is 1 if there are rows that cannot be planned.

    Args:
        file: The price list, or its link, with a column of keys.
        out: File for the plan; an existing one is replaced.
        key: Field that identifies products: barcode, article, or the id in your own system.
        valid_for: Hours in which the plan can be applied, 1 to 720.
        concurrency: Maximum concurrent requests.
    """
    return await _plan(
        run, "catalog", file, out, layout, key=key, hours=valid_for, concurrency=concurrency, shop_id=None
    )


async def stock(
    file: PriceList,
    /,
    *,
    shop: int,
    out: Path,
    key: KeyName = "number",
    valid_for: ValidFor = _HOURS,
    concurrency: int = 8,
    layout: LayoutOptions | None = None,
    run: ThisRun,
) -> int:
    """Plan new counts of a shop's stock cards, into a file to be approved; nothing is changed.

    Cards that do not exist are not planned. A plan is refused once something of it was sold, so make and apply it while
    the shop is closed; smartkasa products stock sets counts while it sells.

    The exit status is 1 if there are rows that cannot be planned.

    Args:
        file: The price list or stock report, or its link, with a column of keys and one of counts.
        shop: Id of the shop.
        out: File for the plan; an existing one is replaced.
        key: Field that identifies products: barcode, article, or the id in your own system.
        valid_for: Hours in which the plan can be applied, 1 to 720.
        concurrency: Maximum concurrent requests.
    """
    return await _plan(run, "stock", file, out, layout, key=key, hours=valid_for, concurrency=concurrency, shop_id=shop)


async def apply(
    plan: Path,
    /,
    *,
    yes: Code = None,
    concurrency: int = 8,
    late_write_window: float | None = None,
    run: ThisRun,
) -> int:
    """Apply a plan, once, after its code is given.

    All products and cards are read anew first: if one has changed since the plan was made, nothing is changed. Run the
    same command again after an interruption. smartkasa undo sets back what was changed.

    The exit status is 1 if changes were not carried out.

    Args:
        plan: The plan.
        yes: The plan's code, which plan printed; without it the plan is shown, and its code asked for.
        concurrency: Maximum concurrent changes.
        late_write_window: Seconds in which a request whose answer was lost may still take effect; by default the
            setting late_write_window.
    """
    from smartkasa_async.plans import apply_plan, read_plan  # noqa: PLC0415  (needs an optional package)

    approved = read_plan(plan)
    _require_code(run, approved, approved, yes)
    summary = await _carry_out(
        run, apply_plan, plan, approved, concurrency=concurrency, late_write_window=late_write_window
    )
    if summary.updated or summary.in_doubt:
        run.output.text(_("To undo it:"))
        run.output.command(shlex.join(["smartkasa", "undo", f"{plan}"]))
    return Exit.INCOMPLETE if summary.failed else Exit.DONE


async def undo(
    plan: Path,
    /,
    *,
    yes: Code = None,
    concurrency: int = 8,
    late_write_window: float | None = None,
    run: ThisRun,
) -> int:
    """Set products and cards back to what they had before a plan was applied, once the code for it is given.

    What has changed since is left alone; undo once more for that. A plan that was interrupted can be undone too, and is
    then not continued.

    The exit status is 1 if something was left alone.

    Args:
        plan: The plan that was applied.
        yes: The code to undo it, which stands in the plan; without it what would be set back is shown, and the code
            asked for.
        concurrency: Maximum concurrent changes.
        late_write_window: Seconds in which a request whose answer was lost may still take effect; by default the
            setting late_write_window.
    """
    from smartkasa_async.plans import read_plan, read_undo, undo_plan  # noqa: PLC0415  (likewise)

    approved = read_plan(plan)
    _require_code(run, approved, await read_undo(plan), yes)
    summary = await _carry_out(
        run, undo_plan, plan, approved, concurrency=concurrency, late_write_window=late_write_window
    )
    return Exit.INCOMPLETE if summary.failed else Exit.DONE


async def _plan(
    run: Run,
    kind: "PlanKind",
    file: Path | str,
    out: Path,
    layout: LayoutOptions | None,
    *,
    key: KeyName,
    hours: int,
    concurrency: int,
    shop_id: int | None,
) -> int:
    from smartkasa_async.plans import plan_changes  # noqa: PLC0415  (likewise)

    require_between("--valid-for", hours, 1, _MOST_HOURS)
    require_files({"FILE": file if isinstance(file, Path) else None}, {"--out": out})
    async with opened_client(run.settings) as kasa:
        with run.output.progress(_("Rows")) as bar:
            plan = await plan_changes(
                kasa,
                file,
                kind,
                key=key,
                shop_id=shop_id,
                layout=(layout or LayoutOptions()).layout(),
                valid_for=timedelta(hours=hours),
                concurrency=concurrency,
                on_source_detected=lambda source_info: run.output.note(source_info.describe(language())),
                on_progress=updating(bar),
            )
    written = plan.write(out) if plan.changes else None
    run.output.document({"plan": written, "id": plan.id, "counts": plan.counts, "effect": plan.effect})
    run.output.text(plan.describe(language()))
    if written is None:
        run.output.text(_("There is nothing to change, so no plan was written."))
    else:
        run.output.text(_("Nothing is changed yet. To apply it:"))
        run.output.command(shlex.join(["smartkasa", "apply", f"{out}", "--yes", plan.code]))
    return Exit.INCOMPLETE if plan.refused else Exit.DONE


def _require_code(run: Run, plan: "Plan", shown: "Plan", code: str | None) -> None:
    """Require the code of a plan, or of its undo; without it, ask for it where there is somebody to read what is done.

    Raises:
        CommandError: It is missing or wrong.
    """
    field = "undo_code" if shown.is_undo else "code"
    if code is None:
        if not (can_ask() and run.output.for_people):
            hint = _("It stands in the plan, as {field}; read the plan before you give it: --yes CODE", field=field)
            raise CommandError(_("The plan's code is missing"), hint=hint)
        run.output.text(shown.describe(language()))
        code = ask_line(_("To approve it, type {code}: ", code=shown.code)) or ""
    if code.strip() != shown.code:
        hint = _("Read the plan, and give the code that stands in it as {field}: --yes CODE", field=field)
        raise CommandError(_("This is not the code for plan {id}; nothing was changed", id=plan.id), hint=hint)


async def _carry_out(
    run: Run,
    work: "Callable[..., PlanJob]",
    plan: Path,
    approved: "Plan",
    *,
    concurrency: int,
    late_write_window: float | None,
) -> "PlanSummary":
    run.resume = _("Nothing is changed twice. To go on, run the same command again.")
    async with opened_client(run.settings) as kasa:
        with run.output.progress(_("Changes")) as bar:
            summary = await work(
                kasa,
                plan,
                approved=approved,
                concurrency=concurrency,
                late_write_window=run.late_write_window(late_write_window),
                on_wait=run.output.note_wait,
                on_progress=updating(bar),
            )
    run.output.document(summary.to_dict())
    run.output.lines([outcome.describe(language()) for outcome in summary.failed])
    run.output.text(summary.table(language()))
    return summary
