"""The source of dlt loads what the service has, whole or not at all, into DuckDB and into PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dlt
import duckdb
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed
from sqlalchemy import make_url

from smartkasa_async.dlt_source import REFERENCE_LISTS, smartkasa
from smartkasa_async.records.days import business_day, today
from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from smartkasa_async.sandbox.faults import Fault
from tests.support.processes import finished, running
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dlt.pipeline.pipeline import Pipeline

    from smartkasa_async.sandbox.business import Business

PROJECT = Path(__file__).parents[2]
LIST = "/api/v1/pos/receipts"
DAYS = 5
BY_DAYS = ("receipts", "receipt_items", "payments")


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let dlt keep all that it keeps in the test's folder, and report nothing to anyone."""
    for name in ("DLT_DATA_DIR", "DLT_PROJECT_DIR", "DLT_LOCAL_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "dlt"))
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "CRITICAL")


@pytest.fixture
def first() -> date:
    return today() - timedelta(days=DAYS + 1)


@pytest.fixture
def business(first: date) -> Business:
    return simulate(Simulation(shops=2, products=30, start=first, days=DAYS, receipts_per_day=12))


@pytest.fixture
def box(business: Business) -> Iterator[Sandbox]:
    with Sandbox().in_thread() as box:
        box.load(business)
        yield box


