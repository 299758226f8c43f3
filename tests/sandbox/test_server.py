"""The sandbox as a server: start and stop, threads, files, the command, the pytest fixture."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.sandbox import Sandbox
from smartkasa_async.sandbox.areas import ENDPOINTS
from smartkasa_async.sandbox.pytest_plugin import smartkasa_sandbox
from tests.support.calling import Caller, Rows, two_of_each
from tests.support.processes import LONGEST, finished, running

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["smartkasa_sandbox"]


def _call(url: str, key: str, body: dict[str, Any] | None = None, token: str = "") -> Any:
    headers = {"X-API-KEY": key, "Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as response:  # noqa: S310 loopback
        return json.load(response)["data"]


def _login(url: str, key: str, phone_number: str, password: str) -> str:
    credentials = {"phone_number": phone_number, "password": password}
    return str(_call(f"{url}/api/v1/auth/sessions", key, credentials)["access"])


def test_all_56_operations_are_there_once() -> None:
    names = [(endpoint.method, endpoint.path) for endpoint in ENDPOINTS]
    assert len(names) == len(set(names)) == 56


def test_a_thread_serves_callers_without_a_loop() -> None:
    with Sandbox().in_thread() as box:
        box.load(two_of_each())
        token = _login(box.url, box.api_key, box.phone_number, box.password)
        assert len(_call(f"{box.url}/api/v1/rsn/shops", box.api_key, token=token)) == 2
        url = box.url
    with pytest.raises(urllib.error.URLError):
        _login(url, box.api_key, box.phone_number, box.password)


async def test_a_stop_leaves_no_connection_open_that_came_at_the_same_moment() -> None:
    loop = asyncio.get_running_loop()
    stopping: asyncio.Future[asyncio.Task[None]] = loop.create_future()
    box = Sandbox()
    await box.start()
    trigger, seen = socket.socketpair()

    def stop() -> None:
        loop.remove_reader(seen)
        stopping.set_result(asyncio.create_task(box.stop()))

    with trigger, seen, socket.socket() as client:
        loop.add_reader(seen, stop)
        client.setblocking(False)
        trigger.send(b"stop")
        client.connect_ex(("127.0.0.1", int(box.url.rpartition(":")[2])))
        await (await stopping)
        async with asyncio.timeout(LONGEST):
            with suppress(ConnectionError):
                assert await loop.sock_recv(client, 1) == b""


def test_the_fixture_serves(smartkasa_sandbox: Sandbox) -> None:
    box = smartkasa_sandbox
    assert _login(box.url, box.api_key, box.phone_number, box.password)
    assert set(box.credentials) == {"base_url", "api_key", "phone_number", "password"}


def test_a_start_that_fails_says_so_in_the_caller_s_thread(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, only some notes " * 50)
    for file in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(RuntimeError, match="cannot be opened"), Sandbox(database=file).in_thread():
            pass
    with Sandbox().in_thread() as box:
        port = int(box.url.rpartition(":")[2])
        with pytest.raises(RuntimeError, match="did not start"), Sandbox(port=port).in_thread():
            pass


def test_a_thread_without_an_event_loop_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(asyncio, "new_event_loop", refuse)
    monkeypatch.setattr("asyncio.events.new_event_loop", refuse)
    with pytest.raises(RuntimeError, match=r"did not start: .*Too many open files"), Sandbox().in_thread():
        pass


def test_a_thread_that_is_blocked_is_not_waited_for_without_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartkasa_async.sandbox.server._LONGEST_STOP", 0.1)
    goes_on = threading.Event()
    threads: list[threading.Thread] = []
    stop = Sandbox.stop

    async def stop_late(box: Sandbox) -> None:
        threads.append(threading.current_thread())
        goes_on.wait(LONGEST)
        await stop(box)

    monkeypatch.setattr(Sandbox, "stop", stop_late)
    with pytest.raises(RuntimeError, match=r"had not stopped after 0\.1 s"), Sandbox().in_thread():
        pass
    goes_on.set()
    threads[0].join(LONGEST)
    assert not threads[0].is_alive()


async def test_what_needs_a_running_sandbox_says_so() -> None:
    box = Sandbox()
    for use in (lambda: box.url, lambda: box.rows("shops"), box.expire_tokens, lambda: box.load(Rows())):
        with pytest.raises(RuntimeError, match="async with Sandbox"):
            use()
    async with box:
        with pytest.raises(RuntimeError, match="running already"):
            await box.start()


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="'both', 'flat' or 'enveloped'"):
        Sandbox(wire="xml")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="max_per_page=0"):
        Sandbox(max_per_page=0)


def test_secrets_are_made_anew_and_not_shown() -> None:
    first, second = Sandbox(), Sandbox()
    assert first.api_key != second.api_key
    assert first.password != second.password
    assert first.password not in repr(first._account)


def test_a_file_keeps_the_data(tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    with Sandbox(database=file).in_thread() as box:
        box.load(two_of_each())
        token = _login(box.url, box.api_key, box.phone_number, box.password)
        before = box.rows("receipts")
    with Sandbox(database=file).in_thread() as box:
        assert box.rows("receipts") == before
        assert _call(f"{box.url}/api/v1/pos/receipts", box.api_key, token=token)[0]["id"] in {r["id"] for r in before}


async def test_rows_come_back_as_they_were_loaded(box: Sandbox) -> None:
    world = two_of_each()
    box.load(world)
    for table, rows in world.rows.items():
        stored = {row["id"]: row for row in box.rows(table)}
        assert [stored[row["id"]] for row in rows] == rows, table


async def test_rows_take_conditions(box: Sandbox) -> None:
    box.load(two_of_each())
    assert [row["id"] for row in box.rows("receipts", type=3)] == [two_of_each().rows["receipts"][1]["id"]]
    assert box.rows("categories", parent_id=None)
    with pytest.raises(ValueError, match="Unknown table 'bills'"):
        box.rows("bills")
    with pytest.raises(ValueError, match=r"no columns \['colour'\]"):
        box.rows("shops", colour=1)
    with pytest.raises(ValueError, match=r"Unknown tables \['bills'\]"):
        box.load(Rows({"bills": []}))


async def test_every_arrival_is_counted(caller: Caller) -> None:
    caller.box.calls.clear()
    await caller("GET", "/rsn/shops/5", status=404)
    await caller("GET", "/rsn/shops", status=401, headers={})
    await caller("GET", "/rsn/nothing", status=404)
    assert caller.box.calls == {
        "GET /api/v1/rsn/shops/{id}": 1,
        "GET /api/v1/rsn/shops": 1,
        "GET /api/v1/rsn/nothing": 1,
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/rsn/shops/99", 404),
        ("GET", "/rsn/shops/abc", 404),
        ("GET", f"/rsn/shops/{10**30}", 404),
        ("PUT", "/inventory/categories/no", 404),
        ("DELETE", "/pos/receipts/no", 404),
        ("GET", "/pos/payment_transactions/no", 404),
        ("PATCH", "/rsn/shops", 405),
    ],
)
async def test_what_is_not_there_is_answered_in_json(caller: Caller, method: str, path: str, status: int) -> None:
    body = {"title": "А"} if method == "PUT" else None
    assert await caller(method, path, body, status=status) == {404: {"message": "Not Found"}}.get(
        status, {"message": "Method Not Allowed"}
    )


async def test_a_wrong_method_names_the_right_ones(caller: Caller) -> None:
    for path, allowed in (("shops", {"GET", "POST"}), ("shops/1", {"GET", "PUT", "DELETE"})):
        url = f"{caller.box.url}/api/v1/rsn/{path}"
        async with caller.session.request("PATCH", url, headers=caller.headers) as response:
            assert response.status == 405
            assert set(response.headers["Allow"].split(",")) == allowed


async def test_a_body_that_is_no_json_is_refused(caller: Caller) -> None:
    url = f"{caller.box.url}/api/v1/rsn/shops"
    for body, status in (
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b"", 400),
        (b" ", 400),
    ):
        async with caller.session.post(url, data=body, headers=caller.headers) as response:
            assert response.status == status, body


async def test_a_failure_inside_is_a_500_in_json(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("smartkasa_async.sandbox.storage.Storage.show", fail)
    assert await caller("GET", "/rsn/shops", status=500) == {"message": "Internal Server Error"}


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM cannot be sent on Windows")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_a_signal(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "smartkasa_async.sandbox", "--json", "--shops", "0"]
    command += ["--database", str(tmp_path / "box.sqlite")]
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        assert _login(facts["url"], facts["api_key"], facts["phone_number"], facts["password"])
        process.send_signal(number)
        rest, errors = process.communicate()
    assert (process.returncode, rest, errors) == (0, "", "")


def test_the_command_says_why_it_does_not_start(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "smartkasa_async.sandbox", "--shops", "0", "--database", str(tmp_path)]
    done = finished(command)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"The sandbox did not start: Database {tmp_path} cannot be opened: name a SQLite file"
    )


def test_the_plugin_is_cheap_to_import() -> None:
    program = (
        "import sys, smartkasa_async.sandbox.pytest_plugin;"
        "print([name for name in sys.modules if name.startswith('smartkasa_async.sandbox')])"
    )
    done = finished([sys.executable, "-c", program])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "['smartkasa_async.sandbox', 'smartkasa_async.sandbox.pytest_plugin']"


def test_an_account_of_ones_own_outlives_a_restart(tmp_path: Path) -> None:
    def box() -> Sandbox:
        return Sandbox(database=tmp_path / "box.sqlite", api_key="key", phone_number="380971234567", password="word")

    with box().in_thread() as first:
        token = _login(first.url, "key", "380971234567", "word")
    with box().in_thread() as second:
        assert _call(f"{second.url}/api/v1/rsn/shops", "key", token=token) == []
