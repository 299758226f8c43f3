"""Plans rows of prices and of the catalogue: by the rules of an import, for products that the service has."""

from __future__ import annotations

from collections import defaultdict
from contextlib import aclosing
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support.money import without_zeros
from smartkasa_async.catalog.checks.categories import CategoryTree
from smartkasa_async.catalog.checks.check import Checker, ProductDraft
from smartkasa_async.catalog.checks.counts import read_key
from smartkasa_async.catalog.checks.known import Known
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.outcomes import OutcomeKind
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sending.catalogue import differences, read_catalogue, shown_fields
from smartkasa_async.catalog.source_location import key_value_of, normalise_key
from smartkasa_async.catalog.sources.fields import PRICES, Field, field_name
from smartkasa_async.catalog.sources.rows import UnreadableRow
from smartkasa_async.jobs.concurrency import retry_transient
from smartkasa_async.models import ProductCreate
from smartkasa_async.plans.codes import CODES, IndexedCatalogue, codes_of
from smartkasa_async.plans.plan import PlannedChange, RefusedRow
from smartkasa_async.plans.rows import read_parts
from smartkasa_async.plans.values import PLANNED_FIELDS, plain, product_update

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.source_location import KeyField, SourceLocation
    from smartkasa_async.catalog.sources.layout import Layout
    from smartkasa_async.catalog.sources.rows import Row
    from smartkasa_async.catalog.sources.source import Reader
    from smartkasa_async.client import SmartKasa
    from smartkasa_async.jobs.journal import KnownItem
    from smartkasa_async.jobs.results import Progress
    from smartkasa_async.models import UnitType
    from smartkasa_async.plans.plan import PlanKind

_PER_PAGE = 100
_OF_PRICES = frozenset({*PRICES, Field.CURRENCY})
_NOT_OF_CATALOG = frozenset({*PRICES, Field.CURRENCY, Field.COUNT})
_IDENTIFYING = frozenset({*CODES, Field.SMARTKASA_ID})


@dataclass(slots=True)
class Found:
    """What was found about the rows of a source.

    Attributes:
        changes: What is to be changed.
        refused: Rows that are not planned.
        unchanged: How many rows change nothing.
        categories: Paths of the categories that the changes name, by their ids.
    """

    changes: list[PlannedChange] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    unchanged: int = 0
    categories: dict[str, str] = field(default_factory=dict)


def fields_read(kind: PlanKind) -> list[Field]:
    """List the fields of a row that a kind of plan makes any use of."""
    own = {Field.COUNT} if kind == "stock" else {name for name in Field if _is_read(name, kind)}
    return [name for name in Field if name in _IDENTIFYING | own]


async def plan_products(
    kasa: SmartKasa,
    reader: Reader,
    kind: PlanKind,
    *,
    key: KeyField,
    layout: Layout | None,
    concurrency: int,
    on_progress: Callable[[Progress], None] | None,
) -> Found:
    """Plan all rows of an open source.

    Args:
        kasa: The client.
        reader: The source.
        kind: `prices` or `catalog`.
        key: What products are known by.
        layout: What the caller knows of the source, of which the names of units are used.
        concurrency: Maximum number of concurrent calls.
        on_progress: Called whenever rows were planned.

    Raises:
        SmartKasaError: The source or the service could not be read.
    """
    location, units, tree, on_hand = _with_read_columns(reader.location, kind, key), Units(()), CategoryTree(()), {}
    if kind == "catalog":
        units = Units(await retry_transient(lambda: _read_units(kasa)), layout.units if layout else None)
        tree = await retry_transient(lambda: read_categories(kasa))
    else:
        on_hand = await retry_transient(lambda: _read_on_hand(kasa))
    required = (Field.PRICE,) if kind == "prices" else ()
    checker = Checker(location, units, key, required=required)
    catalogue = IndexedCatalogue()
    try:
        await catalogue.begin(key)
        await read_catalogue(kasa, catalogue, key, concurrency=concurrency)
        positions = reader.location.columns.positions
        rows = _Rows(catalogue, checker, location, kind, key=key, positions=positions, tree=tree, on_hand=on_hand)
        async with aclosing(read_parts(reader, on_progress)) as parts:
            async for part in parts:
                await rows.add(part)
    finally:
        await catalogue.close()
    return rows.found


