"""The client for code without an event loop: scripts, threads, notebooks, and processes that fork or just end."""

from __future__ import annotations

import asyncio
import inspect
import signal
import sys
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from smartkasa_async import (
    ClientClosedError,
    ConfigurationError,
    OutcomeUnknownError,
    PaginationError,
    ServerError,
    SmartKasa,
)
from smartkasa_async._generated import areas
from smartkasa_async._generated.operations import GET_SHOP, LIST_SHOPS
from smartkasa_async.events import CallEndEvent, RequestEvent
from smartkasa_async.jobs import Job
from smartkasa_async.models import ProductCreate, ShopCreate
from smartkasa_async.operations import ALL
from smartkasa_async.sandbox import Fault, Sandbox, Simulation, simulate
from tests.support.clients import SHOPS
from tests.support.processes import finished

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from smartkasa_async.blocking import BlockingSmartKasa

_DOORS = ("catalog", "stock", "plans", "push", "sync", "stores", "reports", "export")
_DAY = date(2026, 10, 1)
_PRODUCTS = [ProductCreate(title=f"Кава {n}", price=Decimal(30), number=f"482000000{n:04}") for n in range(3)]


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox().in_thread() as box:
        yield box


@pytest.fixture
def kasa(box: Sandbox) -> Iterator[BlockingSmartKasa]:
    with SmartKasa.blocking(**box.credentials) as kasa:
        yield kasa


def _loop_threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name == "smartkasa"]


# --- it is the whole client ---


@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.id)
def test_every_area_method_has_the_arguments_of_the_async_one(operation: Any) -> None:
    kasa = SmartKasa.blocking(api_key="key")
    wanted = inspect.signature(getattr(getattr(kasa.client, operation.area), operation.name))
    method = getattr(getattr(kasa, operation.area), operation.name)
    assert list(inspect.signature(method).parameters.values()) == list(wanted.parameters.values())
    assert operation.path in (inspect.getdoc(method) or "")
    assert len(areas.__all__) - 1 == sum(type(each).__name__.startswith("Blocking") for each in vars(kasa).values())


@pytest.mark.parametrize("door", _DOORS)
def test_every_function_of_the_doors_that_needs_a_loop_is_a_method(door: str) -> None:
    facade = import_module(f"smartkasa_async.{door}")
    functions = [each for name in facade.__all__ if inspect.isfunction(each := getattr(facade, name))]
    needing = [each for each in functions if _needs_a_loop(each)]
    assert needing
    for function in needing:
        wanted = [each for each in inspect.signature(function).parameters.values() if each.name != "kasa"]
        method = getattr(SmartKasa.blocking(api_key="key"), function.__name__)
        assert list(inspect.signature(method).parameters.values()) == wanted


def _needs_a_loop(function: Any) -> bool:
    returned = str(inspect.signature(function).return_annotation)
    module = import_module(function.__module__)
    kind = getattr(module, returned, None)
    is_job = inspect.isclass(kind) and issubclass(kind, Job)
    return is_job or inspect.iscoroutinefunction(function) or returned.startswith("Async")


def test_settings_are_those_of_the_client(box: Sandbox) -> None:
    assert list(inspect.signature(SmartKasa.blocking).parameters) == list(inspect.signature(SmartKasa).parameters)
    with pytest.raises(ConfigurationError, match="timeout"):
        SmartKasa.blocking(**box.credentials, timeout=0)
    assert repr(SmartKasa.blocking(**box.credentials)) == f"<blocking {SmartKasa(**box.credentials)!r}>"


# --- calls, lists, jobs ---


def test_calls_return_what_the_service_answers(kasa: BlockingSmartKasa, box: Sandbox) -> None:
    shop = kasa.shops.create(ShopCreate(title="Крамниця"))
    assert kasa.shops.get(shop.id).title == "Крамниця"
    assert kasa.call(GET_SHOP, id=shop.id).data.title == "Крамниця"
    raw = kasa.with_options(timeout=5).call_raw(GET_SHOP, id=shop.id)
    assert (raw.status, raw.json()["data"]["title"]) == (200, "Крамниця")
    assert len(kasa.account_id()) == 64
    box.faults.add(Fault("status", path="/api/v1/rsn/shops/{id}", status=500, times=None))
    with pytest.raises(ServerError):
        kasa.with_options(retry=kasa.client._settings.retry.__class__(retries=0)).shops.get(shop.id)


def test_lists_are_plain_iterators(kasa: BlockingSmartKasa) -> None:
    for number in range(5):
        kasa.shops.create(ShopCreate(title=f"Крамниця {number}"))
    shops = kasa.shops.list(per_page=2)
    assert [shop.title[-1] for shop in shops] == ["0", "1", "2", "3", "4"]
    assert [len(page) for page in shops.pages(concurrency=2)] == [2, 2, 1]
    assert (len(shops.first()), shops.first().meta.total_count) == (2, 5)
    assert [shop.id for shop in kasa.pages(LIST_SHOPS, {"per_page": 2}, limit=3)] == [s.id for s in shops][:3]
    assert repr(shops) == "<Pages of listShops by per_page>"


