"""Bases of the generated structs and enums."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Annotated, Any, ClassVar, Self

import msgspec

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A point in time; a value without an offset is refused, since it is unknown which clock it was read from."""

_HIDDEN = "***"


class Model(msgspec.Struct, gc=False):
    """Base of all structs: not tracked by the garbage collector, secrets kept out of its repr."""

    __secret_fields__: ClassVar[frozenset[str]] = frozenset()
    __phone_fields__: ClassVar[frozenset[str]] = frozenset()

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """List the fields that are set with their values, secret ones hidden."""
        shown = ((name, self._shown(name)) for name in self.__struct_fields__)
        return [(name, value) for name, value in shown if value is not msgspec.UNSET]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({fields})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Describe the struct to pydantic, and so to FastAPI: read and written as by msgspec, money as exact text."""
        from pydantic_core import core_schema  # noqa: PLC0415  (it is pydantic that calls this)

        def read(value: Any) -> Any:
            return value if isinstance(value, cls) else msgspec.convert(value, cls)

        written = core_schema.plain_serializer_function_ser_schema(msgspec.to_builtins, when_used="json")
        return core_schema.no_info_plain_validator_function(read, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        """Describe the struct in JSON Schema, for the API's document of FastAPI."""
        (described,), structs = msgspec.json.schema_components([cls], ref_template="{name}")
        return _inlined(described, structs, ())

    def _shown(self, name: str) -> Any:
        value = getattr(self, name)
        return _HIDDEN if name in self.__secret_fields__ and isinstance(value, str) else value


def _inlined(schema: Any, structs: dict[str, Any], inside: tuple[str, ...]) -> Any:
    """Put what a schema refers to into it, since the document that it goes into keeps names by itself."""
    if isinstance(schema, list):
        return [_inlined(each, structs, inside) for each in schema]
    if not isinstance(schema, dict):
        return schema
    name = schema.get("$ref")
    if name is None:
        return {key: _inlined(value, structs, inside) for key, value in schema.items()}
    return {} if name in inside else _inlined(structs[name], structs, (*inside, name))


class OpenIntEnum(IntEnum):
    """Codes of the service; a number that is not listed becomes a member `UNKNOWN_<number>` that keeps its value."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}".replace("-", "MINUS_")
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Return whether the code is one that this version of the library lists."""
        return self._name_ in type(self).__members__
