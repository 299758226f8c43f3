"""The undo file of a sync: what each card had before, written before anything is changed.

A table that a Ukrainian Excel opens: UTF-8 with a byte order mark, semicolons, decimal commas; cells that Excel would
shorten or run are marked as text by an apostrophe. Saved from there, it can still be read.
"""

from __future__ import annotations

import csv
import errno
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

from anyio import Lock, to_thread

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._support.files import require_nameable, sync_folder
from smartkasa_async._support.spreadsheets import (
    EXCEL_DELIMITER,
    EXCEL_ENCODING,
    decimal_comma,
    excel_writer,
    guard_cell,
    unguard_cell,
)
from smartkasa_async.catalog.checks.decimals import parse_decimal
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.columns import Columns, NumberFormat
from smartkasa_async.catalog.sources.encodings import best_encoding
from smartkasa_async.stock.outcomes import StockOutcomeKind, shown
from smartkasa_async.stock.plan import Change, Plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from smartkasa_async.stock.index import CardIndex, KnownCard
    from smartkasa_async.stock.outcomes import StockOutcome

_HEADERS = ("Картка", "Товар", "Магазин", "Ключ", "Назва", "Залишок до", "Залишок після")
_FORM = NumberFormat(decimal=",")


class UndoEntry(NamedTuple):
    """A card that a sync was to change.

    Attributes:
        line: Line of the file; 0 for an entry that is still to be written.
        card_id: Id of the card; None for one that was to be created.
        product_id: Id of the product.
        shop_id: Id of the shop.
        key: The key of the row.
        title: Title of the product.
        before: What the card had; None where there was no card, or it had no count.
        after: What it was to have.
    """

    line: int
    card_id: int | None
    product_id: str
    shop_id: int
    key: str
    title: str
    before: Decimal | None
    after: Decimal | None

    @classmethod
    def of(cls, change: Change) -> UndoEntry:
        """Record what a change changes."""
        return cls(
            line=0,
            card_id=change.card.id if change.card else None,
            product_id=change.product_id,
            shop_id=change.shop_id,
            key=change.key,
            title=change.title,
            before=change.card.count if change.card else None,
            after=change.count,
        )

    def cells(self) -> list[str]:
        """Write the entry as a row of the file."""
        card_id = "" if self.card_id is None else str(self.card_id)
        words = (card_id, self.product_id, str(self.shop_id), self.key, self.title)
        return [*map(guard_cell, words), _written(self.before), _written(self.after)]


