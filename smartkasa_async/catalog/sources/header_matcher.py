"""Headers of a table matched to fields: by the caller's mapping, by a preset, by synonyms, in this order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from smartkasa_async._i18n.message import argument, join_messages, msg
from smartkasa_async.catalog.errors import SourceError
from smartkasa_async.catalog.messages import reason_headers
from smartkasa_async.catalog.sources.cells import without_invisible
from smartkasa_async.catalog.sources.columns import Columns
from smartkasa_async.catalog.sources.fields import (
    NUMBERS,
    PRICES,
    REQUIRED,
    Field,
    could_be,
    field_name,
    field_of,
    foreign_currency,
    plain,
    preference,
)
from smartkasa_async.catalog.sources.layout import UNKNOWN_LAYOUT, Layout, Preset, load_presets, recognise
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterable, Sequence

HEADER_ROWS = 20
"""A header stands among so many first rows."""

_BY_MAPPING = 0
_BY_MAPPING_ROUGHLY = 500
_BY_PRESET = 1_000
_BY_SYNONYM = 1_000_000

_NAMES = (Field.TITLE, Field.NUMBER)


class FieldMatch(NamedTuple):
    """A field that a header stands for.

    Attributes:
        field: The field.
        rank: Of two headers that claim one field, the lower one has it; equal ones are in doubt.
    """

    field: Field
    rank: int


class HeaderMatcher(msgspec.Struct, frozen=True, kw_only=True):
    """The rules by which headers become fields.

    Attributes:
        required: Fields without which the source is of no use.
        headers: Headers of each field that the mapping names, the preferred one first.
        positions: Numbers of the columns, from 0, of each field that the mapping gives a number for.
        left_out: Fields for which no column may be taken.
        preset: Name of the preset; None for none.
        recognises: Whether a preset is looked for.
        any_currency: Whether headers with another currency stand for prices too.
    """

    required: tuple[Field, ...] = REQUIRED
    headers: dict[Field, tuple[str, ...]] = {}
    positions: dict[Field, int] = {}
    left_out: frozenset[Field] = frozenset()
    preset: str | None = None
    recognises: bool = True
    any_currency: bool = False

    @classmethod
    def of(cls, layout: Layout = UNKNOWN_LAYOUT, required: Collection[Field] = REQUIRED) -> Self:
        """Take the rules from a layout.

        Raises:
            InvalidRequestError: There is no such preset, or the mapping is malformed.
            OSError: The mapping's file cannot be read.
        """
        mapping = _read_mapping(layout.mapping)
        if layout.preset and layout.preset not in load_presets():
            known = ", ".join(load_presets())
            message = msg(
                "{field} is {value!r}; give one of {choices}",
                field=argument("preset"),
                value=layout.preset,
                choices=known,
            )
            raise InvalidRequestError(message, field="preset")
        return cls(
            required=tuple(required),
            headers={field: target for field, target in mapping.items() if isinstance(target, tuple)},
            positions={field: target for field, target in mapping.items() if isinstance(target, int)},
            left_out=frozenset(field for field, target in mapping.items() if target is None),
            preset=layout.preset or None,
            recognises=layout.preset is None,
            any_currency=layout.currency is not None,
        )

    def recognised(self, headers: Collection[str], format: str) -> HeaderMatcher:
        """Add the preset that a file's headers show, unless the caller has chosen one."""
        if not self.recognises:
            return self
        return msgspec.structs.replace(self, preset=recognise(headers, format), recognises=False)

    def field_matches(self, header: str) -> tuple[FieldMatch, ...]:
        """Find the fields that a header stands for."""
        header = without_invisible(header)
        mapped = tuple(
            FieldMatch(field, rank)
            for field, names in self.headers.items()
            if (rank := _rank_in(names, header)) is not None
        )
        if mapped:
            return mapped
        preset = load_presets()[self.preset] if self.preset else None
        return tuple(candidate for candidate in self._found(header, preset) if self._is_open(candidate.field))

    def _found(self, header: str, preset: Preset | None) -> tuple[FieldMatch, ...]:
        if preset is not None:
            name = plain(header)
            if name in preset.ignored:
                return ()
            found = tuple(
                FieldMatch(field, _BY_PRESET + names.index(name))
                for field, names in preset.fields.items()
                if name in names
            )
            if found:
                return found
        field = field_of(header, any_currency=self.any_currency)
        return () if field is None else (FieldMatch(field, _BY_SYNONYM + preference(field, header)),)

    def _is_open(self, field: Field) -> bool:
        return field not in self.headers and field not in self.positions and field not in self.left_out

    def fields_among(self, headers: Sequence[str]) -> set[Field]:
        """Collect the fields that a row would have if it were the header."""
        fields = {candidate.field for header in headers for candidate in self.field_matches(header)}
        if fields:
            fields |= {field for field, position in self.positions.items() if position < len(headers)}
            fields |= {field for field in self.required if field not in fields and self._candidates(field, headers)}
        return fields

    def _candidates(self, field: Field, headers: Sequence[str]) -> tuple[int, ...]:
        """List the columns that could be a field which no header stands for."""
        if not self._is_open(field):
            return ()
        ignored = load_presets()[self.preset].ignored if self.preset else ()
        return tuple(
            position
            for position in could_be(field, headers, any_currency=self.any_currency)
            if plain(headers[position]) not in ignored and not self.field_matches(headers[position])
        )

    def match(self, headers: Sequence[str], *, file: str) -> Columns:
        """Find each field's column, the first of those that are equally good; these are the rivals.

        Raises:
            SourceError: A required field or a column of the mapping is missing.
        """
        given, headers = headers, [*map(without_invisible, headers)]
        cleaned = sum(header.strip() != before.strip() for header, before in zip(headers, given, strict=True))
        positions = dict(self.positions)
        self._check_mapping(headers, file)
        matched: defaultdict[Field, dict[int, list[int]]] = defaultdict(dict)
        for position, header in enumerate(headers):
            for candidate in self.field_matches(header) if position not in self.positions.values() else ():
                matched[candidate.field].setdefault(candidate.rank, []).append(position)
        rivals: dict[Field, tuple[int, ...]] = {}
        for field, ranks in matched.items():
            best = tuple(ranks[min(ranks)])
            if len(best) == 1 or self._matters(field):
                positions[field] = best[0]
            if len(best) > 1 and self._matters(field):
                rivals[field] = best
        for field in self.required:
            if field not in positions and (candidates := self._candidates(field, headers)):
                positions[field] = candidates[0]
                rivals[field] = candidates
        missing = [field for field in self.required if field not in positions]
        if missing:
            raise SourceError(
                msg(
                    "{file}: no column for {fields} among {columns}{hint}",
                    file=file,
                    fields=join_messages([field_name(field) for field in missing]),
                    columns=quoted(headers),
                    hint=_currency_hint(headers),
                )
            )
        used = set(positions.values())
        unlisted = {"", *reason_headers().values()}
        unused = [
            header for position, header in enumerate(headers) if position not in used and header.strip() not in unlisted
        ]
        return Columns(tuple(headers), positions, tuple(dict.fromkeys(unused)), rivals=rivals, cleaned=cleaned)

    def _matters(self, field: Field) -> bool:
        """Return whether what is required makes any use of a field: counts are for stock, all others for products."""
        return field in self.required or (field is not Field.COUNT and Field.COUNT not in self.required)

    def _check_mapping(self, headers: Sequence[str], file: str) -> None:
        for field, names in self.headers.items():
            if all(_rank_in(names, header) is None for header in headers):
                raise SourceError(
                    msg(
                        "{file}: {mapping} takes {field} from {wanted}; the columns are {columns}",
                        file=file,
                        mapping=argument("mapping"),
                        field=field_name(field),
                        wanted=quoted(names),
                        columns=quoted(headers),
                    )
                )
        for field, position in self.positions.items():
            if position >= len(headers):
                raise SourceError(
                    msg(
                        "{file}: {mapping} takes {field} from column {number}; there are {count} columns",
                        file=file,
                        mapping=argument("mapping"),
                        field=field_name(field),
                        number=position + 1,
                        count=len(headers),
                    )
                )


