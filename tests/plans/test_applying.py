"""A plan is applied once, to what it was made for, and what was changed is set back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async._support import clock
from smartkasa_async.errors import ForbiddenError, InvalidRequestError
from smartkasa_async.jobs import JobRunningError, JournalError
from smartkasa_async.jobs.lease import hold_lease
from smartkasa_async.models import CategoryCreate, ProductUpdate
from smartkasa_async.plans import (
    PlanError,
    PlanOutcomeKind,
    PlanOutdatedError,
    PlanStoppedError,
    apply_plan,
    read_plan,
    read_undo,
    undo_plan,
)
from smartkasa_async.plans.effects import largest_changes
from smartkasa_async.plans.journals import journal_path
from smartkasa_async.sandbox import Fault, Sandbox
from tests.support.catalogue import barcode
from tests.support.clients import client

if TYPE_CHECKING:
    from smartkasa_async.catalog.source_location import KeyField
    from smartkasa_async.plans import PlanKind
    from tests.support.planned_store import PlannedStore

UPDATE = "PATCH /api/v1/inventory/products/{id}"
SET_COUNT = "PUT /api/v1/inventory/cards/{id}"
LOST_AFTER: Any = "drop_after"
LOST_BEFORE: Any = "drop_before"


async def test_prices_are_applied_and_undone(store: PlannedStore) -> None:
    before = store.state
    plan = await store.plan_prices({1: "7,20", 2: 8})
    summary = await store.apply()
    assert (store.prices[1], store.prices[2], store.prices[3]) == ("7.20", "8.00", "3.00")
    assert (summary.ok, summary.updated, summary.plan) == (True, 2, plan.id)
    undo = await read_undo(store.file)
    assert (undo.is_undo, undo.id, undo.code) == (True, plan.id, plan.undo_code)
    assert (undo.changes[0].before, undo.changes[0].after) == ({"price": "7.20"}, {"price": "1.00"})
    assert "Undo of plan" in undo.describe()
    undone = await store.undo()
    assert (undone.updated, undone.plan, store.state) == (2, plan.id, before)


async def test_counts_are_applied_and_undone(store: PlannedStore) -> None:
    before = store.cards
    await store.plan_counts({1: "5,5", 4: 0})
    assert (await store.apply()).updated == 2
    assert (store.on_hand[1], store.on_hand[4]) == ("5.5", "0")
    await store.undo()
    assert store.cards == before


async def test_the_catalogue_is_applied_and_undone(store: PlannedStore) -> None:
    before = store.state
    row = {
        "smartkasa_id": store.products[1],
        "number": barcode(77),
        "title": "Кава зернова",
        "alter_number": "K-1",
        "tax": "20%",
        "alter_title": "Кава",
    }
    plan = await store.plan("catalog", [row])
    assert set(plan.changes[0].after) == {"number", "title", "alter_number", "tax_group_id", "alter_title"}
    assert (await store.apply()).updated == 1
    changed = await store.kasa.products.get(store.products[1])
    assert (changed.title, changed.number, changed.alter_number) == ("Кава зернова", barcode(77), "K-1")
    assert (await store.undo()).updated == 1
    assert store.state == before


async def test_a_plan_is_applied_once_and_undone_once(store: PlannedStore) -> None:
    await store.plan_prices({1: 7})
    await store.apply()
    with pytest.raises(PlanError, match="was applied already"):
        await store.apply()
    await store.undo()
    with pytest.raises(PlanError, match="was undone already"):
        await store.undo()
    with pytest.raises(PlanError, match="was undone already, and is not applied another time"):
        await store.apply()
    assert store.box.calls[UPDATE] == 2


async def test_a_copy_elsewhere_is_known_by_its_id_before_and_after_an_undo(store: PlannedStore) -> None:
    await store.plan_prices({1: 7})
    (store.folder / "other").mkdir()
    copy = store.folder / "other" / "copy.json"
    copy.write_bytes(store.file.read_bytes())
    await store.apply()
    with pytest.raises(PlanError, match="was applied already"):
        await apply_plan(store.kasa, copy)
    await undo_plan(store.kasa, copy)
    with pytest.raises(PlanError, match="was undone already"):
        await apply_plan(store.kasa, copy)
    assert store.prices[1] == "1.00"


async def test_plans_with_the_same_name_do_not_mix(store: PlannedStore) -> None:
    before = store.state
    await store.plan_prices({1: 7})
    await store.apply()
    (store.folder / "other").mkdir()
    first = store.file.rename(store.folder / "other" / "plan.json")
    unrelated = store.folder / "plan.undo.json"
    unrelated.write_text("mine", "utf-8")
    await store.plan_prices({2: 8})
    await store.apply()
    assert (await undo_plan(store.kasa, first)).updated == 1
    assert (await store.undo()).updated == 1
    assert (store.state, unrelated.read_text("utf-8")) == (before, "mine")


async def test_a_plan_without_a_place_for_its_journal_changes_nothing(
    store: PlannedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.plan_prices({1: 7})
    (store.folder / "file").write_text("no folder")
    monkeypatch.setenv("XDG_STATE_HOME", str(store.folder / "file"))
    with pytest.raises(JournalError, match="cannot be made"):
        await store.apply()
    monkeypatch.setenv("XDG_STATE_HOME", str(store.folder))
    path = journal_path(read_plan(store.file))
    path.mkdir(parents=True)
    with pytest.raises(JournalError):
        await store.apply()
    assert store.writes() == {}
    path.rmdir()
    await store.apply()
    undoing = journal_path(await read_undo(store.file))
    undoing.mkdir()
    store.box.calls.clear()
    with pytest.raises(JournalError):
        await store.undo()
    assert store.writes() == {}


async def test_nobody_else_reads_a_plan_or_its_journals(store: PlannedStore) -> None:
    plan = await store.plan_prices({1: 7})
    await store.apply()
    await store.undo()
    folder = journal_path(plan).parent
    assert [file.stat().st_mode & 0o77 for file in (store.file, folder, *folder.iterdir())] == [0] * 4


async def test_another_plan_under_the_same_id_is_not_gone_on_with(store: PlannedStore) -> None:
    plan = await store.plan_prices({1: 7})
    await store.apply()
    change = msgspec.structs.replace(plan.changes[0], title="Чай")
    assert plan.largest_by_percent is not None
    largest = msgspec.structs.replace(plan.largest_by_percent, title="Чай")
    forged = {"changes": (change,), "largest_by_percent": largest, "largest_by_hryvnias": largest}
    msgspec.structs.replace(plan, **forged).hashed().write(store.file)
    for work in (store.apply, store.undo):
        with pytest.raises(PlanError, match="is another one than was begun"):
            await work()


async def test_another_plan_than_the_one_that_was_approved_is_refused(store: PlannedStore) -> None:
    approved = await store.plan_prices({1: "7.20"})
    await store.plan_prices({1: "0.01"})
    for work in (store.apply, store.undo):
        with pytest.raises(PlanError, match=r"plan\.json has another plan than the one that was approved"):
            await work(approved=approved)
    assert store.prices[1] == "1.00"
    approved.write(store.file)
    assert (await store.apply(approved=approved)).updated == 1


async def test_what_is_approved_is_a_plan(store: PlannedStore) -> None:
    await store.plan_prices({1: "7.20"})
    with pytest.raises(InvalidRequestError, match="approved is a plan"):
        store.apply(approved="plan.json")


async def test_a_renamed_plan_is_known_by_its_id(store: PlannedStore) -> None:
    await store.plan_prices({1: 7})
    await store.apply()
    renamed = store.file.rename(store.folder / "again.json")
    with pytest.raises(PlanError, match="was applied already"):
        await apply_plan(store.kasa, renamed)


async def test_what_changed_since_is_named_and_nothing_is_written(store: PlannedStore) -> None:
    await store.plan_prices({1: 7, 2: 8, 3: 9})
    await store.kasa.products.update(store.products[2], ProductUpdate(price=Decimal("2.5")))
    await store.kasa.products.update(store.products[3], ProductUpdate(title="Чай"))
    store.box.calls.clear()
    with pytest.raises(PlanOutdatedError) as caught:
        await store.apply()
    assert [problem.code for problem in caught.value.problems] == ["plan_row_changed"] * 2
    assert "Товар 2: price was 2.00 when the plan was made, is 2.50, and was to be 8.00" in str(caught.value)
    assert "Товар 3: title was Товар 3 when the plan was made, is Чай" in str(caught.value)
    assert "Товар 2" in caught.value.describe("uk")
    assert store.writes() == {}


async def test_a_product_that_is_deleted_since_is_named(store: PlannedStore) -> None:
    await store.plan_prices({1: 7, 2: 8})
    await store.kasa.products.delete(store.products[2])
    with pytest.raises(PlanOutdatedError, match="Товар 2: it was deleted"):
        await store.apply()
    assert store.box.calls[UPDATE] == 0


async def test_a_sale_since_keeps_a_plan_of_counts_from_being_applied(store: PlannedStore) -> None:
    await store.plan_counts({3: 9, 4: 9})
    await store.sell(3)
    with pytest.raises(PlanOutdatedError, match="count was 3 when the plan was made, is 2"):
        await store.apply()
    assert (store.on_hand[3], store.on_hand[4]) == ("2", "4")


async def test_an_expired_plan_is_refused(store: PlannedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.plan("prices", [{"number": barcode(1), "price": 7}], valid_for=timedelta(minutes=5))
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(PlanError, match="could be applied until"):
        await store.apply()
    assert store.prices[1] == "1.00"


async def test_a_plan_of_another_account_is_refused(store: PlannedStore) -> None:
    await store.plan_prices({1: 7})
    async with Sandbox() as other, client(other) as kasa:
        with pytest.raises(PlanError, match="another account"):
            await apply_plan(kasa, store.file)


async def test_an_import_at_work_keeps_it_waiting_outside(store: PlannedStore) -> None:
    await store.plan_prices({1: 7})
    async with hold_lease("products", await store.kasa.account_id()):
        with pytest.raises(JobRunningError):
            await store.apply()
    assert store.prices[1] == "1.00"


@pytest.mark.parametrize(("kind", "sent"), [(LOST_AFTER, 1), (LOST_BEFORE, 2)])
async def test_a_lost_answer_is_read_back(store: PlannedStore, kind: Any, sent: int) -> None:
    await store.plan_counts({1: 7})
    store.box.faults.add(Fault(kind, operation="updateStockCard"))
    summary = await store.apply()
    assert (summary.updated, store.on_hand[1], store.box.calls[SET_COUNT]) == (1, "7", sent)


@pytest.mark.parametrize(("kind", "sent"), [(LOST_AFTER, 1), (LOST_BEFORE, 2)])
async def test_lost_answers_of_prices_are_read_back_and_not_repeated_blindly(
    store: PlannedStore, kind: Any, sent: int
) -> None:
    await store.plan_prices({1: 7})
    store.box.faults.add(Fault(kind, operation="updateProduct"))
    assert (await store.apply()).updated == 1
    assert (store.prices[1], store.box.calls[UPDATE]) == ("7.00", sent)


async def test_what_is_neither_as_before_nor_as_planned_stays_in_doubt_and_is_not_resent(
    store: PlannedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.plan_counts({4: 9})
    store.box.faults.add(Fault(LOST_AFTER, operation="updateStockCard"))
    get, turns = store.kasa.cards.get, 0

    async def sold_before_it_is_read_back(card_id: int) -> Any:
        nonlocal turns
        turns += 1
        if turns == 3:  # the check of the plan, the read before the write, and now
            await store.sell(4)
        return await get(card_id)

    monkeypatch.setattr(store.kasa.cards, "get", sold_before_it_is_read_back)
    summary = await store.apply()
    assert (summary.in_doubt, store.on_hand[4], store.box.calls[SET_COUNT]) == (1, "8", 1)
    assert "neither 4 nor 9" in summary.failed[0].describe()


async def test_a_refusal_is_named_and_the_others_are_carried_out(store: PlannedStore) -> None:
    await store.plan_prices({1: 7, 2: 8})
    body = {"errors": {"price": [{"error": "invalid"}]}}
    store.box.faults.add(Fault("status", operation="updateProduct", status=422, body=body))
    outcomes = [outcome async for outcome in store.apply(concurrency=1)]
    assert [one.kind for one in outcomes] == [PlanOutcomeKind.REJECTED, PlanOutcomeKind.UPDATED]
    assert "the service refused it" in outcomes[0].describe()
    assert len((await read_undo(store.file)).changes) == 1


async def test_a_plan_that_is_stopped_goes_on_where_it_was(store: PlannedStore) -> None:
    await store.plan_prices({1: 7, 2: 8, 3: 9})
    store.box.faults.add(Fault("delay", operation="updateProduct"))
    store.box.faults.add(Fault("status", operation="updateProduct", status=403, times=None))
    with pytest.raises(PlanStoppedError) as caught:
        await store.apply(concurrency=1)
    assert isinstance(caught.value.__cause__, ForbiddenError)
    store.box.faults.clear()
    summary = await store.apply()
    assert summary.updated == 3
    assert [store.prices[number] for number in (1, 2, 3)] == ["7.00", "8.00", "9.00"]
    with pytest.raises(PlanError, match="was applied already"):
        await store.apply()


async def test_an_undo_leaves_alone_what_changed_since(store: PlannedStore) -> None:
    await store.plan_counts({3: 9, 4: 9})
    await store.apply()
    await store.sell(3)
    outcomes = [outcome async for outcome in store.undo()]
    kinds = {one.change.title: one.kind for one in outcomes}
    assert kinds == {"Товар 3": PlanOutcomeKind.CHANGED, "Товар 4": PlanOutcomeKind.UPDATED}
    assert (store.on_hand[3], store.on_hand[4]) == ("8", "4")
    left = next(one for one in outcomes if one.kind is PlanOutcomeKind.CHANGED)
    assert "count is 8, no longer 9 as the plan left it, so it was not set back to 3" in left.describe()


async def test_an_undo_that_left_something_alone_can_be_repeated_for_that(store: PlannedStore) -> None:
    before = store.state
    await store.plan_prices({3: 9, 4: 9})
    await store.apply()
    await store.kasa.products.update(store.products[3], ProductUpdate(price=Decimal(10)))
    assert (await store.undo()).changed == 1
    await store.kasa.products.update(store.products[3], ProductUpdate(price=Decimal(9)))
    await store.kasa.products.update(store.products[4], ProductUpdate(price=Decimal(9)))
    assert (await store.undo()).updated == 2  # the second is reported as it ended, and not touched another time
    assert (store.prices[3], store.prices[4]) == ("3.00", "9.00")
    with pytest.raises(PlanError, match="was undone already"):
        await store.undo()
    await store.kasa.products.update(store.products[4], ProductUpdate(price=Decimal(4)))
    assert store.state == before


async def test_an_undo_expires(store: PlannedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.plan_prices({1: 7})
    await store.apply()
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(PlanError, match="could be undone until"):
        await store.undo()
    assert store.prices[1] == "7.00"


async def test_an_undo_that_is_stopped_names_the_undo(store: PlannedStore) -> None:
    await store.plan_prices({1: 7})
    await store.apply()
    store.box.faults.add(Fault("status", operation="updateProduct", status=403, times=None))
    with pytest.raises(PlanStoppedError, match="undo the plan once more to go on") as caught:
        await store.undo()
    assert "undo the plan once more" in caught.value.summary.failed[0].describe()


async def test_what_was_not_applied_cannot_be_undone(store: PlannedStore) -> None:
    await store.plan_prices({1: 7})
    with pytest.raises(PlanError, match="was not applied"):
        await store.undo()
    await store.kasa.products.update(store.products[1], ProductUpdate(price=Decimal(2)))
    with pytest.raises(PlanOutdatedError):
        await store.apply()
    with pytest.raises(PlanError, match="was not applied"):
        await store.undo()


async def test_a_plan_stopped_half_way_can_be_undone_and_then_not_gone_on_with(
    store: PlannedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.state
    await store.plan_prices({1: 7, 2: 8})
    call, turns = store.kasa.call, 0

    async def fail_at_the_second(operation: Any, **options: Any) -> Any:
        nonlocal turns
        turns += operation.method == "PATCH"
        if turns == 2:
            raise ForbiddenError("no", status=403)
        return await call(operation, **options)

    with monkeypatch.context() as patched:
        patched.setattr(store.kasa, "call", fail_at_the_second)
        with pytest.raises(PlanStoppedError):
            await store.apply(concurrency=1)
    assert store.prices[1] == "7.00"
    assert (await store.undo()).updated == 1
    assert store.state == before
    with pytest.raises(PlanError, match="was undone already"):
        await store.apply()


async def test_a_plan_without_changes_is_applied_and_has_nothing_to_undo(store: PlannedStore) -> None:
    await store.plan_prices({1: 1})
    summary = await store.apply()
    assert summary.total == 0
    with pytest.raises(PlanError, match="nothing to undo"):
        await store.undo()


async def test_an_undo_is_no_plan_to_apply(store: PlannedStore) -> None:
    await store.plan_prices({1: 7})
    await store.apply()
    written = (await read_undo(store.file)).write(store.folder / "undo.json")
    for work in (apply_plan, undo_plan):
        with pytest.raises(PlanError, match="is an undo"):
            await work(store.kasa, written)


@pytest.mark.parametrize("kind", ["prices", "stock"])
@pytest.mark.parametrize("forged", [{"key": barcode(2)}, {"title": "Чай"}])
async def test_a_plan_that_shows_another_product_than_it_changes_is_not_applied(
    store: PlannedStore, kind: PlanKind, forged: dict[str, Any]
) -> None:
    plan = await store.plan(kind, [{"number": barcode(1), **({"price": 7} if kind == "prices" else {"count": 7})}])
    change = msgspec.structs.replace(plan.changes[0], **forged)
    percent, hryvnias = largest_changes((change,))
    facts = {"changes": (change,), "largest_by_percent": percent, "largest_by_hryvnias": hryvnias}
    msgspec.structs.replace(plan, **facts).hashed().write(store.file)
    before = store.state
    with pytest.raises(PlanOutdatedError, match=f"was {next(iter(forged.values()))} when the plan was made"):
        await store.apply()
    assert store.state == before


@pytest.mark.parametrize("shown", [{"Напої": "Тютюн"}, {"Напої": "Напої", "1.00": "9.99"}])
async def test_a_plan_that_shows_another_category_than_it_sets_is_not_applied(
    store: PlannedStore, shown: dict[str, str]
) -> None:
    drinks = await store.kasa.categories.create(CategoryCreate(title="Напої"))
    plan = await store.plan("catalog", [{"number": barcode(1), "category": "Напої"}])
    forged = {drinks.id if known == "Напої" else known: path for known, path in shown.items()}
    msgspec.structs.replace(plan, categories=forged).hashed().write(store.file)
    before = store.state
    with pytest.raises(PlanOutdatedError, match=r"has a category .+ in the service, so nothing was changed"):
        await store.apply()
    plan.write(store.file)
    assert store.state == before
    assert (await store.apply()).updated == 1


@pytest.mark.parametrize("key", ["number", "alter_number"])
async def test_products_may_be_called_by_their_id_and_by_the_code_that_they_get(
    store: PlannedStore, key: KeyField
) -> None:
    rows = [
        {"smartkasa_id": store.products[1], "number": barcode(77), "alter_number": "новий"},
        {"smartkasa_id": store.products[2], "title": "Чай"},
    ]
    plan = await store.plan("catalog", rows, key=key)
    assert plan.refused == ()
    assert (await store.apply()).updated == 2
