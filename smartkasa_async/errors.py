"""Everything that can go wrong, as one tree.

    SmartKasaError                           operation, status, request_id
    ├── ConfigurationError                   a setting is wrong; nothing was sent
    ├── InvalidRequestError                  an argument or field has the wrong type (field); nothing was sent
    ├── ClientClosedError                    the client was closed before or during the call
    ├── SessionError                         no valid session, and none can be made
    │   ├── LoginRefusedError                the service does not accept phone number, password or key
    │   └── TokenStoreError                  tokens could not be read or saved
    ├── TransportError                       no usable answer came
    │   ├── NotConnectedError                the service was not reached; nothing was sent
    │   │   ├── CertificateError             its certificate is not accepted
    │   │   └── ProxyRefusedError            the proxy does not pass the connection on
    │   ├── ConnectionLostError              the connection broke before the answer was complete
    │   ├── CallTimeoutError                 the deadline passed (also a TimeoutError)
    │   ├── RedirectRefusedError             the service answered with a redirect
    │   └── AnswerTooLargeError              the answer is larger than max_answer_bytes
    ├── OutcomeUnknownError                  a write was sent and may or may not have been carried out
    ├── ApiError                             the service answered with an error status (refusals)
    │   ├── UnauthorizedError                401
    │   ├── ForbiddenError                   403
    │   ├── NotFoundError                    404
    │   ├── ConflictError                    409
    │   ├── ValidationError                  422
    │   ├── RateLimitedError                 429 (retry_after)
    │   └── ServerError                      5xx
    ├── UnreadableAnswerError                a success answer that does not have the documented form (path, excerpt)
    │   └── UnreadableRecordsError           single records of a list have not; all others were given (records)
    ├── ClockSkewError                       this machine's clock and the service's are hours apart (seconds)
    ├── PaginationError                      the pages of a list do not fit together (expected, received)
    ├── jobs.JobStoppedError                 a job ended before its source did (summary)
    │   ├── catalog.ImportStoppedError       an import did (also a catalog.CatalogError)
    │   ├── stock.StockStoppedError          a sync of counts did (also a catalog.CatalogError)
    │   ├── plans.PlanStoppedError           a plan did
    │   └── push.PushStoppedError            a push of receipts did
    ├── jobs.JobRunningError                 another job of the kind is at work; nothing was sent
    ├── jobs.JournalError                    the journal of a job cannot be used
    ├── jobs.FailuresError                   a result is not ok, and raise_for_failures was called (result)
    ├── catalog.CatalogError                 a price list cannot be imported
    │   └── catalog.SourceError              its source cannot be read
    │       ├── catalog.LinkError            it could not be fetched from its link
    │       ├── catalog.SourceDoubtfulError  it may be read in several ways (doubts)
    │       └── catalog.SourceChangedError   its file changed while it was read
    ├── plans.PlanError                      a plan cannot be read, applied or undone; nothing was changed
    │   └── plans.PlanOutdatedError          the service has changed since it was made (problems)
    ├── sync.CheckpointError                 the checkpoint of a watch cannot be read or saved
    ├── relay.RelayError                     a relay cannot go on: its receiver is wrong, or another took over
    ├── stores.StoreError                    the store cannot be opened, read or written
    │   ├── stores.StoreUnreachableError     its server does not answer
    │   └── stores.StoreForbiddenError       its server does not accept the user, or what the user may do
    ├── fleet.FleetError                     a command of a fleet cannot be carried out
    │   ├── fleet.AccountsFileError          a file of accounts has errors (problems)
    │   ├── fleet.FleetDatabaseError         the fleet's database cannot be reached, or was lost
    │   └── fleet.FleetKeyError              the master key is missing or wrong
    └── fleet.FencedError                    the account was given to another worker, paused or removed

    PageSizeClampedWarning                   the service gave smaller pages than were asked for

No error carries a key, a token or a password.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from smartkasa_async._i18n.message import MessageError, join_messages, msg, nmsg
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.secrets import hide_in_message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from smartkasa_async._i18n.translate import Language

__all__ = [
    "AnswerTooLargeError",
    "ApiError",
    "CallTimeoutError",
    "CertificateError",
    "ClientClosedError",
    "ClockSkewError",
    "ConfigurationError",
    "ConflictError",
    "ConnectionLostError",
    "FieldRefusal",
    "ForbiddenError",
    "InvalidRequestError",
    "LoginRefusedError",
    "NotConnectedError",
    "NotFoundError",
    "OutcomeUnknownError",
    "PageSizeClampedWarning",
    "PaginationError",
    "ProxyRefusedError",
    "RateLimitedError",
    "RedirectRefusedError",
    "ServerError",
    "SessionError",
    "SmartKasaError",
    "TokenStoreError",
    "TransportError",
    "UnauthorizedError",
    "UnreadableAnswerError",
    "UnreadableRecord",
    "UnreadableRecordsError",
    "ValidationError",
]

_EXCERPT_LENGTH = 200
_LOOKED_THROUGH = 65_536
_MOST_NAMED = 10


class SmartKasaError(MessageError):
    """Base of all errors of this library.

    Attributes:
        message: What is wrong, in English.
        translatable: The same, so that `translated` can give it in another language.
        operation: The operationId of the call, for example `createShop`; None outside of calls.
        status: HTTP status of the answer; None where none came.
        request_id: The service's own id of the request (header X-Request-Id); None where it sent none.
    """

    def __init__(
        self, message: str, *, operation: str | None = None, status: int | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.translatable: str = message
        self.message: str = str(message)
        self.operation = operation
        self.status = status
        self.request_id = request_id

    def __reduce__(self) -> tuple[Any, ...]:
        # Most take keywords, which an exception does not keep for pickling and copying.
        return _restored, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        return one_line(self.translated(str))

    def describe(self, language: Language = "en") -> str:
        """Describe what is wrong and what to do, in one line.

        Args:
            language: English (`en`, which `str` gives too) or Ukrainian (`uk`).

        Raises:
            InvalidRequestError: There are no texts in the language.
        """
        from smartkasa_async._i18n.translate import texts_in, translate  # noqa: PLC0415  (needed for Ukrainian alone)

        return one_line(str(translate(self, texts_in(language))))

    def translated(self, translate: Callable[[str], str]) -> str:
        """Translate the error, and add its operation and the service's id of the request.

        Args:
            translate: Translates the message.
        """
        where = f"{self.operation}: " if self.operation else ""
        request = f" [request {self.request_id}]" if self.request_id else ""
        return f"{where}{translate(self.translatable)}{request}"


class ConfigurationError(SmartKasaError, ValueError):
    """A setting is missing or wrong; nothing was sent."""


class InvalidRequestError(SmartKasaError, ValueError):
    """An argument or a field of the request has the wrong type; nothing was sent.

    Attributes:
        field: Name of the argument, or JSON path of the field in the request body.
    """

    def __init__(self, message: str, *, field: str, operation: str | None = None) -> None:
        super().__init__(message, operation=operation)
        self.field = field


class ClientClosedError(SmartKasaError):
    """The client was closed before the call, or while it waited."""


class SessionError(SmartKasaError):
    """There is no valid session and no way to make one: log in again, or give credentials."""


class LoginRefusedError(SessionError):
    """The service does not accept phone number and password, or the key.

    The cause is its answer (400, 401, 403, 404 or 422). It is remembered for a minute: calls that need a login end with
    it at once, until `login` is called or succeeds.

    Attributes:
        is_form_doubtful: Whether the refusal (400, 404, 422) is none of wrong credentials, so that the wire form or the
            address may be the cause; `smartkasa doctor` finds out.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        is_form_doubtful: bool = False,
    ) -> None:
        super().__init__(message, operation=operation, status=status, request_id=request_id)
        self.is_form_doubtful = is_form_doubtful


