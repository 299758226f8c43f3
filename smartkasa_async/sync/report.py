"""What a sync reports in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from smartkasa_async._i18n.message import N_, HasMessage, msg
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support.tables import text_table
from smartkasa_async.jobs.results import RunResult
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
    """

    window: Window
    reason: str

    def __post_init__(self) -> None:
        self._keep_message("reason")

    def message(self, shop_id: int) -> Message:
        """Return a message that names the shop, the days and what was wrong."""
        return msg("shop {shop} {window}: {reason}", shop=shop_id, window=self.window, reason=self.translatable)

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
class SyncReport(RunResult, Generic[LineT_co]):
    """What a run brought.

    Attributes:
        window: The business days that were asked for.
        shops: A line for each shop, by id.
        clock_skew: Seconds that this machine's clock was ahead of the service's in the end, negative behind; None where
            the service did not give the time.
    """

    columns: ClassVar[Mapping[str, str]] = {}
    """Figures of a shop that the table shows, with their names."""

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

    def table(self, language: Language = "en") -> str:
        """Lay the figures of the shops out, hryvnias, and below them what could not be read.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        state = msg("complete") if self.complete else msg("INCOMPLETE")
        lines = [in_language(msg("{window}: {state}", window=self.window, state=state), language)]
        names = (N_("shop"), N_("title"), *self.columns.values())
        header = [in_language(name, language) for name in names]
        rows = [[shop.shop_id, shop.title, *(getattr(shop, name) for name in self.columns)] for shop in self.shops]
        if rows:
            lines.append(text_table(header, rows))
        notes: list[Message] = [*self.failures()]
        if self.deleted:
            notes.append(msg("{count} records are no longer listed and were marked as deleted", count=self.deleted))
        if note := skew_note(self.clock_skew):
            notes.append(note)
        return "\n".join([*lines, *(in_language(note, language) for note in notes)])


def undecodable_note(count: int) -> Message:
    """Report how many records could not be decoded, and where they are."""
    return msg("{count} records could not be decoded: {call} gives them", count=count, call="await store.quarantined()")
