"""How a business reaches the service over time: what exists at first, and what happens after.

Shifts open and close, a Z-report comes with the close. Receipts come in the order of time but for offline ones, which
come when their session ends, and a few that come hours late. Some sales come in an earlier form and are changed
later: deferred and then paid, without a fiscal number, with another means of payment, or with a part of the payments.
After the last event the records are those of the business; only times of changes differ.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any, Final

from smartkasa_async.sandbox.business.codes import CASH, DEFERRED, PAID, SALE, SHIFT_OPEN
from smartkasa_async.sandbox.business.hours import at_kyiv
from smartkasa_async.sandbox.business.identity import generator, uuid
from smartkasa_async.sandbox.business.money import hryvnias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime
    from random import Random

    from smartkasa_async.sandbox.schema import Row

_LATE_CHANCE: Final = 0.08
_OFFLINE_LATE_CHANCE: Final = 0.5
_CHANGE_CHANCE: Final = 0.15
_DRAFT_CHANCE: Final = 0.05
_REACH: Final = timedelta(days=1)
_LEAST_WAIT: Final = timedelta(minutes=5)
_DRAFT_LEAD: Final = timedelta(seconds=30)
_MILLISECOND: Final = timedelta(milliseconds=1)

_ARRIVING: Final = ("shifts", "receipts", "receipt_items", "payments", "z_reports")
_FISCAL: Final = ("fiscal_number", "registrar_local_number", "offline_id", "offline_seed")
_BANKED: Final = ("approval_code", "batch", "description", "pan", "pan_hash", "payload", "result_code", "rrn", "stan")


@dataclass(frozen=True, slots=True)
class Event:
    """What happens at once.

    Attributes:
        at: When, UTC.
        rows: Records by table that come, or that replace those with their ids.
        dropped: Id of a receipt that is deleted with all that belongs to it; None for none.
    """

    at: datetime
    rows: dict[str, list[Row]]
    dropped: str | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The records of each table that are there at first, and the events after, in the order of time."""

    rows: dict[str, list[Row]]
    events: list[Event]


def plan_timeline(
    rows: Mapping[str, Sequence[Mapping[str, Any]]], since: date, seed: int, *, deletions: bool = False
) -> Timeline:
    """Divide a business into what is there when a day begins, and what happens from then on.

    Receipts of the day before may still come late or be changed; older ones are as they stay.

    Args:
        rows: The records of the business by table.
        since: The day in Europe/Kyiv.
        seed: Seed of what comes late, what is changed and how.
        deletions: Whether drafts come too, deferred receipts that are deleted after a while.
    """
    begins = at_kyiv(since, time())
    rng = generator(seed, "arrivals")
    events = [*_shift_events(rows), *_receipt_events(rows, begins, rng, deletions=deletions)]
    events.sort(key=lambda event: event.at)
    there = {table: [dict(row) for row in made] for table, made in rows.items() if table not in _ARRIVING}
    arrived: dict[str, dict[Any, Row]] = {table: {} for table in _ARRIVING}
    for event in events:
        if event.at < begins:
            for table, made in event.rows.items():
                arrived[table].update((row["id"], row) for row in made)
    there |= {table: list(made.values()) for table, made in arrived.items()}
    return Timeline(there, [event for event in events if event.at >= begins])


def _shift_events(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Event]:
    reports = _by(rows.get("z_reports", ()), "shift_id")
    for row in rows.get("shifts", ()):
        shift, closing = dict(row), reports.pop(row["id"], [])
        if shift["closed_at"] is None:
            yield Event(shift["opened_at"], {"shifts": [shift], "z_reports": closing})
            continue
        still = {"cash_balance": hryvnias(0), "closed_at": None, "closed_by": None, "state": SHIFT_OPEN}
        yield Event(shift["opened_at"], {"shifts": [shift | still]})
        yield Event(shift["closed_at"], {"shifts": [shift], "z_reports": closing})
    for left in reports.values():
        yield from (Event(report["created_at"], {"z_reports": [report]}) for report in left)


