"""Sums are the same whether receipts are looked up by day or all lines of the store are gone through in order."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from smartkasa_async.records.days import Window
from smartkasa_async.reports.margins import read_sold_goods
from smartkasa_async.reports.month.queries import MonthQueries
from smartkasa_async.reports.page.queries import PageQueries
from smartkasa_async.reports.records_within import are_most
from smartkasa_async.stores import open_store
from tests.support.agent_business import OCTOBER

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = Window(OCTOBER.start, OCTOBER.start)
QUERIES: dict[str, Callable[[Window, bool], Any]] = {
    "turnover": lambda window, in_order: MonthQueries(window, None, in_order).turnover(),
    "means": lambda window, in_order: MonthQueries(window, None, in_order).means(),
    "coded lines": lambda window, in_order: MonthQueries(window, None, in_order).coded_lines(),
    "groups": lambda window, in_order: MonthQueries(window, None, in_order).groups(),
    "page: means": lambda window, in_order: PageQueries(window, None, in_order).means(),
    "page: lines": lambda window, in_order: PageQueries(window, None, in_order).lines(5),
}


@pytest.mark.parametrize("window", [OCTOBER, DAY], ids=["most", "few"])
async def test_both_orders_give_the_same_rows(october: Path, window: Window) -> None:
    async with open_store(october.parent / "kasa.sqlite") as store, store.reading() as connection:
        for name, query in QUERIES.items():
            first, second = [
                sorted(map(repr, (await connection.execute(query(window, in_order))).all()))
                for in_order in (True, False)
            ]
            assert first, name
            assert first == second, name
        goods = [
            sorted(map(repr, await read_sold_goods(connection, window, None, in_order=in_order)))
            for in_order in (True, False)
        ]
        assert goods[0] == goods[1]


async def test_a_month_is_most_of_its_store_and_a_day_is_not(october: Path) -> None:
    async with open_store(october.parent / "kasa.sqlite") as store, store.reading() as connection:
        assert await are_most(connection, OCTOBER, None)
        assert not await are_most(connection, DAY, None)
        assert not await are_most(connection, OCTOBER, [0])


async def test_lines_in_order_are_read_by_the_key_that_they_stand_in(october: Path) -> None:
    async with open_store(october.parent / "kasa.sqlite") as store, store.reading() as connection:
        asked: list[tuple[str, Any]] = []

        def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: object) -> None:
            asked.append((statement, values))

        event.listen(connection.sync_connection, "before_cursor_execute", note)
        for name, in_order in product(("coded lines", "groups", "page: lines"), (True, False)):
            await connection.execute(QUERIES[name](OCTOBER, in_order))
            statement, values = asked[-1]
            plan: Any = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            is_in_order = any(row[3] == "SEARCH receipt_items USING PRIMARY KEY (account_id=?)" for row in plan)
            assert is_in_order is in_order, name
