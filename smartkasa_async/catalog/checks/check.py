"""From a row to a product to create, or to a list of what is wrong with it. Nothing is sent before this."""

from __future__ import annotations

from collections import deque
from functools import partial
from itertools import repeat, zip_longest
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec
from msgspec import UNSET

from smartkasa_async._support.spreadsheets import unguard_cell
from smartkasa_async.catalog.checks.categories import CategoryPath, parse_category
from smartkasa_async.catalog.checks.codes import parse_barcode, parse_classifier, parse_dkpp, parse_plain_barcodes
from smartkasa_async.catalog.checks.decimals import parse_cost, parse_plain_prices, parse_price, to_kopecks
from smartkasa_async.catalog.checks.known import ODD_BARCODES, exported_value
from smartkasa_async.catalog.checks.review import are_clear, find_broken, find_odd_codes, no_product_code, review
from smartkasa_async.catalog.checks.taxes import Tax, parse_tax, parse_tax_group
from smartkasa_async.catalog.checks.values import (
    MARKS,
    are_plain_texts,
    explain,
    parse_currency,
    parse_flag,
    parse_id,
    parse_ids,
    parse_plain_texts,
    parse_text,
    parse_title,
    require_unconverted,
    unconverted,
)
from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind, RawRow
from smartkasa_async.catalog.problems import Problem, RuleViolationError
from smartkasa_async.catalog.source_location import key_of_keyless, key_value_of, key_values_of
from smartkasa_async.catalog.sources.columns import UNKNOWN_FORMAT
from smartkasa_async.catalog.sources.fields import REQUIRED, Field
from smartkasa_async.catalog.sources.rows import Row, UnreadableRow
from smartkasa_async.jobs.journal import KnownItem  # noqa: TC001  (msgspec resolves annotations)
from smartkasa_async.models import ProductCreate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from smartkasa_async.catalog.checks.known import Known
    from smartkasa_async.catalog.checks.review import Finding
    from smartkasa_async.catalog.checks.values import Units
    from smartkasa_async.catalog.source_location import KeyField, SourceLocation
    from smartkasa_async.catalog.sources.columns import NumberFormat
    from smartkasa_async.jobs.outcomes import Severity


class ProductDraft(msgspec.Struct, frozen=True, gc=False):
    """A row that passed all checks.

    Attributes:
        row: Number of the row in the source.
        line: Line of the file on which it begins.
        key: What to call the row: its key, else its barcode, article or title.
        category: Path of its category, by which the product gets its id; None where there is none to look up.
        product: What to create.
        key_value: The key, normalised, by which the product is found in the service.
        warnings: What is doubtful about the row.
        raw: The row as the source has it.
        known: The product that the row is about, where that is known; None where it is to be found by the key.
    """

    row: int
    line: int
    key: str
    category: CategoryPath | None
    product: ProductCreate
    key_value: str = ""
    warnings: tuple[Problem, ...] = ()
    raw: RawRow | None = None
    known: KnownItem | None = None

    def outcome(
        self,
        kind: OutcomeKind,
        *,
        product_id: str | None = None,
        problems: tuple[Problem, ...] = (),
        warnings: tuple[Problem, ...] = (),
    ) -> Outcome:
        """Describe how the row ended.

        Args:
            kind: How.
            product_id: Id of the product in the service.
            problems: Why it did not get there.
            warnings: What is doubtful beside the warnings that the row has already.
        """
        return Outcome(
            row=self.row,
            line=self.line,
            key=self.key,
            key_value=self.key_value,
            kind=kind,
            product_id=product_id,
            problems=problems,
            warnings=self.warnings + warnings,
            raw=self.raw if kind in Outcome.failed_kinds else None,
        )


class _CellRule(NamedTuple):
    field: Field
    position: int
    parse: Callable[[str], object]
    parse_clear: Callable[[str], object]
    """Parses what nobody need be warned of, and refuses the rest."""
    required: bool