@pytest.fixture(params=["duckdb", "postgresql"])
def destination(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "duckdb":
        return dlt.destinations.duckdb(str(tmp_path / "loaded.duckdb"))
    address = make_url(request.getfixturevalue("empty_postgresql"))
    whole = address.set(drivername="postgresql", host=address.host or "localhost", password=address.password or "none")
    return dlt.destinations.postgres(whole.render_as_string(hide_password=False))


@pytest.fixture
def duck(tmp_path: Path) -> Any:
    return dlt.destinations.duckdb(str(tmp_path / "loaded.duckdb"))


def pipeline(destination: Any, tmp_path: Path) -> Pipeline:
    return dlt.pipeline("kasa", destination=destination, dataset_name="kasa", pipelines_dir=str(tmp_path / "pipelines"))


def credentials(box: Sandbox) -> dict[str, Any]:
    return {name: box.credentials[name] for name in ("api_key", "phone_number", "password", "base_url")}


def source(box: Sandbox, start: date, **options: Any) -> Any:
    return smartkasa(**credentials(box), start=start, **options)


def ask(found: Pipeline, query: str) -> list[tuple[Any, ...]]:
    return ask_all(found, query)[0]


def ask_all(found: Pipeline, *queries: str) -> list[list[tuple[Any, ...]]]:
    """Ask over one connection, since opening one takes most of a question's time."""
    with found.sql_client() as client:
        return [[tuple(row) for row in client.execute_sql(query) or ()] for query in queries]


def not_deleted(columns: str, table: str) -> str:
    return f"SELECT {columns} FROM {table} WHERE deleted_at IS NULL ORDER BY 1"  # noqa: S608


def loaded(found: Pipeline, columns: str, table: str) -> list[tuple[Any, ...]]:
    return ask(found, not_deleted(columns, table))


def require_equal(found: Pipeline, box: Sandbox) -> None:
    """Compare counts, sums and versions with what the sandbox counts itself."""
    parts = ("receipt_items", "payments")
    in_receipts, z_reports, *rest = ask_all(
        found,
        not_deleted("id, total_amount, business_date", "receipts"),
        not_deleted("id, sale_total", "z_reports"),
        *(
            f"SELECT count(*), sum(part.amount) FROM {table} AS part"  # noqa: S608
            " JOIN receipts AS whole ON whole.id = part.receipt_id WHERE whole.deleted_at IS NULL"
            for table in parts
        ),
        *(not_deleted("id", kind) for kind in REFERENCE_LISTS),
    )
    receipts = {row["id"]: row for row in box.rows("receipts")}
    assert {id_: (total, day) for id_, total, day in in_receipts} == {
        id_: (row["total_amount"], business_day(row["created_at"])) for id_, row in receipts.items()
    }
    assert dict(z_reports) == {row["id"]: row["sale_total"] for row in box.rows("z_reports")}
    counted = dict(zip((*parts, *REFERENCE_LISTS), rest, strict=True))
    for table in parts:
        rows = box.rows(table)
        assert counted[table] == [(len(rows), sum((row["amount"] for row in rows), Decimal(0)))], table
    for kind in REFERENCE_LISTS:
        assert len(counted[kind]) == len(box.rows(kind)), kind


def test_all_is_loaded_and_kept_in_step_with_drift_and_faults(
    business: Business, first: date, destination: Any, tmp_path: Path
) -> None:
    with Sandbox().in_thread() as box:
        drift = box.drift(business, since=first + timedelta(days=2), every=1, deletions=True)
        box.faults.add(Fault("drop_after", path=LIST, times=3))
        box.faults.add(Fault("status", path="/api/v1/reports/z-reports", times=2, status=503))
        found = pipeline(destination, tmp_path)
        found.run(source(box, first))
        drift.finish()
        found.run(source(box, first, lag_days=DAYS + 2))
        require_equal(found, box)
        sales = ask(found, "SELECT sum(total_amount) FROM product_sales WHERE deleted_at IS NULL")
        assert sales[0][0] > 0

        gone = box.rows("receipts")[-1]
        box._running.storage.execute("DELETE FROM receipts WHERE id = ?", (gone["id"],))
        box._running.storage.execute("DELETE FROM receipt_items WHERE receipt_id = ?", (gone["id"],))
        box._running.storage.execute("DELETE FROM payments WHERE receipt_id = ?", (gone["id"],))
        found.run(source(box, first, lag_days=DAYS + 2).with_resources("receipts"))
        require_equal(found, box)
        (kept,) = ask(found, f"SELECT total_amount, deleted_at FROM receipts WHERE id = '{gone['id']}'")  # noqa: S608
        assert kept[0] == gone["total_amount"]
        assert kept[1] is not None


def test_a_window_that_is_not_whole_ends_the_run_and_the_next_one_goes_on(
    box: Sandbox, first: date, duck: Any, tmp_path: Path
) -> None:
    found = pipeline(duck, tmp_path)
    box.faults.add(Fault("status", path=LIST, status=404, times=None))
    with pytest.raises(PipelineStepFailed, match="404"):
        found.run(source(box, first).with_resources("receipts"))
    assert found.last_trace is not None
    assert found.last_trace.last_load_info is None
    assert "sources" not in found.state or not found.state["sources"]["smartkasa"].get("resources")
    box.faults.clear()
    found.run(source(box, first).with_resources("receipts", "receipt_items", "payments", *REFERENCE_LISTS, "z_reports"))
    require_equal(found, box)


def test_intervals_of_a_scheduler_fill_in_the_past_and_move_nothing_on(
    box: Sandbox, first: date, duck: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = pipeline(duck, tmp_path)
    day = first + timedelta(days=2)
    monkeypatch.setenv("DLT_INTERVAL_START", f"{day}T00:00:00Z")
    monkeypatch.setenv("DLT_INTERVAL_END", f"{day + timedelta(days=1)}T00:00:00Z")
    found.run(source(box, date(2015, 1, 1), lag_days=1).with_resources("receipts"))
    days = {row[0] for row in ask(found, "SELECT DISTINCT business_date FROM receipts")}
    assert days == {day - timedelta(days=1), day, day + timedelta(days=1)}
    assert "last_value" not in json.dumps(found.state, default=str)

    monkeypatch.delenv("DLT_INTERVAL_START")
    found.run(source(box, first, end=first).with_resources("receipts"))
    days |= {row[0] for row in ask(found, "SELECT DISTINCT business_date FROM receipts")}
    assert days == {first + timedelta(days=number) for number in range(4)}


def test_a_record_that_cannot_be_decoded_stands_in_quarantine_until_it_can(
    box: Sandbox, first: date, duck: Any, tmp_path: Path
) -> None:
    found = pipeline(duck, tmp_path)
    receipts = box.rows("receipts")
    broken = receipts[-1]
    box._running.storage.execute("UPDATE receipts SET total_amount = 'ten' WHERE id = ?", (broken["id"],))
    found.run(source(box, first).with_resources("receipts", "receipts_quarantine"))
    assert len(loaded(found, "id", "receipts")) == len(receipts) - 1
    ((kind, key, error, raw),) = loaded(found, "kind, key, error, raw", "quarantine")
    assert (kind, key, raw) == ("receipts", broken["id"], None)
    assert "$.total_amount" in error

    box._running.storage.insert_rows("receipts", [broken])
    found.run(source(box, first, lag_days=DAYS + 2).with_resources("receipts", "receipts_quarantine"))
    assert len(loaded(found, "id", "receipts")) == len(receipts)
    assert loaded(found, "key", "quarantine") == []
    assert ask(found, "SELECT key FROM quarantine") == [(broken["id"],)]


def test_types_are_exact_and_people_and_tokens_stay_out(box: Sandbox, first: date, duck: Any, tmp_path: Path) -> None:
    found = pipeline(duck, tmp_path)
    found.run(source(box, first).with_resources("receipts", "employees", "shops"))
    columns = ask(
        found, "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'kasa'"
    )
    types = {(table, column): type_ for table, column, type_ in columns}
    assert types["receipts", "total_amount"] == "DECIMAL(18,4)"
    assert types["receipts", "business_date"] == "DATE"
    assert types["receipts", "created_at"] == types["receipts", "deleted_at"] == "TIMESTAMP WITH TIME ZONE"
    personal = {"first_name", "last_name", "middle_name", "phone_number", "email", "cashier_name", "raw", "inn"}
    assert not personal & {column for table, column in types}
    contract = found.default_schema.settings["schema_contract"]
    assert contract == {"tables": "evolve", "columns": "evolve", "data_type": "freeze"}
    kept = json.dumps(found.state, default=str) + found.default_schema.to_pretty_json()
    kept += "".join(path.read_text("utf-8", "replace") for path in (tmp_path / "pipelines").rglob("*.json"))
    for secret in (box.credentials["password"], box.credentials["api_key"], "eyJ", "access"):
        assert secret not in kept.replace("access_type", "")

    other = dlt.pipeline("people", destination=duck, dataset_name="people", pipelines_dir=str(tmp_path / "pipelines"))
    other.run(source(box, first, keep_personal=True).with_resources("employees"))
    names = {row[0] for row in loaded(other, "first_name", "employees")}
    assert names == {row["first_name"] for row in box.rows("employees")}


def test_secrets_come_from_the_configuration_of_dlt(
    box: Sandbox, first: date, duck: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in credentials(box).items():
        monkeypatch.setenv(f"SOURCES__SMARTKASA__{name.upper()}", str(value))
    monkeypatch.setenv("SOURCES__SMARTKASA__START", str(first))
    found = pipeline(duck, tmp_path)
    found.run(smartkasa().with_resources("shops"))
    assert len(loaded(found, "id", "shops")) == 2


PROGRAM = """
import json, signal, sys
from datetime import date
import dlt
import duckdb
from smartkasa_async.dlt_source import smartkasa

given = json.loads(sys.argv[1])
source = smartkasa(**given["credentials"], start=date.fromisoformat(given["start"]))
pipeline = dlt.pipeline(
    "kasa", destination=dlt.destinations.duckdb(given["file"]), dataset_name="kasa", pipelines_dir=given["pipelines"]
)


def stop(row=None):
    print("reached", flush=True)
    signal.pause()


if given["step"] == "extract":
    source.resources["z_reports"].add_map(stop)
    pipeline.run(source)
else:
    pipeline.extract(source)
    pipeline.normalize()
    stop()
"""


@pytest.mark.skipif(not hasattr(signal, "pause"), reason="the process stops by a signal of POSIX")
@pytest.mark.parametrize("step", ["extract", "load"])
def test_a_run_that_was_killed_is_taken_up_by_the_next_one(
    box: Sandbox, first: date, duck: Any, tmp_path: Path, step: str
) -> None:
    given = {
        "credentials": credentials(box),
        "start": str(first),
        "file": str(tmp_path / "loaded.duckdb"),
        "pipelines": str(tmp_path / "pipelines"),
        "step": step,
    }
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [warm_python("dlt", "duckdb"), "-c", PROGRAM, json.dumps(given)]
    with running(command, stdout=subprocess.PIPE, env=environment, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "reached\n"
        process.kill()
        assert process.stdout.read() == ""  # it has ended, too, that stood behind what was killed
    found = pipeline(duck, tmp_path)
    found.run(source(box, first))
    require_equal(found, box)


def test_the_folder_for_dlt_init_makes_a_project_that_loads(box: Sandbox, first: date, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    settings = credentials(box) | {"start": first, "end": first + timedelta(days=DAYS)}
    environment = {
        **os.environ,
        **{f"SOURCES__SMARTKASA__{name.upper()}": str(value) for name, value in settings.items()},
        "PYTHONPATH": str(PROJECT),
        "DLT_PROJECT_DIR": str(project),
        "DLT_LOCAL_DIR": str(project),
    }
    python = warm_python("dlt", "duckdb")
    init = [python, "-m", "dlt._workspace.cli._dlt", "--non-interactive", "init", "smartkasa", "duckdb"]
    made = finished([*init, "--location", str(PROJECT / "deploy" / "dlt")], cwd=project, env=environment)
    assert "Verified source smartkasa was added to your project!" in made.stdout, made.stdout + made.stderr
    assert "dlt[duckdb]" in (project / "requirements.txt").read_text()
    done = finished([python, "smartkasa_pipeline.py"], cwd=project, env=environment)
    assert done.returncode == 0, done.stderr
    assert "contains no failed jobs" in done.stdout
    with duckdb.connect(str(project / "smartkasa.duckdb")) as database:
        (count,) = database.execute("SELECT count(*) FROM smartkasa_data.receipts").fetchall()
    assert count == (len(box.rows("receipts")),)
