"""Receipts into SQLite and PostgreSQL beside the same by hand, and by dlt into SQLite."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from benchmarks.processes import cores
from benchmarks.receipts_service import receipts_service
from benchmarks.turns import CLIENT, Cost, in_turns, run_module
from tests.support.postgresql import new_database, running_postgresql

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compare_stores"]

_BY_HAND_SQLITE = "aiohttp, msgspec, sqlite3 by hand"
_BY_HAND_POSTGRESQL = "aiohttp, msgspec, asyncpg by hand"
_DLT = "dlt's source of REST APIs"
_GOAL = 0.8
_MEMORY_GOAL = 130_000_000
_DAYS_OF_DLT = 3
"""Fewer than the others' days: it takes many times as long."""


def compare_stores(*, days: int, rounds: int) -> list[dict[str, Any]]:
    """Measure syncs of receipts, 1,000 a day, into both databases: processor time for SQLite, time for PostgreSQL.

    Of PostgreSQL the server works as well, so what passes is what counts there.

    Args:
        days: How many days.
        rounds: How many turns.
    """
    core, server_core = cores()

    def sqlite(way: str, days: int = days) -> Cost:
        ran = run_module("receipts_run", address, days, way, core=core)
        return Cost(ran["cpu_seconds"], ran["peak_bytes"])

    def postgresql(way: str) -> Cost:
        with new_database(server) as database:
            ran = run_module("receipts_run", address, days, way, "--database", database, core=core)
        return Cost(ran["seconds"], ran["peak_bytes"])

    def ways(run: Callable[[str], Cost], by_hand: str, way: str) -> dict[str, Callable[[], Cost]]:
        return {CLIENT: partial(run, "kept"), by_hand: partial(run, way)}

    with receipts_service(server_core) as address, running_postgresql() as server:
        return [
            *in_turns(
                "receipts into SQLite, CPU",
                ways(sqlite, _BY_HAND_SQLITE, "sqlite"),
                beside=_BY_HAND_SQLITE,
                rounds=rounds,
                goal=_GOAL,
                memory_goal=_MEMORY_GOAL,
            ),
            *in_turns(
                "receipts into SQLite by dlt, CPU",
                {
                    _DLT: partial(sqlite, "dlt", days=_DAYS_OF_DLT),
                    _BY_HAND_SQLITE: partial(sqlite, "sqlite", days=_DAYS_OF_DLT),
                },
                beside=_BY_HAND_SQLITE,
                rounds=min(rounds, 3),
            ),
            *in_turns(
                "receipts into PostgreSQL, time",
                ways(postgresql, _BY_HAND_POSTGRESQL, "postgresql"),
                beside=_BY_HAND_POSTGRESQL,
                rounds=rounds,
                goal=_GOAL,
            ),
        ]
