"""What became of each row, and of the import as a whole."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from smartkasa_async.catalog.problems import Language, Problem  # noqa: TC001  (msgspec resolves annotations)

__all__ = ["ImportSummary", "Outcome", "OutcomeKind", "Progress", "Tally"]

_MOST_KEPT = 10_000


class OutcomeKind(StrEnum):
    """How a row ended."""

    CREATED = "created"
    """The service has a new product."""
    REJECTED = "rejected"
    """The row made no product; its problems say why."""
    UNKNOWN = "unknown"
    """The row was sent, and nothing tells whether the service has the product; it is not sent again."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of one row.

    Attributes:
        row: Number of the row in the source, from 1, headers and blank lines not counted.
        line: Line of the file on which the row begins; the row's number where the source is not a file.
        key: Barcode of the row, else its article, else its title, as far as they could be read.
        kind: How the row ended.
        product_id: Id of the new product; None where none is known.
        problems: Why the row was not created; empty for a created one.
    """

    row: int
    line: int
    key: str
    kind: OutcomeKind
    product_id: str | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def field(self) -> str | None:
        """Field of the product that the first problem is about."""
        return self.problems[0].field if self.problems else None

    @property
    def value(self) -> str | None:
        """Value that the first problem is about, as the source has it."""
        return self.problems[0].value if self.problems else None

    @property
    def reason_en(self) -> str | None:
        """What is wrong and what to do, in English."""
        return self._reason("en")

    @property
    def reason_uk(self) -> str | None:
        """What is wrong and what to do, in Ukrainian."""
        return self._reason("uk")

    def _reason(self, language: Language) -> str | None:
        reasons = (problem.reason_en if language == "en" else problem.reason_uk for problem in self.problems)
        return "; ".join(reasons) or None


class Progress(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How far an import has come.

    Attributes:
        settled: Number of rows that have an outcome.
        created: Those of them that became products.
        rejected: Those that did not.
        unknown: Those of which nobody can tell.
        fraction: Share of the source that has been read, 0 to 1; None where its size is not known.
    """

    settled: int
    created: int
    rejected: int
    unknown: int
    fraction: float | None


class ImportSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all rows.

    Attributes:
        created: Number of rows that became products.
        rejected: Number of rows that did not.
        unknown: Number of rows of which nobody can tell.
        not_created: Outcomes of the rejected and unknown rows in the order of the source; of very many, the 10,000 that
            came first.
    """

    created: int
    rejected: int
    unknown: int
    not_created: tuple[Outcome, ...]

    @property
    def rows(self) -> int:
        """Number of rows that have an outcome."""
        return self.created + self.rejected + self.unknown

    def __str__(self) -> str:
        return f"{self.created} created, {self.rejected} rejected, {self.unknown} unknown"


class Tally:
    """Counts outcomes as they come."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(OutcomeKind, 0)
        self._not_created: list[Outcome] = []

    def add(self, outcome: Outcome) -> None:
        """Count one outcome, and keep it if its row was not created."""
        self._counts[outcome.kind] += 1
        if outcome.kind is not OutcomeKind.CREATED and len(self._not_created) < _MOST_KEPT:
            self._not_created.append(outcome)

    def progress(self, fraction: float | None) -> Progress:
        """Say how far the import has come.

        Args:
            fraction: Share of the source that has been read; None where its size is not known.
        """
        created, rejected, unknown = self._counts.values()
        return Progress(
            settled=created + rejected + unknown, created=created, rejected=rejected, unknown=unknown, fraction=fraction
        )

    def summary(self) -> ImportSummary:
        """Sum up what has been counted."""
        created, rejected, unknown = self._counts.values()
        ordered = tuple(sorted(self._not_created, key=lambda outcome: outcome.row))
        return ImportSummary(created=created, rejected=rejected, unknown=unknown, not_created=ordered)
