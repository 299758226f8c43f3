"""Goods by tax group and code are those of all lines, though the database sums up most lines by their group alone."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from shutil import copyfile
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from smartkasa_async.models import ReceiptType
from smartkasa_async.reports.month.queries import MonthQueries
from smartkasa_async.reports.month.taxes import divide_taxes
from smartkasa_async.reports.units import Units
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import RECEIPT_ITEMS, RECEIPTS
from smartkasa_async.stores.views import receipt_lines
from tests.support.agent_business import OCTOBER

if TYPE_CHECKING:
    from pathlib import Path

UNUSUAL = {
    11: "tax_group_id = 99",
    7: "classifier_type_id = 1, classifier_code = ''",
    5: "amount = 0, discount_amount = 0",
    13: "classifier_type_id = NULL, classifier_code = '2203000100'",
}
"""What is changed of every eleventh line, and so on."""


async def test_goods_are_those_of_all_lines(october: Path, tmp_path: Path) -> None:
    path = tmp_path / "kasa.sqlite"
    copyfile(october.parent / "kasa.sqlite", path)
    _make_unusual(path)
    item, receipt = RECEIPT_ITEMS.c, RECEIPTS.c
    line = receipt_lines(
        of_receipt=(receipt.shop_id, receipt.business_date, receipt.type),
        of_line=(item.classifier_type_id, item.classifier_code),
    ).c
    keys = (line.shop_id, line.business_date, line.type, line.code, line.classifier_type_id, line.classifier_code)
    expected: Counter[tuple[object, ...]] = Counter()
    async with open_store(path) as store, store.reading() as connection:
        queries = MonthQueries(OCTOBER, None, in_order=True)
        coded, groups = [(await connection.execute(query)).all() for query in (queries.coded_lines(), queries.groups())]
        all_lines = await connection.execute(select(*keys, Units(func.sum(line.amount))).group_by(*keys))
        for shop_id, day, type_, group, classifier, code, amount in all_lines:
            key = (shop_id, day, type_ == ReceiptType.REFUND, group, classifier if code else None, code or None)
            expected[key] += amount
    taxed = [*divide_taxes(coded, groups, ReceiptType.REFUND)]
    assert {one[:6]: one.total for one in taxed} == expected
    assert len(taxed) == len(expected)
    assert {99} < {one.group for one in taxed}
    assert any(not one.total for one in taxed)
    stated: Counter[tuple[object, ...]] = Counter()
    for row in groups:
        for name, tax in row._mapping.items():
            if name.startswith("vat_"):
                stated[row.shop_id, row.business_date, row.type == ReceiptType.REFUND, int(name[4:])] += tax
    for one in taxed:
        stated[one[:4]] -= one.vat
    assert not any(stated.values())


def _make_unusual(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        lines = connection.execute("SELECT receipt_id, position FROM receipt_items ORDER BY 1, 2").fetchall()
        for step, change in UNUSUAL.items():
            change_line = f"UPDATE receipt_items SET {change} WHERE receipt_id = ? AND position = ?"  # noqa: S608
            connection.executemany(change_line, lines[::step])
        connection.commit()
