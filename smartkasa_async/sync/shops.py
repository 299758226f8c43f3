"""Choose the shops of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async._support.arguments import chosen_shops
from smartkasa_async.errors import InvalidRequestError, SmartKasaError, UnreadableAnswerError
from smartkasa_async.models import Shop
from smartkasa_async.operations import find
from smartkasa_async.records.batch import Batch, RecordKind, Undecodable
from smartkasa_async.records.synced_days import SyncState
from smartkasa_async.sync.reading import Listing, read_whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.records.batch import Sink

SHOPS = Listing(RecordKind.SHOPS, find("GET", "/api/v1/rsn/shops"), Shop, {"per_page": 100})
"""The account's shops."""

_PAGES_AT_ONCE = 4
_MOST_LISTED = 5


async def pick_shops(kasa: SmartKasa, store: Sink[Any] | None, ids: Iterable[int] | None) -> list[Shop]:
    """Read the account's shops, all or those with the ids, ordered by id; a store that remembers is given them all.

    Raises:
        InvalidRequestError: An id is none of the account's shops.
        UnreadableAnswerError: A shop that is needed does not have the documented form.
        SmartKasaError: The shops could not be listed, or the store could not write.
    """
    chosen = chosen_shops(ids)
    shops: dict[int, Shop] = {}
    unreadable: dict[str, Undecodable] = {}

    async def take(batch: Batch[Shop]) -> None:
        shops.update((shop.id, shop) for shop in batch.records)
        unreadable.update((undecodable.key, undecodable) for undecodable in batch.undecodable)
        if store is not None and isinstance(store, SyncState):
            await store.write(batch)

    reading = await read_whole(kasa, SHOPS, take, concurrency=_PAGES_AT_ONCE)
    if reading.error is not None:
        raise reading.error
    wanted = frozenset(shops) if chosen is None else chosen
    for key, undecodable in unreadable.items():
        if chosen is None or key in map(str, wanted):
            raise UnreadableAnswerError(
                msg(
                    "Shop {shop} cannot be read ({reason}); give {option} to go on without it",
                    shop=key,
                    reason=undecodable.translatable,
                    option=argument("shops"),
                ),
                path="$",
                excerpt="",
                operation=SHOPS.operation.id,
            )
    if unknown := wanted - shops.keys():
        message = msg("No shop of the account has the id {shops}; there are none", shops=_listed(unknown))
        if shops:
            message = msg(
                "No shop of the account has the id {shops}; there are {known}",
                shops=_listed(unknown),
                known=_listed(shops),
            )
        raise InvalidRequestError(message, field="shops")
    return [shops[id_] for id_ in sorted(wanted)]


async def refuse_other_account(kasa: SmartKasa, state: SyncState) -> None:
    """Refuse a store of another account, whose records would be marked as deleted, since this one lists none.

    Shops that cannot be listed are left to the reading of the lists, which reports why.

    Raises:
        InvalidRequestError: None of the shops that the store keeps is one of the account's.
    """
    known = await state.shop_titles()
    if not known:
        return
    shops = []
    try:
        async for shop in kasa.shops.list():
            if shop.id in known:
                return
            shops.append(shop.id)
    except SmartKasaError:
        return
    if shops:
        message = msg(
            "The store has the shops {known}, and this account has {shops}; give each account a store of its own",
            known=_some(known),
            shops=_some(shops),
        )
        raise InvalidRequestError(message, field="store")


def _some(ids: Iterable[int]) -> str:
    first = sorted(ids)
    return _listed(first) if len(first) <= _MOST_LISTED else f"{_listed(first[:_MOST_LISTED])}, …"


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(ids)))
