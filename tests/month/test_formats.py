"""The tables of a month in each format: the same rows as in the workbook, and never half of them."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, get_args

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.reports import export_month
from smartkasa_async.reports.month import forms
from smartkasa_async.reports.month.forms import FORMS, Kind
from smartkasa_async.stores import StoreError, open_store
from smartkasa_async.stores.views import PAYMENT_MEANS
from tests.support.agent_business import OCTOBER
from tests.support.month_business import NOW, counted
from tests.support.read_workbook import kopecks

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.read_workbook import ReadSheet

BOLD = 1.15
"""How many characters of a column's width one of a bold text takes up."""

SHEETS = dict(
    zip(
        [form.name for form in FORMS],
        ["Зведення", "Дохід за днями", "Z-звіти", "ПДВ за днями", "Акциз", "Повернення", "Розбіжності",
         "Фіскальні зауваження", "Товари"],
        strict=True,
    )
)  # fmt: skip


async def export(october: Path, target: Path, format: Any) -> Path:
    async with open_store(october.with_name("kasa.sqlite")) as store:
        report = await export_month(store, target, month=OCTOBER.start, format=format, language="uk", now=NOW)
    assert report.path == target
    return target


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_columns_are_the_fields_of_the_rows(form: forms.Form) -> None:
    rows: dict[str, Any] = {
        "summary": forms.SummaryRow,
        "income": forms.IncomeRow,
        "z_reports": forms.ZReportRow,
        "vat": forms.VatRow,
        "excise": forms.ExciseRow,
        "refunds": forms.RefundRow,
        "differences": forms.DifferenceRow,
        "findings": forms.FindingRow,
        "products": forms.ProductRow,
    }
    assert tuple(column.name for column in form.columns) == rows[form.name]._fields


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_no_word_of_a_header_is_cut(form: forms.Form, language: Language) -> None:
    for column in form.columns:
        longest = max(map(len, in_language(column.title, language).split()))
        assert column.kind is Kind.LINK or longest * BOLD <= column.width, column.name


@pytest.mark.parametrize("language", get_args(Language))
def test_means_of_payment_are_not_cut(language: Language) -> None:
    (width,) = (column.width for column in forms.INCOME.columns if column.name == "means")
    assert max(len(in_language(name, language)) for name in PAYMENT_MEANS.values()) <= width


async def test_json_has_the_rows_of_the_workbook(october: Path, sheets: dict[str, ReadSheet], tmp_path: Path) -> None:
    document = json.loads((await export(october, tmp_path / "o.json", "json")).read_bytes())
    assert (document["month"], document["complete"], document["not_read"]) == ("2026-10", True, [])
    assert list(document["tables"]) == list(SHEETS)
    for form in FORMS:
        rows, sheet = document["tables"][form.name], sheets[SHEETS[form.name]]
        assert len(rows) == len(sheet.rows())
        for column in form.columns:
            if column.is_summed and column.kind is Kind.MONEY and rows:
                header = sheet.headers[
                    [one.name for one in form.columns if one.kind is not Kind.LINK].index(column.name)
                ]
                assert sum(Decimal(row[column.name] or 0) for row in rows) == sheet.total(header)


async def test_parquet_is_exact_and_typed(october: Path, sheets: dict[str, ReadSheet], tmp_path: Path) -> None:
    folder = await export(october, tmp_path / "o", "parquet")
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.parquet" for name in SHEETS)
    income = pq.read_table(folder / "income.parquet")
    assert [str(field.type) for field in income.schema][:1] == ["date32[day]"]
    assert str(income.schema.field("net").type) == "decimal128(18, 4)"
    assert sum(income["net"].to_pylist()) == counted().net()
    refunds = pq.read_table(folder / "refunds.parquet")
    assert str(refunds.schema.field("made_at").type) == "timestamp[us, tz=UTC]"
    assert all(link.startswith("https://cabinet.tax.gov.ua/") for link in refunds["receipt_link"].to_pylist())
    assert refunds.num_rows == len(sheets["Повернення"].rows())
    findings = pq.read_table(folder / "findings.parquet")
    assert str(findings.schema.field("since").type) == "timestamp[us, tz=UTC]"
    assert findings.num_rows == len(sheets["Фіскальні зауваження"].rows())


async def test_csv_is_for_a_ukrainian_excel(october: Path, sheets: dict[str, ReadSheet], tmp_path: Path) -> None:
    folder = await export(october, tmp_path / "o", "csv")
    content = (folder / "income.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = [*csv.DictReader(content.decode("utf-8-sig").splitlines(), delimiter=";")]
    shown = sheets["Дохід за днями"].rows()
    assert list(rows[0]) == sheets["Дохід за днями"].headers
    assert [row["День"] for row in rows] == [f"{row['День']:%Y-%m-%d}" for row in shown]
    amounts = [Decimal(row["Чистий дохід"].replace(",", ".")) for row in rows]
    assert amounts == [kopecks(row["Чистий дохід"]) for row in shown]
    refunds = [*csv.DictReader((folder / "refunds.csv").read_text("utf-8-sig").splitlines(), delimiter=";")]
    assert refunds[0]["Час"] == f"{sheets['Повернення'].rows()[0]['Час']:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize("format", ["xlsx", "json", "csv"])
async def test_what_fails_half_way_leaves_what_was_there(
    october: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: Any
) -> None:
    target = tmp_path / f"there.{format}"
    await export(october, target, format)
    before = contents(tmp_path)

    def fail(*_: object) -> None:
        raise StoreError("the disk is gone")

    monkeypatch.setattr("smartkasa_async.reports.month.tables.MonthTables.findings", fail)
    with pytest.raises(StoreError, match="gone"):
        await export(october, target, format)
    assert contents(tmp_path) == before


async def test_a_sheet_without_room_is_reported(october: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartkasa_async.reports.month.workbook._MOST_ROWS", 40)
    with pytest.raises(StoreError, match="has no room for more rows; use the format csv"):
        await export(october, tmp_path / "o.xlsx", "xlsx")
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    ("name", "format", "reason"),
    [
        ("o.csv", "xlsx", r"o\.csv is the name of a file of another format than xlsx.*give format as csv"),
        ("o.XLSX", "json", r"give format as xlsx"),
        ("o.json", "parquet", r"give format as json"),
        ("жовтень", "xlsx", r"жовтень is no name of a workbook.*end the name with \.xlsx"),
        ("o.xls", "xlsx", r"o\.xls is no name of a workbook"),
        ("file", "csv", "csv makes a folder of files, and this is none; name a folder"),
        ("folder", "xlsx", "xlsx makes a file; name a file"),
        ("folder", "json", "json makes a file; name a file"),
    ],
)
async def test_a_name_that_does_not_fit_is_refused(
    october: Path, tmp_path: Path, name: str, format: Any, reason: str
) -> None:
    (tmp_path / "file").write_text("notes")
    (tmp_path / "folder").mkdir()
    with pytest.raises((InvalidRequestError, OSError), match=reason):
        await export(october, tmp_path / name, format)
    assert contents(tmp_path) == {tmp_path / "file": b"notes"}


async def test_a_format_that_there_is_not_is_refused(october: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="format"):
        await export(october, tmp_path / "o", "pdf")
    with pytest.raises(InvalidRequestError, match="shops"):
        async with open_store(october.with_name("kasa.sqlite")) as store:
            await export_month(store, tmp_path / "o.json", month=date(2026, 10, 1), format="json", shops=[1], now=NOW)
    assert contents(tmp_path) == {}