def test_a_list_that_is_left_half_way_leaves_nothing_running(kasa: BlockingSmartKasa, box: Sandbox) -> None:
    for number in range(4):
        kasa.shops.create(ShopCreate(title=f"Крамниця {number}"))
    box.calls.clear()
    for _ in kasa.shops.list(per_page=1):
        break
    assert box.calls[SHOPS] == 1
    assert kasa.run(_tasks) == 2  # the one that asks, and that of the loop's thread


def test_an_iteration_that_is_left_half_way_has_ended_by_then(kasa: BlockingSmartKasa) -> None:
    ended: list[int] = []

    async def numbers() -> AsyncIterator[int]:
        try:
            for number in range(3):
                yield number
        finally:
            ended.append(number)

    held = numbers()  # so that nothing but the end of the iteration ends it
    iterator = kasa._thread.iterate(held)
    assert next(iterator) == 0
    assert isinstance(iterator, Generator)
    iterator.close()
    assert ended == [0]


async def _tasks() -> int:
    return len(asyncio.all_tasks())


def test_a_list_checks_itself_to_its_end(kasa: BlockingSmartKasa) -> None:
    kasa.shops.create(ShopCreate(title="Крамниця"))
    kasa.shops.create(ShopCreate(title="Інша"))
    shops = iter(kasa.shops.list(per_page=1))
    assert next(shops).title == "Крамниця"
    kasa.shops.create(ShopCreate(title="Третя"))
    assert [next(shops).title, next(shops).title] == ["Інша", "Третя"]
    with pytest.raises(PaginationError):
        next(shops)


def test_jobs_are_calls_with_a_result(kasa: BlockingSmartKasa, box: Sandbox, tmp_path: Path) -> None:
    box.load(simulate(Simulation(seed=1, shops=1, days=1, products=5, receipts_per_day=3, start=_DAY)))
    threads: set[str] = set()
    summary = kasa.import_products(
        _PRODUCTS, late_write_window=0, on_progress=lambda _: threads.add(threading.current_thread().name)
    )
    assert (summary.created, threads) == (3, {"smartkasa"})
    outcomes = list(kasa.iterate(_import_of(kasa)))
    assert [outcome.kind for outcome in outcomes] == ["unchanged"] * 3
    with kasa.open_store(tmp_path / "kasa.sqlite") as store:
        report = kasa.sync_receipts(store, start=_DAY, end=_DAY)
        assert report.receipts == len(box.rows("receipts"))
        assert kasa.run(store.quarantined) == []
        assert [shop.shop_id for shop in kasa.reconcile(store, start=_DAY, end=_DAY).shops] == [report.shops[0].shop_id]
    assert kasa.preview_source([{"title": "Кава", "price": "30"}]).rows


def _import_of(kasa: BlockingSmartKasa) -> Any:
    return import_module("smartkasa_async.catalog").import_products(kasa.client, _PRODUCTS, late_write_window=0)


def test_a_job_says_at_once_what_is_wrong_with_its_arguments(kasa: BlockingSmartKasa) -> None:
    with pytest.raises(Exception, match="concurrency"):
        kasa.import_products(_PRODUCTS, concurrency=0)


# --- threads and loops ---


def test_several_threads_share_one_client(kasa: BlockingSmartKasa, box: Sandbox) -> None:
    made = kasa.shops.create(ShopCreate(title="Крамниця"))
    with ThreadPoolExecutor(8) as pool:
        titles = list(pool.map(lambda _: kasa.shops.get(made.id).title, range(40)))
    assert titles == ["Крамниця"] * 40
    assert box.calls["POST /api/v1/auth/sessions"] == 1
    assert _loop_threads() == ["smartkasa"]


async def test_it_works_inside_a_running_loop_as_in_a_notebook() -> None:
    with Sandbox().in_thread() as box, SmartKasa.blocking(**box.credentials) as kasa:
        kasa.shops.create(ShopCreate(title="Крамниця"))
        assert [shop.title for shop in kasa.shops.list()] == ["Крамниця"]
    assert asyncio.get_running_loop().is_running()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals for one thread")
def test_an_interrupt_ends_the_call_and_leaves_the_client_usable(box: Sandbox, request: pytest.FixtureRequest) -> None:
    # A shell's background job inherits it as ignored.
    request.addfinalizer(
        partial(signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, signal.default_int_handler))
    )
    ended: list[str] = []
    over = threading.Event()

    def on_event(event: object) -> None:
        if isinstance(event, RequestEvent) and event.operation == "listShops" and not ended:
            ended.append("")
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        if isinstance(event, CallEndEvent) and event.operation == "listShops":
            ended.append(event.outcome)
            over.set()

    with SmartKasa.blocking(**box.credentials, on_event=on_event) as kasa:
        box.faults.add(Fault("delay", path="/api/v1/rsn/shops", seconds=60))
        with pytest.raises(KeyboardInterrupt):
            list(kasa.shops.list())
        assert over.wait(60)
        assert ended == ["", "cancelled"]
        assert list(kasa.shops.list()) == []


