"""What Prometheus scrapes, and what supervisors ask."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from smartkasa_async.errors import NotConnectedError, UnauthorizedError
from smartkasa_async.events import CallEndEvent, OutcomeUnknownEvent, ResponseEvent, RetryEvent, WaitEvent
from smartkasa_async.fleet.database import Database
from smartkasa_async.fleet.errors import FleetError
from smartkasa_async.fleet.metrics import FLEET, WORKER, Metrics
from smartkasa_async.fleet.metrics_server import serving_metrics
from smartkasa_async.fleet.runs import Held, Result
from smartkasa_async.fleet.verdicts import Outcome
from smartkasa_async.fleet.work import TaskName
from tests.fleet.conftest import new_account

if TYPE_CHECKING:
    from smartkasa_async.fleet.accounts import Accounts
    from smartkasa_async.fleet.credentials import CredentialStore
    from smartkasa_async.fleet.policy import Policy
    from tests.fleet.conftest import Clock

DASHBOARD = Path(__file__).parents[2] / "deploy" / "grafana-fleet.json"
HELD = Held(1, "a", 1, "https://core.smartkasa.ua", 5.0, "standard", None, None)


async def figures(metrics: Metrics) -> dict[str, float]:
    """Render the figures and read them as Prometheus does."""
    lines = (await metrics.render()).decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


@pytest.fixture
def metrics(database: Database, policy: Policy) -> Metrics:
    return Metrics(database, policy)


async def test_figures_are_those_of_the_fleet(
    metrics: Metrics, database: Database, accounts: Accounts, credential_store: CredentialStore, clock: Clock
) -> None:
    ids = [await accounts.add(new_account(name), credential_store) for name in ("a", "b", "c")]
    await accounts.pause(ids[2], "the key was revoked")
    await database.execute("UPDATE schedule SET next_at = now() + interval '1 year'")
    clock.advance(3600)
    await database.execute(
        "UPDATE schedule SET next_at = %s WHERE account_id = %s AND task = 'today'", [clock.moment, ids[0]]
    )
    clock.advance(60)
    await database.execute(
        "INSERT INTO workers VALUES ('w', 'h', 1, 8, ARRAY['light', 'night'], %s, %s)", [clock.moment, clock.moment]
    )
    await database.execute(
        "INSERT INTO runs (account_id, task, job_id, worker, started_at, ended_at, outcome)"
        " VALUES (%s, 'today', 1, 'w', %s, %s, 'done')",
        [ids[0], clock.moment, clock.moment],
    )
    shown = await figures(metrics)
    assert {name: value for name, value in shown.items() if name.startswith("smartkasa_fleet_") and value} == {
        "smartkasa_fleet_up": 1,
        'smartkasa_fleet_accounts{state="active"}': 2,
        'smartkasa_fleet_accounts{state="paused"}': 1,
        'smartkasa_fleet_lag_seconds{which="median"}': 3660,
        'smartkasa_fleet_lag_seconds{which="percentile_95"}': 3660,
        'smartkasa_fleet_lag_seconds{which="worst"}': 3660,
        "smartkasa_fleet_due_tasks": 1,
        "smartkasa_fleet_oldest_due_seconds": 60,
        "smartkasa_fleet_workers": 1,
        "smartkasa_fleet_slots": 8,
        'smartkasa_fleet_runs_last_hour{outcome="done",task="today"}': 1,
        'smartkasa_fleet_breaker{state="closed"}': 1,
    }


async def test_figures_that_ended_are_not_shown_any_longer(
    metrics: Metrics, accounts: Accounts, credential_store: CredentialStore
) -> None:
    account = await accounts.add(new_account("a"), credential_store)
    assert 'smartkasa_fleet_lag_seconds{which="worst"}' in await figures(metrics)
    await accounts.remove(account)
    assert 'smartkasa_fleet_lag_seconds{which="worst"}' not in await figures(metrics)


async def test_runs_are_counted_by_outcome(metrics: Metrics) -> None:
    ends: list[Result | BaseException] = [
        Result(),
        Result(Outcome.INCOMPLETE),
        UnauthorizedError("no", status=401, operation="listShops"),
        NotConnectedError("no"),
        asyncio.CancelledError(),
    ]

    async def do(task: TaskName, held: Held) -> Result:
        end = ends.pop(0)
        assert (await figures(metrics))[f'smartkasa_fleet_running{{task="{task}"}}'] == 1
        if isinstance(end, BaseException):
            raise end
        return end

    measured = metrics.measured(do)
    for error in (None, None, UnauthorizedError, NotConnectedError, asyncio.CancelledError):
        if error is None:
            await measured(TaskName.TODAY, HELD)
        else:
            with pytest.raises(error):
                await measured(TaskName.TODAY, HELD)
    shown = await figures(metrics)
    for outcome in ("done", "incomplete", "refused", "outage", "returned"):
        assert shown[f'smartkasa_fleet_runs_total{{outcome="{outcome}",task="today"}}'] == 1
    assert shown['smartkasa_fleet_running{task="today"}'] == 0
    assert shown['smartkasa_fleet_run_seconds_count{task="today"}'] == 5


async def test_calls_are_counted_from_the_clients_events(metrics: Metrics) -> None:
    call: Any = {"operation": "listReceipts", "attempt": 1, "call_id": 1}
    for event in (
        ResponseEvent(**call, status=429, seconds=0.1, size=2, request_id=None),
        RetryEvent(**call, reason="429", seconds=1.0),
        WaitEvent(**call, cause="rate", seconds=2.5),
        CallEndEvent(**call, outcome="done", seconds=0.3, error=None, reason=None, status=None),
        OutcomeUnknownEvent(**call, reason="the connection broke"),
    ):
        metrics.on_event(event)
    shown = await figures(metrics)
    assert shown['smartkasa_responses_total{status="429"}'] == 1
    assert shown['smartkasa_retries_total{operation="listReceipts"}'] == 1
    assert shown['smartkasa_waits_seconds_total{cause="rate"}'] == 2.5
    assert shown['smartkasa_call_seconds_sum{operation="listReceipts",outcome="done"}'] == 0.3
    assert shown['smartkasa_outcomes_unknown_total{operation="listReceipts"}'] == 1


async def test_a_worker_answers_for_its_health(metrics: Metrics, database: Database) -> None:
    async with serving_metrics(database, metrics, 0) as port, aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{port}"
        async with session.get(f"{url}/healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok\n")
        async with session.get(f"{url}/metrics") as answer:
            assert answer.status == 200
            assert "smartkasa_fleet_up 1.0" in await answer.text()
        with pytest.raises(FleetError, match=f"127.0.0.1:{port}.*give another port"):
            async with serving_metrics(database, metrics, port):
                pass


async def test_a_lost_database_is_told_and_the_worker_s_own_figures_stay(policy: Policy) -> None:
    lost = Database("postgresql+asyncpg://nobody@/none?host=/nowhere")
    await lost.pool.open(wait=False)
    metrics = Metrics(lost, policy)
    metrics.on_event(RetryEvent(operation="listShops", attempt=1, call_id=1, reason="", seconds=0))
    try:
        lost.pool.timeout = 0.1
        async with serving_metrics(lost, metrics, 0) as port, aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                assert answer.status == 503
                assert await answer.text() == "the fleet's database does not answer\n"
            shown = await figures(metrics)
            assert shown["smartkasa_fleet_up"] == 0
            assert 'smartkasa_fleet_accounts{state="active"}' not in shown
            assert shown['smartkasa_retries_total{operation="listShops"}'] == 1
    finally:
        await lost.pool.close()


async def test_the_dashboard_shows_every_figure_and_no_other(metrics: Metrics) -> None:
    text = DASHBOARD.read_text(encoding="utf-8")
    expressions = [target["expr"] for panel in json.loads(text)["panels"] for target in panel["targets"]]
    used = {name for each in expressions for name in re.findall(r"\b(?:smartkasa|process)_\w+", each)}
    exported = set(re.findall(r"^# TYPE (\w+) (?!histogram)", (await metrics.render()).decode(), re.MULTILINE))
    histograms = re.findall(r"^# TYPE (\w+) histogram", (await metrics.render()).decode(), re.MULTILINE)
    exported |= {f"{name}_bucket" for name in histograms}
    assert used <= exported
    assert {
        name for name in exported - used if name.startswith("smartkasa_") and not name.endswith("_created")
    } == set()
    labels = {label for _, names in (FLEET | WORKER).values() for label in names}
    grouped = {
        label for each in expressions for names in re.findall(r"by \(([^)]*)\)", each) for label in names.split(", ")
    }
    assert grouped <= labels | {"le", "instance"}


async def test_panels_of_the_dashboard_do_not_overlap() -> None:
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert all(x < 24 for x, _ in cells)
    assert len({panel["id"] for panel in panels}) == len(panels)
