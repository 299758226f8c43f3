"""The workbook of a month, read back, against sums that are counted from the business's own rows."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pytest

from smartkasa_async._i18n.translate import in_language
from smartkasa_async.records import KYIV, RecordKind
from smartkasa_async.reports import write_month_workbook
from smartkasa_async.stores import open_store
from smartkasa_async.stores.views import PAYMENT_MEANS, TAX_GROUPS
from tests.support.agent_business import OCTOBER, REFUND, kyiv_day
from tests.support.month_business import (
    AFTER_MIDNIGHT,
    EXCISE,
    NOW,
    VAT,
    business,
    counted,
    deleted,
    sums,
    taxes,
    write_october,
)
from tests.support.read_workbook import HEADER, kopecks, read_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from smartkasa_async.stores import Store
    from tests.support.read_workbook import ReadSheet

TITLES = [
    "Зведення",
    "Дохід за днями",
    "Z-звіти",
    "ПДВ за днями",
    "Акциз",
    "Повернення",
    "Розбіжності",
    "Фіскальні зауваження",
    "Товари",
]
Sheets = dict[str, "ReadSheet"]
ZERO = Decimal("0.00")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def titles() -> dict[int, str]:
    return {shop["id"]: shop["title"] for shop in business().rows["shops"]}


def test_business_has_what_a_month_can_have() -> None:
    found = counted()
    assert len(found.refunds) > 10
    assert any(row["discount_amount"] for row in found.counted)
    assert any(row["rounding_amount"] for row in found.counted)
    assert any(len({one["transaction_type_id"] for one in row["payment_transactions"]}) > 1 for row in found.counted)
    assert {line.item["tax_group_id"] for line in found.lines} >= {1, 2, 3, 4, 6, 9}
    assert len({row["registrar_fiscal_number"] for row in found.counted}) == 4
    assert any(row["created_at"] == AFTER_MIDNIGHT and kyiv_day(row) == date(2026, 10, 11) for row in found.counted)
    assert deleted() not in {row["id"] for row in found.counted}


def test_sheets_have_their_order_and_can_be_read_and_printed(sheets: Sheets) -> None:
    assert list(sheets) == TITLES
    for title, sheet in sheets.items():
        assert sheet.cells[0, 0] == f"{title} · Жовтень 2026"
        assert sheet.part("pane")["ySplit"] == str(HEADER + 1)
        assert sheet.part("pageSetup") | {"orientation": "landscape", "paperSize": "9"} == sheet.part("pageSetup")
        assert sheet.part("pageSetup")["fitToHeight"] == "0"
        assert sheet.names["_xlnm.Print_Titles"].endswith(f"${HEADER + 1}:${HEADER + 1}")
        assert "_xlnm.Print_Area" in sheet.names
        if title not in {"Розбіжності", "Фіскальні зауваження"}:
            assert sheet.part("autoFilter")["ref"].startswith(f"A{HEADER + 1}:")
        assert len(sheet.headers) == len(set(sheet.headers))


def test_texts_stand_away_from_the_numbers_beside_them(october: Path, sheets: Sheets) -> None:
    with zipfile.ZipFile(october) as package:
        styles = ET.fromstring(package.read("xl/styles.xml"))  # noqa: S314  (a file of the test)
    shapes = styles.findall(f"{MAIN}cellXfs/{MAIN}xf")
    summary = sheets["Зведення"]
    beside = summary.headers.index("Чеки повні до")
    for row in (HEADER, HEADER + 1):
        (cell,) = summary.xml.findall(f".//{MAIN}c[@r='{chr(ord('A') + beside)}{row + 1}']")
        alignment = shapes[int(cell.attrib["s"])].find(f"{MAIN}alignment")
        assert alignment is not None
        assert (alignment.attrib["horizontal"], alignment.attrib["indent"]) == ("left", "1")


def test_texts_that_look_like_numbers_are_not_marked_as_errors(sheets: Sheets) -> None:
    for sheet in sheets.values():
        (error,) = sheet.xml.findall(f"{MAIN}ignoredErrors/{MAIN}ignoredError")
        assert error.attrib == {"sqref": "A1:XFD1048576", "numberStoredAsText": "1"}


def test_summary_has_the_sums_of_each_shop(sheets: Sheets) -> None:
    found, sheet = counted(), sheets["Зведення"]
    by_shop = sums(found.counted, lambda row: row["shop_id"])
    for row in sheet.rows():
        id_ = next(id_ for id_, title in titles().items() if title == row["Магазин"])
        own = [one for one in found.counted if one["shop_id"] == id_]
        sales, refunds = by_shop[id_]
        assert kopecks(row["Продажі"]) == sales
        assert kopecks(row["Повернення"]) == refunds
        assert kopecks(row["Чисті продажі"]) == sales - refunds
        assert row["Чеки продажу"] == sum(one["type"] != REFUND for one in own)
        assert row["Чеки повернення"] == sum(one["type"] == REFUND for one in own)
        assert kopecks(row["ПДВ"]) == taxes(own, VAT)
        assert kopecks(row["Акциз"]) == taxes(own, EXCISE)
        rounded = sum((one["rounding_amount"] or 0) * (-1 if one["type"] == REFUND else 1) for one in own)
        assert kopecks(row["Заокруглення готівки"]) == rounded
        stated = [one for one in found.z_reports if one["shop_id"] == id_]
        assert row["Z-звіти"] == len(stated)
        assert kopecks(row["Продажі за Z-звітами"]) == sum(one["sale_total"] for one in stated)
        assert row["Чеки повні до"] == datetime(2026, 11, 1)  # noqa: DTZ001  (a workbook knows no offsets)
        assert row["Примітка"] is None
    assert sheet.total("Чисті продажі") == found.net()


def test_sheets_agree_with_the_summary(sheets: Sheets) -> None:
    sheet = sheets["Зведення"]
    start = next(row for (row, column), value in sheet.cells.items() if value == "Звірка аркушів" and column == 0)
    checks = [tuple(sheet.cells[row, column] for column in (2, 4, 5)) for row in range(start + 1, start + 10)]
    assert [there - here for here, there, _ in checks] == [0] * 9
    assert [difference for *_, difference in checks] == [0] * 9
    assert sum(bool(here) for here, _, _ in checks) == 9


def test_totals_are_formulas_that_say_what_the_rows_come_to(sheets: Sheets) -> None:
    formulas = 0
    for sheet in sheets.values():
        rows = sheet.rows()
        for index, header in enumerate(sheet.headers):
            formula = sheet.formulas.get((sheet.end, index))
            if formula and "SUBTOTAL" in formula:
                letter = chr(65 + index)
                assert f"{letter}{HEADER + 2}:{letter}{sheet.end}" in formula
                assert sheet.total(header) == sum((kopecks(row[header] or 0) for row in rows), ZERO)
                formulas += 1
    assert formulas > 40


def test_income_is_by_day_shop_registrar_and_means(sheets: Sheets) -> None:
    expected: defaultdict[Any, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for row in counted().counted:
        for payment in row["payment_transactions"]:
            means = in_language(PAYMENT_MEANS[payment["transaction_type_id"]], "uk")
            key = (kyiv_day(row), titles()[row["shop_id"]], row["registrar_fiscal_number"], means)
            expected[key][row["type"] == REFUND] += payment["amount"]
    rows = sheets["Дохід за днями"].rows()
    found = {
        (row["День"].date(), row["Магазин"], row["Реєстратор"], row["Засіб оплати"]): [
            kopecks(row["Продажі"]),
            kopecks(row["Повернення"]),
        ]
        for row in rows
    }
    assert found == expected
    assert len(found) == len(rows)
    assert sheets["Дохід за днями"].total("Чистий дохід") == counted().net()


def test_z_reports_are_registered_as_they_state_themselves(sheets: Sheets) -> None:
    rows = {row["Номер"]: row for row in sheets["Z-звіти"].rows()}
    stated = {row["fiscal_number"]: row for row in counted().z_reports}
    assert rows.keys() == stated.keys()
    for number, row in rows.items():
        report = stated[number]
        assert row["День"].date() == kyiv_day(report)
        assert row["Зміна"] == report["shift_id"]
        assert kopecks(row["Продажі"]) == report["sale_total"]
        assert kopecks(row["Продажі готівкою"]) == report["sale_cash_total"]
        assert row["Закрито"] == _minutes(report["created_at"])
        assert row["Чеки продажу"] == report["sale_receipts_count"]


def test_vat_is_by_rate_and_code_and_comes_to_what_receipts_state(sheets: Sheets) -> None:
    found, rows = counted(), sheets["ПДВ за днями"].rows()
    expected: defaultdict[Any, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for line in found.lines:
        rate = in_language(TAX_GROUPS[line.item["tax_group_id"]], "uk")
        key = (kyiv_day(line.receipt), rate, line.item["classifier_code"] or None)
        expected[key][line.sign < 0] += line.amount
    totals = {
        (row["День"].date(), row["Ставка"], row["Код"]): [kopecks(row[f"{side}, усього"]) for side in SIDES]
        for row in rows
        if row["Ставка"] in {in_language(name, "uk") for name in TAX_GROUPS.values()}
    }
    assert totals == expected
    for day in {kyiv_day(row) for row in found.counted}:
        own = [row for row in found.counted if kyiv_day(row) == day]
        of_day = [row for row in rows if row["День"].date() == day]
        for letters, column in ((VAT, "ПДВ"), (EXCISE, "акциз")):
            sold, refunded = (sum(kopecks(row[f"{side}, {column}"]) for row in of_day) for side in SIDES)
            assert sold - refunded == taxes(own, letters)
        assert sum(kopecks(row["Продажі, усього"]) for row in of_day) == sums(own, lambda _: 0)[0][0]
    for row in rows:
        for side in SIDES:
            parts = sum(kopecks(row[f"{side}, {name}"]) for name in ("база", "ПДВ", "акциз"))
            assert parts == kopecks(row[f"{side}, усього"])
    assert not [row for row in rows if row["Ставка"] == "Податки, зазначені в чеках інакше"]


SIDES = ("Продажі", "Повернення")


def test_tax_of_a_group_is_that_of_its_receipts(sheets: Sheets) -> None:
    """Each receipt rounds the tax of each group by itself."""
    expected: defaultdict[Any, Decimal] = defaultdict(lambda: ZERO)
    groups: defaultdict[Any, Decimal] = defaultdict(lambda: ZERO)
    for line in counted().lines:
        if line.sign > 0:
            groups[line.receipt["id"], kyiv_day(line.receipt), line.item["tax_group_id"]] += line.amount
    for (_, day, group), amount in groups.items():
        excise = _tax(amount, 5) if group == 6 else ZERO
        percent = {1: 20, 2: 7, 6: 20, 9: 20}.get(group, 0)
        expected[day, in_language(TAX_GROUPS[group], "uk")] += _tax(amount - excise, percent)
    found: defaultdict[Any, Decimal] = defaultdict(lambda: ZERO)
    for row in sheets["ПДВ за днями"].rows():
        found[row["День"].date(), row["Ставка"]] += kopecks(row["Продажі, ПДВ"])
    assert {key: tax for key, tax in found.items() if tax} == {key: tax for key, tax in expected.items() if tax}


def _tax(amount: Decimal, percent: int) -> Decimal:
    return (amount * percent / (100 + percent)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_excise_is_by_shop_and_code(sheets: Sheets) -> None:
    found: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in sheets["Акциз"].rows():
        assert row["Код УКТ ЗЕД"]
        found[row["Магазин"]] += kopecks(row["Акциз без повернень"])
    for id_, title in titles().items():
        assert found[title] == taxes([row for row in counted().counted if row["shop_id"] == id_], EXCISE)
    goods = [line for line in counted().lines if line.item["tax_group_id"] in {5, 6, 7, 8, 9, 10} and line.sign > 0]
    assert sheets["Акциз"].total("Продажі, усього") == sum(line.amount for line in goods)


def test_refunds_stand_with_their_sales_and_lead_to_the_tax_service(sheets: Sheets) -> None:
    sheet = sheets["Повернення"]
    sales = {row["fiscal_number"]: row for row in counted().sales}
    refunds = {row["fiscal_number"]: row for row in counted().refunds}
    rows = sheet.rows()
    assert {row["Чек"] for row in rows} == refunds.keys()
    for at, row in enumerate(rows, HEADER + 1):
        refund = refunds[row["Чек"]]
        assert kopecks(row["Сума"]) == refund["total_amount"]
        assert row["Час"] == _minutes(refund["created_at"])
        sale = sales.get(refund["related_fiscal_number"])
        assert row["Чек продажу"] == refund["related_fiscal_number"]
        if sale is not None:
            assert kopecks(row["Сума продажу"]) == sale["total_amount"]
        assert (row["Примітка"] is None) == (sale is not None)
        for header, receipt in (("Чек", refund), ("Чек продажу", sale)):
            formula = sheet.formulas.get((at, sheet.headers.index(header)))
            assert (formula is None) == (receipt is None)
            if formula and receipt:
                _check_link(formula.split('"')[1], receipt)


def _check_link(address: str, receipt: dict[str, Any]) -> None:
    url = urlsplit(address)
    made = receipt["created_at"].astimezone(KYIV)
    assert (url.hostname, url.path) == ("cabinet.tax.gov.ua", "/cashregs/check")
    assert {name: value[0] for name, value in parse_qs(url.query).items()} == {
        "id": receipt["fiscal_number"],
        "date": f"{made:%Y%m%d}",
        "time": f"{made:%H%M%S}",
        "fn": receipt["registrar_fiscal_number"],
        "sm": f"{receipt['total_amount']:.2f}",
    }


def _minutes(moment: datetime) -> datetime:
    """A moment as a cell keeps it, in Kyiv, to the millisecond."""
    local = moment.astimezone(KYIV).replace(tzinfo=None)
    return local.replace(microsecond=0) + timedelta(milliseconds=round(local.microsecond / 1000))


def test_products_have_their_margins_and_losses_are_marked(sheets: Sheets) -> None:
    found, rows = counted(), sheets["Товари"].rows()
    amounts = found.lines_by(lambda line: line.item["product_id"])
    by_title: defaultdict[str, Decimal] = defaultdict(lambda: ZERO)
    for id_, amount in amounts.items():
        by_title[found.product(id_)["title"]] += amount
    shown = {row["Товар"]: kopecks(row["Виручка"]) for row in rows if row["Товар"] != "Заокруглення та інше"}
    assert shown == by_title
    profits = found.profit_by_product()
    assert sheets["Товари"].total("Прибуток") == sum(profits.values())
    below = {line.item["product_id"]: line for line in found.lines if line.sign > 0 and line.amount < found.cost(line)}
    assert below
    assert {row["Товар"] for row in rows if row["Нижче собівартості"]} == {found.product(id_)["title"] for id_ in below}
    assert sheets["Товари"].total("Виручка") == found.net()


async def test_days_that_were_not_read_are_marked_where_they_are_missing(tmp_path: Path) -> None:
    known = OCTOBER.__class__(date(2026, 10, 1), date(2026, 10, 20))
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await write_october(store, known)
        report = await write_month_workbook(store, tmp_path / "o.xlsx", month=OCTOBER.start, language="uk", now=NOW)
    sheets = read_workbook(tmp_path / "o.xlsx")
    assert not report.is_complete
    for row in sheets["Зведення"].rows():
        assert row["Примітка"] == "непрочитаних днів чеків: 11; непрочитаних днів Z-звітів: 11"
        assert row["Чеки повні до"] == datetime(2026, 10, 21)  # noqa: DTZ001  (a workbook knows no offsets)
    commands = [text for text in sheets["Зведення"].cells.values() if str(text).startswith("smartkasa ")]
    assert {text.split(" --")[0] for text in commands} == {"smartkasa receipts sync", "smartkasa reports z"}
    unread = list(range(21, 32))
    for title, note, shops in (
        ("Дохід за днями", "чеки цього дня прочитано не повністю", 2),
        ("Z-звіти", "Z-звіти цього дня прочитано не повністю", 2),
        ("ПДВ за днями", "чеки цього дня прочитано не повністю: ", 1),
    ):
        marked = [row["День"].day for row in sheets[title].rows() if str(row["Примітка"]).startswith(note)]
        assert marked == sorted(unread * shops)
    assert all("Неповно" in sheet.cells[2, 0] for sheet in sheets.values())
    assert all("Усі дні прочитано" not in sheet.cells[2, 0] for sheet in sheets.values())


async def test_a_shift_without_a_z_report_stands_in_its_place(tmp_path: Path) -> None:
    lost = counted().z_reports[20]
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await write_october(store)
        await store.mark_deleted(
            RecordKind.Z_REPORTS,
            [row["id"] for row in counted().z_reports if row["id"] != lost["id"] and row["shop_id"] == lost["shop_id"]],
            shop_id=lost["shop_id"],
            window=OCTOBER,
        )
        await write_month_workbook(store, tmp_path / "o.xlsx", month=OCTOBER.start, language="uk", now=NOW)
    sheets = read_workbook(tmp_path / "o.xlsx")
    (gap,) = [row for row in sheets["Z-звіти"].rows() if row["Номер"] is None]
    assert (gap["Реєстратор"], gap["Зміна"]) == (lost["registrar_fiscal_number"], lost["shift_id"])
    assert gap["День"].date() == kyiv_day(lost)
    assert gap["Примітка"].startswith("немає Z-звіту")
    assert gap["Продажі"] is None
    assert "бракує Z-звітів: 1" in [row["Примітка"] for row in sheets["Зведення"].rows()]
    kinds = {row["Вид"] for row in sheets["Розбіжності"].rows()}
    assert "Немає Z-звіту" in kinds
    assert sheets["Фіскальні зауваження"].rows()


async def test_english_workbook_of_one_shop_agrees_on_every_database(store: Store, tmp_path: Path) -> None:
    await write_october(store)
    shop = business().rows["shops"][0]["id"]
    report = await write_month_workbook(store, tmp_path / "o.xlsx", month=OCTOBER.end, shops=[shop], now=NOW)
    sheets = read_workbook(tmp_path / "o.xlsx")
    own = [row for row in counted().counted if row["shop_id"] == shop]
    (sales, refunds) = sums(own, lambda _: 0)[0]
    assert (report.receipts, report.sales, report.refunds) == (len(own), sales, refunds)
    assert next(iter(sheets)) == "Summary"
    assert sheets["Income by day"].total("Net income") == sales - refunds
    assert sheets["VAT by day"].total("Sales, total") == sales
    assert sheets["Products"].total("Revenue") == sales - refunds
    assert sheets["Refunds"].total("Amount") == refunds
    assert sheets["VAT by day"].total("Sales, VAT") - sheets["VAT by day"].total("Refunds, VAT") == taxes(own, VAT)


@pytest.mark.parametrize("month", [date(2026, 12, 1), "2026-10"])
async def test_a_month_that_is_none_or_yet_to_come_is_refused(tmp_path: Path, month: Any) -> None:
    from smartkasa_async.errors import InvalidRequestError  # noqa: PLC0415

    async with open_store(tmp_path / "kasa.sqlite") as store:
        with pytest.raises(InvalidRequestError) as caught:
            await write_month_workbook(store, tmp_path / "o.xlsx", month=month, now=NOW)
    assert caught.value.field == "month"
    assert not (tmp_path / "o.xlsx").exists()