class Checker:
    """Checks the rows of one source.

    Args:
        location: The source.
        units: The service's units of measure.
        key: What products are found by in the service; a row without it is rejected.
        required: Fields that a row must have, where the source has a column for them.
    """

    def __init__(
        self,
        location: SourceLocation,
        units: Units,
        key: KeyField = "number",
        *,
        required: Collection[Field] = REQUIRED,
    ) -> None:
        rules: dict[Field, Callable[[str], object]] = _RULES | {Field.UNIT: units.find}
        clear: dict[Field, Callable[[str], object]] = {Field.TAX: _clear_tax, Field.PROCUREMENT_PRICE: parse_price}
        for field, number_format in location.columns.numbers.items():
            if field in _AMOUNTS:
                rules[field] = partial(_AMOUNTS[field], format=number_format)
                clear[field] = partial(parse_price, format=number_format)
        self._location = location
        self._positions = location.columns.positions
        self._key: KeyField = key
        self._width = len(location.columns.headers)
        self._cell_rules = [
            _CellRule(field, position, rules[field], clear.get(field, rules[field]), field in required)
            for field, position in location.columns.positions.items()
            if field in rules
        ]
        self._by_precedence = sorted(self._cell_rules, key=lambda rule: _PRECEDENCE[rule.field])

    @property
    def has_ids(self) -> bool:
        """Whether the source may have the ids of products, as exports do."""
        return Field.SMARTKASA_ID in self._positions

    def exported_id(self, row: Row) -> str:
        """Return the id of the row's product in the service, where the row is of an export; empty for other rows."""
        position, cells = self._positions.get(Field.SMARTKASA_ID), row.content
        if position is None or isinstance(cells, ProductCreate | UnreadableRow) or position >= len(cells):
            return ""
        return cells[position].strip()

    def odd_number(self, row: Row, checked: ProductDraft | Outcome) -> str:
        """Return the number of a rejected row that may be a code of the shop's own; empty for other rows."""
        if not isinstance(checked, Outcome) or isinstance(row.content, ProductCreate | UnreadableRow):
            return ""
        if not any(problem.field == Field.NUMBER and problem.code in ODD_BARCODES for problem in checked.problems):
            return ""
        return unguard_cell(row.content[self._positions[Field.NUMBER]].strip())

    def check_all(self, rows: Sequence[Row]) -> list[ProductDraft | Outcome]:
        """Check rows, with the same results as `check`.

        Usual rows are read column by column, each different cell once; all others are left to `check`.
        """
        return [
            self.check(row) if draft is None else draft
            for row, draft in zip(rows, self._draft_usual(rows), strict=True)
        ]

    def _draft_usual(self, rows: Sequence[Row]) -> list[ProductDraft | None]:
        """Make drafts of those rows that leave nothing to say; None for the others."""
        contents = [row.content for row in rows]
        unusual: set[int] = set()
        if set(map(type, contents)) != {list} or max(map(len, cast("list[list[str]]", contents))) > self._width:
            unusual.update(
                number
                for number, content in enumerate(contents)
                if not isinstance(content, list) or len(content) > self._width
            )
            contents = [[] if number in unusual else content for number, content in enumerate(contents)]
        columns = self._read_columns(cast("list[list[str]]", contents), unusual)
        categories = columns.pop(Field.CATEGORY, repeat(UNSET, len(rows)))
        products = [ProductCreate(title=title) for title in columns[Field.TITLE]]
        for name, column in columns.items():
            deque(map(setattr, products, repeat(name), column), maxlen=0)  # a loop whose steps are not Python's
        if not are_clear(
            products if not unusual else [products[each] for each in range(len(rows)) if each not in unusual]
        ):
            unusual.update(each for each, product in enumerate(products) if each not in unusual and review(product))
        names = map(attrgetter(self._key), products)
        drafts = zip(rows, names, categories, products, key_values_of(products, self._key), strict=True)
        return [
            None
            if number in unusual or not key_value
            else ProductDraft(
                row.number,
                row.line,
                name,
                None if product.category_id else category or None,
                product,
                key_value,
                (),
                RawRow(self._location, row.content),  # type: ignore[arg-type]  # a list, since it is usual
            )
            for number, (row, name, category, product, key_value) in enumerate(drafts)
        ]

    def _read_columns(self, contents: Sequence[Sequence[str]], unusual: set[int]) -> dict[str, list[Any]]:
        """Read what rows give their products, by name; rows with a cell as for `_read_column` go into `unusual`."""
        is_even = len(set(map(len, contents))) == 1
        cells = list(zip(*contents, strict=True) if is_even else zip_longest(*contents, fillvalue=""))
        cells += [("",) * len(contents)] * (self._width - len(cells))
        columns: dict[str, list[Any]] = {}
        for rule in self._by_precedence:
            for name, column in _read_column(rule, cells[rule.position], unusual):
                columns[name] = _filled(column, columns[name]) if name in columns else column
        return columns

    def check(self, row: Row, known: Known | None = None, *, is_exported: bool = False) -> ProductDraft | Outcome:
        """Check one row.

        Args:
            row: The row.
            known: The product that it is about; what the row has as the service does is right, whatever it is.
            is_exported: Whether it is of another account's export, whose codes are taken as they are.

        Returns:
            What to create, or the rejection with all problems of the row.
        """
        content = row.content
        if isinstance(content, ProductCreate):
            return self._check_product(row, content)
        if isinstance(content, UnreadableRow):
            error = RuleViolationError(content.code, detail=content.reason)
            return self._reject(row, "", None, [self._problem(row, error)])
        if len(content) > self._width and any(map(str.strip, content[self._width :])):
            error = RuleViolationError("too_many_fields", found=len(content), expected=self._width)
            return self._reject(row, self._name_of_cells(content), None, [self._problem(row, error)])
        return self._check_cells(row, content, known, is_exported=is_exported)

    def _check_cells(
        self, row: Row, cells: Sequence[str], known: Known | None, *, is_exported: bool
    ) -> ProductDraft | Outcome:
        values, problems = self._parse(row, cells, known, is_exported=is_exported)
        category = values.pop(Field.CATEGORY, None)
        doubts = _doubts_about(values) + _round_cost(values)
        if known is not None:
            values.setdefault(Field.TITLE, known.fields.get(Field.TITLE, ""))
        product = _make_product(values)
        if known is None:
            doubts += review(product, {problem.field for problem in problems if problem.field} if problems else ())
        else:
            doubts += known.review(product)
        warnings: list[Problem] = []
        for field, error in doubts:
            found = self._field_and_cell(field, cells)
            problem = self._problem(row, error, *found, severity="warning" if is_exported else None)
            (problems if problem.severity == "error" else warnings).append(problem)
        key_value = known.key if known is not None else key_value_of(product, self._key)
        if is_exported and not key_value and product.title:
            key_value = key_of_keyless(product.title)
        if not (key_value or any(problem.field == self._key for problem in problems)):
            problems.append(self._problem(row, self._location.key_missing(self._key), Field(self._key)))
        if problems:
            code = no_product_code(cells, self._location.columns) if self._location.is_grid and known is None else None
            if code is not None:
                return self._leave_out(row, cells, code)
            return self._reject(row, self._name_of_cells(cells), key_value or None, problems, warnings)
        draft = self._accept(row, product, key_value, warnings, None if product.category_id else category)
        if known is None:
            return draft
        return msgspec.structs.replace(draft, key=self._name_of_cells(cells) or draft.key, known=known.product)

    def _leave_out(self, row: Row, cells: Sequence[str], code: str) -> Outcome:
        """Make the outcome of a row that is no product, such as a total."""
        return Outcome(
            row=row.number,
            line=row.line,
            key=next(filter(None, map(str.strip, cells)), ""),
            kind=OutcomeKind.NO_PRODUCT,
            problems=(self._problem(row, RuleViolationError(code)),),
        )

    def _parse(
        self, row: Row, cells: Sequence[str], known: Known | None, *, is_exported: bool
    ) -> tuple[dict[str, Any], list[Problem]]:
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        count = len(cells)
        for field, position, parse, _, required in self._cell_rules:
            cell = cells[position] if position < count else ""
            text = cell.strip()
            bare = unguard_cell(text).strip() if text and text[0] in MARKS else text
            try:
                if bare:
                    if type(cell) is not str:
                        require_unconverted(cell, field)
                    if known is None or not known.agrees(field, bare, self._format_of(field)):
                        values[field] = parse(bare)
                elif required and not (known is not None and known.lacks(field)):
                    problems.append(self._problem(row, RuleViolationError("blank"), field))
            except RuleViolationError as error:
                taken = exported_value(field, bare, self._format_of(field), error) if is_exported else None
                if taken is None:
                    problems.append(self._problem(row, explain(error, text), field, text))
                else:
                    values[field] = taken
        return values, problems

    def _format_of(self, field: Field) -> NumberFormat:
        return self._location.columns.numbers.get(field, UNKNOWN_FORMAT)

    def _check_product(self, row: Row, product: ProductCreate) -> ProductDraft | Outcome:
        """Check a product that the caller has made; it is sent as it is, and odd codes are the caller's own matter."""
        broken = find_broken(product)
        problems = [self._problem_of(row, product, finding) for finding in broken]
        odd = find_odd_codes(product)
        warnings = [self._problem_of(row, product, finding, "warning") for finding in odd]
        for finding in review(product, {field for field, _ in broken + odd}):
            problem = self._problem_of(row, product, finding)
            (problems if problem.severity == "error" else warnings).append(problem)
        key_value = key_value_of(product, self._key)
        if not key_value:
            problems.append(self._problem(row, self._location.key_missing(self._key), Field(self._key)))
        if problems:
            return self._reject(row, self._name_of(product), key_value or None, problems, warnings)
        return self._accept(row, product, key_value, warnings, None)

    def _accept(
        self,
        row: Row,
        product: ProductCreate,
        key_value: str,
        warnings: Sequence[Problem],
        category: CategoryPath | None,
    ) -> ProductDraft:
        return ProductDraft(
            row.number,
            row.line,
            self._name_of(product),
            category,
            product,
            key_value,
            tuple(warnings),
            self._raw(row),
        )

    def _reject(
        self,
        row: Row,
        name: str,
        key_value: str | None,
        problems: list[Problem],
        warnings: Sequence[Problem] = (),
    ) -> Outcome:
        return Outcome(
            row=row.number,
            line=row.line,
            key=name,
            key_value=key_value,
            kind=OutcomeKind.REJECTED,
            problems=tuple(problems),
            warnings=tuple(warnings),
            raw=self._raw(row),
        )

    def _raw(self, row: Row) -> RawRow:
        return RawRow(self._location, row.content.content if isinstance(row.content, UnreadableRow) else row.content)

    def _problem(
        self,
        row: Row,
        error: RuleViolationError,
        field: Field | None = None,
        value: str | None = None,
        *,
        severity: Severity | None = None,
    ) -> Problem:
        return self._location.problem(error, row.line, field, value, severity=severity)

    def _problem_of(
        self, row: Row, product: ProductCreate, finding: Finding, severity: Severity | None = None
    ) -> Problem:
        field, error = finding
        value = getattr(product, field)
        shown = None if value is UNSET else str(value).strip()
        return self._location.problem(error, row.line, field, shown or None, severity=severity)

    def _field_and_cell(self, field: Field, cells: Sequence[str]) -> tuple[Field, str | None]:
        """Find the cell that a field of the product came from; a code of goods may stand in either of two columns."""
        positions = self._location.columns.positions
        for candidate in (field, Field.DKPP_CODE) if field is Field.CLASSIFIER_CODE else (field,):
            position = positions.get(candidate, len(cells))
            if position < len(cells) and (text := cells[position].strip()):
                return candidate, text
        return field, None

    def _name_of(self, product: ProductCreate) -> str:
        return getattr(product, self._key) or product.number or product.alter_number or product.title

    def _name_of_cells(self, cells: Sequence[str]) -> str:
        positions = self._location.columns.positions
        for field in (Field(self._key), Field.NUMBER, Field.ALTER_NUMBER, Field.TITLE):
            position = positions.get(field, len(cells))
            if position < len(cells) and (text := cells[position].strip()):
                return text
        return ""


