"""How a price list is read is shown to the user and asked for, unless he has confirmed it before."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from smartkasa_async.catalog import SourceDoubtfulError, SourceError, preview_source, with_choices
from smartkasa_async.catalog.sources.links import fetched
from smartkasa_async.cli.asking import ask_line, can_ask
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.kept_layouts import KeptLayouts, is_like
from smartkasa_async.cli.messages import _
from smartkasa_async.cli.outcomes import library_language

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from smartkasa_async import SmartKasa
    from smartkasa_async.catalog import Choice, Doubt, Layout, Preview, SourceInfo
    from smartkasa_async.cli.layouts import LayoutOptions
    from smartkasa_async.cli.run import Run

_YES = {"y", "yes", "т", "так", "д", "да"}
_NO = {"n", "no", "н", "ні", "q", "нет"}


@dataclass(frozen=True)
class Agreed:
    """A price list and how it is to be read.

    Attributes:
        source: Path or link to read it from.
        layout: What is known about its form.
        run: The run of the command.
        shown: What the user was shown and has confirmed; None where he was not asked.
    """

    source: Path | str
    layout: Layout
    run: Run
    shown: SourceInfo | None = None

    def tell(self, findings: SourceInfo) -> None:
        """Tell what was found out, unless that was shown already.

        Raises:
            CommandError: It is not what was shown.
        """
        if self.shown is None:
            self.run.output.note(findings.describe(library_language()))
        elif not is_like(self.shown, findings):
            message = _("{file} was changed after it was shown; nothing was sent", file=findings.file)
            raise CommandError(message, hint=_("Run the same command again."))


@asynccontextmanager
async def agreed(
    run: Run, kasa: SmartKasa, file: Path | str, options: LayoutOptions, **purpose: Any
) -> AsyncIterator[Agreed]:
    """Agree with the user how a price list is read, where somebody sits at a terminal.

    A layout that was confirmed for the same headers is taken again, also where nobody can be asked.

    Args:
        run: The run of the command.
        kasa: The client, by whose network a link is fetched.
        file: The price list, or its link; for the latter, the file is kept until the end.
        options: What the command says of its form.
        purpose: `key` and `counts` of `preview_source`.

    Raises:
        CommandError: The user does not want it so.
        SmartKasaError: The price list cannot be read.
    """
    layout = options.layout()
    kept = KeptLayouts("stock" if purpose["counts"] else "products")
    asks = can_ask() and run.output.for_people and not options.yes
    if not (asks or kept.any()):
        yield Agreed(file, layout, run)
        return
    async with AsyncExitStack() as held:
        source = file if not isinstance(file, str) else await held.enter_async_context(fetched(file, kasa.network))
        look = partial(preview_source, source, kasa=kasa, **purpose)
        first = shown = await _look_first(run, look, layout, kept, asks=asks)
        layout = first.layout
        if options.forget_layout:
            kept.forget(first.findings)
        known = kept.find(first.findings)
        if known is not None and (layout := known.added_to(layout, first.doubts)) != first.layout:
            shown = await look(layout=layout)
        if known is not None and not shown.doubts and is_like(known.findings, shown.findings):
            run.output.note(_("Read as confirmed before; --forget-layout to be asked again."))
        elif asks:
            shown = await _ask(run, shown, look)
            kept.keep(first.findings, shown)
            yield Agreed(source, shown.layout, run, shown.findings)
            return
        yield Agreed(source, layout, run)


async def _look_first(
    run: Run, look: Callable[..., Awaitable[Preview]], layout: Layout, kept: KeptLayouts, *, asks: bool
) -> Preview:
    """Open a price list; where not even its headers can be read before a doubt is settled, settle that first."""
    try:
        return await look(layout=layout)
    except SourceDoubtfulError as error:
        for choice in error.doubts[0].choices:
            with suppress(SourceError):
                shown = await look(layout=with_choices(layout, [choice]))
                known = kept.find(shown.findings)
                if known is not None and choice.layout.items() <= known.marks.items():
                    return shown
        if not asks:
            raise
        choices = [_choose(run, doubt) for doubt in error.doubts]
    return await look(layout=with_choices(layout, choices))


async def _ask(run: Run, shown: Preview, look: Callable[..., Awaitable[Preview]]) -> Preview:
    """Show and ask until nothing is in doubt and the user has confirmed."""
    _show(run, shown)
    while shown.doubts:
        choices = [_choose(run, doubt) for doubt in shown.doubts]
        shown = await look(layout=with_choices(shown.layout, choices))
        _show(run, shown)
    while (answer := _line(_("Is this right? (y/n) "))) not in _YES:
        if answer in _NO:
            _stop()
    return shown


def _show(run: Run, shown: Preview) -> None:
    """Show what was found out, and the rows once nothing about them is in doubt."""
    language = library_language()
    run.output.note(shown.findings.describe(language))
    if shown.doubts:
        return
    headings = {
        "line": _("Line"),
        "title": _("Title"),
        "price": _("Price"),
        "number": _("Barcode"),
        "alter_number": _("Article"),
        "count": _("Stock"),
        "unit": _("Unit"),
        "tax": _("Tax"),
        "category": _("Category"),
    }
    good = [row for row in shown.rows if not row.problems]
    fields = [name for name in headings if any(getattr(row, name) is not None for row in good)]
    if good:
        rows = [[getattr(row, name) for name in fields] for row in good]
        run.output.table([headings[name] for name in fields], rows, title=_("As it would arrive:"))
    for row in shown.rows:
        for problem in row.problems:
            run.output.note(problem.describe(language))


def _choose(run: Run, doubt: Doubt) -> Choice:
    question = doubt.question(library_language())
    run.output.note("\n".join([f"? {question}", *(f"  {n}  {each}" for n, each in enumerate(doubt.choices, start=1))]))
    while True:
        answer = _line(_("Number, 1 to {count}, or n to stop: ", count=len(doubt.choices)))
        if answer in _NO:
            _stop()
        if answer.isdecimal() and 0 < int(answer) <= len(doubt.choices):
            return doubt.choices[int(answer) - 1]


def _line(question: str) -> str:
    answer = ask_line(question)
    if answer is None:
        _stop()
    return answer.casefold()


def _stop() -> NoReturn:
    hint = _("Say how it is to be read: --column FIELD=HEADER, --encoding, --decimal and others; see --help")
    raise CommandError(_("Nothing was sent"), hint=hint)
