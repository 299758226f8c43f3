"""What stands before every message: bounds, scopes, and a line of audit behind each call."""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import anyio
import msgspec
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_REQUEST, CallToolResult, InputRequiredResult

from smartkasa_async._i18n.message import N_, msg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support import clock as _clock
from smartkasa_async.mcp.desk import ACCOUNT
from smartkasa_async.mcp.texts import safe_text
from smartkasa_async.mcp.tokens import ACCOUNT_CLAIM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

    from smartkasa_async._i18n.message import Message
    from smartkasa_async._i18n.translate import Language

AUDITED = {"tools/call": "name", "resources/read": "uri", "prompts/get": "name"}
"""Methods that are noted, and the parameter that names what was asked for."""

WRITE_TOOLS = {
    "sync": N_("changes the store"),
    "plan_changes": N_("proposes changes"),
    "apply_plan": N_("changes the service"),
    "undo_plan": N_("changes the service"),
}
"""Tools for which a token needs the scope `write`, and why."""

CLIENT_TOOLS = frozenset({"api_read", *WRITE_TOOLS})
"""Tools that use the client, which is of one account."""

LOCAL = "local"
"""Who calls over standard input and output: the person at this machine."""


class Caller(NamedTuple):
    """Who calls.

    Attributes:
        name: Name of the token, or `local`.
        scopes: What the token may do; None for the person at this machine, who may do all.
        account_id: Whose rows it may see; None for those of the account that the server was started for.
    """

    name: str
    scopes: frozenset[str] | None = None
    account_id: int | None = None


_MINUTE = 60.0
_BEGUN = "begun"
_logger = logging.getLogger("smartkasa_async")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is let through.

    Attributes:
        calls_per_minute: Calls of one caller in any minute.
        concurrent: Calls of all that run at once; others wait.
        argument_bytes: Size of the arguments of a call.
    """

    calls_per_minute: int = 120
    concurrent: int = 4
    argument_bytes: int = 16_384


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A call, as it is noted: nothing of what it was given or gave can be read from it.

    Attributes:
        at: When it came, UTC.
        who: Name of the token, or `local`.
        what: Method, and the tool, the resource or the prompt.
        arguments: The first half of the SHA-256 of its arguments as JSON with sorted keys.
        outcome: `begun` (before a call that changes something, which leaves a line after it too), `ok`, `asked` (the
            person is asked first), `error` (the tool answered with one), `refused` (by a bound or a scope), `failed` or
            `cancelled`.
        milliseconds: How long it took.
    """

    at: str
    who: str
    what: str
    arguments: str
    outcome: str
    milliseconds: int


