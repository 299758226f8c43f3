"""Results as tables: lines of text for people, CSV for spreadsheets."""

from __future__ import annotations

from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple, TextIO

from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._support.files import fresh_file
from smartkasa_async._support.spreadsheets import EXCEL_ENCODING, decimal_comma, excel_writer, seen_cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GAP = "  "


class ResultTable(NamedTuple):
    """A table of a result.

    Attributes:
        header: Headers of the columns.
        rows: The cells; None is an empty one.
        title: What the table is about; may be empty.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[object]]
    title: str = ""

    def __str__(self) -> str:
        lines = text_table(self.header, self.rows)
        return f"{self.title}\n{lines}" if self.title else lines


def text_table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Lay rows out in columns, below their headers and a line.

    Args:
        header: Headers of the columns.
        rows: The cells; None is an empty one.

    Returns:
        Lines without a line break at the end.
    """
    cells = [list(header), *([one_line(_text(value)) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    return "\n".join(
        _GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def write_csv(target: str | PathLike[str] | TextIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    r"""Write rows as a table that a Ukrainian Excel opens: UTF-8 with a byte order mark, semicolons, decimal commas.

    Cells that Excel would run as formulas, or shorten as in `4,82E+12`, are
    marked as text by an apostrophe; control characters are written as `\x1b`.

    Args:
        target: Where the file will be, or a text file that is open.
        header: Headers of the columns.
        rows: The cells; None is an empty one.

    Raises:
        OSError: The file cannot be written.
    """
    if isinstance(target, (str, PathLike)):
        with fresh_file(Path(target), encoding=EXCEL_ENCODING) as file:
            _write(file, header, rows)
    else:
        _write(target, header, rows)


def _write(file: IO[str], header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    writer = excel_writer(file)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> str:
    if isinstance(value, Decimal):
        return decimal_comma(value)
    return seen_cell(_text(value)) if isinstance(value, str) else _text(value)


def _text(value: object) -> str:
    return "" if value is None else str(value)
