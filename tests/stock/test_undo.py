"""The undo file, and what is planned by it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.stock.index import CardIndex
from smartkasa_async.stock.outcomes import StockOutcomeKind as Kind
from smartkasa_async.stock.undo import UndoEntry, UndoFile, plan_undo, read_undo_file, undo_location
from tests.support.stock_cards import SHOP, card, change, known

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.models import StockCard
    from smartkasa_async.stock.plan import Change

HEADER = "Картка;Товар;Магазин;Ключ;Назва;Залишок до;Залишок після"


def named(wanted: Change, product_id: str, **fields: Any) -> Change:
    return msgspec.structs.replace(wanted, product_id=product_id, **fields)


async def test_the_file_opens_in_a_ukrainian_excel(tmp_path: Path) -> None:
    path = tmp_path / "undo.csv"

    await UndoFile(path).write([change(known("5.5")), named(change(None), "q", key="4820001000016", title="=1+1")])

    assert path.read_bytes() == (
        f"\ufeff{HEADER}\r\n1;p;{SHOP};4820;Кава;5,5;9\r\n;q;{SHOP};'4820001000016;'=1+1;;9\r\n".encode()
    )


async def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "undo.csv"
    changes = [
        change(known("1.255")),
        named(change(None, "1500.125"), "q", key="0017", title='Чай; "зелений"\nлист'),
        named(change(known(None, id=3)), "r"),
    ]

    await UndoFile(path).write(changes)

    read = read_undo_file(path)
    assert [entry._replace(line=0) for entry in read] == [UndoEntry.of(wanted) for wanted in changes]
    assert [entry.line for entry in read] == [2, 3, 5]


async def test_a_card_taken_down_again_replaces_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "undo.csv"
    file = UndoFile(path)
    await file.write([change(known("5")), named(change(None), "q")])

    await file.amend(change(known("4", minutes=1)))
    await file.amend(named(change(known("7", id=8)), "q"))

    assert [(entry.line, entry.card_id, entry.before) for entry in read_undo_file(path)] == [
        (4, 1, Decimal(4)),
        (5, 8, Decimal(7)),
    ]


async def test_a_file_saved_by_excel_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "undo.csv"
    path.write_bytes(f"{HEADER}\r\n1;p;{SHOP};4820;Кава;5,255;1 200\r\n".encode("cp1251"))

    (entry,) = read_undo_file(path)

    assert (entry.title, entry.before, entry.after) == ("Кава", Decimal("5.255"), Decimal(1200))


async def test_a_last_line_that_was_cut_short_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "undo.csv"
    path.write_text(f"{HEADER}\r\n1;p;{SHOP};4820;Кава;5;9\r\n1;p;{SHOP};48", encoding="utf-8-sig", newline="")

    assert [(entry.line, entry.before) for entry in read_undo_file(path)] == [(2, Decimal(5))]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not an undo file"),
        ("Назва;Ціна\nКава;5\n", "is not an undo file"),
        (f"{HEADER}\n1;p;7;4820;Кава;5\n", "line 2 is not an undo entry"),
        (f"{HEADER}\n1;p;7;4820;Кава;5;9\n\nx;p;7;4820;Кава;5;9\n", "line 4 is not an undo entry"),
        (f"{HEADER}\n1;p;7;4820;Кава;п'ять;9\n1;p;7;4820;Кава;5;9", "line 2 is not an undo entry"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "undo.csv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(SourceError, match=message):
        read_undo_file(path)


async def test_an_undo_file_never_replaces_another(tmp_path: Path) -> None:
    path = tmp_path / "undo.csv"
    file = UndoFile(path)
    path.write_text("earlier", encoding="utf-8")

    with pytest.raises(FileExistsError, match="give the undo file another name"):
        UndoFile(path)
    with pytest.raises(FileExistsError, match="give the undo file another name"):
        await file.write([change(known())])
    assert path.read_text(encoding="utf-8") == "earlier"


async def test_a_file_that_cannot_be_written_whole_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        await UndoFile(tmp_path / "undo.csv").write([change(known())])
    assert not (tmp_path / "undo.csv").exists()


def entry(card_id: int | None, before: str | None, after: str = "9") -> UndoEntry:
    return UndoEntry(2, card_id, "p", SHOP, "4820", "Кава", Decimal(before) if before else None, Decimal(after))


@pytest.mark.parametrize(
    ("undone", "cards", "planned"),
    [
        pytest.param(entry(1, "5"), [card(1, "p", "9")], (Kind.UPDATED, Decimal(5)), id="set back"),
        pytest.param(entry(1, None), [card(1, "p", "9")], (Kind.UPDATED, None), id="count taken away"),
        pytest.param(entry(None, None), [card(1, "p", "9")], (Kind.DELETED, None), id="created"),
        pytest.param(entry(1, "5"), [card(1, "p", "5")], (Kind.UNCHANGED, None), id="not come to"),
        pytest.param(entry(None, None), [], (Kind.UNCHANGED, None), id="not created"),
        pytest.param(entry(1, "5"), [card(1, "p", "8")], (Kind.CHANGED, "undo_card_changed"), id="sold since"),
        pytest.param(entry(None, None), [card(1, "p", "8")], (Kind.CHANGED, "undo_card_changed"), id="created, sold"),
        pytest.param(entry(1, "5"), [card(2, "p", "9")], (Kind.CHANGED, "undo_card_deleted"), id="another card"),
        pytest.param(
            entry(None, None), [card(1, "p", "9"), card(2, "p", "9")], (Kind.REJECTED, "cards_several"), id="several"
        ),
    ],
)
def test_the_plan_of_an_undo(undone: UndoEntry, cards: list[StockCard], planned: tuple[Kind, object]) -> None:
    plan = plan_undo([undone], {SHOP: CardIndex(cards, SHOP)}, undo_location("undo.csv"), overwrite_changed=False)

    found = [(wanted.kind, wanted.count) for wanted in plan.changes]
    found += [(outcome.kind, outcome.problems[0].code if outcome.problems else None) for outcome in plan.outcomes]  # type: ignore[misc]
    assert found == [planned]


@pytest.mark.parametrize(("undone", "kind"), [(entry(1, "5"), Kind.UPDATED), (entry(None, None), Kind.DELETED)])
def test_an_undo_may_overwrite_what_was_sold_since(undone: UndoEntry, kind: Kind) -> None:
    books = {SHOP: CardIndex([card(1, "p", "8")], SHOP)}

    plan = plan_undo([undone], books, undo_location("undo.csv"), overwrite_changed=True)

    assert [wanted.kind for wanted in plan.changes] == [kind]


@pytest.mark.parametrize(("overwrite", "kind"), [(False, Kind.CHANGED), (True, Kind.DELETED)])
def test_a_created_card_that_lost_its_count_is_no_longer_what_the_sync_made(overwrite: bool, kind: Kind) -> None:
    books = {SHOP: CardIndex([card(1, "p", None)], SHOP)}

    plan = plan_undo([entry(None, None)], books, undo_location("undo.csv"), overwrite_changed=overwrite)

    assert [change.kind for change in plan.changes] + [outcome.kind for outcome in plan.outcomes] == [kind]


def test_rows_of_an_undo_are_counted_from_one() -> None:
    books = {SHOP: CardIndex([card(1, "p", "9"), card(2, "p", "8")], SHOP)}

    plan = plan_undo([entry(1, "5"), entry(2, "5")], books, undo_location("undo.csv"), overwrite_changed=False)

    assert ([wanted.row for wanted in plan.changes], [outcome.row for outcome in plan.outcomes]) == ([1], [2])
