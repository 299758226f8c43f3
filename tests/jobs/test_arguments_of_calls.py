"""What all long calls take has one name, type, default and order, and what it cannot be is refused by its name."""

from __future__ import annotations

import inspect
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.catalog import (
    OutcomesCsv,
    Problem,
    RejectedFile,
    import_products,
    preview_source,
    write_outcomes_csv,
)
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.export import export_tables
from smartkasa_async.jobs import RunResult
from smartkasa_async.models import ProductCreate
from smartkasa_async.push import PushProblem, PushSummary, push_receipts
from smartkasa_async.reports import ComplianceReport, check_compliance, reconcile, write_report_page
from smartkasa_async.stock import sync_stock, undo_stock
from smartkasa_async.stores import open_store
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


ORDER = (
    *("shops", "start", "end", "key", "mode", "layout", "journal", "dry_run", "overwrite_changed", "lookback_days"),
    *("refetch", "accept_clock_skew", "batch_size", "concurrency", "per_page", "late_write_window", "language", "now"),
    *("tax_tolerance", "shift_tolerance", "on_source_detected", "on_error", "on_progress", "on_wait"),
)
"""What several calls take, in the order in which each takes it."""


@pytest.mark.parametrize("call", LONG)
def test_what_calls_share_is_in_one_order_and_given_by_name(call: Callable[..., object]) -> None:
    parameters = inspect.signature(call).parameters
    shared = [name for name in parameters if name in ORDER]

    assert shared == [name for name in ORDER if name in parameters]
    assert all(parameters[name].kind is inspect.Parameter.KEYWORD_ONLY for name in shared)
    if call in OF_SHOPS:
        assert list(parameters)[list(parameters).index("shops") :][:2] == ["shops", "start"]


@pytest.mark.parametrize("call", LONG)
def test_what_reads_a_store_needs_no_first_day_and_what_reads_the_service_does(call: Callable[..., object]) -> None:
    parameters = inspect.signature(call).parameters
    if "end" in parameters:
        assert (parameters["start"].default is None) == ("kasa" not in parameters)


class Unused:
    """Stands for a client or a store that must not be used, since an argument is wrong."""

    listening = reading = snapshot = write = kept_receipts = None


KASA: dict[str, Any] = {"kasa": Unused()}
STORE: dict[str, Any] = {"store": Unused()}
DAY: dict[str, Any] = {"start": date(2026, 10, 1)}
ENOUGH: dict[Callable[..., Any], dict[str, Any]] = {
    import_products: {**KASA, "source": []},
    preview_source: {"source": []},
    sync_stock: {**KASA, "source": [], "shop_id": 1},
    undo_stock: {**KASA, "path": "undo.csv"},
    push_receipts: {**KASA, "receipts": []},
    sync_receipts: {**KASA, **STORE, **DAY},
    sync_z_reports: {**KASA, **STORE, **DAY},
    sync_product_sales: {**KASA, **STORE, **DAY},
    sync_reference_data: {**KASA, **STORE},
    verify_receipts: {**KASA, **STORE, **DAY},
    watch_receipts: {**KASA, "checkpoint": None},
    reconcile: STORE,
    check_compliance: STORE,
    write_report_page: {**STORE, "path": "page.html"},
    export_tables: {**STORE, "folder": "files"},
}
"""What each call cannot do without."""

