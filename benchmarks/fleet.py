"""What a fleet costs: processor time of passes, of the dispatch with many accounts, of a fetch from a deep queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.turns import run_module
from smartkasa_async.fleet.demo.postgresql import running_postgresql
from smartkasa_async.records.days import today
from smartkasa_async.sandbox import Sandbox, Simulation

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Merchant

__all__ = ["measure_fleet"]

_MERCHANTS = 16
_RECEIPTS_A_DAY = 60


def measure_fleet(*, rounds: int, accounts: int, backlog: int) -> dict[str, Any]:
    """Measure the parts of a fleet, each in a process of its own, with PostgreSQL and the sandbox in others.

    Args:
        rounds: Passes over today of each merchant.
        accounts: Accounts in the tables while a dispatch is measured.
        backlog: Jobs in the queue while a fetch is measured.
    """
    with running_postgresql() as server, Sandbox().in_thread() as box:
        merchants = [_described(_add_merchant(box, seed)) for seed in range(1, _MERCHANTS + 1)]
        told = msgspec.json.encode(merchants).decode()
        passes = run_module("fleet_run", "passes", server.address, told, rounds)
        queue = run_module("fleet_run", "queue", server.address, accounts, backlog)
    return {"receipts_a_day": _RECEIPTS_A_DAY, **passes, **queue}


def _add_merchant(box: Sandbox, seed: int) -> Merchant:
    days = 4
    start = today().fromordinal(today().toordinal() - days + 1)
    return box.add_merchant(
        simulation=Simulation(seed=seed, shops=1, products=50, start=start, days=days, receipts_per_day=_RECEIPTS_A_DAY)
    )


def _described(merchant: Merchant) -> dict[str, str]:
    return {
        "url": merchant.url,
        "api_key": merchant.api_key,
        "phone_number": merchant.phone_number,
        "password": merchant.password,
    }
