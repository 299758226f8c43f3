"""What all long calls take has one name, one type and one default."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog import OutcomesCsv, RejectedFile, import_products, write_outcomes_csv
from smartkasa_async.export import export_tables
from smartkasa_async.jobs import RunResult
from smartkasa_async.push import push_receipts
from smartkasa_async.reports import check_compliance, reconcile, write_report_page
from smartkasa_async.stock import sync_stock, undo_stock
from smartkasa_async.sync import (
    sync_product_sales,
    sync_receipts,
    sync_reference_data,
    sync_z_reports,
    verify_receipts,
    watch_receipts,
)

if TYPE_CHECKING:
    from collections.abc import Callable

OF_SHOPS = [
    sync_receipts,
    sync_z_reports,
    sync_product_sales,
    verify_receipts,
    watch_receipts,
    export_tables,
    reconcile,
    check_compliance,
    write_report_page,
]
LONG = [*OF_SHOPS, import_products, sync_stock, undo_stock, push_receipts, sync_reference_data]
IN_A_LANGUAGE = [write_report_page, OutcomesCsv, RejectedFile, write_outcomes_csv, RunResult.table]


@pytest.mark.parametrize("call", LONG)
def test_every_long_call_takes_the_same_progress(call: Callable[..., object]) -> None:
    parameter = inspect.signature(call).parameters["on_progress"]

    assert (parameter.annotation, parameter.default) == ("Callable[[Progress], None] | None", None)


@pytest.mark.parametrize("call", OF_SHOPS)
def test_shops_are_ids_or_all(call: Callable[..., object]) -> None:
    parameter = inspect.signature(call).parameters["shops"]

    assert (parameter.annotation, parameter.default) == ("Iterable[int] | None", None)


@pytest.mark.parametrize("call", [call for call in OF_SHOPS if call is not watch_receipts])
def test_the_last_day_need_not_be_given(call: Callable[..., object]) -> None:
    parameters = inspect.signature(call).parameters

    assert (parameters["end"].annotation, parameters["end"].default) == ("date | None", None)
    assert parameters["start"].annotation in {"date", "date | None"}


@pytest.mark.parametrize("call", IN_A_LANGUAGE)
def test_english_is_the_language_where_none_is_given(call: Callable[..., object]) -> None:
    parameter = inspect.signature(call).parameters["language"]

    assert (parameter.annotation, parameter.default) == ("Language", "en")
