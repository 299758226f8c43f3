"""JSON to structs: at once where it has the documented form, value by value where it has not.

The slow path reads what has a plain meaning in another form: a number as text, text as a number, 0 and 1 or their texts
for a boolean, an empty text for null. What could mean two things, such as a number in place of a time, is unreadable.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from smartkasa_async._foreign import foreign
from smartkasa_async._phrases import phrase

if TYPE_CHECKING:
    from collections.abc import Hashable

    from msgspec import inspect

__all__ = ["RawPage", "UnreadableJsonError", "decode", "id_of"]

AnswerT = TypeVar("AnswerT")

_WHOLE = re.compile(r"[+-]?\d{1,19}")
_BOOLEANS: dict[object, bool] = {0: False, 1: True, "0": False, "1": True, "false": False, "true": True}
_BOM = b"\xef\xbb\xbf"


class UnreadableJsonError(Exception):
    """JSON that does not have the form that was asked for.

    Attributes:
        reason: What is wrong, a phrase.
        path: JSON path of the value, for example `$.data[3].price`.
    """

    def __init__(self, reason: str, path: str = "$") -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.path = path


class RawPage(msgspec.Struct):
    """The answer of a list with its records undecoded."""

    data: list[msgspec.Raw]
    meta: msgspec.Raw


class _Identified(msgspec.Struct):
    id: str | int


def decode(body: bytes | msgspec.Raw, form: type[AnswerT]) -> AnswerT:
    """Decode JSON; numbers of free-form values stay exact.

    Args:
        body: The JSON, UTF-8.
        form: What to make of it.

    Raises:
        UnreadableJsonError: It is no JSON, or a value has no plain meaning for its field; names the value.
    """
    decoder: msgspec.json.Decoder[AnswerT] = _decoder_of(cast("Hashable", form))
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        value = _decode_plainly(bytes(body).removeprefix(_BOM))
        return msgspec.convert(_fitted(value, _kind_of(cast("Hashable", form))), form)
    except msgspec.DecodeError as error:
        reason, _, path = str(error).partition(" - at `")
        unreadable = UnreadableJsonError(foreign(reason), path.rstrip("`") or "$")
    except UnicodeDecodeError as error:
        unreadable = UnreadableJsonError(phrase("A string is not UTF-8 ({reason})", reason=foreign(error.reason)))
    except RecursionError:
        unreadable = UnreadableJsonError(phrase("Values are nested too deeply"))
    # Raised out here: what the decoder raised may hold the text that could not be read, a token perhaps.
    raise unreadable


def id_of(record: msgspec.Raw) -> str | int | None:
    """Read the id of a record, whatever else it holds; None where it has none that can be read."""
    try:
        return decode(record, _Identified).id
    except UnreadableJsonError:
        return None


@cache
def _decoder_of(form: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(cast("type[Any]", form), float_hook=Decimal)


_decode_plainly = msgspec.json.Decoder(float_hook=Decimal).decode


@cache
def _kind_of(form: Hashable) -> inspect.Type:
    return msgspec.inspect.type_info(form)


@cache
def _fields_of(struct: type[Any]) -> dict[str, inspect.Type]:
    described = cast("inspect.StructType", msgspec.inspect.type_info(struct))
    return {field.encode_name: field.type for field in described.fields}


def _fitted(value: Any, kind: inspect.Type) -> Any:
    """Bring a value into the form of its field, where its meaning is plain."""
    kinds = msgspec.inspect
    match kind:
        case kinds.Metadata(type=inner):
            return _fitted(value, inner)
        case kinds.UnionType(types=among):
            return _fitted_to_one(value, among)
        case kinds.StructType(cls=struct) if isinstance(value, dict):
            fields = _fields_of(struct)
            return {key: _fitted(item, fields[key]) if key in fields else item for key, item in value.items()}
        case kinds.ListType(item_type=inner) if isinstance(value, list):
            return [_fitted(item, inner) for item in value]
        case kinds.DictType(value_type=inner) if isinstance(value, dict):
            return {key: _fitted(item, inner) for key, item in value.items()}
    return _fitted_scalar(value, kind)


def _fitted_to_one(value: Any, among: tuple[inspect.Type, ...]) -> Any:
    kinds = msgspec.inspect
    others = [kind for kind in among if not isinstance(kind, kinds.NoneType)]
    if value is None or len(others) != 1:
        return value
    takes_null = len(others) < len(among)
    is_text = isinstance(others[0], kinds.StrType)
    return None if value == "" and takes_null and not is_text else _fitted(value, others[0])


def _fitted_scalar(value: Any, kind: inspect.Type) -> Any:
    kinds = msgspec.inspect
    match kind:
        case kinds.StrType() if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case kinds.BoolType() if isinstance(value, str | int | Decimal):
            return _BOOLEANS.get(value.strip().lower() if isinstance(value, str) else value, value)
        case kinds.IntType() | kinds.EnumType():
            return _whole(value)
        case kinds.DecimalType():
            return value.strip() if isinstance(value, str) else value
    return value


def _whole(value: Any) -> Any:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value
