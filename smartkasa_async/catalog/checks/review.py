"""Rules on a whole product: what no single cell tells, and what a product that the caller has made may have wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from smartkasa_async.catalog.checks.barcodes import parse_barcode
from smartkasa_async.catalog.checks.classifiers import WHOLE_LENGTH, parse_classifier, parse_dkpp
from smartkasa_async.catalog.checks.decimals import check_price
from smartkasa_async.catalog.checks.taxes import EXCISE_GROUPS
from smartkasa_async.catalog.checks.texts import parse_title
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.columns import Field
from smartkasa_async.models import ClassifierType

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from smartkasa_async.models import ProductCreate

Finding = tuple[Field, RuleViolationError]
"""A broken or doubtful rule, and the field to fix."""

_LONGEST_TITLE = 256
_NOT_UKTZED = (ClassifierType.NONE, ClassifierType.DKPP)


def review(product: ProductCreate, broken: Collection[str] = ()) -> list[Finding]:
    """Look at the fields of a product together.

    Args:
        product: The product; it may lack anything.
        broken: Fields that are known to be wrong; they are not looked at.

    Returns:
        `title_long`, `price_zero`, `price_below_cost`, `classifier_owed`, `classifier_short` and `classifier_long`,
        as far as they apply. The code of excise goods is owed by law 265/95-ВР, article 3, point 11.
    """
    found: list[Finding] = []
    if len(product.title) > _LONGEST_TITLE:
        found.append((Field.TITLE, RuleViolationError("title_long", found=len(product.title))))
    if Field.PRICE not in broken and Field.PROCUREMENT_PRICE not in broken:
        found += _review_prices(product)
    if Field.CLASSIFIER_CODE not in broken and Field.DKPP_CODE not in broken:
        found += _review_classifier(product)
    return found


def _review_prices(product: ProductCreate) -> Iterable[Finding]:
    price, cost = product.price, product.procurement_price
    if price is UNSET:
        return ()
    if not price:
        return () if product.is_free_price is True else ((Field.PRICE, RuleViolationError("price_zero")),)
    if cost and cost > price:
        shown = f"{price:f}".replace(".", ",")
        return ((Field.PROCUREMENT_PRICE, RuleViolationError("price_below_cost", price=shown)),)
    return ()


def _review_classifier(product: ProductCreate) -> Iterable[Finding]:
    code, classifier = product.classifier_code, product.classifier_type_id
    if product.tax_group_id in EXCISE_GROUPS and (not code or classifier in _NOT_UKTZED):
        return ((Field.CLASSIFIER_CODE, RuleViolationError("classifier_owed")),)
    if not code:
        return ()
    found = len(code)
    if found == WHOLE_LENGTH or not code.isdigit():
        return ()
    if found > WHOLE_LENGTH:
        return ((Field.CLASSIFIER_CODE, RuleViolationError("classifier_long", found=found)),)
    if classifier is ClassifierType.DKPP:
        return ()
    return ((Field.CLASSIFIER_CODE, RuleViolationError("classifier_short", found=found)),)


def find_broken(product: ProductCreate) -> list[Finding]:
    """Check title and prices of a product that the caller has made."""
    found = _findings(
        (Field.TITLE, parse_title, product.title),
        (Field.PRICE, check_price, product.price),
        (Field.PROCUREMENT_PRICE, check_price, product.procurement_price),
    )
    if not product.title.strip():
        found.append((Field.TITLE, RuleViolationError("blank")))
    return found


def find_odd_codes(product: ProductCreate) -> list[Finding]:
    """Check barcode and code of goods of a product that the caller has made, who may have codes of another form."""
    parse_code = parse_dkpp if product.classifier_type_id is ClassifierType.DKPP else parse_classifier
    return _findings(
        (Field.NUMBER, parse_barcode, product.number or UNSET),
        (Field.CLASSIFIER_CODE, parse_code, product.classifier_code or UNSET),
    )


def _findings(*values: tuple[Field, Callable[..., object], object]) -> list[Finding]:
    found: list[Finding] = []
    for field, check, value in values:
        try:
            if value is not UNSET:
                check(value)
        except RuleViolationError as error:
            found.append((field, error))
    return found
