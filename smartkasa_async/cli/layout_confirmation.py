"""Confirmation of a price list's layout: shown at a terminal, asked for, and remembered by the file's headers."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from smartkasa_async.catalog import SourceDoubtfulError, SourceError, SourceInfo, preview_source, with_choices
from smartkasa_async.catalog.sources.links import fetched
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _, language
from smartkasa_async.cli.prompts import ask_line, can_ask
from smartkasa_async.cli.saved_layouts import SavedLayouts, is_like

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from smartkasa_async import SmartKasa
    from smartkasa_async.catalog import Choice, Doubt, Layout, Preview, SourceInfo
    from smartkasa_async.cli.options import LayoutOptions
    from smartkasa_async.cli.running import Run


_YES = {"y", "yes", "т", "так", "д", "да"}
_NO = {"n", "no", "н", "ні", "q", "нет"}


@dataclass(frozen=True)
class ConfirmedSource:
    """A price list with its layout.

    Attributes:
        source: Its path or link.
        layout: Its layout, as far as it is known.
        run: The run of the command.
        shown: What the user has confirmed; None if nobody was asked.
    """

    source: Path | str
    layout: Layout
    run: Run
    shown: SourceInfo | None = None

    def print_source(self, source_info: SourceInfo) -> None:
        """Print what was detected, unless it was confirmed already.

        Raises:
            CommandError: It differs from what was confirmed.
        """
        if self.shown is None:
            self.run.output.note(source_info.describe(language()))
        elif not is_like(self.shown, source_info):
            message = _("{file} was changed after it was shown; nothing was sent", file=source_info.file)
            raise CommandError(message, hint=_("Run the same command again."))


@asynccontextmanager
async def confirmed_source(
    run: Run, kasa: SmartKasa, file: Path | str, options: LayoutOptions, **purpose: Any
) -> AsyncIterator[ConfirmedSource]:
    """Let the user at a terminal confirm how a price list is read.

    A layout that was confirmed for the same headers is used without asking, with or without a terminal.

    Args:
        run: The run of the command.
        kasa: The client, whose network fetches a link.
        file: The price list, or its link; what is fetched is kept until the end of the block.
        options: Layout options of the command.
        purpose: `key` and `counts` of `preview_source`.

    Raises:
        CommandError: The user declined.
        SmartKasaError: The price list cannot be read.
    """
    layout = options.layout()
    saved = SavedLayouts("stock" if purpose["counts"] else "products")
    asks = can_ask() and run.output.for_people and not options.yes
    if not (asks or saved.any()):
        yield ConfirmedSource(file, layout, run)
        return
    async with AsyncExitStack() as held:
        source = file if not isinstance(file, str) else await held.enter_async_context(fetched(file, kasa.network))
        look = partial(preview_source, source, kasa=kasa, **purpose)
        first = shown = await _look_first(run, look, layout, saved, asks=asks)
        layout = first.layout
        if options.forget_layout:
            saved.forget(first.source_info)
        known = saved.find(first.source_info)
        if known is not None and (layout := known.added_to(layout, first.doubts)) != first.layout:
            shown = await look(layout=layout)
        if known is not None and not shown.doubts and is_like(known.source_info, shown.source_info):
            run.output.note(_("Read as confirmed before; --forget-layout to be asked again."))
        elif asks:
            shown = await _ask(run, shown, look)
            saved.save(first.source_info, shown)
            yield ConfirmedSource(source, shown.layout, run, shown.source_info)
            return
        yield ConfirmedSource(source, layout, run)


async def _look_first(
    run: Run, look: Callable[..., Awaitable[Preview]], layout: Layout, saved: SavedLayouts, *, asks: bool
) -> Preview:
    """Preview a price list; if even its headers are in doubt, resolve that first."""
    try:
        return await look(layout=layout)
    except SourceDoubtfulError as error:
        for choice in error.doubts[0].choices:
            with suppress(SourceError):
                shown = await look(layout=with_choices(layout, [choice]))
                known = saved.find(shown.source_info)
                if known is not None and choice.layout.items() <= known.marks.items():
                    return shown
        if not asks:
            raise
        choices = [_choose(run, doubt) for doubt in error.doubts]
    return await look(layout=with_choices(layout, choices))


async def _ask(run: Run, shown: Preview, look: Callable[..., Awaitable[Preview]]) -> Preview:
    """Show and ask until there is no doubt and the user confirms."""
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
    """Show what was detected, and the first rows once there is no doubt."""
    run.output.note(shown.source_info.describe(language()))
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
            run.output.note(problem.describe(language()))


def _choose(run: Run, doubt: Doubt) -> Choice:
    question = doubt.question(language())
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
    hint = _("Describe the price list with --column FIELD=HEADER, --encoding, --decimal and other options; see --help")
    raise CommandError(_("Nothing was sent"), hint=hint)