def _receipt_events(
    rows: Mapping[str, Sequence[Mapping[str, Any]]], begins: datetime, rng: Random, *, deletions: bool
) -> Iterator[Event]:
    items, payments = _by(rows.get("receipt_items", ()), "receipt_id"), _by(rows.get("payments", ()), "receipt_id")
    delays: dict[tuple[str, int], timedelta] = {}
    for row in sorted(rows.get("receipts", ()), key=lambda row: (row["created_at"], row["id"])):
        receipt = dict(row)
        lines, paid = items[receipt["id"]], payments[receipt["id"]]
        if receipt["created_at"] < begins - _REACH:
            yield _arrival(receipt, lines, paid)
            continue
        receipt["updated_at"] += _delay(receipt, delays, rng)
        yield from _story(receipt, lines, paid, rng)
        bought = receipt["type"] == SALE and not receipt["offline_id"]
        if deletions and bought and receipt["created_at"] >= begins and rng.random() < _DRAFT_CHANCE:
            yield from _draft(receipt, lines, rng)


def _delay(receipt: Row, sessions: dict[tuple[str, int], timedelta], rng: Random) -> timedelta:
    """Return how late a receipt comes; those of an offline session come together."""
    if not receipt["offline_id"]:
        return _wait(rng) if rng.random() < _LATE_CHANCE else timedelta()
    session = (receipt["registrar_fiscal_number"], receipt["offline_id"])
    if session not in sessions:
        sessions[session] = _wait(rng) if rng.random() < _OFFLINE_LATE_CHANCE else timedelta()
    return sessions[session]


def _story(receipt: Row, items: list[Row], payments: list[Row], rng: Random) -> Iterator[Event]:
    """Yield how a receipt comes, and how it is changed if it comes in an earlier form."""
    forms = _earlier_forms(receipt, payments)
    if not forms or rng.random() >= _CHANGE_CHANCE:
        yield _arrival(receipt, items, payments)
        return
    earlier, earlier_payments = rng.choice(forms)
    changed = receipt["updated_at"] + _wait(rng)
    yield _arrival(earlier, items, earlier_payments)
    now = {"updated_at": changed}
    yield _arrival(receipt | now, items, [payment | now for payment in payments])


def _arrival(receipt: Row, items: list[Row], payments: list[Row]) -> Event:
    return Event(receipt["updated_at"], {"receipts": [receipt], "receipt_items": items, "payments": payments})


def _earlier_forms(receipt: Row, payments: list[Row]) -> list[tuple[Row, list[Row]]]:
    """Return the forms that a paid sale made online can have had before, each with its payments."""
    if (receipt["type"], receipt["state"]) != (SALE, PAID) or receipt["offline_id"] or not payments:
        return []
    first, *others = payments
    if others:
        return [(receipt, [first])]
    forms = [(_deferred(receipt), []), (receipt | dict.fromkeys(_FISCAL), payments)]
    if first["transaction_type_id"] != CASH:
        forms.append((receipt, [first | dict.fromkeys(_BANKED) | {"transaction_type_id": CASH}]))
    return forms


def _deferred(receipt: Row) -> Row:
    rounding = receipt["rounding_amount"]
    unrounded = {"rounding_amount": rounding * 0, "total_amount": receipt["total_amount"] - rounding}
    return receipt | dict.fromkeys(_FISCAL) | unrounded | {"state": DEFERRED}


def _draft(receipt: Row, items: list[Row], rng: Random) -> Iterator[Event]:
    """Yield how a deferred receipt of the same goods comes and is deleted."""
    id_, at = uuid(rng), receipt["created_at"] - _DRAFT_LEAD
    times = {"created_at": at, "updated_at": at}
    copies = [item | times | {"id": uuid(rng), "receipt_id": id_} for item in items]
    yield _arrival(_deferred(receipt) | times | {"id": id_}, copies, [])
    yield Event(at + _wait(rng), {}, dropped=id_)


def _wait(rng: Random) -> timedelta:
    return rng.randrange(_LEAST_WAIT // _MILLISECOND, _REACH // _MILLISECOND) * _MILLISECOND


def _by(rows: Sequence[Mapping[str, Any]], column: str) -> defaultdict[Any, list[Row]]:
    grouped: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row[column]].append(dict(row))
    return grouped
