"""Views: which fields of a table an operation shows, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async.sandbox import wire
from smartkasa_async.sandbox.schema import TABLES, Kind, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Show = Callable[[Any], Any]


def _raw(stored: str) -> msgspec.Raw:
    return msgspec.Raw(stored.encode())


@dataclass(frozen=True, eq=False)
class View:
    """The fields that one operation shows of a row, in the service's order.

    Args:
        table: The table's name.
        fields: The fields' names. One that is no column is filled in by the area; one that ends with `?` is left out
            when it is null.
        time: How times are shown; in Kyiv time unless the operation has a quirk.
    """

    table_name: str
    fields: str
    time: Show = wire.kyiv_time
    table: Table = field(init=False)
    select: str = field(init=False)
    _names: tuple[str, ...] = field(init=False)
    _shows: tuple[tuple[str, Show], ...] = field(init=False)
    _optional: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        table = TABLES[self.table_name]
        names = tuple(name.removesuffix("?") for name in self.fields.split())
        shows = {
            Kind.FLAG: bool,
            Kind.NUMBER: wire.number,
            Kind.TIME: self.time,
            Kind.JSON: _raw,
        }
        columns = (f'"{name}"' if name in table.columns else "NULL" for name in names)
        derived = {
            "table": table,
            "select": f"SELECT {', '.join(columns)} FROM {table.name}",  # noqa: S608 names of our own schema
            "_names": names,
            "_shows": tuple(
                (name, shows[kind]) for name in names if (kind := table.columns.get(name)) and kind in shows
            ),
            "_optional": tuple(name.removesuffix("?") for name in self.fields.split() if name.endswith("?")),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)

    def render(self, tuples: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """Turn selected tuples into the objects of the answer."""
        names, shows, optional = self._names, self._shows, self._optional
        rendered = []
        for values in tuples:
            row = dict(zip(names, values, strict=True))
            for name, show in shows:
                if (value := row[name]) is not None:
                    row[name] = show(value)
            for name in optional:
                if row[name] is None:
                    del row[name]
            rendered.append(row)
        return rendered
