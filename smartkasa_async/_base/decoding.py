"""JSON to structs: at once where it has the documented form, value by value where it has not.

The slow path reads what has a plain meaning in another form: a number as text, text as a number, 0 and 1 or their texts
for a boolean, an empty text or an object of nulls for null, a time as other programs write it. What could mean two
things, such as a number instead of a time, is unreadable.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import msgspec

from smartkasa_async._i18n.external import located_message
from smartkasa_async._i18n.message import msg

if TYPE_CHECKING:
    from collections.abc import Hashable

    from msgspec import inspect

AnswerT = TypeVar("AnswerT")

_WHOLE = re.compile(r"([+-]?\d{1,19})(?:\.0*)?")
_BEFORE_OFFSET = re.compile(r"\s+(?=[+-]\d{2}:?\d{2}$)")
_UTC = re.compile(r"\s*UTC$")
_MOST_DIGITS = 40
_BOOLEANS: dict[object, bool] = {0: False, 1: True, "0": False, "1": True, "false": False, "true": True}
_BOM = b"\xef\xbb\xbf"


class UnreadableJsonError(Exception):
    """JSON does not have the requested form.

    Attributes:
        reason: What is wrong, a message.
        path: JSON path of the value, for example `$.data[3].price`.
    """

    def __init__(self, reason: str, path: str = "$") -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.path = path


class RawRecords(msgspec.Struct):
    """Base of answers of a list that leave its records undecoded."""

    data: list[msgspec.Raw]


class RawPage(RawRecords):
    """The answer of a list with its records and its metadata undecoded."""

    meta: msgspec.Raw


class _Identified(msgspec.Struct):
    id: str | int


def decode(body: bytes | msgspec.Raw, form: type[AnswerT]) -> AnswerT:
    """Decode JSON; numbers of free-form values stay exact.

    Raises:
        UnreadableJsonError: It is no JSON, or a value has no plain meaning for its field; names the value.
    """
    decoder: msgspec.json.Decoder[AnswerT] = _decoder_of(form)  # type: ignore[arg-type]  # a class has a hash
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        value = _read_plainly(bytes(body).removeprefix(_BOM), _kind_of(cast("Hashable", form)))
        return msgspec.convert(value, form)
    except msgspec.DecodeError as error:
        reason, path = located_message(error)
        unreadable = UnreadableJsonError(reason, path or "$")
    except UnicodeDecodeError as error:
        unreadable = UnreadableJsonError(msg("A string is not UTF-8 ({reason})", reason=error.reason))
    except RecursionError:
        unreadable = UnreadableJsonError(msg("Values are nested too deeply"))
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
_decode_parts = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_items = msgspec.json.Decoder(list[msgspec.Raw]).decode


@cache
def _kind_of(form: Hashable) -> inspect.Type:
    return msgspec.inspect.type_info(form)


@cache
def _fields_of(struct: type[Any]) -> dict[str, inspect.Type]:
    described = cast("inspect.StructType", msgspec.inspect.type_info(struct))
    return {field.encode_name: field.type for field in described.fields}


def _read_plainly(body: bytes | msgspec.Raw, kind: inspect.Type) -> Any:
    """Decode JSON value by value, but for what is to stay undecoded."""
    kinds = msgspec.inspect
    match kind:
        case kinds.RawType():
            return msgspec.Raw(body)
        case kinds.ListType(item_type=kinds.RawType()):
            with suppress(msgspec.ValidationError):  # what is no list is refused with its path
                return _decode_items(body)
        case kinds.StructType(cls=struct) if issubclass(struct, RawRecords):
            fields = _fields_of(struct)
            parts = _decode_parts(body)
            return {name: _read_plainly(part, fields[name]) for name, part in parts.items() if name in fields}
    return _fitted(_decode_plainly(body), kind)


def _fitted(value: Any, kind: inspect.Type) -> Any:
    """Bring a value into the form of its field, where its meaning is plain."""
    kinds = msgspec.inspect
    match kind:
        case kinds.Metadata(type=inner):
            return _fitted(value, inner)
        case kinds.UnionType(types=among):
            return _fitted_to_one(value, among)
        case kinds.StructType(cls=struct) if isinstance(value, dict) or not kind.fields:
            return _fitted_struct(value, _fields_of(struct))
        case kinds.ListType(item_type=inner) if isinstance(value, list):
            return [_fitted(item, inner) for item in value]
        case kinds.DictType(value_type=inner) if isinstance(value, dict):
            is_sum = isinstance(inner, kinds.DecimalType)  # a tax of nothing is no tax
            return {key: _fitted(item, inner) for key, item in value.items() if not is_sum or item not in (None, "")}
    return _fitted_scalar(value, kind)


def _fitted_struct(value: Any, fields: dict[str, inspect.Type]) -> dict[str, Any]:
    if not fields:  # what holds nothing cannot be wrong, nor be missing
        return {}
    kinds = msgspec.inspect
    empty: dict[str, Any] = {
        name: {} for name, kind in fields.items() if isinstance(kind, kinds.StructType) and not kind.fields
    }
    return empty | {key: _fitted(item, fields[key]) if key in fields else item for key, item in value.items()}


def _fitted_to_one(value: Any, among: tuple[inspect.Type, ...]) -> Any:
    kinds = msgspec.inspect
    others = [kind for kind in among if not isinstance(kind, kinds.NoneType)]
    if len(others) > 1:
        others = [kind for kind in others if isinstance(kind, kinds.ListType) == isinstance(value, list)]
    if value is None or len(others) != 1:
        return value
    if any(isinstance(kind, kinds.NoneType) for kind in among) and _means_null(value, others[0]):
        return None
    return _fitted(value, others[0])


def _means_null(value: Any, kind: inspect.Type) -> bool:
    """Return whether a value means null: an empty text instead of another type, or an object of nulls."""
    kinds = msgspec.inspect
    if isinstance(kind, kinds.StructType) and isinstance(value, dict):
        return all(item is None for item in value.values()) and any(field.required for field in kind.fields)
    return value == "" and not isinstance(kind, kinds.StrType)


def _fitted_scalar(value: Any, kind: inspect.Type) -> Any:
    kinds = msgspec.inspect
    match kind:
        case kinds.StrType() if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return _written_out(value)
        case kinds.BoolType() if isinstance(value, str | int | Decimal):
            return _BOOLEANS.get(value.strip().lower() if isinstance(value, str) else value, value)
        case kinds.IntType() | kinds.EnumType():
            return _whole(value)
        case kinds.DecimalType() if isinstance(value, str):
            return value.strip()
        case kinds.DateTimeType() if isinstance(value, str):
            return _moment(value.strip())
    return value


def _whole(value: Any) -> Any:
    if isinstance(value, str) and (found := _WHOLE.fullmatch(value.strip())) is not None:
        return int(found[1])
    if isinstance(value, Decimal) and _is_short(value) and value == value.to_integral_value():
        return int(value)
    return value


def _written_out(number: int | Decimal) -> object:
    if isinstance(number, int):
        return str(number)
    return f"{number:f}" if _is_short(number) else number


def _is_short(number: Decimal) -> bool:
    """Return whether a number can be written out; of 1e99999999 that takes minutes."""
    return abs(number.adjusted()) < _MOST_DIGITS


def _moment(text: str) -> datetime | str:
    """Read a time as other programs write it: `2026-10-01 12:00 +0300`, `… UTC`."""
    with suppress(ValueError):
        return datetime.fromisoformat(_BEFORE_OFFSET.sub("", _UTC.sub("Z", text)))
    return text
