"""The tool that syncs: progress, cancellation, bounds, and reading live from the service."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import pytest

from smartkasa_async import RetryPolicy
from smartkasa_async._i18n.message import arguments_named
from smartkasa_async._support import clock
from smartkasa_async.records import Window
from smartkasa_async.records.days import today
from smartkasa_async.sandbox import Fault, Simulation, simulate
from smartkasa_async.stores import open_store
from tests.support.agent_business import Counted
from tests.support.agents import DAILY, ERAS, asked, text_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from smartkasa_async import SmartKasa
    from smartkasa_async.sandbox import Sandbox
    from smartkasa_async.stores import Store

FIRST = today() - timedelta(days=20)
BUSINESS = simulate(Simulation(seed=2, shops=2, days=3, receipts_per_day=6, products=12, start=FIRST))
WINDOW = Window(FIRST, FIRST + timedelta(days=2))
DAYS = f"{WINDOW.start}..{WINDOW.end}"


@pytest.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(tmp_path / "empty.sqlite") as opened:
        yield opened


@pytest.fixture(autouse=True)
def loaded(box: Sandbox) -> None:
    """Load a business whose days are over by the clock of this machine, whatever that says."""
    box.load(BUSINESS)


@pytest.mark.parametrize("mode", ERAS)
async def test_a_sync_reports_its_progress_and_makes_the_store_whole(empty: Store, kasa: SmartKasa, mode: str) -> None:
    heard: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        assert total == 100
        assert message
        heard.append(progress)

    async with asked(empty, now=clock.now, kasa=kasa, mode=mode) as agent:
        before = await agent.call("sales_summary", days=DAYS)
        result = await agent.client.call_tool("sync", {"days": DAYS}, progress_callback=hear)
        after = await agent.call("sales_summary", days=DAYS)
    assert "NOT COMPLETE" in text_of(before)
    assert text_of(result).startswith(f"Synced reference_data, receipts, z_reports of {WINDOW}: all whole.")
    assert heard == sorted(set(heard))
    assert heard[-1] == 100
    assert after.structured_content is not None
    assert after.structured_content["not_read"] == []
    assert after.structured_content["total"]["net"] == f"{Counted(BUSINESS, WINDOW).net()}"


async def test_an_agent_is_given_no_options_of_commands_as_its_own(empty: Store, kasa: SmartKasa) -> None:
    with arguments_named(lambda name: f"--{name}"):  # as the command line does, which serves
        async with asked(empty, now=clock.now, kasa=kasa) as agent:
            await agent.ask("sync", days=DAYS, what="z_reports")
            (row,) = (await agent.ask("sync", days=DAYS, what="z_reports"))["rows"]
    (note,) = row["notes"]
    assert note.endswith("nothing was read. In a shell, smartkasa reports z --refetch reads them anew.")


async def test_a_store_without_anything_names_all_days_as_not_read(empty: Store) -> None:
    async with asked(empty) as agent:
        for tool, kinds in DAILY.items():
            result = await agent.call(tool, days="2026-10-05..2026-11-30")
            assert result.structured_content is not None
            named = [one for one in result.structured_content["not_read"] if one["kind"] != "shifts"]
            assert named == [
                span
                for kind in kinds
                for span in (
                    {"kind": kind, "first": "2026-10-05", "last": "2026-11-02", "shops": []},
                    {"kind": kind, "first": "2026-11-03", "last": "2026-11-30", "shops": [], "to_come": True},
                )
            ], tool
            assert f"not read: {kinds[0]} of 2026-10-05…2026-11-02" in text_of(result)


async def test_what_could_not_be_read_is_said(empty: Store, kasa: SmartKasa, box: Sandbox) -> None:
    box.faults.add(Fault("status", operation="listZReports", times=None))
    async with asked(empty, now=clock.now, kasa=kasa.with_options(retry=RetryPolicy(retries=0))) as agent:
        result = await agent.call("sync", days=DAYS)
    assert "NOT all whole" in text_of(result)
    assert f"not read: z_reports of {WINDOW}" in text_of(result)


async def test_a_sync_that_is_cancelled_leaves_a_store_that_goes_on(
    empty: Store, kasa: SmartKasa, box: Sandbox
) -> None:
    begun = anyio.Event()

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        begun.set()

    async with asked(empty, now=clock.now, kasa=kasa) as agent:
        async with anyio.create_task_group() as group:

            async def sync() -> None:
                await agent.client.call_tool("sync", {"days": DAYS}, progress_callback=hear)

            group.start_soon(sync)
            await begun.wait()
            group.cancel_scope.cancel()
        again = await agent.call("sync", days=DAYS)
        answer = await agent.ask("sales_summary", days=DAYS)
    assert "all whole" in text_of(again)
    assert answer["total"]["net"] == f"{Counted(BUSINESS, WINDOW).net()}"


async def test_one_sync_at_a_time_and_no_more_than_a_quarter(empty: Store, kasa: SmartKasa) -> None:
    async with asked(empty, now=clock.now, kasa=kasa) as agent:
        assert "give 92 at most" in await agent.refusal("sync", days="2025")
        results = []

        async def sync() -> None:
            results.append(await agent.call("sync", days=DAYS, what="receipts"))

        async with anyio.create_task_group() as group:
            group.start_soon(sync)
            group.start_soon(sync)
    told = sorted(text_of(result) for result in results)
    assert "A sync is running already" in told[0]
    assert "all whole" in told[1]


async def test_an_error_of_the_service_says_what_to_do(empty: Store, box: Sandbox, kasa: SmartKasa) -> None:
    box.faults.add(Fault("status", status=401, operation="listShops", times=None))
    async with asked(empty, now=clock.now, kasa=kasa.with_options(retry=RetryPolicy(retries=0))) as agent:
        told = await agent.refusal("api_read", operation="shops.list")
    assert "smartkasa login" in told


async def test_live_lists_go_on_by_a_cursor(empty: Store, kasa: SmartKasa) -> None:
    found, cursor = [], ""
    async with asked(empty, now=clock.now, kasa=kasa) as agent:
        for _ in range(40):
            query = {"per_page": 5}
            answer = await agent.ask("api_read", operation="products.list", query=query, cursor=cursor)
            found += [row["id"] for row in answer["rows"]]
            assert answer["rows_in_all"] == len(BUSINESS.rows["products"])
            cursor = answer["next_cursor"] or ""
            if not cursor:
                break
    assert sorted(found) == sorted(row["id"] for row in BUSINESS.rows["products"])


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"moon": 1}, "which receipts.list does not take"),
        ({"date_start": "yesterday"}, "give 2026-10-31"),
        ({"per_page": 0}, "give a whole number from 1"),
    ],
)
async def test_a_wrong_query_is_refused(empty: Store, kasa: SmartKasa, query: dict[str, object], told: str) -> None:
    async with asked(empty, now=clock.now, kasa=kasa) as agent:
        assert told in await agent.refusal("api_read", operation="receipts.list", query=query)
