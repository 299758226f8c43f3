"""The check of request bodies that reads every one back, as it was before types cleared any: an oracle.

It is written out here, and shares only the texts of errors with the package.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async import InvalidRequestError
from smartkasa_async._i18n.external import located_message
from smartkasa_async._i18n.message import join_messages, msg

if TYPE_CHECKING:
    from smartkasa_async.operations import Operation

__all__ = ["encode_read_back"]

_encoder = msgspec.json.Encoder(decimal_format="number")


def encode_read_back(operation: Operation[Any], struct: type[Any], body: object) -> bytes:
    """Encode a body, decode it by its own type, and compare both."""
    if _inexact_path(body, "$", finite=False) is not None:
        raise _inexact(operation, body)
    try:
        encoded = _encoder.encode(body)
        read = msgspec.json.decode(encoded, type=struct)
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        if _inexact_path(body, "$") is not None:
            raise _inexact(operation, body) from None
        reason, path = located_message(error)
        field = path or "$"
        message = join_messages([field, reason], ": ")
        raise InvalidRequestError(message, field=field, operation=operation.id) from None
    if read != body:
        field, given, wanted = _difference(body, read, "$")
        message = msg("{field} is {type}; give {wanted}", field=field, type=given, wanted=wanted)
        raise InvalidRequestError(message, field=field, operation=operation.id)
    return encoded


def _inexact(operation: Operation[Any], body: object) -> InvalidRequestError:
    field = _inexact_path(body, "$") or "$"
    message = msg("{field} is a float, infinite or not a number; give an exact Decimal", field=field)
    return InvalidRequestError(message, field=field, operation=operation.id)


def _inexact_path(value: object, path: str, *, finite: bool = True) -> str | None:
    if isinstance(value, float) or (finite and isinstance(value, Decimal) and not value.is_finite()):
        return path
    found = (_inexact_path(item, path + step, finite=finite) for step, item in _items(value))
    return next((path for path in found if path is not None), None)


def _difference(given: object, read: object, path: str) -> tuple[str, str, str]:
    if isinstance(given, type(read)):
        for (step, item), (_, other) in zip(_items(given), _items(read), strict=False):
            if item != other:
                return _difference(item, other, path + step)
    return path, type(given).__name__, type(read).__name__


def _items(value: object) -> list[tuple[str, object]]:
    if isinstance(value, msgspec.Struct):
        return [(f".{name}", getattr(value, name)) for name in value.__struct_fields__]
    if isinstance(value, (list, tuple)):
        return [(f"[{index}]", item) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return [(f".{key}", item) for key, item in value.items()]
    return []
