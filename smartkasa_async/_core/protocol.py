"""The wire without I/O: an operation and its arguments become a request, an answer becomes a struct or an error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from smartkasa_async import errors
from smartkasa_async._core.error_bodies import charset_of, is_own_form, read_error_body
from smartkasa_async._i18n.external import located_message
from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async._i18n.secrets import hide_secrets
from smartkasa_async._support.phones import PhoneNumberError, sendable_phone
from smartkasa_async.retry import parse_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from smartkasa_async._base.operation import Operation
    from smartkasa_async.settings import TokenForm, WireForm

AnswerT = TypeVar("AnswerT")

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Request(NamedTuple):
    """A request, but for its headers.

    Attributes:
        method: HTTP method.
        url: Whole address, quoted.
        body: JSON; None for no body.
    """

    method: str
    url: str
    body: bytes | None

    def __repr__(self) -> str:
        return f"Request({self.method} {self.url}, {len(self.body or b'')} bytes)"


class Reply(NamedTuple):
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


def build_request(
    operation: Operation[Any],
    *,
    base_url: str,
    wire: WireForm,
    id: str | int | None = None,
    query: Mapping[str, object] | None = None,
    body: object = None,
    extra_query: Mapping[str, Sequence[tuple[str, str]]] = _NOTHING,
    extra_body: Mapping[str, msgspec.Raw] = _NOTHING,
) -> Request:
    """Make the request of one call.

    Args:
        operation: What to call.
        base_url: Address of the service, without a slash at the end.
        wire: Form of the body: `flat` as in the documentation, or `enveloped` as in the vendor's Blueprint.
        id: Value of `{id}` in the path.
        query: Query parameters by their wire names; None values are left out.
        body: Struct of the request body.
        extra_query: Query parameters that the operation does not have, as `query_pairs` makes them.
        extra_body: Keys that the body's struct does not have, as `body_fields` makes them; of those that it has, these
            replace the values.

    Raises:
        InvalidRequestError: An argument or a field has the wrong type; names it.
    """
    url = base_url + operation.path
    if id is not None or "{id}" in operation.path:
        url = url.replace("{id}", _path_value(operation, id))
    if query or extra_query:
        given = [(name, value) for name, value in (query or _NOTHING).items() if value is not None]
        pairs = [pair for name, value in given for pair in _query_pairs(operation, name, value)]
        pairs += [pair for name, extra in extra_query.items() for pair in _unknown_pairs(operation, name, extra)]
        if pairs:
            url = f"{url}?{urlencode(pairs)}"
    return Request(operation.method, url, _body(operation, wire, body, extra_body))


def headers_for(
    operation: Operation[Any],
    *,
    token_form: TokenForm,
    api_key: str,
    token: str | None,
    body: bytes | None,
    extra: Mapping[str, str] = _NOTHING,
) -> dict[str, str]:
    """Make the headers that the API asks for.

    Args:
        operation: What is called.
        token_form: `bearer` for the word Bearer before the token, as in the documentation, or `bare` for none.
        api_key: Key of the integration.
        token: Access token, or the refresh token for the refresh; None for the login.
        body: The request's body; None for none.
        extra: Headers of the caller's own.
    """
    headers = {**extra, "X-API-KEY": api_key}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if token is not None:
        headers["Authorization"] = f"Bearer {token}" if token_form != "bare" else token  # noqa: S105  (a form, no secret)
        if operation.auth == "refresh":
            headers["X-Refresh-Token"] = token  # some services read the one, some the other
    return headers


def read_reply(operation: Operation[AnswerT], reply: Reply, hide: Callable[[str], str] = hide_secrets) -> AnswerT:
    """Turn an answer into its struct.

    Args:
        operation: What was called.
        reply: The answer.
        hide: Hides secrets in what an error quotes of it.

    Raises:
        ApiError: The status is not one of success; the class tells which.
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

    Args:
        operation: The list operation.
        reply: The answer.
        query: What was asked for.
        hide: Hides secrets in what an error quotes of it.

    Raises:
        ApiError: The status is not one of success; the class tells which.
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
    """Turn an answer with an error status into the exception that stands for it.

    Args:
        operation: What was called.
        reply: The answer.
        hide: Hides secrets in what the service says.
    """
    body = read_error_body(reply.body, reply.headers.get("Content-Type"), hide)
    said = body.reason or msg("no reason given")
    wait = parse_retry_after(reply.headers, datetime.now(UTC))
    if wait is not None:
        said = msg("{reason}; the service asks to wait {seconds:g} s", reason=said, seconds=wait)
    return _error_class(reply.status)(
        join_messages((str(reply.status), said), ": "),
        operation=operation.id,
        status=reply.status,
        request_id=_request_id(reply, hide),
        refusals=body.refusals,
        retry_after=wait,
        excerpt=body.excerpt,
    )


def gives_reason(reply: Reply) -> bool:
    """Tell whether an error answer gives a reason in the service's own form, as a gateway's page does not."""
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


