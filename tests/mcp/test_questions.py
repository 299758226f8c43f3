"""Questions of people, each answered by one call with what the business itself counts, whatever befell the store."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.records import KYIV, Window
from smartkasa_async.stores import open_store
from tests.support.agent_business import OCTOBER, Counted, faulty, hostile, month, write_month
from tests.support.agent_questions import QUESTIONS, Question
from tests.support.agents import DAILY, ERAS, Agent, asked, text_of, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from smartkasa_async.stores import Store

STRANGE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("find_products", {"text": "a\0b"}),
    ("find_products", {"text": "%_\\'"}),
    ("stock_levels", {"text": "\0", "at_most": "1e30"}),
    ("find_receipts", {"days": "2026-10-01", "product": "\0", "total_from": "1e30"}),
    ("find_receipts", {"days": "2026-10-01", "cashier_id": 2**40}),
    ("find_receipts", {"days": "2026-10-01", "cashier_id": 2**63}),
    ("find_receipts", {"days": "0001-01-01..0001-01-02"}),
    ("find_receipts", {"days": "9999-12-31"}),
    ("get_receipt", {"number": "\0"}),
    ("get_receipt", {"number": "9" * 40}),
)
"""Arguments that one database takes and the other might break at."""

ONE_OF_EACH_TOOL = [*{question.tool: question for question in QUESTIONS}.values()]
HALF = Window(OCTOBER.start, date(2026, 10, 20))


async def wrong_answers(
    agent: Agent, counted: Counted, questions: Sequence[Question] = QUESTIONS
) -> dict[str, tuple[object, object]]:
    """Ask everything; return what was answered and what is right where they differ."""
    wrong = {}
    for question in questions:
        answer = await agent.ask(question.tool, **question.call(counted))
        found, right = question.found(answer), question.right(counted)
        if found != right:
            wrong[question.asked] = (found, right)
    return wrong


def test_there_are_as_many_questions_as_are_promised() -> None:
    assert len({question.asked for question in QUESTIONS}) == len(QUESTIONS) >= 60
    ukrainian = [question for question in QUESTIONS if any("а" <= letter <= "я" for letter in question.asked)]
    assert 25 <= len(ukrainian) <= len(QUESTIONS) - 25


@pytest.mark.parametrize(("mode", "questions"), [("auto", QUESTIONS), ("legacy", ONE_OF_EACH_TOOL)])
async def test_questions_are_answered(store: Store, mode: str, questions: Sequence[Question]) -> None:
    """The eras differ in how a tool is called, whatever it is asked."""
    async with asked(store, mode=mode) as agent:
        assert agent.client.protocol_version == ERAS[mode]
        assert await wrong_answers(agent, Counted(month()), questions) == {}


async def test_questions_are_answered_from_postgresql(empty_postgresql: str) -> None:
    async with open_store(empty_postgresql, keep_raw=False) as store:
        await write_month(store, month())
        async with asked(store) as agent:
            assert await wrong_answers(agent, Counted(month()), ONE_OF_EACH_TOOL) == {}
            for tool, arguments in STRANGE:
                answer = text_of(await agent.call(tool, **arguments))
                assert answer != f"Error executing tool {tool}", arguments  # how the SDK words a crash
    assert len(ONE_OF_EACH_TOOL) > 5


async def test_questions_are_answered_after_planted_faults(faulty_store: Store) -> None:
    async with asked(faulty_store) as agent:
        assert await wrong_answers(agent, Counted(faulty())) == {}


async def test_hostile_titles_change_no_answer(hostile_store: Store) -> None:
    async with asked(hostile_store) as agent:
        assert await wrong_answers(agent, Counted(hostile())) == {}


async def test_each_answer_of_a_half_synced_month_says_so(tmp_path: Path) -> None:
    counted = Counted(month(), HALF)
    async with open_store(tmp_path / "half.sqlite", keep_raw=False) as store:
        await write_month(store, month(), HALF)
        async with asked(store) as agent:
            assert await wrong_answers(agent, counted) == {}
            for question in QUESTIONS:
                arguments = question.call(counted)
                if not question.is_of_days or arguments["days"] in {"2026-10-15", "2026-10-05", "03.10.2026"}:
                    continue
                result = await agent.call(question.tool, **arguments)
                assert result.structured_content is not None
                assert result.structured_content["not_read"], question.asked
                assert "NOT COMPLETE" in text_of(result), question.asked
                assert "2026-10-31" in text_of(result), question.asked


@pytest.mark.parametrize("days", ["today", "2026-10-15..2026-10-20"])
@pytest.mark.parametrize(("read", "asked_at"), [("22:59", "23:50"), ("09:00", "21:00")])
async def test_each_answer_on_a_day_that_goes_on_says_until_when_it_was_read(
    tmp_path: Path, days: str, read: str, asked_at: str
) -> None:
    read_at, now = (
        datetime.combine(HALF.end, time.fromisoformat(clock), KYIV).astimezone(UTC) for clock in (read, asked_at)
    )
    shops = sorted(row["id"] for row in month().rows["shops"])
    listed, until = ", ".join(map(str, shops)), f"2026-10-20 {read} (Kyiv)"
    async with open_store(tmp_path / "today.sqlite", keep_raw=False) as store:
        await write_month(store, month(), HALF, read_at)
        async with asked(store, now=lambda: now) as agent:
            for tool, kinds in DAILY.items():
                result = await agent.call(tool, days=days)
                content, text = result.structured_content, text_of(result)
                assert content is not None
                assert content["complete_until"] == f"2026-10-20 {read}", tool
                spans = [one for one in content["not_read"] if one["kind"] in kinds]
                assert spans == [
                    {
                        "kind": kind,
                        "first": "2026-10-20",
                        "last": "2026-10-20",
                        "shops": shops,
                        "read_until": f"2026-10-20 {read}",
                    }
                    for kind in kinds
                ], tool
                assert "NOT COMPLETE" in text, tool
                assert f"not over yet: {kinds[0]} of 2026-10-20…2026-10-20, shops {listed}, read until {until}" in text
            yesterday = await agent.ask("sales_summary", days="yesterday")
            assert yesterday["not_read"] == []


async def test_answers_say_until_when_and_keep_within_two_thousand_tokens(store: Store) -> None:
    counted = Counted(month())
    sizes = {}
    async with asked(store) as agent:
        for question in QUESTIONS:
            arguments = question.call(counted)
            result = await agent.call(question.tool, **arguments)
            content, text = result.structured_content, text_of(result)
            assert content is not None
            written = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
            sizes[question.asked] = tokens(written + text)
            if "compare_to" not in arguments and arguments.get("days") != "2026-09..2026-10":
                assert content["not_read"] == []
                assert f"Complete until {content['complete_until']} (Kyiv)." in text
    assert max(sizes.values()) <= 2_000