class TokenStoreError(SessionError):
    """The tokens could not be read from or saved to their store."""


class TransportError(SmartKasaError):
    """No usable answer came."""


class NotConnectedError(TransportError):
    """The service could not be reached, so nothing was sent."""


class CertificateError(NotConnectedError):
    """The service's certificate is not accepted, so nothing was sent; trying again would not help."""


class ProxyRefusedError(NotConnectedError):
    """The proxy does not pass the connection on, so nothing was sent; `status` is its answer, 407 for credentials.

    A call is tried again only where the answer speaks of a passing fault (429, 5xx).
    """


class ConnectionLostError(TransportError):
    """The connection broke after the request was sent and before the answer was complete."""


class CallTimeoutError(TransportError, TimeoutError):
    """The deadline of the call passed, retries and waits included."""


class RedirectRefusedError(TransportError):
    """The service answered with a redirect; none is followed, since tokens would go along."""


class AnswerTooLargeError(TransportError):
    """The answer is larger than the client's limit `max_answer_bytes`."""


class OutcomeUnknownError(SmartKasaError):
    """A write was sent, and it is unknown whether it was carried out.

    A create or a delete is not sent again; an update was, and none of its attempts succeeded. Read back what it would
    have changed before doing it once more. The cause is the error that the call ended with.
    """


