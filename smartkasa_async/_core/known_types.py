"""Values whose types alone show that they can be sent: columns of a batch are looked at, and not each value.

`is_sure` only ever says yes where encoding and reading back would: a value that its type does not clear is left to
that check. What is cleared here is encoded three times as fast, since nothing is read back.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from itertools import chain
from operator import countOf
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from msgspec import NODEFAULT, UNSET, UnsetType, inspect
from msgspec.structs import astuple

from smartkasa_async._base.model import OpenIntEnum

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    _Column: TypeAlias = Sequence[Any]
    _Sure: TypeAlias = dict[type[Any], Callable[[_Column], bool] | None]
    """Exact types that are cleared, each with what its values have to pass besides; None for nothing."""


def is_sure(struct: type[Any], body: object) -> bool:
    """Return whether a body is a struct of this very type that can be sent, down to its last field."""
    return _passes(_sure_bodies(cast("Hashable", struct)), (body,))


@cache
def _sure_bodies(struct: Hashable) -> _Sure:
    return _sure_types(inspect.type_info(struct))


def _passes(sure: _Sure, column: _Column) -> bool:
    if not column:
        return True
    first = type(column[0])
    # Most columns of a batch are left out by all; looking for the one value takes a tenth of looking at types.
    alike = column.count(UNSET) if first is UnsetType else countOf(map(type, column), first)
    if alike == len(column):
        return first in sure and ((further := sure[first]) is None or further(column))
    types = set(map(type, column))
    if not types <= sure.keys():
        return False
    return all(
        further is None or further([value for value in column if type(value) is kind])
        for kind, further in ((kind, sure[kind]) for kind in types)
    )


def _sure_types(kind: inspect.Type) -> _Sure:
    """Compile what a type clears; nothing where a value could be read back as another or be refused."""
    match kind:
        case inspect.EnumType(cls=enum) if issubclass(enum, OpenIntEnum):
            return {enum: None}
        case inspect.UnionType(types=members):
            sure = [_sure_types(member) for member in members]  # JSON tells them apart, or msgspec would not take it
            return dict(chain.from_iterable(each.items() for each in sure)) if all(sure) else {}
        case inspect.ListType(item_type=inner, min_length=None, max_length=None):
            items = _sure_types(inner)
            return {list: lambda lists: _passes(items, list(chain.from_iterable(lists)))}
        case inspect.DictType(key_type=key, value_type=inner, min_length=None, max_length=None) if key == _TEXT:
            values = _sure_types(inner)
            return {dict: lambda maps: _have_text_keys(maps) and _passes(values, _values_of(maps))}
        case inspect.StructType(cls=struct) if _is_read_as_written(struct):
            return {struct: partial(_fields_are_sure, struct)}
    return next((sure for known, sure in _SCALARS if kind == known), {})


def _is_read_as_written(struct: type[Any]) -> bool:
    config = struct.__struct_config__
    return config.eq and config.tag is None and not config.array_like and not hasattr(struct, "__post_init__")


def _fields_are_sure(struct: type[Any], values: _Column) -> bool:
    return all(map(_passes, _checks_of(cast("Hashable", struct)), zip(*map(astuple, values), strict=True)))


@cache
def _checks_of(struct: Hashable) -> list[_Sure]:
    """Compile the checks of a struct's fields; when values come, so that a struct may hold others of its own kind."""
    described = cast("inspect.StructType", inspect.type_info(struct))
    return [_sure_types(field.type) | _unset_of(field) for field in described.fields]


def _unset_of(field: inspect.Field) -> _Sure:
    """Clear what is left out only where it would be missing when it is read back too."""
    has_default = field.default is not NODEFAULT or field.default_factory is not NODEFAULT
    return {} if field.required or has_default else {UnsetType: None}


def _have_text_keys(maps: _Column) -> bool:
    return all(type(key) is str for each in maps for key in each)


def _values_of(maps: _Column) -> _Column:
    return [value for each in maps for value in each.values()]


def _are_finite(decimals: _Column) -> bool:
    return all(map(Decimal.is_finite, decimals))


def _are_in_utc(moments: _Column) -> bool:
    return all(moment.tzinfo is UTC for moment in moments)


_TEXT = inspect.StrType()
_SCALARS: tuple[tuple[inspect.Type, _Sure], ...] = (
    (_TEXT, {str: None}),
    (inspect.IntType(), {int: None}),
    (inspect.BoolType(), {bool: None}),
    (inspect.NoneType(), {type(None): None}),
    (inspect.DecimalType(), {Decimal: _are_finite, int: None}),
    (inspect.DateType(), {date: None}),
    (inspect.DateTimeType(tz=True), {datetime: _are_in_utc}),  # others may not be equal to themselves when read back
)
"""Scalars without constraints."""
