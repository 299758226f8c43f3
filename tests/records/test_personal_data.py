"""Tax numbers and passports of employees stay nowhere unless they are asked for; PINs never do."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert

from smartkasa_async.export.tables import export_tables
from smartkasa_async.records import Batch, RecordKind, Undecodable
from smartkasa_async.records.personal import without_personal_json
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import EMPLOYEES, QUARANTINE, SCHEMA_VERSIONS, SYNCED_DAYS, SYNCED_LISTS
from smartkasa_async.sync import sync_reference_data
from tests.support.service import answer
from tests.support.shifting_list import served
from tests.support.stored import rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from smartkasa_async.stores import Store
    from tests.support.service import Arrived

INN, SERIAL, NUMBER, PIN = "3184710691", "QX", "733821", "4815"
CASHIER = {
    "id": 7,
    "first_name": "Касир",
    "phone_number": "380501112233",
    "inn": INN,
    "passport_serial": SERIAL,
    "passport_number": NUMBER,
    "pin_code": PIN,
    "notes": "1.10",
    "state": 0,
    "old": {"Passport-Number": NUMBER, "INN": INN, "rate": 1.10},
    "documents": [{"passportNumber": NUMBER, "kind": "паспорт"}],
    "created_at": "2026-10-01T09:00:00.000+03:00",
    "updated_at": "2026-10-01T09:00:00.000+03:00",
}
ODD = CASHIER | {"id": 8, "first_name": None}
SECRETS = (INN, SERIAL, NUMBER, PIN)


def list_people(arrived: Arrived) -> bytes:
    """Answer each list; employees are one that can be read and one that cannot."""
    data = [CASHIER, ODD] if "/employees" in arrived.target else []
    meta = {"current_page": 1, "total_pages": 1, "total_count": len(data), "limit_value": 100, "offset_value": 0}
    return answer({"data": data, "meta": meta})


class Sink:
    """A sink of one's own, for JSON."""

    def __init__(self) -> None:
        self.batches: list[Batch[Any]] = []

    async def write(self, batch: Batch[Any]) -> Sequence[Undecodable]:
        self.batches.append(batch)
        return ()


def shown(*values: object) -> set[str]:
    text = " ".join(map(str, values))
    return {secret for secret in SECRETS if secret in text or json.dumps(secret)[1:-1] in text}


def content_of(folder: Path) -> list[str]:
    return [file.read_bytes().decode(errors="replace") for file in folder.rglob("*") if file.is_file()]


async def test_nothing_personal_is_kept_in_a_store(store: Store, tmp_path: Path) -> None:
    async with served(list_people) as kasa:
        report = await sync_reference_data(kasa, store)
    assert (report.complete, report.undecodable) == (True, 1)
    (employee,), (odd,) = await rows(store, EMPLOYEES), await rows(store, QUARANTINE)
    assert shown(employee, odd) == set()
    kept = json.loads(employee["raw"])
    assert kept == {
        name: value
        for name, value in CASHIER.items()
        if name not in {"inn", "passport_serial", "passport_number", "pin_code"}
    } | {"old": {"rate": 1.10}, "documents": [{"kind": "паспорт"}]}
    assert '"rate":1.1' in employee["raw"].replace(" ", "")
    files = await export_tables(store, tmp_path / "out", tables=["employees"], format="jsonl", raw=True)
    assert len(files) == 1
    assert shown(*content_of(tmp_path / "out")) == set()


async def test_a_sink_is_given_nothing_personal() -> None:
    sink = Sink()
    async with served(list_people) as kasa:
        await sync_reference_data(kasa, sink)
    (batch,) = [batch for batch in sink.batches if batch.kind is RecordKind.EMPLOYEES]
    assert shown(batch.records, batch.raw, [one.raw.decode() for one in batch.undecodable]) == set()
    assert batch.records[0].first_name == "Касир"


async def test_what_is_asked_for_is_kept_but_for_the_pin(store: Store) -> None:
    async with served(list_people) as kasa:
        await sync_reference_data(kasa, store, keep_personal=True)
    (employee,), (odd,) = await rows(store, EMPLOYEES), await rows(store, QUARANTINE)
    assert shown(employee) == shown(odd) == {INN, SERIAL, NUMBER}

    async with served(list_people) as kasa:
        await sync_reference_data(kasa, store)
    (employee,), (odd,) = await rows(store, EMPLOYEES), await rows(store, QUARANTINE)
    assert shown(employee, odd) == set(), "the next sync removes it"


async def test_a_store_of_version_3_forgets_what_it_kept(tmp_path: Path) -> None:
    path = tmp_path / "kasa.sqlite"
    raw = json.dumps(CASHIER, ensure_ascii=False)
    then = datetime(2026, 10, 1, tzinfo=UTC)
    async with open_store(path) as store, store.engine.begin() as connection:
        await connection.execute(insert(EMPLOYEES), [{"account_id": 0, "id": 7, "first_name": "Касир", "raw": raw}])
        odd = {"account_id": 0, "kind": "employees", "key": "8", "error": "Expected `str`", "raw": raw, "seen_at": then}
        await connection.execute(insert(QUARANTINE), [odd])
        for table in (SYNCED_DAYS, SYNCED_LISTS):
            await connection.run_sync(table.drop)
        await connection.execute(delete(SCHEMA_VERSIONS))
        await connection.execute(insert(SCHEMA_VERSIONS), [{"version": 3, "applied_at": then}])
    assert shown(*content_of(tmp_path)) >= {INN, NUMBER}

    async with open_store(path) as store:
        (employee,), (odd,) = await rows(store, EMPLOYEES), await rows(store, QUARANTINE)
    assert shown(employee, odd) == set()
    assert shown(*content_of(tmp_path)) == set()


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"id": 1, "name":"x"}', b'{"id": 1, "name":"x"}'),
        (b'{"id": 1, "inn": "1"}', b'{"id":1}'),
        (b'{"id": 1, "\\u0069nn": "1"}', b'{"id":1}'),
        (b'[{"inn": 1}, 2.10]', b"[{},2.10]"),
        (b'"passport"', b'"passport"'),
        (b'{"inn": "\xff\xfe", "id": 1}', b'{"id":1}'),
        (b'{"inn": "1"', b"null"),
        (b'{"opening": "pin", "spinning": 1}', b'{"opening": "pin", "spinning": 1}'),
    ],
)
def test_json_is_left_as_it_is_but_for_what_is_personal(raw: bytes, expected: bytes) -> None:
    assert without_personal_json(raw) == expected
