"""A catalogue service made of a few functions, which can lose requests and answers on order."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec

from smartkasa_async._support.network import Network
from smartkasa_async.catalog.checks.check import ProductDraft
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.header_matcher import HeaderMatcher
from smartkasa_async.errors import NotFoundError, OutcomeUnknownError
from smartkasa_async.models import Product, ProductCreate, UuidId

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator, Sequence

    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.events import Event
    from smartkasa_async.models import ProductUpdate

__all__ = ["NOW", "ORIGIN", "FakeKasa", "as_list", "draft", "lose_after", "lose_before", "make_product", "products"]

_PER_PAGE = 100
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ORIGIN = SourceLocation("list.csv", HeaderMatcher().match(["Штрихкод", "Назва", "Ціна"], file="list.csv"))


def products(count: int, first: int = 1) -> list[ProductCreate]:
    return [
        ProductCreate(title=f"Товар {number}", number=f"{number:04}", price=Decimal(number))
        for number in range(first, first + count)
    ]


def draft(line: int = 2, number: str = "4820", **fields: Any) -> ProductDraft:
    product = ProductCreate(**{"title": "Кава", "number": number, "price": Decimal(5), **fields})
    return ProductDraft(line - 1, line, number, None, product, number)


def make_product(id: str, **fields: Any) -> Product:
    return Product(**{"id": id, "title": "Кава", "price": Decimal(5), "created_at": NOW, "updated_at": NOW, **fields})


class FakeKasa:
    """Has neither units nor categories; keeps products, and logs the calls that change them.

    `gate` runs before each batch is created and may raise; `hook` runs around each create and may lose it.
    """

    def __init__(self) -> None:
        self.network = Network()
        self.unit_types = self.categories = _Empty()
        self.products = self
        self.kept: dict[str, Product] = {}
        self.calls: list[tuple[str, object]] = []
        self.listeners: list[Callable[[Event], None]] = []
        self.lists = 0
        self.made = self.gets = 0
        self.filters = True
        self.unreadable: list[UnreadableRecord] = []
        self.shuffle: Callable[[list[UuidId]], list[UuidId]] = lambda made: made
        self.pages_asked = 0
        self.running = 0
        self.most_running = 0
        self.losing: list[Callable[[], bool]] = []

    async def gate(self, titles: list[str]) -> None:
        """Let each batch through; tests put another one in its place."""

    async def account_id(self) -> str:
        return f"{id(self)}"

    @property
    def created(self) -> list[str]:
        return [product.title for product in self.kept.values()]

    @property
    def batches(self) -> list[list[str]]:
        return [titles for name, titles in self.calls if name == "create_batch" and isinstance(titles, list)]

    @contextmanager
    def listening(self, listener: Callable[[Event], None]) -> Iterator[None]:
        self.listeners.append(listener)
        yield
        self.listeners.remove(listener)

    def keep(self, **fields: Any) -> Product:
        self.made += 1
        product = make_product(f"p-{self.made}", **fields)
        self.kept[product.id] = product
        return product

    async def create_batch(self, items: Sequence[ProductCreate]) -> list[UuidId]:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            titles = [item.title for item in items]
            self.calls.append(("create_batch", titles))
            await self.gate(titles)
            does_work = self.losing.pop(0)() if self.losing else None
            if does_work is False:
                raise OutcomeUnknownError("the request was lost")
            made = [UuidId(id=self.keep(**_fields(item)).id) for item in items]
            if does_work:
                raise OutcomeUnknownError("the answer was lost")
            return self.shuffle(made)
        finally:
            self.running -= 1

    async def create(self, item: ProductCreate) -> UuidId:
        return (await self.create_batch([item]))[0]

    async def get(self, id: str) -> Product:
        self.gets += 1
        if id not in self.kept:
            raise NotFoundError("404", status=404)
        return self.kept[id]

    async def update(self, id: str, changes: ProductUpdate) -> UuidId:
        self.calls.append(("update", (id, changes)))
        self.kept[id] = msgspec.structs.replace(self.kept[id], **_fields(changes))
        return UuidId(id=id)

    async def delete(self, id: str) -> UuidId:
        self.calls.append(("delete", id))
        if self.kept.pop(id, None) is None:
            raise NotFoundError("404", status=404)
        return UuidId(id=id)

    async def delete_batch(self, ids: Sequence[str]) -> list[UuidId]:
        self.calls.append(("delete_batch", list(ids)))
        for doomed in ids:
            del self.kept[doomed]
        return [UuidId(id=doomed) for doomed in ids]

    def list(
        self, *, number: str | None = None, on_unreadable: Callable[[UnreadableRecord], None] | None = None, **_: object
    ) -> _List:
        self.lists += 1
        filtered = number if self.filters else None
        listed = _List([product for product in self.kept.values() if filtered in {None, product.number}], self._ask)
        if on_unreadable is not None:
            listed.unreadable = self.unreadable
            for record in self.unreadable:
                on_unreadable(record)
        return listed

    def _ask(self) -> None:
        self.pages_asked += 1


def lose_before() -> bool:
    """The request is lost on its way."""
    return False


def lose_after() -> bool:
    """The work is done and the answer is lost."""
    return True


class _List:
    """What a list operation gives; `on_page` is called for each page that is asked for."""

    def __init__(self, records: list[Any], on_page: Callable[[], None] = lambda: None) -> None:
        self.data = records
        self.unreadable: list[UnreadableRecord] = []
        self._on_page = on_page

    def __await__(self) -> Generator[Any, None, Any]:
        return self._first().__await__()

    async def _first(self) -> SimpleNamespace:
        self._on_page()
        meta = SimpleNamespace(next_page=2 if len(self.data) > _PER_PAGE else None)
        return SimpleNamespace(data=self.data[:_PER_PAGE], meta=meta)

    async def __aiter__(self) -> AsyncIterator[Any]:
        async for page in self.pages(concurrency=1):
            for record in page.data:
                yield record

    async def pages(self, *, concurrency: int) -> AsyncIterator[_List]:
        for start in range(0, max(1, len(self.data)), _PER_PAGE):
            self._on_page()
            page = _List(self.data[start : start + _PER_PAGE])
            page.unreadable = self.unreadable if start == 0 else []
            yield page


def as_list(records: Iterable[Any]) -> _List:
    """Give records as a list operation does."""
    return _List(list(records))


class _Empty:
    def list(self, **_: object) -> _List:
        return _List([])


def _fields(struct: ProductCreate | ProductUpdate) -> dict[str, Any]:
    values = {name: getattr(struct, name) for name in struct.__struct_fields__}
    return {name: value for name, value in values.items() if value is not msgspec.UNSET and name != "id"}
