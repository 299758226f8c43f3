"""The position of a row in its source, and the key by which its product is found in the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import msgspec

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.catalog.problems import Problem, RuleViolationError
from smartkasa_async.catalog.sources.columns import Columns  # noqa: TC001  (msgspec resolves annotations)
from smartkasa_async.catalog.sources.fields import Field, field_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.jobs.outcomes import Severity
    from smartkasa_async.models import Product, ProductCreate

KeyField = Literal["number", "alter_number", "remote_id"]
"""What a product can be found by: its barcode, its article, or its id in the user's own system."""


class SourceLocation(msgspec.Struct, frozen=True):
    """Where rows come from.

    Attributes:
        file: Name of the file; empty where the rows do not come from one.
        columns: Where the source has which field.
        encoding: How a CSV file's letters are encoded; for other sources what their rejected rows are written in.
        delimiter: Character between the fields of a CSV file; for other sources, of their rejected rows.
        is_grid: Whether it has rows of cells, some of which may be none of a product; records all are.
    """

    file: str
    columns: Columns
    encoding: str = "utf-8-sig"
    delimiter: str = ";"
    is_grid: bool = True

    def problem(
        self,
        error: RuleViolationError,
        line: int,
        field: str | None = None,
        value: str | None = None,
        *,
        severity: Severity | None = None,
    ) -> Problem:
        """Describe where a rule was broken."""
        column = None if field is None else self.columns.header_of(field)
        return Problem.from_broken_rule(
            error, file=self.file, line=line, field=field, column=column, value=value, severity=severity
        )

    def key_missing(self, key: KeyField) -> RuleViolationError:
        """Make the error of a row without its key; the remedy is another one where the source has no column for it."""
        taken = self.columns.positions
        remedy = msg("fill it in")
        if self.is_grid and Field(key) not in taken:
            remedy = msg("no column is taken for it: name one by {option}", option=argument("mapping"))
        others = [other for other in get_args(KeyField) if other != key]
        other = next((other for other in others if Field(other) in taken), others[0])
        return RuleViolationError("key_missing", field=field_name(key), remedy=remedy, option=argument("key", other))


def normalise_key(key: KeyField, text: str) -> str:
    """Reduce a key to what distinguishes products.

    Args:
        key: Which key it is.
        text: The key as it was written.

    Returns:
        A barcode without its leading zeros, since by GS1 the zeros only fill a shorter code up to 14 digits; anything
        else with single spaces and its case kept. Empty where there is no key.
    """
    joined = text if text.isalnum() else " ".join(text.split())
    if key == "number" and joined.isascii() and joined.isdigit():
        return joined.lstrip("0")
    return joined


def key_value_of(product: Product | ProductCreate, key: KeyField) -> str:
    """Return the normalised key of a product of the service, or of one to create; empty where it has none."""
    text = getattr(product, key)
    return normalise_key(key, str(text)) if text else ""


def key_values_of(products: Sequence[ProductCreate], key: KeyField) -> list[str]:
    """Return what `key_value_of` does for each of some products; barcodes that are digits alone are read at once."""
    if key == "number":
        numbers = [product.number or "" for product in products]
        together = "".join(numbers)
        if together.isascii() and together.isdigit():
            return [number.lstrip("0") for number in numbers]
    return [key_value_of(product, key) for product in products]


def key_of_keyless(title: str) -> str:
    """Make what a product without a key is kept under; no key begins with a space."""
    return f" {title}"


def key_of_id(product_id: str) -> str:
    """Make what a row is kept under that is known by nothing but its product's id; no key begins with a tab."""
    return f"\t{product_id}"
