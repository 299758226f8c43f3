"""The rows of an open source, read a part at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.jobs.results import Progress, Stage

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from smartkasa_async.catalog.sources.rows import Row
    from smartkasa_async.catalog.sources.source import Reader

_ROWS_AT_ONCE = 400


async def read_parts(reader: Reader, on_progress: Callable[[Progress], None] | None) -> AsyncGenerator[list[Row], None]:
    """Read all rows.

    Args:
        reader: The source.
        on_progress: Called when the caller has done with a part.
    """
    done = 0
    while rows := await reader.read(_ROWS_AT_ONCE):
        yield rows
        done += len(rows)
        if on_progress is not None:
            on_progress(Progress(Stage.READING, done, None, "rows"))
