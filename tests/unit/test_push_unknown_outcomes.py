"""Pushes to a service whose answers prove nothing and whose lists come late: no receipt is stored twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.receipts import PushKind, PushStoppedError, push_receipts
from tests.sandbox.pushing import codes, kinds, numbers, told
from tests.sandbox.till import receipt, receipts
from tests.unit.receipt_service import LIST, PROVE_NOTHING, REFUSALS, Clock, Deed, ReceiptService, client_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smartkasa_async.receipts import PushOutcome, ReceiptPush

SETTLE_AFTER = 15.0


@pytest.fixture
def service() -> Iterator[ReceiptService]:
    with Clock().driven() as clock:
        yield ReceiptService(clock)


async def stopped(push: ReceiptPush) -> list[PushOutcome]:
    """Give the outcomes of a push that something stops."""
    outcomes: list[PushOutcome] = []

    async def collect() -> None:
        async for outcome in push:
            outcomes.append(outcome)  # noqa: PERF401  (kept when the push raises)

    with pytest.raises(PushStoppedError):
        await collect()
    return sorted(outcomes, key=lambda outcome: outcome.position)


async def pushed(service: ReceiptService, journal: Path, count: int = 20, **options: Any) -> list[PushOutcome]:
    """Push receipts until nothing stops it any more, with the same journal, and give the outcomes of the last run."""
    for _ in range(5):
        async with client_of(service) as kasa:
            push = push_receipts(
                kasa, receipts(count), journal=journal, batch_size=20, **{"settle_after": SETTLE_AFTER, **options}
            )
            try:
                return await told(push)
            except PushStoppedError:
                continue
    raise AssertionError("it stops each time")


def assert_each_once(service: ReceiptService, outcomes: list[PushOutcome]) -> None:
    assert sorted(service.stored) == numbers(*range(1, len(outcomes) + 1))
    assert {outcome.kind for outcome in outcomes} <= {PushKind.CREATED, PushKind.ALREADY_THERE}
    assert {outcome.key.number: outcome.id for outcome in outcomes if outcome.key} == service.ids


@pytest.mark.parametrize("stores", [None, 7, 0])
@pytest.mark.parametrize("status", PROVE_NOTHING)
async def test_a_status_that_proves_nothing_is_read_back(
    service: ReceiptService, tmp_path: Path, status: int, stores: int | None
) -> None:
    service.deeds.append(Deed(stores, answers=status))

    assert_each_once(service, await pushed(service, tmp_path / "journal"))


@pytest.mark.parametrize("answers", ["reversed", "fewer", "unreadable", "page", "nothing"])
async def test_an_answer_that_does_not_say_what_was_stored(
    service: ReceiptService, tmp_path: Path, answers: str
) -> None:
    service.deeds.append(Deed(answers=answers))

    assert_each_once(service, await pushed(service, tmp_path / "journal"))


@pytest.mark.parametrize("status", REFUSALS)
async def test_a_refusal_that_can_be_read_is_not_waited_for(
    service: ReceiptService, tmp_path: Path, status: int
) -> None:
    service.deeds.append(Deed(0, answers=status))

    assert_each_once(service, await pushed(service, tmp_path / "journal"))
    assert service.clock.seconds == 0
    assert f"GET {LIST}" not in service.calls


@pytest.mark.parametrize("status", PROVE_NOTHING)
async def test_no_run_says_that_a_receipt_was_not_sent_which_the_service_has(
    service: ReceiptService, tmp_path: Path, status: int
) -> None:
    service.deeds.append(Deed(answers=status))
    service.lists.extend([403] * 100)
    async with client_of(service) as kasa:
        push = push_receipts(kasa, receipts(20), journal=tmp_path / "journal", settle_after=SETTLE_AFTER)
        outcomes = await stopped(push)

    assert kinds(outcomes) == ["in_doubt"] * 20
    service.lists.clear()
    assert_each_once(service, await pushed(service, tmp_path / "journal"))


@pytest.mark.parametrize("late", [0.0, 5.0, 11.0])
@pytest.mark.parametrize("lag", [0.0, 3.0])
async def test_a_list_that_lags_is_read_until_the_window_is_over(
    service: ReceiptService, tmp_path: Path, lag: float, late: float
) -> None:
    service.lag = lag
    service.deeds.extend([Deed(12, late, 504), Deed(None, late, "nothing")])

    assert_each_once(service, await pushed(service, tmp_path / "journal"))


async def test_what_the_list_shows_at_once_is_not_waited_for(service: ReceiptService, tmp_path: Path) -> None:
    service.deeds.append(Deed(answers="nothing"))

    assert_each_once(service, await pushed(service, tmp_path / "journal"))
    assert service.clock.seconds == 0


@pytest.mark.parametrize("lag", [3.0, 14.0])
async def test_receipts_of_a_lost_journal_are_looked_for_until_the_window_is_over(
    service: ReceiptService, tmp_path: Path, lag: float
) -> None:
    service.lag = lag
    await pushed(service, tmp_path / "lost")

    assert_each_once(service, await pushed(service, tmp_path / "new", check_existing=True))


async def test_a_receipt_in_doubt_whose_id_is_known_is_asked_for_by_it(service: ReceiptService, tmp_path: Path) -> None:
    async def push(**changes: Any) -> list[PushOutcome]:
        async with client_of(service) as kasa:
            return await told(
                push_receipts(
                    kasa,
                    [receipt(1, **changes)],
                    journal=tmp_path / "journal",
                    totals="ignore",
                    settle_after=SETTLE_AFTER,
                )
            )

    service.deeds.append(Deed(answers="nothing"))
    service.on_answer = lambda: [one.update(total_amount="5.00") for one, _ in service.kept] and None
    assert codes(await push()) == ["in_doubt_differs"]
    service.lag = 1000.0
    assert codes(await push()) == ["in_doubt_differs"]
    service.on_answer = lambda: [one.update(total_amount="21.00") for one, _ in service.kept] and None
    assert kinds(await push()) == ["created"]
    assert service.stored == ["000001"]


async def test_a_stop_before_a_receipt_is_looked_for_leaves_it_in_doubt(
    service: ReceiptService, tmp_path: Path
) -> None:
    """Receipts of an earlier run, of which this one does not get to ask."""
    service.deeds.append(Deed(answers="nothing"))
    service.lists.extend([403] * 100)
    for _ in range(3):
        async with client_of(service) as kasa:
            push = push_receipts(
                kasa, receipts(8), journal=tmp_path / "journal", batch_size=4, settle_after=SETTLE_AFTER
            )
            outcomes = await stopped(push)
        assert kinds(outcomes) == ["in_doubt"] * 4 + ["held_back"] * 4
    service.lists.clear()
    assert_each_once(service, await pushed(service, tmp_path / "journal", count=8))
