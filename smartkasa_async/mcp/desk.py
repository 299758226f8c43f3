"""What the tools answer from: a store, a client, and what may be shown."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from smartkasa_async._i18n.message import msg
from smartkasa_async._support import clock as _clock
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.mcp.periods import read_days
from smartkasa_async.mcp.texts import cashier, quoted, safe_text
from smartkasa_async.records.days import business_day

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.records.days import Window
    from smartkasa_async.stores.store import Store

ACCOUNT: ContextVar[int | None] = ContextVar("account", default=None)
"""Whose rows the call that runs may see; None for those of the account that the server was started for."""

_MOST_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the tools answer from.

    Attributes:
        own_store: What was synced of the account that the server was started for.
        kasa: The client; None where the service is not to be reached, so that only the store answers.
        language: The language of explanations and errors: English (`en`) or Ukrainian (`uk`).
        shows_cashiers: Whether the names of cashiers are given; else their initials.
        now: Gives the present moment, aware.
        syncing: Held by the sync that is running.
    """

    own_store: Store
    kasa: SmartKasa | None = None
    language: Language = "en"
    shows_cashiers: bool = False
    now: Callable[[], datetime] = _clock.now
    syncing: anyio.Lock = field(default_factory=anyio.Lock)

    @property
    def store(self) -> Store:
        """What was synced of the account that the call is for, which no argument of it can choose."""
        account_id = ACCOUNT.get()
        return self.own_store if account_id is None else self.own_store.for_account(account_id)

    def window(self, days: str) -> Window:
        """Read the days that are asked for.

        Raises:
            InvalidRequestError: These are no days.
        """
        return read_days(days, business_day(self.now()))

    async def shops(self, shop: str) -> list[int] | None:
        """Find a shop by its id or a part of its title.

        Args:
            shop: What is known of it; empty for all shops.

        Returns:
            Its id alone in a list; None for all shops.

        Raises:
            InvalidRequestError: There is none, or there are several; names them.
        """
        wanted = shop.strip()
        if not wanted:
            return None
        titles = await self.store.shop_titles()
        by_id = [id_ for id_ in titles if f"{id_}" == wanted]
        if by_id:
            return by_id
        same = [id_ for id_, title in titles.items() if title.casefold() == wanted.casefold()]
        found = same or [id_ for id_, title in titles.items() if wanted.casefold() in title.casefold()]
        if len(found) == 1:
            return found
        listed = ", ".join(f"{id_} {quoted(titles[id_])}" for id_ in sorted(found or titles)[:_MOST_LISTED])
        if found:
            message = msg(
                "shop is {shop!r}, which fits several; give an id: {listed}", shop=wanted[:100], listed=listed
            )
        elif titles:
            message = msg("shop is {shop!r}, which fits none; there are: {listed}", shop=wanted[:100], listed=listed)
        else:
            message = msg("shop is {shop!r}, and the store has no shops yet; sync first", shop=wanted[:100])
        raise InvalidRequestError(message, field="shop")

    def cashier(self, name: str | None) -> str | None:
        """Return the name of a cashier as it may be shown."""
        return cashier(name, shown=self.shows_cashiers)

    @staticmethod
    def title(text: str | None) -> str | None:
        """Bound a text of the service."""
        return None if text is None else safe_text(text)
