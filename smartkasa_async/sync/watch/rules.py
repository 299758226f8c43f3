"""What counts as a change, which errors last, and how long to pause: pure rules."""

from __future__ import annotations

from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async.errors import (
    ApiError,
    CertificateError,
    ClientClosedError,
    ConfigurationError,
    InvalidRequestError,
    PaginationError,
    RateLimitedError,
    RedirectRefusedError,
    ServerError,
    SessionError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DIGEST_BYTES = 12
_GROWTH = 1.5
_WIDENING = 2.0
_JITTER = 0.2
_LASTING = (
    ApiError,
    CertificateError,
    ClientClosedError,
    ConfigurationError,
    InvalidRequestError,
    RedirectRefusedError,
    SessionError,
)

_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def fingerprint(raw: bytes) -> str:
    """Digest a record's JSON, so that equal digests mean an unchanged record.

    The order of fields, the order in which rows with ids stand, and whether a field is null or absent do not count: the
    service promises none of them. Of JSON that is in parts no text, or nested too deeply, each byte counts.
    """
    try:
        content = _encode(_canonical(_decode(raw)))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):  # in fields that nobody knows, which are not decoded
        content = raw
    return blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _canonical(part) for name, part in value.items() if part is not None}
    if isinstance(value, list):
        parts = [_canonical(part) for part in value]
        if all(isinstance(part, dict) and "id" in part for part in parts):
            parts.sort(key=lambda part: str(part["id"]))
        return parts
    return value


def is_lasting(error: Exception) -> bool:
    """Tell whether reading cannot succeed before somebody does something about this error."""
    return isinstance(error, _LASTING) and not isinstance(error, (RateLimitedError, ServerError))


def next_pause(
    previous: float, *, interval: float, max_interval: float, came: bool, errors: Sequence[Exception] = ()
) -> float:
    """Choose how long to pause after a round, before jitter.

    Args:
        previous: The last pause; 0 before the first.
        interval: Shortest pause.
        max_interval: Longest pause.
        came: Whether the round brought a change.
        errors: What kept parts of the round from being read; the longest `retry_after` goes before `max_interval`.
            Lists that shift while they are read do not count: they are those of a busy shop.

    Returns:
        Seconds.
    """
    pressing = [error for error in errors if not isinstance(error, PaginationError)]
    if pressing:
        asked = max((error.retry_after or 0.0 for error in pressing if isinstance(error, ApiError)), default=0.0)
        return max(asked, min(max_interval, max(interval, previous) * _WIDENING))
    return interval if came else min(max_interval, max(interval, previous * _GROWTH))


def jittered(pause: float, draw: Callable[[float, float], float]) -> float:
    """Move a pause by up to a fifth, so that many watches do not ask at the same moment.

    Args:
        pause: Seconds.
        draw: Draws a number between two bounds, as `random.uniform` does.
    """
    return pause * draw(1 - _JITTER, 1 + _JITTER)
