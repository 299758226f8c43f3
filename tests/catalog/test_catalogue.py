"""The service's catalogue in the journal: whole, by its key, and read anew where it changed meanwhile."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import errors
from smartkasa_async.catalog.sending.catalogue import read_catalogue
from smartkasa_async.catalog.source_location import key_of_keyless
from smartkasa_async.jobs import SqliteJournal
from tests.support.catalogue_service import FakeKasa

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def journal() -> AsyncIterator[SqliteJournal]:
    opened = SqliteJournal()
    await opened.begin("number")
    yield opened
    await opened.close()


@pytest.fixture
def kasa() -> Any:
    return FakeKasa()


async def ids(journal: SqliteJournal, *keys: str) -> list[list[str]]:
    return [[product.id for product in status.known] for status in await journal.look_up(keys)]


async def test_products_are_found_by_their_normalised_key(kasa: Any, journal: SqliteJournal) -> None:
    kasa.keep(number="0042", alter_number="A-1", remote_id=7)
    kasa.keep(number="42", alter_number="A-1")
    kasa.keep(title="Пакет")

    assert (await read_catalogue(kasa, journal, "number", concurrency=2)).key_is_shown
    assert await ids(journal, "42", "0042", key_of_keyless("Пакет")) == [["p-1", "p-2"], [], ["p-3"]]
    assert (await read_catalogue(kasa, journal, "alter_number", concurrency=2)).key_is_shown
    assert await ids(journal, "A-1", "42") == [["p-1", "p-2"], []]
    assert (await read_catalogue(kasa, journal, "remote_id", concurrency=2)).key_is_shown
    assert await ids(journal, "7", "A-1") == [["p-1"], []]


@pytest.mark.parametrize(("key", "shown"), [("number", True), ("alter_number", False), ("remote_id", False)])
async def test_a_key_that_no_product_has_may_not_be_shown(
    kasa: Any, journal: SqliteJournal, key: Any, shown: bool
) -> None:
    kasa.keep(title="Пакет", price=Decimal(2))

    assert (await read_catalogue(kasa, journal, key, concurrency=1)).key_is_shown == shown


async def test_a_key_is_shown_where_one_product_of_many_has_it(kasa: Any, journal: SqliteJournal) -> None:
    for number in range(250):
        kasa.keep(alter_number="A-1" if number == 3 else None)

    assert (await read_catalogue(kasa, journal, "alter_number", concurrency=1)).key_is_shown


@pytest.mark.parametrize(
    "error",
    [
        errors.PaginationError("the list changed", received=1),
        errors.ConnectionLostError("lost"),
        errors.RateLimitedError("429", status=429),
    ],
)
async def test_a_catalogue_that_changed_is_read_anew(kasa: Any, journal: SqliteJournal, error: Exception) -> None:
    kasa.keep(number="1")
    listing, fails = kasa.list, [error] * 4

    def stumble(**rest: object) -> object:
        return _Breaking(listing(**rest), fails)

    kasa.list = stumble

    await read_catalogue(kasa, journal, "number", concurrency=1)
    assert await ids(journal, "1") == [["p-1"]]


async def test_a_catalogue_that_cannot_be_read_is_an_error(kasa: Any, journal: SqliteJournal) -> None:
    listing = kasa.list
    kasa.list = lambda **rest: _Breaking(listing(**rest), [errors.PaginationError("again", received=1)] * 99)

    with pytest.raises(errors.PaginationError, match="again"):
        await read_catalogue(kasa, journal, "number", concurrency=1)


class _Breaking:
    """Gives its pages, and breaks at the end as often as is asked for."""

    def __init__(self, pages: Any, fails: list[Exception]) -> None:
        self._pages = pages
        self._fails = fails

    async def pages(self, *, concurrency: int) -> AsyncIterator[object]:
        async for page in self._pages.pages(concurrency=concurrency):
            yield page
        if self._fails:
            raise self._fails.pop()
