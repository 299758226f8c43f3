"""The client: areas with typed methods, over one careful pipe from a call to its answer."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from inspect import Signature, signature
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, Self, TypeVar

import msgspec

from smartkasa_async._core.emitting import EventEmitter
from smartkasa_async._core.options import CallOptions
from smartkasa_async._core.pipeline import LoopClient
from smartkasa_async._core.session import LoginMemory
from smartkasa_async._core.wire_forms import WireMemory
from smartkasa_async._generated.areas import Areas
from smartkasa_async._i18n.message import msg
from smartkasa_async._support.arguments import check_callbacks
from smartkasa_async._support.clock import ServiceClock
from smartkasa_async.errors import ConfigurationError, TokenStoreError
from smartkasa_async.pagination import Pages
from smartkasa_async.retry import RetryPolicy
from smartkasa_async.settings import Settings
from smartkasa_async.token_stores import FileTokenStore, MemoryTokenStore

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping, Sequence
    from types import TracebackType

    import aiohttp

    from smartkasa_async._base.operation import ListAnswer, Operation
    from smartkasa_async._support.network import Network
    from smartkasa_async.blocking import BlockingSmartKasa
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.events import Event
    from smartkasa_async.models import Session
    from smartkasa_async.pagination import Fetched
    from smartkasa_async.settings import SharedPace, TokenForm, WireForm, WireSetting
    from smartkasa_async.token_stores import TokenStore

__all__ = ["RawAnswer", "SmartKasa"]

_P = ParamSpec("_P")
AnswerT = TypeVar("AnswerT")
RecordT = TypeVar("RecordT")
_ResultT = TypeVar("_ResultT")

_DECODER = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(frozen=True, slots=True)
class RawAnswer(Generic[AnswerT]):
    """An answer, decoded and as it came.

    Attributes:
        answer: The answer's struct, with `data` and `meta`.
        status: HTTP status.
        headers: Headers, case-insensitive.
        body: Bytes of the body, unpacked.
    """

    answer: AnswerT
    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"RawAnswer({self.status}, {len(self.body)} bytes)"

    def json(self) -> Any:
        """Read the body as Python's own types, with the keys that the structs do not know.

        Returns:
            Dicts, lists, texts and numbers; those with a fraction are `Decimal`.
        """
        return _DECODER.decode(self.body)


def _with_arguments_of(
    init: Callable[Concatenate[Any, _P], None],
) -> Callable[[Callable[..., _ResultT]], staticmethod[_P, _ResultT]]:
    """Give a function the signature of a constructor, for type checkers and for `help`."""

    def decorate(function: Callable[..., _ResultT]) -> staticmethod[_P, _ResultT]:
        _, *parameters = signature(init).parameters.values()
        returned = signature(function).return_annotation
        vars(function)["__signature__"] = Signature(parameters, return_annotation=returned)
        return staticmethod(function)

    return decorate


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
        timeout: Total timeout per call, in seconds, including retries and waits; waiting for a permit is not counted.
        retry: How often and how long failed calls are retried.
        concurrency: Maximum number of concurrent requests.
        calls_per_second: Maximum number of requests per second; None for no limit.
        pace: A rate that other clients share, beside `calls_per_second`; None for none.
        max_answer_bytes: Largest accepted answer, in bytes after decompression.
        on_event: Called with each `Event`, for logs and metrics; it must not block.
        trace_configs: aiohttp's own hooks, for example those of OpenTelemetry's instrumentation.
        proxy: Address of the proxy that https goes through, `http://user:password@host:port`; from SMARTKASA_PROXY
            where None, else what `trust_env` finds. It is asked to pass connections on (CONNECT), and can read nothing
            of them; http on loopback goes directly.
        trust_env: Whether the proxy of HTTPS_PROXY, ALL_PROXY or the system's settings is used, except for addresses in
            NO_PROXY; from SMARTKASA_TRUST_ENV where None, else True.
        ca_file: File of certificates (PEM) that are trusted besides the system's, such as that of a company's own
            authority; from SMARTKASA_CA_FILE where None.
        ssl_context: Context that checks certificates, instead of `ca_file`.
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
        pace: SharedPace | None = None,
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
        self._token_store = _token_store_of(self._settings, session, token_store)
        self._logins = LoginMemory()
        self._wire = WireMemory(self._settings.wire)
        check_callbacks(on_event=on_event)
        self._emitter = EventEmitter([] if on_event is None else [on_event])
        self._trace_configs = tuple(trace_configs)
        self._pace = pace
        self._clock = ServiceClock()
        self._options = CallOptions(self._settings.timeout, self._settings.retry)
        self._loop_clients = _LoopClients(self._new_loop_client)
        self._for_running_loop = self._loop_clients.for_running_loop

    def __repr__(self) -> str:
        settings = self._settings
        return f"SmartKasa(base_url={settings.base_url!r}, wire={settings.wire!r}, token_form={settings.token_form!r})"

    async def __aenter__(self) -> Self:
        self._loop_clients.forget_closed()
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
        await self._for_running_loop().close()

    @_with_arguments_of(__init__)
    def blocking(**settings: Any) -> BlockingSmartKasa:
        """Make a client for code without an event loop; the arguments are those of `SmartKasa`.

        Write `with SmartKasa.blocking(…) as kasa:`, then `kasa.shops.get(1)`, `for shop in kasa.shops.list():`,
        `kasa.import_products("prices.csv")`; each call waits for its result.

        Raises:
            ConfigurationError: A setting is missing or wrong.
        """
        from smartkasa_async.blocking import BlockingSmartKasa  # noqa: PLC0415  (who awaits needs none of it)

        return BlockingSmartKasa(SmartKasa(**settings))

    @property
    def wire_form(self) -> WireForm:
        """Form of the next request body, which `wire="auto"` may have changed: `flat` or `enveloped`."""
        return self._wire.form

    @property
    def clock_skew(self) -> float | None:
        """Seconds that this machine's clock is ahead of the service's, negative behind it; None before it is known.

        It is taken from the header `Date` of answers, at most once a second, and differences below a second are not
        measured.
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
        return await self._for_running_loop().login_now(self._options.plain)

    async def logout(self) -> None:
        """End the session at the service and forget its tokens; does nothing where there is no session.

        API: `DELETE /api/v1/auth/sessions/logout`
        """
        await self._for_running_loop().logout(self._options.plain)

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

    async def call(
        self,
        operation: Operation[AnswerT],
        *,
        id: str | int | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> AnswerT:
        """Call any operation of `smartkasa_async.operations`; the areas' methods do it with typed arguments.

        Args:
            operation: What to call.
            id: Value of `{id}` in the operation's path; refused where that has none.
            query: Query parameters by their wire names; None values are left out.
            body: Struct of the request body; refused where the operation sends none.

        Returns:
            The answer's struct, with `data` and `meta`.

        Raises:
            InvalidRequestError: An argument or a field has the wrong type, or the operation does not take it.
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.
        """
        answer, _ = await self._for_running_loop().call(self._options_for(operation), operation, id, query, body)
        return answer

    async def call_raw(
        self,
        operation: Operation[AnswerT],
        *,
        id: str | int | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> RawAnswer[AnswerT]:
        """Call any operation, and return the answer also as it came: status, headers and bytes.

        Args:
            operation: What to call.
            id: Value of `{id}` in the operation's path; refused where that has none.
            query: Query parameters by their wire names; None values are left out.
            body: Struct of the request body; refused where the operation sends none.

        Returns:
            The answer's struct, and what it was made of, with the keys that this version does not know.

        Raises:
            InvalidRequestError: An argument or a field has the wrong type, or the operation does not take it.
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.
        """
        answer, reply = await self._for_running_loop().call(self._options_for(operation), operation, id, query, body)
        return RawAnswer(answer, reply.status, reply.headers, reply.body)

    def with_options(
        self,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> Self:
        """Return a view of this client whose calls differ; session, limits and connections are the same.

        A view of a view adds to its options. Closing either closes the connections of both. Headers and extras are not
        sent with what the session needs: login, refresh and logout, whether you call them or the client does.

        Args:
            timeout: Total timeout per call, in seconds, retries and waits included.
            retry: How often and how long failed calls are retried.
            headers: Headers to send with each call, such as `Accept-Language`; they do not appear in logs or errors.
            extra_query: Query parameters that this version of the library does not know; a list is sent as `name[]`.
            extra_body: Keys to add to the JSON of each record that is sent, after it was checked: to the body of a
                create or an update, and to each record of a batch, in whichever form bodies have. A key that the
                struct has too is replaced. Calls that send no record (reads and deletes) are as they were, so that
                jobs can run through the view.

        Raises:
            ConfigurationError: `timeout` or `retry` cannot be used.
            InvalidRequestError: Something cannot be sent; names it.
        """
        view = copy(self)
        Areas.__init__(view, view)
        view._options = self._options.but(  # noqa: SLF001  (its own kind)
            timeout=timeout, retry=retry, headers=headers, extra_query=extra_query, extra_body=extra_body
        )
        return view

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
            return self._for_running_loop().fetch_page(self._options, operation, query)

        return Pages(operation, fetch, query, limit=limit, on_unreadable=on_unreadable)

    @contextmanager
    def listening(self, listener: Callable[[Event], None]) -> Iterator[None]:
        """Call a further listener with each `Event` while the block runs.

        Of a call that started in the block it hears the end also after the block; of one that started before, it hears
        no end.

        Args:
            listener: Like `on_event`; it must not block.
        """
        check_callbacks(listener=listener)
        self._emitter.listeners.append(listener)
        try:
            yield
        finally:
            self._emitter.listeners.remove(listener)

    def _options_for(self, operation: Operation[Any]) -> CallOptions:
        return self._options if operation.area != "auth" else self._options.plain

    def _new_loop_client(self) -> LoopClient:
        return LoopClient(
            self._settings,
            self._token_store,
            logins=self._logins,
            wire=self._wire,
            emitter=self._emitter,
            trace_configs=self._trace_configs,
            pace=self._pace,
            clock=self._clock,
            options=self._options,
        )


def _token_store_of(settings: Settings, session: Session | None, given: TokenStore | None) -> TokenStore:
    if session is not None and not hasattr(session, "access"):
        kind = type(session).__name__
        raise ConfigurationError(msg("session is of type {type}; give the Session that a login returned", type=kind))
    if given is None:
        return MemoryTokenStore(session)
    if session is not None:
        raise ConfigurationError(msg("session and token_store are both given; give one of them"))
    if not hasattr(given, "load"):
        kind = type(given).__name__
        raise ConfigurationError(
            msg("token_store is of type {type}; give a store, for example FileTokenStore(path)", type=kind)
        )
    if isinstance(given, FileTokenStore):
        return given.for_account(settings.address, settings.phone_number)
    return given


class _LoopClients:
    """The client of each event loop, shared by a client and its views.

    Connections that nobody closed are closed with their loop, since no other can close them.
    """

    def __init__(self, make: Callable[[], LoopClient]) -> None:
        self._make = make
        self._latest: LoopClient | None = None
        self._clients: dict[asyncio.AbstractEventLoop, LoopClient] = {}
        self._endings: dict[asyncio.AbstractEventLoop, AsyncGenerator[None, None]] = {}
        self._lock = threading.Lock()  # loops may run in threads of their own

    def for_running_loop(self) -> LoopClient:
        """Return the client of the running event loop."""
        loop = asyncio.get_running_loop()
        client = self._latest
        if client is None or client.loop is not loop:
            with self._lock:
                client = self._clients.get(loop)
                if client is None:
                    client = self._clients[loop] = self._make()
                    self._watch_end_of(loop)
            self._latest = client
        return client

    def forget_closed(self) -> None:
        """Let the next call of the running loop open connections anew, if they were closed."""
        loop = asyncio.get_running_loop()
        with self._lock:
            client = self._clients.get(loop)
            if client is not None and client.closed:
                del self._clients[loop]
                self._latest = None

    def _watch_end_of(self, loop: asyncio.AbstractEventLoop) -> None:
        for ended in [known for known in self._endings if known.is_closed()]:  # without closing its generators
            self._clients.pop(ended, None)
            del self._endings[ended]
        if loop not in self._endings:
            self._endings[loop] = self._close_with_loop(loop)
            with suppress(StopIteration):  # runs to its `yield`, by which the loop knows it
                self._endings[loop].asend(None).send(None)

    async def _close_with_loop(self, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[None, None]:
        """Wait for the loop's end: `asyncio.run` and the like then close the generators that are left."""
        try:
            yield
        finally:
            with self._lock:
                client = self._clients.pop(loop, None)
                self._latest = None
                self._endings.pop(loop, None)
            if client is not None:
                with suppress(TokenStoreError):  # which is in the log
                    await client.close()
