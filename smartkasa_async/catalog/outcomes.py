"""What became of each row, and of the import as a whole."""

from __future__ import annotations

from collections.abc import Sequence  # noqa: TC003  (msgspec resolves annotations)
from enum import StrEnum

import msgspec

from smartkasa_async.catalog.problems import Problem, RuleViolationError, shortened
from smartkasa_async.catalog.source_location import SourceLocation  # noqa: TC001  (likewise)
from smartkasa_async.catalog.told import told
from smartkasa_async.jobs.words import Language  # noqa: TC001  (likewise)
from smartkasa_async.models import ProductCreate  # noqa: TC001  (likewise)

_MOST_KEPT = 10_000
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
    """The row was left out; its problems say why."""
    CONFLICT = "conflict"
    """The service has several products with the row's key; none was touched."""
    IN_DOUBT = "in_doubt"
    """The row was sent, and nothing tells whether the service has the product; it is not sent again."""
    NO_PRODUCT = "no_product"
    """The row is none of a product, by its form: a section's title, a total, a signature, or the headers once more."""
    MISSING = "missing"
    """A product of the service that the source does not have; it was left there."""
    DELETED = "deleted"
    """A product of the service that the source does not have; it was deleted."""


_FAILED = frozenset({OutcomeKind.REJECTED, OutcomeKind.CONFLICT, OutcomeKind.IN_DOUBT})


class RawRow(msgspec.Struct, frozen=True, gc=False):
    """A row as the source has it, so that it can be fixed and imported again.

    Attributes:
        location: The source.
        content: Cells in the order of the source's columns, or the row's text as one cell where they could not be told
            apart; or a product that the caller has made.
    """

    location: SourceLocation
    content: Sequence[str] | ProductCreate


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
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
    def failed(self) -> bool:
        """Whether the row did not get into the service, as far as is known."""
        return self.kind in _FAILED

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


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Number of outcomes of each kind.

    Attributes:
        created: Rows that became new products.
        updated: Rows whose products were changed.
        unchanged: Rows whose products needed no change.
        rejected: Rows that were left out.
        conflict: Rows whose key stands for several products of the service.
        in_doubt: Rows of which nobody can tell.
        no_product: Rows that are none of a product.
        missing: Products that the source does not have, left in the service.
        deleted: Products that the source does not have, deleted.
        warned: Outcomes with warnings, of any kind.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    conflict: int = 0
    in_doubt: int = 0
    no_product: int = 0
    missing: int = 0
    deleted: int = 0
    warned: int = 0

    @property
    def rows(self) -> int:
        """Number of rows of the source that have an outcome."""
        sent = self.created + self.updated + self.unchanged
        return sent + self.rejected + self.conflict + self.in_doubt + self.no_product


class Progress(Counts, frozen=True, kw_only=True, gc=False):
    """How far an import has come.

    Attributes:
        fraction: Share of the source that has been read, 0 to 1; None where its size is not known.
    """

    fraction: float | None


class ImportSummary(Counts, frozen=True, kw_only=True):
    """What became of all rows; in a dry run, what would become of them.

    Attributes:
        dry_run: Whether nothing was written to the service.
        categories_created: Number of categories that the service lacked.
        failed: Outcomes of the rows that did not get into the service, in the order of the source; of very many, the
            10,000 that came first.
        notes: What is to be said about the import as a whole, for example why nothing was deleted.
    """

    dry_run: bool = False
    categories_created: int = 0
    failed: tuple[Outcome, ...] = ()
    notes: tuple[Problem, ...] = ()

    def __str__(self) -> str:
        """Say the counts in one line; those of zero are left out, but for created and rejected rows."""
        counts = [(kind, count) for kind, count in self._by_kind() if count or kind in _ALWAYS_TOLD]
        return told(counts, dry_run=self.dry_run)

    def table(self, language: Language = "en") -> str:
        """Write the counts one below the other, those of zero left out."""
        words = _TABLE_WORDS[language]
        counts = [(words[kind], count) for kind, count in self._by_kind()]
        counts += [(words["categories"], self.categories_created), (words["warned"], self.warned)]
        lines = [(words["rows"], self.rows), *(line for line in counts if line[1])]
        shown = [(word, f"{count:,}".replace(",", words["thousands"])) for word, count in lines]
        width, digits = (max(map(len, column)) for column in zip(*shown, strict=True))
        title = [words["dry_run"]] if self.dry_run else []
        notes = [note.describe_in_file(language) for note in self.notes]
        return "\n".join([*title, *(f"{word:<{width}}  {count:>{digits}}" for word, count in shown), *notes])

    def _by_kind(self) -> list[tuple[OutcomeKind, int]]:
        return [(kind, getattr(self, kind.value)) for kind in OutcomeKind]


