"""The tools that change the service: only where they are allowed, only what a person approved, and only once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import mcp.server
import msgspec
import pytest
from mcp import Client
from mcp_types import ElicitRequestParams, ElicitResult

from smartkasa_async._i18n.message import arguments_named
from smartkasa_async._support import clock
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.mcp import Changes, make_server
from smartkasa_async.mcp.codes import WrongCodes
from smartkasa_async.plans import Plan, read_plan
from smartkasa_async.stores import open_store
from tests.support.agents import ERAS, Agent, agent_of, asked, text_of, tokens
from tests.support.catalogue import barcode
from tests.support.planned_store import PlannedStore

if TYPE_CHECKING:
    from pathlib import Path

    from mcp.client.context import ClientRequestContext

    from smartkasa_async import SmartKasa
    from smartkasa_async.sandbox import Sandbox
    from smartkasa_async.stores import Store

TOOLS = {"plan_changes", "apply_plan", "undo_plan"}
ALL = frozenset({"prices", "stock", "catalog"})
ROWS = [{"barcode": barcode(1), "price": "7.20"}, {"barcode": barcode(99), "price": 5}]


class Person:
    """Answers what a host asks, and notes it."""

    def __init__(self, action: Any = "accept", *, approve: bool = True) -> None:
        self.questions: list[str] = []
        self._answer = ElicitResult(action=action, content={"approve": approve} if action == "accept" else None)

    async def answer(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        self.questions.append(params.message)
        return self._answer


@pytest.fixture
async def shop(box: Sandbox, kasa: SmartKasa, tmp_path: Path) -> PlannedStore:
    opened = PlannedStore(box, kasa, tmp_path / "plans")
    await opened.open()
    return opened


def changes(shop: PlannedStore, **more: Any) -> Changes:
    return Changes(**{"allow": ALL, "folder": shop.folder, "late_write_window": 0, **more})


@pytest.fixture
def server(store: Store, shop: PlannedStore) -> mcp.server.MCPServer:
    return make_server(store, shop.kasa, changes=changes(shop))


async def planned(agent: Agent, kind: str = "prices", rows: Any = ROWS, **more: Any) -> str:
    found = await agent.ask("plan_changes", kind=kind, rows=rows, **more)
    return str(found["plan"])


@pytest.mark.parametrize("mode", ERAS)
async def test_a_plan_is_applied_and_undone_after_the_person_was_asked(
    server: mcp.server.MCPServer, shop: PlannedStore, mode: str
) -> None:
    before = shop.state
    person = Person()
    async with Client(server, mode=mode, elicitation_callback=person.answer) as client:
        agent = await agent_of(client)
        found = await agent.ask("plan_changes", kind="prices", rows=ROWS)
        assert found["counts"] == {"rows": 2, "changes": 1, "unchanged": 0, "refused": 1}
        assert (found["changes"][0]["before"], found["changes"][0]["after"]) == ({"price": "1.00"}, {"price": "7.20"})
        assert (found["effect"], found["largest_by_percent"]["percent"]) == ("+6.20", "+620")
        assert (found["refused"][0]["row"], shop.state) == (2, before)
        applied = await agent.ask("apply_plan", id=found["plan"])
        assert (applied["updated"], applied["not_carried_out"], shop.prices[1]) == (1, [], "7.20")
        assert "was applied already" in await agent.refusal("apply_plan", id=found["plan"])
        assert (await agent.ask("undo_plan", id=found["plan"]))["updated"] == 1
        assert shop.state == before
        assert "was undone already" in await agent.refusal("undo_plan", id=found["plan"])
        assert "was undone already" in await agent.refusal("apply_plan", id=found["plan"])
    to_apply, to_undo = person.questions  # what cannot be carried out any more is not asked about
    assert "wants to APPLY" in to_apply
    assert "Товар 1: price 1.00 → 7.20" in to_apply
    assert "wants to UNDO" in to_undo
    assert "Товар 1: price 7.20 → 1.00" in to_undo


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize("person", [Person("decline"), Person("cancel"), Person(approve=False)])
async def test_what_the_person_does_not_approve_is_not_applied(
    server: mcp.server.MCPServer, shop: PlannedStore, mode: str, person: Person
) -> None:
    before = shop.state
    async with Client(server, mode=mode, elicitation_callback=person.answer) as client:
        agent = await agent_of(client)
        plan = await planned(agent)
        code = read_plan(shop.folder / f"{plan}.json").code
        told = await agent.refusal("apply_plan", id=plan, code=code)  # the host can ask, so a code is no way around it
        assert "did not approve plan" in told
    assert shop.state == before
    assert shop.writes() == {}


@pytest.mark.parametrize("mode", ERAS)
async def test_where_the_host_cannot_ask_the_code_is_needed(
    server: mcp.server.MCPServer, shop: PlannedStore, mode: str
) -> None:
    async with Client(server, mode=mode) as client:
        agent = await agent_of(client)
        plan = await planned(agent)
        assert "ask the user for the code" in await agent.refusal("apply_plan", id=plan)
        assert "do not guess" in await agent.refusal("apply_plan", id=plan, code="12345x")
        assert shop.writes() == {}
        code = read_plan(shop.folder / f"{plan}.json").code
        assert (await agent.ask("apply_plan", id=plan, code=code))["updated"] == 1
        assert "as undo_code" in await agent.refusal("undo_plan", id=plan)
        assert "do not guess" in await agent.refusal("undo_plan", id=plan, code=code)  # which the agent knows by now
        assert shop.prices[1] == "7.20"
        code = read_plan(shop.folder / f"{plan}.json").undo_code
        assert (await agent.ask("undo_plan", id=plan, code=code))["updated"] == 1


async def test_the_code_to_undo_is_shown_when_a_plan_was_applied(store: Store, shop: PlannedStore) -> None:
    shown: list[str] = []
    server = make_server(store, shop.kasa, changes=changes(shop, show_code=shown.append))
    async with Client(server, elicitation_callback=Person().answer) as client:
        agent = await agent_of(client)
        plan = await planned(agent)
        await agent.ask("apply_plan", id=plan)
    of_plan, of_undo = shown
    assert read_plan(shop.folder / f"{plan}.json").code in of_plan
    assert read_plan(shop.folder / f"{plan}.json").undo_code in of_undo


async def test_a_plan_that_is_replaced_while_the_person_reads_it_is_not_applied(
    server: mcp.server.MCPServer, shop: PlannedStore
) -> None:
    file = shop.folder / "none.json"

    async def replace(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        plan = read_plan(file)
        change = msgspec.structs.replace(plan.changes[0], after={"price": "0.01"})
        worse = Plan.of(
            "prices", (change,), plan.refused, unchanged=0, account=plan.account, valid_for=timedelta(hours=1)
        )
        msgspec.structs.replace(worse, id=plan.id, account=plan.account).hashed().write(file)
        return ElicitResult(action="accept", content={"approve": True})

    async with Client(server, elicitation_callback=replace) as client:
        agent = await agent_of(client)
        plan = await planned(agent)
        file = shop.folder / f"{plan}.json"
        assert "not the one that was made or shown" in await agent.refusal("apply_plan", id=plan)
    assert shop.writes() == {}


async def test_codes_cannot_be_guessed_by_more_plans_nor_after_a_restart(
    store: Store, shop: PlannedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _restart in range(2):
        async with asked(store, now=clock.now, kasa=shop.kasa, changes=changes(shop)) as agent:
            for number in range(3):
                plan = await planned(agent)
                told = await agent.refusal("apply_plan", id=plan, code=f"x{number}")
    assert "Too many wrong codes" in told
    async with asked(store, now=clock.now, kasa=shop.kasa, changes=changes(shop)) as agent:
        code = read_plan(shop.folder / f"{plan}.json").code
        assert "Too many wrong codes" in await agent.refusal("apply_plan", id=plan, code=code)
        assert shop.writes() == {}
        later = clock.now() + timedelta(hours=24)
        monkeypatch.setattr(clock, "now", lambda: later)
        plan = await planned(agent)
        code = read_plan(shop.folder / f"{plan}.json").code
        assert (await agent.ask("apply_plan", id=plan, code=code))["updated"] == 1


async def test_wrong_codes_of_one_caller_do_not_lock_another(tmp_path: Path) -> None:
    codes = WrongCodes(tmp_path / "wrong-codes.jsonl")
    for _ in range(5):
        with pytest.raises(InvalidRequestError, match="do not guess"):
            codes.require("first", "1", "123456", "plan")
    with pytest.raises(InvalidRequestError, match="Too many wrong codes"):
        codes.require("first", "123456", "123456", "plan")
    codes.require("second", " 123456 ", "123456", "plan")
    assert codes.path.stat().st_mode & 0o77 == 0


@pytest.mark.parametrize(
    "content",
    [
        b"{\n",
        b'["2026-11-30T10:00:00+00:00"',
        b'["2026-11-30T10:00:00+00:00", "local"]',
        b'["2026-11-30T10:00:00", "local"]\n',
        b"\xff\n",
        b"\n",
    ],
    ids=["no JSON", "half a line", "no end of the line", "no offset", "no UTF-8", "blank"],
)
async def test_a_broken_file_of_wrong_codes_is_named_and_no_code_is_taken(
    server: mcp.server.MCPServer, shop: PlannedStore, content: bytes
) -> None:
    async with Client(server) as client:
        agent = await agent_of(client)
        plan = await planned(agent)
        code = read_plan(shop.folder / f"{plan}.json").code
        (shop.folder / "wrong-codes.jsonl").write_bytes(content)
        told = await agent.refusal("apply_plan", id=plan, code=code)
    assert "wrong-codes.jsonl beside the plans is broken in line 1, so no code is taken" in told
    assert shop.writes() == {}


async def test_an_expired_plan_is_not_asked_about(
    server: mcp.server.MCPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = Person()
    async with Client(server, elicitation_callback=person.answer) as client:
        agent = await agent_of(client)
        plan = await planned(agent)
        later = clock.now() + timedelta(hours=25)
        monkeypatch.setattr(clock, "now", lambda: later)
        assert "could be applied until" in await agent.refusal("apply_plan", id=plan)
    assert person.questions == []


@pytest.mark.parametrize(
    ("kind", "row", "left_alone"),
    [
        ("prices", {"barcode": barcode(1), "price": 5, "title": "Кава"}, "title"),
        ("prices", {"barcode": barcode(1), "price": 5, "count": 1}, "count"),
        ("catalog", {"barcode": barcode(1), "title": "Кава", "price": 5}, "price"),
        ("catalog", {"barcode": barcode(1), "titel": "Кава"}, "titel"),
        ("prices", {"barcode": barcode(1), "price": 5, "delete": True}, "delete"),
    ],
)
async def test_a_field_that_the_kind_does_not_plan_is_refused(
    server: mcp.server.MCPServer, shop: PlannedStore, kind: str, row: dict[str, Any], left_alone: str
) -> None:
    good = {"barcode": barcode(1), **({"price": 5} if kind == "prices" else {"title": "Кава"})}
    async with Client(server) as client:
        agent = await agent_of(client)
        told = await agent.refusal("plan_changes", kind=kind, rows=[good, row])
    assert f"row 2 has '{left_alone}', which a plan of kind {kind} does not change" in told
    assert not list(shop.folder.glob("*.json"))


async def test_rows_may_name_products_by_all_that_they_are_known_by(
    server: mcp.server.MCPServer, shop: PlannedStore
) -> None:
    row = {"barcode": barcode(1), "id": shop.products[1], "price": 5, "procurement_price": 3, "currency": "UAH"}
    async with Client(server) as client:
        agent = await agent_of(client)
        assert (await agent.ask("plan_changes", kind="prices", rows=[row]))["counts"]["changes"] == 1
        rows = [{"barcode": barcode(1), "category": "Нова", "article": "7", "Назва": "Чай"}]
        await agent.ask("plan_changes", kind="catalog", rows=rows)


async def test_without_a_file_for_wrong_codes_none_is_compared(
    server: mcp.server.MCPServer, shop: PlannedStore
) -> None:
    async with Client(server) as client:
        agent = await agent_of(client)
        plan = await planned(agent)
        (shop.folder / "wrong-codes.jsonl").mkdir()
        for code in ("x", read_plan(shop.folder / f"{plan}.json").code):
            told = await agent.refusal("apply_plan", id=plan, code=code)
            assert "A file of the server cannot be used" in told
            assert f"{shop.folder}" not in told
    assert shop.writes() == {}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"kind": "stock", "rows": [{"barcode": barcode(1), "count": 1}]}, "shop is missing"),
        ({"kind": "prices", "rows": ROWS, "shop": "1"}, "shop goes with kind stock only"),
        ({"kind": "prices", "rows": []}, "rows is empty"),
        ({"kind": "prices", "rows": [{"barcode": barcode(1), "price": [1]}]}, "rows.0.price"),
        ({"kind": "prices", "rows": [{"barcode": barcode(1), "price": {"is": 1}}]}, "rows.0.price"),
    ],
)
async def test_what_no_plan_can_be_made_of_is_named_by_the_tools_arguments(
    server: mcp.server.MCPServer, shop: PlannedStore, arguments: dict[str, Any], reason: str
) -> None:
    async with Client(server) as client:
        agent = await agent_of(client)
        assert reason in await agent.refusal("plan_changes", **arguments)
    assert not shop.folder.exists()


async def test_a_plan_of_nothing_is_not_kept(server: mcp.server.MCPServer, shop: PlannedStore) -> None:
    async with Client(server) as client:
        agent = await agent_of(client)
        result = await agent.call("plan_changes", kind="prices", rows=[{"barcode": barcode(1), "price": "1.00"}])
    assert result.structured_content is not None
    assert (result.structured_content["plan"], shop.folder.exists()) == (None, False)
    assert "no plan was kept" in text_of(result)


async def test_the_code_is_shown_at_the_server_and_in_no_answer(store: Store, shop: PlannedStore) -> None:
    shown: list[str] = []
    server = make_server(store, shop.kasa, changes=changes(shop, show_code=shown.append))
    async with Client(server) as client:
        agent = await agent_of(client)
        result = await agent.call("plan_changes", kind="prices", rows=ROWS)
        assert result.structured_content is not None
        plan = read_plan(shop.folder / f"{result.structured_content['plan']}.json")
        answers = [
            result,
            await agent.call("apply_plan", id=plan.id),
            await agent.call("apply_plan", id=plan.id, code="1"),
        ]
    assert len(shown) == 1
    assert plan.code in shown[0]
    for answer in answers:
        everything = f"{answer.structured_content}{text_of(answer)}"
        assert plan.code not in everything
        assert plan.hash not in everything
        assert f"{shop.folder}" not in everything


async def test_only_what_is_allowed_can_be_planned(shop: PlannedStore, tmp_path: Path) -> None:
    allowed = changes(shop, allow=frozenset({"stock"}))
    async with (
        open_store(tmp_path / "empty.sqlite") as empty,
        asked(empty, now=clock.now, kasa=shop.kasa, changes=allowed) as agent,
    ):
        assert "--allow stock" in await agent.refusal("plan_changes", kind="prices", rows=ROWS)
        await agent.refusal("plan_changes", kind="receipts", rows=ROWS)
        assert not list(shop.folder.glob("*.json"))
        counts = [{"barcode": barcode(1), "count": 5}]
        assert "shop is missing" in await agent.refusal("plan_changes", kind="stock", rows=counts)
        await agent.ask("sync", days="yesterday", what="reference_data")
        plan = await planned(agent, "stock", counts, shop=f"{shop.shop_id}")
    assert read_plan(shop.folder / f"{plan}.json").shop_id == shop.shop_id


async def test_a_plan_of_a_kind_that_is_no_longer_allowed_is_not_applied(store: Store, shop: PlannedStore) -> None:
    async with asked(store, kasa=shop.kasa, changes=changes(shop)) as agent:
        plan = await planned(agent)
    code = read_plan(shop.folder / f"{plan}.json").code
    async with asked(store, kasa=shop.kasa, changes=changes(shop, allow=frozenset({"stock"}))) as agent:
        for tool in ("apply_plan", "undo_plan"):
            assert "--allow stock" in await agent.refusal(tool, id=plan, code=code)
    assert shop.writes() == {}


async def test_without_leave_the_tools_do_not_exist(store: Store, shop: PlannedStore) -> None:
    async with asked(store, kasa=shop.kasa) as agent:
        assert not TOOLS & set(agent.schemas)
        assert "Unknown tool" in await agent.refusal("plan_changes", kind="prices", rows=ROWS)
    with pytest.raises(InvalidRequestError, match="needs the client"):
        make_server(store, changes=changes(shop))


async def test_hints_are_true_and_descriptions_are_short(server: mcp.server.MCPServer) -> None:
    async with Client(server) as client:
        listed = (await client.list_tools()).tools
    hints = {
        tool.name: (
            tool.annotations.read_only_hint,
            tool.annotations.destructive_hint,
            tool.annotations.idempotent_hint,
        )
        for tool in listed
        if tool.annotations is not None and tool.name in TOOLS
    }
    assert hints == {
        "plan_changes": (False, False, False),
        "apply_plan": (False, True, True),
        "undo_plan": (False, True, True),
    }
    written = msgspec.json.encode([tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed])
    assert tokens(written.decode()) < 6_000
    for tool in listed:
        if tool.name in {"apply_plan", "undo_plan"}:
            assert set(tool.input_schema["properties"]) == {"id", "code"}


@pytest.mark.parametrize("plan_id", ["", "../../etc/passwd", "0" * 12, "A" * 12, "0" * 12 + "/x"])
async def test_plans_are_found_by_their_ids_alone(server: mcp.server.MCPServer, plan_id: str) -> None:
    async with Client(server, elicitation_callback=Person().answer) as client:
        agent = await agent_of(client)
        assert "there is no such plan" in await agent.refusal("apply_plan", id=plan_id)


async def test_a_plan_that_was_changed_or_is_outdated_is_refused(
    server: mcp.server.MCPServer, shop: PlannedStore
) -> None:
    async with Client(server, elicitation_callback=Person().answer) as client:
        agent = await agent_of(client)
        plan = await planned(agent)
        await planned(agent)
        file = shop.folder / f"{plan}.json"
        text = file.read_text("utf-8")
        file.write_text(text.replace('"7.20"', '"0.01"'), "utf-8")
        assert "was changed since" in await agent.refusal("apply_plan", id=plan)
        file.write_text(text, "utf-8")
        await shop.kasa.products.delete(shop.products[1])
        assert "nothing was changed" in await agent.refusal("apply_plan", id=plan)


async def test_refusals_name_arguments_as_agents_have_them(server: mcp.server.MCPServer, shop: PlannedStore) -> None:
    with arguments_named(lambda name: f"--{name}"):  # as the command line does, which serves
        async with Client(server) as client:
            found = await (await agent_of(client)).ask("plan_changes", kind="prices", rows=[{"price": "7.20"}])
    assert "choose another key: key='alter_number'" in f"{found['refused']}"
    assert "--" not in f"{found['refused']}"


async def test_large_plans_are_answered_within_bounds(server: mcp.server.MCPServer, shop: PlannedStore) -> None:
    rows = [{"barcode": barcode(number), "price": number + 0.5} for number in range(100)]
    async with Client(server) as client:
        agent = await agent_of(client)
        result = await agent.call("plan_changes", kind="prices", rows=rows)
    assert result.structured_content is not None
    assert result.structured_content["counts"]["rows"] == 100
    assert tokens(msgspec.json.encode(result.structured_content).decode() + text_of(result)) < 2_100
    assert re.search(r"\d+ changes and \d+ refused rows are shown", text_of(result))
    assert shop.writes() == {}
