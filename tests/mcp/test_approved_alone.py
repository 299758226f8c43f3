"""No sequence of an agent's calls changes the service, but for plans that the person approved, each once."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from mcp import Client
from mcp_types import ElicitResult

from smartkasa_async.mcp import Changes, Limits, make_server
from smartkasa_async.sandbox import Sandbox
from smartkasa_async.stores import open_store
from tests.support.catalogue import barcode
from tests.support.clients import client
from tests.support.planned_store import PlannedStore

if TYPE_CHECKING:
    from mcp.client.context import ClientRequestContext
    from mcp_types import ElicitRequestParams

NUMBERS = st.integers(1, 4)
VALUES = st.integers(1, 6)
KINDS = st.sampled_from(["prices", "stock", "catalog"])
HOSTILE = st.sampled_from(
    [
        ("api_read", {"operation": "deleteProduct", "id": "1"}),
        ("api_read", {"operation": "listProducts"}),
        ("sync", {"days": "yesterday", "what": "reference_data"}),
        ("plan_changes", {"kind": "receipts", "rows": [{"barcode": barcode(1), "price": 1}]}),
        ("plan_changes", {"kind": "prices", "rows": [{"barcode": barcode(1), "delete": True}]}),
        ("plan_changes", {"kind": "catalog", "rows": [{"barcode": barcode(70), "title": "New", "price": 5}]}),
        ("apply_plan", {"id": "../plan", "code": "000000", "approval": {"approve": True}}),
        ("undo_plan", {"id": "0" * 12}),
        ("delete_product", {"id": "1"}),
    ]
)


class Planned:
    """A plan as the model of the test knows it: one value of one product, or of its card."""

    def __init__(self, plan_id: str, field: tuple[str, int], before: str, after: str) -> None:
        self.id = plan_id
        self.field = field
        self.before = before
        self.after = after
        self.state = "made"


class AgentAtWork(RuleBasedStateMachine):
    """An agent that calls as it likes, a person who approves or not, and a till that sells."""

    def __init__(self) -> None:
        super().__init__()
        self.held = ExitStack()
        self.portal = self.held.enter_context(start_blocking_portal())
        folder = Path(self.held.enter_context(tempfile.TemporaryDirectory()))
        box = self._enter(Sandbox())
        self.kasa = self._enter(client(box))
        self.shop = PlannedStore(box, self.kasa, folder / "plans")
        self.portal.call(self.shop.open)
        store = self._enter(open_store(folder / "store.sqlite"))
        changes = Changes(allow=frozenset({"prices", "stock", "catalog"}), folder=self.shop.folder, late_write_window=0)
        server = make_server(store, self.kasa, changes=changes, limits=Limits(calls_per_minute=10_000))
        self.agent = self._enter(Client(server, elicitation_callback=self._answer))
        self._call("sync", days="yesterday", what="reference_data")
        self.approves = False
        self.plans: list[Planned] = []
        self.rest = {name: rows for name, rows in self.shop.state.items() if name not in {"products", "cards"}}
        self.expected = self._values()

    def _enter(self, manager: Any) -> Any:
        return self.held.enter_context(self.portal.wrap_async_context_manager(manager))

    async def _answer(self, context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        return ElicitResult(action="accept", content={"approve": self.approves})

    def _call(self, tool: str, **arguments: Any) -> Any:
        return self.portal.call(self.agent.call_tool, tool, arguments)

    def _values(self) -> dict[tuple[str, int], str]:
        numbers = {product_id: number for number, product_id in self.shop.products.items()}
        titles = {numbers[row["id"]]: row["title"] for row in self.shop.box.rows("products")}
        return {
            **{("prices", number): price for number, price in self.shop.prices.items()},
            **{("stock", number): count for number, count in self.shop.on_hand.items()},
            **{("catalog", number): title for number, title in titles.items()},
        }

    @rule(kind=KINDS, number=NUMBERS, value=VALUES)
    def plan(self, kind: str, number: int, value: int) -> None:
        name = {"prices": "price", "stock": "count", "catalog": "title"}[kind]
        after = {"prices": f"{value}.00", "stock": f"{value}", "catalog": f"Товар № {value}"}[kind]
        row = {"barcode": barcode(number), name: after}
        found = self._call(
            "plan_changes", kind=kind, rows=[row], shop=f"{self.shop.shop_id}" if kind == "stock" else ""
        )
        assert found.structured_content is not None, found
        before = self.expected[kind, number]
        if found.structured_content["plan"] is None:
            assert before == after
            return
        self.plans.append(Planned(found.structured_content["plan"], (kind, number), before, after))

    @precondition(lambda self: self.plans)
    @rule(which=st.integers(0, 99), approves=st.booleans())
    def apply(self, which: int, approves: bool) -> None:
        plan, self.approves = self.plans[which % len(self.plans)], approves
        self._call("apply_plan", id=plan.id, code="123456")
        if approves and plan.state == "made" and self._is(plan, plan.before):
            plan.state = "applied"
            self.expected[plan.field] = plan.after

    @precondition(lambda self: self.plans)
    @rule(which=st.integers(0, 99), approves=st.booleans())
    def undo(self, which: int, approves: bool) -> None:
        plan, self.approves = self.plans[which % len(self.plans)], approves
        self._call("undo_plan", id=plan.id)
        if approves and plan.state == "applied" and self._is(plan, plan.after):
            plan.state = "undone"
            self.expected[plan.field] = plan.before
        elif approves and plan.state == "applied" and self._is(plan, plan.before):
            plan.state = "undone"  # somebody else gave it back

    @rule(number=NUMBERS)
    def sell(self, number: int) -> None:
        if int(self.expected["stock", number]):
            self.portal.call(self.shop.sell, number)
            self.expected["stock", number] = f"{int(self.expected['stock', number]) - 1}"
            self.rest["receipts"] = self.shop.state["receipts"]

    @rule(call=HOSTILE)
    def call_anything(self, call: tuple[str, dict[str, Any]]) -> None:
        self._call(call[0], **call[1])

    def _is(self, plan: Planned, value: str) -> bool:
        return self.expected[plan.field] == value

    @invariant()
    def the_service_is_as_the_person_approved(self) -> None:
        assert self._values() == self.expected
        state = self.shop.state
        assert {name: state[name] for name in self.rest} == self.rest
        assert len(state["products"]) == 6

    def teardown(self) -> None:
        self.held.close()


AgentAtWork.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # each example starts a service, so to shrink one takes minutes
)


TestAgentAtWork = AgentAtWork.TestCase
