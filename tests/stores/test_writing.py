"""Whatever comes, in whatever order, the tables hold what a few lines of Python say that they hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import UNSET

from smartkasa_async.records.batch import RecordKind, Undecodable
from smartkasa_async.stores.schema import PAYMENTS, QUARANTINE, RECEIPT_ITEMS, RECEIPTS
from tests.support.stored import RECEIPT, batch, line, rows

if TYPE_CHECKING:
    from smartkasa_async.stores import Store

Record = dict[str, Any]

_IDS = [f"r{n}" for n in range(8)]
_AMOUNTS = ["0", "0.01", "21474836.48", "-3.5", "99999999999999.9999", "0.30000000000000004", "1E+3"]
_UNFIT = "0.00001"
_TIMES = ["2021-07-07T08:00:00Z", "2021-07-07T12:30:00.5+03:00", "2021-07-07T10:00:00.000001Z"]


@dataclass
class Expected:
    """What a store holds, by a receipt's id."""

    receipts: dict[str, Record] = field(default_factory=dict)
    parts: dict[str, dict[str, list[Record]]] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    quarantine: set[str] = field(default_factory=set)

    def write(self, records: list[Record], undecodable: list[Undecodable]) -> None:
        latest = list({record["id"]: record for record in sorted(records, key=_version)}.values())
        is_one_by_one = any(map(self._is_unfit, latest))
        for record in records if is_one_by_one else latest:
            id_ = record["id"]
            if self._is_unfit(record):
                self.quarantine.add(id_)
                continue
            self.quarantine.discard(id_)
            self.deleted.discard(id_)
            if self._is_current(record):
                self.receipts[id_] = record
                parts = self.parts.setdefault(id_, {"items": [], "payment_transactions": []})
                parts |= {name: record[name] or [] for name in parts if name in record}
        self.quarantine |= {one.key for one in undecodable}

    def _is_current(self, record: Record) -> bool:
        known = self.receipts.get(record["id"])
        return known is None or _version(known) <= _version(record)

    def _is_unfit(self, record: Record) -> bool:
        unfit = any(item["amount"] == _UNFIT for item in record.get("items") or ())
        return unfit and self._is_current(record)

    def mark_deleted(self, present: set[str]) -> int:
        marked = self.receipts.keys() - present - self.deleted
        self.deleted |= marked
        return len(marked)


def _version(record: Record) -> datetime:
    return datetime.fromisoformat(record["updated_at"])


def _record(random: Random) -> Record:
    amount, moment = random.choice(_AMOUNTS), random.choice(_TIMES)
    items = [line(id=f"i{random.random()}", amount=random.choice(_AMOUNTS)) for _ in range(random.randrange(5))]
    if items and random.random() < 0.05:
        items[-1]["amount"] = _UNFIT
    payment = RECEIPT["payment_transactions"][0]
    payments = [payment | {"id": f"p{n}", "amount": random.choice(_AMOUNTS)} for n in range(random.randrange(3))]
    record = {
        **RECEIPT,
        "id": random.choice(_IDS),
        "state": random.randrange(4),
        "total_amount": amount,
        "updated_at": moment,
        "items": random.choice([items, items, items, None, UNSET]),
        "payment_transactions": random.choice([payments, payments, None, UNSET]),
        "discount_amount": random.choice([None, UNSET, "0.0"]),
    }
    return {name: value for name, value in record.items() if value is not UNSET}


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text).quantize(Decimal("0.0001"))


async def _assert_holds(store: Store, expected: Expected) -> None:
    kept = {row["id"]: row for row in await rows(store, RECEIPTS)}
    assert kept.keys() == expected.receipts.keys()
    for id_, record in expected.receipts.items():
        row = kept[id_]
        assert row["total_amount"] == _money(record["total_amount"])
        assert row["discount_amount"] == _money(record.get("discount_amount"))
        assert (row["state"], row["updated_at"]) == (record["state"], _version(record))
        assert (row["deleted_at"] is not None) == (id_ in expected.deleted)
    for table, name in ((RECEIPT_ITEMS, "items"), (PAYMENTS, "payment_transactions")):
        found = [(row["receipt_id"], row["position"], row["id"], row["amount"]) for row in await rows(store, table)]
        assert found == [
            (id_, position, part["id"], _money(part["amount"]))
            for id_, parts in sorted(expected.parts.items())
            for position, part in enumerate(parts[name])
        ]
    assert {row["key"] for row in await rows(store, QUARANTINE)} == expected.quarantine


@pytest.mark.parametrize("seed", range(6))
async def test_the_tables_hold_what_plain_rules_say(store: Store, seed: int) -> None:
    random, expected = Random(seed), Expected()  # noqa: S311
    for _ in range(12):
        records = [_record(random) for _ in range(random.randrange(7))]
        lost = random.sample(_IDS, random.choice([0, 0, 1]))
        undecodable = [Undecodable(id_, b"{}", "wrong", 13) for id_ in lost]
        await store.write(batch(RecordKind.RECEIPTS, *records, undecodable=undecodable))
        expected.write(records, undecodable)
        if random.random() < 0.3:
            present = set(random.sample(_IDS, 6))
            assert await store.mark_deleted(RecordKind.RECEIPTS, present) == expected.mark_deleted(present)
        await _assert_holds(store, expected)
