"""Tables for people: lines and widths on a terminal, plain text in a pipe; no figure, day or id is broken in two."""

from __future__ import annotations

import sys
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

__all__ = ["Column", "made_columns", "print_plain", "print_table"]

_GAP = 2


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
        """Return how wide the column is with nothing wrapped, in cells of a terminal."""
        return max(map(_width, [self.heading, *self.texts]))

    def least_width(self) -> int:
        """Return how narrow the column can be with no word broken, in cells of a terminal."""
        return max((_width(word) for text in [self.heading, *self.texts] for word in text.split()), default=0)


def made_columns(headings: Sequence[str], rows: Sequence[Sequence[object]], texts: Sequence[list[str]]) -> list[Column]:
    """Put rows into columns.

    Args:
        headings: A heading for each column.
        rows: The values, which tell numbers from texts.
        texts: What is shown of them.
    """
    return [
        Column(heading, [row[place] for row in texts], _are_numbers([row[place] for row in rows]))
        for place, heading in enumerate(headings)
    ]


def print_table(columns: Sequence[Column], title: str | None) -> None:
    """Print a table that fits the terminal, or each row as lines of its own where the columns have no room."""
    from rich.console import Console  # noqa: PLC0415  (pipes and machines never pay for it)

    console = Console(file=sys.stdout, highlight=False)
    widths = _fitting_widths(columns, console.width)
    if widths is None:
        _print_rows(console, columns, title)
    else:
        _print_columns(console, columns, widths, title)


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
    """Share a terminal's width among columns so that no word is broken; None where there is too little."""
    least = [column.least_width() for column in columns]
    wanted = [column.natural_width() - width for column, width in zip(columns, least, strict=True)]
    spare = room - _GAP * (len(columns) - 1) - sum(least)
    if spare < 0:
        return None
    share = min(1.0, spare / max(1, sum(wanted)))
    return [width + int(more * share) for width, more in zip(least, wanted, strict=True)]


def _print_columns(console: Console, columns: Sequence[Column], widths: Sequence[int], title: str | None) -> None:
    from rich import box  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    # The box itself puts one space between columns, the padding the other.
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", show_edge=False, padding=(0, _GAP - 1, 0, 0))
    table.pad_edge = False
    for column, width in zip(columns, widths, strict=True):
        table.add_column(Text(column.heading), justify="right" if column.is_number else "left", width=width)
    for row in zip(*(column.texts for column in columns), strict=True):
        table.add_row(*map(Text, row))
    console.print(table)


def _print_rows(console: Console, columns: Sequence[Column], title: str | None) -> None:
    from rich.text import Text  # noqa: PLC0415

    if title:
        console.print(Text(title, style="italic"))
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
