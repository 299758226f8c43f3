"""What commands print: tables and text for people, JSON for machines, and errors for both.

Results go to standard output. Notes, errors and progress go to standard error, so that results can be piped.
"""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from smartkasa_async._i18n.safe_text import escaped_json, visible
from smartkasa_async.cli.messages import _, language, n_
from smartkasa_async.cli.output_tables import made_columns, print_plain, print_table
from smartkasa_async.cli.streams import is_unicode, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import msgspec

    from smartkasa_async.cli.errors import CliError
    from smartkasa_async.cli.progress import ProgressDisplay
    from smartkasa_async.jobs import TableResult

_MOST_LINES = 50
MOST_WARNINGS = 1000
"""Maximum number of outcomes with warnings that are printed after a job."""


class Output:
    """Prints for one run of a command.

    Args:
        json: Whether results are JSON: one document, or a line for each record of a list.
        quiet: Whether notes and progress are left out.
    """

    def __init__(self, *, json: bool = False, quiet: bool = False) -> None:
        self.json = json
        self.quiet = quiet

    @property
    def for_people(self) -> bool:
        """Whether results are for people; ask before work that only they need."""
        return not self.json

    def text(self, text: str) -> None:
        """Print a line of the result for people, wrapped between words on a terminal; nothing with `--json`."""
        if not self.json:
            sys.stdout.write(f"{wrapped(text, sys.stdout)}\n")

    def command(self, text: str) -> None:
        """Print a command for people to paste, on a line of its own that is never broken; nothing with `--json`."""
        if not self.json:
            sys.stdout.write(f"  {visible(text)}\n")

    def note(self, text: str) -> None:
        """Inform people of something besides the result; nothing with `--json` or `--quiet`."""
        if not (self.json or self.quiet):
            sys.stderr.write(f"{wrapped(text, sys.stderr)}\n")
            sys.stderr.flush()

    def note_wait(self, seconds: float) -> None:
        """Report why nothing happens for a while."""
        text = _(
            "Waiting {seconds} s: an earlier request may still take effect, or is not listed yet.",
            seconds=f"{seconds:.3g}",
        )
        self.note(text)

    def lines(self, lines: Sequence[str]) -> None:
        """Print lines for people; of very many, the first."""
        for line in lines[:_MOST_LINES]:
            self.text(line)
        if len(lines) > _MOST_LINES:
            self.text(n_("… and {count} more", "… and {count} more", len(lines) - _MOST_LINES))

    def problems(self, failed: Iterable[Any], warned: Iterable[Any] = ()) -> None:
        """Print a line for each row of a file with a problem or a warning, below the file's name; of many, the first.

        Args:
            failed: Outcomes with problems.
            warned: Outcomes with warnings.
        """
        from smartkasa_async.catalog.problems import describe_row  # noqa: PLC0415  (an extra)

        problems = [outcome.problems for outcome in failed if outcome.problems]
        warnings = [outcome.warnings for outcome in warned if outcome.warnings]
        file = next((row[0].file for row in (*problems, *warnings)), "")
        if file:
            self.text(f"{file}:")
        self.lines([describe_row(row, language()) for row in problems])
        lead = _("warning")
        self.lines([f"{lead}: {describe_row(row, language())}" for row in warnings])

    def document(self, value: object) -> None:
        """Print the result for machines as one JSON document; nothing without `--json`.

        Args:
            value: Structs, dataclasses' fields, lists, dicts and plain values; see `machine_value`.
        """
        if self.json:
            self.print_json(value, indent=2 if sys.stdout.isatty() else None)

    def record(self, value: object) -> None:
        """Print one record of a list for machines, a line of JSON; nothing without `--json`."""
        if self.json:
            self.print_json(value)

    def print_json(self, value: object, *, indent: int | None = None) -> None:
        """Print JSON, with or without `--json`."""
        text = json.dumps(machine_value(value), ensure_ascii=not is_unicode(sys.stdout), indent=indent)
        sys.stdout.write(f"{escaped_json(text)}\n")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
        """Print a table for people; nothing with `--json`.

        On a terminal it fits the width, and becomes lines of `heading: value` where that is too narrow; in a pipe it is
        plain text, columns two spaces apart, uncut.

        Args:
            columns: Their headings, in the user's language.
            rows: Cells of any value; see `cell`. Numbers stand on the right.
            title: What the table is about.
        """
        if self.json:
            return
        made = [list(row) for row in rows]
        table = made_columns([*map(visible, columns)], made, [[visible(cell(value)) for value in row] for row in made])
        (print_table if sys.stdout.isatty() else print_plain)(table, None if title is None else visible(title))

    def result(self, result: TableResult) -> None:
        """Print the tables and notes of a result for people; nothing with `--json`."""
        if self.json:
            return
        for table in result.tables(language()):
            self.table(table.header, table.rows, title=table.title or None)
        for note in result.note_lines(language()):
            self.text(note)

    def error(self, error: CliError) -> None:
        """Print an error: text on standard error, with `--json` a document `{"error": …}` there."""
        if self.json:
            facts = {
                "error": error.kind,
                "message": error.message,
                "hint": error.hint,
                "exit": int(error.exit),
            }
            sys.stderr.write(escaped_json(json.dumps(facts, ensure_ascii=not is_unicode(sys.stderr))) + "\n")
        else:
            lines = [_("Error: {message}", message=error.message), *([error.hint] if error.hint else [])]
            sys.stderr.write(wrapped("\n".join(lines), sys.stderr) + "\n")
        sys.stderr.flush()

    def progress(self, title: str, *, total: int | None = None) -> ProgressDisplay:
        """Show how work goes on: `with run.output.progress(_("Products"), total=count) as progress:`.

        A bar with rate and time left where standard error is a terminal, a line a minute where it is a file, nothing
        with `--json` or `--quiet`. Call `progress.advance(count)`, or `progress.show(done, total)`.

        Args:
            title: What is worked on.
            total: How many there are, where it is known.
        """
        from smartkasa_async.cli.progress import progress_on  # noqa: PLC0415  (short commands show none)

        return progress_on(sys.stderr, title, total, shown=not (self.json or self.quiet))


