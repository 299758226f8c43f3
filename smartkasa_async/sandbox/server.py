"""The sandbox as a server: in the caller's event loop, or in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, Self, TypedDict, cast

from aiohttp import web

from smartkasa_async.sandbox.app import make_app
from smartkasa_async.sandbox.auth import Account, Lifetimes, Sessions
from smartkasa_async.sandbox.business import plan_timeline
from smartkasa_async.sandbox.calls import Service
from smartkasa_async.sandbox.drift import Drift
from smartkasa_async.sandbox.errors import UsageError
from smartkasa_async.sandbox.faults import Faults
from smartkasa_async.sandbox.schema import TABLES
from smartkasa_async.sandbox.storage import Storage, Where
from smartkasa_async.sandbox.wire import KYIV, kyiv_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime
    from os import PathLike
    from types import TracebackType
    from typing import Protocol

    class _Business(Protocol):
        @property
        def rows(self) -> Mapping[str, Sequence[Mapping[str, Any]]]: ...


_DAY = timedelta(days=1)
_TURNS_TO_CONNECT = 4
_LONGEST_STOP = 30.0
_LAST_PORT = 65535
"""Seconds."""


class Credentials(TypedDict):
    """What a client needs to use a sandbox."""

    base_url: str
    api_key: str
    phone_number: str
    password: str


class Sandbox:
    """The SmartKasa service, embedded: all 56 operations on a real socket over a real database.

    Args:
        database: A SQLite file, which is made if it does not exist; None for one in memory.
        wire: The form of bodies that is taken: `flat`, `enveloped`, or `both`. A refresh token is read from
            `Authorization` in the flat form, from `X-Refresh-Token` in the enveloped.
        token_form: The form of tokens that is taken: `bearer`, `bare`, or `both`.
        host: The address to listen on.
        port: The port to listen on; 0 for a free one.
        access_lifetime: How long an access token is good after a login.
        refreshed_access_lifetime: How long an access token is good after a refresh.
        refresh_lifetime: How long a refresh token is good.
        max_per_page: The page size to which larger ones are cut silently.
        api_key: The API key; generated where None, like the others.
        phone_number: The phone number to log in with.
        password: The password to log in with.

    Attributes:
        faults: The injected faults.
        calls: How many requests arrived, by method and path template: `GET /api/v1/pos/receipts`.
    """

    def __init__(
        self,
        *,
        database: str | PathLike[str] | None = None,
        wire: Literal["both", "flat", "enveloped"] = "both",
        token_form: Literal["both", "bearer", "bare"] = "both",  # noqa: S107  (a form, no secret)
        host: str = "127.0.0.1",
        port: int = 0,
        access_lifetime: timedelta = _DAY,
        refreshed_access_lifetime: timedelta = 30 * _DAY,
        refresh_lifetime: timedelta = 30 * _DAY,
        max_per_page: int = 100,
        api_key: str | None = None,
        phone_number: str | None = None,
        password: str | None = None,
    ) -> None:
        if wire not in {"both", "flat", "enveloped"}:
            raise ValueError(f"wire={wire!r} is unknown: use 'both', 'flat' or 'enveloped'.")
        if token_form not in {"both", "bearer", "bare"}:
            raise ValueError(f"token_form={token_form!r} is unknown: use 'both', 'bearer' or 'bare'.")
        if not 0 <= port <= _LAST_PORT:
            raise UsageError("port is {value}: use 0 to {last}, 0 for any that is free.", value=port, last=_LAST_PORT)
        if max_per_page < 1:
            raise ValueError(f"max_per_page={max_per_page} leaves no rows: use 1 or more.")
        self.faults: Faults = Faults()
        self.calls: Counter[str] = Counter()
        self._database = database
        self._wire = wire
        self._token_form = token_form
        self._host = host
        self._port = port
        self._lifetimes = Lifetimes(access_lifetime, refreshed_access_lifetime, refresh_lifetime)
        self._max_per_page = max_per_page
        self._account = Account.make(api_key, phone_number, password)
        self._service: Service | None = None
        self._drifts: list[Drift] = []
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The server's address, without a slash at the end."""
        if self._listener is None:
            raise RuntimeError(_NOT_RUNNING)
        host, port = self._listener.sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

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

    async def start(self) -> None:
        """Open the database and listen."""
        if self._service is not None:
            raise RuntimeError("The sandbox is running already: start it once, or make another one.")
        storage = Storage(":memory:" if self._database is None else self._database)
        sessions = Sessions(storage, self._account, self._lifetimes)
        self._service = Service(storage, sessions, self._wire, self._token_form, self._max_per_page)
        runner = web.AppRunner(make_app(self._service, self.faults, self.calls), access_log=None, shutdown_timeout=1)
        try:
            await runner.setup()
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_server(cast("web.Server", runner.server), self._host, self._port)
        except BaseException:
            await runner.cleanup()
            self._close_database()
            raise
        self._runner = runner

    async def stop(self) -> None:
        """Stop listening and close the database."""
        runner, self._runner = self._runner, None
        listener, self._listener = self._listener, None
        try:
            if listener is not None:
                await _stop_listening(listener)
            if runner is not None:
                await runner.cleanup()
        finally:
            self._close_database()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @contextmanager
    def in_thread(self) -> Iterator[Self]:
        """Serve from a thread with an event loop of its own, for callers that have none.

        Raises:
            RuntimeError: The sandbox did not start, or had not stopped after half a minute.
        """
        started: _Handover = _Handover()
        thread = threading.Thread(target=self._serve_all, args=[started], name="smartkasa-sandbox", daemon=True)
        thread.start()
        loop, stop = started.wait()
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(_LONGEST_STOP)
            if thread.is_alive():
                raise RuntimeError(f"The sandbox had not stopped after {_LONGEST_STOP} s: something blocks its thread")

    def _serve_all(self, started: _Handover) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve(started))
        except BaseException as error:
            if not started.fail(error):
                raise

    async def _serve(self, started: _Handover) -> None:
        stop = asyncio.Event()
        await self.start()
        started.done(asyncio.get_running_loop(), stop)
        try:
            await stop.wait()
        finally:
            await self.stop()

    def load(self, business: _Business) -> None:
        """Put the rows of a simulated business into the database; rows with ids that are there already replace them.

        Args:
            business: Anything with `rows`: lists of rows by table name, values as `rows` gives them.
        """
        storage = self._running.storage
        unknown = business.rows.keys() - TABLES.keys()
        if unknown:
            raise ValueError(f"Unknown tables {sorted(unknown)}: the sandbox has {sorted(TABLES)}.")
        with storage.transaction():
            for name, rows in business.rows.items():
                storage.insert_rows(name, rows)

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
        service = self._running
        timeline = plan_timeline(business.rows, since or _last_day(business), seed, deletions=deletions)
        drift = Drift(service.storage, timeline.events, every=every, per_second=per_second)
        self.load(timeline)
        service.listeners.append(drift.answered)
        self._drifts.append(drift)
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
        return self._running.storage.rows(TABLES[table], conditions)

    def months(self) -> list[str]:
        """List the months whose receipts the database holds, `2026-10`, in Europe/Kyiv, the first one first."""
        hours = self._running.storage.query("SELECT DISTINCT substr(created_at, 1, 13) FROM receipts")
        return sorted({kyiv_time(f"{hour}:00:00.000+00:00")[:7] for (hour,) in hours})

    def expire_access_tokens(self) -> None:
        """Let all access tokens expire now; refresh tokens stay good."""
        self._running.sessions.expire("access_expires_at")

    def expire_tokens(self) -> None:
        """Let all access and refresh tokens expire now."""
        self._running.sessions.expire("access_expires_at", "refresh_expires_at")

    @property
    def _running(self) -> Service:
        if self._service is None:
            raise RuntimeError(_NOT_RUNNING)
        return self._service

    def _close_database(self) -> None:
        while self._drifts:
            self._drifts.pop().stop()
        service, self._service = self._service, None
        if service is not None:
            service.storage.close()