_TEXTS = frozenset({Field.TITLE, Field.ALTER_NUMBER, Field.REMOTE_ID, Field.ALTER_TITLE})
_AMOUNTS = {Field.PRICE: parse_price, Field.PROCUREMENT_PRICE: parse_cost}
_READ_AT_ONCE: dict[Field, Callable[[Sequence[str]], list[Any] | None]] = {
    Field.NUMBER: parse_plain_barcodes,
    **dict.fromkeys(_TEXTS, parse_plain_texts),
    **dict.fromkeys(_AMOUNTS, parse_plain_prices),
}
"""What reads a usual column at once, and returns None for others."""

_RULES: dict[Field, Callable[[str], object]] = {
    Field.TITLE: unconverted(parse_title),
    Field.PRICE: parse_price,
    Field.NUMBER: parse_barcode,
    Field.ALTER_NUMBER: unconverted(parse_text),
    Field.REMOTE_ID: unconverted(parse_text),
    Field.ALTER_TITLE: unconverted(parse_title),
    Field.PROCUREMENT_PRICE: parse_cost,
    Field.CATEGORY: unconverted(parse_category),
    Field.CATEGORY_ID: unconverted(str),
    Field.TAX: parse_tax,
    Field.TAX_GROUP_ID: parse_tax_group,
    Field.CLASSIFIER_CODE: parse_classifier,
    Field.DKPP_CODE: parse_dkpp,
    Field.SOLD_BY_WEIGHT: parse_flag,
    Field.IS_FREE_PRICE: parse_flag,
    Field.SUBGROUP_ID: parse_id,
    Field.BOOKMARK_IDS: parse_ids,
    Field.CURRENCY: parse_currency,
}