@dataclass(frozen=True, slots=True)
class FieldRefusal:
    """One refusal in a 422 answer.

    Attributes:
        field: Field of the request; `base` for the whole of it; `products`, `categories` or the like for a batch.
        code: The service's code, for example `blank`; None where it sent a sentence only.
        message: The service's text, often in Ukrainian; None where it sent a code only.
        count: The bound that the code is about, for example the 4 of `too_short`; None where it sent none.
        value: The value that was refused; None where it sent none.
    """

    field: str
    code: str | None = None
    message: str | None = None
    count: str | int | Decimal | None = None
    value: str | int | Decimal | None = None

    def __str__(self) -> str:
        reason = self.reason
        return one_line(f"{self.field}: {reason}" if reason else self.field)

    @property
    def reason(self) -> str:
        """What is wrong with the field: the text, or the code with its figures; empty where neither was sent."""
        if self.message or not self.code:
            return self.message or ""
        figures = [
            f"{name} {each}" for name, each in (("value", self.value), ("count", self.count)) if each is not None
        ]
        return f"{self.code} ({', '.join(figures)})" if figures else self.code


class ApiError(SmartKasaError):
    """The service answered with an error status.

    Attributes:
        refusals: What the service objects to in single fields; empty where it named none.
        retry_after: Seconds that the service asks to wait (429, 503); None where it is not given.
        excerpt: The beginning of the answer's body, whatever its form, with secrets hidden.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        refusals: tuple[FieldRefusal, ...] = (),
        retry_after: float | None = None,
        excerpt: str = "",
    ) -> None:
        super().__init__(message, operation=operation, status=status, request_id=request_id)
        self.refusals = refusals
        self.retry_after = retry_after
        self.excerpt = excerpt


class UnauthorizedError(ApiError):
    """401: the API key or the session is not accepted, also after a new login where that was possible."""


class ForbiddenError(ApiError):
    """403: this user may not do this."""


class NotFoundError(ApiError):
    """404: there is no such record."""


class ConflictError(ApiError):
    """409: the record's present state does not allow this."""


class ValidationError(ApiError):
    """422: the service refused fields of the request; `refusals` names them."""


class RateLimitedError(ApiError):
    """429: too many requests; `retry_after` is how long the service asks to wait."""


class ServerError(ApiError):
    """5xx: the service failed."""


