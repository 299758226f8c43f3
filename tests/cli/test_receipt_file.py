"""A file of receipts that is checked first and pushed afterwards: it must still be the one that was checked."""

from __future__ import annotations

import errno
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async.catalog import SourceChangedError, SourceError
from smartkasa_async.catalog.sources import source_file
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.receipt_file import ReceiptFile
from smartkasa_async.models import ReceiptCreate, ReceiptState, ReceiptType

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 3050


def lines(count: int = COUNT, shop_id: int = 1) -> bytes:
    receipts = (
        ReceiptCreate(
            shop_id=shop_id, total_amount=Decimal(5), state=ReceiptState(2), type=ReceiptType.SALE, fiscal_number=f"{n}"
        )
        for n in range(count)
    )
    return b"\n".join(map(msgspec.json.encode, receipts))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "receipts.jsonl"
    path.write_bytes(lines())
    return path


def test_a_file_that_stays_as_it_is_gives_its_receipts_as_often_as_asked(path: Path) -> None:
    receipts = ReceiptFile(path)

    assert receipts.count == len(list(receipts)) == len(list(receipts)) == COUNT


@pytest.mark.parametrize("content", [lines(COUNT - 1), lines(shop_id=2), b""])
def test_a_file_that_changes_after_its_check_gives_none(path: Path, content: bytes) -> None:
    receipts = ReceiptFile(path)
    path.write_bytes(content)

    with pytest.raises(SourceError, match=r"receipts\.jsonl (was changed|is empty)"):
        next(iter(receipts))


@pytest.mark.parametrize("content", [lines(COUNT - 1), lines(shop_id=2), b""])
def test_a_file_that_changes_while_it_is_pushed_stops(path: Path, content: bytes) -> None:
    receipts = iter(ReceiptFile(path))
    given = [next(receipts)]
    path.write_bytes(content)

    with pytest.raises(SourceChangedError, match=r"receipts\.jsonl was changed"):
        given.extend(receipts)

    assert {receipt.shop_id for receipt in given} == {1}
    assert len(given) < 200


def test_a_change_near_the_end_is_found_at_the_end(path: Path) -> None:
    receipts = iter(ReceiptFile(path))
    given = list(islice(receipts, COUNT - 1))
    path.write_bytes(lines(shop_id=2))

    with pytest.raises(SourceChangedError):
        given.extend(receipts)

    assert {receipt.shop_id for receipt in given} == {1}


def test_a_drive_that_goes_away_is_no_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    receipts = iter(ReceiptFile(path))
    next(receipts)

    def lost(*_: object) -> Any:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(source_file.Recorded, "readinto", lost)
    with pytest.raises(SourceError, match="could not be read to its end"):
        list(receipts)


def test_a_file_that_was_cut_is_refused_before_anything_is_pushed(path: Path) -> None:
    path.write_bytes(lines()[:-3])

    with pytest.raises(CommandError, match=f"line {COUNT}:"):
        ReceiptFile(path)
