"""Counts out of a file that changes while it is read, or that was cut off: no card is set by a part of a count."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async.catalog import SourceChangedError
from smartkasa_async.stock import StockStoppedError, sync_stock
from tests.support.catalogue_service import FakeKasa
from tests.support.stock_cards import SHOP, card

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from smartkasa_async.models import StockCard

NUMBERS = [f"A{number:04}" for number in range(3000)]


class FakeCards:
    """Keeps a shop's cards, one for each product."""

    def __init__(self, product_ids: list[str]) -> None:
        self.kept = {number: card(number, product_id, "5") for number, product_id in enumerate(product_ids, start=1)}

    async def list(self, **_: object) -> AsyncIterator[StockCard]:
        for kept in list(self.kept.values()):
            yield kept

    async def get(self, id: int) -> StockCard:
        return self.kept[id]

    async def update(self, id: int, changes: Any) -> StockCard:
        self.kept[id] = msgspec.structs.replace(self.kept[id], count=changes.count)
        return self.kept[id]


async def _get(shop_id: int) -> object:
    return shop_id


@pytest.fixture
def kasa() -> Any:
    service: Any = FakeKasa()
    for number in NUMBERS:
        service.keep(title=f"Товар {number}", alter_number=number)
    service.shops = SimpleNamespace(get=_get)
    service.cards = FakeCards(list(service.kept))
    return service


def sync(kasa: Any, source: Any, **options: Any) -> Any:
    return sync_stock(kasa, source, shop_id=SHOP, key="alter_number", late_write_window=0, **options)


def write(folder: Path, counts: list[str], cut: int = 0) -> Path:
    path = folder / "stock.csv"
    lines = ["Артикул;Залишок", *(";".join(row) for row in zip(NUMBERS, counts, strict=False))]
    text = "\r\n".join(lines)
    path.write_text(text[: len(text) - cut], encoding="utf-8", newline="")
    return path


async def test_a_count_that_was_cut_is_not_set(kasa: Any, tmp_path: Path) -> None:
    path = write(tmp_path, ["125", "340", "718", "125"], cut=1)

    summary = await sync(kasa, path)

    assert (summary.updated, summary.rejected) == (3, 1)
    assert [failed.problems[0].code for failed in summary.failed] == ["row_cut"]
    assert kasa.cards.kept[4].count == 5


async def test_a_count_with_decimals_that_was_cut_is_not_set(kasa: Any, tmp_path: Path) -> None:
    summary = await sync(kasa, write(tmp_path, ["125,000", "0,500", "12,250"], cut=2))

    assert (summary.updated, summary.rejected, kasa.cards.kept[3].count) == (2, 1, 5)


async def test_a_count_that_may_be_a_part_is_set_with_a_note(kasa: Any, tmp_path: Path) -> None:
    summary = await sync(kasa, write(tmp_path, ["125", "3", "18", "12"]))

    assert (summary.updated, summary.rejected, kasa.cards.kept[4].count) == (4, 0, 12)
    assert [(note.code, note.line, note.value) for note in summary.notes] == [("end_doubtful", 5, "12")]
    assert "line 5, column «Залишок»: «12»" in summary.table()


async def test_a_whole_report_has_no_notes(kasa: Any, tmp_path: Path) -> None:
    path = write(tmp_path, ["125", "3", "18", "12"])
    path.write_bytes(path.read_bytes() + b"\r\n")

    assert (await sync(kasa, path)).notes == ()


@pytest.mark.parametrize("dry_run", [True, False])
async def test_a_report_that_changes_while_it_is_read_sets_nothing(kasa: Any, tmp_path: Path, dry_run: bool) -> None:
    path = write(tmp_path, ["9"] * len(NUMBERS))
    read = kasa.cards.list

    async def list_and_change(**options: Any) -> AsyncIterator[StockCard]:
        write(tmp_path, ["7"] * len(NUMBERS))
        async for kept in read(**options):
            yield kept

    kasa.cards.list = list_and_change
    with pytest.raises(StockStoppedError, match=r"stock\.csv was changed") as stopped:
        await sync(kasa, path, dry_run=dry_run)

    assert isinstance(stopped.value.__cause__, SourceChangedError)
    assert {kept.count for kept in kasa.cards.kept.values()} == {Decimal(5)}


@pytest.mark.parametrize("error", [OSError("the disk is gone"), LookupError("no such row")])
async def test_a_source_that_breaks_off_stops_the_sync_with_its_summary(kasa: Any, error: Exception) -> None:
    def counts() -> Iterator[dict[str, object]]:
        yield {"Артикул": NUMBERS[0], "Залишок": "no count"}
        yield from ({"Артикул": number, "Залишок": 9} for number in NUMBERS[1:2500])
        raise error

    with pytest.raises(StockStoppedError, match=str(error)) as stopped:
        await sync(kasa, counts())

    assert stopped.value.__cause__ is error
    assert (stopped.value.summary.rejected, stopped.value.summary.updated) == (1, 0)
    assert {kept.count for kept in kasa.cards.kept.values()} == {Decimal(5)}