def _clear_tax(text: str) -> Tax:
    tax = parse_tax(text)
    if tax.inferred is not None:
        raise RuleViolationError("tax_letter_inferred")
    return tax


def _read_column(rule: _CellRule, cells: Sequence[str], unusual: set[int]) -> list[tuple[str, list[Any]]]:
    """Read a column.

    Args:
        rule: What it holds.
        cells: Its cells.
        unusual: Takes the numbers of the cells that are wrong, doubtful, marked or missing.

    Returns:
        What it gives the product, by name; `UNSET` for a blank cell, and for one that goes into `unusual`.
    """
    read_at_once = _READ_AT_ONCE.get(rule.field)
    if read_at_once is not None and (values := read_at_once(cells)) is not None:
        return [(rule.field.value, values)]
    read: dict[str, Any] = {}
    different = set(cells)
    parse = rule.parse_clear
    if rule.field in _TEXTS and are_plain_texts(different):
        parse = unconverted(str)
    for cell in different:
        text = cell.strip()
        if not text:
            if not rule.required:
                read[cell] = UNSET
        elif text[0] not in MARKS:
            try:
                read[cell] = parse(text)
            except RuleViolationError:
                continue
    if len(read) < len(different) or set(map(type, cells)) != {str}:
        unusual.update(number for number, cell in enumerate(cells) if cell not in read or type(cell) is not str)
    columns: list[tuple[str, list[Any]]] = []
    for name, take in _PARTS[rule.field]:
        part = {cell: UNSET if value is UNSET else take(value) for cell, value in read.items()} if take else read
        columns.append((name, list(map(part.get, cells, repeat(UNSET)))))
    return columns