class _Rows:
    """Plans rows as they come; each product once."""

    def __init__(
        self,
        catalogue: IndexedCatalogue,
        checker: Checker,
        location: SourceLocation,
        kind: PlanKind,
        *,
        key: KeyField,
        positions: Mapping[Field, int],
        tree: CategoryTree,
        on_hand: Mapping[str, Decimal],
    ) -> None:
        self._catalogue = catalogue
        self._checker = checker
        self._location = location
        self._kind = kind
        self._key: KeyField = key
        self._positions = positions
        self._tree = tree
        self._on_hand = on_hand
        self._lines: dict[str, int] = {}
        self._given: dict[tuple[str, str], int] = {}
        self.found = Found()

    async def add(self, rows: Sequence[Row]) -> None:
        """Plan the next rows."""
        ids = [self._checker.exported_id(row) for row in rows]
        keys = [self._key_of(row) for row in rows]
        by_id = {item.id: item for item in await self._catalogue.find_known([one for one in ids if one])}
        statuses = await self._catalogue.look_up([key for _, key in keys])
        for row, own, (text, key), status in zip(rows, ids, keys, statuses, strict=True):
            if own:
                known: Sequence[KnownItem] = [by_id[own]] if own in by_id else ()
            else:
                known = status.known if key else ()
            if own in by_id and (other := self._other_product(row, own)):
                title = visible(self._catalogue.title(own))
                self._refuse_by(row, text or own, RuleViolationError("plan_key_elsewhere", title=title, other=other))
                continue
            self._plan(row, text or own, known)

    def _plan(self, row: Row, key: str, known: Sequence[KnownItem]) -> None:
        if len(known) != 1 or not known[0].fields:
            self._refuse_unknown(row, key, known)
            return
        item = known[0]
        checked = self._checker.check(row, Known(item, item.key, shown_fields(item.fields)))
        if not isinstance(checked, ProductDraft):
            self._refuse(row, key, checked.problems)
            return
        try:
            after = self._changes(checked, item)
        except RuleViolationError as error:
            self._refuse_by(row, key, error, Field.CATEGORY, " / ".join(checked.category or ()))
            return
        if (line := self._lines.setdefault(item.id, row.line)) != row.line:
            self._refuse_by(row, key, RuleViolationError("key_duplicate", line=line), self._key)
        elif not after:
            self.found.unchanged += 1
        elif (clash := self._clash(row, item, after)) is not None:
            self._refuse_by(row, key, clash)
        else:
            self._add(row, key, item, after, checked.warnings)

    def _add(self, row: Row, key: str, item: KnownItem, after: dict[str, Any], warnings: Sequence[Problem]) -> None:
        fields = shown_fields(item.fields)
        before = {name: plain(name, fields.get(name)) for name in after}
        try:
            product_update(before)
        except msgspec.ValidationError:
            self._refuse_by(row, key, RuleViolationError("plan_not_undoable"))
            return
        on_hand = self._on_hand.get(item.id) if Field.PRICE in after else None
        self._name_categories(before, after)
        self.found.changes.append(
            PlannedChange(
                line=row.line,
                key=key,
                id=item.id,
                title=visible(str(fields.get(Field.TITLE, ""))),
                before=before,
                after=after,
                on_hand=None if on_hand is None else without_zeros(on_hand),
                warnings=tuple((one.describe_in_row("en"), one.describe_in_row("uk")) for one in warnings),
            )
        )

    def _other_product(self, row: Row, own: str) -> str:
        """Return the title of another product that a row of prices names beside the one with its id; empty for none.

        In a row of the catalogue the codes are what the product is to get.
        """
        if self._kind == "catalog":
            return ""
        for code, value in codes_of(row, self._positions).items():
            owners = self._catalogue.owners(code, value)
            if owners and own not in owners:
                return visible(self._catalogue.title(next(iter(owners))))
        return ""

    def _clash(self, row: Row, item: KnownItem, after: Mapping[str, Any]) -> RuleViolationError | None:
        """Find a code that another product has, or that an earlier row gives one.

        Also where that product is to get another code by the same plan: it might be refused then, or come later.
        Articles may be shared, unless products are known by them.
        """
        for code in CODES:
            value = normalise_key(code, f"{after.get(code) or ''}")
            if not value or (code == "alter_number" and code != self._key):
                continue
            facts = {"name": field_name(code), "value": visible(value)}
            others = [one for one in self._catalogue.owners(code, value) if one != item.id]
            if others:
                other = visible(self._catalogue.title(others[0]))
                return RuleViolationError("plan_code_taken", **facts, other=other)
            if (line := self._given.setdefault((code, value), row.line)) != row.line:
                return RuleViolationError("plan_code_twice", **facts, line=line)
        return None

    def _changes(self, draft: ProductDraft, item: KnownItem) -> dict[str, Any]:
        """Determine what of the row this kind of plan changes.

        Raises:
            RuleViolationError: The row names a category that the service lacks, or has twice.
        """
        product = draft.product
        if draft.category and self._kind == "catalog":
            category_id = self._tree.find(draft.category)
            if category_id is None:
                raise RuleViolationError("plan_category_absent")
            product.category_id = category_id
        update = differences(product, item.fields)
        if update is None:
            return {}
        given = {name: getattr(update, name) for name in update.__struct_fields__}
        return {
            name: plain(name, value)
            for name, value in given.items()
            if value is not msgspec.UNSET and name in PLANNED_FIELDS[self._kind]
        }

    def _name_categories(self, *sides: Mapping[str, Any]) -> None:
        for side in sides:
            category_id = side.get(Field.CATEGORY_ID)
            if category_id and (path := shown_path(self._tree, category_id)):
                self.found.categories[category_id] = path

    def _refuse_unknown(self, row: Row, key: str, known: Sequence[KnownItem]) -> None:
        if len(known) > 1:
            self._refuse_by(row, key, RuleViolationError("conflict", count=len(known)), self._key, key)
        elif known:
            self._refuse_by(row, key, RuleViolationError("conflict_unreadable", record=known[0].id), self._key, key)
        else:
            checked = self._checker.check(row)
            if isinstance(checked, ProductDraft):
                self._refuse_by(row, key, RuleViolationError("product_unknown"), self._key, key)
            elif checked.kind is not OutcomeKind.NO_PRODUCT:
                self._refuse(row, key, checked.problems)

    def _refuse_by(
        self, row: Row, key: str, error: RuleViolationError, field: str | None = None, value: str | None = None
    ) -> None:
        self._refuse(row, key, (self._location.problem(error, row.line, field, value),))

    def _refuse(self, row: Row, key: str, problems: Sequence[Problem]) -> None:
        self.found.refused.append(RefusedRow.of(row.line, key, problems))

    def _key_of(self, row: Row) -> tuple[str, str]:
        content = row.content
        if isinstance(content, ProductCreate):
            return str(getattr(content, self._key) or ""), key_value_of(content, self._key)
        position = self._location.columns.positions.get(Field(self._key))
        if isinstance(content, UnreadableRow) or position is None or position >= len(content):
            return "", ""
        return read_key(content[position].strip(), self._key)


