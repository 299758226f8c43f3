"""Tables for people: columns that fit the terminal, or lines where they do not; plain text in a pipe."""

from __future__ import annotations

import sys
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async.cli.streams import terminal_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console


_GAP, _NARROW_GAP = 2, 1
_HEIGHT = 25
_PATH_PART = 24
"""Terminal cells from which on a path or an address may continue on the next line."""


class Column(NamedTuple):
    """A column of a table.

    Attributes:
        heading: In the user's language.
        texts: Its cells from above to below.
        is_number: Whether all its values are numbers, which stand on the right.
    """

    heading: str
    texts: list[str]
    is_number: bool

    def natural_width(self) -> int:
        """Return the width without wrapping, in terminal cells."""
        return max(map(_width, [self.heading, *self.texts]))

    def least_width(self) -> int:
        """Return the smallest width that breaks no word but long paths, in terminal cells."""
        words = {word for text in [self.heading, *self.texts] for word in text.split()}
        return max((min(_width(word), _PATH_PART) if "/" in word else _width(word) for word in words), default=0)


def made_columns(headings: Sequence[str], rows: Sequence[Sequence[object]], texts: Sequence[list[str]]) -> list[Column]:
    """Arrange rows in columns.

    Args:
        headings: A heading for each column.
        rows: The values, which decide whether a column is numeric.
        texts: The values as they are shown.
    """
    return [
        Column(heading, [row[index] for row in texts], _are_numbers([row[index] for row in rows]))
        for index, heading in enumerate(headings)
    ]


def print_table(columns: Sequence[Column], title: str | None) -> None:
    """Print a table that fits the terminal, or each row as lines of its own if the columns do not fit."""
    from rich.console import Console  # noqa: PLC0415  (pipes and machines never pay for it)

    # Rich assumes 80 columns for a dumb terminal unless it is given both width and height.
    console = Console(file=sys.stdout, highlight=False, width=terminal_columns(), height=_HEIGHT)
    if title:
        console.print(title, style="italic", markup=False, emoji=False)
    for gap in (_GAP, _NARROW_GAP):
        widths = _fitting_widths(columns, console.width - gap * (len(columns) - 1))
        if widths is not None:
            _print_columns(console, columns, widths, gap)
            return
    _print_rows(console, columns)


def print_plain(columns: Sequence[Column], title: str | None) -> None:
    """Print a table as plain text, columns two spaces apart, uncut."""
    if title:
        sys.stdout.write(f"{title}\n")
    widths = [max(map(len, [column.heading, *column.texts])) for column in columns]
    for row in zip(*([column.heading, *column.texts] for column in columns), strict=True):
        cells = [
            text.rjust(width) if column.is_number else text.ljust(width)
            for column, text, width in zip(columns, row, widths, strict=True)
        ]
        sys.stdout.write((" " * _GAP).join(cells).rstrip() + "\n")


def _fitting_widths(columns: Sequence[Column], room: int) -> list[int] | None:
    """Distribute the width among columns without breaking words; None if it is too small."""
    least = [column.least_width() for column in columns]
    wanted = [column.natural_width() - width for column, width in zip(columns, least, strict=True)]
    spare = room - sum(least)
    if spare < 0:
        return None
    share = min(1.0, spare / max(1, sum(wanted)))
    return [width + int(more * share) for width, more in zip(least, wanted, strict=True)]


def _print_columns(console: Console, columns: Sequence[Column], widths: Sequence[int], gap: int) -> None:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    # The box itself puts one space between columns.
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, gap - 1, 0, 0))
    for column, width in zip(columns, widths, strict=True):
        heading = Text(column.heading)
        table.add_column(heading, justify="right" if column.is_number else "left", width=width, overflow="fold")
    for row in zip(*(column.texts for column in columns), strict=True):
        table.add_row(*map(Text, row))
    console.print(table)


def _print_rows(console: Console, columns: Sequence[Column]) -> None:
    from rich.text import Text  # noqa: PLC0415

    for row in zip(*(column.texts for column in columns), strict=True):
        console.print()
        for column, text in zip(columns, row, strict=True):
            if text:
                console.print(Text.assemble((f"{column.heading}: ", "bold"), text))


def _are_numbers(values: Sequence[object]) -> bool:
    return any(map(_is_number, values)) and all(value is None or _is_number(value) for value in values)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, (bool, Enum))


def _width(text: str) -> int:
    from rich.cells import cell_len  # noqa: PLC0415

    return cell_len(text)
