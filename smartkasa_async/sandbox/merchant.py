"""One merchant of a sandbox: an account, its data, and what happened to its requests."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from smartkasa_async.sandbox.auth import Sessions
from smartkasa_async.sandbox.business import plan_timeline, simulate
from smartkasa_async.sandbox.calls import Service
from smartkasa_async.sandbox.databases import Database
from smartkasa_async.sandbox.drift import Drift
from smartkasa_async.sandbox.faults import Faults
from smartkasa_async.sandbox.rates import TokenBucket, most_within
from smartkasa_async.sandbox.schema import TABLES
from smartkasa_async.sandbox.storage import Storage, Where
from smartkasa_async.sandbox.wire import KYIV, kyiv_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime
    from os import PathLike
    from typing import Protocol

    from smartkasa_async.sandbox.auth import Account, Lifetimes
    from smartkasa_async.sandbox.business import Simulation
    from smartkasa_async.sandbox.databases import Databases
    from smartkasa_async.sandbox.rates import RateLimit

    class _Business(Protocol):
        @property
        def rows(self) -> Mapping[str, Sequence[Mapping[str, Any]]]: ...


class Credentials(TypedDict):
    """What a client needs to use a sandbox."""

    base_url: str
    api_key: str
    phone_number: str
    password: str


@dataclass(frozen=True)
class Settings:
    """What the merchants of a sandbox have in common."""

    wire: str
    token_form: str
    lifetimes: Lifetimes
    max_per_page: int
    clock: Callable[[], float]


class MerchantData:
    """The data of one merchant and the way to them: what a merchant and a sandbox, of its first one, have in common.

    Args:
        account: The merchant's account.
        database: The merchant's database.
        address: Gives the server's address.
    """

    def __init__(self, account: Account, database: Database, address: Callable[[], str]) -> None:
        self._account = account
        self._database = database
        self._address = address

    @property
    def url(self) -> str:
        """The server's address, without a slash at the end."""
        return self._address()

    @property
    def api_key(self) -> str:
        """The API key."""
        return self._account.api_key

    @property
    def phone_number(self) -> str:
        """The phone number to log in with."""
        return self._account.phone_number

    @property
    def password(self) -> str:
        """The password to log in with."""
        return self._account.password

    @property
    def credentials(self) -> Credentials:
        """What a client needs: `SmartKasa(**box.credentials)`."""
        return {
            "base_url": self.url,
            "api_key": self.api_key,
            "phone_number": self.phone_number,
            "password": self.password,
        }

    def load(self, business: _Business) -> None:
        """Put the rows of a simulated business into the database; rows with ids that are there already replace them.

        Args:
            business: Anything with `rows`: lists of rows by table name, values as `rows` gives them.
        """
        unknown = business.rows.keys() - TABLES.keys()
        if unknown:
            raise ValueError(f"Unknown tables {sorted(unknown)}: the sandbox has {sorted(TABLES)}.")
        with self._database.opened() as service:
            _load(service.storage, business)

    def drift(
        self,
        business: _Business,
        *,
        since: date | None = None,
        every: int | None = None,
        per_second: float | None = None,
        seed: int = 1,
        deletions: bool = False,
    ) -> Drift:
        """Load a business as it was when a day began, and let the rest arrive while clients read.

        Args:
            business: The business.
            since: The day, in Europe/Kyiv; None for that of the last receipt.
            every: After how many answered lists of receipts, shifts or Z-reports something happens; None for never.
            per_second: How many events happen by the clock in a second; None for none.
            seed: Seed of what comes late, what is changed and how.
            deletions: Whether deferred receipts come too that are deleted after a while.

        Returns:
            What is still to come, and the way to let it happen or to stop it.

        Raises:
            ValueError: A number is not positive, or a business without receipts has no last day.
        """
        timeline = plan_timeline(business.rows, since or _last_day(business), seed, deletions=deletions)
        service = self._running
        drift = Drift(service.storage, timeline.events, every=every, per_second=per_second)
        self.load(timeline)
        service.listeners.append(drift.answered)
        self._database.before_close(drift.stop)
        drift.start()
        return drift

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """Return what the database holds.

        Args:
            table: The table's name: `receipts`, `receipt_items`, `payments`, `shops` and so on.
            where: Columns and the values that they must have.

        Returns:
            Whole rows with decoded values: Decimal, aware datetime, bool, lists and dicts.
        """
        if table not in TABLES:
            raise ValueError(f"Unknown table {table!r}: the sandbox has {sorted(TABLES)}.")
        columns = TABLES[table].columns
        if unknown := where.keys() - columns.keys():
            raise ValueError(f"Table {table} has no columns {sorted(unknown)}: it has {sorted(columns)}.")
        conditions = Where()
        for column, value in where.items():
            conditions.equals(TABLES[table], column, value)
        with self._database.opened() as service:
            return service.storage.rows(TABLES[table], conditions)

    def months(self) -> list[str]:
        """List the months whose receipts the database holds, `2026-10`, in Europe/Kyiv, the first one first."""
        with self._database.opened() as service:
            hours = service.storage.query("SELECT DISTINCT substr(created_at, 1, 13) FROM receipts")
        return sorted({kyiv_time(f"{hour}:00:00.000+00:00")[:7] for (hour,) in hours})

    def expire_access_tokens(self) -> None:
        """Let all access tokens expire now; refresh tokens stay good."""
        with self._database.opened() as service:
            service.sessions.expire("access_expires_at")

    def expire_tokens(self) -> None:
        """Let all access and refresh tokens expire now."""
        with self._database.opened() as service:
            service.sessions.expire("access_expires_at", "refresh_expires_at")

    @property
    def _running(self) -> Service:
        """The database, which stays open from now on."""
        return self._database.open()


