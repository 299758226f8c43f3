"""What became of each row, and of the import as a whole."""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003  (msgspec resolves annotations)
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from smartkasa_async._i18n.message import N_
from smartkasa_async.catalog.problems import Problem, RuleViolationError, shortened
from smartkasa_async.catalog.source_location import SourceLocation  # noqa: TC001  (likewise)
from smartkasa_async.jobs.outcomes import JobOutcome, JobSummary, JobTally, OutcomeT_co
from smartkasa_async.models import ProductCreate  # noqa: TC001  (likewise)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartkasa_async._i18n.translate import Language

_MOST_NAMED = 20


class OutcomeKind(StrEnum):
    """How a row ended; in a dry run, how it would end."""

    CREATED = "created"
    """The service has a new product."""
    UPDATED = "updated"
    """The service had the product, and fields that differed were changed."""
    UNCHANGED = "unchanged"
    """The service had the product, and nothing was changed."""
    REJECTED = "rejected"
    """The row was left out; its problems give the reasons."""
    CONFLICT = "conflict"
    """The service has several products with the row's key; none was touched."""
    IN_DOUBT = "in_doubt"
    """The row was sent, and it is unknown whether the service has the product; it is not sent again."""
    NO_PRODUCT = "no_product"
    """The row is none of a product, by its form: a section's title, a total, a signature, or the headers once more."""
    MISSING = "missing"
    """A product of the service that the source does not have; it was left there."""
    DELETED = "deleted"
    """A product of the service that the source does not have; it was deleted."""


_FAILED = frozenset[StrEnum]({OutcomeKind.REJECTED, OutcomeKind.CONFLICT, OutcomeKind.IN_DOUBT})
_NOT_OF_THE_SOURCE = frozenset({OutcomeKind.MISSING, OutcomeKind.DELETED})
_NAMES: dict[StrEnum, str] = {
    OutcomeKind.CREATED: N_("created"),
    OutcomeKind.UPDATED: N_("updated"),
    OutcomeKind.UNCHANGED: N_("unchanged"),
    OutcomeKind.REJECTED: N_("rejected"),
    OutcomeKind.CONFLICT: N_("conflict"),
    OutcomeKind.IN_DOUBT: N_("in doubt"),
    OutcomeKind.NO_PRODUCT: N_("no product"),
    OutcomeKind.MISSING: N_("missing"),
    OutcomeKind.DELETED: N_("deleted"),
}


class RawRow(msgspec.Struct, frozen=True, gc=False):
    """A row as the source has it, so that it can be fixed and imported again.

    Attributes:
        location: The source.
        content: Cells in the order of the source's columns, or the row's text as one cell where they could not be
            separated apart; or a product that the caller has made.
    """

    location: SourceLocation
    content: Sequence[str] | ProductCreate


class Outcome(JobOutcome[Problem], frozen=True, kw_only=True, gc=False):
    """What became of one row, or of a product that the source does not have.

    Attributes:
        row: Number of the row in the source, from 1, headers and blank lines not counted; 0 for what it does not have.
        line: Line of the file on which the row begins; the row's number where the source is not a file; 0 likewise.
        key: What to call the row: its key, else its barcode, article or title, as far as they could be read.
        key_value: The key, normalised, by which the product is found; None where the row's could not be read.
        kind: How the row ended.
        product_id: Id of the product in the service; None where none is known.
        problems: Why the row did not get into the service; empty for one that did.
        warnings: What is doubtful about the row all the same.
        raw: The row as the source has it, for rows that are to be fixed; None for others.
    """

    failed_kinds = _FAILED

    row: int
    line: int
    key: str
    key_value: str | None = None
    kind: OutcomeKind
    product_id: str | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    raw: RawRow | None = None

    @property
    def number(self) -> int:
        """Number of the row in the source, from 1."""
        return self.row

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
        return "; ".join(problem.reason(language) for problem in self.problems) or None


