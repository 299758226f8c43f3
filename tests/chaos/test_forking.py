"""Those who kill jobs: each answer is to its job, no foreign process is killed, and nobody waits for ever."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.chaos import driving
from tests.chaos.driving import KILLED, Victim, Worker, running_worker
from tests.chaos.odd_jobs import OddJob
from tests.support.processes import LONGEST, finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(
    not (hasattr(os, "fork") and hasattr(os, "waitid")), reason="jobs are forked and killed, which this system cannot"
)

MODULE = "tests.chaos.odd_jobs"
PROJECT = Path(__file__).parents[2]
ORDERED_AND_LEFT = """
import os, sys, threading
from pathlib import Path
from tests.chaos.driving import Worker
from tests.chaos.odd_jobs import OddJob

folder = Path(sys.argv[1])
worker = Worker("tests.chaos.odd_jobs")
threading.Thread(target=worker.run, args=[OddJob("goes on", folder=str(folder))], daemon=True).start()
while not (folder / "process").exists():
    pass
print("ordered", flush=True)
os._exit(0)
"""


class VictimAtOnce(Victim):
    """A job that another thread kills in the moment in which it is ordered."""

    def begins(self, kill: Callable[[], object]) -> None:
        self.kill = kill
        Timer(0, kill).start()


@pytest.fixture
def worker() -> Iterator[Worker]:
    with running_worker(MODULE) as worker:
        yield worker


def test_each_job_has_its_own_answer(worker: Worker) -> None:
    assert [worker.run(OddJob("ends", status=status)) for status in (0, 3, 1)] == [0, 3, 1]


@pytest.mark.parametrize(("how", "status"), [("writes", 5), ("reads", 0)])
def test_a_job_neither_answers_nor_takes_orders(worker: Worker, how: Any, status: int) -> None:
    assert [worker.run(OddJob(how, status=5)), worker.run(OddJob("ends", status=4))] == [status, 4]


def test_a_kill_that_comes_at_once_is_not_lost_and_one_that_comes_late_hits_nobody(worker: Worker) -> None:
    victim = VictimAtOnce()
    assert worker.run(OddJob("goes on"), victim) == KILLED
    victim.kill()
    assert worker.run(OddJob("ends")) == 0


def test_a_job_that_does_not_end_is_killed_at_its_limit_and_the_next_one_runs(worker: Worker) -> None:
    worker._limit = 0.2
    with pytest.raises(AssertionError, match="had not ended after"):
        worker.run(OddJob("goes on"))
    worker._limit = LONGEST
    assert worker.run(OddJob("ends", status=6)) == 6


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ('{"id":2,"status":0,"late":false}', AssertionError),
        ('{"id":0,"status":0,"late":false}', AssertionError),
        ("0", msgspec.ValidationError),
        ("-9", msgspec.ValidationError),
        ("", AssertionError),
    ],
)
def test_what_is_no_answer_to_the_job_is_not_taken_for_one(worker: Worker, answer: str, error: type[Exception]) -> None:
    right = worker._command
    worker._command = [sys.executable, "-c", f"print({answer!r}, end={chr(10) if answer else ''!r})"]
    with pytest.raises(error):
        worker.run(OddJob("ends"))
    worker._command = right
    assert worker.run(OddJob("ends", status=6)) == 6


def test_a_run_that_is_broken_off_leaves_no_job_and_no_answer_for_the_next(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class BrokenOffError(Exception):
        pass

    def read_answer(*_: object) -> None:
        while not (tmp_path / "process").exists():
            pass
        raise BrokenOffError

    with monkeypatch.context() as patched:
        patched.setattr(driving, "_read_answer", read_answer)
        with pytest.raises(BrokenOffError):
            worker.run(OddJob("goes on", folder=str(tmp_path)))
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "process").read_text()), 0)
    assert worker.run(OddJob("ends", status=6)) == 6


def test_no_job_outlives_whoever_ordered_it(tmp_path: Path) -> None:
    """All of them hold the pipe of the errors, which is read here until none of them does."""
    done = finished([sys.executable, "-c", ORDERED_AND_LEFT, str(tmp_path)], cwd=PROJECT)

    assert (done.returncode, done.stdout, done.stderr) == (0, "ordered\n", "")