class UndoFile:
    """An undo file while its sync runs. Whatever is written is on the disk when the call returns.

    Args:
        path: Where it will be; there must be nothing yet.

    Raises:
        FileExistsError: There is something.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        require_nameable(self._path)
        self._lock = Lock()
        if os.path.lexists(self._path):
            raise _exists(self._path)

    async def write(self, changes: Iterable[Change]) -> None:
        """Write the file.

        Raises:
            FileExistsError: There is a file of that name by now.
            OSError: It could not be written.
        """
        await to_thread.run_sync(self._create, [_HEADERS, *(UndoEntry.of(change).cells() for change in changes)])

    async def amend(self, change: Change) -> None:
        """Append a card that changed since the file was written; when it is read, the later line holds.

        Raises:
            OSError: It could not be written.
        """
        async with self._lock:
            await to_thread.run_sync(self._append, [UndoEntry.of(change).cells()])

    def _create(self, rows: Sequence[Sequence[str]]) -> None:
        try:
            file = self._path.open("x", encoding=EXCEL_ENCODING, newline="")
        except FileExistsError as error:
            raise _exists(self._path) from error
        try:
            with file:
                _write_rows(file, rows)
        except BaseException:
            self._path.unlink(missing_ok=True)
            raise
        sync_folder(self._path.parent)

    def _append(self, rows: Sequence[Sequence[str]]) -> None:
        with self._path.open("a", encoding="utf-8", newline="") as file:
            _write_rows(file, rows)


def read_undo_file(path: str | os.PathLike[str]) -> list[UndoEntry]:
    """Read an undo file.

    Returns:
        The last entry of each card, in the order of the file.

    Raises:
        OSError: The file cannot be opened.
        SourceError: It is not an undo file, or not as it was written.
    """
    path = Path(path)
    content = path.read_bytes()
    text = content.decode(best_encoding(content), "replace")
    heading, _, _ = text.removeprefix("\ufeff").partition("\n")
    if heading.strip() != EXCEL_DELIMITER.join(_HEADERS):
        raise SourceError(
            msg(
                "{file} is not an undo file: it does not begin with {headers}; give the file that {writer} wrote,"
                " as it was written",
                file=path.name,
                headers=EXCEL_DELIMITER.join(_HEADERS),
                writer=argument("sync_stock"),
            )
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=EXCEL_DELIMITER)
    next(reader)
    entries: dict[tuple[int, str], UndoEntry] = {}
    line = reader.line_num + 1
    for cells in reader:
        try:
            if any(cells):
                entry = _parse(cells, line)
                entries[entry.shop_id, entry.product_id] = entry
        except ValueError as error:
            # A line that was cut short stands for a card that was not written yet.
            if reader.line_num < text.count("\n") + 1 or text.endswith("\n"):
                message = msg(
                    "{file}, line {line} is not an undo entry; give the file that {writer} wrote, as it was written",
                    file=path.name,
                    line=line,
                    writer=argument("sync_stock"),
                )
                raise SourceError(message) from error
        line = reader.line_num + 1
    return list(entries.values())


def _parse(cells: Sequence[str], line: int) -> UndoEntry:
    card_id, product_id, shop_id, key, title, before, after = map(unguard_cell, cells)
    return UndoEntry(
        line=line,
        card_id=int(card_id) if card_id else None,
        product_id=product_id,
        shop_id=int(shop_id),
        key=key,
        title=title,
        before=_parsed(before),
        after=_parsed(after),
    )


def _written(count: Decimal | None) -> str:
    return "" if count is None else decimal_comma(count)


def _parsed(text: str) -> Decimal | None:
    return parse_decimal(text.strip(), _FORM) if text.strip() else None


def _write_rows(file: TextIO, rows: Iterable[Sequence[str]]) -> None:
    excel_writer(file).writerows(rows)
    file.flush()
    os.fsync(file.fileno())


def _exists(path: Path) -> FileExistsError:
    reason = msg("it is there already and may be needed to undo an earlier sync; give the undo file another name")
    return FileExistsError(errno.EEXIST, reason, str(path))


def undo_location(file: str) -> SourceLocation:
    """Make the location of problems in an undo file."""
    return SourceLocation(file, Columns((), {}, ()))


def plan_undo(
    entries: Sequence[UndoEntry], cards: Mapping[int, CardIndex], location: SourceLocation, *, overwrite_changed: bool
) -> Plan:
    """Plan to give each card what it had, and to delete those that the sync created.

    Args:
        entries: The entries of the undo file.
        cards: The cards of each shop that they name.
        location: The undo file.
        overwrite_changed: Whether also to set, or delete, cards that do not have what the sync set.
    """
    plan = Plan([], [])
    for row, entry in enumerate(entries, start=1):
        planned = _plan(row, entry, cards[entry.shop_id].of(entry.product_id), location, overwrite=overwrite_changed)
        if isinstance(planned, Change):
            plan.changes.append(planned)
        else:
            plan.outcomes.append(planned)
    return plan


def _plan(
    row: int, entry: UndoEntry, cards: Sequence[KnownCard], location: SourceLocation, *, overwrite: bool
) -> Change | StockOutcome:
    if entry.card_id is not None:
        cards = [card for card in cards if card.id == entry.card_id]
    change = Change(
        row=row,
        line=entry.line,
        key=entry.key,
        title=entry.title,
        product_id=entry.product_id,
        shop_id=entry.shop_id,
        card=cards[0] if len(cards) == 1 else None,
        count=entry.before,
        deletes=entry.card_id is None,
    )
    if len(cards) > 1:
        error = RuleViolationError("cards_several", count=len(cards))
        return change.outcome(StockOutcomeKind.REJECTED, location, error)
    if change.card is None:
        if change.deletes:
            return change.outcome(StockOutcomeKind.UNCHANGED, location)
        return change.outcome(StockOutcomeKind.CHANGED, location, RuleViolationError("undo_card_deleted"))
    if not change.deletes and change.card.count == entry.before:
        return change.outcome(StockOutcomeKind.UNCHANGED, location)
    if change.card.count == entry.after or overwrite:
        return change
    error = RuleViolationError("undo_card_changed", now=shown(change.card.count), after=shown(entry.after))
    return change.outcome(StockOutcomeKind.CHANGED, location, error)
