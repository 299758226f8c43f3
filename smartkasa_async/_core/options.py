"""Options in which a view of the client differs from it: timeout, retries, and what is sent in addition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from smartkasa_async._core.requests import query_pairs
from smartkasa_async._core.validation import body_fields
from smartkasa_async._i18n.message import msg
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.settings import check_number, check_retry

if TYPE_CHECKING:
    import msgspec

    from smartkasa_async.retry import RetryPolicy

_OWN_HEADERS = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "proxy-authorization",
        "transfer-encoding",
        "x-api-key",
        "x-refresh-token",
    }
)


_MARKS = "!#$%&'*+-.^_`|~"
_TOKEN = re.compile(rf"[A-Za-z0-9{re.escape(_MARKS)}]+")
"""Names of headers: tokens of RFC 9110, section 5.6.2."""


@dataclass(frozen=True, slots=True)
class CallOptions:
    """How calls are made; those of a view go before those of the client that it is a view of.

    Attributes:
        timeout: Total timeout per call, in seconds.
        retry: How often and how long a failed call is retried.
        headers: Headers to send besides the API's own, which may be secret.
        query: Query parameters to send besides the operation's own: pairs of each name.
        body: Keys of the JSON body to send besides the struct's: their JSON.
    """

    timeout: float
    retry: RetryPolicy
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict, repr=False)
    body: Mapping[str, msgspec.Raw] = field(default_factory=dict, repr=False)

    @property
    def plain(self) -> CallOptions:
        """The same timeout and retries, without headers and extras: for calls of the session."""
        return CallOptions(self.timeout, self.retry)

    def but(
        self,
        *,
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        extra_query: Mapping[str, object] | None = None,
        extra_body: Mapping[str, object] | None = None,
    ) -> CallOptions:
        """Return these options with some replaced or added; the arguments are those of `SmartKasa.with_options`.

        Raises:
            ConfigurationError: The timeout or the retry policy cannot be used.
            InvalidRequestError: A header, a parameter or a key cannot be sent; names it.
        """
        if timeout is not None:
            check_number("timeout", timeout, (int, float))
        if retry is not None:
            check_retry(retry)
        pairs = {name: query_pairs(name, value) for name, value in _items("extra_query", extra_query)}
        return CallOptions(
            timeout=self.timeout if timeout is None else timeout,
            retry=self.retry if retry is None else retry,
            headers={**self.headers, **_checked_headers(headers)},
            query={**self.query, **pairs},
            body={**self.body, **body_fields(dict(_items("extra_body", extra_body)))},
        )


def _items(argument: str, given: object) -> list[tuple[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, Mapping):
        kind = type(given).__name__
        raise InvalidRequestError(msg("{field} is {type}; give a mapping", field=argument, type=kind), field=argument)
    for name in given:
        if not isinstance(name, str):
            raise InvalidRequestError(
                msg("{field} has the key {value!r}; give a text", field=argument, value=name), field=argument
            )
    return list(given.items())


def _checked_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Check further headers; their values may be secret, and are not quoted."""
    checked = {}
    for name, value in _items("headers", headers):
        if name.lower() in _OWN_HEADERS:
            raise InvalidRequestError(
                msg("headers has {name}, which the client sets by itself; leave it out", name=name), field=name
            )
        if not _TOKEN.fullmatch(name):
            raise InvalidRequestError(
                msg(
                    "headers has {name!r}, which is no name of a header; give letters, digits and {marks}",
                    name=name,
                    marks=_MARKS,
                ),
                field=name,
            )
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise InvalidRequestError(
                msg("headers has {name} with a value that cannot be sent; give a text of printable ASCII", name=name),
                field=name,
            )
        checked[name.title()] = value
    return checked
