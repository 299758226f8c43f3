"""The client: areas with typed methods, over one careful pipe from a call to its answer."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self, TypeVar

from smartkasa_async._core.pipeline import CallLine
from smartkasa_async._core.session import LoginMemory
from smartkasa_async._core.telling import Teller
from smartkasa_async._core.wire_forms import WireMemory
from smartkasa_async._generated.areas import Areas
from smartkasa_async._i18n.phrases import phrase
from smartkasa_async._support.clock import ServiceClock
from smartkasa_async.errors import ConfigurationError, TokenStoreError
from smartkasa_async.pagination import Pages
from smartkasa_async.retry import RetryPolicy
from smartkasa_async.settings import Settings
from smartkasa_async.token_stores import FileTokenStore, MemoryTokenStore

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
    from types import TracebackType

    import aiohttp

    from smartkasa_async._base.area import ListAnswer
    from smartkasa_async._base.operation import Operation
    from smartkasa_async._support.network import Network
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.events import Event
    from smartkasa_async.models import Session
    from smartkasa_async.pagination import Fetched
    from smartkasa_async.settings import TokenForm, WireForm, WireSetting
    from smartkasa_async.token_stores import TokenStore

__all__ = ["SmartKasa"]

AnswerT = TypeVar("AnswerT")
RecordT = TypeVar("RecordT")


class SmartKasa(Areas):
    """Async client of the SmartKasa API.

    Use it as `async with SmartKasa(…) as kasa:`, or call `aclose` when done. It logs in on first need and keeps the
    session fresh. One instance serves any number of tasks, and any number of event loops one after or beside another.

    Args:
        api_key: Key of the integration; from SMARTKASA_API_KEY where None.
        phone_number: The user's phone number, written in any way: +380 97 123 45 67, 0971234567; from
            SMARTKASA_PHONE_NUMBER where None.
        password: The user's password; from SMARTKASA_PASSWORD where None.
        base_url: Address of the service; from SMARTKASA_BASE_URL where None, else the live service. Only
            https, but on loopback.
        wire: Form of request bodies: `flat` as in the documentation, `enveloped` as in the vendor's Blueprint, or
            `auto`: flat, until the service refuses a body because the key of its envelope is missing.
        token_form: Form of tokens: `bearer` as in the documentation, or `bare`, without the word Bearer.
        session: Tokens from an earlier login.
        token_store: Where tokens are kept between runs, for example `FileTokenStore(path)`; in memory where None.
        timeout: Seconds that one call may take, retries and waits included; waiting for a free place is not counted.
        retry: How patiently failed calls are repeated.
        concurrency: Most requests on their way at once.
        calls_per_second: Most requests in a second; None for no limit.
        max_answer_bytes: Largest answer that is accepted, bytes after decompression.
        on_event: Called with each `Event`, for logs and metrics; it must not block.
        trace_configs: aiohttp's own hooks, for example those of OpenTelemetry's instrumentation.
        proxy: Address of the proxy that https goes through, `http://user:password@host:port`; from SMARTKASA_PROXY
            where None, else what `trust_env` finds. It is asked to pass connections on (CONNECT), and can read nothing
            of them; http on loopback goes directly.
        trust_env: Whether a proxy that HTTPS_PROXY, ALL_PROXY or the system's settings name is used, but for what
            NO_PROXY excepts; from SMARTKASA_TRUST_ENV where None, else True.
        ca_file: File of certificates (PEM) that are trusted besides the system's, such as that of a company's own
            authority; from SMARTKASA_CA_FILE where None.
        ssl_context: By what certificates are checked, in the place of `ca_file`.
        connector_factory: Makes an aiohttp connector, called once in each event loop; for SOCKS proxies, resolvers of
            your own and the like. None for the client's own connector.

    Raises:
        ConfigurationError: A setting is missing or wrong.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        phone_number: str | None = None,
        password: str | None = None,
        base_url: str | None = None,
        wire: WireSetting = "auto",
        token_form: TokenForm = "bearer",  # noqa: S107  (a form, no secret)
        session: Session | None = None,
        token_store: TokenStore | None = None,
        timeout: float = 60.0,
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008  (frozen)
        concurrency: int = 16,
        calls_per_second: float | None = None,
        max_answer_bytes: int = 64 * 1024 * 1024,
        on_event: Callable[[Event], None] | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] = (),
        proxy: str | None = None,
        trust_env: bool | None = None,
        ca_file: str | os.PathLike[str] | None = None,
        ssl_context: ssl.SSLContext | None = None,
        connector_factory: Callable[[], aiohttp.BaseConnector] | None = None,
    ) -> None:
        super().__init__(self)
        self._settings = Settings(
            api_key=api_key,
            phone_number=phone_number,
            password=password,
            base_url=base_url,
            wire=wire,
            token_form=token_form,
            timeout=timeout,
            retry=retry,
            concurrency=concurrency,
            calls_per_second=calls_per_second,
            max_answer_bytes=max_answer_bytes,
            proxy=proxy,
            trust_env=trust_env,
            ca_file=ca_file,
            ssl_context=ssl_context,
            connector_factory=connector_factory,
        )
        if session is not None and token_store is not None:
            raise ConfigurationError(phrase("session and token_store are both given; give one of them"))
        if token_store is not None and not hasattr(token_store, "load"):
            kind = type(token_store).__name__
            raise ConfigurationError(
                phrase("token_store is of type {type}; give a store, for example FileTokenStore(path)", type=kind)
            )
        if isinstance(token_store, FileTokenStore):
            token_store = token_store.for_account(self._settings.address, self._settings.phone_number)
        self._token_store = MemoryTokenStore(session) if token_store is None else token_store
        self._logins = LoginMemory()
        self._wire = WireMemory(self._settings.wire)
        self._teller = Teller([] if on_event is None else [on_event])
        self._trace_configs = tuple(trace_configs)
        self._clock = ServiceClock()
        self._line: CallLine | None = None
        self._lines: dict[asyncio.AbstractEventLoop, CallLine] = {}
        self._lock = threading.Lock()  # loops may run in threads of their own

    def __repr__(self) -> str:
        settings = self._settings
        return f"SmartKasa(base_url={settings.base_url!r}, wire={settings.wire!r}, token_form={settings.token_form!r})"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        with self._lock:
            line = self._lines.get(loop)
            if line is not None and line.closed:
                del self._lines[loop]
                self._line = None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self.aclose()
        except TokenStoreError:  # which is in the log, and not what the block ended with
            if error is None:
                raise

    async def aclose(self) -> None:
        """Close the connections of the running event loop; calls that run there end with `ClientClosedError`.

        A write that was on its way ends with `OutcomeUnknownError`. The session stays valid; `logout` ends it.

        Raises:
            TokenStoreError: The newest tokens could not be saved, and there are no credentials to make others.
        """
        await self._here().close()

    @property
    def wire_form(self) -> WireForm:
        """Form of the next request body, which `wire="auto"` may have changed: `flat` or `enveloped`."""
        return self._wire.form

    @property
    def clock_skew(self) -> float | None:
        """Seconds that this machine's clock is ahead of the service's, negative behind it; None before it is known.

        It is taken from the header `Date` of answers, at most once a second, and less than a second is not told apart.
        """
        return self._clock.skew

    @property
    def network(self) -> Network:
        """How connections are made: proxy, authorities, connector; also for what is fetched beside the service."""
        return self._settings.network

    async def login(self) -> Session:
        """Log in now, rather than on the first call.

        Returns:
            The new tokens, which are kept already.

        Raises:
            LoginRefusedError: The service does not accept phone number and password, or the key.
            SessionError: The client has no credentials.
            TokenStoreError: The new tokens are in use, and could not be saved.

        API: `POST /api/v1/auth/sessions`
        """
        return await self._here().login_now()

    async def logout(self) -> None:
        """End the session at the service and forget its tokens; does nothing where there is no session.

        API: `DELETE /api/v1/auth/sessions/logout`
        """
        await self._here().logout()

    async def account_id(self) -> str:
        """Name the account that this client works for, so that jobs can be kept from being done twice at once.

        Returns:
            A digest of the address, the key and the phone number, from which none of them can be read; without a phone
            number, of the session that is stored at the moment.

        Raises:
            TokenStoreError: There is no phone number, and the stored session cannot be read.
        """
        who = self._settings.phone_number
        if who is None:
            session = await self._token_store.load()
            who = "" if session is None else session.access
        return sha256(f"{self._settings.address}\n{self._settings.key}\n{who}".encode()).hexdigest()

    def call(
        self,
        operation: Operation[AnswerT],
        *,
        id: str | int | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> Coroutine[Any, Any, AnswerT]:
        """Carry out any operation of `smartkasa_async.operations`; the areas' methods do it with typed arguments.

        Args:
            operation: What to call.
            id: Value of `{id}` in the operation's path.
            query: Query parameters by their wire names; None values are left out.
            body: Struct of the request body.

        Returns:
            The answer's struct, with `data` and `meta`.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.
        """
        return self._here().call(operation, id, query, body)

    def pages(
        self,
        operation: Operation[ListAnswer[RecordT]],
        query: Mapping[str, object],
        *,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[RecordT]:
        """Describe a list of any list operation; nothing is sent before it is awaited or iterated.

        Args:
            operation: A list operation.
            query: Query parameters by their wire names; None values are left out.
            limit: Most records to give in total; None for all.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.
        """

        def fetch(query: Mapping[str, object]) -> Coroutine[Any, Any, Fetched[RecordT]]:
            return self._here().fetch_page(operation, query)

        return Pages(operation, fetch, query, limit=limit, on_unreadable=on_unreadable)

    @contextmanager
    def listening(self, listener: Callable[[Event], None]) -> Iterator[None]:
        """Call a further listener with each `Event` while the block runs.

        Of a call that started in the block it hears the end also after the block; of one that started before, it hears
        no end.

        Args:
            listener: Like `on_event`; it must not block.
        """
        self._teller.listeners.append(listener)
        try:
            yield
        finally:
            self._teller.listeners.remove(listener)

    def _here(self) -> CallLine:
        """Return what serves the running event loop."""
        loop = asyncio.get_running_loop()
        line = self._line
        if line is None or line.loop is not loop:
            with self._lock:
                line = self._lines.get(loop)
                if line is None:
                    line = CallLine(
                        self._settings,
                        self._token_store,
                        logins=self._logins,
                        wire=self._wire,
                        teller=self._teller,
                        trace_configs=self._trace_configs,
                        clock=self._clock,
                    )
                    self._lines = {known: its for known, its in self._lines.items() if not known.is_closed()}
                    self._lines[loop] = line
            self._line = line
        return line
