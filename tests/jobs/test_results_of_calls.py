"""What the results of all long calls share: they are ok or raise, print as tables in either language, become JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog import ImportSummary
from smartkasa_async.export import ExportedFile
from smartkasa_async.export.tables import ExportedFiles
from smartkasa_async.jobs import FailuresError, RunResult
from smartkasa_async.jobs.results import plain_values
from smartkasa_async.push import PushKind, PushOutcome, PushProblem, PushSummary
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window
from smartkasa_async.reports import ComplianceReport, Reconciliation, ReportPage
from smartkasa_async.reports.not_read import NotRead
from smartkasa_async.reports.reconciliation.result import ShopReconciliation
from smartkasa_async.stock import StockSummary
from smartkasa_async.sync import (
    IncompleteWindow,
    ListSync,
    ProductSalesReport,
    ReceiptsReport,
    ReferenceDataReport,
    ShopReceipts,
    VerifyReport,
    ZReportsReport,
)

if TYPE_CHECKING:
    from collections.abc import Callable

OCTOBER = Window(date(2026, 10, 1), date(2026, 10, 31))
NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
CUT = IncompleteWindow(OCTOBER, "the list ends early")
UNREAD = NotRead(kind=RecordKind.RECEIPTS, shop_id=1, start=OCTOBER.start, end=OCTOBER.end)


def receipts(**figures: object) -> ReceiptsReport:
    return ReceiptsReport(OCTOBER, (ShopReceipts(shop_id=1, title="Кава", **figures),))  # type: ignore[arg-type]


def reconciliation(*not_read: NotRead) -> Reconciliation:
    shop = ShopReconciliation(shop_id=1, title="Кава", shifts=(), found=(), not_read=not_read)
    return Reconciliation(window=OCTOBER, shops=(shop,))


def page(*, differences: int = 0, not_read: tuple[NotRead, ...] = ()) -> ReportPage:
    return ReportPage(
        path=Path("page.html"), size=9, receipts=3, differences=differences, findings=0, not_read=not_read
    )


GOOD: list[Callable[[], RunResult]] = [
    ImportSummary,
    StockSummary,
    PushSummary,
    lambda: receipts(receipts=2, sales=Decimal("10.50")),
    lambda: ZReportsReport(OCTOBER, ()),
    lambda: ProductSalesReport(OCTOBER, ()),
    lambda: ReferenceDataReport((ListSync(RecordKind.SHOPS, 3, 0, 0, None),)),
    lambda: VerifyReport(OCTOBER, 5, (), ()),
    reconciliation,
    lambda: ComplianceReport(NOW, ()),
    page,
    lambda: ExportedFiles((ExportedFile("receipts", Path("receipts.csv"), 7, OCTOBER.start),)),
]
BAD: list[tuple[RunResult, str]] = [
    (ImportSummary(in_doubt=1), "1 in doubt"),
    (StockSummary(changed=1), "1 changed meanwhile"),
    (PushSummary(held_back=1), "1 held back"),
    (receipts(incomplete=(CUT,)), "shop 1, 2026-10-01…2026-10-31: the list ends early"),
    (receipts(undecodable=2), "2 records do not have the documented form"),
    (ReferenceDataReport((ListSync(RecordKind.SHOPS, 0, 0, 0, "refused"),)), "shops: refused"),
    (VerifyReport(OCTOBER, 5, (), ((1, CUT),)), "the list ends early"),
    (reconciliation(UNREAD), "not read: receipts"),
    (ComplianceReport(NOW, (), None, (UNREAD,)), "not read: receipts"),
    (page(differences=2), "2 differences"),
    (page(not_read=(UNREAD,)), "not read: receipts"),
    (ExportedFiles((), (UNREAD,)), "not read: receipts"),
    (ExportedFiles((), in_quarantine=2), "which the files lack: 2"),
]


@pytest.mark.parametrize("make", GOOD)
def test_a_good_result_is_ok_and_is_given_back(make: Callable[[], RunResult]) -> None:
    result = make()

    assert result.ok
    assert result.raise_for_failures() is result
    assert result.to_dict()["ok"] is True
    assert list(result.failures()) == []


@pytest.mark.parametrize(("result", "problem"), BAD)
def test_a_bad_result_is_not_ok_and_raises(result: RunResult, problem: str) -> None:
    assert not result.ok
    with pytest.raises(FailuresError) as raised:
        result.raise_for_failures()
    assert problem in str(raised.value)
    assert raised.value.result is result


def test_the_failures_of_a_job_are_its_failed_items_and_its_error_begins_with_the_counts() -> None:
    problem = PushProblem.of("key_missing", "fiscal_number")
    refused = PushOutcome(position=3, key=None, kind=PushKind.REFUSED, problems=(problem,))
    doubtful = PushOutcome(position=5, key=None, kind=PushKind.IN_DOUBT)
    summary = PushSummary(created=2, refused=1, in_doubt=1, failed=(refused, doubtful))

    assert list(summary.failures()) == [problem, "5: in_doubt"]
    with pytest.raises(FailuresError) as raised:
        summary.raise_for_failures()
    assert str(raised.value) == f"2 created, 1 refused, 1 in doubt; {problem}; 5: in_doubt"


@pytest.mark.parametrize("result", [*(make() for make in GOOD), *(bad for bad, _ in BAD)])
def test_every_result_prints_as_a_table_in_either_language_and_becomes_json(result: RunResult) -> None:
    assert str(result) == result.table() == result.table("en")
    assert result.table("uk")
    facts = result.to_dict()
    assert json.loads(json.dumps(facts)) == facts


def test_sums_have_kopecks_in_json_whatever_digits_a_database_adds() -> None:
    values = {
        "sales": Decimal("157716.5900"),
        "fine": [Decimal("0.1250")],
        "count": Decimal(27),
        "short": (Decimal("1.5"),),
    }

    assert plain_values(values) == {"sales": "157716.59", "fine": ["0.125"], "count": "27", "short": ["1.5"]}


def test_the_table_of_a_sync_shows_shops_and_what_is_missing() -> None:
    report = receipts(receipts=2, sales=Decimal("10.50"), incomplete=(CUT,), deleted=4)

    assert report.table("uk").splitlines() == [
        "Чеки за 2026-10-01…2026-10-31, прочитані цього разу, гривні",
        "Id  Магазин       Чеки  Продажі  Повернення  Видалено  Повністю",
        "--  ------------  ----  -------  ----------  --------  --------",
        "1   Кава          2     10.50    0.00        4         ні",
        "    Усі магазини  2     10.50    0.00        4         ні",
        "",
        "Неповно: магазин 1, 2026-10-01…2026-10-31: the list ends early",
    ]
    assert report.to_dict()["complete"] is False
    assert report.to_dict()["shops"][0]["sales"] == "10.50"
