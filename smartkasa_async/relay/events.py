"""Events: what happened or was found, and the messages that they become."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  (msgspec resolves annotations)
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class EventKind(StrEnum):
    """What an event is about."""

    RECEIPT_CREATED = "receipt.created"
    """A receipt is new."""
    RECEIPT_CHANGED = "receipt.changed"
    """A receipt is not as it was: its state, payments, fiscal number or anything else."""
    RECEIPT_DELETED = "receipt.deleted"
    """The service no longer lists a receipt."""
    SHIFT_TOO_LONG = "shift.too_long"
    """A shift is open for more than 24 hours, or soon will be."""
    Z_REPORT_MISSING = "z_report.missing"
    """A shift of a day that is over has sales and no Z-report."""
    OFFLINE_HOURS = "registrar.offline"
    """A registrar has nearly used up its hours offline, 36 on end or 168 in a month, or has exceeded them."""
    DIFFERENCES = "reconciliation.differences"
    """Receipts, Z-reports and product sales of a day that is over do not agree."""
    STOCK_LOW = "stock.low"
    """Products whose stock is below its minimum."""
    DIGEST = "digest"
    """The business day before, summed up in the morning."""


RECEIPT_EVENTS = frozenset({EventKind.RECEIPT_CREATED, EventKind.RECEIPT_CHANGED, EventKind.RECEIPT_DELETED})
"""Events that a watch of receipts finds; checks of the store find the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, or was found.

    Attributes:
        kind: What it is about.
        subject: What it concerns, such as `receipt:17`; messages about the same subject keep their order.
        at: When it happened or was found, in UTC.
        shop_id: Id of the shop; None where it concerns several, or the records name none.
        text: What people read, a headline and further lines.
        data: Its facts, as JSON holds them.
    """

    kind: EventKind
    subject: str
    at: datetime
    shop_id: int | None
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayMessage:
    """A message of the outbox.

    Attributes:
        id: The same in each attempt, so that a receiver can drop repeats.
        sequence: Its number among all messages to the receiver, growing.
        kind: What it is about.
        subject: What it concerns.
        body: The JSON that is signed and sent.
        created_at: When it was put into the outbox, in UTC.
        due_at: When it is to be sent next, in UTC.
        attempts: How often it was sent in vain.
        first_tried_at: When it was first sent in vain, in UTC; None where it was not.
        reason: Why the last attempt failed; None where there was none.
        dead_at: When it was given up, in UTC; None where it was not.
        receiver: Name of the receiver.
    """

    id: str
    sequence: int
    kind: EventKind
    subject: str
    body: bytes
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    first_tried_at: datetime | None = None
    reason: str | None = None
    dead_at: datetime | None = None
    receiver: str = ""
