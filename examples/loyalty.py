"""A loyalty programme: one point for every 10 hryvnias that a card paid, taken back with a refund.

`python -m examples.loyalty` with SMARTKASA_… set watches the account until it is stopped; without an account it shows a
sandbox in which today's sales happen within seconds, and ends.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import aclosing, suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from smartkasa_async import SmartKasa
from smartkasa_async.models import ReceiptState, ReceiptType
from smartkasa_async.records import KYIV
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.sync import watch_receipts

if TYPE_CHECKING:
    from datetime import date

    from smartkasa_async.models import Receipt

CHANGES_TO_SHOW = 25


def earned(receipt: Receipt) -> list[tuple[str, int]]:
    """List the cards of a receipt with their points; a bill that was split between two cards gives points to both."""
    if receipt.type == ReceiptType.SALE and receipt.state == ReceiptState.PAID:
        sign = 1
    elif receipt.type == ReceiptType.REFUND:
        sign = -1
    else:
        return []  # deferred, or cash that was taken out of the till
    payments = receipt.payment_transactions or ()
    return [(payment.pan, sign * int(payment.amount // 10)) for payment in payments if payment.pan]


async def keep_points(kasa: SmartKasa, folder: Path, start: date | None = None, limit: int | None = None) -> None:
    """Write the points of each receipt down, and show how a card stands whenever that changes."""
    book = sqlite3.connect(folder / "loyalty.sqlite")
    book.execute("CREATE TABLE IF NOT EXISTS points (receipt_id TEXT, card TEXT, points INTEGER)")
    told = 0
    # The position is what makes the programme go on where it was; `aclosing` saves it at the end.
    watch = watch_receipts(kasa, checkpoint=folder / "loyalty.json", start=start, interval=0.2 if limit else 5)
    async with aclosing(watch) as changes:
        async for change in changes:
            # A change can be told again after a crash: what a receipt gave before is replaced, never added to.
            points = earned(change.receipt) if change.receipt else []
            with book:
                book.execute("DELETE FROM points WHERE receipt_id = ?", (change.receipt_id,))
                book.executemany("INSERT INTO points VALUES (?, ?, ?)", [(change.receipt_id, *row) for row in points])
            for card, more in points:
                ((total,),) = book.execute("SELECT sum(points) FROM points WHERE card = ?", (card,))
                print(f"{change.kind:8} shop {change.shop_id}  card {card} {more:+5} points, {total} in all")
            told += 1
            if told == limit:
                break
    book.close()


async def main() -> None:
    if os.environ.get("SMARTKASA_API_KEY"):
        async with SmartKasa() as kasa:
            await keep_points(kasa, Path())
        return
    today = datetime.now(KYIV).date()
    with TemporaryDirectory() as folder:
        async with Sandbox() as box, SmartKasa(**box.credentials) as kasa:
            box.drift(simulate(Simulation(shops=2, start=today)), since=today, per_second=50)
            await keep_points(kasa, Path(folder), start=today, limit=CHANGES_TO_SHOW)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
