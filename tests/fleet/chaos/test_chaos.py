"""A small fleet survives a worker that is killed, a database that crashes, and an outage of the service."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.fleet.chaos.faults import FaultKind, plan_faults
from tests.fleet.chaos.scenario import Size, run_chaos
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from pathlib import Path

SMALL = Size(
    merchants=4,
    workers=2,
    slots=1,
    faults=3,
    runs_apart=2,
    largest=30,
    today_every=86_400.0,
    night_every=86_400.0,
    longest=150.0,
)


@pytest.mark.chaos
@pytest.mark.skipif(sys.platform == "win32", reason="workers are killed and stopped by signals")
async def test_every_store_equals_its_merchant_whatever_went_wrong(tmp_path: Path) -> None:
    report = await run_chaos(SMALL, 1, tmp_path, python=warm_python())
    assert report.wrong == []
    assert report.faults == Counter([FaultKind.KILL, FaultKind.CRASH, FaultKind.OUTAGE])
    assert report.runs["refused"] == 1


def test_plans_are_drawn_by_their_seed_and_have_what_each_run_must_have() -> None:
    plans = [plan_faults(seed, count=20, runs_apart=9) for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]
    for plan in plans:
        assert len(plan) == 20
        assert {FaultKind.KILL, FaultKind.CRASH, FaultKind.RESTART, FaultKind.CUT} <= {fault.kind for fault in plan}
        assert all(1 <= fault.after <= 9 for fault in plan)
