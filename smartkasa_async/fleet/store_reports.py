"""Reconciliation and compliance of an account's store, in a process of their own, so that no worker's loop waits."""

from __future__ import annotations

import asyncio
from datetime import date  # noqa: TC003  (pickled arguments)
from typing import Any

from anyio import to_process

from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import SmartKasaError
from smartkasa_async.fleet.errors import FleetDatabaseError, FleetError
from smartkasa_async.fleet.store_access import open_account_store
from smartkasa_async.stores.errors import StoreUnreachableError


async def judge_store(address: str, account_id: int, start: date, end: date) -> dict[str, Any]:
    """Reconcile an account's store and check its compliance.

    Args:
        address: Address of the store.
        account_id: The account.
        start: First business day, in Europe/Kyiv.
        end: Last business day, included.

    Returns:
        Figures: `differences`, `findings`, `days_not_read`.

    Raises:
        FleetDatabaseError: The database was lost.
        FleetError: The reports could not be made; says why.
    """
    figures = await to_process.run_sync(_judge, address, account_id, start, end, cancellable=True)
    if "lost" in figures:
        raise FleetDatabaseError(figures["lost"])
    if "error" in figures:
        raise FleetError(msg("The store could not be checked: {reason}", reason=figures["error"]))
    return figures


def _judge(address: str, account_id: int, start: date, end: date) -> dict[str, Any]:
    return asyncio.run(_figures(address, account_id, start, end))


async def _figures(address: str, account_id: int, start: date, end: date) -> dict[str, Any]:
    from smartkasa_async.reports import check_compliance, reconcile  # noqa: PLC0415  (in the process that needs them)

    try:
        async with open_account_store(address, account_id) as store:
            reconciliation = await reconcile(store, start=start, end=end)
            compliance = await check_compliance(store, start=start, end=end)
    except StoreUnreachableError as error:
        return {"lost": str(error)}
    except SmartKasaError as error:  # as a text: not every error can be sent to another process
        return {"error": str(error)}
    return {
        "differences": len(reconciliation.differences),
        "findings": len(compliance.findings),
        "not_read": len(reconciliation.not_read),
    }