def find_header(rows: Sequence[Sequence[str]], matcher: HeaderMatcher, format: str) -> tuple[int, int] | None:
    """Find the header row: the one that makes the most headers known.

    Args:
        rows: The table's first rows.
        matcher: The rules for headers.
        format: Format of the file, such as `CSV`.

    Returns:
        Number of the row, from 0, and how many fields it has; None where no row has the required ones.
    """
    best: tuple[int, int] | None = None
    for number, headers in enumerate(rows):
        fields = matcher.recognised(headers, format).fields_among(headers)
        if fields.issuperset(matcher.required) and (best is None or len(fields) > best[1]):
            best = number, len(fields)
    return best


def header_missing(file: str, rows: Sequence[Sequence[str]], matcher: HeaderMatcher, detail: str) -> SourceError:
    """Make the error that none of a table's first rows is a header.

    Args:
        file: Name of the file.
        rows: Its first rows.
        matcher: The rules for headers.
        detail: What may be the cause, or how the file was read.
    """
    examples = "Назва, Ціна" if matcher.required == REQUIRED else "Штрихкод"
    beginning = next((" ".join(filter(None, row)) for row in rows if any(row)), "")
    for field, names in matcher.headers.items():
        if all(_rank_in(names, header) is None for row in rows for header in row):
            return SourceError(
                msg(
                    "{file}: {mapping} takes {field} from {wanted}, which none of the first {count} rows has; it begins"
                    " with «{beginning}» ({detail})",
                    file=file,
                    mapping=argument("mapping"),
                    field=field_name(field),
                    wanted=quoted(names),
                    count=HEADER_ROWS,
                    beginning=beginning[:200],
                    detail=detail,
                )
            )
    hint = next(filter(None, map(_currency_hint, rows)), "")
    return SourceError(
        msg(
            "{file}: none of its first {count} rows is a header with {fields}, such as {examples}; it begins with"
            " «{beginning}» ({detail}){hint}. Add the headers, or name the row they are in ({row}) and which"
            " column is what ({mapping})",
            file=file,
            row=argument("header_row"),
            mapping=argument("mapping"),
            count=HEADER_ROWS,
            fields=join_messages([field_name(field) for field in matcher.required]),
            examples=examples,
            beginning=beginning[:200],
            detail=detail,
            hint=hint,
        )
    )


