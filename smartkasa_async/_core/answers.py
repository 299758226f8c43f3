"""Answers of operations: their struct, page or error; pure rules."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from smartkasa_async import errors
from smartkasa_async._core.error_bodies import charset_of, is_own_form, read_error_body
from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async._i18n.secrets import hide_secrets
from smartkasa_async.retry import parse_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from smartkasa_async._base.operation import Operation

AnswerT = TypeVar("AnswerT")


class Reply(msgspec.Struct, frozen=True):
    """An answer as it came.

    Attributes:
        status: HTTP status.
        headers: Headers, case-insensitive.
        body: Bytes of the body.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Reply({self.status}, {len(self.body)} bytes)"

    @property
    def request_id(self) -> str | None:
        """The service's own id of the request, where it sent one."""
        return self.headers.get("X-Request-Id")


def read_reply(operation: Operation[AnswerT], reply: Reply, hide: Callable[[str], str] = hide_secrets) -> AnswerT:
    """Turn an answer into its struct.

    Raises:
        ApiError: The status is not one of success; see the class.
        UnreadableAnswerError: The body does not have the documented form.
    """
    return _read(operation, reply, operation.decode, hide)


def read_page(
    operation: Operation[AnswerT],
    reply: Reply,
    query: Mapping[str, object],
    hide: Callable[[str], str] = hide_secrets,
) -> tuple[AnswerT, list[errors.UnreadableRecord]]:
    """Turn the answer of a list into its struct and the records that cannot be read.

    Raises:
        ApiError: The status is not one of success; see the class.
        UnreadableAnswerError: The body as a whole does not have the documented form.
    """
    page = query.get("page")
    return _read(operation, reply, partial(operation.decode_page, page=page if isinstance(page, int) else 1), hide)


def _read(
    operation: Operation[Any],
    reply: Reply,
    decode: Callable[[bytes, Callable[[str], str]], AnswerT],
    hide: Callable[[str], str],
) -> AnswerT:
    if not 200 <= reply.status < 300:  # noqa: PLR2004
        raise read_error(operation, reply, hide)
    try:
        return decode(reply.body, hide)
    except errors.UnreadableAnswerError as error:
        error.status = reply.status
        error.request_id = _request_id(reply, hide)
        charset = charset_of(reply.headers.get("Content-Type"), reply.body)
        if error.path == "$" and charset not in {None, "utf-8", "utf8", "us-ascii"}:
            error.translatable = msg(
                "The answer is in {charset}, and only UTF-8 can be read", charset=hide(str(charset))
            )
            error.message = str(error.translatable)
            error.args = (error.translatable,)
        raise


def read_error(operation: Operation[Any], reply: Reply, hide: Callable[[str], str] = hide_secrets) -> errors.ApiError:
    """Turn an answer with an error status into the exception that stands for it."""
    body = read_error_body(reply.body, reply.headers.get("Content-Type"), hide)
    reason = body.reason or msg("no reason given")
    wait = parse_retry_after(reply.headers, datetime.now(UTC))
    if wait is not None:
        reason = msg("{reason}; the service asks to wait {seconds:g} s", reason=reason, seconds=wait)
    return _error_class(reply.status)(
        join_messages((str(reply.status), reason), ": "),
        operation=operation.id,
        status=reply.status,
        request_id=_request_id(reply, hide),
        refusals=body.refusals,
        retry_after=wait,
        excerpt=body.excerpt,
    )


def gives_reason(reply: Reply) -> bool:
    """Return whether an error answer gives a reason in the service's own form, as a gateway's page does not."""
    return is_own_form(reply.body)


_ERROR_CLASSES: dict[int, type[errors.ApiError]] = {
    401: errors.UnauthorizedError,
    403: errors.ForbiddenError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    422: errors.ValidationError,
    429: errors.RateLimitedError,
}


def _error_class(status: int) -> type[errors.ApiError]:
    return errors.ServerError if status >= 500 else _ERROR_CLASSES.get(status, errors.ApiError)  # noqa: PLR2004


def _request_id(reply: Reply, hide: Callable[[str], str]) -> str | None:
    return None if reply.request_id is None else hide(reply.request_id)
