"""What was not read is told as that, and never as missing."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, update

from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.records import RecordKind, Window
from smartkasa_async.reports import DifferenceKind, NotRead, check_compliance, reconcile
from smartkasa_async.stores.schema import PAYMENTS, RECEIPTS, SHIFTS, SHOPS, SYNCED_DAYS, Z_REPORTS
from tests.support.edited_ledger import MARCH, EditedLedger, is_sale
from tests.support.stored_ledger import note_all_read

if TYPE_CHECKING:
    from smartkasa_async.reports import Reconciliation

SHOP_IDS = (37901, 37902)
ALL_OF_MARCH = Window(*MARCH)
APRIL_5 = datetime(2026, 4, 5, 9, tzinfo=UTC)


def march(first: int, last: int) -> Window:
    return Window(date(2026, 3, first), date(2026, 3, last))


async def read_anew(ledger: EditedLedger, **kinds: Window) -> None:
    """Let the store have read these days of these kinds alone, of every shop."""
    await ledger.run(delete(SYNCED_DAYS))
    for kind, window in kinds.items():
        for shop_id in SHOP_IDS:
            await ledger.store.note_read(RecordKind(kind), APRIL_5, shop_id=shop_id, window=window)


async def reconciled(ledger: EditedLedger, window: Window = ALL_OF_MARCH, now: datetime = APRIL_5) -> Reconciliation:
    return await reconcile(ledger.store, start=window.start, end=window.end, now=now)


async def test_nothing_read_agrees_with_nothing(ledger: EditedLedger) -> None:
    for table in (RECEIPTS, Z_REPORTS, SYNCED_DAYS):
        await ledger.run(delete(table))

    result = await reconciled(ledger)

    assert not result.ok
    assert not any(shop.agrees or shop.is_complete for shop in result.shops)
    assert result.differences == ()
    kinds = (RecordKind.RECEIPTS, RecordKind.Z_REPORTS)
    assert {(one.kind, one.shop_id, one.window) for one in result.not_read} == {
        (kind, shop_id, Window(*MARCH)) for kind in kinds for shop_id in SHOP_IDS
    }
    totals = result.totals
    assert {totals.receipts, totals.sales, totals.z_reports, totals.z_sales, totals.z_refunds} == {None}
    assert result.table().splitlines()[3].split()[-7:] == ["—"] * 7
    assert [step.command for step in result.reading_steps(options=["--store", "my store.sqlite"])] == [
        "smartkasa receipts sync --start 2026-03-01 --end 2026-03-31 --store 'my store.sqlite'",
        "smartkasa reports z --start 2026-03-01 --end 2026-03-31 --store 'my store.sqlite'",
    ]


async def test_z_reports_that_were_never_read_are_not_missing(ledger: EditedLedger) -> None:
    whole = (await reconciled(ledger)).totals
    await ledger.run(delete(Z_REPORTS))
    await read_anew(ledger, receipts=march(1, 31))

    result = await reconciled(ledger)

    assert result.differences == ()
    assert not result.ok
    assert (result.totals.sales, result.totals.receipts) == (whole.sales, whole.receipts)
    assert re.fullmatch(r"\d+\.\d\d", result.to_dict()["totals"]["sales"]), "as every other report writes money"
    assert (result.totals.z_sales, result.totals.z_reports) == (None, None)
    assert {one.kind for one in result.not_read} == {RecordKind.Z_REPORTS}
    assert not any(shift.totals.sales for shift in result.shifts), "those without sales owe none"
    report = await check_compliance(ledger.store, start=MARCH[0], end=MARCH[1], now=APRIL_5)
    assert (report.findings, report.ok) == ((), False)
    assert {one.kind for one in report.not_read} == {RecordKind.Z_REPORTS}
    assert "smartkasa reports z --start 2026-03-01 --end 2026-03-31" in report.table("uk")


async def test_receipts_by_themselves_are_checked_without_z_reports(ledger: EditedLedger) -> None:
    await read_anew(ledger, receipts=march(1, 31))
    paid = await ledger.middle(*is_sale())
    await ledger.run(update(PAYMENTS).where(PAYMENTS.c.receipt_id == paid.id).values(amount=PAYMENTS.c.amount + 1))

    (one,) = (await reconciled(ledger)).differences

    assert (one.kind, one.receipt_ids) == (DifferenceKind.PAYMENTS, (paid.id,))


async def test_receipts_that_were_never_read_are_not_missing(ledger: EditedLedger) -> None:
    whole = (await reconciled(ledger)).totals
    await ledger.run(delete(RECEIPTS))
    await read_anew(ledger, z_reports=march(1, 31))

    result = await reconciled(ledger)

    assert result.differences == ()
    assert not result.ok
    assert (result.totals.sales, result.totals.receipts) == (None, None)
    assert (result.totals.z_sales, result.totals.z_reports) == (whole.z_sales, whole.z_reports)
    assert {one.kind for one in result.not_read} == {RecordKind.RECEIPTS}


async def test_of_a_month_that_was_read_in_part_that_part_is_judged(ledger: EditedLedger) -> None:
    await ledger.run(delete(Z_REPORTS).where(Z_REPORTS.c.business_date > date(2026, 3, 20)))
    missing = await ledger.z_report(20)
    assert missing.business_date < date(2026, 3, 20)
    await ledger.run(delete(Z_REPORTS).where(Z_REPORTS.c.id == missing.id))
    await read_anew(ledger, receipts=march(1, 31), z_reports=march(1, 20))

    result = await reconciled(ledger)

    (one,) = result.differences
    assert (one.kind, one.shift_id) == (DifferenceKind.Z_REPORT_MISSING, missing.shift_id)
    assert {(one.kind, one.window) for one in result.not_read} == {(RecordKind.Z_REPORTS, march(21, 31))}
    owing = {shift.shift_id for shift in result.shifts if shift.totals.sales}
    late = await ledger.all(SHIFTS.select().where(SHIFTS.c.opened_at > march(21, 21).begins_at))
    assert not owing & {row.id for row in late}
    assert {day.day for shift in result.shifts for day in shift.days} >= set(range(1, 21))
    assert result.totals.sales == (result.totals.z_sales or Decimal(0)) + Decimal(str(one.details["sales"]))


async def test_a_hole_between_days_that_were_read_makes_no_receipt_missing(ledger: EditedLedger) -> None:
    hole = march(12, 15)
    await ledger.run(*(
        delete(table).where(table.c.business_date.between(hole.start, hole.end)) for table in (RECEIPTS, Z_REPORTS)
    ))  # fmt: skip
    assert (await reconciled(ledger)).differences, "the cash in the drawer says that something is missing"
    await ledger.run(delete(SYNCED_DAYS))
    for part in (march(1, 11), march(16, 31)):
        await note_all_read(ledger.store, part, SHOP_IDS)

    result = await reconciled(ledger)

    assert (result.differences, result.notices) == ((), ())
    assert {one.window for one in result.not_read} == {hole}


async def test_a_shift_over_midnight_is_not_judged_without_the_other_day(ledger: EditedLedger) -> None:
    report = await ledger.z_report()
    day = report.business_date
    closed_at, next_day = Window(day, day).ends_at + timedelta(hours=1), day + timedelta(days=1)
    await ledger.run(
        update(SHIFTS).where(SHIFTS.c.id == report.shift_id).values(closed_at=closed_at),
        update(Z_REPORTS)
        .where(Z_REPORTS.c.id == report.id)
        .values(created_at=closed_at, payload_timestamp=closed_at, business_date=next_day),
    )
    await ledger.run(delete(Z_REPORTS).where(Z_REPORTS.c.business_date >= next_day))
    await read_anew(ledger, receipts=Window(day, day), z_reports=Window(day, day))

    result = await reconciled(ledger, Window(day, day))

    assert result.differences == ()
    assert {(one.kind, one.shop_id, one.window) for one in result.not_read} == {
        (kind, report.shop_id, Window(next_day, next_day)) for kind in (RecordKind.RECEIPTS, RecordKind.Z_REPORTS)
    }


@pytest.mark.parametrize(("hours_later", "is_judged"), [(0, False), (24, True)])
async def test_a_shift_whose_closing_is_unknown_may_be_closed_within_a_day(
    ledger: EditedLedger, hours_later: int, is_judged: bool
) -> None:
    report = await ledger.z_report()
    day = report.business_date
    window = Window(day, day)
    await ledger.run(delete(Z_REPORTS).where(Z_REPORTS.c.id == report.id), delete(SHIFTS))
    await read_anew(ledger, receipts=window, z_reports=Window(day, day + timedelta(hours=hours_later)))

    result = await reconciled(ledger, window)

    kinds = [DifferenceKind.Z_REPORT_MISSING] if is_judged else []
    assert [one.kind for one in result.differences] == kinds
    assert bool(result.not_read) is not is_judged


async def test_the_present_day_is_judged_as_far_as_it_was_read(ledger: EditedLedger) -> None:
    day = date(2026, 3, 20)
    read_at = datetime(2026, 3, 20, 10, tzinfo=UTC)
    await ledger.run(*(delete(table).where(table.c.created_at > read_at) for table in (RECEIPTS, Z_REPORTS)))
    await ledger.run(delete(SYNCED_DAYS), update(SHIFTS).where(SHIFTS.c.closed_at > read_at).values(closed_at=None))
    for shop_id in SHOP_IDS:
        for kind in (RecordKind.RECEIPTS, RecordKind.Z_REPORTS):
            await ledger.store.note_read(kind, read_at, shop_id=shop_id, window=march(1, 20))

    same_day = await reconciled(ledger, march(1, 20), now=read_at + timedelta(hours=2))
    assert (same_day.differences, same_day.not_read, same_day.read_until) == ((), (), read_at)
    assert same_day.ok

    next_day = await reconciled(ledger, march(1, 20), now=read_at + timedelta(days=1))
    assert next_day.differences == ()
    assert {one.window for one in next_day.not_read} == {Window(day, day)}
    assert (next_day.ok, next_day.read_until) == (False, None)


async def test_days_yet_to_come_are_told_as_that(ledger: EditedLedger) -> None:
    result = await reconciled(ledger, Window(date(2026, 3, 30), date(2026, 4, 30)), now=APRIL_5)

    assert not result.ok
    assert {(one.start, one.end, one.is_to_come) for one in result.not_read} == {
        (date(2026, 4, 2), date(2026, 4, 5), False),
        (date(2026, 4, 6), date(2026, 4, 30), True),
    }
    steps = result.reading_steps("uk")
    assert [step.command is None for step in steps] == [False, True, False]
    assert "ще не завершено: 2026-04-06…2026-04-30" in result.table("uk")


async def test_one_shop_that_was_not_read_is_named(ledger: EditedLedger) -> None:
    await ledger.run(delete(SYNCED_DAYS).where(SYNCED_DAYS.c.shop_id == 37902))

    result = await reconciled(ledger)

    assert [(shop.shop_id, shop.agrees) for shop in result.shops if not shop.agrees] == [(37902, False)]
    assert [step.command for step in result.reading_steps()] == [
        "smartkasa receipts sync --start 2026-03-01 --end 2026-03-31 --shop 37902",
        "smartkasa reports z --start 2026-03-01 --end 2026-03-31 --shop 37902",
    ]
    rows = {line.split()[0]: line.split()[-1] for line in result.table().splitlines()[3:5]}
    assert sorted(rows.values()) == ["yes", "—"]


async def test_a_deleted_shop_of_which_nothing_was_read_can_be_read_no_more(ledger: EditedLedger) -> None:
    await ledger.run(
        delete(SYNCED_DAYS).where(SYNCED_DAYS.c.shop_id == 37902),
        update(SHOPS).where(SHOPS.c.id == 37902).values(deleted_at=APRIL_5),
    )
    for table in (RECEIPTS, Z_REPORTS):
        await ledger.run(delete(table).where(table.c.shop_id == 37902))
    assert (await reconciled(ledger)).ok


async def test_files_of_differences_have_what_was_not_read(ledger: EditedLedger) -> None:
    await read_anew(ledger, receipts=march(1, 31))
    for report in (
        await reconciled(ledger),
        await check_compliance(ledger.store, start=MARCH[0], end=MARCH[1], now=APRIL_5),
    ):
        target = io.StringIO()
        report.write_csv(target, "uk")
        rows = list(csv.reader(io.StringIO(target.getvalue()), delimiter=";"))
        assert len(rows) == 1 + len(SHOP_IDS)
        assert all("smartkasa reports z --start 2026-03-01 --end 2026-03-31 --shop" in "".join(row) for row in rows[1:])
        assert {len(row) for row in rows} == {len(rows[0])}


def test_what_was_not_read_is_data() -> None:
    one = NotRead(kind=RecordKind.RECEIPTS, shop_id=13, start=date(2026, 3, 1), end=date(2026, 3, 2))
    assert (one.window, one.is_to_come) == (march(1, 2), False)


async def test_progress_has_never_more_shifts_done_than_there_are(ledger: EditedLedger) -> None:
    """Shifts that neither receipts nor Z-reports name by an id are found on the way only."""
    for table in (RECEIPTS, Z_REPORTS):
        await ledger.run(update(table).where(table.c.shop_id != SHOP_IDS[0]).values(shift_id=None))
    told: list[Progress] = []

    result = await reconcile(ledger.store, start=MARCH[0], end=MARCH[1], now=APRIL_5, on_progress=told.append)

    compared = sum(len(shop.shifts) for shop in result.shops)
    named = len(result.shops[0].shifts)
    assert 0 < named < compared
    assert [(one.stage, one.done, one.unit) for one in told] == [
        (Stage.COMPARING, done, "shifts") for done in range(1, compared + 1)
    ]
    assert [one.total for one in told] == [max(done, named) for done in range(1, compared + 1)]