def row_missing(file: str, row: int) -> SourceError:
    """Make the error that a file does not have the row that was given for its headers.

    Args:
        file: Name of the file.
        row: Number of the row, from 1.
    """
    return SourceError(
        msg(
            "{file} has no row {row}; {option} is the number of its headers' row",
            file=file,
            row=row,
            option=argument("header_row"),
        )
    )


def _rank_in(names: Sequence[str], header: str) -> int | None:
    """Find a header among those of a mapping; one that is only spelled alike ranks lower."""
    name = header.strip()
    if name in names:
        return _BY_MAPPING + names.index(name)
    words = plain(name)
    alike = (rank for rank, other in enumerate(names) if words and plain(other) == words)
    return next((_BY_MAPPING_ROUGHLY + rank for rank in alike), None)


def quoted(names: Iterable[str]) -> str:
    """List names in quotation marks."""
    return ", ".join(f"«{name}»" for name in names)


def _currency_hint(headers: Sequence[str]) -> str:
    foreign = next((header for header in headers if foreign_currency(header) and _is_price(header)), None)
    if foreign is None:
        return ""
    return msg(
        "; «{column}» is not in hryvnias: convert the prices, or give {option} if the header is wrong",
        column=foreign,
        option=argument("currency", "UAH"),
    )


def _is_price(header: str) -> bool:
    return field_of(header, any_currency=True) in PRICES


