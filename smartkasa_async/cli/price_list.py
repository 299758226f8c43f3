"""The service's catalogue as a price list that `import_products` reads back without a change."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.message import NP_
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support.files import fresh_file
from smartkasa_async._support.spreadsheets import EXCEL_ENCODING, excel_writer, guard_cell, unguard_cell
from smartkasa_async.catalog.checks.categories import CategoryTree, parse_category
from smartkasa_async.catalog.checks.values import Units, one_line_text
from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.cells import number_text
from smartkasa_async.catalog.sources.fields import REQUIRED, Field
from smartkasa_async.errors import UnreadableRecordsError
from smartkasa_async.jobs.concurrency import retry_transient
from smartkasa_async.models import ClassifierType, TaxGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from smartkasa_async import SmartKasa
    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.models import Category, Product, UnitType

_PER_PAGE = 100

Cells = dict[Field, str | Decimal]
"""What a product has, by the fields of a price list; numbers as they are, all else as text."""

HEADERS: dict[Field, str] = {
    Field.NUMBER: NP_("price list", "Barcode"),
    Field.ALTER_NUMBER: NP_("price list", "Article"),
    Field.TITLE: NP_("price list", "Title"),
    Field.CATEGORY: NP_("price list", "Category"),
    Field.PRICE: NP_("price list", "Price"),
    Field.PROCUREMENT_PRICE: NP_("price list", "Purchase price"),
    Field.UNIT: NP_("price list", "Unit"),
    Field.TAX: NP_("price list", "VAT rate"),
    Field.CLASSIFIER_CODE: NP_("price list", "UKTZED"),
    Field.DKPP_CODE: NP_("price list", "DKPP"),
    Field.REMOTE_ID: NP_("price list", "External id"),
    Field.ALTER_TITLE: NP_("price list", "Short name"),
    Field.SOLD_BY_WEIGHT: NP_("price list", "Sold by weight"),
    Field.IS_FREE_PRICE: NP_("price list", "Free price"),
    Field.SMARTKASA_ID: NP_("price list", "SmartKasa id"),
}
"""Headers of the columns; an import understands them in both languages."""

TAXES: dict[TaxGroup, str] = {
    TaxGroup.VAT_20: "20%",
    TaxGroup.VAT_7: "7%",
    TaxGroup.VAT_0: "0%",
    TaxGroup.WITHOUT_VAT: "без ПДВ",
    TaxGroup.EXCISE_5: "акциз 5%",
    TaxGroup.EXCISE_5_VAT_20: "ПДВ 20% + акциз 5%",
    TaxGroup.EXCISE_5_VAT_0: "ПДВ 0% + акциз 5%",
    TaxGroup.EXCISE_G_0: "акциз 0%",
    TaxGroup.EXCISE_G_0_VAT_20: "ПДВ 20% + акциз 0%",
    TaxGroup.EXCISE_G_0_VAT_0: "ПДВ 0% + акциз 0%",
}
"""Tax groups as rates."""

_FLAGS = {True: "так", False: "ні"}


class Rows:
    """Turns products into rows of a price list. What could not be read back as it is, is left out of its row."""

    def __init__(self, categories: Iterable[Category], units: Iterable[UnitType]) -> None:
        known, units = list(categories), list(units)
        self._titles = {category.id: (category.title, category.parent_id) for category in known}
        self._tree = CategoryTree(known)
        self._units = {unit.code: unit.short_name for unit in units}
        self._unit_names = Units(units)

    def row(self, product: Product) -> Cells:
        """Write a product's fields, without those that it does not have."""
        code = Field.DKPP_CODE if product.classifier_type_id is ClassifierType.DKPP else Field.CLASSIFIER_CODE
        weighed = product.sold_by_weight
        found: dict[Field, Any] = {
            Field.NUMBER: product.number,
            Field.ALTER_NUMBER: product.alter_number,
            Field.TITLE: product.title,
            Field.CATEGORY: self._category(product.category_id or None),
            Field.PRICE: product.price,
            Field.PROCUREMENT_PRICE: product.procurement_price,
            # An import derives from the unit whether a product is weighed, unless the row has a column for it.
            Field.UNIT: self._unit(product.unit_type_id) if isinstance(weighed, bool) else None,
            Field.TAX: TAXES.get(product.tax_group_id) if product.tax_group_id else None,
            code: product.classifier_code,
            Field.REMOTE_ID: product.remote_id,
            Field.ALTER_TITLE: product.alter_title,
            Field.SOLD_BY_WEIGHT: _FLAGS[weighed] if isinstance(weighed, bool) else None,
            Field.IS_FREE_PRICE: _FLAGS[product.is_free_price] if isinstance(product.is_free_price, bool) else None,
            Field.SMARTKASA_ID: product.id,
        }
        given = {field: value for field, value in found.items() if value is not None and value is not msgspec.UNSET}
        cells = {
            field: value if isinstance(value, Decimal) else one_line_text(str(value)) for field, value in given.items()
        }
        return {field: value for field, value in cells.items() if value != ""}

    def _category(self, category_id: str | None) -> str | None:
        """Write the path of a category, if an import finds the same one by it."""
        titles: list[str] = []
        above = category_id
        while above in self._titles and len(titles) < len(self._titles):
            title, above = self._titles[above][0], self._titles[above][1] or None
            titles.insert(0, title)
        text = " / ".join(titles)
        try:
            return text if text and self._tree.find(parse_category(text)) == category_id else None
        except RuleViolationError:
            return None

    def _unit(self, code: object) -> str | None:
        name = self._units.get(code) if isinstance(code, int) else None
        try:
            return name if name and self._unit_names.find(name).code == code else None
        except RuleViolationError:
            return None


