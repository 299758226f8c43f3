"""Walk shops, terminals, shifts and receipts, all at once: `python -m examples.hierarchy` with SMARTKASA_… set."""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import TYPE_CHECKING

from smartkasa_async import SmartKasa

if TYPE_CHECKING:
    from smartkasa_async.models import Shift, Shop, Terminal


async def walk_shift(kasa: SmartKasa, shift: Shift) -> list[str]:
    totals = [receipt.total_amount async for receipt in kasa.receipts.list(shift_id=shift.id, per_page=100)]
    return [f"    {shift.opened_at:%Y-%m-%d %H:%M}: {len(totals)} receipts"]


async def walk_terminal(kasa: SmartKasa, terminal: Terminal) -> list[str]:
    walks = [walk_shift(kasa, shift) async for shift in kasa.shifts.list(terminal_id=terminal.id)]
    return [f"  {terminal.name}", *chain(*await asyncio.gather(*walks))]


async def walk_shop(kasa: SmartKasa, shop: Shop) -> list[str]:
    walks = [walk_terminal(kasa, terminal) async for terminal in kasa.terminals.list(shop_id=shop.id)]
    return [shop.title, *chain(*await asyncio.gather(*walks))]


async def main() -> None:
    async with SmartKasa() as kasa:
        walks = [walk_shop(kasa, shop) async for shop in kasa.shops.list()]
        print(*chain(*await asyncio.gather(*walks)), sep="\n")


if __name__ == "__main__":
    asyncio.run(main())
