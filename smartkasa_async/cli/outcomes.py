"""What imports, stock syncs and pushes tell of the rows that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async.cli.messages import _, language, n_

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import msgspec

    from smartkasa_async.cli.run import Run
    from smartkasa_async.jobs.words import Language

_MOST_SAID = 50
MOST_WARNINGS = 1000
"""Most outcomes with warnings that are kept to be told."""


def library_language() -> Language:
    """Return the language in use as the library names it."""
    return "uk" if language() == "uk" else "en"


def say_problems(run: Run, failed: Iterable[Any], warned: Iterable[Any] = ()) -> None:
    """Print a line for each row, below the name of the file: what is wrong with it, or doubtful; of many, the first.

    Args:
        run: The run of the command.
        failed: Outcomes with problems.
        warned: Outcomes with warnings.
    """
    from smartkasa_async.catalog.problems import describe_row  # noqa: PLC0415  (an extra)

    language = library_language()
    problems = [outcome.problems for outcome in failed if outcome.problems]
    warnings = [outcome.warnings for outcome in warned if outcome.warnings]
    file = next((row[0].file for row in (*problems, *warnings)), "")
    if file:
        run.output.text(f"{file}:")
    say_lines(run, [describe_row(row, language) for row in problems])
    lead = _("warning")
    say_lines(run, [f"{lead}: {describe_row(row, language)}" for row in warnings])


def say_lines(run: Run, lines: Sequence[str]) -> None:
    """Print lines; of very many, the first."""
    for line in lines[:_MOST_SAID]:
        run.output.text(line)
    if len(lines) > _MOST_SAID:
        run.output.text(n_("… and {count} more", "… and {count} more", len(lines) - _MOST_SAID))


def counts_of(summary: msgspec.Struct, total: str) -> dict[str, object]:
    """List a summary's counts by name for machines.

    Args:
        summary: The summary of an import, a stock sync or a push.
        total: Name of its property that counts all rows.
    """
    names = [name for name in summary.__struct_fields__ if name not in {"failed", "notes"}]
    return {total: getattr(summary, total)} | {name: getattr(summary, name) for name in names}


def facts_of(outcomes: Iterable[msgspec.Struct]) -> list[dict[str, object]]:
    """List the fields of outcomes for machines, but for the rows as they stood in their source."""
    return [
        {name: getattr(outcome, name) for name in outcome.__struct_fields__ if name != "raw"} for outcome in outcomes
    ]
