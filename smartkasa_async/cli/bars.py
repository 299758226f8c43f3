"""The bar on a terminal, with count, rate and time left, at any width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Display
from rich.text import Text

from smartkasa_async.cli.progress import Progress, rate_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    from rich.console import RenderableType

_WIDE = 80
"""Columns from which on title, bar and figures have room in one line."""
_SPEED_SECONDS = 300.0
"""How far back a bar looks for its rate: a span of days of a large shop can take minutes."""


class Bar(Progress):
    """Shows title, bar, count, rate and time left; on a narrow terminal the title in a line above the figures.

    Args:
        stream: The terminal.
        title: What is worked on.
        total: How many there are, or None.
    """

    def __init__(self, stream: TextIO, title: str, total: int | None) -> None:
        super().__init__(title, total)
        self._display = _Display(Console(file=stream))
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


class _Display(Display):
    def __init__(self, terminal: Console) -> None:
        self._terminal = terminal  # what is shown is asked for before the base class has its console
        super().__init__(console=terminal, transient=True, speed_estimate_period=_SPEED_SECONDS)

    def get_renderables(self) -> Iterable[RenderableType]:
        title = TextColumn("{task.description}", markup=False)
        figures = (
            TextColumn("{task.fields[count]}"),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(elapsed_when_finished=True),
        )
        if self._terminal.width >= _WIDE:
            self.columns = (title, BarColumn(), *figures)
        else:
            self.columns = figures
            yield from (Text(task.description) for task in self.tasks)
        yield self.make_tasks_table(self.tasks)