# --- closing ---


def test_closing_ends_thread_and_connections(box: Sandbox) -> None:
    connectors: list[aiohttp.BaseConnector] = []

    def connector() -> aiohttp.BaseConnector:
        connectors.append(aiohttp.TCPConnector())
        return connectors[-1]

    kasa = SmartKasa.blocking(**box.credentials, connector_factory=connector)
    assert _loop_threads() == []
    for _ in range(2):
        with kasa:
            list(kasa.shops.list())
            shops = iter(kasa.shops.list())
            assert _loop_threads() == ["smartkasa"]
        assert _loop_threads() == []
        with pytest.raises(ClientClosedError):
            kasa.shops.list().first()
        with pytest.raises(ClientClosedError):
            next(shops)
    kasa.close()
    assert [each.closed for each in connectors] == [True, True]


def test_a_client_that_nobody_holds_any_more_ends_its_thread(box: Sandbox) -> None:
    kasa = SmartKasa.blocking(**box.credentials)
    list(kasa.shops.list())
    assert _loop_threads() == ["smartkasa"]
    del kasa
    assert _loop_threads() == []


def test_closing_ends_what_other_threads_wait_for(box: Sandbox) -> None:
    sent = threading.Event()

    def on_event(event: object) -> None:
        if isinstance(event, RequestEvent) and event.operation == "listShops":
            sent.set()

    kasa = SmartKasa.blocking(**box.credentials, on_event=on_event)
    box.faults.add(Fault("delay", path="/api/v1/rsn/shops", seconds=60))
    with ThreadPoolExecutor(2) as pool:
        call = pool.submit(kasa.shops.list().first)
        sleep = pool.submit(kasa.run, asyncio.sleep, 60)
        assert sent.wait(60)
        kasa.close()
        for waiting in (call, sleep):
            with pytest.raises(ClientClosedError):
                waiting.result(60)
    assert _loop_threads() == []


def test_closing_does_not_hide_that_a_write_of_another_thread_may_have_happened(box: Sandbox) -> None:
    sent = threading.Event()

    def on_event(event: object) -> None:
        if isinstance(event, RequestEvent) and event.operation == "createShop":
            sent.set()

    kasa = SmartKasa.blocking(**box.credentials, on_event=on_event)
    kasa.shops.list().first()
    box.faults.add(Fault("delay", path="/api/v1/rsn/shops", seconds=60))
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(kasa.shops.create, ShopCreate(title="Крамниця"))
        assert sent.wait(60)
        kasa.close()
        with pytest.raises(OutcomeUnknownError):
            call.result(60)


_ENDS_WITHOUT_CLOSING = """
from smartkasa_async import SmartKasa
kasa = SmartKasa.blocking()
print(len(list(kasa.shops.list())))
"""

_FORKS = """
import os
from smartkasa_async import SmartKasa
kasa = SmartKasa.blocking()
print(len(list(kasa.shops.list())), flush=True)
child = os.fork()
print(len(list(kasa.shops.list())), flush=True)
if child:
    assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.parametrize(("program", "printed"), [(_ENDS_WITHOUT_CLOSING, "0\n"), (_FORKS, "0\n0\n0\n")])
def test_a_program_may_fork_and_just_end(box: Sandbox, program: str, printed: str) -> None:
    if "fork" in program and sys.platform == "win32":
        pytest.skip("Windows has no fork")
    environment = {f"SMARTKASA_{name.upper()}": str(value) for name, value in box.credentials.items()}
    done = finished([sys.executable, "-X", "dev", "-W", "error", "-c", program], env=environment)
    assert (done.stdout, done.returncode) == (printed, 0)
    assert "fork" in program or done.stderr == ""


def test_a_call_in_a_callback_of_its_own_loop_is_refused_with_what_to_do(kasa: BlockingSmartKasa) -> None:
    refusals: list[str] = []

    def call(_: object) -> None:
        for attempt in (lambda: kasa.shops.get(1), lambda: list(kasa.shops.list()), kasa.close):
            with pytest.raises(RuntimeError) as refused:
                attempt()
            refusals.append(str(refused.value))

    summary = kasa.import_products(_PRODUCTS, on_progress=call)

    assert summary.created == 3
    assert len(refusals) >= 3
    assert all("called in one of its own callbacks" in text and "from another thread" in text for text in refusals)
    assert len(kasa.shops.list().first()) == 0
