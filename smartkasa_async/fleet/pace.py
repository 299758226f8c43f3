"""The pace of an account, shared by all that call the service for it, on whatever machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartkasa_async.fleet.database import Database


class DatabasePace:
    """An even rate of calls, kept in the fleet's database and by its clock; it implements `SharedPace`.

    Args:
        database: The fleet's database.
        account_id: The account.
        calls_per_second: Most calls in a second of all that share the pace.
    """

    def __init__(self, database: Database, account_id: int, calls_per_second: float) -> None:
        self._database = database
        self._account_id = account_id
        self._interval = 1.0 / calls_per_second

    async def reserve(self) -> float:
        """Take the next slot.

        Returns:
            Seconds to wait for it.

        Raises:
            FleetDatabaseError: The database was lost.
        """
        row = await self._database.row(
            """
            INSERT INTO paces AS pace (account_id, free_at)
            VALUES (%(account)s, clock_timestamp() + make_interval(secs => %(interval)s))
            ON CONFLICT (account_id) DO UPDATE
            SET free_at = greatest(pace.free_at, clock_timestamp()) + make_interval(secs => %(interval)s)
            RETURNING extract(epoch FROM free_at - clock_timestamp())::float8 - %(interval)s AS wait
            """,
            {"account": self._account_id, "interval": self._interval},
        )
        return 0.0 if row is None else max(0.0, row["wait"])