# --- the address -----------------------------------------------------------------------------------------------------


def _path_value(operation: Operation[Any], value: object) -> str:
    if type(value) is int:
        return str(value)
    text = str(value) if _is_text(value) or _is_integer(value) else ""
    if text in ("", ".", ".."):
        raise errors.InvalidRequestError(
            msg("id is {value!r}; give the record's id", value=value), field="id", operation=operation.id
        )
    return quote(text, safe="")


def _is_text(value: object) -> bool:
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of query parameter: which values it takes, and how they are written."""

    name: str
    accepts: Callable[[object], bool]
    write: Callable[[Any], str]


_KINDS = {
    "integer": _Kind(msg("a whole number"), _is_integer, lambda value: str(int(value))),
    "string": _Kind(msg("a text"), _is_text, str),
    "phone": _Kind(msg("a text"), _is_text, str),
    "boolean": _Kind(
        msg("True or False"), lambda value: isinstance(value, bool), lambda value: "true" if value else "false"
    ),
    "number": _Kind(
        msg("a Decimal or a whole number"),
        lambda value: (isinstance(value, Decimal) and value.is_finite()) or _is_integer(value),
        lambda value: f"{value:f}" if isinstance(value, Decimal) else str(value),
    ),
    "date": _Kind(
        msg("a date without a time"),
        lambda value: isinstance(value, date) and not isinstance(value, datetime),
        lambda value: str(value.isoformat()),
    ),
    "moment": _Kind(
        msg("a date, or a datetime with its time zone"),
        lambda value: isinstance(value, date) and (not isinstance(value, datetime) or value.utcoffset() is not None),
        lambda value: str(value.isoformat()),
    ),
}
_ITEM_KINDS = {"integers": "integer", "strings": "string"}


def _query_pairs(operation: Operation[Any], name: str, value: object) -> Sequence[tuple[str, str]]:
    kind = operation.parameters.get(name)
    if kind is None:
        message = msg("{field} is not a query parameter of this operation, which takes none", field=name)
        if operation.parameters:
            message = msg(
                "{field} is not a query parameter of this operation, which takes {known}",
                field=name,
                known=", ".join(operation.parameters),
            )
        raise errors.InvalidRequestError(message, field=name, operation=operation.id)
    if kind in _ITEM_KINDS:
        items = list(value) if isinstance(value, (list, tuple, set, frozenset)) else [value]
        return [(f"{name}[]", _query_value(operation, name, _ITEM_KINDS[kind], item)) for item in items]
    return [(name, _query_value(operation, name, kind, value))]


def _unknown_pairs(operation: Operation[Any], name: str, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    if name in operation.parameters:
        raise errors.InvalidRequestError(
            msg("extra_query has {field}, which the operation itself takes; give it as an argument", field=name),
            field=name,
            operation=operation.id,
        )
    return pairs


def query_pairs(name: str, value: object) -> tuple[tuple[str, str], ...]:
    """Write a query parameter that no operation of this version has; a list becomes `name[]` several times.

    Args:
        name: Name of the parameter.
        value: A text, a number, a date or the like, or a list of them.

    Raises:
        InvalidRequestError: The value cannot be written.
    """
    if isinstance(value, (list, tuple, set, frozenset)):
        return tuple(pair for item in value for pair in query_pairs(f"{name}[]", item))
    rule = next((kind for kind in _KINDS.values() if kind.accepts(value)), None)
    if rule is None:
        raise errors.InvalidRequestError(
            msg(
                "extra_query: {field} is {value!r}; give a text, a number, a bool, a date, or a datetime with its time"
                " zone",
                field=name,
                value=value,
            ),
            field=name,
        )
    return ((name, rule.write(value)),)


def _query_value(operation: Operation[Any], name: str, kind: str, value: object) -> str:
    rule = _KINDS[kind]
    if not rule.accepts(value):
        message = msg("{field} is {value!r}; give {wanted}", field=name, value=value, wanted=rule.name)
        raise errors.InvalidRequestError(message, field=name, operation=operation.id)
    return _phone(operation, name, str(value)) if kind == "phone" else rule.write(value)


# --- the body --------------------------------------------------------------------------------------------------------

_encoder = msgspec.json.Encoder(decimal_format="number")
_checkers: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_EXACT = frozenset({str, int, bool, Decimal, date, datetime, type(None), msgspec.UnsetType})


def body_fields(values: Mapping[str, object]) -> dict[str, msgspec.Raw]:
    """Write keys of a body that no struct of this version has, each as JSON.

    Raises:
        InvalidRequestError: A value cannot be written, or is a float; names its key.
    """
    fields = {}
    for name, value in values.items():
        inexact = _inexact_path(value, f"extra_body.{name}")
        if inexact is not None:
            raise errors.InvalidRequestError(
                msg("{field} is a float, infinite or not a number; give an exact Decimal", field=inexact),
                field=inexact,
            )
        try:
            fields[name] = msgspec.Raw(_encoder.encode(value))
        except (msgspec.MsgspecError, TypeError, ValueError) as error:
            field = f"extra_body.{name}"
            raise errors.InvalidRequestError(join_messages([field, str(error)], ": "), field=field) from None
    return fields


def _body(operation: Operation[Any], wire: WireForm, body: object, extra: Mapping[str, msgspec.Raw]) -> bytes | None:
    if operation.request is None:
        if extra:
            raise errors.InvalidRequestError(
                msg("extra_body is given to a call that sends no body; leave it out"),
                field="extra_body",
                operation=operation.id,
            )
        return b"{}" if operation.auth == "refresh" and wire == "flat" else None
    if not isinstance(body, operation.request):
        raise errors.InvalidRequestError(
            msg("the body is {type}; give {wanted}", type=type(body).__name__, wanted=operation.request.__name__),
            field="body",
            operation=operation.id,
        )
    if operation.request.__phone_fields__:
        body = _with_phone_digits(operation, body)
    encoded = _checked(operation, operation.request, body)
    if extra:
        encoded = _encoder.encode({**msgspec.json.decode(encoded, type=dict[str, msgspec.Raw]), **extra})
    return encoded if wire == "flat" else b'{"%b":%b}' % (str(operation.envelope).encode(), encoded)


def _with_phone_digits(operation: Operation[Any], body: Any) -> Any:
    """Write the phone numbers of a body as they are sent; a value of another type is left for the check to refuse."""
    given = {name: getattr(body, name) for name in body.__phone_fields__}
    texts = {name: _phone(operation, f"$.{name}", text) for name, text in given.items() if isinstance(text, str)}
    return msgspec.structs.replace(body, **texts)


def _phone(operation: Operation[Any], field: str, text: str) -> str:
    try:
        return sendable_phone(text)
    except PhoneNumberError as error:
        message = msg("{field} cannot be sent: {reason}", field=field, reason=error.reason)
        raise errors.InvalidRequestError(message, field=field, operation=operation.id) from None


def _checked(operation: Operation[Any], struct: type[Any], body: object) -> bytes:
    """Encode a body and read it back by its own type, which finds any value of the wrong one."""
    if _holds_float(body):
        raise _inexact(operation, body)
    checker = _checkers.get(struct)
    if checker is None:
        checker = _checkers[struct] = msgspec.json.Decoder(struct)
    try:
        encoded = _encoder.encode(body)
        read = checker.decode(encoded)
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        if _inexact_path(body, "$") is not None:
            raise _inexact(operation, body) from None
        reason, path = located_message(error)
        field = path or "$"
        message = join_messages([field, reason], ": ")
        raise errors.InvalidRequestError(message, field=field, operation=operation.id) from None
    if read != body:
        field, given, wanted = _difference(body, read, "$")
        message = msg("{field} is {type}; give {wanted}", field=field, type=given, wanted=wanted)
        raise errors.InvalidRequestError(message, field=field, operation=operation.id)
    return encoded


def _holds_float(value: object) -> bool:
    if isinstance(value, msgspec.Struct):
        value = msgspec.structs.astuple(value)
    elif isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return isinstance(value, float)
    # By types and not by values: a batch has thousands of these, and nearly all are exact.
    doubtful = {kind for kind in set(map(type, value)) - _EXACT if not issubclass(kind, int)}
    return bool(doubtful) and any(_holds_float(item) for item in value if type(item) in doubtful)


def _inexact(operation: Operation[Any], body: object) -> errors.InvalidRequestError:
    field = _inexact_path(body, "$") or "$"
    message = msg("{field} is a float, infinite or not a number; give an exact Decimal", field=field)
    return errors.InvalidRequestError(message, field=field, operation=operation.id)


def _inexact_path(value: object, path: str) -> str | None:
    """Find what cannot be an exact number in a request, where money and quantities have to be."""
    if isinstance(value, float) or (isinstance(value, Decimal) and not value.is_finite()):
        return path
    found = (_inexact_path(item, path + step) for step, item in _items(value))
    return next((place for place in found if place is not None), None)


def _difference(given: object, read: object, path: str) -> tuple[str, str, str]:
    """Find the first value that is of another type than its JSON says, and name both types."""
    if isinstance(given, type(read)):
        for (step, item), (_, other) in zip(_items(given), _items(read), strict=False):
            if item != other:
                return _difference(item, other, path + step)
    return path, type(given).__name__, type(read).__name__


def _items(value: object) -> list[tuple[str, object]]:
    """List what a value is made of, each with its step in a JSON path."""
    if isinstance(value, msgspec.Struct):
        return [(f".{name}", getattr(value, name)) for name in value.__struct_fields__]
    if isinstance(value, (list, tuple)):
        return [(f"[{index}]", item) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return [(f".{key}", item) for key, item in value.items()]
    return []


def _request_id(reply: Reply, hide: Callable[[str], str]) -> str | None:
    return None if reply.request_id is None else hide(reply.request_id)
