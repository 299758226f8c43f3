"""A plan's file is read only if it shows people what would be applied; whatever else is in it, the error is ours."""

from __future__ import annotations

import json
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async.plans import Plan, PlanCounts, PlanError, PlannedChange, RefusedRow, read_plan

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "a" * 64
PRODUCT = "64b6b3cc-82c7-4bb3-9e0a-4f7b07b4ed15"


def change(**more: Any) -> PlannedChange:
    facts = {"line": 1, "key": "1", "id": PRODUCT, "title": "Чай", "before": {"price": "1.00"}}
    return PlannedChange(**{**facts, "after": {"price": "7.00"}, **more})


def plan_of(*changes: PlannedChange, kind: Any = "prices", **more: Any) -> Plan:
    plan = Plan.of(kind, changes or [change()], (), unchanged=0, account=ACCOUNT, valid_for=timedelta(hours=1))
    return msgspec.structs.replace(plan, **more).hashed()


def card(**more: Any) -> PlannedChange:
    return change(**{"id": "7", "before": {"count": "1"}, "after": {"count": "2"}, **more})


def write(path: Path, edit: tuple[str, str]) -> Path:
    """Write a plan with a text in place of another one."""
    text = msgspec.json.encode(plan_of()).decode()
    assert edit[0] in text
    (path / "plan.json").write_text(text.replace(*edit, 1), "utf-8")
    return path / "plan.json"


@pytest.mark.parametrize(
    "plan",
    [
        plan_of(),
        plan_of(card(), kind="stock", shop_id=7),
        plan_of(change(before={"title": "Чай"}, after={"title": "Кава"}), kind="catalog"),
        plan_of(change(before={"category_id": None}, after={"category_id": PRODUCT}), kind="catalog"),
        plan_of(change(before={"procurement_price": None}, after={"procurement_price": "1.50"})),
        plan_of(change(before={"bookmark_ids": ["1"]}, after={"bookmark_ids": []}), kind="catalog"),
        plan_of(change(before={"price": "1" * 20}, after={"price": "0.0000000001"}, on_hand="9" * 20)),
    ],
)
def test_what_was_written_is_read_also_with_the_mark_of_an_editor(tmp_path: Path, plan: Plan) -> None:
    file = plan.write(tmp_path / "plan.json")
    assert read_plan(file) == plan
    file.write_text(file.read_text("utf-8").replace("\n", "\r\n"), "utf-8-sig")
    assert read_plan(file) == plan


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (('"after":{', '"after":{"price":"1.01"},"after":{'), "has after twice"),
        (('"price":"7.00"', '"pric\\u0065":"1.01","price":"7.00"'), "has price twice"),
        (('{"format"', '{"note":1,"format"'), "note"),
        (('"title"', '"titles":"Кава","title"'), "titles"),
        (('{"price":"1.00"}', '{"price":' + "[" * 100_000 + "]" * 100_000 + "}"), "nested too deeply"),
        (('{"price":"1.00"}', '{"price":NaN}'), "not a plan"),
        (('{"price":"1.00"}', '{"price":1e999}'), "not a plan"),
        (('"line":1', '"line":1' + "0" * 30), "was changed since"),
        (('"line":1', '"line":1' + "0" * 9_000), "not a plan"),
        (('"Чай"', '"\\ud800"'), "not a plan"),
        (('"made_at":"', '"made_at":"0000'), "not a plan"),
        (('"Чай"', '"Кава"'), "was changed since"),
    ],
)
def test_what_could_deceive_a_reader_is_refused(tmp_path: Path, edit: tuple[str, str], reason: str) -> None:
    with pytest.raises(PlanError, match=reason):
        read_plan(write(tmp_path, edit))


def test_another_encoding_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, ("", ""))
    file.write_text(file.read_text("utf-8"), "utf-16")
    with pytest.raises(PlanError, match="not a plan"):
        read_plan(file)