class Merchant(MerchantData):
    """One merchant of a sandbox, with its own key, login, data and tokens; `Sandbox.add_merchant` makes it.

    Attributes:
        faults: The injected faults of this merchant's requests; `Sandbox.faults` has those of all.
        calls: How many of its requests arrived, by method and path template: `GET /api/v1/pos/receipts`.
        arrivals: When its requests arrived, those that were refused too: seconds on the sandbox's clock, rising.
    """

    def __init__(
        self,
        account: Account,
        databases: Databases,
        settings: Settings,
        address: Callable[[], str],
        *,
        file: str | PathLike[str] | None,
        simulation: Simulation | None,
        rate_limit: RateLimit | None,
    ) -> None:
        super().__init__(account, Database(databases, self._connect), address)
        self.faults: Faults = Faults()
        self.calls: Counter[str] = Counter()
        self.arrivals: array[float] = array("d")
        self._databases = databases
        self._settings = settings
        self._file = file
        self._simulation = simulation
        self._made_in: str | PathLike[str] | None = None
        self._bucket = None if rate_limit is None else TokenBucket(rate_limit)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(phone_number={self.phone_number!r})"

    def most_requests(self, *, within: float) -> int:
        """Return how many of its requests arrived at most in any span of time.

        Args:
            within: The length of the span, seconds.
        """
        return most_within(self.arrivals, within)

    def arrive(self, name: str) -> int:
        """Count a request and take it from the rate limit.

        Args:
            name: Its method and path template.

        Returns:
            0 where it is within the limit; else after how many whole seconds the next one is.
        """
        now = self._settings.clock()
        self.calls[name] += 1
        self.arrivals.append(now)
        return 0 if self._bucket is None else math.ceil(self._bucket.take(now))

    def opened(self) -> AbstractContextManager[Service]:
        """Keep the database open inside, and give what calls work with."""
        return self._database.opened()

    @property
    def is_unmade(self) -> bool:
        """Whether the business is still to be simulated, which takes time."""
        return self._simulation is not None and self._made_in != self._path

    def make(self) -> None:
        """Simulate the business now, not with the first request."""
        with self.opened():
            pass

    @property
    def _path(self) -> str | PathLike[str]:
        return self._databases.folder / f"{id(self)}.sqlite" if self._file is None else self._file

    def _connect(self) -> Service:
        settings = self._settings
        storage = Storage(self._path, durable=self._file is not None)
        if self._simulation is not None and self.is_unmade:
            if not storage.query("SELECT 1 FROM shops LIMIT 1"):
                _load(storage, simulate(self._simulation))
            self._made_in = self._path
        sessions = Sessions(storage, self._account, settings.lifetimes)
        return Service(storage, sessions, settings.wire, settings.token_form, settings.max_per_page)


def _load(storage: Storage, business: _Business) -> None:
    with storage.transaction():
        for name, rows in business.rows.items():
            storage.insert_rows(name, rows)


def _last_day(business: _Business) -> date:
    if not business.rows.get("receipts"):
        raise ValueError("The business has no receipts to drift from the last day of: name the day with since=.")
    latest: datetime = max(row["created_at"] for row in business.rows["receipts"])
    return latest.astimezone(KYIV).date()
