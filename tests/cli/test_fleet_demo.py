"""`smartkasa fleet demo`: how it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.fleet.demo import running
from smartkasa_async.fleet.demo.running import Compared, DemoOptions, DemoResult
from smartkasa_async.fleet.status import FleetStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async._i18n.message import Message
    from tests.support.commandline import Cli

STATUS = FleetStatus(
    active=2, paused=[], lag=None, oldest_due=None, due=0, runs={}, queues={}, workers=[], breaker="closed"
)
GOOD = DemoResult(accounts=[Compared("a", 3, []), Compared("b", 4, [])], status=STATUS, taken_over=1, seconds=9.0)


@pytest.mark.parametrize(
    ("result", "code", "shown"),
    [
        (GOOD, 0, "Stores that equal the sandbox"),
        (replace(GOOD, accounts=[Compared("a", 3, ["receipts 1 is missing"])]), 1, "a: receipts 1 is missing"),
    ],
)
def test_the_exit_status_says_whether_all_is_equal(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, result: DemoResult, code: int, shown: str
) -> None:
    async def run_demo(options: DemoOptions, note: Callable[[Message], None]) -> DemoResult:
        assert options == DemoOptions(merchants=7, workers=3, slots=4)
        return result

    monkeypatch.setattr(running, "run_demo", run_demo)
    ended = cli("fleet", "demo", "--merchants", "7")
    assert (ended.code, shown in ended.out) == (code, True), ended
    assert cli("--json", "fleet", "demo", "--merchants", "7").document["ok"] is (code == 0)


def test_a_demo_needs_a_worker_that_goes_on(cli: Cli) -> None:
    ended = cli("fleet", "demo", "--workers", "1")
    assert ended.code == 2
    assert "--workers" in ended.err
