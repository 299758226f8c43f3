"""Rows of products that the service has already: what it took once is no fault of the row."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from smartkasa_async.catalog.checks.codes import Classifier
from smartkasa_async.catalog.checks.decimals import parse_decimal
from smartkasa_async.catalog.checks.review import review
from smartkasa_async.catalog.checks.values import one_line_text, seen_text
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.fields import PRICES, Field
from smartkasa_async.models import ClassifierType, ProductCreate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartkasa_async.catalog.checks.review import Finding
    from smartkasa_async.catalog.sources.columns import NumberFormat
    from smartkasa_async.jobs.journal import KnownItem

ODD_BARCODES = frozenset({"barcode_characters", "barcode_zeros", "barcode_length", "barcode_check_digit"})
"""What may be wrong with a barcode that is a code of the shop's own, such as a PLU. What a spreadsheet has shortened is
none: it stands for several goods."""

_ODD_CLASSIFIERS = frozenset({"classifier_malformed", "classifier_zero"})
_CLASSIFIERS = {Field.CLASSIFIER_CODE: ClassifierType.UKTZED, Field.DKPP_CODE: ClassifierType.DKPP}
_TEXTS = frozenset({Field.TITLE, Field.NUMBER, Field.ALTER_NUMBER, Field.REMOTE_ID, Field.ALTER_TITLE})


class Known(NamedTuple):
    """The product that a row is about, where that is known before the row is checked.

    Attributes:
        product: The product of the catalogue.
        key: What the row is kept under in the journal.
        fields: What the service has of it, by the names of `ProductCreate`.
    """

    product: KnownItem
    key: str
    fields: Mapping[str, Any]

    def lacks(self, field: Field) -> bool:
        """Return whether the service has nothing there itself."""
        return not seen_text(str(self.fields.get(field, "")))

    def agrees(self, field: Field, text: str, format: NumberFormat) -> bool:
        """Return whether a cell has what the service has of the product, in whatever form.

        Args:
            field: The column's field; only those count whose values an export writes as they are.
            text: The cell.
            format: What the marks of a column of numbers mean.
        """
        if field in _TEXTS:
            return field in self.fields and seen_text(text) == seen_text(str(self.fields[field]))
        if field in PRICES:
            return field in self.fields and _amount(text, format) == Decimal(self.fields[field])
        if field in _CLASSIFIERS:
            is_dkpp = self.fields.get("classifier_type_id") == ClassifierType.DKPP
            return is_dkpp == (field is Field.DKPP_CODE) and seen_text(text) == seen_text(
                str(self.fields.get("classifier_code", ""))
            )
        return False

    def review(self, product: ProductCreate) -> list[Finding]:
        """Look at the fields of the product as the row leaves it; what was doubtful before is not the row's matter."""
        try:
            before = msgspec.convert({"title": "", **self.fields}, ProductCreate, strict=False)
        except msgspec.ValidationError:
            return []
        given = {
            name: value for name in product.__struct_fields__ if (value := getattr(product, name)) is not msgspec.UNSET
        }
        known = {error.code for _, error in review(before)}
        after = msgspec.structs.replace(before, **given)
        return [(field, error) for field, error in review(after) if error.code not in known]


def exported_value(field: Field, text: str, format: NumberFormat, error: RuleViolationError) -> object | None:
    """Take a value that breaks a rule as it is, since another account of the service has it.

    Returns:
        The value; None where the service cannot have had it so.
    """
    if field is Field.NUMBER and error.code in ODD_BARCODES and "\ufffd" not in text:
        return one_line_text(text)
    if field is Field.PRICE and error.code == "kopecks_fraction":
        return parse_decimal(text, format)
    if field in _CLASSIFIERS and error.code in _ODD_CLASSIFIERS:
        return Classifier(_CLASSIFIERS[field], text)
    return None


def _amount(text: str, format: NumberFormat) -> Decimal | None:
    try:
        return parse_decimal(text, format)
    except RuleViolationError:
        return None
