"""A queue of receipts of several tills, online and offline, of which each receipt's end is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.push import PushKind
from tests.support.till import TILL, receipt, session

if TYPE_CHECKING:
    from smartkasa_async.models import ReceiptCreate

__all__ = ["ReceiptQueue", "make_queue"]

_TILLS = 4


@dataclass
class ReceiptQueue:
    """Receipts to push.

    Attributes:
        receipts: The receipts.
        kinds: How each must end, in their order: refused, held back, or in the service.
        stored: Fiscal numbers that the service must have by registrar, in their order.
    """

    receipts: list[ReceiptCreate] = field(default_factory=list)
    kinds: list[PushKind] = field(default_factory=list)
    stored: dict[str, list[str]] = field(default_factory=dict)


def make_queue(count: int, *, seed: int, refused_product: str) -> ReceiptQueue:
    """Make a queue; the same arguments make the same one.

    Args:
        count: Receipts of each till.
        seed: What is drawn.
        refused_product: Id of a product for which the service refuses a receipt.
    """
    chance = Random(seed)  # noqa: S311 chance for tests, not for secrets
    queue = ReceiptQueue()
    tills = []
    for number in range(_TILLS):
        name = f"{int(TILL) + number}"
        made = _till(name, count, refused_product, chance)
        queue.stored[name] = [str(one.fiscal_number) for one, kind in made if kind is PushKind.CREATED]
        tills.append(made)
    while any(tills):
        some = chance.choice([till for till in tills if till])
        for _ in range(min(len(some), chance.choice((1, 1, 5, 40)))):
            one, kind = some.pop(0)
            queue.receipts.append(one)
            queue.kinds.append(kind)
    return queue


def _till(name: str, count: int, refused_product: str, chance: Random) -> list[tuple[ReceiptCreate, PushKind]]:
    """Make the receipts of one till: online ones, and now and then an offline session."""
    made: list[tuple[ReceiptCreate, PushKind]] = []
    while len(made) < count:
        first = len(made) + 1
        if chance.random() < 0.1:
            part = session(chance.randint(2, 30), number=first, first=first, till=name)
        else:
            part = [receipt(first, till=name)]
        broken = False
        for one in part:
            refused = not broken and chance.random() < 0.02
            if refused:
                bad = receipt(1, product_id=refused_product).items
                one = msgspec.structs.replace(one, items=bad, shop_id=1)  # noqa: PLW2901
            made.append((one, PushKind.HELD_BACK if broken else PushKind.REFUSED if refused else PushKind.CREATED))
            broken = broken or refused
    return made
