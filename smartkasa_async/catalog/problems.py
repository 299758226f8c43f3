"""What can be wrong with a row, worded so that a shopkeeper can act on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async.catalog.messages import ARGUMENTS, MESSAGES
from smartkasa_async.jobs.outcomes import JobProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.jobs.outcomes import Severity

_MOST_SHOWN = 100


class RuleViolationError(ValueError):
    """A value breaks a rule of the catalogue, or is doubtful by one.

    Attributes:
        code: Name of the rule, for example `barcode_check_digit`.
        details: What the reason's text mentions besides the value.
    """

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Problem(JobProblem, frozen=True, kw_only=True, gc=False):
    """One thing that is wrong or doubtful about one row, or about the import as a whole.

    Attributes:
        code: Name of the broken rule, for example `barcode_check_digit`.
        severity: `error` if it kept the row out of the service, `warning` if not.
        file: Name of the file; empty where the rows did not come from one.
        line: Line of the file on which the row begins, or the row's number; 0 for the import as a whole.
        field: Field of the product, for example `price`; None for the row as a whole.
        column: Header of the column as the file has it; None where it has none.
        value: The value as the file has it; None for the row as a whole.
        reason_en: What is wrong and what to do, in English.
        reason_uk: The same in Ukrainian.
    """

    file: str
    line: int
    column: str | None = None
    value: str | None = None

    @classmethod
    def from_broken_rule(
        cls,
        error: RuleViolationError,
        *,
        file: str,
        line: int,
        field: str | None = None,
        column: str | None = None,
        value: str | None = None,
        severity: Severity | None = None,
    ) -> Problem:
        """Locate a broken rule in the source.

        Args:
            error: The broken rule.
            file: Name of the file, or nothing.
            line: Line on which the row begins; 0 for the import as a whole.
            field: Field of the product.
            column: Header of its column.
            value: The value.
            severity: How bad it is here; None for what the rule has by itself.
        """
        reason = MESSAGES[error.code]
        english, ukrainian = reason.fill(error.details, ARGUMENTS)
        return cls(
            code=error.code,
            severity=severity or reason.severity,
            file=file,
            line=line,
            field=field,
            column=column,
            value=value,
            reason_en=english,
            reason_uk=ukrainian,
        )

    def describe(self, language: Language = "en") -> str:
        """Describe the problem in one sentence: file, line, column, value, what is wrong and what to do."""
        return self._describe([self.file] if self.file else [], language, with_line=True)

    def describe_in_file(self, language: Language = "en") -> str:
        """Describe the problem without the file, for where it was named before."""
        return self._describe([], language, with_line=True)

    def describe_in_row(self, language: Language = "en") -> str:
        """Describe the problem without file and line, for where the row itself is to be seen."""
        return self._describe([], language)

    def _describe(self, location: list[str], language: Language, *, with_line: bool = False) -> str:
        if with_line and self.line:
            location.append(in_language(msg("line {line}", line=self.line), language))
        if self.column is not None:
            location.append(in_language(msg("column «{column}»", column=self.column), language))
        value = f"«{shortened(self.value)}»" if self.value else ""
        return ": ".join(part for part in (", ".join(location), value, self.reason(language)) if part)


def describe_row(problems: Sequence[Problem], language: Language = "en") -> str:
    """Describe all that is wrong with one row in one sentence, without the file.

    Args:
        problems: What is wrong, at least one.
        language: In which language.
    """
    first, *others = problems
    return "; ".join([first.describe_in_file(language), *(other.describe_in_row(language) for other in others)])


def shortened(value: str) -> str:
    """Shorten a value to one line; behind an open quote it may be half of a file."""
    line = " ".join(value[: 2 * _MOST_SHOWN].split())
    return line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]}…"