class SourceSummary(JobSummary[OutcomeT_co], frozen=True, kw_only=True):
    """What became of all rows of a source.

    Attributes:
        notes: Notes on the source as a whole, for example that its end may be cut off, or why nothing was deleted.
    """

    notes: tuple[Problem, ...] = ()

    def note_lines(self, language: Language = "en") -> list[str]:
        """Return the notes, a line each.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        return [note.describe_in_file(language) for note in self.notes]


class ImportSummary(SourceSummary[Outcome], frozen=True, kw_only=True):
    """What became of all rows; in a dry run, what would become of them.

    Attributes:
        created: Rows that became new products.
        updated: Rows whose products were changed.
        unchanged: Rows whose products needed no change.
        rejected: Rows that were left out.
        conflict: Rows whose key stands for several products of the service.
        in_doubt: Rows whose outcome is unknown.
        no_product: Rows that are none of a product.
        missing: Products that the source does not have, left in the service.
        deleted: Products that the source does not have, deleted.
        warned: Outcomes with warnings, of any kind.
        dry_run: Whether nothing was written to the service.
        ended_early: Whether the job was left before it had all outcomes.
        categories_created: Number of categories that the service lacked.
        failed: Outcomes of the rows that did not get into the service, in the order of the source; of very many, the
            10,000 that came first.
        notes: Notes on the import as a whole, for example why nothing was deleted.
    """

    kind_names: ClassVar[Mapping[StrEnum, str]] = _NAMES
    failed_kinds = _FAILED
    _always_named: ClassVar[frozenset[StrEnum]] = frozenset({OutcomeKind.CREATED, OutcomeKind.REJECTED})

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    conflict: int = 0
    in_doubt: int = 0
    no_product: int = 0
    missing: int = 0
    deleted: int = 0
    categories_created: int = 0

    @property
    def total(self) -> int:
        """Number of rows of the source that have an outcome."""
        return sum(count for kind, count in self._by_kind() if kind not in _NOT_OF_THE_SOURCE)

    def to_dict(self, language: Language = "en") -> dict[str, Any]:
        """Return the summary as plain values for JSON, without the raw rows.

        Args:
            language: Not used: problems give their reasons in both languages.
        """
        failed = tuple(msgspec.structs.replace(outcome, raw=None) for outcome in self.failed)
        return super(ImportSummary, msgspec.structs.replace(self, failed=failed)).to_dict(language)

    def _more_counts(self) -> list[tuple[str, int]]:
        return [(N_("new categories"), self.categories_created), *super()._more_counts()]


class Tally(JobTally[Outcome, ImportSummary]):
    """Counts outcomes as they come.

    Attributes:
        categories_created: Number of categories that were created, or would be in a dry run.
        notes: Notes on the import as a whole.
    """

    def __init__(self, *, dry_run: bool = False) -> None:
        super().__init__(ImportSummary, dry_run=dry_run)
        self._no_products: list[Outcome] = []
        self.categories_created = 0
        self.notes: list[Problem] = []

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Count outcomes, and keep those whose rows did not get into the service."""
        super().add(outcomes)
        if self.counts[OutcomeKind.NO_PRODUCT] and len(self._no_products) < _MOST_NAMED:
            no_products = [outcome for outcome in outcomes if outcome.kind is OutcomeKind.NO_PRODUCT]
            self._no_products += no_products[: _MOST_NAMED - len(self._no_products)]

    @property
    def total(self) -> int:
        """Number of rows of the source that have an outcome."""
        return sum(count for kind, count in self.counts.items() if kind not in _NOT_OF_THE_SOURCE)

    def summary(self, *, ended_early: bool = False, **fields: object) -> ImportSummary:
        """Sum up what has been counted."""
        notes = (*self.notes, *self._note_no_products())
        return super().summary(
            ended_early=ended_early, categories_created=self.categories_created, notes=notes, **fields
        )

    def _note_no_products(self) -> list[Problem]:
        """Describe in one line which rows are none of a product."""
        if not self._no_products:
            return []
        count = self.counts[OutcomeKind.NO_PRODUCT]
        named = sorted(self._no_products, key=lambda outcome: outcome.row)
        rows = ", ".join(f"{outcome.line} «{shortened(outcome.key)}»" for outcome in named)
        error = RuleViolationError(
            "row_no_product" if count == 1 else "rows_no_products",
            count=count,
            rows=rows if count == len(named) else f"{rows}, …",
        )
        file = next((problem.file for outcome in named for problem in outcome.problems), "")
        return [Problem.from_broken_rule(error, file=file, line=0)]