_ALWAYS_TOLD = frozenset({OutcomeKind.CREATED, OutcomeKind.REJECTED})
_TABLE_WORDS: dict[Language, dict[str, str]] = {
    "en": {kind.value: kind.value.replace("_", " ") for kind in OutcomeKind}
    | {
        "thousands": ",",
        "rows": "rows",
        "categories": "new categories",
        "warned": "with warnings",
        "dry_run": "Dry run: nothing was written to the service.",
    },
    "uk": {
        "thousands": " ",
        "rows": "рядків",
        "created": "створено",
        "updated": "змінено",
        "unchanged": "без змін",
        "rejected": "відхилено",
        "conflict": "конфліктів",
        "in_doubt": "під питанням",
        "no_product": "не товари",
        "missing": "немає у джерелі",
        "deleted": "видалено",
        "categories": "нових категорій",
        "warned": "із попередженнями",
        "dry_run": "Пробний запуск: у сервіс нічого не записано.",
    },
}


class Tally:
    """Counts outcomes as they come.

    Attributes:
        categories_created: Number of categories that were created, or would be in a dry run.
        notes: What is to be said about the import as a whole.
    """

    def __init__(self, *, dry_run: bool = False) -> None:
        self._dry_run = dry_run
        self._counts = dict.fromkeys((kind.value for kind in OutcomeKind), 0)
        self._warned = 0
        self._failed: list[Outcome] = []
        self._no_products: list[Outcome] = []
        self.categories_created = 0
        self.notes: list[Problem] = []

    def add(self, outcome: Outcome) -> None:
        """Count one outcome, and keep it if its row did not get into the service."""
        kind = outcome.kind
        self._counts[kind] += 1
        if outcome.warnings:
            self._warned += 1
        if kind in _FAILED and len(self._failed) < _MOST_KEPT:
            self._failed.append(outcome)
        if kind is OutcomeKind.NO_PRODUCT and len(self._no_products) < _MOST_NAMED:
            self._no_products.append(outcome)

    def progress(self, fraction: float | None) -> Progress:
        """Say how far the import has come.

        Args:
            fraction: Share of the source that has been read; None where its size is not known.
        """
        return Progress(**self._counts, warned=self._warned, fraction=fraction)

    def summary(self) -> ImportSummary:
        """Sum up what has been counted."""
        return ImportSummary(
            **self._counts,
            warned=self._warned,
            dry_run=self._dry_run,
            categories_created=self.categories_created,
            failed=tuple(sorted(self._failed, key=lambda outcome: outcome.row)),
            notes=(*self.notes, *self._note_no_products()),
        )

    def _note_no_products(self) -> list[Problem]:
        """Say in one line which rows are none of a product."""
        if not self._no_products:
            return []
        count = self._counts[OutcomeKind.NO_PRODUCT]
        named = sorted(self._no_products, key=lambda outcome: outcome.row)
        rows = ", ".join(f"{outcome.line} «{shortened(outcome.key)}»" for outcome in named)
        error = RuleViolationError(
            "row_no_product" if count == 1 else "rows_no_products",
            count=count,
            rows=rows if count == len(named) else f"{rows}, …",
        )
        file = next((problem.file for outcome in named for problem in outcome.problems), "")
        return [Problem.from_broken_rule(error, file=file, line=0)]
