"""What is cleared by its types is what reading it back would accept; all else is refused just as it would be there."""

from __future__ import annotations

import enum
import os
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import inspect

from smartkasa_async import InvalidRequestError
from smartkasa_async._core.known_types import is_sure
from smartkasa_async._core.validation import encode_checked
from smartkasa_async.models import PictureUpload, ProductBatch, ProductCreate, TaxGroup
from smartkasa_async.operations import ALL, Operation
from tests.support.reading_back import encode_read_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OF_API = sorted({each.request for each in ALL if each.request is not None}, key=lambda struct: struct.__name__)
_OPERATION = next(each for each in ALL if each.request is ProductBatch)
_DRAWN = 10 * int(os.environ.get("CHAOS_SEEDS", "0"))
_KYIV = ZoneInfo("Europe/Kyiv")


# --- structs of every kind of field that msgspec has, since the API's may come to have them ---


class _Closed(enum.IntEnum):
    ONE = 1
    TWO = 2


class _Bits(enum.IntFlag):
    READ = 1
    WRITE = 4


class _Part(msgspec.Struct):
    number: int
    parts: list[_Part] | msgspec.UnsetType | None = msgspec.UNSET


class _Tagged(msgspec.Struct, tag="tagged"):
    number: int = 0


class _Otherwise(msgspec.Struct, tag="otherwise"):
    text: str = ""


class _Row(msgspec.Struct, array_like=True):
    number: int
    text: str | msgspec.UnsetType = msgspec.UNSET


class _Strange(msgspec.Struct, eq=False):
    number: int = 0


class _Watchful(msgspec.Struct):
    number: int

    def __post_init__(self) -> None:
        self.number = abs(self.number)


class _Renamed(msgspec.Struct, rename="camel", omit_defaults=True):
    first_name: str = "Олена"
    shop_ids: list[int] = []
    is_open: bool | msgspec.UnsetType = True


_UNSET = msgspec.UNSET
_KINDS: dict[str, tuple[Any, ...]] = {
    "text": (str,),
    "text or absent": (str | msgspec.UnsetType, _UNSET),
    "absent, and must be": (str | msgspec.UnsetType,),
    "absent, and would be a text": (str | msgspec.UnsetType, "Кава"),
    "absent, and would be a list": (list[int] | msgspec.UnsetType, msgspec.field(default_factory=list)),
    "short text": (Annotated[str, msgspec.Meta(max_length=3)],),
    "text of a pattern": (Annotated[str, msgspec.Meta(pattern="^[0-9]*$")] | None, None),
    "described text": (Annotated[str, msgspec.Meta(description="a text")],),
    "positive": (Annotated[int, msgspec.Meta(gt=0)] | msgspec.UnsetType, _UNSET),
    "even": (Annotated[int, msgspec.Meta(multiple_of=2)],),
    "few": (Annotated[list[int], msgspec.Meta(max_length=1)],),
    "small": (Annotated[dict[str, int], msgspec.Meta(max_length=1)],),
    "whole": (int,),
    "bool": (bool,),
    "float": (float,),
    "money": (Decimal | None, None),
    "low money": (Annotated[Decimal, msgspec.Meta(description="low")],),
    "money or whole": (Decimal | int,),
    "money or float": (Decimal | float,),
    "whole or float": (int | float,),
    "whole or text": (int | str,),
    "code": (TaxGroup,),
    "code or text": (TaxGroup | str | None,),
    "code or money": (TaxGroup | Decimal,),
    "code, day or bool": (TaxGroup | date | bool,),
    "closed code": (_Closed,),
    "bits": (_Bits,),
    "anything": (Any,),
    "raw": (msgspec.Raw,),
    "any time": (datetime,),
    "local time": (Annotated[datetime, msgspec.Meta(tz=False)],),
    "time": (Annotated[datetime, msgspec.Meta(tz=True)] | msgspec.UnsetType, _UNSET),
    "times": (list[Annotated[datetime, msgspec.Meta(tz=True)]],),
    "day": (date,),
    "maps": (list[dict[str, Decimal | None]],),
    "map by number": (dict[int, str],),
    "map by day": (dict[date, str],),
    "map by code": (dict[Annotated[str, msgspec.Meta(max_length=1)], str],),
    "lists": (list[list[int | str]],),
    "pair": (tuple[int, str],),
    "set": (set[int],),
    "id": (UUID,),
    "bytes": (bytes,),
    "part": (_Part | None, None),
    "parts": (list[_Part],),
    "left out": (list[_Part | None],),
    "either": (_Tagged | _Otherwise,),
    "tagged": (list[_Tagged],),
    "row": (_Row,),
    "strange": (_Strange,),
    "watchful": (_Watchful,),
    "renamed": (_Renamed | msgspec.UnsetType, _UNSET),
}
_ONE_FIELD = {
    name: msgspec.defstruct(f"One{number}", [("value", *kind)], namespace={"__hash__": None})
    for number, (name, kind) in enumerate(_KINDS.items())
}
_STRUCTS = {struct.__name__: struct for struct in _OF_API} | _ONE_FIELD


