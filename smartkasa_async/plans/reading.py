"""Reads plans from their files; a file that shows people something else than what would be applied is refused."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.safe_text import visible
from smartkasa_async._support.files import read_file
from smartkasa_async.catalog.sources.fields import PRICES, Field
from smartkasa_async.plans.effects import effect_of, largest_changes
from smartkasa_async.plans.plan import Plan, PlanError
from smartkasa_async.plans.values import PLANNED_FIELDS, product_update

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from smartkasa_async._i18n.message import Message

PLAN_ID = re.compile(r"[0-9a-f]{12}")
LONGEST_VALID = timedelta(days=30)

_CODE = re.compile(r"[0-9]{6}")
_ACCOUNT = re.compile(r"[0-9a-f]{16}")
_PRODUCT = re.compile(r"[0-9A-Za-z_-]{1,64}")
_CARD = re.compile(r"[0-9]{1,18}")
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,10})?")
_LARGEST = 2**63
_LONGEST_SHOWN = 60


def read_plan(path: str | os.PathLike[str]) -> Plan:
    """Read a plan, and make sure that it is as it was made.

    Args:
        path: The file.

    Raises:
        OSError: It cannot be read.
        PlanError: It is no plan, or was changed since.
    """
    content, name = read_file(Path(path)), visible(Path(path).name)
    try:
        text = content.decode("utf-8-sig")  # some editors put a mark in front
        json.loads(text, object_pairs_hook=_unique)
        plan = msgspec.json.decode(text, type=Plan)
        digest = plan.digest()
    except _NotAPlanError as error:
        raise PlanError(msg("{file} is not a plan: {reason}", file=name, reason=error.reason)) from None
    except RecursionError:
        reason = msg("it is nested too deeply")
        raise PlanError(msg("{file} is not a plan: {reason}", file=name, reason=reason)) from None
    except (ValueError, msgspec.MsgspecError, OverflowError) as error:
        raise PlanError(msg("{file} is not a plan: {reason}", file=name, reason=f"{error}")) from error
    if plan.hash != digest:
        message = msg("{file} was changed since the plan was made; make a new plan of what you want", file=name)
        raise PlanError(message)
    if plan.is_undo:
        raise PlanError(msg("{file} is an undo of plan {id}; give that plan to undo it", file=name, id=plan.id))
    wrong = next(_faults(plan), None)
    if wrong is not None:
        reason = _no_such_value(*wrong)
        raise PlanError(msg("{file} is not a plan: {reason}", file=name, reason=reason))
    return plan


class _NotAPlanError(Exception):
    """JSON says something that no plan says."""

    def __init__(self, reason: Message) -> None:
        super().__init__(reason)
        self.reason = reason


def _unique(pairs: list[tuple[str, Any]]) -> None:
    """Refuse a key that an object has twice: one of the two would be read, and the other applied."""
    seen = set()
    for name, _ in pairs:
        if name in seen:
            raise _NotAPlanError(msg("an object in it has {name} twice", name=_cut(name)))
        seen.add(name)


def _faults(plan: Plan) -> Iterator[tuple[str, object]]:
    """Find what this program never writes, though the digest fits: the field, and its value."""
    for name, pattern in (("id", PLAN_ID), ("code", _CODE), ("undo_code", _CODE), ("account", _ACCOUNT)):
        if not pattern.fullmatch(getattr(plan, name)):
            yield name, getattr(plan, name)
    yield from _faults_of_times(plan)
    if (plan.kind == "stock") != (plan.shop_id is not None) or not 0 <= (plan.shop_id or 0) < _LARGEST:
        yield "shop_id", plan.shop_id
    yield from _faults_of_changes(plan)
    yield from _faults_of_sums(plan)


def _faults_of_times(plan: Plan) -> Iterator[tuple[str, object]]:
    for name in ("made_at", "expires_at"):
        if getattr(plan, name).utcoffset() != timedelta(0):
            yield name, getattr(plan, name)
    if not timedelta(0) < plan.expires_at - plan.made_at <= LONGEST_VALID:
        yield "expires_at", plan.expires_at


def _faults_of_sums(plan: Plan) -> Iterator[tuple[str, object]]:
    counts = plan.counts
    given = (counts.changes, counts.refused, counts.rows)
    if given != (len(plan.changes), len(plan.refused), sum(given[:2]) + counts.unchanged) or counts.unchanged < 0:
        yield "counts", given
    largest = (plan.largest_by_percent, plan.largest_by_hryvnias)
    if largest != largest_changes(plan.changes):
        yield "largest_by_percent, largest_by_hryvnias", "; ".join(f"{one}" for one in largest)
    if plan.effect != effect_of(plan.changes):
        yield "effect", plan.effect


def _faults_of_changes(plan: Plan) -> Iterator[tuple[str, object]]:
    ids, pattern = set(), _CARD if plan.kind == "stock" else _PRODUCT
    for change in plan.changes:
        if change.id in ids or not pattern.fullmatch(change.id):
            yield "changes: id", change.id
        ids.add(change.id)
        if change.before.keys() != change.after.keys() or not change.after:
            yield "changes: before, after", ", ".join(change.before.keys() ^ change.after.keys())
        for name in change.after:
            if name not in PLANNED_FIELDS[plan.kind]:
                yield "changes: after", name
        for name, value in (("price", change.price), ("on_hand", change.on_hand)):
            if value is not None and not _AMOUNT.fullmatch(value):
                yield f"changes: {name}", value
        yield from _faults_of_values(plan.kind, (change.before, change.after))
        if not 0 <= change.line < _LARGEST:
            yield "changes: line", change.line


def _faults_of_values(kind: str, sides: Sequence[dict[str, Any]]) -> Iterator[tuple[str, object]]:
    for side in sides:
        for name in set(side) & {*PRICES, Field.COUNT}:
            is_none = side[name] is None and name == Field.PROCUREMENT_PRICE
            if not is_none and not (isinstance(side[name], str) and _AMOUNT.fullmatch(side[name])):
                yield f"changes: {name}", side[name]
        if kind != "stock":
            try:
                product_update(side)
            except (msgspec.ValidationError, OverflowError, ArithmeticError) as error:
                yield "changes", error


def _no_such_value(field: str, value: object) -> Message:
    return msg("{field}: {value} is in no plan that was made", field=field, value=_cut(value))


def _cut(value: object) -> str:
    text = visible(f"{value}")
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
