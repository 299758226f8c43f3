"""What a sync reports in the end."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from smartkasa_async._i18n.message import N_, HasMessage, argument, msg, nmsg
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.translate import in_language, yes_or_no
from smartkasa_async._support.money import with_kopecks
from smartkasa_async._support.tables import ResultTable
from smartkasa_async.jobs.results import TableResult
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.sync.clock import skew_note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smartkasa_async._i18n.message import Message
    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.records.days import Window


KIND_NAMES = {
    RecordKind.SHOPS: N_("shops"),
    RecordKind.TERMINALS: N_("terminals"),
    RecordKind.EMPLOYEES: N_("employees"),
    RecordKind.SHIFTS: N_("shifts"),
    RecordKind.CATEGORIES: N_("categories"),
    RecordKind.PRODUCTS: N_("products"),
    RecordKind.CARDS: N_("stock cards"),
    RecordKind.RECEIPTS: N_("receipts"),
    RecordKind.Z_REPORTS: N_("Z-reports"),
    RecordKind.PRODUCT_SALES: N_("product sales"),
}
"""Names of the kinds of records."""


@dataclass(frozen=True, slots=True)
class IncompleteWindow(HasMessage):
    """A window of one shop that could not be read whole.

    Attributes:
        window: The business days.
        reason: What was wrong.
        error: The error's class in `smartkasa_async.errors`, such as `ServerError`; None where it was no error.
    """

    window: Window
    reason: str
    error: str | None = None

    def __post_init__(self) -> None:
        self._keep_message("reason")

    def message(self, shop_id: int) -> Message:
        """Return a message that names the shop, the days and what was wrong."""
        return msg(
            "Incomplete: shop {shop}, {window}: {reason}",
            shop=shop_id,
            window=self.window,
            reason=self.translatable,
        )

    def __str__(self) -> str:
        return one_line(f"{self.window}: {self.reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSync:
    """What a run brought of one shop; figures are of what this run read, not of what the store had before.

    Attributes:
        shop_id: Id of the shop.
        title: Title of the shop.
        undecodable: Records that came and do not have the documented form; a store keeps them in quarantine.
        deleted: Records of the store that the service no longer lists, and that were marked as deleted.
        incomplete: Windows that could not be read whole; the figures lack what they lack.
        days_known: Business days that the store had whole already, and that were not read.
    """

    shop_id: int
    title: str
    undecodable: int = 0
    deleted: int = 0
    incomplete: tuple[IncompleteWindow, ...] = ()
    days_known: int = 0

    @property
    def complete(self) -> bool:
        """Whether every record came that the service counts."""
        return not self.incomplete


LineT_co = TypeVar("LineT_co", bound=ShopSync, covariant=True)


@dataclass(frozen=True, slots=True)
class SyncReport(TableResult, Generic[LineT_co]):
    """What a run brought.

    Attributes:
        window: The business days that were asked for.
        shops: A line for each shop, by id.
        clock_skew: Seconds that this machine's clock was ahead of the service's in the end, negative behind; None where
            the service did not give the time.
    """

    columns: ClassVar[Mapping[str, str]] = {}
    """Figures that the table shows of a shop and of all shops, with their names."""
    table_title: ClassVar[str]
    """What the table is about."""

    window: Window
    shops: tuple[LineT_co, ...]
    clock_skew: float | None = None

    @property
    def complete(self) -> bool:
        """Whether every record of every shop came that the service counts."""
        return all(shop.complete for shop in self.shops)

    @property
    def undecodable(self) -> int:
        """Records that do not have the documented form; `await store.quarantined()` gives them with their errors."""
        return sum(shop.undecodable for shop in self.shops)

    @property
    def deleted(self) -> int:
        """Records that the service no longer lists."""
        return sum(shop.deleted for shop in self.shops)

    def failures(self) -> Iterator[Message]:
        """Yield the windows that could not be read whole, and that records could not be decoded."""
        for shop in self.shops:
            for one in shop.incomplete:
                yield one.message(shop.shop_id)
        if self.undecodable:
            yield undecodable_note(self.undecodable)

    def errors(self) -> list[str]:
        """List the classes of the errors by which windows could not be read whole, one for each window."""
        return [one.error for shop in self.shops for one in shop.incomplete if one.error is not None]

    def tables(self, language: Language = "en") -> list[ResultTable]:
        """Return the figures of the shops as a table, hryvnias, with a line for all of them.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        names = (N_("Id"), N_("Shop"), *self.columns.values(), N_("Deleted"), N_("Whole"))
        lines: list[tuple[int | None, str, LineT_co | SyncReport[LineT_co]]] = [
            (shop.shop_id, shop.title, shop) for shop in self.shops
        ]
        lines.append((None, in_language(N_("All shops"), language), self))
        rows = [
            (
                shop_id,
                title,
                *(_figure(line, name) for name in self.columns),
                line.deleted,
                yes_or_no(line.complete, language),
            )
            for shop_id, title, line in lines
        ]
        title = in_language(msg(self.table_title, window=self.window), language)
        return [ResultTable([in_language(name, language) for name in names], rows, title)]

    def note_lines(self, language: Language = "en") -> list[str]:
        """Return how many days the store had already, what could not be read, and that a clock is wrong.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        notes = [*self._known_days(), *self.failures()]
        if note := skew_note(self.clock_skew):
            notes.append(note)
        return [in_language(note, language) for note in notes]

    def to_dict(self, language: Language = "en") -> dict[str, Any]:
        """Return the report as plain values for JSON, with `complete`.

        Args:
            language: Not used: a report has no explanations.
        """
        return {**super(SyncReport, self).to_dict(language), "complete": self.complete}

    def _known_days(self) -> Iterator[Message]:
        """Yield how many days were not read, so that zeros do not look like no sales."""
        days, known = self.window.days, {shop.days_known for shop in self.shops}
        if known == {days}:
            yield msg(
                "The store had all these days whole already; nothing was read. {option} reads them anew.",
                option=argument("refetch", value=True),
            )
        elif len(known) == 1 and any(known):
            yield _days_known(max(known), days)
        elif any(known):
            for shop in self.shops:
                yield msg("{shop}: {message}", shop=shop.title, message=_days_known(shop.days_known, days))


def _figure(line: object, name: str) -> object:
    figure = getattr(line, name)
    return with_kopecks(figure) if isinstance(figure, Decimal) else figure


def _days_known(count: int, days: int) -> Message:
    return nmsg(
        "Whole in the store already, and not read: {count} day of {days}.",
        "Whole in the store already, and not read: {count} days of {days}.",
        count,
        days=days,
    )


def undecodable_note(count: int) -> Message:
    """Return a note on how many records could not be decoded, and where they are."""
    return nmsg(
        "{count} record does not have the documented form; it is in quarantine.",
        "{count} records do not have the documented form; they are in quarantine.",
        count,
    )