def _last_day(business: _Business) -> date:
    if not business.rows.get("receipts"):
        raise ValueError("The business has no receipts to drift from the last day of: name the day with since=.")
    latest: datetime = max(row["created_at"] for row in business.rows["receipts"])
    return latest.astimezone(KYIV).date()


async def _stop_listening(listener: asyncio.Server) -> None:
    """Accept no more connections, and close the listener once those that were accepted are known to the runner.

    asyncio forgets a connection, open, whose listener is closed between its acceptance and its start.
    """
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows: its event loop has no readers
        for socket in listener.sockets:
            loop.remove_reader(socket.fileno())
    for _ in range(_TURNS_TO_CONNECT):
        await asyncio.sleep(0)
    listener.close()


_NOT_RUNNING = "The sandbox is not running: use `async with Sandbox() as box` or `with Sandbox().in_thread() as box`."


class _Handover:
    """How the serving thread reports to the waiting one that it serves, or why it cannot."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._served: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None
        self._error: BaseException | None = None

    def done(self, loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
        self._served = (loop, stop)
        self._event.set()

    def fail(self, error: BaseException) -> bool:
        """Hand over an error; return whether somebody still waits for it."""
        if self._served is not None:
            return False
        self._error = error
        self._event.set()
        return True

    def wait(self) -> tuple[asyncio.AbstractEventLoop, asyncio.Event]:
        self._event.wait()
        if self._served is None:
            raise RuntimeError(f"The sandbox did not start: {self._error}") from self._error
        return self._served
