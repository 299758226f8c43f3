"""Forms: what an operation takes, and the service's recorded ways of refusing it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multidict import MultiMapping

INVALID = {"error": "invalid"}
BLANK_TEXT = "Не може бути пустим"
INVALID_TEXT = "Невірне значення"

_LARGEST_INTEGER = 2**63 - 1
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_MOST_DIGITS = 15
"""Digits before the point that an amount may have."""
_FINEST_FLOAT = -30
"""The exponent of the finest amount."""


class Refused(Exception):  # noqa: N818 an answer, not a failure of the sandbox
    """An answer that is not a success; nothing of the operation is kept."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def refuse_fields(**codes: str) -> Refused:
    """Make the 422 that names fields with an error code each: `{"errors": {"title": [{"error": "blank"}]}}`."""
    return Refused(422, {"errors": {name: [{"error": code}] for name, code in codes.items()}})


def normal_phone(phone: str | None) -> str | None:
    """Return a Ukrainian phone number as the service stores it: 0971234567 becomes 380971234567."""
    return f"38{phone}" if phone and re.fullmatch(r"0\d{9}", phone) else phone


def written_phone(phone: str) -> str:
    """Return the digits of a phone number that a person wrote, Ukrainian ones with the country code."""
    digits = "".join(str(int(letter)) for letter in phone if letter.isdecimal())
    return f"38{digits[-10:]}" if re.fullmatch(r"(38|8)?0\d{9}", digits) else digits or phone


@dataclass(frozen=True)
class _Field:
    type: str
    nullable: bool = False
    required: bool = False
    positive: bool = False


