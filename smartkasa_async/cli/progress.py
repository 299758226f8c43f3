"""Progress of long work: a bar on a terminal, a line a minute in a log."""

from __future__ import annotations

import os
from time import monotonic
from typing import TYPE_CHECKING, Self, TextIO

from smartkasa_async._i18n.safe_text import visible
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from rich.console import Console, RenderableType
    from rich.progress import Progress as Display

_LINE_SECONDS = 60.0
_WIDE = 80
"""Columns from which on title, bar and figures fit into one line."""
_SPEED_SECONDS = 300.0
"""Seconds over which a bar averages its rate: a window of a large shop can take minutes."""


class ProgressDisplay:
    """Counts work and shows nothing; its subclasses show the count.

    Args:
        title: What is being done.
        total: Number of all items; None if unknown.
    """

    def __init__(self, title: str, total: int | None) -> None:
        self.title: str = visible(title)
        self.total = total
        self.done: int = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def advance(self, count: int = 1) -> None:
        """Count further work as done."""
        self.show(self.done + count)

    def show(self, done: int, total: int | None = None) -> None:
        """Set how much is done.

        Args:
            done: Number of items done.
            total: Number of all items, if it is known by now.
        """
        self.done = done
        self.total = self.total if total is None else total
        self._changed()

    def begin(self, title: str) -> None:
        """Start another part of the work with a count of its own."""
        self.title, self.done, self.total = visible(title), 0, None
        self._begun()

    def _changed(self) -> None:
        """Show the new count."""

    def _begun(self) -> None:
        """Show the new title."""


class _Lines(ProgressDisplay):
    """Prints a line a minute, and one for each further part once a minute has passed."""

    def __init__(self, stream: TextIO, title: str, total: int | None, clock: Callable[[], float]) -> None:
        super().__init__(title, total)
        self._stream = stream
        self._clock = clock
        self._opened = self._started = self._printed = clock()

    def _changed(self) -> None:
        now = self._clock()
        if now - self._printed >= _LINE_SECONDS:
            self._printed = now
            self._write(self._line(now - self._started))

    def _begun(self) -> None:
        self._started = self._printed = self._clock()
        if self._started - self._opened >= _LINE_SECONDS:
            self._write(f"{self.title} …")

    def _write(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()

    def _line(self, seconds: float) -> str:
        each = self.done / seconds
        if self.total is None:
            return f"{self.title}: {self.done}, {rate_text(each)}"
        return _(
            "{title}: {done} of {total}, {rate}, {left} left",
            title=self.title,
            done=self.done,
            total=self.total,
            rate=rate_text(each),
            left=duration(max(self.total - self.done, 0) / each) if each else "?",
        )


class _Bar(ProgressDisplay):
    """Shows title, bar, count, rate and time left; on a narrow terminal the title is on its own line.

    Args:
        stream: The terminal.
        title: What is being done.
        total: Number of all items; None if unknown.
    """

    def __init__(self, stream: TextIO, title: str, total: int | None) -> None:
        from rich.console import Console  # noqa: PLC0415  (only terminals pay for it)

        super().__init__(title, total)
        self._display = _display(Console(file=stream))
        self._task = self._display.add_task(self.title, total=total, count="", rate="")

    def __enter__(self) -> Self:
        self._display.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._display.stop()

    def _changed(self) -> None:
        speed = self._display.tasks[0].speed
        count = f"{self.done}" if self.total is None else f"{self.done}/{self.total}"
        rate = rate_text(speed) if speed else ""
        self._display.update(self._task, completed=self.done, total=self.total, count=count, rate=rate)

    def _begun(self) -> None:
        self._display.remove_task(self._task)
        self._task = self._display.add_task(self.title, total=None, count="", rate="")


def _display(terminal: Console) -> Display:
    """Make what draws the bar; it looks at the terminal's width each time."""
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415  (likewise)
    from rich.progress import Progress as Display  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    title = TextColumn("{task.description}", markup=False)
    figures = (
        TextColumn("{task.fields[count]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(elapsed_when_finished=True),
    )

    class Fitting(Display):
        def get_renderables(self) -> Iterable[RenderableType]:
            if terminal.width >= _WIDE:
                self.columns = (title, BarColumn(), *figures)
            else:
                self.columns = figures
                yield from (Text(task.description) for task in self.tasks)
            yield self.make_tasks_table(self.tasks)

    return Fitting(console=terminal, transient=True, speed_estimate_period=_SPEED_SECONDS)


def progress_on(
    stream: TextIO, title: str, total: int | None, *, shown: bool = True, clock: Callable[[], float] = monotonic
) -> ProgressDisplay:
    """Choose how to show progress.

    Args:
        stream: Where to show it.
        title: What is being done.
        total: Number of all items; None if unknown.
        shown: Whether to show it at all.
        clock: Monotonic clock, seconds.
    """
    if not shown:
        return ProgressDisplay(title, total)
    if stream.isatty() and os.environ.get("TERM") != "dumb":
        return _Bar(stream, title, total)
    return _Lines(stream, title, total, clock)


def rate_text(each: float) -> str:
    """Format a rate per second, or per minute below one a second."""
    if each and each < 1:
        return _("{rate} a minute", rate=f"{60 * each:.1f}")
    return _("{rate} a second", rate=f"{each:.1f}")


def duration(seconds: float) -> str:
    """Format a duration as `h:mm:ss` or `m:ss`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
