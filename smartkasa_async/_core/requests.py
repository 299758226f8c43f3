"""Requests of operations: path, query, headers and body; pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from smartkasa_async import errors
from smartkasa_async._core.validation import check_phone, encode_checked, encoder, with_phone_digits
from smartkasa_async._i18n.message import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from smartkasa_async._base.operation import Operation
    from smartkasa_async.settings import TokenForm, WireForm

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Request(msgspec.Struct, frozen=True, gc=False):
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
        extra_body: Keys to send with each record, as `body_fields` makes them; of those that its struct has, these
            replace the values.

    Raises:
        InvalidRequestError: An argument or a field has the wrong type; names it.
    """
    url = base_url + operation.path
    if "{id}" in operation.path:
        url = url.replace("{id}", _path_value(operation, id))
    elif id is not None:
        raise _not_taken(operation, "id")
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
    return check_phone(operation, name, str(value)) if kind == "phone" else rule.write(value)


def _body(operation: Operation[Any], wire: WireForm, body: object, extra: Mapping[str, msgspec.Raw]) -> bytes | None:
    if operation.request is None:
        if body is not None:
            raise _not_taken(operation, "body")
        return b"{}" if operation.auth == "refresh" and wire == "flat" else None
    if not isinstance(body, operation.request):
        raise errors.InvalidRequestError(
            msg("the body is {type}; give {wanted}", type=type(body).__name__, wanted=operation.request.__name__),
            field="body",
            operation=operation.id,
        )
    if operation.request.__phone_fields__:
        body = with_phone_digits(operation, body)
    encoded = encode_checked(operation, operation.request, body)
    if extra and operation.method != "DELETE":  # which sends ids, and no record
        encoded = _with_extra(operation, encoded, extra)
    return encoded if wire == "flat" else b'{"%b":%b}' % (str(operation.envelope).encode(), encoded)


def _with_extra(operation: Operation[Any], encoded: bytes, extra: Mapping[str, msgspec.Raw]) -> bytes:
    """Add keys to the record of a body, or to each record of a batch, which has them in a list under one key."""
    if not operation.is_batch:
        return encoder.encode({**msgspec.json.decode(encoded, type=dict[str, msgspec.Raw]), **extra})
    batch = msgspec.json.decode(encoded, type=dict[str, list[dict[str, msgspec.Raw]]])
    return encoder.encode({name: [{**record, **extra} for record in records] for name, records in batch.items()})


def _not_taken(operation: Operation[Any], argument: str) -> errors.InvalidRequestError:
    message = msg("{field} is given, and the operation takes none; leave it out", field=argument)
    return errors.InvalidRequestError(message, field=argument, operation=operation.id)
