"""What a watch tells: what became of receipts, and what stood in its way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from smartkasa_async._i18n.message import HasMessage

if TYPE_CHECKING:
    from smartkasa_async.models import Receipt
    from smartkasa_async.records.batch import Undecodable
    from smartkasa_async.records.days import Window


class ChangeKind(StrEnum):
    """What became of a receipt."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class ReceiptChange:
    """A receipt that was created or changed, or is no longer listed.

    Attributes:
        kind: Which of these.
        shop_id: Id of the shop.
        receipt_id: Id of the receipt.
        receipt: The receipt as it is now, with its items and payments; None where it is gone.
        raw: Its JSON as it came; None where it is gone.
    """

    kind: ChangeKind
    shop_id: int
    receipt_id: str
    receipt: Receipt | None
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class WatchError(HasMessage):
    """What a watch could not read, and reads again in the next round.

    Attributes:
        reason: What is wrong.
        shop_id: Id of the shop; None where the list of shops could not be read.
        window: The business days that were read; None likewise.
        undecodable: Receipts that do not have the documented form; each is told once.
    """

    reason: str
    shop_id: int | None = None
    window: Window | None = None
    undecodable: tuple[Undecodable, ...] = ()

    def __post_init__(self) -> None:
        self._keep_message("reason")