async def write_price_list(
    kasa: SmartKasa, path: Path, language: Language, *, on_progress: Callable[[int, int], None]
) -> int:
    """Write all products of the service into a file, which takes its name when it is whole.

    Args:
        kasa: The client.
        path: The file: `.csv` is a table that a Ukrainian Excel opens, anything else is JSON lines.
        language: Language of a table's headers, `uk` or `en`.
        on_progress: Called after each page with the number of products so far and in all.

    Returns:
        Number of products.

    Raises:
        OSError: The file cannot be written.
        UnreadableRecordsError: Records cannot be read; the file has all others.
        SmartKasaError: The catalogue cannot be read.
    """
    lost: list[UnreadableRecord] = []
    categories = [category async for category in kasa.categories.list(per_page=_PER_PAGE, on_unreadable=lost.append)]
    rows = Rows(categories, [unit async for unit in kasa.unit_types.list(on_unreadable=lost.append)])
    unreadable: list[UnreadableRecord] = []

    async def write() -> int:
        count = 0
        unreadable[:] = lost
        with _opened(path, language) as write_row:
            async for page in kasa.products.list(per_page=_PER_PAGE, on_unreadable=unreadable.append).pages():
                for product in page.data:
                    write_row(rows.row(product))
                count += len(page.data)
                on_progress(count, page.meta.total_count)
        return count

    count = await retry_transient(write)  # anew where the catalogue changed while it was read
    if unreadable:
        raise UnreadableRecordsError(unreadable)
    return count


@contextmanager
def _opened(path: Path, language: Language) -> Iterator[Callable[[Cells], None]]:
    if path.suffix.lower() == ".csv":
        with fresh_file(path, encoding=EXCEL_ENCODING) as file:
            writer = excel_writer(file)
            writer.writerow(in_language(name, language) for name in HEADERS.values())

            def write_cells(cells: Cells) -> None:
                writer.writerow(_cell(cells.get(field)) for field in HEADERS)

            yield write_cells
    else:
        encode = msgspec.json.Encoder(decimal_format="number").encode
        with fresh_file(path) as lines:

            def write_line(cells: Cells) -> None:
                # An import looks for these in the first lines.
                required: Cells = dict.fromkeys(REQUIRED, "")
                lines.write(encode(required | {field: _value(value) for field, value in cells.items()}) + b"\n")

            yield write_line


def _value(value: str | Decimal) -> str | Decimal:
    """Mark a text that an import would otherwise take for one that is marked already."""
    return value if isinstance(value, Decimal) or unguard_cell(value) == value else guard_cell(value)


def _cell(value: str | Decimal | None) -> str:
    if isinstance(value, Decimal):
        text = f"{value:.2f}" if value == round(value, 2) else number_text(value)
        return text.replace(".", ",")
    return guard_cell(value or "")