NO_COUNT = (-1, 1.5, "5", True, None)
NO_SECONDS = (-1, "5", float("nan"), True, None)
NO_FLAG = ("false", 0, None)
NO_PATH = (5, "", ["a"])
NO_FUNCTION = (5, "print")
WRONG: dict[str, tuple[Any, ...]] = {
    "source": (5, None, "", {"title": "Кава"}, b"title;price", ProductCreate(title="Кава")),
    "receipts": (5, None, "receipts.jsonl", {"fiscal_number": "1"}, b"[]"),
    "store": ("postgresql+asyncpg://user:secret@host/kasa", Path("kasa.sqlite"), None, open_store("kasa.sqlite")),
    "shops": (5, "12", [], ["1"], [True]),
    "start": ("2026-10-01", datetime(2026, 10, 1)),  # noqa: DTZ001  (wrong, as meant)
    "end": ("2026-10-01", datetime(2026, 10, 1), 5),  # noqa: DTZ001  (likewise)
    "now": ("2026-10-01", datetime(2026, 10, 1), date(2026, 10, 1)),  # noqa: DTZ001  (likewise)
    "shop_id": (0, "1", True, None),
    "layout": ("prom", {"preset": "prom"}),
    "key": ("title", None, ["number"]),
    "mode": ("delete", None),
    "totals": ("strict", None),
    "rounding": (5, ["up"], None),
    "language": ("xx", None, "EN"),
    "kinds": ("shops", [], ["shops", "receipts"], 5),
    "tables": ("receipts", [], ["receipts", "receipt"], 5),
    "views": ("receipts", [], ["receipts", "receipt"], 5),
    "format": ("xls", None),
    "tax_tolerance": (-1, 0.01, "0.01", Decimal("NaN"), True, None),
    "shift_tolerance": (60, timedelta(seconds=-1), None),
    "delete_limit": (-1, "5"),
    **dict.fromkeys(("batch_size", "concurrency", "per_page", "lookback_days", "days", "rows"), NO_COUNT),
    **dict.fromkeys(("late_write_window", "interval", "max_interval"), NO_SECONDS),
    **dict.fromkeys(("dry_run", "overwrite_changed", "delete_missing", "check_existing", "refetch"), NO_FLAG),
    **dict.fromkeys(("accept_clock_skew", "keep_personal", "history", "raw", "counts"), NO_FLAG),
    **dict.fromkeys(("journal", "checkpoint", "undo", "path", "folder"), NO_PATH),
    **dict.fromkeys(("on_source_detected", "on_progress", "on_wait", "on_error"), NO_FUNCTION),
}
"""Values that an argument cannot have, whatever call it is of."""


async def begin(call: Callable[..., Any], arguments: dict[str, Any]) -> None:
    """Make a call; jobs and watches begin only when they are iterated, and check before that."""
    result = call(**arguments)
    if inspect.iscoroutine(result):
        await result


@pytest.mark.parametrize(
    ("call", "name"),
    [(call, name) for call in ENOUGH for name in inspect.signature(call).parameters if name != "kasa"],
)
async def test_a_value_that_cannot_be_is_refused_by_the_name_of_its_argument(
    call: Callable[..., Any], name: str
) -> None:
    for value in WRONG[name]:
        with pytest.raises(InvalidRequestError) as refused:
            await begin(call, ENOUGH[call] | {name: value})
        assert (refused.value.field, str(refused.value).startswith(f"{name} ")) == (name, True), value
        assert "secret" not in str(refused.value)
        assert refused.value.translated(lambda _: "так") == "так"  # it has a text that can be translated


async def test_an_address_in_place_of_a_store_is_answered_by_how_to_open_it() -> None:
    with pytest.raises(InvalidRequestError, match="store is of type str; give an open store: async with open_store"):
        await reconcile("kasa.sqlite")  # type: ignore[arg-type]


def test_a_language_without_texts_is_refused_wherever_one_is_given() -> None:
    problem = PushProblem.of("key_missing", "fiscal_number")
    row_problem = Problem(code="a", file="f", line=1, reason_en="a", reason_uk="а")
    report = ComplianceReport(datetime.fromisoformat("2026-10-01T00:00+00:00"), ())
    for text in (PushSummary().table, problem.describe, problem.reason, row_problem.describe, report.table):
        assert text("uk")
        with pytest.raises(InvalidRequestError, match=r"^language is 'xx'; give one of en, uk$") as refused:
            text("xx")  # type: ignore[arg-type]
        assert refused.value.field == "language"
