"""What is to be said about the end of a file that may be cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.ending import End

if TYPE_CHECKING:
    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.catalog.sources.ending import Ending


def doubts_about(ending: Ending, location: SourceLocation) -> list[Problem]:
    """Say that the last value of a file may be a part of a longer one, if it is a value that is imported.

    Args:
        ending: How the file ends.
        location: The file.
    """
    if ending.end is not End.DOUBTFUL or not ending.cells:
        return []
    position = len(ending.cells) - 1
    field = next((field for field, own in location.columns.positions.items() if own == position), None)
    if field is None:
        return []
    return [location.problem(RuleViolationError("end_doubtful"), ending.line, field, ending.cells[-1].strip())]
