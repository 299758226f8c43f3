"""The small rules under the reconciliation: gaps, the drawer, product sales, several Z-reports of a shift."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async._support.money import hryvnias
from smartkasa_async.reports import DifferenceKind
from smartkasa_async.reports.reconciliation.continuity import Drawer, Gap, KnownNumbers, find_gaps, show_gaps
from smartkasa_async.reports.reconciliation.differences import ComparedFigure, Issue, amount_of
from smartkasa_async.reports.reconciliation.ledger import Shift, ShiftHead, SoldProduct, ZReportRecord
from smartkasa_async.reports.reconciliation.messages import NamedAmounts
from smartkasa_async.reports.reconciliation.product_check import check_product_sales
from smartkasa_async.reports.reconciliation.shift_check import choose_z_reports
from smartkasa_async.reports.reconciliation.shift_sums import sum_up
from tests.support.registrar import START, cash_in, refund, sale, written, z_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartkasa_async.reports.reconciliation.shift_sums import ShiftSums

DAY, NEXT = date(2026, 10, 5), date(2026, 10, 6)
numbers = st.sets(st.integers(1, 40))


def spread(gaps: list[Gap]) -> list[int]:
    return [number for gap in gaps for number in range(gap.first, gap.last + 1)]


@given(numbers)
def test_gaps_are_what_is_not_held_between_what_is(known: set[int]) -> None:
    gaps = find_gaps(known)
    assert spread(gaps) == [
        number for number in range(min(known, default=0), max(known, default=0)) if number not in known
    ]
    assert all(len(gap) == gap.last - gap.first + 1 > 0 for gap in gaps)


@given(numbers, st.integers(0, 41), st.integers(0, 41))
def test_parts_of_a_gap_are_what_nobody_holds(known: set[int], first: int, last: int) -> None:
    lost = set(range(min(known, default=0), max(known, default=0))) - known
    assert set(spread(KnownNumbers(known).within(Gap(first, last)))) == lost & set(range(first, last + 1))


@given(numbers, st.integers(1, 40), st.integers(0, 5))
def test_a_gap_lies_in_numbers_that_have_all_of_it(known: set[int], first: int, more: int) -> None:
    gap = Gap(first, first + more)
    assert gap.lies_in(known) == ({*range(first, first + more + 1)} <= known)
    assert [number for number in range(50) if gap.has(number)] == [*range(first, first + more + 1)]


def test_gaps_are_shown_as_people_write_them() -> None:
    assert show_gaps([Gap(17, 17), Gap(19, 21), Gap(23, 24)]) == "17, 19–21, 23–24"
    assert len(Gap(5, 3)) == 0


def money(*texts: str) -> set[Decimal]:
    return set(map(Decimal, texts))


def test_a_drawer_is_unknown_until_it_is_stated() -> None:
    drawer = Drawer()
    drawer.move(Decimal(7))
    assert drawer.close(money("100"), money("30")) is None
    assert drawer.close(money("130"), money("30")) is None
    assert drawer.close(money("161"), money("30")) == Decimal(160)


@pytest.mark.parametrize(("then", "expected"), [("170", None), ("171", None), ("172", "171")])
def test_after_a_drawer_that_was_wrong_both_amounts_count(then: str, expected: str | None) -> None:
    drawer = Drawer()
    drawer.close(money("100"), money("0"))
    assert drawer.close(money("161"), money("60")) == Decimal(160)
    assert drawer.close(money(then), money("10")) == (expected and Decimal(expected))


def test_what_is_moved_between_z_reports_counts() -> None:
    drawer = Drawer()
    drawer.close(money("100"), money("0"))
    drawer.move(Decimal(-30))
    assert drawer.close(money("70"), money("0")) is None


def test_either_layout_and_either_movement_may_be_right() -> None:
    drawer = Drawer()
    drawer.close(money("100"), money("0"))
    assert drawer.close(money("99", "150"), money("49", "50")) is None
    assert drawer.close(money("99", "160"), money("0")) == Decimal(150)


def test_the_nearest_amount_is_expected_and_the_least_of_two_as_near() -> None:
    drawer = Drawer()
    drawer.close(money("100"), money("0"))
    assert drawer.close(money("120"), money("0", "15", "30")) == Decimal(115)
    drawer = Drawer()
    drawer.close(money("100"), money("0"))
    assert drawer.close(money("110"), money("0", "20")) == Decimal(100)
    drawer = Drawer()
    drawer.close(money("100"), money("0"))
    assert drawer.close(money("101", "500"), money("0", "20")) == Decimal(100)


@pytest.mark.parametrize("stated", [(), ("0",)])
def test_a_drawer_that_is_not_stated_or_stated_as_nothing_is_not_compared(stated: tuple[str, ...]) -> None:
    drawer = Drawer()
    drawer.close(money("100"), money("0"))
    assert drawer.close(money(*stated), money("10")) is None
    assert drawer.close(money("110"), money("0")) is None


def sold(amount: str, stated: str, *, product: str = "p1", day: date = DAY, count: str = "1") -> SoldProduct:
    return SoldProduct(
        day=day,
        product_id=product,
        amount=Decimal(amount),
        count=Decimal(1),
        stated_amount=Decimal(stated),
        stated_count=Decimal(count),
    )


def moving(goods: str, *, rough: bool = False, day: date = DAY) -> Issue:
    return Issue(
        kind=DifferenceKind.ITEMS, cause="items_missing", days=(day,), goods=Decimal(goods), goods_may_differ=rough
    )


def explained(product: SoldProduct, *issues: Issue) -> list[bool]:
    """Which of the issues explain what a product sold; none where it is an issue of its own."""
    found = list(check_product_sales([product], issues))
    assert bool(found) != any(issue.figures for issue in issues)
    return [bool(issue.figures) for issue in issues]


@pytest.mark.parametrize(
    ("issues", "expected"),
    [
        ([moving("10")], [True]),
        ([moving("9.99")], [False]),
        ([moving("-10")], [False]),
        ([moving("10", day=NEXT)], [False]),
        ([moving("0"), moving("10")], [False, True]),
        ([moving("4"), moving("6")], [True, False]),
        ([moving("3"), moving("10")], [False, True]),
        ([moving("10", rough=True)], [True]),
        ([moving("10.50", rough=True)], [True]),
        ([moving("10.51", rough=True)], [False]),
        ([moving("5", rough=True)], [True]),
        ([moving("4.99", rough=True)], [False]),
        ([moving("-10", rough=True)], [False]),
        ([moving("4", rough=True), moving("4", rough=True)], [True, False]),
        ([moving("3"), moving("7", rough=True)], [False, True]),
        ([moving("10"), moving("7", rough=True)], [True, False]),
        ([moving("10", rough=True, day=NEXT)], [False]),
    ],
)
def test_a_issue_explains_product_sales_of_its_day_by_as_much(issues: list[Issue], expected: list[bool]) -> None:
    assert explained(sold("90", "100"), *issues) == expected


@pytest.mark.parametrize(
    ("name", "stored", "shown"),
    [
        ("sale_total", "7144.5100", "7144.51"),
        ("total", "1221.5001", "1221.5001"),
        ("product_sales p1", "136", "136.00"),
        ("sale_receipts_count", "17", "17"),
        ("sale_receipts_count", "20.0000", "20"),
        ("product_count p1", "3.000000", "3"),
        ("product_count p1", "0.250000", "0.25"),
    ],
)
def test_a_figure_has_kopecks_and_a_count_no_zeros_however_a_database_gives_them(
    name: str, stored: str, shown: str
) -> None:
    figure = ComparedFigure(name, Decimal(stored), Decimal(stored))

    assert (str(figure.receipts), str(figure.other)) == (shown, shown)


def test_product_sales_that_nothing_explains_are_one_issue_a_day() -> None:
    lines = [sold("90", "100"), sold("5", "5", product="p2", count="3"), sold("7", "6", product="p3", day=NEXT)]

    first, second = check_product_sales(lines, [])

    assert (first.days, second.days) == ((DAY,), (NEXT,))
    assert (first.kind, first.cause) == (DifferenceKind.PRODUCT_SALES, "product_sales")
    assert [(figure.name, figure.receipts, figure.other) for figure in first.figures] == [
        ("product_sales", Decimal(95), Decimal(105)),
        ("product_sales p1", Decimal(90), Decimal(100)),
        ("product_count p2", Decimal(1), Decimal(3)),
    ]
    assert first.details == {"day": "2026-10-05", "products": "p1, p2", "ours": "95.00", "stated": "105.00"}


def z(id_: int, figures: Mapping[str, Decimal], **changes: object) -> ZReportRecord:
    made = ZReportRecord(
        id=id_,
        shop_id=1,
        registrar="4000000001",
        shift_id="s0",
        fiscal_number=f"z{id_}",
        closed_at=START,
        day=DAY,
        figures=figures,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


(RECEIPTS,) = written(((cash_in(50_000), sale(10_000), refund(2_000)),))
MORE = z_report(written(((sale(300),),))[0])


def summed(*reports: ZReportRecord) -> ShiftSums:
    head = ShiftHead(
        shop_id=1, registrar="4000000001", shift_id="s0", begins_at=START, ends_at=START, z_reports=list(reports)
    )
    return sum_up(Shift(head, RECEIPTS), {}, KnownNumbers())


def test_z_reports_of_a_shift_are_added_up() -> None:
    parts = (z(1, z_report(RECEIPTS[:2])), z(2, z_report(RECEIPTS[2:])))

    stated, issues = choose_z_reports(summed(*parts))

    whole = z_report(RECEIPTS)
    assert stated == {name: whole[name] for name in stated}
    assert issues == []


def test_a_z_report_that_comes_twice_counts_once() -> None:
    whole = z_report(RECEIPTS)
    stated, (issue,) = choose_z_reports(summed(z(5, whole, fiscal_number="z"), z(3, whole, fiscal_number="z")))

    assert stated["sale_total"] == Decimal(100)
    assert (issue.cause, issue.z_report_ids) == ("z_report_twice", (3, 5))
    assert issue.details == {"report": "5", "original": "3", "number": "z"}
    assert [(figure.name, figure.receipts, figure.other) for figure in issue.figures] == [
        ("sale_total", Decimal(0), Decimal(100))
    ]


def test_the_same_number_of_another_registrar_is_another_z_report() -> None:
    parts = (z(1, z_report(RECEIPTS[:2]), fiscal_number="z"), z(2, z_report(RECEIPTS[2:]), fiscal_number="z"))
    stated, issues = choose_z_reports(summed(parts[0], replace(parts[1], registrar="4000000002")))

    assert (stated["refund_total"], issues) == (Decimal(20), [])


@pytest.mark.parametrize("right", [1, 2, 3])
def test_z_reports_beside_the_one_that_agrees_are_too_many(right: int) -> None:
    reports = [z(id_, z_report(RECEIPTS) if id_ == right else MORE) for id_ in (1, 2, 3)]

    stated, issues = choose_z_reports(summed(*reports))

    assert stated["sale_total"] == Decimal(100)
    assert [(issue.cause, issue.z_report_ids) for issue in issues] == [
        ("z_report_extra", (right, other)) for other in (1, 2, 3) if other != right
    ]


def test_an_empty_z_report_beside_one_that_agrees_is_not_too_many() -> None:
    stated, issues = choose_z_reports(summed(z(1, z_report(RECEIPTS)), z(2, z_report(()))))
    assert (stated["sale_total"], issues) == (Decimal(100), [])


def test_z_reports_of_which_none_agrees_are_all_added_up() -> None:
    stated, issues = choose_z_reports(summed(z(1, MORE), z(2, MORE)))
    assert (stated["sale_total"], issues) == (Decimal(6), [])


@pytest.mark.parametrize(
    ("column", "payload", "counts", "wrong"),
    [("100", "99", "100", "99"), ("99", "100", "100", "99"), ("98", "99", "98", "98")],
)
def test_of_two_layouts_the_one_counts_that_agrees(column: str, payload: str, counts: str, wrong: str) -> None:
    whole = z_report(RECEIPTS)
    report = z(1, whole | {"sale_total": Decimal(column)}, payload={"sale_total": Decimal(payload)})

    stated, (issue,) = choose_z_reports(summed(report))

    assert stated["sale_total"] == Decimal(counts)
    (figure,) = issue.figures
    assert (issue.cause, figure.name, figure.receipts, figure.other) == (
        "z_report_layouts",
        "sale_total",
        Decimal(100),
        Decimal(wrong),
    )
    assert (issue.details["column"], issue.details["payload"]) == (f"{column}.00", f"{payload}.00")
    assert (issue.details["name"], issue.days, issue.z_report_ids) == (
        NamedAmounts((("sale_total", ""),)),
        (DAY,),
        (1,),
    )


def test_a_figure_that_one_z_report_leaves_out_is_not_compared() -> None:
    whole, rest = z_report(RECEIPTS[:2]), z_report(RECEIPTS[2:])
    del rest["sale_tax_a_total"]

    stated, issues = choose_z_reports(summed(z(1, whole), z(2, rest)))

    assert "sale_tax_a_total" not in stated
    assert (stated["sale_total"], issues) == (Decimal(100), [])
    only_payload = replace(z(2, rest), payload={"sale_tax_a_total": Decimal(0)})
    assert choose_z_reports(summed(z(1, whole), only_payload))[0]["sale_tax_a_total"] == 0


def test_amounts_are_written_with_kopecks_and_with_what_is_finer() -> None:
    assert [hryvnias(Decimal(text)) for text in ("5", "5.1", "5.125", "-0.0050", "1E+2")] == [
        "5.00",
        "5.10",
        "5.125",
        "-0.005",
        "100.00",
    ]
    assert (amount_of("sale_receipts_count", Decimal(3)), amount_of("sale_total", Decimal(3))) == ("3", "3.00")
