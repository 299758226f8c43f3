"""A job of any kind: awaited, iterated, ended early; and what every result can do."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

import pytest

from smartkasa_async.jobs import (
    FailuresError,
    Job,
    JobOutcome,
    JobProblem,
    JobStoppedError,
    JobSummary,
    Progress,
    Stage,
)
from smartkasa_async.jobs.outcomes import JobTally

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from anyio.streams.memory import MemoryObjectSendStream


class Kind(StrEnum):
    SENT = "sent"
    REFUSED = "refused"


FAILED = frozenset[StrEnum]({Kind.REFUSED})


class ItemOutcome(JobOutcome[JobProblem], frozen=True, kw_only=True):
    failed_kinds = FAILED

    position: int

    @property
    def number(self) -> int:
        return self.position


class ItemSummary(JobSummary[ItemOutcome], frozen=True, kw_only=True):
    kind_names: ClassVar[Mapping[StrEnum, str]] = {Kind.SENT: "created", Kind.REFUSED: "refused"}
    failed_kinds = FAILED

    sent: int = 0
    refused: int = 0


def outcome(position: int, kind: Kind = Kind.SENT) -> ItemOutcome:
    odd = JobProblem(
        code="odd", field="price", reason_en=f"item {position} is odd", reason_uk=f"позиція {position} дивна"
    )
    return ItemOutcome(position=position, kind=kind, problems=(odd,) if kind is Kind.REFUSED else ())


class Sending(Job[ItemOutcome, ItemSummary]):
    """Sends items one by one; ends with an error where one is given."""

    already_started = "once"

    def __init__(
        self,
        items: list[ItemOutcome],
        *,
        error: Exception | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        super().__init__(JobTally(ItemSummary), groups_ahead=1, on_progress=on_progress)
        self.items = items
        self.error = error
        self.running = False

    async def _run(self, outcomes: MemoryObjectSendStream[list[ItemOutcome]]) -> None:
        self.running = True
        try:
            async with outcomes:
                for item in self.items:
                    await outcomes.send([item])
        finally:
            self.running = False
        self._failure = self.error

    def _progress(self) -> Progress:
        return Progress(Stage.SENDING, self._tally.total, len(self.items), "items", self._tally.progress_counts())

    def _stop_error(self, reason: Exception) -> JobStoppedError:
        return JobStoppedError(f"stopped: {reason}", summary=self.summary)


ITEMS = [outcome(1), outcome(2, Kind.REFUSED), outcome(3)]


async def test_a_job_is_awaited_for_its_summary_or_iterated_for_its_outcomes() -> None:
    seen: list[Progress] = []

    summary = await Sending(ITEMS, on_progress=seen.append)

    assert [one async for one in Sending(ITEMS)] == ITEMS
    assert (summary.sent, summary.refused, summary.total, summary.failed) == (2, 1, 3, (ITEMS[1],))
    assert seen[-1] == Progress(Stage.SENDING, 3, 3, "items", {"sent": 2, "refused": 1, "warned": 0})


async def test_a_job_ends_with_its_block_although_the_iteration_is_kept() -> None:
    async with Sending([outcome(number) for number in range(100)]) as job:
        kept = aiter(job)
        first = await anext(kept)
        assert job.running

    assert (first.position, job.running) == (0, False)
    assert job.summary.sent < 100
    with pytest.raises(RuntimeError, match="before it had all outcomes"):
        [one async for one in kept]


async def test_a_job_that_was_left_early_says_so_in_its_summary_and_is_not_ok() -> None:
    async with Sending([outcome(number) for number in range(100)]) as job:
        async for _ in job:
            break
    few = Sending(ITEMS[:1])
    async with few:
        kept = aiter(few)
        await anext(kept)

    for left, count in ((job, job.summary.sent), (few, 1)):
        assert (left.summary.ended_early, left.summary.ok) == (True, False)
        assert str(left.summary.describe()) == f"ended early: {count} created"
        assert left.summary.table().startswith("The job was ended early; items without an outcome are not counted.\n")
        with pytest.raises(FailuresError, match="the job was ended before it had all outcomes"):
            left.summary.raise_for_failures()
    assert not (await Sending(ITEMS)).ended_early


async def test_a_job_shows_its_state() -> None:
    job = Sending(ITEMS)
    before = repr(job)
    during = [repr(job) async for _ in job]
    stopped = Sending(ITEMS, error=OSError("full"))
    with pytest.raises(JobStoppedError):
        await stopped
    async with Sending([outcome(number) for number in range(100)]) as left:
        await anext(aiter(left))

    assert before == "<Sending not begun: no rows>"
    assert during[0] == "<Sending running: 1 created>"
    assert repr(job) == "<Sending ended: 2 created, 1 refused>"
    assert repr(stopped) == "<Sending stopped: 2 created, 1 refused>"
    assert repr(left) == f"<Sending ended early: {left.summary.sent} created>"


def test_a_loop_over_a_job_is_answered_by_how_to_write_it() -> None:
    with pytest.raises(TypeError, match=r"^Outcomes of a Sending come one by one: write `async for`, or `await` it"):
        iter(Sending(ITEMS))  # type: ignore[call-overload]


async def test_a_job_ends_with_its_block_where_an_error_leaves_it() -> None:
    job = Sending([outcome(number) for number in range(100)])

    async def leave() -> None:
        async with job:
            async for _ in job:
                raise LookupError

    with pytest.raises(LookupError):
        await leave()

    assert not job.running


async def test_a_job_that_was_awaited_or_never_begun_leaves_its_block() -> None:
    async with Sending(ITEMS) as job:
        assert (await job).total == 3
    async with Sending(ITEMS) as unbegun:
        pass

    assert unbegun.summary.total == 0


async def test_a_stop_raises_one_error_with_the_summary_and_its_cause() -> None:
    cause = OSError("the disk is full")

    with pytest.raises(JobStoppedError, match="the disk is full") as stopped:
        await Sending(ITEMS, error=cause)

    assert stopped.value.summary.total == 3
    assert stopped.value.__cause__ is cause


async def test_a_result_is_ok_or_raises_what_failed() -> None:
    good = await Sending(ITEMS[:1])
    bad = await Sending([outcome(number, Kind.REFUSED) for number in range(1, 6)])

    assert (good.ok, bad.ok) == (True, False)
    assert good.raise_for_failures() is good
    with pytest.raises(FailuresError) as raised:
        bad.raise_for_failures()
    problems = "; ".join(f"price: item {number} is odd" for number in (1, 2, 3))
    assert str(raised.value) == f"5 refused; {problems}; and 2 more"
    assert raised.value.result is bad


async def test_a_result_prints_as_a_table_and_becomes_json() -> None:
    summary = await Sending(ITEMS)

    assert str(summary) == summary.table() == "rows     3\ncreated  2\nrefused  1"
    assert summary.table("uk").splitlines() == ["рядків     3", "створено   2", "відхилено  1"]
    assert json.loads(json.dumps(summary.to_dict())) == summary.to_dict()
    assert summary.to_dict()["ok"] is False
    assert summary.to_dict()["failed"][0]["problems"][0]["reason_uk"] == "позиція 2 дивна"


@pytest.mark.parametrize(
    ("progress", "fraction", "text"),
    [
        (Progress(Stage.CHECKING), None, "checking"),
        (Progress(Stage.READING, 5, None, "rows"), None, "reading: 5 rows"),
        (
            Progress(Stage.SENDING, 5, 20, "rows", {"in_doubt": 1, "created": 0}),
            0.25,
            "sending: 5 of 20 rows (1 in doubt)",
        ),
        (Progress(Stage.SENDING, 0, 0, "rows"), 1.0, "sending: 0 of 0 rows"),
        (Progress(Stage.SENDING, 21, 20, "rows"), 1.0, "sending: 21 of 20 rows"),
    ],
)
def test_progress_has_a_share_and_prints_itself(progress: Progress, fraction: float | None, text: str) -> None:
    assert (progress.fraction, str(progress)) == (fraction, text)
