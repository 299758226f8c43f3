"""Checks of what a request sends: exact numbers, and every value of the type that its field has."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async import errors
from smartkasa_async._core.known_types import is_sure
from smartkasa_async._i18n.external import located_message
from smartkasa_async._i18n.message import join_messages, msg
from smartkasa_async._support.phones import PhoneNumberError, sendable_phone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartkasa_async._base.operation import Operation


encoder = msgspec.json.Encoder(decimal_format="number")
_checkers: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def body_fields(values: Mapping[str, object]) -> dict[str, msgspec.Raw]:
    """Write keys of a body that no struct of this version has, each as JSON.

    Raises:
        InvalidRequestError: A value cannot be written, or is a float; names its key.
    """
    fields = {}
    for name, value in values.items():
        inexact = _inexact_path(value, f"extra_body.{name}")
        if inexact is not None:
            raise _inexact(inexact)
        try:
            fields[name] = msgspec.Raw(encoder.encode(value))
        except (msgspec.MsgspecError, TypeError, ValueError) as error:
            field = f"extra_body.{name}"
            raise errors.InvalidRequestError(join_messages([field, str(error)], ": "), field=field) from None
    return fields


def with_phone_digits(operation: Operation[Any], body: Any) -> Any:
    """Write the phone numbers of a body as they are sent; a value of another type is left for the check to refuse."""
    given = {name: getattr(body, name) for name in body.__phone_fields__}
    texts = {name: check_phone(operation, f"$.{name}", text) for name, text in given.items() if isinstance(text, str)}
    return msgspec.structs.replace(body, **texts)


def check_phone(operation: Operation[Any], field: str, text: str) -> str:
    try:
        return sendable_phone(text)
    except PhoneNumberError as error:
        message = msg("{field} cannot be sent: {reason}", field=field, reason=error.reason)
        raise errors.InvalidRequestError(message, field=field, operation=operation.id) from None


def encode_checked(operation: Operation[Any], struct: type[Any], body: object) -> bytes:
    """Encode a body; what the types of its values leave open is found by reading it back by its own type.

    Raises:
        InvalidRequestError: A value has the wrong type, or cannot be written; names its field.
    """
    with suppress(TypeError, ValueError):  # what cannot be compared or written is named below
        if is_sure(struct, body):
            return encoder.encode(body)
    inexact = _inexact_path(body, "$")
    if inexact is not None:
        raise _inexact(inexact, operation.id)
    checker = _checkers.get(struct)
    if checker is None:
        checker = _checkers[struct] = msgspec.json.Decoder(struct)
    try:
        encoded = encoder.encode(body)
        read = checker.decode(encoded)
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        reason, path = located_message(error)
        field = path or "$"
        message = join_messages([field, reason], ": ")
        raise errors.InvalidRequestError(message, field=field, operation=operation.id) from None
    if read != body:
        field, given, wanted = _difference(body, read, "$")
        message = msg("{field} is {type}; give {wanted}", field=field, type=given, wanted=wanted)
        raise errors.InvalidRequestError(message, field=field, operation=operation.id)
    return encoded


def _inexact(field: str, operation: str | None = None) -> errors.InvalidRequestError:
    message = msg("{field} is a float, infinite or not a number; give an exact Decimal", field=field)
    return errors.InvalidRequestError(message, field=field, operation=operation)


def _inexact_path(value: object, path: str) -> str | None:
    """Find what cannot be an exact number in a request, where money and quantities have to be."""
    if isinstance(value, float) or (isinstance(value, Decimal) and not value.is_finite()):
        return path
    found = (_inexact_path(item, path + step) for step, item in _items(value))
    return next((path for path in found if path is not None), None)


def _difference(given: object, read: object, path: str) -> tuple[str, str, str]:
    """Find the first value that is of another type than its JSON has, and name both types."""
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
