"""What the server offers: tools with true hints and schemas, prompts, resources, cursors, and errors that help."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import TextResourceContents
from sqlalchemy import delete, insert

from smartkasa_async.records import RecordKind
from smartkasa_async.stores import open_store
from smartkasa_async.stores.schema import QUARANTINE, Z_REPORTS
from tests.support.agent_business import NOW, Counted, faulty, month
from tests.support.agents import ERAS, asked, text_of, tokens

if TYPE_CHECKING:
    from pathlib import Path

    from mcp import Client

    from smartkasa_async import SmartKasa
    from smartkasa_async.stores import Store

TOOLS = {
    "sales_summary",
    "find_products",
    "find_receipts",
    "get_receipt",
    "z_reports",
    "reconcile",
    "compliance",
    "stock_levels",
    "margins",
    "api_search",
    "api_describe",
    "report_page",
}
OF_THE_SERVICE = {"api_read", "sync"}


async def read(client: Client, uri: str) -> str:
    (content,) = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    return content.text


@pytest.mark.parametrize("mode", ERAS)
async def test_the_list_of_tools_is_short_and_its_hints_are_true(store: Store, kasa: SmartKasa, mode: str) -> None:
    async with asked(store, kasa=kasa, mode=mode) as agent:
        tools = (await agent.client.list_tools()).tools
    assert {tool.name for tool in tools} == TOOLS | OF_THE_SERVICE
    written = [tool.model_dump(by_alias=True, exclude_none=True) for tool in tools]
    assert tokens(json.dumps(written, ensure_ascii=False, separators=(",", ":"))) < 6_000
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is (tool.name != "sync")
        assert tool.annotations.open_world_hint is (tool.name in OF_THE_SERVICE)
        assert tool.annotations.destructive_hint is (False if tool.name == "sync" else None)
        assert tool.output_schema is not None
        assert {"complete_until", "not_read"} <= {*tool.output_schema["required"]}
        assert tool.description
        assert '"title":' not in json.dumps(tool.input_schema)


async def test_without_a_client_nothing_is_offered_that_needs_one(store: Store) -> None:
    async with asked(store) as agent:
        assert {tool.name for tool in (await agent.client.list_tools()).tools} == TOOLS


async def test_rows_go_on_by_a_cursor_until_all_are_given_once(store: Store) -> None:
    counted, found, cursor, pages = Counted(month()), [], "", 0
    async with asked(store) as agent:
        while True:
            answer = await agent.ask("find_receipts", days="2026-10", cursor=cursor, max_tokens=4_000)
            found += [row["id"] for row in answer["rows"]]
            assert answer["rows_in_all"] == len(counted.receipts)
            pages += 1
            cursor = answer["next_cursor"]
            if cursor is None:
                break
    assert pages > 3
    assert len(found) == len(set(found)) == len(counted.receipts)
    assert set(found) == {row["id"] for row in counted.receipts}


async def test_a_cursor_is_good_for_its_question_and_its_store_alone(store: Store) -> None:
    async with asked(store) as agent:
        answer = await agent.ask("find_receipts", days="2026-10")
        cursor = answer["next_cursor"]
        assert "cursor is none of this question" in await agent.refusal("find_receipts", days="2026-09", cursor=cursor)
        assert "cursor is none of this question" in await agent.refusal("find_receipts", days="2026-10", cursor="x")
        await store.note_read(RecordKind.PRODUCTS, NOW + timedelta(hours=1))
        assert "synced since" in await agent.refusal("find_receipts", days="2026-10", cursor=cursor)


async def test_more_can_be_asked_for(store: Store) -> None:
    async with asked(store) as agent:
        few = await agent.ask("find_receipts", days="2026-10")
        many = await agent.ask("find_receipts", days="2026-10", max_tokens=20_000)
        most = await agent.ask("find_receipts", days="2026-10", max_tokens=10_000_000)
    assert len(few["rows"]) < len(many["rows"]) == len(most["rows"])


async def test_prompts_are_walks_through_the_tools(store: Store) -> None:
    async with asked(store, mode="legacy") as agent:
        prompts = {prompt.title: prompt for prompt in (await agent.client.list_prompts()).prompts}
        assert set(prompts) == {"Ранкова звірка", "Місяць для бухгалтера"}
        for title, days in (("Ранкова звірка", "2026-11-01"), ("Місяць для бухгалтера", "2026-10-01..2026-10-31")):
            (message,) = (await agent.client.get_prompt(prompts[title].name)).messages
            text: Any = message.content
            assert f'reconcile(days="{days}")' in text.text
        with pytest.raises(MCPError, match="give a day"):
            await agent.client.get_prompt(prompts["Ранкова звірка"].name, {"days": "<system>"})


async def test_the_glossary_is_there_in_both_languages_and_the_state_of_the_store(store: Store) -> None:
    async with asked(store) as agent:
        assert "business day" in await read(agent.client, "smartkasa://glossary/en")
        assert "день за Києвом" in await read(agent.client, "smartkasa://glossary/uk")
        state = json.loads(await read(agent.client, "smartkasa://store"))
    counted = Counted(month())
    assert state["today"] == "2026-11-02"
    assert state["records"]["receipts"] == len(counted.receipts)
    assert state["days_read"][0] == {
        "kind": "receipts",
        "shop_id": counted.rows["shops"][0]["id"],
        "spans": ["2026-10-01…2026-11-01 00:00"],
    }


async def test_the_report_page_is_an_app(store: Store) -> None:
    async with asked(store) as agent:
        tool = next(each for each in (await agent.client.list_tools()).tools if each.name == "report_page")
        assert tool.meta is not None
        uri = tool.meta["ui"]["resourceUri"]
        resource = next(each for each in (await agent.client.list_resources()).resources if str(each.uri) == uri)
        assert resource.mime_type == "text/html;profile=mcp-app"
        page = await read(agent.client, uri)
        answer = await agent.ask("report_page")
    assert page.startswith("<!DOCTYPE html>")
    assert "Крамниця №1" in page
    assert answer["days"] == "2026-10-03…2026-11-02"


async def test_a_month_that_agrees_is_said_to_agree(store: Store) -> None:
    async with asked(store) as agent:
        answer = await agent.ask("reconcile", days="2026-10")
    assert answer["agrees"] is True
    assert answer["total"]["sales"] == answer["total"]["z_sales"] == answer["total"]["sales"]
    assert answer["total"]["z_reports"] == len(Counted(month()).z_reports)


async def test_planted_faults_are_found(faulty_store: Store) -> None:
    whole, spoilt = Counted(month()), Counted(faulty())
    (lost,) = {row["id"] for row in whole.receipts} - {row["id"] for row in spoilt.receipts}
    amount = next(row["total_amount"] for row in whole.receipts if row["id"] == lost)
    async with asked(faulty_store) as agent:
        answer = await agent.ask("reconcile", days="2026-10")
        findings = await agent.ask("compliance", days="2026-10")
    assert answer["agrees"] is False
    amounts = {row["kind"]: row["amount"] for row in answer["rows"] if not row.get("notice")}
    assert amounts["receipt_missing"] == f"-{amount}"
    assert "-10.00" in {row["amount"] for row in answer["rows"]}
    assert all(row["explanation"] != row["explanation_uk"] for row in answer["rows"])
    assert "local_number_missing" in {row["kind"] for row in findings["rows"]}


async def test_a_day_without_a_z_report_is_a_finding(store: Store) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(delete(Z_REPORTS).where(Z_REPORTS.c.id == Counted(month()).z_reports[50]["id"]))
    async with asked(store, language="uk") as agent:
        answer = await agent.ask("compliance", days="2026-10", urgency="now")
        past = await agent.ask("compliance", days="2026-10", urgency="past")
    found = [row for row in (*answer["rows"], *past["rows"]) if row["kind"] == "z_report_missing"]
    assert len(found) == 1
    assert found[0]["title"] != found[0]["title_uk"]


async def test_records_that_could_not_be_read_are_said_to_be_missing(store: Store) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(
            insert(QUARANTINE).values(
                account_id=store.account_id, kind="receipts", key="x", error="no total", raw="{}", seen_at=NOW
            )
        )
    async with asked(store) as agent:
        result = await agent.call("sales_summary", days="2026-10")
    assert result.structured_content is not None
    assert result.structured_content["unreadable_records"] == 1
    assert "NOT COMPLETE" in text_of(result)


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("sales_summary", {"days": "колись"}, "days is 'колись'; give a day"),
        ("sales_summary", {"days": "03/04/2026"}, "give a day"),
        ("sales_summary", {"days": "2026-10-05..2026-10-01"}, "before"),
        ("sales_summary", {"days": "1900..2026"}, "give"),
        ("sales_summary", {"days": "2026-10", "shop": "Крамниця"}, "fits several; give an id"),
        ("sales_summary", {"days": "2026-10", "shop": "Кав'ярня"}, "fits none; there are"),
        ("find_receipts", {"days": "2026-10", "total_from": "багато"}, "give a number such as 12.50"),
        ("get_receipt", {"number": "нема"}, "The store has no receipt"),
        ("api_describe", {"operation": "shop.list"}, "did you mean shops.list"),
        ("sales_summary", {"days": "2026-10", "group_by": "moon"}, "group_by"),
    ],
)
async def test_errors_say_what_to_do(store: Store, tool: str, arguments: dict[str, Any], told: str) -> None:
    async with asked(store) as agent:
        assert told in await agent.refusal(tool, **arguments)


async def test_errors_come_in_ukrainian(store: Store) -> None:
    async with asked(store, language="uk") as agent:
        assert "вкажіть день" in await agent.refusal("sales_summary", days="колись")


async def test_an_empty_store_says_that_it_knows_nothing(tmp_path: Path) -> None:
    async with open_store(tmp_path / "empty.sqlite") as empty, asked(empty) as agent:
        for tool in ("sales_summary", "z_reports", "reconcile", "find_receipts", "margins"):
            result = await agent.call(tool, days="yesterday")
            assert "NOT COMPLETE" in text_of(result), tool
        for tool in ("find_products", "stock_levels"):
            assert "NOT COMPLETE" in text_of(await agent.call(tool)), tool


@pytest.mark.parametrize(
    ("asked_for", "first"),
    [
        ("залишки товару", "cards.list"),
        ("z reports", "reports.z_reports"),
        ("чеки", "receipts.list"),
        ("list employees", "employees.list"),
    ],
)
async def test_operations_are_found_by_words(store: Store, asked_for: str, first: str) -> None:
    async with asked(store) as agent:
        assert (await agent.ask("api_search", text=asked_for))["rows"][0]["operation"] == first


async def test_an_operation_is_described(store: Store) -> None:
    async with asked(store) as agent:
        answer = await agent.ask("api_describe", operation="cards.update")
    assert answer["operation"]["readable"] is False
    assert answer["operation"]["takes_id"] is True
    assert {(row["of"], row["field"]) for row in answer["rows"]} >= {("body", "count")}
