"""The pipe of every call, in one event loop: token, pace, send, judge, and perhaps once more."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from urllib.parse import urlsplit

from smartkasa_async import errors, events
from smartkasa_async._generated import operations
from smartkasa_async._phrases import phrase
from smartkasa_async._safe_text import one_line
from smartkasa_async._secrets import Secrets, hide_in_error
from smartkasa_async._version import __version__
from smartkasa_async._wire_forms import in_envelope, lacks_envelope
from smartkasa_async.models import SessionCreate
from smartkasa_async.pacing import Pace
from smartkasa_async.protocol import build_request, gives_reason, headers_for, read_error, read_page, read_reply
from smartkasa_async.retry import Failure, is_refusal, may_repeat, wait_before_retry
from smartkasa_async.session import SessionKeeper
from smartkasa_async.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    import aiohttp

    from smartkasa_async._area import ListAnswer
    from smartkasa_async._clock import ServiceClock
    from smartkasa_async._operation import Operation
    from smartkasa_async._wire_forms import WireMemory
    from smartkasa_async.models import Session
    from smartkasa_async.pagination import Fetched
    from smartkasa_async.protocol import Reply, Request
    from smartkasa_async.session import LoginMemory
    from smartkasa_async.settings import Settings
    from smartkasa_async.token_stores import TokenStore

__all__ = ["CallLine"]

AnswerT = TypeVar("AnswerT")
RecordT = TypeVar("RecordT")

_logger = logging.getLogger("smartkasa_async")
_USER_AGENT = f"smartkasa-async/{__version__}"
_NEGLIGIBLE_SECONDS = 0.05
_SECONDS_OF_A_DATE = 1.0
_REFUSES_LOGIN = frozenset({400, 401, 403, 404, 422})
_PASSING_OF_PROXY = frozenset({429, *range(500, 600)})


class CallLine:
    """All that a client needs in one event loop.

    Args:
        settings: The client's settings.
        token_store: Where tokens are kept.
        logins: What the client remembers of refused logins.
        wire: The form in which the client sends bodies.
        listeners: The client's hooks; the client may change them at any time.
        trace_configs: aiohttp's hooks.
        clock: Told the service's time, at most once a second.
    """

    def __init__(
        self,
        settings: Settings,
        token_store: TokenStore,
        *,
        logins: LoginMemory,
        wire: WireMemory,
        listeners: Sequence[Callable[[events.Event], None]],
        trace_configs: Sequence[aiohttp.TraceConfig],
        clock: ServiceClock,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.closed = False
        self._settings = settings
        self._address, self._key, self._token_form = settings.address, settings.key, settings.token_form
        self._wire = wire
        proxy = settings.network.proxy_for(settings.address)
        hidden = None if proxy is None else proxy.password
        self._secrets = Secrets(settings.key, settings.phone_number, settings.password, hidden)
        self._listeners = listeners
        self._places = asyncio.Semaphore(settings.concurrency)
        self._session_place = asyncio.Semaphore(1)
        self._held_until = 0.0
        self._clock = clock
        self._heard_until = 0.0
        self._pace = Pace(settings.calls_per_second) if settings.calls_per_second else None
        self._closing = asyncio.Event()
        self._logins = logins
        self._keeper = SessionKeeper(token_store, self, lambda: self._emit_refresh("store"), logins)
        self._transport = Transport(
            user_agent=_USER_AGENT,
            connections=settings.concurrency + 1,
            timeout=settings.timeout,
            max_answer_bytes=settings.max_answer_bytes,
            trace_configs=trace_configs,
            network=settings.network,
            proxy=proxy,
        )

    async def call(
        self, operation: Operation[AnswerT], id: str | int | None, query: Mapping[str, object] | None, body: object
    ) -> AnswerT:
        """Carry out one operation."""
        if operation.area != "auth":
            return await self._carry_out(operation, id, query, body)
        async with self._alone(operation):
            with suppress(errors.TokenStoreError):
                await self._keeper.has_session()  # which takes up what another process has saved
            if operation is operations.DELETE_SESSION:
                if self._keeper.access_token is None:
                    raise errors.SessionError(phrase("There is no session to end"), operation=operation.id)
                return await self._end_session(operation)
            return await self._carry_out(operation, id, query, body)

    async def _carry_out(
        self, operation: Operation[AnswerT], id: str | int | None, query: Mapping[str, object] | None, body: object
    ) -> AnswerT:
        request = build_request(operation, base_url=self._address, wire=self._wire.form, id=id, query=query, body=body)
        progress = _Progress(may_wrap=self._wire.may_wrap(operation))
        try:
            reply = await self._exchange(operation, request, progress)
            if progress.is_wrapped and self._wire.keep_enveloped():
                self._emit(events.WireFormEvent(operation.id, progress.attempt, wire="enveloped"))
            answer = read_reply(operation, reply, self._secrets.hide)
        except (errors.SmartKasaError, asyncio.CancelledError) as error:
            if not progress.in_doubt:
                raise
            self._tell_unknown(operation, progress, error)
            if isinstance(error, asyncio.CancelledError):
                raise
            raise _unknown(operation, error) from error
        if operation.area == "auth":
            await self._follow(operation, answer)
        return answer

    async def fetch_page(
        self, operation: Operation[ListAnswer[RecordT]], query: Mapping[str, object]
    ) -> Fetched[RecordT]:
        """Fetch one page of a list, of which a record that cannot be read costs itself alone."""
        request = build_request(operation, base_url=self._address, wire=self._wire.form, query=query)
        return read_page(operation, await self._exchange(operation, request, _Progress()), query, self._secrets.hide)

    async def close(self) -> None:
        """Close the connections; calls that run end with an error that says so."""
        if self.closed:
            return
        self.closed = True
        try:
            await self._keeper.close()
        finally:
            self._closing.set()
            await self._transport.close()

    # --- the session ---

    @property
    def has_credentials(self) -> bool:
        """Whether a login is possible."""
        return self._settings.phone_number is not None

    async def login_now(self) -> Session:
        """Log in, whatever became of earlier logins."""
        async with self._alone(operations.CREATE_SESSION):
            return await self.login()

    async def login(self) -> Session:
        """Log in with the client's credentials, for the keeper, which sees that nobody else does meanwhile."""
        if self._settings.phone_number is None or self._settings.password is None:
            raise errors.SessionError(phrase("There are no credentials to log in with: give phone_number and password"))
        body = SessionCreate(phone_number=self._settings.phone_number, password=self._settings.password)
        try:
            return (await self._carry_out(operations.CREATE_SESSION, None, None, body)).data
        except errors.ApiError as error:
            if error.status not in _REFUSES_LOGIN:
                raise
            is_form_doubtful = _is_form_doubtful(error)
            message = phrase("The service refuses the login ({reason})", reason=error.phrase)
            if is_form_doubtful:
                message = phrase(
                    "The service refuses the login, and not as it refuses wrong credentials ({reason}):"
                    " the wire form or the address may be the cause; run smartkasa doctor",
                    reason=error.phrase,
                )
            refusal = errors.LoginRefusedError(
                message,
                operation=error.operation,
                status=error.status,
                request_id=error.request_id,
                is_form_doubtful=is_form_doubtful,
            )
            refusal.__cause__ = error
            self._logins.note(refusal)
            raise refusal from error

    async def refresh(self) -> Session:
        """Exchange the refresh token for a new pair, likewise."""
        return (await self._carry_out(operations.REFRESH_SESSION, None, None, None)).data

    async def logout(self) -> None:
        """End the session, where there is one."""
        async with self._alone(operations.DELETE_SESSION):
            if not await self._keeper.has_session():
                return
            try:
                await self._end_session(operations.DELETE_SESSION)
            except (errors.UnauthorizedError, errors.ForbiddenError, errors.ValidationError):
                await self._keeper.forget()

    async def _end_session(self, operation: Operation[AnswerT]) -> AnswerT:
        try:
            return await self._carry_out(operation, None, None, None)
        except errors.UnauthorizedError:
            # The refresh token may be good for longer, and the session with it.
            with suppress(errors.TokenStoreError):
                await self.refresh()
            return await self._carry_out(operation, None, None, None)

    @asynccontextmanager
    async def _alone(self, operation: Operation[Any]) -> AsyncIterator[None]:
        """Let nobody else make or end tokens meanwhile; wait for others as long as a call may take."""
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self._keeper.alone(self._settings.timeout))
            except TimeoutError as error:
                raise _no_session(operation, others=True) from error
            yield

    async def _follow(self, operation: Operation[Any], answer: Any) -> None:
        """Let the session follow what an auth call did, whoever made it."""
        if operation is operations.DELETE_SESSION:
            await self._keeper.forget()
            return
        session = answer.data
        self._secrets.learn(session.access, session.refresh, session.csrf)
        how: Literal["login", "refresh"] = "refresh"
        if operation is operations.CREATE_SESSION:
            how = "login"
            self._logins.forget()
        try:
            await self._keeper.adopt(session)
        except errors.TokenStoreError:
            self._emit_refresh(how, saved=False)
            raise
        self._emit_refresh(how)

    async def _token(
        self,
        operation: Operation[Any],
        refused: str | None,
        unauthorized: errors.SmartKasaError | None,
        deadline: float,
    ) -> str | None:
        if operation.auth == "none":
            return None
        if operation.auth == "refresh":
            if self._keeper.refresh_token is None and not await self._keeper.has_session():
                raise errors.SessionError(
                    phrase("There is no session to refresh; log in first"), operation=operation.id
                )
            return self._keeper.refresh_token
        if operation is operations.DELETE_SESSION:
            return self._keeper.access_token  # a renewal would wait for who holds the session, which is this call
        try:
            async with asyncio.timeout_at(deadline):
                token = await self._keeper.token(refused)
        except TimeoutError as error:
            raise _no_session(operation, others=self._keeper.waits_for_lock) from error
        if unauthorized is not None and token == refused:
            raise unauthorized
        return token

    # --- one call ---

    async def _exchange(self, operation: Operation[Any], request: Request, progress: _Progress) -> Reply:
        """Send a request until there is an answer or no sense in going on.

        Args:
            operation: What is called.
            request: Its request.
            progress: Is kept true all the time, whatever ends this.
        """
        keeper, now = self._keeper, self.loop.time
        # A renewal must not need a place that a call holds while it waits for the renewal.
        places = self._places if operation.area != "auth" else self._session_place
        deadline = now() + self._settings.timeout
        refused: str | None = None
        unauthorized: errors.SmartKasaError | None = None
        while True:
            progress.attempt = attempt = progress.attempt + 1
            if self._pace is not None or self._held_until or places.locked():
                deadline += await self._wait_for_place(places, operation, attempt)
            else:
                await places.acquire()
            try:
                if self.closed:
                    raise errors.ClientClosedError(phrase("The client is closed"), operation=operation.id)
                token = keeper.fresh_token if operation.auth == "access" else None
                if token is None or token == refused:
                    token = await self._token(operation, refused, unauthorized, deadline)
                    request = self._in_form(operation, request, progress)  # which a login may have found meanwhile
                self._secrets.learn(token, keeper.refresh_token)
                headers = headers_for(
                    operation, token_form=self._token_form, api_key=self._key, token=token, body=request.body
                )
                self._tell_request(operation, attempt, request)
                started = now()
                was_in_doubt, progress.in_doubt = progress.in_doubt, operation.is_write
                ending: errors.SmartKasaError
                try:
                    reply = await self._transport.send(request, headers, seconds=self._seconds_left(deadline - started))
                except (errors.TransportError, errors.UnreadableAnswerError) as error:
                    error.operation = operation.id
                    hide_in_error(error, self._secrets.sent_in(request.body).hide)
                    failure, ending = _failure_of(error), error
                else:
                    self._tell_response(operation, attempt, reply, started)
                    if reply.status < 300:  # noqa: PLR2004
                        self._hear(reply, started)
                        keeper.accepted = token
                        return reply
                    failure, ending = _refusal_of(operation, reply, self._secrets.sent_in(request.body).hide)
                progress.in_doubt = was_in_doubt or (operation.is_write and not is_refusal(operation, failure))
                if self._wants_renewal(operation, failure, token, refused):
                    refused, unauthorized = token, ending
                    continue
                if progress.may_wrap and failure.lacks_envelope:
                    request = progress.wrap(operation, request)
                    continue
                wait = self._wait_or_raise(operation, failure, ending, attempt, deadline)
            finally:
                places.release()
            await self._pause(wait, operation)

    def _in_form(self, operation: Operation[Any], request: Request, progress: _Progress) -> Request:
        """Put a body that has not been sent yet into the form that was found since it was made."""
        is_late = progress.may_wrap and self._wire.form == "enveloped"
        return progress.wrap(operation, request) if is_late else request

    def _wants_renewal(
        self, operation: Operation[Any], failure: Failure, token: str | None, refused: str | None
    ) -> bool:
        """Tell whether a call may go on with a renewed session, which the next call has in any case."""
        if operation.area == "auth":
            return False
        if failure.status != 401:  # noqa: PLR2004
            if failure.status is not None:
                self._keeper.accepted = token
            return False
        self._keeper.distrust(token, refused)
        return is_refusal(operation, failure)

    def _seconds_left(self, left: float) -> float | None:
        """Bound an attempt by what is left of the call's time; None for all of it, which the transport has ready."""
        return None if left > self._settings.timeout - _NEGLIGIBLE_SECONDS else max(left, _NEGLIGIBLE_SECONDS)

    def _wait_or_raise(
        self,
        operation: Operation[Any],
        failure: Failure,
        error: errors.SmartKasaError,
        attempt: int,
        deadline: float,
    ) -> float:
        """Choose the wait before the next attempt, or raise what the call ends with."""
        if self.closed:
            raise errors.ClientClosedError(
                phrase("The client was closed during the call"), operation=operation.id
            ) from error
        wait = wait_before_retry(self._settings.retry, attempt, failure, random.uniform)
        if failure.retry_after is not None and failure.retry_after <= self._settings.retry.longest_retry_after:
            # What the service asks of one call, all calls of this client heed.
            self._held_until = max(self._held_until, self.loop.time() + failure.retry_after)
        if not may_repeat(operation, failure) or wait is None or self.loop.time() + wait >= deadline:
            raise error
        self._emit(events.RetryEvent(operation.id, attempt, reason=one_line(error.message), seconds=wait))
        return wait

    def _hear(self, reply: Reply, started: float) -> None:
        """Tell the clock the service's time; not with each call, since a date takes longer to read than answers."""
        if started >= self._heard_until:
            self._heard_until = started + _SECONDS_OF_A_DATE
            self._clock.hear(reply.headers, self.loop.time() - started)

    # --- waiting ---

    async def _wait_for_place(self, places: asyncio.Semaphore, operation: Operation[Any], attempt: int) -> float:
        """Wait for a place, which the caller gives back; tell how many seconds that took."""
        began = self.loop.time()
        if self._pace is not None and (seconds := self._pace.reserve(self.loop.time())):
            self._emit(events.WaitEvent(operation.id, attempt, cause="rate", seconds=seconds))
            await self._pause(seconds, operation)
        while (seconds := self._held_until - self.loop.time()) > 0:
            self._emit(events.WaitEvent(operation.id, attempt, cause="retry-after", seconds=seconds))
            await self._pause(seconds, operation)
        self._held_until = 0.0
        queued = self.loop.time()
        waits = places.locked()
        await places.acquire()
        ended = self.loop.time()
        if waits:
            self._emit(events.WaitEvent(operation.id, attempt, cause="concurrency", seconds=ended - queued))
        return ended - began

    async def _pause(self, seconds: float, operation: Operation[Any]) -> None:
        """Wait, unless the client is closed meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return
        raise errors.ClientClosedError(phrase("The client was closed while the call waited"), operation=operation.id)

    # --- events ---

    def _tell_request(self, operation: Operation[Any], attempt: int, request: Request) -> None:
        if self._listeners:
            path = urlsplit(request.url).path
            self._emit(events.RequestEvent(operation.id, attempt, method=request.method, path=path))

    def _tell_response(self, operation: Operation[Any], attempt: int, reply: Reply, started: float) -> None:
        if self._listeners:
            event = events.ResponseEvent(
                operation.id,
                attempt,
                status=reply.status,
                seconds=self.loop.time() - started,
                size=len(reply.body),
                request_id=None if reply.request_id is None else one_line(self._secrets.hide(reply.request_id)),
            )
            self._emit(event)

    def _tell_unknown(self, operation: Operation[Any], progress: _Progress, error: BaseException) -> None:
        reason = error.message if isinstance(error, errors.SmartKasaError) else str(phrase("the call was cancelled"))
        self._emit(events.OutcomeUnknownEvent(operation.id, progress.attempt, reason=reason))

    def _emit_refresh(self, how: Literal["login", "refresh", "store"], *, saved: bool = True) -> None:
        self._emit(events.RefreshEvent(operations.REFRESH_SESSION.id, 1, how=how, saved=saved))

    def _emit(self, event: events.Event) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(event)
            except Exception:  # a hook for logs must not break a call
                _logger.exception("A listener failed for %s", type(event).__name__)


class _Progress:
    """How far a call has come.

    Attributes:
        attempt: Number of the attempt, from 1.
        in_doubt: Whether it is a write that may have been carried out: from sending until the service's refusal.
        may_wrap: Whether its body went out flat and may go out enveloped, which is done once.
        is_wrapped: Whether it did.
    """

    __slots__ = ("attempt", "in_doubt", "is_wrapped", "may_wrap")

    def __init__(self, *, may_wrap: bool = False) -> None:
        self.attempt = 0
        self.in_doubt = False
        self.may_wrap = may_wrap
        self.is_wrapped = False

    def wrap(self, operation: Operation[Any], request: Request) -> Request:
        """Make the enveloped request of a flat one that was refused for want of the envelope."""
        self.may_wrap, self.is_wrapped = False, True
        return in_envelope(operation, request)


def _failure_of(error: errors.SmartKasaError) -> Failure:
    """Class a broken attempt."""
    if isinstance(error, errors.CertificateError):
        return Failure("untrusted")
    if isinstance(error, errors.ProxyRefusedError) and error.status not in _PASSING_OF_PROXY:
        return Failure("untrusted")
    if isinstance(error, errors.NotConnectedError):
        return Failure("unsent")
    if isinstance(error, (errors.ConnectionLostError, errors.CallTimeoutError)):
        return Failure("lost")
    return Failure("unusable")


def _refusal_of(operation: Operation[Any], reply: Reply, hide: Callable[[str], str]) -> tuple[Failure, errors.ApiError]:
    """Class an answer with an error status."""
    error = read_error(operation, reply, hide)
    lacks = lacks_envelope(operation, reply)
    has_reason = lacks or gives_reason(reply)
    return Failure("status", reply.status, error.retry_after, has_reason=has_reason, lacks_envelope=lacks), error


def _is_form_doubtful(error: errors.ApiError) -> bool:
    """Tell whether a refused login may have the form of its request to blame: wrong data are a matter of `base`."""
    is_of_credentials = any(refusal.field == "base" and refusal.code for refusal in error.refusals)
    return error.status in {400, 404, 422} and not is_of_credentials


def _unknown(operation: Operation[Any], error: errors.SmartKasaError) -> errors.OutcomeUnknownError:
    return errors.OutcomeUnknownError(
        phrase(
            "{method} was sent, and nothing tells whether it was carried out ({reason});"
            " read back before doing it again",
            method=operation.method,
            reason=error.phrase,
        ),
        operation=operation.id,
        status=error.status,
        request_id=error.request_id,
    )


def _no_session(operation: Operation[Any], *, others: bool) -> errors.CallTimeoutError:
    message = phrase("No session could be had before the deadline")
    if others:
        message = phrase("No session could be had before the deadline: another process or call holds its lock")
    return errors.CallTimeoutError(message, operation=operation.id)
