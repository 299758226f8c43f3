"""Putting a batch into the tables, within a transaction that was begun for writing."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import UNSET
from sqlalchemy import exists, select

from smartkasa_async.records.batch import Batch, RecordKind
from smartkasa_async.stores import rows
from smartkasa_async.stores.schema import QUARANTINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.models import Receipt
    from smartkasa_async.stores.statements import Statements

ValueT = TypeVar("ValueT")

_MOST_IDS = 500
"""Ids in one statement: databases limit the parameters, SQLite to 999 in old versions."""


async def write_batch(
    connection: AsyncConnection, statements: Statements, batch: Batch[Any], *, keep_raw: bool
) -> None:
    """Insert or replace the records, and settle which of them are in quarantine."""
    records, raws = batch.records, batch.raw if keep_raw else [None] * len(batch.records)
    if batch.kind is RecordKind.RECEIPTS:
        await _write_receipts(connection, statements, records, raws)
    else:
        # In the order of ids, so that writers in several processes do not wait for each other in a circle.
        if batch.kind is RecordKind.Z_REPORTS:
            shifts = sorted(rows.nested_shift_rows(records, raws), key=itemgetter("id"))
            await statements.upsert_nested_shifts.execute(connection, shifts)
        pairs = sorted(zip(records, raws, strict=True), key=lambda pair: rows.key_of(batch.kind, pair[0]))
        made = (rows.record_row(batch.kind, record, raw) for record, raw in pairs)
        await statements.upsert[batch.kind].execute(connection, made)
        if batch.kind is RecordKind.TERMINALS:
            await connection.execute(statements.place_shifts)
    await _quarantine(connection, statements, batch)


async def _write_receipts(
    connection: AsyncConnection, statements: Statements, receipts: Sequence[Receipt], raws: Sequence[bytes | None]
) -> None:
    """Insert or replace receipts; those that are kept in a newer version stay as they are, but are not gone.

    Items and payments that a receipt does not carry stay as they are: single reads come without payments.
    """
    latest: dict[str, tuple[Receipt, bytes | None]] = {}
    for receipt, raw in zip(receipts, raws, strict=True):
        before = latest.get(receipt.id)
        if before is None or before[0].updated_at <= receipt.updated_at:
            latest[receipt.id] = receipt, raw
    # In the order of ids, so that writers in several processes do not wait for each other in a circle.
    made = (rows.record_row(RecordKind.RECEIPTS, *latest[id_]) for id_ in sorted(latest))
    await statements.upsert[RecordKind.RECEIPTS].execute(connection, made)
    for ids in chunks(latest):
        kept = await connection.execute(statements.receipt_versions, {"ids": ids})
        versions = {row.id: row.updated_at for row in kept}
        if outdated := [id_ for id_ in ids if versions[id_] != latest[id_][0].updated_at]:
            await connection.execute(statements.list_again, {"ids": outdated})
        current = [latest[id_][0] for id_ in ids if versions[id_] == latest[id_][0].updated_at]
        with_items = [receipt for receipt in current if receipt.items is not UNSET]
        with_payments = [receipt for receipt in current if receipt.payment_transactions is not UNSET]
        await connection.execute(statements.delete_items, _ids(with_items))
        await statements.insert_items.execute(connection, rows.item_rows(with_items))
        await connection.execute(statements.delete_payments, _ids(with_payments))
        await statements.insert_payments.execute(connection, rows.payment_rows(with_payments))


async def _quarantine(connection: AsyncConnection, statements: Statements, batch: Batch[Any]) -> None:
    """Let the decoded records out of quarantine, if any are there, and put the undecodable ones in."""
    occupied = await connection.scalar(select(exists().where(QUARANTINE.c.kind == batch.kind)))
    if occupied:
        for keys in chunks(rows.key_of(batch.kind, record) for record in batch.records):
            await connection.execute(statements.release, {"kind": batch.kind, "ids": keys})
    now = datetime.now(UTC)
    put = [rows.quarantine_row(batch.kind, undecodable, now) for undecodable in batch.undecodable]
    await statements.quarantine.execute(connection, put)


def _ids(receipts: Iterable[Receipt]) -> dict[str, list[str]]:
    return {"ids": [receipt.id for receipt in receipts]}


def chunks(values: Iterable[ValueT]) -> Iterator[list[ValueT]]:
    """Give the values in lists that fit into one statement."""
    remaining = iter(values)
    while chunk := list(islice(remaining, _MOST_IDS)):
        yield chunk
