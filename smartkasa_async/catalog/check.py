"""From a row to a product to create, or to a list of what is wrong with it. Nothing is sent before this."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from smartkasa_async.catalog.barcodes import parse_barcode
from smartkasa_async.catalog.categories import CategoryPath, parse_category
from smartkasa_async.catalog.columns import REQUIRED, Columns, Field
from smartkasa_async.catalog.decimals import check_price, parse_price
from smartkasa_async.catalog.outcomes import Outcome, OutcomeKind
from smartkasa_async.catalog.problems import Problem, RuleBrokenError
from smartkasa_async.catalog.rows import Row, UnreadableRow
from smartkasa_async.catalog.taxes import parse_tax, parse_tax_group
from smartkasa_async.models import ClassifierType, ProductCreate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smartkasa_async.catalog.units import Units

__all__ = ["Checker", "Origin", "ProductDraft"]

_CLASSIFIER = re.compile(r"(?:\d{4}|\d{6}|\d{8}|\d{10}|\d{15})", re.ASCII)


class Origin(msgspec.Struct, frozen=True):
    """Where rows come from, for naming the place of a problem.

    Attributes:
        file: Name of the file; empty where the rows do not come from one.
        columns: Where the source has which field.
    """

    file: str
    columns: Columns

    def problem(self, error: RuleBrokenError, line: int, field: str | None = None, value: str | None = None) -> Problem:
        """Say where a rule was broken."""
        column = None if field is None else self.columns.header_of(field)
        return Problem.from_broken_rule(error, file=self.file, line=line, field=field, column=column, value=value)


class ProductDraft(msgspec.Struct, frozen=True, gc=False):
    """A row that passed all checks.

    Attributes:
        row: Number of the row in the source.
        line: Line of the file on which it begins.
        key: Barcode, else article, else title.
        category: Path of its category, whose id the product still lacks; None where there is none to look up.
        product: What to create.
    """

    row: int
    line: int
    key: str
    category: CategoryPath | None
    product: ProductCreate

    def outcome(
        self, kind: OutcomeKind, *, product_id: str | None = None, problems: tuple[Problem, ...] = ()
    ) -> Outcome:
        """Say how the row ended."""
        return Outcome(row=self.row, line=self.line, key=self.key, kind=kind, product_id=product_id, problems=problems)


class _Step(NamedTuple):
    field: Field
    position: int
    parse: Callable[[str], object]
    required: bool


class Checker:
    """Checks the rows of one source, one after the other, and remembers their barcodes."""

    def __init__(self, origin: Origin, units: Units) -> None:
        rules: dict[Field, Callable[[str], object]] = _RULES | {Field.UNIT: units.find}
        self._origin = origin
        self._width = len(origin.columns.headers)
        self._steps = [
            _Step(field, position, rules[field], field in REQUIRED)
            for field, position in origin.columns.positions.items()
        ]
        self._lines: dict[int | str, int] = {}

    def check(self, row: Row) -> ProductDraft | Outcome:
        """Check one row.

        Args:
            row: The row; rows come in the order of the source, since a barcode belongs to the first row that has it.

        Returns:
            What to create, or the rejection with all problems of the row.
        """
        content = row.content
        if isinstance(content, ProductCreate):
            return self._check_product(row, content)
        if isinstance(content, UnreadableRow):
            return self._reject(row, "", [self._problem(row, RuleBrokenError("row_unreadable", detail=content.reason))])
        if len(content) > self._width and any(map(str.strip, content[self._width :])):
            error = RuleBrokenError("too_many_fields", found=len(content), expected=self._width)
            return self._reject(row, self._key(content), [self._problem(row, error)])
        values, problems = self._parse(row, content)
        if problems:
            return self._reject(row, self._key(content), problems)
        category = values.pop(Field.CATEGORY, None)
        return self._accept(row, _make_product(values), category if Field.CATEGORY_ID not in values else None)

    def _parse(self, row: Row, cells: Sequence[str]) -> tuple[dict[str, Any], list[Problem]]:
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        count = len(cells)
        for field, position, parse, required in self._steps:
            text = cells[position].strip() if position < count else ""
            try:
                if text:
                    values[field] = parse(text)
                elif required:
                    problems.append(self._problem(row, RuleBrokenError("blank"), field))
            except RuleBrokenError as error:
                problems.append(self._problem(row, error, field, text))
        return values, problems

    def _check_product(self, row: Row, product: ProductCreate) -> ProductDraft | Outcome:
        """Check title, prices and duplicates of a product that the caller has made; its codes are its own matter."""
        problems: list[Problem] = []
        if not product.title.strip():
            problems.append(self._problem(row, RuleBrokenError("blank"), Field.TITLE))
        for field, price in ((Field.PRICE, product.price), (Field.PROCUREMENT_PRICE, product.procurement_price)):
            try:
                if price is not msgspec.UNSET:
                    check_price(price)
            except RuleBrokenError as error:
                problems.append(self._problem(row, error, field, str(price)))
        if problems:
            return self._reject(row, _key_of(product), problems)
        return self._accept(row, product, None)

    def _accept(self, row: Row, product: ProductCreate, category: CategoryPath | None) -> ProductDraft | Outcome:
        number = product.number
        if number:
            first = self._lines.setdefault(int(number) if number.isdecimal() else number, row.line)
            if first != row.line:
                error = RuleBrokenError("barcode_duplicate", line=first)
                return self._reject(row, number, [self._problem(row, error, Field.NUMBER, number)])
        return ProductDraft(row.number, row.line, _key_of(product), category, product)

    def _reject(self, row: Row, key: str, problems: list[Problem]) -> Outcome:
        return Outcome(row=row.number, line=row.line, key=key, kind=OutcomeKind.REJECTED, problems=tuple(problems))

    def _problem(
        self, row: Row, error: RuleBrokenError, field: Field | None = None, value: str | None = None
    ) -> Problem:
        return self._origin.problem(error, row.line, field, value)

    def _key(self, cells: Sequence[str]) -> str:
        positions = self._origin.columns.positions
        texts = (
            cells[positions[field]].strip()
            for field in (Field.NUMBER, Field.ALTER_NUMBER, Field.TITLE)
            if field in positions and positions[field] < len(cells)
        )
        return next(filter(None, texts), "")


def _parse_title(text: str) -> str:
    if "\n" in text:
        raise RuleBrokenError("line_break")
    return _parse_text(text)


def _parse_text(text: str) -> str:
    if "\ufffd" in text:
        raise RuleBrokenError("letters_unreadable")
    return " ".join(text.split())


def _parse_classifier(text: str) -> str:
    """Read a code of УКТЗЕД: ten digits, or fewer by whole pairs for a heading; fifteen as in the vendor's samples."""
    digits = "".join(text.split())
    if not _CLASSIFIER.fullmatch(digits):
        raise RuleBrokenError("classifier_malformed")
    return digits


_RULES: dict[Field, Callable[[str], object]] = {
    Field.TITLE: _parse_title,
    Field.PRICE: parse_price,
    Field.NUMBER: parse_barcode,
    Field.ALTER_NUMBER: _parse_text,
    Field.PROCUREMENT_PRICE: parse_price,
    Field.CATEGORY: parse_category,
    Field.CATEGORY_ID: str,
    Field.TAX: parse_tax,
    Field.TAX_GROUP_ID: parse_tax_group,
    Field.CLASSIFIER_CODE: _parse_classifier,
}


def _make_product(values: dict[str, Any]) -> ProductCreate:
    """Put parsed fields into a product; a tax group given by number goes before one found by its rate."""
    unit = values.pop(Field.UNIT, None)
    if unit is not None:
        values["unit_type_id"] = unit.code
        values["sold_by_weight"] = bool(unit.is_weighted)
    tax = values.pop(Field.TAX, None)
    if tax is not None:
        values.setdefault("tax_group_id", tax)
    if Field.CLASSIFIER_CODE in values:
        values["classifier_type_id"] = ClassifierType.UKTZED
    return ProductCreate(**values)


def _key_of(product: ProductCreate) -> str:
    return product.number or product.alter_number or product.title
