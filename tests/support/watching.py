"""A till to write receipts with, and a watch whose pauses are acts, so that nothing waits."""

from __future__ import annotations

import inspect
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

from anyio.lowlevel import checkpoint

from smartkasa_async._support import clock as _clock
from smartkasa_async._support.clock import ServiceClock
from smartkasa_async.sync import watch as watching
from smartkasa_async.sync import watch_receipts
from tests.support.calling import Rows, uuid

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest

    from smartkasa_async import SmartKasa
    from smartkasa_async.sandbox import Sandbox
    from smartkasa_async.sync import ReceiptChange, WatchError

__all__ = ["MemoryKeeper", "Stage", "Till"]

_SHOP = {"state": 0, "employees_count": 0, "terminals_count": 0, "owner_id": 1}


class Till:
    """Writes receipts into a sandbox as a register does, at the moment that is set.

    Args:
        box: The sandbox.
        now: The moment.
    """

    def __init__(self, box: Sandbox, now: datetime) -> None:
        self._box = box
        self._numbers = count(1)
        self.now = now

    def open_shop(self, id: int, *, opened_at: datetime) -> None:
        stamps = {"created_at": opened_at, "updated_at": opened_at}
        self.load(shops={"id": id, "title": f"Крамниця {id}", **stamps, **_SHOP})

    def sell(self, shop_id: int = 1, *, at: datetime | None = None, **values: Any) -> str:
        """Write a paid sale with an item and a payment; return its id."""
        number = next(self._numbers)
        at = at or self.now
        stamps = {"created_at": at, "updated_at": at}
        id_, amount = uuid(number), Decimal(100 + number)
        means = {"payment_type_id": 0, "transaction_type_id": 0, "state": 0, "timestamp": at}
        part = {"receipt_id": id_, "position": 0, "amount": amount, **stamps}
        receipt = {"id": id_, "shop_id": shop_id, "type": 0, "state": 2, "total_amount": amount, "tax_amount": {}}
        self.load(
            receipts={**receipt, **stamps, **values},
            receipt_items={"id": uuid(1000 + number), "name": "Кава", "price": amount, "quantity": Decimal(1), **part},
            payments={"id": uuid(2000 + number), **means, **part},
        )
        return id_

    def change(self, id: str, table: str = "receipts", **values: Any) -> None:
        """Change a receipt, or its item or payment; only a receipt's own change moves its `updated_at`."""
        (row,) = self.rows(table, **{"id" if table == "receipts" else "receipt_id": id})
        self.load(**{table: {**row, "updated_at": self.now, **values}})

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        return self._box.rows(table, **where)

    def load(self, **rows: dict[str, Any]) -> None:
        self._box.load(Rows({table: [row] for table, row in rows.items()}))


class MemoryKeeper:
    """Keeps a position, and every one that was saved before it."""

    def __init__(self, content: bytes | None = None) -> None:
        self.saved = [] if content is None else [content]

    async def load(self) -> bytes | None:
        return self.saved[-1] if self.saved else None

    async def save(self, content: bytes) -> None:
        await checkpoint()
        self.saved.append(content)


class _PlayedOut(Exception):  # noqa: N818
    """All acts were played."""


@dataclass
class Stage:
    """Runs watches on a till's clock; in each pause the next act happens, and after the last one the watch ends.

    Attributes:
        pauses: How long each pause was, before jitter.
        troubles: What the watches could not read.
    """

    kasa: SmartKasa
    till: Till
    patch: pytest.MonkeyPatch
    pauses: list[float] = field(default_factory=list)
    troubles: list[WatchError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.patch.setattr(_clock, "now", lambda: self.till.now)
        self.patch.setattr(ServiceClock, "hear", lambda *_: None)  # the sandbox tells the machine's own time
        self.patch.setattr(watching, "jittered", lambda pause, _draw: pause)

    async def watch(
        self,
        *acts: Callable[[], object | Awaitable[object]],
        leave: Callable[[ReceiptChange], bool] = lambda _: False,
        **options: Any,
    ) -> list[ReceiptChange]:
        """Watch until all acts were played, or until it leaves at a change; give all changes."""
        waiting = list(acts)

        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)
            if not waiting:
                raise _PlayedOut
            done = waiting.pop(0)()
            if inspect.isawaitable(done):
                await done

        self.patch.setattr(watching, "sleep", pause)
        told: list[ReceiptChange] = []
        options.setdefault("on_error", self.troubles.append)
        with suppress(_PlayedOut):
            async with aclosing(watch_receipts(self.kasa, **options)) as changes:
                async for change in changes:
                    told.append(change)
                    if leave(change):
                        break
        return told

    def later(self, **by: float) -> None:
        """Let time go by."""
        self.till.now += timedelta(**by)


def moment(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """Name a moment of October 2026, UTC; the clocks go back on the 25th."""
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)
