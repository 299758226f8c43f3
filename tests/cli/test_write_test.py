"""`smartkasa doctor --write-test`: how late lists are is measured, and the test product is deleted whatever happens."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from smartkasa_async import RetryPolicy, SmartKasa
from smartkasa_async.cli import list_lag
from smartkasa_async.cli.list_lag import LIMIT, WriteTest, judge_lag
from smartkasa_async.sandbox.faults import Fault
from tests.support.service import answer, make_session, serve

if TYPE_CHECKING:
    from smartkasa_async.cli.checks import Check
    from smartkasa_async.sandbox import Sandbox
    from tests.support.commandline import Cli
    from tests.support.service import Arrived

PRODUCTS = "/api/v1/inventory/products"


@dataclass
class Catalogue:
    """A catalogue whose list lags, over a bare socket, on a clock that moves when the test waits.

    Attributes:
        list_lag: Seconds until the list shows what was created.
        deleted_lag: Seconds until the list is without what was deleted.
        replies: What the next calls of a method and path end with: a status, or 0 to hang up, after the work is done.
        barred: Methods that are refused with 403.
    """

    list_lag: float = 0.0
    deleted_lag: float = 0.0
    seconds: float = 0.0
    replies: dict[str, list[int]] = field(default_factory=dict)
    barred: set[str] = field(default_factory=set)
    created: dict[str, tuple[dict[str, Any], float]] = field(default_factory=dict)
    deleted: dict[str, float] = field(default_factory=dict)
    cancel_at: str | None = None
    task: asyncio.Task[list[Check]] | None = None

    @property
    def left(self) -> list[str]:
        return [key for key in self.created if key not in self.deleted]

    def now(self) -> float:
        return self.seconds

    async def pause(self, seconds: float) -> None:
        self.seconds += seconds

    def __call__(self, request: Arrived) -> bytes:
        parts = urlsplit(request.target)
        call = f"{request.method} {'ID' if parts.path != PRODUCTS else 'LIST'}"
        if call == self.cancel_at and self.task is not None:
            self.task.cancel()
            self.cancel_at = None
        if request.method in self.barred:
            return answer({"message": "not permitted"}, 403)
        reply = self._carry_out(request, parts.path, parse_qs(parts.query))
        if self.replies.get(call):
            status = self.replies[call].pop(0)
            return answer({"message": "broken"}, status) if status else b""
        return reply

    def _carry_out(self, request: Arrived, path: str, query: dict[str, list[str]]) -> bytes:
        if request.method == "POST":
            key = f"p-{len(self.created) + 1}"
            self.created[key] = ({"id": key, "price": "0.0"} | request.json, self.seconds)
            return answer({"data": {"id": key}, "meta": {}}, 201)
        if request.method == "DELETE":
            key = path.rpartition("/")[2]
            if key not in self.left:
                return answer({"message": "Not found"}, 404)
            self.deleted[key] = self.seconds
            return answer({"data": {"id": key}, "meta": {}})
        stamps = dict.fromkeys(("created_at", "updated_at"), "2026-10-01T12:00:00.000+03:00")
        shown = [
            product | stamps
            for key, (product, moment) in self.created.items()
            if query["number"] == [product["number"]]
            and moment + self.list_lag <= self.seconds < self.deleted.get(key, 1e9) + self.deleted_lag
        ]
        meta = {"current_page": 1, "total_pages": 1, "total_count": len(shown), "limit_value": 25, "offset_value": 0}
        return answer({"data": shown, "meta": meta | {"next_page": None}})


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    made = Catalogue()
    monkeypatch.setattr(list_lag, "now", made.now)
    monkeypatch.setattr(list_lag, "pause", made.pause)
    return made


async def measured(catalogue: Catalogue, *, late_write_window: float = 15.0) -> tuple[dict[str, Check], str]:
    """Carry out the write test; returns what was found, and what it says that remains."""
    async with (
        serve(catalogue) as service,
        SmartKasa(api_key="key", base_url=service.url, session=make_session(), retry=RetryPolicy(retries=0)) as kasa,
    ):
        test = WriteTest(kasa, late_write_window, lambda _note: None)
        catalogue.task = asyncio.ensure_future(test.run())
        (found,) = await asyncio.gather(catalogue.task, return_exceptions=True)
        if isinstance(found, asyncio.CancelledError):
            return {}, test.remains
        assert isinstance(found, list)
        return {check.name: check for check in found}, test.remains


async def test_a_list_without_a_delay(catalogue: Catalogue) -> None:
    found, remains = await measured(catalogue)
    assert {name: check.status for name, check in found.items()} == {"list_lag": "ok", "test_product": "ok"}
    assert "is not in the catalogue" in remains
    assert (len(catalogue.created), catalogue.left) == (1, [])


@pytest.mark.parametrize(("shown", "deleted", "wanted"), [(6.0, 0.0, 24), (0.0, 6.0, 24), (30.0, 2.0, 72)])
async def test_a_delay_that_is_too_long_for_the_setting(
    catalogue: Catalogue, shown: float, deleted: float, wanted: int
) -> None:
    catalogue.list_lag, catalogue.deleted_lag = shown, deleted
    found, _ = await measured(catalogue)
    check = found["list_lag"]
    assert (check.status, check.exit) == ("warn", 1)
    assert check.hint is not None
    said = next(int(word) for word in check.hint.replace(",", " ").split() if word.isdigit())
    assert wanted - 2 <= said <= wanted + 4, "the delay is known as exactly as the list is looked at"
    assert f"SMARTKASA_LATE_WRITE_WINDOW={said}," in check.hint
    found, _ = await measured(catalogue, late_write_window=said + 4)
    assert found["list_lag"].status == "ok"
    assert catalogue.left == []


async def test_a_list_that_never_shows_it(catalogue: Catalogue) -> None:
    catalogue.list_lag = 1e6
    found, _ = await measured(catalogue)
    assert found["list_lag"].status == "fail"
    assert "did not show a new product within 60 seconds" in found["list_lag"].message
    assert found["test_product"].status == "ok"
    assert catalogue.left == []
    assert catalogue.seconds < LIMIT + 5


async def test_a_list_that_keeps_what_was_deleted(catalogue: Catalogue) -> None:
    catalogue.deleted_lag = 1e6
    found, _ = await measured(catalogue)
    assert (found["list_lag"].status, found["test_product"].status) == ("warn", "ok")
    assert "SMARTKASA_LATE_WRITE_WINDOW=130" in (found["list_lag"].hint or "")


@pytest.mark.parametrize("status", [0, 500, 502])
@pytest.mark.parametrize("call", ["POST LIST", "GET LIST", "DELETE ID"])
async def test_answers_that_are_lost(catalogue: Catalogue, call: str, status: int) -> None:
    catalogue.replies[call] = [status] * 3
    catalogue.list_lag = 2.0
    found, remains = await measured(catalogue)
    assert catalogue.left == []
    assert found["test_product"].status == "ok"
    assert "is not in the catalogue" in remains
    assert found["list_lag"].status == ("fail" if call == "POST LIST" else "ok")


@pytest.mark.parametrize("call", ["POST LIST", "GET LIST", "DELETE ID"])
async def test_ctrl_c_leaves_nothing(catalogue: Catalogue, call: str) -> None:
    catalogue.cancel_at = call
    catalogue.list_lag = 2.0
    found, remains = await measured(catalogue)
    assert (found, catalogue.left) == ({}, [])
    assert len(catalogue.created) == 1
    assert "is not in the catalogue" in remains


async def test_a_product_that_cannot_be_deleted_is_named(catalogue: Catalogue) -> None:
    catalogue.barred = {"DELETE"}
    found, remains = await measured(catalogue)
    check = found["test_product"]
    assert (check.status, check.exit, check.hint) == (
        "fail",
        1,
        "Delete it: smartkasa call products.delete --id p-1",
    )
    assert "not permitted" in check.message
    assert "p-1" in remains


async def test_a_create_that_is_refused_leaves_nothing_to_delete(catalogue: Catalogue) -> None:
    catalogue.barred = {"POST"}
    found, _ = await measured(catalogue)
    assert (found["list_lag"].status, found["list_lag"].exit) == ("fail", 4)
    assert found["test_product"].status == "ok"
    assert catalogue.seconds == 0


async def test_a_create_of_which_nothing_is_known_is_named(catalogue: Catalogue) -> None:
    catalogue.replies["POST LIST"] = [0]
    catalogue.list_lag = 1e6
    found, remains = await measured(catalogue)
    assert found["test_product"].status == "fail"
    number = catalogue.created["p-1"][0]["number"]
    assert f"number={number}" in (found["test_product"].hint or "")
    assert number in remains


@pytest.mark.parametrize(
    ("shown", "vanished", "late_write_window", "status"),
    [(0.2, 0.2, 15, "ok"), (2.5, 0.1, 15, "ok"), (2.6, 0.1, 15, "warn"), (0.1, 2.6, 15, "warn"), (2.6, 0.1, 16, "ok")],
)
def test_what_is_measured_is_compared_with_the_setting(
    shown: float, vanished: float, late_write_window: float, status: str
) -> None:
    assert judge_lag(shown, vanished, late_write_window).status == status


# --- the command ---


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_seconds: float) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(list_lag, "pause", nothing)


@pytest.mark.usefixtures("quick")
def test_the_command_says_what_it_does_and_leaves_nothing(environment: Sandbox, cli: Cli) -> None:
    result = cli("doctor", "--write-test")
    assert result.code == 0
    assert "The write test creates the product doctor-" in result.err.replace("\n", " ")
    assert "ok       The list of products shows a new product after" in result.out
    assert environment.rows("products") == []
    assert environment.calls[f"POST {PRODUCTS}"] == 1


def test_nothing_is_created_without_the_flag(environment: Sandbox, cli: Cli) -> None:
    assert "list_lag" not in cli("doctor", "--json").out
    assert environment.calls[f"POST {PRODUCTS}"] == 0


@pytest.mark.usefixtures("quick")
def test_a_setting_that_is_too_short(environment: Sandbox, cli: Cli) -> None:
    result = cli("doctor", "--write-test", "--json", "--set", "late_write_window=5")
    (check,) = [check for check in result.document["checks"] if check["name"] == "list_lag"]
    assert (result.code, check["status"]) == (1, "warn")
    assert "late_write_window = 1" in check["hint"]


def test_the_test_is_left_out_where_something_else_is_wrong(environment: Sandbox, cli: Cli) -> None:
    environment.faults.add(Fault("status", "GET", "/api/v1/rsn/shops", times=None, status=403))
    result = cli("doctor", "--write-test", "--json")
    last = result.document["checks"][-1]
    assert (last["name"], last["status"]) == ("list_lag", "unknown")
    assert environment.calls[f"POST {PRODUCTS}"] == 0


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ((), 15.0),
        (("--set", "late_write_window=40"), 40.0),
        (("--set", "late_write_window=40", "--late-write-window", "2"), 2.0),
        (("--late-write-window", "0"), 0.0),
    ],
)
def test_a_push_takes_the_setting_unless_it_is_told_otherwise(
    environment: Sandbox, cli: Cli, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], seconds: float
) -> None:
    taken: list[float] = []

    def note(_kasa: object, _receipts: object, *, late_write_window: float, **_options: object) -> None:
        taken.append(late_write_window)
        raise KeyboardInterrupt

    monkeypatch.setattr("smartkasa_async.push.push_receipts", note)
    Path("queue.jsonl").write_text(json.dumps({"total_amount": 1, "state": 2, "type": 0}), "utf-8")
    cli("receipts", "push", "queue.jsonl", *words)
    assert taken == [seconds]
    assert environment.calls.total() == 0