def machine_value(value: Any) -> Any:  # noqa: PLR0911  (a kind of value each)
    """Turn a value into what JSON can hold: money and ids as text as they are, times in ISO form, secrets hidden.

    Args:
        value: Structs, dataclasses, dicts, lists, Decimal, dates, enums, paths and plain values.
    """
    if value is None or isinstance(value, (bool, str)) or type(value) in {int, float}:
        return value
    if isinstance(value, Enum):
        return machine_value(value.value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, dict):
        return {str(machine_value(key)): machine_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [machine_value(item) for item in value]
    fields = getattr(type(value), "__struct_fields__", getattr(type(value), "__dataclass_fields__", None))
    if fields is not None:
        return _fields(value, fields)
    return int(value) if isinstance(value, int) else str(value)


def cell(value: object) -> str:  # noqa: PLR0911  (likewise)
    """Write a value for people: yes and no, times in Kyiv, nothing for what is absent."""
    if value is None or type(value).__name__ == "UnsetType":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        from smartkasa_async.records.days import KYIV  # noqa: PLC0415  (few tables have times)

        return value.astimezone(KYIV).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(item) for item in value)
    return " ".join(str(value).split())


def _fields(value: Any, names: Iterable[str]) -> dict[str, Any]:
    secret: frozenset[str] = getattr(type(value), "__secret_fields__", frozenset())
    encoded = getattr(type(value), "__struct_encode_fields__", tuple(names))
    found = {}
    for name, key in zip(names, encoded, strict=True):
        item = getattr(value, name)
        if type(item).__name__ != "UnsetType":
            found[key] = "***" if name in secret and isinstance(item, str) else machine_value(item)
    return found


def facts_of(outcomes: Iterable[msgspec.Struct]) -> list[dict[str, object]]:
    """Return the fields of outcomes for JSON, without the source rows."""
    return [
        {name: getattr(outcome, name) for name in outcome.__struct_fields__ if name != "raw"} for outcome in outcomes
    ]
