"""Rules on a whole row or product: rows that are no products, and values that only contradict each other."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import UNSET

from smartkasa_async.catalog.checks.codes import WHOLE_LENGTH, parse_barcode, parse_classifier, parse_dkpp
from smartkasa_async.catalog.checks.decimals import check_price
from smartkasa_async.catalog.checks.taxes import EXCISE_GROUPS
from smartkasa_async.catalog.checks.values import parse_title
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.fields import PRICES, Field, plain
from smartkasa_async.models import ClassifierType

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from msgspec import UnsetType

    from smartkasa_async.catalog.sources.columns import Columns
    from smartkasa_async.models import ProductCreate, TaxGroup

Finding = tuple[Field, RuleViolationError]
"""A broken or doubtful rule, and the field to fix."""

_LONGEST_TITLE = 256
_classifier_of = attrgetter("classifier_code", "classifier_type_id", "tax_group_id")
_NOT_UKTZED = (ClassifierType.NONE, ClassifierType.DKPP)

_CODES = (Field.NUMBER, Field.ALTER_NUMBER, Field.REMOTE_ID)
_TOTAL = re.compile(
    r"(?:разом|всього|усього|загалом|підсумок|итого|всего|total|subtotal|grand total|сума|сумма)"
    r"(?:\s*[:.=…-]+.*"
    r"|\s+(?:за|по)\s+(?:груп|розділ|раздел|категор|документ|накладн|склад|сторін|стран|аркуш|лист).*"
    r"|\s+(?:до|к)\s+(?:сплат|оплат).*|\s+на\s+сум.*|\s+(?:без|з|із|с)\s+(?:пдв|ндс).*"
    r"|\s+(?:найменуван|наименован|позиці|позици|товарів|товаров|рядків|строк|items|rows).*"
    r"|\s+\d[\d\s.,]*(?:грн|uah|шт)?\.?)?",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"(?:(?:головний|гол\.?|главный|гл\.?)\s+)?"
    r"(?:директор|бухгалтер|керівник|руководитель|відповідальн\w+|ответственн\w+|підпис|подпись|м\.\s?п|склав|склала"
    r"|составил\w*|затвердив|затверджую|утверждаю|перевірив|проверил|видав|отримав|прийняв|здав)(?![^\W\d_])",
    re.IGNORECASE,
)
_LINE_TO_SIGN_ON = re.compile(r"_{3,}|\.{5,}|…{2,}")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")


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
        found += _review_classifier(*_classifier_of(product))
    return found


def are_clear(products: Sequence[ProductCreate]) -> bool:
    """Return whether `review` finds nothing about any of some products; not all of which it finds nothing pass."""
    return (
        max(map(len, map(attrgetter("title"), products)), default=0) <= _LONGEST_TITLE
        and all(map(attrgetter("price"), products))
        and not any(cost and cost > price for cost, price in map(attrgetter("procurement_price", "price"), products))
        and not any(_review_classifier(*parts) for parts in set(map(_classifier_of, products)))
    )


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


def _review_classifier(
    code: str | UnsetType, classifier: ClassifierType | UnsetType, tax_group: TaxGroup | UnsetType
) -> Sequence[Finding]:
    if tax_group in EXCISE_GROUPS and (not code or classifier in _NOT_UKTZED):
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


def no_product_code(cells: Sequence[str], columns: Columns) -> str | None:
    """Return what a row is that lacks what a product needs.

    A row with a code is never taken for anything but a product, nor is one with a price, except for totals. A section's
    title stands alone in its row.

    Returns:
        Name of the problem: `header_repeated`, `total_row`, `signature_row` or `section_title`; None for a
        row that may be a product's.
    """
    filled = [(position, text) for position, cell in enumerate(cells) if (text := cell.strip())]
    if _are_headers(filled, columns.headers):
        return "header_repeated"
    codes = {columns.positions.get(field) for field in _CODES}
    if not filled or any(
        position in codes and not _is_first_words(position, text, filled) for position, text in filled
    ):
        return None
    first = filled[0][1]
    if _TOTAL.fullmatch(first):
        return "total_row"
    prices = {columns.positions.get(field) for field in PRICES}
    if any(position in prices for position, _ in filled):
        return None
    if _SIGNATURE.match(first) or any(_LINE_TO_SIGN_ON.search(text) for _, text in filled):
        return "signature_row"
    return "section_title" if len(filled) == 1 and _LETTER.search(first) else None


def _are_headers(filled: Sequence[tuple[int, str]], headers: Sequence[str]) -> bool:
    """Recognise the headers, or one of their rows, that programs print again on each page."""
    return len(filled) > 1 and all(
        position < len(headers) and _LETTER.search(text) is not None and plain(text) in plain(headers[position])
        for position, text in filled
    )


def _is_first_words(position: int, text: str, filled: Sequence[tuple[int, str]]) -> bool:
    """Return whether a cell is the first of its row, and no code: titles of sections begin in the first column."""
    return position == filled[0][0] and _LETTER.search(text) is not None and _DIGIT.search(text) is None
