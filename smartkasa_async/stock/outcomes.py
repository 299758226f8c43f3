"""What became of each count, and of the sync as a whole."""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003  (msgspec resolves annotations)
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async.catalog.problems import Problem  # noqa: TC001  (likewise)
from smartkasa_async.catalog.told import told
from smartkasa_async.jobs.words import Language  # noqa: TC001  (likewise)

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_KEPT = 10_000


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
    """The row was left out; its problems say why."""
    IN_DOUBT = "in_doubt"
    """The count was sent, and nothing tells whether the card has got it; it is not sent again."""


_FAILED = frozenset({StockOutcomeKind.CHANGED, StockOutcomeKind.REJECTED, StockOutcomeKind.IN_DOUBT})


class StockOutcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    """

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
    def failed(self) -> bool:
        """Whether the card does not have the count, as far as is known."""
        return self.kind in _FAILED

    def describe(self, language: Language = "en") -> str:
        """Say in one line what became of the row, or would in a dry run: `4820… Кава: 5 → 7, updated`."""
        if self.problems:
            first, *others = self.problems
            return "; ".join([first.describe(language), *(other.describe_in_row(language) for other in others)])
        name = " ".join(filter(None, (self.key, self.title)))
        return f"{name}: {shown(self.count_before)} → {shown(self.count)}, {_WORDS[language][self.kind]}"

    def __str__(self) -> str:
        return one_line(self.describe())


def shown(count: Decimal | None) -> str:
    """Write a count for people: without zeros at its end, a dash for none."""
    return "—" if count is None else f"{count.normalize():f}"


class StockCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Number of outcomes of each kind.

    Attributes:
        created: Rows that got a new card.
        updated: Rows whose cards got another count.
        unchanged: Rows whose cards had the count already.
        deleted: Cards that an undo deleted.
        changed: Rows whose cards changed after they were read, and were not overwritten.
        rejected: Rows that were left out.
        in_doubt: Rows of which nobody can tell.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0
    changed: int = 0
    rejected: int = 0
    in_doubt: int = 0

    @property
    def rows(self) -> int:
        """Number of rows that have an outcome."""
        return sum(getattr(self, kind) for kind in StockOutcomeKind)


class StockProgress(StockCounts, frozen=True, kw_only=True, gc=False):
    """How far a sync has come.

    Attributes:
        planned: Number of cards to create, set or delete; None while the source is still being read.
    """

    planned: int | None


class StockSummary(StockCounts, frozen=True, kw_only=True):
    """What became of all rows; in a dry run, what would become of them.

    Attributes:
        dry_run: Whether nothing was written to the service.
        failed: Outcomes of the rows whose cards do not have the count, in the order of the source; of very many, the
            10,000 that came first.
        notes: What is to be said about the source as a whole, for example that its last count may be cut off.
    """

    dry_run: bool = False
    failed: tuple[StockOutcome, ...] = ()
    notes: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        """Say the counts in one line, those of zero left out."""
        return told([(kind, count) for kind, count in self._by_kind() if count], dry_run=self.dry_run)

    def table(self, language: Language = "en") -> str:
        """Write the counts one below the other, those of zero left out."""
        words = _WORDS[language]
        lines = [(words["rows"], str(self.rows))]
        lines += [(words[kind], str(count)) for kind, count in self._by_kind() if count]
        width, digits = (max(map(len, column)) for column in zip(*lines, strict=True))
        title = [words["dry_run"]] if self.dry_run else []
        notes = [note.describe_in_file(language) for note in self.notes]
        return "\n".join([*title, *(f"{word:<{width}}  {count:>{digits}}" for word, count in lines), *notes])

    def _by_kind(self) -> list[tuple[StockOutcomeKind, int]]:
        return [(kind, getattr(self, kind)) for kind in StockOutcomeKind]


_WORDS: dict[Language, dict[str, str]] = {
    "en": {kind.value: kind.value.replace("_", " ") for kind in StockOutcomeKind}
    | {"rows": "rows", "dry_run": "Dry run: nothing was written to the service."},
    "uk": {
        "created": "створено",
        "updated": "змінено",
        "unchanged": "без змін",
        "deleted": "видалено",
        "changed": "змінилися тим часом",
        "rejected": "відхилено",
        "in_doubt": "під питанням",
        "rows": "рядків",
        "dry_run": "Пробний запуск: у сервіс нічого не записано.",
    },
}


class StockTally:
    """Counts outcomes as they come."""

    def __init__(self, *, dry_run: bool = False) -> None:
        self._dry_run = dry_run
        self._counts = dict.fromkeys((kind.value for kind in StockOutcomeKind), 0)
        self._failed: list[StockOutcome] = []

    def add(self, outcome: StockOutcome) -> None:
        """Count one outcome, and keep it if its card does not have the count."""
        self._counts[outcome.kind] += 1
        if outcome.failed and len(self._failed) < _MOST_KEPT:
            self._failed.append(outcome)

    def progress(self, planned: int | None) -> StockProgress:
        """Say how far the sync has come.

        Args:
            planned: Number of cards to create, set or delete; None while the source is still being read.
        """
        return StockProgress(**self._counts, planned=planned)

    def summary(self, notes: Iterable[Problem] = ()) -> StockSummary:
        """Sum up what has been counted.

        Args:
            notes: What is to be said about the source as a whole.
        """
        failed = tuple(sorted(self._failed, key=lambda outcome: outcome.row))
        return StockSummary(**self._counts, dry_run=self._dry_run, failed=failed, notes=tuple(notes))
