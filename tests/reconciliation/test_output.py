"""A reconciliation as text and CSV."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from io import StringIO
from string import Formatter
from typing import TYPE_CHECKING

import pytest

from smartkasa_async._i18n.translate import in_language
from smartkasa_async.records import Window
from smartkasa_async.reports import (
    ComparedFigure,
    Difference,
    DifferenceKind,
    Reconciliation,
    ShiftReconciliation,
    ShopReconciliation,
    Totals,
)
from smartkasa_async.reports.reconciliation.figures import FIGURES
from smartkasa_async.reports.reconciliation.messages import EXPLANATIONS, NamedAmounts

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2026, 10, 5)
LESS = Difference(
    kind=DifferenceKind.PAYMENTS,
    cause="payments_less",
    shop_id=13,
    registrar="4000000001",
    shift_id="s1",
    days=(DAY,),
    receipt_ids=("r1",),
    figures=(
        ComparedFigure("payments", Decimal("85.50"), Decimal("95.50")),
        ComparedFigure("sale_cash_total", Decimal("985.50"), Decimal("995.50")),
    ),
    details={"receipt": "r1", "amount": "10.00"},
)
SEVERAL = Difference(
    kind=DifferenceKind.Z_REPORT_OF_SEVERAL_DAYS,
    cause="several_days",
    shop_id=13,
    days=(DAY, date(2026, 10, 6)),
    details={"days": "2026-10-05, 2026-10-06"},
    is_notice=True,
)
SHIFT = ShiftReconciliation(
    shop_id=13,
    registrar="4000000001",
    shift_id="s1",
    days=(DAY,),
    totals=Totals(receipts=4, sales=Decimal("1438.00"), z_reports=1, z_sales=Decimal("1438.00")),
    agrees=False,
)
RESULT = Reconciliation(
    window=Window(DAY, DAY),
    shops=(
        ShopReconciliation(shop_id=13, title="Крамниця", shifts=(SHIFT,), found=(LESS, SEVERAL)),
        ShopReconciliation(shop_id=None, title=None, shifts=(), found=()),
    ),
)


def test_the_table_names_shops_and_what_differs() -> None:
    assert str(RESULT) == RESULT.table()
    assert RESULT.table().splitlines() == [
        "Receipts and Z-reports of 2026-10-05…2026-10-05, hryvnias",
        "Id  Shop       Shifts  Receipts  Sales    Sales by Z  Refunds  Refunds by Z  Agrees",
        "--  ---------  ------  --------  -------  ----------  -------  ------------  ------",
        "13  Крамниця   1       4         1438.00  1438.00     0.00     0.00          no",
        "    No shop    0       0         0.00     0.00        0.00     0.00          yes",
        "    All shops  1       4         1438.00  1438.00     0.00     0.00          no",
        "",
        f"Difference: 2026-10-05, Крамниця, 4000000001: {LESS.explanation} (-10.00 UAH)",
        f"Notice: 2026-10-05…2026-10-06, Крамниця: {SEVERAL.explanation} (+0.00 UAH)",
    ]


def test_explanations_name_the_details() -> None:
    assert LESS.explanation == "the payments of receipt r1 are 10.00 less than its total"
    assert SEVERAL.explain("uk") == "Z-звіт охоплює кілька днів: 2026-10-05, 2026-10-06"


def test_the_table_speaks_ukrainian() -> None:
    table = RESULT.table("uk")
    assert "Повернення" in table
    assert "оплати чека r1 на 10.00 менші за його підсумок" in table


def test_csv_has_a_line_for_each_figure(tmp_path: Path) -> None:
    RESULT.write_csv(tmp_path / "found.csv")
    with (tmp_path / "found.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))

    assert [(row["severity"], row["kind"], row["figure"], row["amount"]) for row in rows] == [
        ("difference", "payments", "payments", "-10,00"),
        ("difference", "payments", "sale_cash_total", "-10,00"),
        ("notice", "z_report_of_several_days", "", ""),
    ]
    assert rows[0]["receipt_ids"] == "r1"
    assert (rows[0]["receipts"], rows[0]["other"]) == ("85,50", "95,50")


def test_csv_goes_into_an_open_file_too() -> None:
    file = StringIO()
    RESULT.write_csv(file, language="uk")
    assert file.getvalue().count("\r\n") == 4
    assert "менші за його підсумок" in file.getvalue()


def test_results_tell_differences_from_notices() -> None:
    assert (RESULT.differences, RESULT.notices) == ((LESS,), (SEVERAL,))
    assert not RESULT.ok
    assert RESULT.shops[1].agrees
    assert str(LESS) == (
        "shop 13, registrar 4000000001, shift s1: payments:"
        " the payments of receipt r1 are 10.00 less than its total; -10.00 UAH"
    )


@pytest.mark.parametrize("cause", EXPLANATIONS)
def test_both_languages_name_the_same_details(cause: str) -> None:
    english, ukrainian = EXPLANATIONS[cause], in_language(EXPLANATIONS[cause], "uk")
    named = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (english, ukrainian)]
    assert named[0] == named[1]
    assert english != ukrainian


def test_figures_are_named_in_both_languages() -> None:
    counted = NamedAmounts((("sale_total", "135.50"), ("sale_receipts_count", "1")))
    missing = Difference(
        kind=DifferenceKind.RECEIPT_MISSING,
        cause="receipts_missing_by_count",
        shop_id=13,
        days=(DAY,),
        details={"figures": counted},
    )

    assert missing.explain("en").endswith("more than the store has: sales 135.50, sale receipts 1")
    assert missing.explain("uk").endswith("більше, ніж є в базі: продажі 135.50, чеки продажу 1")
    every = NamedAmounts(tuple((name, "1") for name in (*FIGURES, "cash_amount")))
    assert "_" not in every.in_language("en") + every.in_language("uk")