class Form:
    """The fields of a request, or the filters of a list, with their types.

    Args:
        name: The form's class at the service, which its type errors name: `Pos::TerminalForm`.
        fields: Names with types: `title:text! state:integer shop_id:integer? price:float+`. Types: text, integer,
            float, flag, uuid, time, integers, texts, keys (integers or texts), amounts (a hash of floats), hash. `?`
            may be null, `!` must not be blank, `+` must not be negative. Texts, lists and hashes may always be null.
        nested: Forms of fields that are objects, or lists of one form for lists of objects.
    """

    def __init__(self, name: str, fields: str, **nested: Form | list[Form]) -> None:
        self.name = name
        self.nested = nested
        self.fields: dict[str, _Field] = {}
        for declaration in fields.split():
            field, _, kind = declaration.partition(":")
            marks = kind.lstrip("abcdefghijklmnopqrstuvwxyz")
            self.fields[field] = _Field(kind.rstrip("?!+"), "?" in marks, "!" in marks, "+" in marks)
        for field in nested:
            self.fields[field] = _Field("hash", nullable=True)

    def read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the known fields of `data` with values of their types; raise Refused with the service's type error."""
        values = {}
        for name, field in self.fields.items():
            if name in data:
                values[name] = self._coerce(name, field, data[name])
        return values

    def check(self, data: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
        """Read a request and apply the rules on blank and negative values.

        Args:
            data: The request's fields.
            creating: Whether a required field that is absent counts as blank.

        Returns:
            The known fields, with values of their types.

        Raises:
            Refused: 422, with the type error, or with every field that breaks a rule.
        """
        values = self.read(data)
        if errors := self.errors(values, creating=creating):
            raise refuse_fields(**errors)
        return values

    def errors(self, values: Mapping[str, Any], *, creating: bool) -> dict[str, str]:
        """Return an error code for each field whose value breaks a rule."""
        errors = {}
        for name, field in self.fields.items():
            value = values.get(name)
            if field.required and (name in values or creating) and _is_blank(value):
                errors[name] = "blank"
            elif not self._is_right(name, field, value):
                errors[name] = "invalid"
        return errors

    def _is_right(self, name: str, field: _Field, value: Any) -> bool:
        if field.positive and isinstance(value, Decimal) and value < 0:
            return False
        nested = self.nested.get(name)
        if nested is None or value is None:
            return True
        # Parts are made anew, whatever is done to the whole, so each owes all that a new one owes.
        form, parts = (nested[0], value) if isinstance(nested, list) else (nested, [value])
        return not any(form.errors(part, creating=True) for part in parts)

    def filters(self, query: MultiMapping[str]) -> dict[str, Any]:
        """Read a query string's filters, a list's as `name[]` once for each; an empty value counts as not given."""
        given: dict[str, Any] = {name: text for name, text in query.items() if text}
        for name, field in self.fields.items():
            if field.type in _LISTS and (texts := [text for text in query.getall(f"{name}[]", []) if text]):
                given[name] = texts
        return self.read(given)

    def _coerce(self, name: str, field: _Field, value: Any) -> Any:
        if value is None and (field.nullable or field.type in _NULLABLE):
            return None
        if (nested := self.nested.get(name)) is not None:
            return self._coerce_nested(name, nested, value)
        try:
            return _COERCIONS[field.type](value)
        except _MismatchError as mismatch:
            raise self._type_error(name, value, str(mismatch)) from None

    def _coerce_nested(self, name: str, nested: Form | list[Form], value: Any) -> Any:
        if isinstance(nested, Form):
            if not isinstance(value, dict):
                raise self._type_error(name, value, f"type?(Hash, {_inspect(value)})")
            return nested.read(value)
        if not isinstance(value, list):
            raise self._type_error(name, value, f"type?(Array, {_inspect(value)})")
        if wrong := [row for row in value if not isinstance(row, dict)]:
            raise self._type_error(name, wrong[0], f"type?(Hash, {_inspect(wrong[0])})")
        return [nested[0].read(row) for row in value]

    def _type_error(self, name: str, value: Any, reason: str) -> Refused:
        message = f"[{self.name}.new] {_inspect(value)} ({_ruby_class(value)}) has invalid type for :{name}"
        return Refused(422, {"errors": f"{message} violates constraints ({reason} failed)"})


class _MismatchError(Exception):
    """A value does not have the type of its field."""


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _MismatchError(f"type?(String, {_inspect(value)})")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise _MismatchError(f"can't convert {_ruby_class(value)} into Integer")
    wrong = _MismatchError(f"invalid value for Integer(): {_inspect(value)}")
    if isinstance(value, Decimal) and value.adjusted() > _MOST_DIGITS:
        raise wrong
    try:
        number = int(value)
    except ValueError:
        raise wrong from None
    if abs(number) > _LARGEST_INTEGER:
        raise wrong
    return number


def _float(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise _MismatchError(f"can't convert {_ruby_class(value)} into Float")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _MismatchError(f"invalid value for Float(): {_inspect(value)}") from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < _FINEST_FLOAT or number.adjusted() >= _MOST_DIGITS:
        raise _MismatchError(f"invalid value for Float(): {_inspect(value)}")
    return number


def _flag(value: Any) -> bool:
    flag = {"true": True, "1": True, "false": False, "0": False}.get(value) if isinstance(value, str) else value
    if not isinstance(flag, bool):
        raise _MismatchError(f"type?(FalseClass, {_inspect(value)})")
    return flag


def _time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        raise _MismatchError(f"type?(DateTime, {_inspect(value)})") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _MismatchError(f"type?(Array, {_inspect(value)})")
    return value


def _uuid(value: Any) -> str:
    if not _UUID.fullmatch(_text(value)):
        raise _MismatchError(f"uuid?({_inspect(value)})")
    return str(value).lower()


def _key(value: Any) -> int | str:
    return _integer(value) if isinstance(value, int | Decimal) else _text(value)


def _amounts(value: Any) -> dict[str, Decimal]:
    return {name: _float(amount) for name, amount in _hash(value).items()}


def _list_of(coerce: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    return lambda value: [coerce(item) for item in _array(value)]


def _hash(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _MismatchError(f"type?(Hash, {_inspect(value)})")
    return value


_COERCIONS = {
    "text": _text,
    "integer": _integer,
    "float": _float,
    "flag": _flag,
    "time": _time,
    "uuid": _uuid,
    "integers": _list_of(_integer),
    "texts": _list_of(_text),
    "keys": _list_of(_key),
    "amounts": _amounts,
    "hash": _hash,
}
_LISTS = frozenset({"integers", "texts", "keys"})
_NULLABLE = _LISTS | {"text", "uuid", "amounts", "hash"}

_RUBY_CLASSES = {
    str: "String",
    int: "Integer",
    Decimal: "Float",
    dict: "Hash",
    list: "Array",
    type(None): "NilClass",
}


def _ruby_class(value: Any) -> str:
    if isinstance(value, bool):
        return "TrueClass" if value else "FalseClass"
    return _RUBY_CLASSES[type(value)]


def _inspect(value: Any) -> str:
    if value is None:
        return "nil"
    return json.dumps(value, ensure_ascii=False, default=str)
