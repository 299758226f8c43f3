"""A mobile till of one's own: it sells offline into a queue, and pushes the queue when there is a network again.

Run as `python -m examples.mobile_till`: against the embedded sandbox, which loses an answer on purpose, or against your
account where SMARTKASA_… is set. Queue and journal stay in build/mobile_till: run it again, and nothing goes twice.
"""

from __future__ import annotations

import asyncio
import os
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import msgspec

from smartkasa_async import SmartKasa, models
from smartkasa_async.push import push_receipts
from smartkasa_async.records import CashRounding
from smartkasa_async.sandbox import Fault, Sandbox

FOLDER = Path("build/mobile_till")
QUEUE, JOURNAL = FOLDER / "queue.jsonl", FOLDER / "journal.sqlite"
REGISTRAR = "4000000077"
PRICES = {"Кава": Decimal("42.30"), "Круасан": Decimal("65.00"), "Вода": Decimal("18.55")}


def sell(number: int, name: str, pieces: int, previous: bytes) -> bytes:
    """Sell for cash, which is rounded to 10 kopecks; returns the line of the queue."""
    amount = PRICES[name] * pieces
    total = CashRounding.TO_10.round(amount)
    receipt = models.ReceiptCreate(
        total_amount=total,
        rounding_amount=total - amount,
        state=models.ReceiptState.PAID,
        type=models.ReceiptType.SALE,
        registrar_fiscal_number=REGISTRAR,
        fiscal_number=f"{REGISTRAR}.1.{number}",
        offline_id=1,
        offline_local_number=number,
        previous_receipt_hash=sha256(previous).hexdigest() if previous else None,
        items=[models.ReceiptItemCreate(name=name, price=PRICES[name], quantity=Decimal(pieces), amount=amount)],
        payment_transactions=[
            models.PaymentTransactionCreate(
                amount=total,
                payment_type_id=models.PaymentType.PAYMENT,
                transaction_type_id=models.TransactionType.CASH,
            )
        ],
    )
    return msgspec.json.encode(receipt)


def sell_offline() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    lines = [b""]
    for number, name in enumerate([*PRICES, "Кава"], start=1):
        lines.append(sell(number, name, pieces=number, previous=lines[-1]))
    QUEUE.write_bytes(b"\n".join(lines[1:]))


async def push(kasa: SmartKasa, late_write_window: float = 15) -> None:
    queue = [msgspec.json.decode(line, type=models.ReceiptCreate) for line in QUEUE.read_bytes().splitlines()]
    async for outcome in push_receipts(kasa, queue, journal=JOURNAL, late_write_window=late_write_window):
        print(outcome.key, outcome.kind, *outcome.problems, *outcome.warnings)


async def main() -> None:
    if os.environ.get("SMARTKASA_API_KEY"):
        async with SmartKasa() as kasa:
            await push(kasa)
        return
    async with Sandbox() as box, SmartKasa(**box.credentials) as kasa:
        box.faults.add(Fault("drop_after", path="/api/v1/pos/receipts/batch"))
        await push(kasa, late_write_window=1)


if __name__ == "__main__":
    sell_offline()
    asyncio.run(main())
