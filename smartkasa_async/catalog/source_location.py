"""Where rows come from: what a problem names, and what a file of rejected rows is formed after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.catalog.problems import Problem
from smartkasa_async.catalog.sources.columns import Columns  # noqa: TC001  (msgspec resolves annotations)

if TYPE_CHECKING:
    from smartkasa_async.catalog.problems import RuleViolationError
    from smartkasa_async.jobs.words import Severity


class SourceLocation(msgspec.Struct, frozen=True):
    """Where rows come from.

    Attributes:
        file: Name of the file; empty where the rows do not come from one.
        columns: Where the source has which field.
        encoding: How a CSV file's letters are encoded; for other sources what their rejected rows are written in.
        delimiter: Character between the fields of a CSV file; for other sources, of their rejected rows.
        is_grid: Whether it has rows of cells, some of which may be none of a product; records all are.
    """

    file: str
    columns: Columns
    encoding: str = "utf-8-sig"
    delimiter: str = ";"
    is_grid: bool = True

    def problem(
        self,
        error: RuleViolationError,
        line: int,
        field: str | None = None,
        value: str | None = None,
        *,
        severity: Severity | None = None,
    ) -> Problem:
        """Say where a rule was broken."""
        column = None if field is None else self.columns.header_of(field)
        return Problem.from_broken_rule(
            error, file=self.file, line=line, field=field, column=column, value=value, severity=severity
        )