@dataclass(slots=True, kw_only=True)
class Guard:
    """Middleware of a server.

    Attributes:
        account_id: The account that the server was started for.
        language: The language of refusals.
        limits: How much is let through.
        audit: Takes the record of each call; None to keep none.
        clock: Seconds since some start.
    """

    account_id: int
    language: Language = "en"
    limits: Limits = field(default_factory=Limits)
    audit: Callable[[AuditRecord], None] | None = None
    clock: Callable[[], float] = time.monotonic
    _recent: dict[str, deque[float]] = field(default_factory=dict)
    _running: anyio.CapacityLimiter | None = None

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Let a message through, or refuse it."""
        if ctx.method not in AUDITED:
            return await call_next(ctx)
        caller = caller_of(ctx)
        params = ctx.params or {}
        written = _written(params.get("arguments") or {})
        name = f"{params.get(AUDITED[ctx.method], '')}"[:100]
        what = f"{ctx.method} {safe_text(name)}"
        began, outcome = self.clock(), "failed"
        try:
            self._check(caller, name, written)
            if name in WRITE_TOOLS:
                self._begin(caller.name, what, written, name)
            if self._running is None:
                self._running = anyio.CapacityLimiter(self.limits.concurrent)
            async with self._running:
                account = ACCOUNT.set(caller.account_id)
                try:
                    result = await call_next(ctx)
                finally:
                    ACCOUNT.reset(account)
            outcome = _outcome_of(result)
        except MCPError:
            outcome = "refused"
            raise
        except anyio.get_cancelled_exc_class():
            outcome = "cancelled"
            raise
        finally:
            self._note(caller.name, what, written, outcome, self.clock() - began)
        return result

    def _check(self, caller: Caller, name: str, written: bytes | None) -> None:
        if written is None:
            self._refuse(
                msg("The arguments are no JSON of texts and numbers: half a letter, a number too large, or too deep")
            )
        elif (size := len(written)) > (most := self.limits.argument_bytes):
            self._refuse(msg("The arguments have {size} bytes; {most} are taken at most", size=size, most=most))
        now = self.clock()
        recent = self._recent.setdefault(caller.name, deque())
        while recent and now - recent[0] >= _MINUTE:
            recent.popleft()
        if len(recent) >= self.limits.calls_per_minute:
            wait = round(_MINUTE - (now - recent[0])) + 1
            most = self.limits.calls_per_minute
            self._refuse(msg("More than {most} calls in a minute; try again in {wait} s", most=most, wait=wait))
        recent.append(now)
        if caller.scopes is not None and name in WRITE_TOOLS and "write" not in caller.scopes:
            self._refuse(
                msg(
                    "{tool} {does}, and this token has no scope write; ask for one that has",
                    tool=name,
                    does=msg(WRITE_TOOLS[name]),
                )
            )
        if caller.account_id not in {None, self.account_id} and name in CLIENT_TOOLS:
            self._refuse(
                msg(
                    "{tool} needs the service, where this server is logged in to another account than this token's",
                    tool=name,
                )
            )

    def _refuse(self, message: Message) -> NoReturn:
        raise MCPError(code=INVALID_REQUEST, message=in_language(message, self.language))

    def _begin(self, who: str, what: str, written: bytes | None, tool: str) -> None:
        """Note a call that changes something before it does, or refuse it: no change goes without a line."""
        if not self._note(who, what, written, _BEGUN, 0):
            self._refuse(
                msg(
                    "The audit cannot be written, so {tool} was not begun; ask the user to look at the server's"
                    " machine",
                    tool=tool,
                )
            )

    def _note(self, who: str, what: str, written: bytes | None, outcome: str, seconds: float) -> bool:
        """Note a call; where that fails, say so in the log alone, since what was done is done."""
        if self.audit is None:
            return True
        record = AuditRecord(
            at=f"{_clock.now():%Y-%m-%dT%H:%M:%SZ}",
            who=who,
            what=what,
            arguments=sha256(written or b"").hexdigest()[:32],
            outcome=outcome,
            milliseconds=round(seconds * 1000),
        )
        try:
            self.audit(record)
        except Exception as error:  # noqa: BLE001  (the caller's own function)
            _logger.error("The audit could not be written (%s) and lacks this line: %s", error, record)  # noqa: TRY400
            return False
        return True


def caller_of(ctx: ServerRequestContext[Any, Any]) -> Caller:
    """Return who calls, by their token."""
    scope: Mapping[str, Any] = getattr(ctx.request, "scope", {})
    token = getattr(scope.get("user"), "access_token", None)
    if token is None:
        return Caller(LOCAL)
    return Caller(token.client_id, frozenset(token.scopes), (token.claims or {}).get(ACCOUNT_CLAIM))


def _outcome_of(result: HandlerResult) -> str:
    if isinstance(result, InputRequiredResult) or (isinstance(result, dict) and "inputRequests" in result):
        return "asked"
    return "error" if _is_error(result) else "ok"


def _is_error(result: HandlerResult) -> bool:
    if isinstance(result, CallToolResult):
        return bool(result.is_error)
    return isinstance(result, dict) and bool(result.get("isError"))


def _written(arguments: object) -> bytes | None:
    """Write arguments as JSON with sorted keys; None for what no JSON of ours can say."""
    try:
        return msgspec.json.encode(arguments, enc_hook=str, order="sorted")
    except (ValueError, OverflowError, RecursionError, TypeError):  # UnicodeEncodeError is a ValueError
        return None