def _is_read(name: Field, kind: PlanKind) -> bool:
    """Return whether plans of prices, or of the catalogue, make any use of a field besides finding the product."""
    return name in _OF_PRICES if kind == "prices" else name not in _NOT_OF_CATALOG


def _with_read_columns(location: SourceLocation, kind: PlanKind, key: KeyField) -> SourceLocation:
    """Leave out the columns that this kind of plan makes no use of."""
    identifying = {Field(key), Field.SMARTKASA_ID}
    positions = {
        name: position
        for name, position in location.columns.positions.items()
        if name in identifying or _is_read(name, kind)
    }
    return msgspec.structs.replace(location, columns=msgspec.structs.replace(location.columns, positions=positions))


def shown_path(tree: CategoryTree, category_id: str) -> str:
    """Write the path of a category as plans have it; empty where there is none of this id."""
    return visible(" / ".join(tree.path_of(category_id) or ()))


async def _read_units(kasa: SmartKasa) -> list[UnitType]:
    return [unit async for unit in kasa.unit_types.list(on_unreadable=lambda _record: None)]


async def read_categories(kasa: SmartKasa) -> CategoryTree:
    """Read the categories of the service.

    Raises:
        SmartKasaError: They could not be read.
    """
    listed = kasa.categories.list(per_page=_PER_PAGE, on_unreadable=lambda _record: None)
    return CategoryTree([category async for category in listed])


async def _read_on_hand(kasa: SmartKasa) -> dict[str, Decimal]:
    """Read what all shops have of each product, as far as the service can be read."""
    counts: defaultdict[str, Decimal] = defaultdict(Decimal)
    async for card in kasa.cards.list(on_unreadable=lambda _record: None):
        if isinstance(card.count, Decimal):
            counts[card.product_id] += card.count
    return counts
