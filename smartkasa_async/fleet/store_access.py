"""The store of one account of a fleet: in the fleet's database, apart from all other accounts', and fenced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async.stores import open_store

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from smartkasa_async.fleet.runs import Held
    from smartkasa_async.stores import Store


def open_account_store(address: str, account_id: int, held: Held | None = None) -> AbstractAsyncContextManager[Store]:
    """Open the store of an account.

    Args:
        address: Address of the fleet's database.
        account_id: The account.
        held: The run that writes, whose epoch each commit checks; None to read.
    """
    return open_store(address, account_id=account_id, fence=None if held is None else held.fence)
