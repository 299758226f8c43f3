"""Words of a price list for units that the service calls otherwise, or does not have."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from smartkasa_async.catalog import ImportSummary, Layout, import_products
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.models import UnitType
from tests.support.catalogue_service import FakeKasa, as_list

if TYPE_CHECKING:
    from smartkasa_async import SmartKasa

UNITS = [
    UnitType(id=1, code=2009, short_name="шт", name="Штука", is_weighted=False),
    UnitType(id=2, code=301, short_name="кг", name="Кілограм", is_weighted=True),
]


async def bring(unit: str, layout: Layout | None = None) -> tuple[FakeKasa, ImportSummary]:
    kasa = FakeKasa()
    kasa.unit_types = cast("Any", SimpleNamespace(list=lambda **_: as_list(UNITS)))
    row = {"number": "4823012345039", "title": "Кава", "price": "5", "unit": unit}
    return kasa, await import_products(cast("SmartKasa", kasa), [row], layout=layout, late_write_window=0)


@pytest.mark.parametrize("word", ["уп", "Уп.", " УП "])
@pytest.mark.parametrize("meant", ["шт", "Штука", "2009"])
async def test_word_means_the_unit_that_it_is_said_to_mean(word: str, meant: str) -> None:
    kasa, summary = await bring(word, Layout(units={"уп": meant}))

    assert summary.created == 1, summary.failed
    assert [product.unit_type_id for product in kasa.kept.values()] == [2009]


async def test_what_a_word_is_said_to_mean_goes_before_what_the_service_calls_so() -> None:
    kasa, _ = await bring("шт", Layout(units={"шт": "кг"}))

    (product,) = kasa.kept.values()
    assert (product.unit_type_id, product.sold_by_weight) == (301, True)


async def test_unknown_word_names_the_units_and_the_way_to_say_it() -> None:
    _, summary = await bring("відро")

    (outcome,) = summary.failed
    assert outcome.reason_en == (
        "the service has no such unit of measure; it has: шт, кг; name the one that is meant by units={'відро': '...'}"
    )


async def test_unit_that_the_service_does_not_have_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(InvalidRequestError, match=r"the service has no unit бочка; it has: шт, кг") as caught:
        await bring("уп", Layout(units={"уп": "бочка"}))

    assert caught.value.field == "units"
