"""What integrators pass by mistake is refused at once, by its name, and in both languages."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

import smartkasa_async
from smartkasa_async import (
    ConfigurationError,
    FileTokenStore,
    InvalidRequestError,
    NotFoundError,
    RetryPolicy,
    SmartKasa,
    import_products,
    open_store,
    push_receipts,
    sync_product_sales,
    sync_receipts,
    sync_reference_data,
    sync_stock,
    sync_z_reports,
    verify_receipts,
    watch_receipts,
)
from smartkasa_async.catalog import Layout
from smartkasa_async.catalog.sources.records import RecordReader, row_from_item
from smartkasa_async.stock import undo_stock

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async.stores import Store

DAY = date(2026, 10, 1)
KEY: dict[str, Any] = {"api_key": "key", "base_url": "http://127.0.0.1:1"}

JOBS: list[Callable[[Any], Any]] = [
    lambda kasa: import_products(kasa, []),
    lambda kasa: sync_stock(kasa, [], shop_id=1),
    lambda kasa: undo_stock(kasa, "undo.csv"),
    lambda kasa: push_receipts(kasa, []),
]
SYNCS: list[Callable[[Any, Store], Any]] = [
    sync_reference_data,
    lambda kasa, store: sync_receipts(kasa, store, start=DAY),
    lambda kasa, store: sync_z_reports(kasa, store, start=DAY),
    lambda kasa, store: sync_product_sales(kasa, store, start=DAY),
    lambda kasa, store: verify_receipts(kasa, store, start=DAY),
]


def odd_clients() -> list[object]:
    return [None, SmartKasa.blocking(**KEY)]


@pytest.mark.parametrize("begin", JOBS)
def test_a_job_takes_no_blocking_client(begin: Callable[[Any], Any]) -> None:
    for odd in odd_clients():
        with pytest.raises(
            InvalidRequestError, match=r"kasa is of type .*; give a client: async with SmartKasa"
        ) as found:
            begin(odd)
        assert found.value.field == "kasa"


async def test_a_sync_takes_no_blocking_client() -> None:
    async with open_store("sqlite+aiosqlite://") as store:
        for begin in SYNCS:
            for odd in odd_clients():
                with pytest.raises(InvalidRequestError, match="kasa is of type"):
                    await begin(odd, store)
    with pytest.raises(InvalidRequestError, match="kasa is of type"):
        await anext(watch_receipts(SmartKasa.blocking(**KEY), checkpoint=None))  # type: ignore[arg-type]


async def listen(_: object) -> None:
    """Do what nothing would await."""


def test_a_callback_is_a_plain_function() -> None:
    kasa: Any = SmartKasa(**KEY)
    with pytest.raises(InvalidRequestError, match="on_progress is an async function, which nothing awaits"):
        import_products(kasa, [], on_progress=listen)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match="on_event is an async function"):
        SmartKasa(**KEY, on_event=listen)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match="on_event is of type int"):
        SmartKasa(**KEY, on_event=5)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match="listener is of type int"), kasa.listening(5):
        pass


def test_a_session_and_a_path_of_tokens_are_what_they_are() -> None:
    with pytest.raises(ConfigurationError, match="session is of type str; give the Session"):
        SmartKasa(**KEY, session="access")  # type: ignore[arg-type]
    for odd in ("", None, 5):
        with pytest.raises(InvalidRequestError, match="path is"):
            FileTokenStore(odd)  # type: ignore[arg-type]


@pytest.mark.parametrize("odd", [None, "3", True, -1, float("nan"), [3]])
@pytest.mark.parametrize("name", ["retries", "first_wait", "longest_wait", "longest_retry_after"])
def test_a_number_of_a_retry_policy_is_one(name: str, odd: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} is .*; give 0 or more"):
        RetryPolicy(**{name: odd})


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        ("header_row", 1.5),
        ("header_row", "1"),
        ("sheet", 1),
        ("units", ["шт"]),
        ("mapping", ["Назва"]),
        ("delimiter", 7),
    ],
)
def test_a_layout_says_which_attribute_cannot_be(name: str, odd: object) -> None:
    with pytest.raises(InvalidRequestError, match=f"{name} is ") as found:
        Layout(**{name: odd})  # type: ignore[arg-type]
    assert found.value.field == name


def test_an_item_that_is_no_row_is_explained_in_ukrainian() -> None:
    records: Any = RecordReader
    with pytest.raises(InvalidRequestError) as found:
        row_from_item(3, None, records)
    assert found.value.describe("uk") == (
        "Елемент 3 джерела має тип NoneType; вкажіть ProductCreate або відображення (dict)"
    )


def test_an_error_describes_itself_in_both_languages() -> None:
    with pytest.raises(ConfigurationError) as found:
        SmartKasa(api_key="key", timeout=0)
    error = found.value
    assert error.describe() == str(error) == "timeout is 0; give a finite number above 0"
    assert error.describe("uk") == "timeout має значення 0; вкажіть скінченне число, більше за 0"
    of_call = NotFoundError("404: gone", operation="getShop", request_id="r1")
    assert of_call.describe("uk") == str(of_call) == "getShop: 404: gone [request r1]"
    with pytest.raises(InvalidRequestError, match="language is 'de'"):
        error.describe("de")  # type: ignore[arg-type]


def test_names_that_are_imported_on_first_use_are_listed() -> None:
    assert {"SmartKasa", "catalog", "stores", "sandbox"} <= set(dir(smartkasa_async))
