"""Changes that a person approves: planned, applied once, undone. These tools exist only where they are allowed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from anyio import to_thread
from mcp.server.elicitation import AcceptedElicitation
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Elicit, ElicitationResult, Resolve
from mcp_types import CallToolResult, TextContent
from pydantic import BaseModel, Field

from smartkasa_async._i18n.message import Message, msg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async.catalog.source_location import KeyField
from smartkasa_async.catalog.sources.fields import field_of
from smartkasa_async.client import SmartKasa
from smartkasa_async.errors import InvalidRequestError, SmartKasaError
from smartkasa_async.mcp.answers import BYTES_OF_A_TOKEN, TOKENS
from smartkasa_async.mcp.codes import WrongCodes
from smartkasa_async.mcp.desk import Desk
from smartkasa_async.mcp.guard import caller_of
from smartkasa_async.mcp.schemas import OBJECT, OBJECTS, TEXT, TEXT_OR_NULL, WHOLE, Shop
from smartkasa_async.mcp.texts import DATA_NOTICE, safe_text
from smartkasa_async.plans import (
    Plan,
    PlanError,
    PlanJob,
    PlanKind,
    PlanOutcome,
    apply_plan,
    plan_changes,
    read_plan,
    read_undo,
    undo_plan,
)
from smartkasa_async.plans.applying import require_open
from smartkasa_async.plans.plan import KINDS
from smartkasa_async.plans.products import fields_read
from smartkasa_async.plans.reading import PLAN_ID

_MOST_TO_APPROVE = 15
_LONG = 300
_NAMES = {"id": "smartkasa_id"}

Value = str | int | float | bool | None
"""What a row can have in a field: a list or an object is no price, and no title."""


PLAN_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "plan": TEXT_OR_NULL,
        "counts": OBJECT,
        "effect": TEXT_OR_NULL,
        "expires_at": TEXT,
        "changes": OBJECTS,
        "refused": OBJECTS,
    },
    "required": ["plan", "counts", "changes", "refused"],
}
APPLIED_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"plan": TEXT, "updated": WHOLE, "not_carried_out": OBJECTS},
    "required": ["plan", "updated", "not_carried_out"],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What agents may propose to change, and where their plans are kept.

    Attributes:
        allow: The kinds of plans.
        folder: Where the plans are.
        late_write_window: Seconds in which the service may still carry out a request whose answer was lost.
        show_code: Takes the line with the code of a plan, for the person at the server; nothing of it goes to an agent.
    """

    allow: frozenset[PlanKind]
    folder: Path
    late_write_window: float = 15.0
    show_code: Callable[[str], None] | None = None


class Approval(BaseModel):
    """What the person is asked for."""

    approve: bool = Field(description="Carry it out? / Виконати?")


