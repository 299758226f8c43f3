"""Reading back what was lost takes few calls, also from a service that does not filter by barcode."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from smartkasa_async import errors
from smartkasa_async.catalog import ImportStoppedError, import_products
from tests.support.catalogue_service import FakeKasa, lose_after, lose_before, products

SHOP = 8000
"""Products that the shop has already: eighty pages."""


def stocked() -> Any:
    kasa = FakeKasa()
    for number in range(SHOP):
        kasa.keep(title=f"Старий {number}", number=f"9{number:06}", price=Decimal(1))
    return kasa


@pytest.mark.parametrize("lose", [lose_after, lose_before])
async def test_a_service_that_ignores_the_number_is_noticed_after_the_first_pages(lose: Any) -> None:
    kasa = stocked()
    kasa.filters = False
    kasa.losing = [lose]

    summary = await import_products(kasa, products(20), batch_size=20, late_write_window=0)

    assert (summary.created, len(kasa.kept)) == (20, SHOP + 20)
    # The catalogue at the beginning, a page for each of the first that are looked for at once, and the catalogue again.
    assert kasa.pages_asked <= 81 + 8 + 2 * 82


async def test_a_few_lost_rows_are_asked_for_one_by_one() -> None:
    kasa = stocked()
    kasa.losing = [lose_after]

    summary = await import_products(kasa, products(20), batch_size=20, late_write_window=0)

    assert (summary.created, len(kasa.kept)) == (20, SHOP + 20)
    assert kasa.pages_asked == 80 + 20


async def test_more_lost_rows_than_pages_are_looked_for_in_the_catalogue() -> None:
    kasa = stocked()
    kasa.losing = [lose_after] * 10

    summary = await import_products(kasa, products(200), batch_size=20, late_write_window=0)

    assert (summary.created, len(kasa.kept)) == (200, SHOP + 200)
    assert kasa.pages_asked <= 80 + 82


async def test_a_number_that_many_products_have_is_no_missing_filter() -> None:
    kasa = stocked()
    kasa.losing = [lose_before]
    listing = kasa.list

    def crowd(*, number: str | None = None, **options: object) -> object:
        if number is not None and not kasa.kept.get("crowd"):
            for _ in range(150):
                kasa.keep(title="Чужий", number="0001", price=Decimal(1))
            kasa.kept["crowd"] = kasa.keep(title="Чужий", number="0001", price=Decimal(1))
        return listing(number=number, **options)

    kasa.list = crowd
    summary = await import_products(kasa, products(1) + products(1, 2), batch_size=2, late_write_window=0)

    assert (summary.created, summary.in_doubt) == (1, 1)


async def test_a_stop_while_rows_are_asked_for_one_by_one_leaves_them_in_doubt() -> None:
    kasa = stocked()
    kasa.losing = [lose_after]
    listing = kasa.list

    def forbid(*, number: str | None = None, **options: object) -> object:
        if number is not None:
            raise errors.ForbiddenError("not any more", status=403)
        return listing(**options)

    kasa.list = forbid
    with pytest.raises(ImportStoppedError, match="not any more") as caught:
        await import_products(kasa, products(30), batch_size=10, late_write_window=0)

    assert (caught.value.summary.created, caught.value.summary.in_doubt) == (20, 10)