def mapping_of(mapping: Mapping[str, Any] | str | os.PathLike[str] | None) -> dict[str, Any]:
    """Write a layout's mapping as a caller gives one, also that of a file or none.

    Raises:
        InvalidRequestError: It is malformed.
        OSError: Its file cannot be read.
    """
    if isinstance(mapping, Mapping):
        return dict(mapping)
    given = _read_mapping(mapping).items()
    return {field.value: target + 1 if isinstance(target, int) else target for field, target in given}


def _read_mapping(mapping: Mapping[str, Any] | str | os.PathLike[str] | None) -> dict[Field, Any]:
    """Bring a mapping into one form: headers, a position from 0, or None for each field."""
    if mapping is None:
        return {}
    if isinstance(mapping, Mapping):
        return {Field(field): _target(field, target) for field, target in mapping.items()}
    path = Path(mapping)
    try:
        fields = msgspec.toml.decode(path.read_bytes(), type=dict[str, Any]).get("fields")
    except msgspec.DecodeError as error:
        message = msg("{file} is not a TOML file: {reason}", file=path.name, reason=error)
        raise InvalidRequestError(message, field="mapping") from error
    if not isinstance(fields, dict) or not frozenset(Field).issuperset(fields):
        message = msg(
            "{file} has no table [fields] whose keys are among {fields}", file=path.name, fields=", ".join(Field)
        )
        raise InvalidRequestError(message, field="mapping")
    return {Field(field): _target(field, target) for field, target in fields.items()}


def _target(field: str, target: object) -> tuple[str, ...] | int | None:
    """Bring what a field is taken from into one form: headers, a position from 0, or None."""
    match target:
        case None | "" | False:
            return None
        case str():
            return (target.strip(),)
        case int() if target > 0 and not isinstance(target, bool):
            return target - 1
        case list() | tuple() if target and all(isinstance(name, str) for name in target):
            return tuple(name.strip() for name in target)
    raise InvalidRequestError(
        msg(
            "{mapping} takes {field} from {target!r}; give a header, headers, or the column's number from 1",
            mapping=argument("mapping"),
            field=field,
            target=target,
        ),
        field="mapping",
    )


def read_headers(
    rows: Sequence[Sequence[str]], row: int, matcher: HeaderMatcher, format: str
) -> tuple[tuple[str, ...], int]:
    """Read the headers of a table, those of two rows joined.

    `Ціна` over `закупівельна` and `роздрібна`, in merged cells, would by itself be taken for the price of the first.

    Args:
        rows: The table's first rows.
        row: Number of the header row, from 0; -1 for a table without, whose columns are called by their numbers.
        matcher: The rules for headers.
        format: Format of the file, such as `CSV`.

    Returns:
        The headers, and how many rows they take, 1 or 2.
    """
    if row < 0:
        return tuple(str(number + 1) for number in range(max(map(len, rows)))), 1
    headers = tuple(rows[row])
    below = rows[row + 1] if row + 1 < len(rows) else ()
    if not _is_second_row(headers, below, matcher.recognised(headers, format)):
        return headers, 1
    joined: list[str] = []
    above = ""
    for header, name in zip_longest(headers, below, fillvalue=""):
        above = header.strip() or (above if name.strip() else "")
        joined.append(f"{above} {name.strip()}".strip())
    return tuple(joined), 2


def _is_second_row(headers: Sequence[str], below: Sequence[str], matcher: HeaderMatcher) -> bool:
    """Distinguish names of columns from a product, which has a title or a barcode and no words instead of numbers."""
    fields = [{candidate.field for candidate in matcher.field_matches(header)} for header in headers]
    named = any(cell.strip() and not found.isdisjoint(_NAMES) for found, cell in zip(fields, below, strict=False))
    return not named and any(
        not found.isdisjoint(NUMBERS) and not right.strip() and name.strip()[:1].isalpha() and next_name.strip()
        for found, right, name, next_name in zip(fields, [*headers[1:], ""], below, [*below[1:], ""], strict=False)
    )
