"""Which shops a run is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.receipts.sinks import ShopSink

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.models import Shop

__all__ = ["pick_shops"]


async def pick_shops(kasa: SmartKasa, store: object, ids: Iterable[int] | None) -> list[Shop]:
    """Read the account's shops, all or those with the ids, ordered by id; a store that takes shops is given them.

    Raises:
        InvalidRequestError: An id is none of the account's shops.
    """
    shops = {shop.id: shop async for shop in kasa.shops.list()}
    wanted = set(shops) if ids is None else set(ids)
    if unknown := wanted - shops.keys():
        raise InvalidRequestError(
            f"No shop of the account has the id {_listed(unknown)}; there are {_listed(shops) or 'none'}", field="shops"
        )
    picked = [shops[id_] for id_ in sorted(wanted)]
    if isinstance(store, ShopSink):
        await store.write_shops(picked)
    return picked


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(ids)))