# --- values: right ones by type, and what people put in their place ---


class _Text(str):
    __slots__ = ()


class _Whole(int):
    pass


class _Further(ProductCreate):
    colour: str | msgspec.UnsetType = msgspec.UNSET


class _NotEqual(str):
    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


class _Undecided:
    """As missing values of data frames are: neither equal to anything nor not."""

    def __eq__(self, other: object) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    __hash__ = None  # type: ignore[assignment]


class _Anything:
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = None  # type: ignore[assignment]


_in_utc = st.datetimes(timezones=st.just(UTC), allow_imaginary=False)
_times = st.one_of(
    _in_utc,
    st.datetimes(),
    st.datetimes(timezones=st.just(_KYIV)),
    st.datetimes(datetime(2026, 10, 25), datetime(2026, 10, 25, 5), timezones=st.just(_KYIV)),  # noqa: DTZ001  (bounds)
    st.datetimes(timezones=st.just(timezone(timedelta(hours=2, minutes=2, seconds=4)))),
)
_texts = st.one_of(st.text(max_size=5), st.sampled_from(["NaN", "1.5", "2026-10-25", "\ud800", "1", "true", ""]))
_wholes = st.one_of(st.integers(-3, 9), st.integers(), st.sampled_from([2**63, 2**64, -(2**63) - 1, 10**4400]))
_decimals = st.one_of(st.decimals(), st.sampled_from([Decimal("-0"), Decimal("1E+999999"), Decimal("sNaN")]))
_codes = st.one_of(st.sampled_from(TaxGroup), st.builds(TaxGroup, st.integers(-3, 99)))
_keys: st.SearchStrategy[Any] = st.one_of(st.text(max_size=2), st.integers(), st.dates(), st.just(_Text("а")))
_odd = st.one_of(
    st.sampled_from([None, msgspec.UNSET, _Text("а"), _NotEqual("а"), _Whole(5), b"a", UUID(int=1), {1, 2}]),
    st.builds(object),
    st.builds(_Anything),
    st.builds(_Undecided),
    st.builds(PictureUpload, id=st.just("1")),
    st.builds(_Further, title=st.just("Кава"), colour=st.one_of(_texts, st.floats())),
    st.just(msgspec.Raw(b"[1.5]")),
)
_FAMILIES: list[st.SearchStrategy[Any]] = [
    _texts,
    st.one_of(_wholes, st.booleans()),
    st.one_of(_decimals, st.floats()),
    st.sampled_from([Decimal("NaN"), Decimal("sNaN"), Decimal("-Infinity"), float("inf")]),
    st.one_of(_times, st.dates()),
    st.one_of(_codes, st.sampled_from([_Closed.ONE, _Bits.READ | _Bits.WRITE])),
    _odd,
    st.deferred(lambda: st.lists(_ANY, max_size=2)),
    st.deferred(lambda: st.lists(_ANY, max_size=2).map(tuple)),
    st.deferred(lambda: st.dictionaries(_keys, _ANY, max_size=2)),
]
_ANY: st.SearchStrategy[Any] = st.sampled_from(_FAMILIES).flatmap(lambda family: family)  # each as often


def _right(kind: inspect.Type) -> st.SearchStrategy[Any]:  # noqa: PLR0911  (a case each)
    """Draw what a type says."""
    match kind:
        case inspect.UnionType(types=members):
            return st.one_of([_right(member) for member in members])
        case inspect.ListType(item_type=inner):
            return st.lists(_right(inner), max_size=3)
        case inspect.DictType(key_type=key, value_type=inner):
            return st.dictionaries(_right(key), _right(inner), max_size=2)
        case inspect.StructType(cls=struct):
            return st.deferred(lambda: _structs(struct))
        case inspect.EnumType(cls=cls):
            return st.sampled_from(cls)
        case inspect.CustomType() | inspect.AnyType() | inspect.RawType():
            return _ANY
        case inspect.Metadata(type=inner):
            return _right(inner)
    return next(strategy for known, strategy in _SCALARS if isinstance(kind, known))


_SCALARS: list[tuple[type[inspect.Type], st.SearchStrategy[Any]]] = [
    (inspect.StrType, st.text(max_size=5)),
    (inspect.IntType, st.integers(-(2**63), 2**64 - 1)),
    (inspect.BoolType, st.booleans()),
    (inspect.NoneType, st.none()),
    (inspect.DecimalType, st.decimals(allow_nan=False, allow_infinity=False) | st.integers(0, 9)),
    (inspect.FloatType, st.integers() | st.floats()),
    (inspect.DateTimeType, _in_utc),
    (inspect.DateType, st.dates()),
    (inspect.TupleType, st.tuples(st.integers(), st.text(max_size=2))),
    (inspect.SetType, st.sets(st.integers(), max_size=2)),
    (inspect.UUIDType, st.uuids()),
    (inspect.BytesType, st.binary(max_size=3)),
]


def _structs(struct: type[Any]) -> st.SearchStrategy[Any]:
    described = inspect.type_info(struct)
    assert isinstance(described, inspect.StructType)
    needed = {field.name: _right(field.type) for field in described.fields if field.required}
    free = {field.name: _right(field.type) for field in described.fields if not field.required}
    return st.fixed_dictionaries(needed, optional=free).map(lambda values: struct(**values))


