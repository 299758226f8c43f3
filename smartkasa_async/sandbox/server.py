"""The sandbox as a server: in the caller's event loop, or in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Self, cast

from aiohttp import web

from smartkasa_async.sandbox.app import make_app
from smartkasa_async.sandbox.auth import Account, Lifetimes
from smartkasa_async.sandbox.databases import NOT_RUNNING, Databases
from smartkasa_async.sandbox.errors import UsageError
from smartkasa_async.sandbox.faults import Faults
from smartkasa_async.sandbox.merchant import Merchant, MerchantData, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import PathLike
    from types import TracebackType

    from smartkasa_async.sandbox.business import Simulation
    from smartkasa_async.sandbox.rates import RateLimit

_DAY = timedelta(days=1)
_TURNS_TO_CONNECT = 4
_LONGEST_STOP = 30.0
"""Seconds."""
_LAST_PORT = 65535
_FIRST_PHONE = 380960000006


class Sandbox(MerchantData):
    """The SmartKasa service, embedded: all 56 operations on a real socket over a real database.

    It has one merchant; `add_merchant` adds others. Data, credentials and tokens of the sandbox are those of the first.

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
        rate_limit: How many requests of each merchant are answered; the rest get a 429. None for all.
        clock: Gives the seconds of the rate limit and of `Merchant.arrivals`; None for the time since some start.

    Attributes:
        faults: The injected faults, which affect the requests of all merchants.
        calls: How many requests of all arrived, by method and path template: `GET /api/v1/pos/receipts`.
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
        rate_limit: RateLimit | None = None,
        clock: Callable[[], float] | None = None,
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
        lifetimes = Lifetimes(access_lifetime, refreshed_access_lifetime, refresh_lifetime)
        self._settings = Settings(wire, token_form, lifetimes, max_per_page, clock or time.monotonic)
        self._host = host
        self._port = port
        self._rate_limit = rate_limit
        self._databases = Databases()
        self._merchants: dict[str, Merchant] = {}
        first = self.add_merchant(
            api_key=api_key,
            phone_number=phone_number,
            password=password,
            database=":memory:" if database is None else database,
        )
        super().__init__(first._account, first._database, first._address)  # noqa: SLF001 both show the same data
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None

    def _find_address(self) -> str:
        if self._listener is None:
            raise RuntimeError(NOT_RUNNING)
        host, port = self._listener.sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def merchants(self) -> tuple[Merchant, ...]:
        """All merchants, in the order in which they were added."""
        return tuple(self._merchants.values())

    def add_merchant(
        self,
        *,
        simulation: Simulation | None = None,
        api_key: str | None = None,
        phone_number: str | None = None,
        password: str | None = None,
        database: str | PathLike[str] | None = None,
        rate_limit: RateLimit | None = None,
    ) -> Merchant:
        """Add a merchant with data of their own, before the sandbox starts or while it serves.

        Ids are counted for each merchant, so those of two merchants are alike; equal simulations have equal ids.

        Args:
            simulation: The business, which is made when it is first asked for; None for an empty one.
            api_key: The API key; generated where None, like the others.
            phone_number: The phone number to log in with.
            password: The password to log in with.
            database: A SQLite file, which is made if it does not exist; None for one that is deleted when the sandbox
                stops.
            rate_limit: How many requests are answered; None for the sandbox's limit.

        Raises:
            ValueError: Another merchant has the API key.
        """
        account = Account.make(api_key, phone_number or f"{_FIRST_PHONE + len(self._merchants)}", password)
        if account.api_key in self._merchants:
            raise UsageError("Two merchants cannot have the same API key: give each one of its own, or none.")
        merchant = Merchant(
            account,
            self._databases,
            self._settings,
            self._find_address,
            file=database,
            simulation=simulation,
            rate_limit=rate_limit or self._rate_limit,
        )
        self._merchants[account.api_key] = merchant
        return merchant

    async def start(self) -> None:
        """Open the database and listen."""
        if self._databases.running:
            raise RuntimeError("The sandbox is running already: start it once, or make another one.")
        self._databases.start()
        runner = None
        try:
            self._database.open()
            app = make_app(self._merchants, self.faults, self.calls)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
            await runner.setup()
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_server(cast("web.Server", runner.server), self._host, self._port)
        except BaseException:
            if runner is not None:
                await runner.cleanup()
            self._databases.stop()
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
            self._databases.stop()

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