@dataclass(slots=True)
class PlanDesk:
    """Makes plans, and carries out those that a person approves.

    Attributes:
        desk: Where the shops are known.
        kasa: The client.
        changes: What may be changed.
    """

    desk: Desk
    kasa: SmartKasa
    changes: Changes
    _seen: dict[str, str] = field(default_factory=dict)
    _codes: WrongCodes = field(init=False)

    def __post_init__(self) -> None:
        self._codes = WrongCodes(self.changes.folder / "wrong-codes.jsonl")

    async def plan(self, kind: PlanKind, rows: list[dict[str, Value]], key: KeyField, shop: str) -> CallToolResult:
        """Make a plan, and keep it if it changes anything.

        Raises:
            OSError: It cannot be kept.
            SmartKasaError: It is not allowed, or cannot be made.
        """
        self._require_allowed(kind)
        if not rows:
            raise InvalidRequestError(msg("rows is empty; give a row for each change"), field="rows")
        if bool(shop.strip()) != (kind == "stock"):
            message = (
                msg("shop is missing: name the shop whose counts are set")
                if kind == "stock"
                else msg("shop goes with kind stock only; all shops have the same {kind}", kind=kind)
            )
            raise InvalidRequestError(message, field="shop")
        _require_planned(kind, rows)
        shops = await self.desk.shops(shop)
        named = [{_NAMES.get(name, name): value for name, value in row.items()} for row in rows]
        plan = await plan_changes(
            self.kasa,
            named,
            kind,
            key=key,
            shop_id=shops[0] if shops else None,
        )
        if plan.changes:
            await to_thread.run_sync(self._keep, plan)
        return _planned(plan)

    def _keep(self, plan: Plan) -> None:
        self.changes.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        plan.write(self._path(plan.id))
        if self.changes.show_code is not None:
            text = msg("Plan {id}: {kind}; its code is {code}", id=plan.id, kind=msg(KINDS[plan.kind]), code=plan.code)
            self.changes.show_code(in_language(text, self.desk.language))

    async def find(self, plan_id: str) -> Plan:
        """Find a plan of this server.

        Raises:
            InvalidRequestError: There is none, or its kind is not allowed any more.
            PlanError: It was changed.
        """
        if not PLAN_ID.fullmatch(plan_id) or not self._path(plan_id).is_file():
            message = msg("id is {id!r}, and there is no such plan; make one by plan_changes", id=plan_id[:50])
            raise InvalidRequestError(message, field="id")
        plan = await to_thread.run_sync(read_plan, self._path(plan_id))
        self._require_allowed(plan.kind)
        if self._seen.setdefault(plan_id, plan.hash) != plan.hash:
            raise PlanError(msg("Plan {id} is not the one that was made or shown; make a new one", id=plan.id))
        return plan

    def _require_allowed(self, kind: PlanKind) -> None:
        if kind not in self.changes.allow:
            allowed = ", ".join(sorted(self.changes.allow))
            message = msg(
                "kind is {kind!r}, and this server was started with --allow {allowed}", kind=kind, allowed=allowed
            )
            raise InvalidRequestError(message, field="kind")

    async def approval(self, plan_id: str, code: str, ctx: Context, *, undoes: bool) -> Elicit[Approval] | Approval:
        """Ask the person, where the host can; else require the code, which the person alone has.

        Raises:
            OSError: A file cannot be used.
            SmartKasaError: There is no such plan, or the code is missing or wrong.
        """
        plan = await self.find(plan_id)
        shown = await read_undo(self._path(plan.id)) if undoes else plan
        await require_open(shown)
        capabilities = ctx.client_capabilities
        can_ask = capabilities.elicitation if capabilities is not None else None
        if can_ask is not None and (can_ask.form is not None or can_ask.url is None):
            language = self.desk.language
            lead = msg("An agent wants to UNDO this plan:") if undoes else msg("An agent wants to APPLY this plan:")
            text = shown.describe(language, most=_MOST_TO_APPROVE)
            return Elicit(f"{in_language(lead, language)}\n{text}", Approval)
        if not code.strip():
            raise InvalidRequestError(_missing_code(plan, undoes=undoes), field="code")
        who = caller_of(ctx.request_context).name
        await to_thread.run_sync(self._codes.require, who, code, shown.code, plan.id)
        return Approval(approve=True)

    async def carry_out(
        self, work: Callable[..., PlanJob], plan_id: str, approval: ElicitationResult[Approval]
    ) -> CallToolResult:
        """Apply or undo a plan that was approved.

        Raises:
            OSError: A file cannot be used.
            SmartKasaError: It was not approved, or cannot be carried out.
        """
        plan = await self.find(plan_id)
        if not (isinstance(approval, AcceptedElicitation) and approval.data.approve):
            raise InvalidRequestError(
                msg("The user did not approve plan {id}; nothing was changed", id=plan.id), field="approve"
            )
        job = work(self.kasa, self._path(plan.id), approved=plan, late_write_window=self.changes.late_write_window)
        summary = await job
        is_undo = work is undo_plan
        if not is_undo and (summary.updated or summary.in_doubt) and self.changes.show_code is not None:
            text = msg("Plan {id} was applied; the code to undo it is {code}", id=plan.id, code=plan.undo_code)
            self.changes.show_code(in_language(text, self.desk.language))
        failed = [_row_of(outcome) for outcome in summary.failed[:_MOST_TO_APPROVE]]
        content = {"plan": plan.id, "updated": summary.updated, "not_carried_out": failed}
        done = "set back" if is_undo else "changed"
        lines = [f"{summary.updated} {done}, {len(summary.failed)} not. The store has it after the next sync."]
        return _result(lines, content)

    def _path(self, plan_id: str) -> Path:
        return self.changes.folder / f"{plan_id}.json"


