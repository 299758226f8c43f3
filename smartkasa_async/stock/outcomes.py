"""What became of each count, and of the sync as a whole."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003  (msgspec resolves annotations)
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from smartkasa_async._i18n.message import N_
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support.money import without_zeros
from smartkasa_async.catalog.errors import CatalogError
from smartkasa_async.catalog.outcomes import SourceSummary
from smartkasa_async.catalog.problems import Problem
from smartkasa_async.jobs.outcomes import JobOutcome, JobStoppedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartkasa_async._i18n.translate import Language


class StockStoppedError(CatalogError, JobStoppedError):
    """A sync of counts ended before all of them were set; the cause is the error that stopped it.

    Attributes:
        summary: What had become of the rows by then.
    """

    summary: StockSummary


class StockOutcomeKind(StrEnum):
    """How a row ended; in a dry run, how it would end."""

    CREATED = "created"
    """The product has a new stock card."""
    UPDATED = "updated"
    """The card has the new count."""
    UNCHANGED = "unchanged"
    """The card had the count already, or an undo found nothing to undo."""
    DELETED = "deleted"
    """An undo deleted the card that a sync had created."""
    CHANGED = "changed"
    """The card changed after it was read, and was not overwritten."""
    REJECTED = "rejected"
    """The row was left out; its problems give the reason."""
    IN_DOUBT = "in_doubt"
    """The count was sent, and it is not known whether the card has it; it is not resent."""


_FAILED = frozenset[StrEnum]({StockOutcomeKind.CHANGED, StockOutcomeKind.REJECTED, StockOutcomeKind.IN_DOUBT})
_NAMES: dict[StrEnum, str] = {
    StockOutcomeKind.CREATED: N_("created"),
    StockOutcomeKind.UPDATED: N_("updated"),
    StockOutcomeKind.UNCHANGED: N_("unchanged"),
    StockOutcomeKind.DELETED: N_("deleted"),
    StockOutcomeKind.CHANGED: N_("changed meanwhile"),
    StockOutcomeKind.REJECTED: N_("rejected"),
    StockOutcomeKind.IN_DOUBT: N_("in doubt"),
}


class StockOutcome(JobOutcome[Problem], frozen=True, kw_only=True, gc=False):
    """What became of one row.

    Attributes:
        row: Number of the row in the source, from 1, headers and blank lines not counted.
        line: Line of the file on which the row begins; the row's number where the source is not a file.
        key: The key as the source has it; the title where there is no key.
        key_value: The key, normalised, by which the product is found; None where it could not be read.
        kind: How the row ended.
        title: Title of the product in the service.
        product_id: Id of the product; None where none is known.
        card_id: Id of the card; None where none is known, or there is none yet.
        count_before: What the card had, in the product's unit of measure; None where there was no card or no count.
        count: What the card was to have; None where the row has no count, or an undo takes the count away.
        problems: Why the card does not have it; empty for one that does.
        warnings: Always empty.
    """

    failed_kinds = _FAILED

    row: int
    line: int
    key: str
    key_value: str | None = None
    kind: StockOutcomeKind
    title: str = ""
    product_id: str | None = None
    card_id: int | None = None
    count_before: Decimal | None = None
    count: Decimal | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def number(self) -> int:
        """Number of the row in the source, from 1."""
        return self.row

    def describe(self, language: Language = "en") -> str:
        """Describe in one line what became of the row, or would in a dry run: `4820… Кава: 5 → 7, updated`."""
        if self.problems:
            first, *others = self.problems
            return "; ".join([first.describe(language), *(other.describe_in_row(language) for other in others)])
        name = " ".join(filter(None, (self.key, self.title)))
        kind = in_language(_NAMES[self.kind], language)
        return f"{name}: {shown(self.count_before)} → {shown(self.count)}, {kind}"

    def __str__(self) -> str:
        return one_line(self.describe())


def shown(count: Decimal | None) -> str:
    """Write a count for people: without zeros at its end, a dash for none."""
    return "—" if count is None else without_zeros(count)


class StockSummary(SourceSummary[StockOutcome], frozen=True, kw_only=True):
    """What became of all rows; in a dry run, what would become of them.

    Attributes:
        created: Rows that got a new card.
        updated: Rows whose cards got another count.
        unchanged: Rows whose cards had the count already.
        deleted: Cards that an undo deleted.
        changed: Rows whose cards changed after they were read, and were not overwritten.
        rejected: Rows that were left out.
        in_doubt: Rows of which it is not known whether the card has the count.
        warned: Always 0.
        dry_run: Whether nothing was written to the service.
        ended_early: Whether the job was left before it had all outcomes.
        failed: Outcomes of the rows whose cards do not have the count, in the order of the source; of very many, the
            10,000 that came first.
        notes: Notes about the source as a whole, for example that its last count may be cut off.
    """

    kind_names: ClassVar[Mapping[StrEnum, str]] = _NAMES
    failed_kinds = _FAILED

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    changed: int = 0
    rejected: int = 0
    in_doubt: int = 0