_right_bodies = {name: _structs(struct) for name, struct in _STRUCTS.items()}


def _places(value: Any) -> Iterator[tuple[Any, Callable[[Any], None]]]:
    """List each value inside a value, at any depth, with what puts another into its place."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield getattr(value, name), partial(setattr, value, name)
            yield from _places(getattr(value, name))
    elif isinstance(value, (list, dict)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield item, partial(value.__setitem__, key)
            yield from _places(item)
        if isinstance(value, dict):
            yield msgspec.UNSET, partial(_add_key, value)


def _alike(value: Any) -> st.SearchStrategy[Any]:
    """Draw what may be taken for a value of the same kind."""
    return next((strategy for kind, strategy in _BY_TYPE if isinstance(value, kind)), _ANY)


_BY_TYPE: list[tuple[type[Any] | tuple[type[Any], ...], st.SearchStrategy[Any]]] = [
    (datetime, _times),
    (enum.Enum, _codes),
    ((int, Decimal, float), st.one_of(_wholes, st.booleans(), _decimals, st.floats(), st.just(_Whole(5)))),
    (str, st.one_of(_texts, st.sampled_from([_Text("а"), _NotEqual("а")]))),
]


def _add_key(value: dict[Any, Any], key: Any) -> None:
    with suppress(TypeError):  # no key of a dict
        value[key] = 1


# --- the comparison ---


def _outcome(check: Callable[[Operation[Any], type[Any], object], bytes], struct: type[Any], body: object) -> object:
    try:
        return check(replace(_OPERATION, request=struct), struct, body)
    except InvalidRequestError as error:
        return "refused", error.field, error.operation, str(error)
    except Exception as error:  # noqa: BLE001  (whatever it is, both have to end with it)
        return type(error), str(error)


_thorough = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(_thorough, max_examples=max(30, _DRAWN))
@given(st.data())
@pytest.mark.parametrize("name", _ONE_FIELD)
def test_accepts_and_refuses_what_reading_back_does(name: str, data: st.DataObject) -> None:
    _compare(name, data)


@settings(_thorough, max_examples=max(10, _DRAWN))  # their fields are of the kinds above
@given(st.data())
@pytest.mark.parametrize("name", [struct.__name__ for struct in _OF_API])
def test_accepts_and_refuses_bodies_of_the_api_as_reading_back_does(name: str, data: st.DataObject) -> None:
    _compare(name, data)


def _compare(name: str, data: st.DataObject) -> None:
    struct, body = _STRUCTS[name], data.draw(_right_bodies[name])
    if places := list(_places(body)):
        value, put = data.draw(st.sampled_from(places))
        put(data.draw(_alike(value) if data.draw(st.booleans()) else _ANY))
    assert _outcome(encode_checked, struct, body) == _outcome(encode_read_back, struct, body)


@settings(_thorough, max_examples=max(10, _DRAWN))
@given(st.data())
@pytest.mark.parametrize("struct", _OF_API)
def test_right_bodies_of_the_api_are_not_read_back(struct: type[Any], data: st.DataObject) -> None:
    assert is_sure(struct, data.draw(_right_bodies[struct.__name__]))


def _with(struct: Any, **values: object) -> Any:
    for name, value in values.items():
        setattr(struct, name, value)
    return struct


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("maps", [{"а": Decimal(1)}, {"а": Decimal("NaN")}]),
        ("maps", [{"а": Decimal(1), "б": 1.5}]),
        ("absent, and must be", _UNSET),
        ("absent, and would be a text", _UNSET),
        ("absent, and would be a list", _UNSET),
        ("closed code", 3),
        ("closed code", _Closed.ONE),
        ("bits", _Bits.READ | _Bits.WRITE),
        ("watchful", _with(_Watchful(1), number=-1)),
        ("row", _Row(1)),
        ("tagged", [_with(_Tagged(1), number="1")]),
        ("either", _Otherwise("а")),
        ("either", _with(_Otherwise("а"), text=5)),
        ("strange", _Strange(1)),
        ("anything", datetime(2026, 10, 25, 3)),  # noqa: DTZ001  (as a caller may give it)
        ("raw", msgspec.Raw(b"[1.5")),
        ("whole or float", Decimal(1)),
        ("code or text", 77),
        ("money or float", Decimal("sNaN")),
        ("money or float", Decimal("1.5")),
        ("code or money", Decimal(5)),
        ("whole or float", 5),
        ("parts", [_Part(1), _Part(2, [_with(_Part(3), number="3")])]),
        ("left out", [None, _with(_Part(1), parts=[None])]),
    ],
)
def test_chosen_values_end_as_when_they_are_read_back(name: str, value: object) -> None:
    struct = _ONE_FIELD[name]
    body = struct(value)
    assert _outcome(encode_checked, struct, body) == _outcome(encode_read_back, struct, body)
    if isinstance(_outcome(encode_read_back, struct, body), tuple):
        assert not is_sure(struct, body)