class UnreadableAnswerError(SmartKasaError):
    """A success answer is not JSON, or does not have the documented form.

    Attributes:
        path: JSON path of the value that could not be read, for example `$.data[3].price`.
        excerpt: The beginning of the answer, with secrets hidden; empty for an answer that may hold tokens.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str,
        excerpt: str,
        operation: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, operation=operation, status=status, request_id=request_id)
        self.path = path
        self.excerpt = excerpt

    @classmethod
    def of(cls, operation: str, body: bytes | None, reason: str, path: str, hide: Callable[[str], str]) -> Self:
        """Describe a body that could not be decoded.

        Args:
            operation: The operationId of the call.
            body: The body; None for one of which nothing may be quoted.
            reason: What is wrong with it, a message.
            path: JSON path of the value.
            hide: Hides secrets in a text.
        """
        values = {"path": path, "reason": reason}
        if body is None:
            message, excerpt = msg("Unreadable answer at {path}: {reason}", **values), ""
        else:
            excerpt = _excerpt(body, hide)
            message = msg("Unreadable answer at {path}: {reason}; it begins {excerpt!r}", **values, excerpt=excerpt)
        return cls(message, path=path, excerpt=excerpt, operation=operation)


@dataclass(frozen=True, slots=True)
class UnreadableRecord:
    """A record of a list that does not have the documented form, as it came.

    Attributes:
        operation: The operationId of the list.
        page: Number of its page, from 1.
        number: Number of the record on its page, from 1.
        id: Its id, secrets of the client hidden; None where it cannot be read.
        path: JSON path of the value that could not be read, within the record, for example `$.price`.
        reason: What is wrong, in English.
        raw: The record's JSON, to the letter.
        excerpt: The beginning of its JSON, secrets hidden.
    """

    operation: str
    page: int
    number: int
    id: str | int | None
    path: str
    reason: str
    raw: bytes = field(repr=False)
    excerpt: str = field(default="", repr=False)

    @classmethod
    def of(
        cls,
        operation: str,
        page: int,
        number: int,
        *,
        id: str | int | None,
        path: str,
        reason: str,
        raw: bytes,
        hide: Callable[[str], str],
    ) -> Self:
        """Describe a record that could not be decoded.

        Args:
            operation: The operationId of the list.
            page: Number of its page, from 1.
            number: Number of the record on its page, from 1.
            id: Its id; None where it cannot be read.
            path: JSON path of the value.
            reason: What is wrong with it, a message.
            raw: The record's JSON.
            hide: Hides secrets in a text.
        """
        shown = hide(id) if isinstance(id, str) else id
        return cls(operation, page, number, shown, path, hide_in_message(reason, hide), raw, _excerpt(raw, hide))

    def __str__(self) -> str:
        return one_line(self.translatable)

    @property
    def translatable(self) -> str:
        """The record and what is wrong with it, so that `translated` can give it in another language."""
        known = {"path": self.path, "reason": self.reason, "page": self.page, "number": self.number}
        if self.id is None:
            return msg("record {number} of page {page} at {path}: {reason}", **known)
        return msg("record {id} (number {number} of page {page}) at {path}: {reason}", id=self.id, **known)


class UnreadableRecordsError(UnreadableAnswerError):
    """Records of a list do not have the documented form; all others were given before this.

    Attributes:
        records: The unreadable records.
    """

    def __init__(self, records: Sequence[UnreadableRecord]) -> None:
        first = records[0]
        message = nmsg(
            "{count} record cannot be read, all others were given: {records}",
            "{count} records cannot be read, all others were given: {records}",
            len(records),
            records=join_messages([each.translatable for each in records[:_MOST_NAMED]], "; "),
        )
        super().__init__(message, path=first.path, excerpt=first.excerpt, operation=first.operation)
        self.records: tuple[UnreadableRecord, ...] = tuple(records)


class PaginationError(SmartKasaError):
    """The pages of a list do not fit together: one was repeated, or the number of records differs from the service's.

    Attributes:
        expected: Number of records that the service counted; None where a page was repeated.
        received: Number of records that came.
    """

    def __init__(
        self, message: str, *, operation: str | None = None, expected: int | None = None, received: int
    ) -> None:
        super().__init__(message, operation=operation)
        self.expected = expected
        self.received = received


class ClockSkewError(SmartKasaError):
    """This machine's clock and the service's are hours apart, so it is unknown which business days are over.

    Attributes:
        seconds: How far this machine's clock is ahead of the service's; negative where it is behind.
    """

    def __init__(self, message: str, *, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class PageSizeClampedWarning(UserWarning):
    """The service gave smaller pages than `per_page` asked for; the list is complete all the same."""


def _restored(kind: type[SmartKasaError], args: tuple[Any, ...], state: dict[str, Any]) -> SmartKasaError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


def _excerpt(body: bytes, hide: Callable[[str], str]) -> str:
    # Far more than is shown: a secret that is cut off at the end would not be known.
    text = hide(body[:_LOOKED_THROUGH].decode("utf-8", "replace"))
    return text if len(text) <= _EXCERPT_LENGTH else text[:_EXCERPT_LENGTH] + "…"
