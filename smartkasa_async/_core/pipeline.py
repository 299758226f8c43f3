"""The pipe of every call, in one event loop: token, pace, send, judge, and perhaps once more."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from smartkasa_async import errors
from smartkasa_async._core.answers import gives_reason, read_error, read_page, read_reply
from smartkasa_async._core.pacing import Pace
from smartkasa_async._core.permits import Permits
from smartkasa_async._core.requests import build_request, headers_for
from smartkasa_async._core.session import SessionKeeper
from smartkasa_async._core.transport import Transport
from smartkasa_async._core.wire_forms import lacks_envelope
from smartkasa_async._generated import operations
from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.secrets import Secrets, hide_in_error
from smartkasa_async._version import __version__
from smartkasa_async.models import SessionCreate
from smartkasa_async.retry import Failure, is_refusal, may_repeat, wait_before_retry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    import aiohttp

    from smartkasa_async._base.operation import ListAnswer, Operation
    from smartkasa_async._core.answers import Reply
    from smartkasa_async._core.emitting import CallProgress, EventEmitter
    from smartkasa_async._core.options import CallOptions
    from smartkasa_async._core.requests import Request
    from smartkasa_async._core.session import LoginMemory
    from smartkasa_async._core.wire_forms import WireMemory
    from smartkasa_async._support.clock import ServiceClock
    from smartkasa_async.models import Session
    from smartkasa_async.pagination import Fetched
    from smartkasa_async.settings import Settings, SharedPace
    from smartkasa_async.token_stores import TokenStore

AnswerT = TypeVar("AnswerT")
RecordT = TypeVar("RecordT")

_USER_AGENT = f"smartkasa-async/{__version__}"
_NEGLIGIBLE_SECONDS = 0.05
_SECONDS_OF_A_DATE = 1.0
_REFUSES_LOGIN = frozenset({400, 401, 403, 404, 422})
_PASSING_OF_PROXY = frozenset({429, *range(500, 600)})


class LoopClient:
    """All that a client needs in one event loop.

    Args:
        settings: The client's settings.
        token_store: Where tokens are kept.
        logins: What the client remembers of refused logins.
        wire: The form in which the client sends bodies.
        emitter: Reports to the client's hooks what its calls do.
        trace_configs: aiohttp's hooks.
        pace: A rate that other clients share; None for none.
        clock: Receives the service's time, at most once a second.
        options: How calls of the session are made.
    """

    def __init__(
        self,
        settings: Settings,
        token_store: TokenStore,
        *,
        logins: LoginMemory,
        wire: WireMemory,
        emitter: EventEmitter,
        trace_configs: Sequence[aiohttp.TraceConfig],
        pace: SharedPace | None,
        clock: ServiceClock,
        options: CallOptions,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.closed = False
        self._settings = settings
        self._options = options
        self._address, self._key, self._token_form = settings.address, settings.key, settings.token_form
        self._wire = wire
        proxy = settings.network.proxy_for(settings.address)
        hidden = None if proxy is None else proxy.password
        self._secrets = Secrets(settings.key, settings.phone_number, settings.password, hidden)
        self._emitter = emitter
        self._permits = Permits(settings.concurrency)
        self._session_permit = Permits(1)
        self._held_until = 0.0
        self._clock = clock
        self._heard_until = 0.0
        self._usual_token: str | None = None
        self._usual_headers: tuple[dict[str, str], dict[str, str]] | None = None
        self._pace = Pace(settings.calls_per_second) if settings.calls_per_second else None
        self._shared_pace = pace
        self._is_paced = self._pace is not None or pace is not None
        self._closing = asyncio.Event()
        self._logins = logins
        self._keeper = SessionKeeper(token_store, self, emitter.emit_stored_tokens, logins)
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
        self,
        options: CallOptions,
        operation: Operation[AnswerT],
        id: str | int | None,
        query: Mapping[str, object] | None,
        body: object,
    ) -> tuple[AnswerT, Reply]:
        """Call one operation; return its decoded answer and the reply as it came."""
        with self._emitter.call(operation, options) as progress:
            if operation.area != "auth":
                return await self._carry_out(progress, operation, id, query, body)
            async with self._alone(progress):
                with suppress(errors.TokenStoreError):
                    await self._keeper.has_session()  # which takes up what another process has saved
                if operation is operations.DELETE_SESSION:
                    if self._keeper.access_token is None:
                        raise errors.SessionError(msg("There is no session to end"), operation=operation.id)
                    return await self._end_session(progress, operation)
                return await self._carry_out(progress, operation, id, query, body)

    async def _carry_out(
        self,
        progress: CallProgress,
        operation: Operation[AnswerT],
        id: str | int | None = None,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> tuple[AnswerT, Reply]:
        request = build_request(
            operation,
            base_url=self._address,
            wire=self._wire.form,
            id=id,
            query=query,
            body=body,
            extra_query=progress.options.query,
            extra_body=progress.options.body,
        )
        progress.may_wrap = self._wire.may_wrap(operation)
        try:
            reply = await self._exchange(progress, operation, request)
            if progress.is_wrapped and self._wire.keep_enveloped():
                progress.emit_wire_form()
            answer = read_reply(operation, reply, self._secrets.hide)
        except BaseException as error:
            if not progress.in_doubt:
                raise
            progress.emit_unknown(error)
            if not isinstance(error, errors.SmartKasaError):  # cancelled, or left half-way
                raise
            raise _unknown(operation, error) from error
        progress.in_doubt = False
        if operation.area == "auth":
            await self._follow(progress, operation, answer)
        return answer, reply

    async def fetch_page(
        self, options: CallOptions, operation: Operation[ListAnswer[RecordT]], query: Mapping[str, object]
    ) -> Fetched[RecordT]:
        """Fetch one page of a list, of which a record that cannot be read costs itself alone."""
        with self._emitter.call(operation, options) as progress:
            request = build_request(
                operation,
                base_url=self._address,
                wire=self._wire.form,
                query=query,
                extra_query=options.query,
                extra_body=options.body,
            )
            reply = await self._exchange(progress, operation, request)
            return read_page(operation, reply, query, self._secrets.hide)

    async def close(self) -> None:
        """Close the connections; calls that run end with an error."""
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

    async def login_now(self, options: CallOptions) -> Session:
        """Log in, whatever became of earlier logins."""
        with self._emitter.call(operations.CREATE_SESSION, options) as progress:
            async with self._alone(progress):
                return await self._log_in(progress)

    async def login(self) -> Session:
        """Log in with the client's credentials; the keeper, which calls this, holds the session exclusively."""
        with self._emitter.call(operations.CREATE_SESSION, self._options) as progress:
            return await self._log_in(progress)

    async def _log_in(self, progress: CallProgress) -> Session:
        if self._settings.phone_number is None or self._settings.password is None:
            raise errors.SessionError(msg("There are no credentials to log in with: give phone_number and password"))
        body = SessionCreate(phone_number=self._settings.phone_number, password=self._settings.password)
        try:
            answer, _ = await self._carry_out(progress, operations.CREATE_SESSION, body=body)
        except errors.ApiError as error:
            if error.status not in _REFUSES_LOGIN:
                raise
            is_form_doubtful = _is_form_doubtful(error)
            message = msg("The service refuses the login ({reason})", reason=error.translatable)
            if is_form_doubtful:
                message = msg(
                    "The service refuses the login, and not as it refuses wrong credentials ({reason}):"
                    " the wire form or the address may be the cause; run smartkasa doctor",
                    reason=error.translatable,
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
        return answer.data

    async def refresh(self) -> Session:
        """Exchange the refresh token for a new pair; called by the keeper, as `login` is."""
        with self._emitter.call(operations.REFRESH_SESSION, self._options) as progress:
            answer, _ = await self._carry_out(progress, operations.REFRESH_SESSION)
            return answer.data

    async def logout(self, options: CallOptions) -> None:
        """End the session, where there is one."""
        operation = operations.DELETE_SESSION
        with self._emitter.call(operation, options) as progress:
            async with self._alone(progress):
                if not await self._keeper.has_session():
                    return
                try:
                    await self._end_session(progress, operation)
                except (errors.UnauthorizedError, errors.ForbiddenError, errors.ValidationError):
                    await self._keeper.forget()

    async def _end_session(self, progress: CallProgress, operation: Operation[AnswerT]) -> tuple[AnswerT, Reply]:
        try:
            return await self._carry_out(progress, operation)
        except errors.UnauthorizedError:
            # The refresh token may be good for longer, and the session with it.
            with suppress(errors.TokenStoreError):
                await self.refresh()
            return await self._carry_out(progress, operation)

    @asynccontextmanager
    async def _alone(self, progress: CallProgress) -> AsyncIterator[None]:
        """Hold the session exclusively; wait for other holders as long as a call may take."""
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self._keeper.alone(progress.options.timeout))
            except TimeoutError as error:
                raise _no_session(progress.operation, others=True) from error
            yield

    async def _follow(self, progress: CallProgress, operation: Operation[Any], answer: Any) -> None:
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
            progress.emit_refresh(how, saved=False)
            raise
        progress.emit_refresh(how)

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
                raise errors.SessionError(msg("There is no session to refresh; log in first"), operation=operation.id)
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

    async def _exchange(self, progress: CallProgress, operation: Operation[Any], request: Request) -> Reply:
        """Send a request until there is an answer or no sense in going on."""
        keeper, options, now, attempt = self._keeper, progress.options, self.loop.time, 0
        # A renewal must not need a permit that a call holds while it waits for the renewal.
        permits = self._permits if operation.area != "auth" else self._session_permit
        deadline = now() + options.timeout
        refused: str | None = None
        unauthorized: errors.SmartKasaError | None = None
        while True:
            attempt += 1
            progress.attempt += 1
            if self._is_paced or self._held_until or not permits.take_free():
                deadline += await self._wait_for_permit(permits, progress)
            try:
                if self.closed:
                    raise errors.ClientClosedError(msg("The client is closed"), operation=operation.id)
                token = keeper.fresh_token if operation.auth == "access" else None
                if token is None or token == refused:
                    token = await self._token(operation, refused, unauthorized, deadline)
                    request = self._in_form(request, progress)  # which a login may have found meanwhile
                headers = self._headers(operation, token, request, options)
                progress.emit_request(request)
                started = now()
                was_in_doubt, progress.in_doubt = progress.in_doubt, operation.is_write
                ending: errors.SmartKasaError
                try:
                    reply = await self._transport.send(request, headers, seconds=self._seconds_left(deadline - started))
                except (errors.TransportError, errors.UnreadableAnswerError) as error:
                    error.operation = operation.id
                    hide_in_error(error, self._hide_in(request, options))
                    failure, ending = _failure_of(error), error
                else:
                    if self._is_success(reply, progress, started):
                        keeper.accepted = token
                        return reply
                    failure, ending = _refusal_of(operation, reply, self._hide_in(request, options))
                progress.in_doubt = was_in_doubt or (operation.is_write and not is_refusal(operation, failure))
                if self._wants_renewal(operation, failure, token, refused):
                    refused, unauthorized = token, ending
                    continue
                if progress.may_wrap and failure.lacks_envelope:
                    request = progress.wrap(request)
                    continue
                wait = self._wait_or_raise(progress, failure, ending, attempt, deadline)
            finally:
                permits.release()
            await self._pause(wait, operation)

    def _headers(
        self, operation: Operation[Any], token: str | None, request: Request, options: CallOptions
    ) -> Mapping[str, str]:
        """Make the headers of a request; for usual calls, once for each token."""
        is_usual = operation.auth == "access" and not options.headers
        known = self._usual_headers if token == self._usual_token else None
        if known is not None and is_usual:
            return known[request.body is not None]
        self._secrets.learn(token, self._keeper.refresh_token)
        make = partial(headers_for, operation, token_form=self._token_form, api_key=self._key, token=token)
        if not is_usual:
            return make(body=request.body, extra=options.headers)
        self._usual_token = token
        self._usual_headers = make(body=None), make(body=b"")
        return self._usual_headers[request.body is not None]

    def _hide_in(self, request: Request, options: CallOptions) -> Callable[[str], str]:
        return self._secrets.sent_in(request.body, options.headers.values()).hide

    def _in_form(self, request: Request, progress: CallProgress) -> Request:
        """Put a body that has not been sent yet into the form that was found since it was made."""
        is_late = progress.may_wrap and self._wire.form == "enveloped"
        return progress.wrap(request) if is_late else request

    def _wants_renewal(
        self, operation: Operation[Any], failure: Failure, token: str | None, refused: str | None
    ) -> bool:
        """Return whether a call may go on with a renewed session, which the next call has in any case."""
        if operation.area == "auth":
            return False
        if failure.status != 401:  # noqa: PLR2004
            if failure.status is not None:
                self._keeper.accepted = token
            return False
        self._keeper.distrust(token, refused)
        return is_refusal(operation, failure)

    def _seconds_left(self, left: float) -> float | None:
        """Bound an attempt by what is left of the call's time; None for what the transport has ready."""
        is_ready = abs(left - self._settings.timeout) < _NEGLIGIBLE_SECONDS
        return None if is_ready else max(left, _NEGLIGIBLE_SECONDS)

    def _wait_or_raise(
        self, progress: CallProgress, failure: Failure, error: errors.SmartKasaError, attempt: int, deadline: float
    ) -> float:
        """Choose the wait before the next attempt, or raise what the call ends with."""
        operation, policy = progress.operation, progress.options.retry
        if self.closed:
            raise errors.ClientClosedError(
                msg("The client was closed during the call"), operation=operation.id
            ) from error
        wait = wait_before_retry(policy, attempt, failure, random.uniform)
        if failure.retry_after is not None and failure.retry_after <= policy.longest_retry_after:
            # `Retry-After` of one answer pauses all calls of this client.
            self._held_until = max(self._held_until, self.loop.time() + failure.retry_after)
        if not may_repeat(operation, failure) or wait is None or self.loop.time() + wait >= deadline:
            raise error
        progress.emit_retry(error, wait)
        return wait

    def _is_success(self, reply: Reply, progress: CallProgress, started: float) -> bool:
        """Report an answer, and return whether it is one of success.

        The clock hears of the service's time, not with each call, since a date takes longer to read than answers.
        """
        if self._emitter.listeners:
            progress.emit_response(reply, self.loop.time() - started, self._secrets.hide)
        if reply.status >= 300:  # noqa: PLR2004
            return False
        if started >= self._heard_until:
            self._heard_until = started + _SECONDS_OF_A_DATE
            self._clock.hear(reply.headers, self.loop.time() - started)
        return True

    # --- waiting ---

    async def _wait_for_permit(self, permits: Permits, progress: CallProgress) -> float:
        """Wait for a permit, which the caller releases; return how many seconds that took."""
        began = self.loop.time()
        if self._pace is not None and (seconds := self._pace.reserve(self.loop.time())):
            progress.emit_wait("rate", seconds)
            await self._pause(seconds, progress.operation)
        if self._shared_pace is not None and (seconds := await self._shared_pace.reserve()):
            progress.emit_wait("rate", seconds)
            await self._pause(seconds, progress.operation)
        while (seconds := self._held_until - self.loop.time()) > 0:
            progress.emit_wait("retry-after", seconds)
            await self._pause(seconds, progress.operation)
        self._held_until = 0.0
        queued = self.loop.time()
        if not permits.take_free():
            await permits.take()
            progress.emit_wait("concurrency", self.loop.time() - queued)
        return self.loop.time() - began

    async def _pause(self, seconds: float, operation: Operation[Any]) -> None:
        """Wait, unless the client is closed meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return
        raise errors.ClientClosedError(msg("The client was closed while the call waited"), operation=operation.id)


def _failure_of(error: errors.SmartKasaError) -> Failure:
    """Classify an attempt that got no usable answer."""
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
    """Classify an answer with an error status."""
    error = read_error(operation, reply, hide)
    lacks = lacks_envelope(operation, reply)
    has_reason = lacks or gives_reason(reply)
    return Failure("status", reply.status, error.retry_after, has_reason=has_reason, lacks_envelope=lacks), error


def _is_form_doubtful(error: errors.ApiError) -> bool:
    """Return whether a refused login may have the form of its request to blame: wrong data are a matter of `base`."""
    is_of_credentials = any(refusal.field == "base" and refusal.code for refusal in error.refusals)
    return error.status in {400, 404, 422} and not is_of_credentials


def _unknown(operation: Operation[Any], error: errors.SmartKasaError) -> errors.OutcomeUnknownError:
    return errors.OutcomeUnknownError(
        msg(
            "{method} was sent, and it is unknown whether it was carried out ({reason});"
            " read back before doing it again",
            method=operation.method,
            reason=error.translatable,
        ),
        operation=operation.id,
        status=error.status,
        request_id=error.request_id,
    )


def _no_session(operation: Operation[Any], *, others: bool) -> errors.CallTimeoutError:
    message = msg("No session could be had before the deadline")
    if others:
        message = msg("No session could be had before the deadline: another process or call holds its lock")
    return errors.CallTimeoutError(message, operation=operation.id)
