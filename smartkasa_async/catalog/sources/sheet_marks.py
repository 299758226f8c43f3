"""What a sheet holds beside the values of its cells, whatever the format of the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class SheetMarks(NamedTuple):
    """What a sheet holds beside values.

    Attributes:
        hidden_rows: Numbers of the rows that are hidden, by hand, by a filter or in a group that is closed, from 1.
        hidden_columns: Positions of the columns that are hidden, from 0.
        cells: What cells show that hold another value: by the number of the row, then by the column's position.
        merged: Cells that stand for those below them: by the number of the row, the column's position and the last row.
    """

    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    cells: Mapping[int, Mapping[int, str]]
    merged: Mapping[int, list[tuple[int, int]]]


NO_MARKS = SheetMarks(frozenset(), frozenset(), {}, {})
"""Those of a sheet of mere values."""