def plan_tools(
    desk: PlanDesk, explain: Callable[[SmartKasaError | OSError], str]
) -> dict[str, Callable[..., Awaitable[CallToolResult]]]:
    """Make the tools.

    Args:
        desk: What carries them out.
        explain: Writes an error as the model reads it.

    Returns:
        The functions by their names.
    """

    async def approve_applying(id: str, code: str, ctx: Context) -> Elicit[Approval] | Approval:
        try:
            return await desk.approval(id, code, ctx, undoes=False)
        except (SmartKasaError, OSError) as error:
            raise ToolError(explain(error)) from error

    async def approve_undoing(id: str, code: str, ctx: Context) -> Elicit[Approval] | Approval:
        try:
            return await desk.approval(id, code, ctx, undoes=True)
        except (SmartKasaError, OSError) as error:
            raise ToolError(explain(error)) from error

    async def plan_changes(
        kind: Literal["prices", "stock", "catalog"],
        rows: Annotated[
            list[dict[str, Value]],
            Field(description='{"barcode": …, "price": …}; also article, id, count, title, category'),
        ],
        key: Literal["number", "alter_number", "remote_id"] = "number",
        shop: Shop = "",
    ) -> CallToolResult:
        """Propose new prices, counts (stock, of one shop) or catalogue fields of existing products; changes nothing.

        Show the user the changes, then call apply_plan. Products are known by barcode; key="alter_number": by article.
        """
        return await desk.plan(kind, rows, key, shop)

    async def apply_plan(
        id: str,
        approval: Annotated[ElicitationResult[Approval], Resolve(approve_applying)],
        code: str = "",  # noqa: ARG001  (for the resolver)
    ) -> CallToolResult:
        """Carry out a plan, once, after the user was asked. code: what the user typed, where you are told to ask."""
        return await desk.carry_out(_apply, id, approval)

    async def undo_plan(
        id: str,
        approval: Annotated[ElicitationResult[Approval], Resolve(approve_undoing)],
        code: str = "",  # noqa: ARG001  (likewise)
    ) -> CallToolResult:
        """Set back what a plan changed, once, after the user was asked; what changed since stays. code: as above."""
        return await desk.carry_out(_undo, id, approval)

    return {"plan_changes": plan_changes, "apply_plan": apply_plan, "undo_plan": undo_plan}


def _require_planned(kind: PlanKind, rows: list[dict[str, Value]]) -> None:
    """Refuse rows with what would be left alone, and which the model would take for planned."""
    read = fields_read(kind)
    for number, row in enumerate(rows, start=1):
        for name in row:
            if field_of(_NAMES.get(name, name)) not in read:
                message = msg(
                    "rows: row {number} has {name!r}, which a plan of kind {kind} does not change; leave it out, or"
                    " plan it by another kind. This kind takes: {known}",
                    number=number,
                    name=name[:50],
                    kind=kind,
                    known=", ".join(read),
                )
                raise InvalidRequestError(message, field="rows")


_apply = apply_plan
_undo = undo_plan


def _missing_code(plan: Plan, *, undoes: bool) -> Message:
    if undoes:
        return msg(
            "code is missing: ask the user for the code to undo plan {id}, which the server's terminal and the plan's"
            " file show, as undo_code",
            id=plan.id,
        )
    return msg(
        "code is missing: ask the user for the code of plan {id}, which the server's terminal and the plan's file show",
        id=plan.id,
    )


def _planned(plan: Plan) -> CallToolResult:
    """Describe a plan without its code, its digest and its file."""
    counts = plan.counts
    content: dict[str, Any] = {
        "plan": plan.id if plan.changes else None,
        "kind": plan.kind,
        "counts": msgspec.to_builtins(counts),
        "largest_by_percent": _safe(plan.largest_by_percent),
        "largest_by_hryvnias": _safe(plan.largest_by_hryvnias),
        "effect": plan.effect,
        "expires_at": f"{plan.expires_at:%Y-%m-%dT%H:%M:%SZ}",
        "changes": [],
        "refused": [],
    }
    room = TOKENS * BYTES_OF_A_TOKEN - len(msgspec.json.encode(content)) - _LONG
    refused = [
        {"row": one.line, "key": safe_text(one.key), "reason": safe_text(one.reason_en, _LONG)} for one in plan.refused
    ]
    changes = [
        {
            "row": one.line,
            "title": safe_text(one.title),
            "before": _safe(one.before),
            "after": _safe(one.after),
            **({"warnings": [safe_text(en, _LONG) for en, _ in one.warnings]} if one.warnings else {}),
        }
        for one in plan.changes
    ]
    for name, rows in (("refused", refused), ("changes", changes)):
        for row in rows:
            room -= len(msgspec.json.encode(row)) + 1
            if room < 0:
                break
            content[name].append(row)
    headline = f"{counts.changes} to change, {counts.unchanged} already so, {counts.refused} refused."
    lines = [
        *(
            [f"Plan {plan.id}: {headline}", "Nothing is changed yet."]
            if plan.changes
            else [headline, "There is nothing to change, so no plan was kept."]
        ),
        *([f"The worth of the stock changes by {plan.effect} UAH."] if plan.effect else []),
        f"{len(content['changes'])} changes and {len(content['refused'])} refused rows are shown.",
        DATA_NOTICE,
    ]
    return _result(lines, content)


def _row_of(outcome: PlanOutcome) -> dict[str, Any]:
    return {
        "row": outcome.number,
        "title": safe_text(outcome.change.title),
        "outcome": outcome.kind.value,
        "reason": safe_text(outcome.describe(), _LONG),
    }


def _safe(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        value = msgspec.to_builtins(value)
    if isinstance(value, dict):
        return {name: _safe(each) for name, each in value.items()}
    return safe_text(value) if isinstance(value, str) else value


def _result(lines: list[str], content: dict[str, Any]) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text="\n".join(lines))], structured_content=content)
