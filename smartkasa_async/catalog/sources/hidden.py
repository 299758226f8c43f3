"""What is to be said about rows and columns of a workbook that nobody sees there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.catalog.problems import RuleViolationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.source_location import SourceLocation

_MOST_RUNS = 20


def notes_of_hidden(
    location: SourceLocation, rows: Sequence[int], columns: Sequence[str], *, skipped: bool
) -> list[Problem]:
    """Say which rows and columns of a workbook are hidden, and what becomes of them.

    Args:
        location: The workbook.
        rows: Numbers of the hidden rows.
        columns: Headers of the hidden columns that are used.
        skipped: Whether the rows are left out.
    """
    notes: list[Problem] = []
    if rows:
        rule = "rows_hidden_skipped" if skipped else "rows_hidden_taken"
        notes.append(location.problem(RuleViolationError(rule, rows=shorten_numbers(rows), count=len(rows)), 0))
    if columns:
        listed = ", ".join(f"«{header}»" for header in columns)
        notes.append(location.problem(RuleViolationError("columns_hidden", columns=listed), 0))
    return notes


def shorten_numbers(numbers: Sequence[int]) -> str:
    """Write numbers in their order, those that follow each other as `5–9`, and of very many the first."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        elif len(runs) == _MOST_RUNS:
            return f"{_written(runs)}, …"
        else:
            runs.append([number, number])
    return _written(runs)


def _written(runs: list[list[int]]) -> str:
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