def _filled(column: list[Any], other: list[Any]) -> list[Any]:
    return [instead if value is UNSET else value for value, instead in zip(column, other, strict=True)]


def _doubts_about(values: dict[str, Any]) -> list[Finding]:
    """List what was inferred from the text of a cell, and can no longer be distinguished from the product."""
    tax = values.get(Field.TAX)
    if tax is None or tax.inferred is None or Field.TAX_GROUP_ID in values:
        return []
    return [(Field.TAX, RuleViolationError("tax_letter_inferred", meaning=tax.inferred))]


def _round_cost(values: dict[str, Any]) -> list[Finding]:
    """Round a purchase price that is finer than a kopeck, and warn."""
    cost = values.get(Field.PROCUREMENT_PRICE)
    if cost is None or (rounded := to_kopecks(cost)) == cost:
        return []
    values[Field.PROCUREMENT_PRICE] = rounded
    shown = f"{rounded:f}".replace(".", ",")
    return [(Field.PROCUREMENT_PRICE, RuleViolationError("cost_rounded", rounded=shown))]


def _make_product(values: dict[str, Any]) -> ProductCreate:
    """Put parsed fields into a product."""
    parts: dict[str, Any] = {"title": ""}
    for field in sorted(values, key=_PRECEDENCE.__getitem__):
        value = values[field]
        parts |= {name: take(value) if take else value for name, take in _PARTS[field]}
    return ProductCreate(**parts)


_CLASSIFIER_PARTS = (("classifier_type_id", attrgetter("type")), ("classifier_code", attrgetter("code")))
_PARTS: dict[str, tuple[tuple[str, Callable[[Any], Any] | None], ...]] = {
    **{field: ((field.value, None),) for field in Field},
    Field.UNIT: (("unit_type_id", attrgetter("code")), ("sold_by_weight", lambda unit: bool(unit.is_weighted))),
    Field.TAX: (("tax_group_id", attrgetter("group")),),
    Field.CLASSIFIER_CODE: _CLASSIFIER_PARTS,
    Field.DKPP_CODE: _CLASSIFIER_PARTS,
    Field.CURRENCY: (),
}
"""What a column gives the product, by name, and what takes each out of its values."""
_PRECEDENCE: dict[str, int] = {field: number for number, field in enumerate(dict.fromkeys((Field.DKPP_CODE, *Field)))}
"""Of two columns that give the same, the latter goes before: a group's number before a rate, УКТ ЗЕД before ДКПП."""