NOON = plan_of().made_at.replace(hour=12)
EAST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("plan", "named"),
    [
        (plan_of(id="../../x"), "id"),
        (plan_of(id="A" * 12), "id"),
        (plan_of(code="1"), "code"),
        (plan_of(undo_code=""), "undo_code"),
        (plan_of(account="x"), "account"),
        (plan_of(made_at=NOON.replace(tzinfo=None)), "made_at"),
        (plan_of(made_at=NOON, expires_at=(NOON + timedelta(hours=1)).astimezone(EAST)), "expires_at"),
        (plan_of(expires_at=NOON + timedelta(days=400)), "expires_at"),
        (plan_of(made_at=NOON, expires_at=NOON), "expires_at"),
        (plan_of(shop_id=7), "shop_id"),
        (plan_of(card(), kind="stock"), "shop_id"),
        (plan_of(card(), kind="stock", shop_id=-1), "shop_id"),
        (plan_of(counts=PlanCounts(rows=1, changes=0, unchanged=1, refused=0)), "counts"),
        (plan_of(counts=PlanCounts(rows=0, changes=1, unchanged=-1, refused=0)), "counts"),
        (plan_of(refused=(RefusedRow(line=1, key="", code="", reason_en="", reason_uk=""),)), "counts"),
        (plan_of(largest_by_percent=None), "largest"),
        (plan_of(effect="+1.00"), "effect"),
        (plan_of(change(), change(line=2)), "id"),
        (plan_of(card(), card(line=2), kind="stock", shop_id=7), "id"),
        (plan_of(change(id="a/../b")), "id"),
        (plan_of(card(id="x"), kind="stock", shop_id=7), "id"),
        (plan_of(change(line=-1)), "line"),
        (plan_of(change(before={"price": "1.00", "procurement_price": "1.00"})), "before"),
        (plan_of(change(before={}, after={})), "before"),
        (plan_of(change(before={"title": "a"}, after={"title": "b"})), "title"),
        (plan_of(change(before={"owner_id": 1}, after={"owner_id": 2}), kind="catalog"), "owner_id"),
        (plan_of(change(before={"price": "1.00"}, after={"price": "7.00"}), kind="catalog"), "price"),
        (plan_of(change(before={"title": "a"}, after={"title": 5}), kind="catalog"), "changes"),
        (plan_of(change(before={"title": "a"}, after={"title": None}), kind="catalog"), "changes"),
        (plan_of(change(before={"price": None}, after={"price": None}), largest_by_percent=None), "price"),
    ],
)
def test_what_no_plan_says_is_refused_though_the_hash_fits(tmp_path: Path, plan: Plan, named: str) -> None:
    with pytest.raises(PlanError, match=rf"not a plan: .*{named}") as caught:
        read_plan(plan.write(tmp_path / "plan.json"))
    assert "is in no plan that was made" in f"{caught.value}"


@pytest.mark.parametrize("amount", ["NaN", "1e5", "Infinity", "7,00", "", "1" * 30, 7, 7.5, ["7.00"], True])
@pytest.mark.parametrize("kind", ["prices", "stock"])
def test_amounts_are_texts_of_plain_numbers(tmp_path: Path, amount: Any, kind: Any) -> None:
    name, facts = ("price", {}) if kind == "prices" else ("count", {"shop_id": 7})
    good = change() if kind == "prices" else card()
    written = json.loads(msgspec.json.encode(plan_of(good, kind=kind, **facts)))
    written["changes"][0]["after"][name] = amount
    file = msgspec.convert(written, Plan).hashed().write(tmp_path / "plan.json")
    with pytest.raises(PlanError, match=f"not a plan: changes: {name}"):
        read_plan(file)


@pytest.mark.parametrize("name", ["price", "on_hand"])
def test_what_sums_are_made_of_are_amounts_too(tmp_path: Path, name: str) -> None:
    written = json.loads(msgspec.json.encode(plan_of()))
    written["changes"][0][name] = "NaN"
    with pytest.raises(PlanError, match=f"not a plan: changes: {name}"):
        read_plan(msgspec.convert(written, Plan).hashed().write(tmp_path / "plan.json"))
