"""A catalogue service whose lists show a write only after a while, and a clock that runs when somebody waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import msgspec
from anyio.lowlevel import checkpoint

from smartkasa_async.errors import OutcomeUnknownError
from smartkasa_async.models import Category
from tests.support.catalogue_service import NOW, FakeKasa, as_list

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pytest

    from smartkasa_async.models import CategoryCreate, Product

__all__ = ["Clock", "LaggingKasa", "run_clock"]


@dataclass
class Clock:
    """Seconds that have passed; whoever sleeps makes them pass."""

    now: float = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += max(0.0, seconds)
        await checkpoint()

    async def sleep_until(self, deadline: float) -> None:
        await self.sleep(deadline - self.now)


def run_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let all waits of the imports and syncs pass on a clock of the test's own."""
    clock = Clock()
    monkeypatch.setattr(anyio, "sleep", clock.sleep)
    monkeypatch.setattr(anyio, "sleep_until", clock.sleep_until)
    monkeypatch.setattr(anyio, "current_time", lambda: clock.now)
    return clock


class LaggingKasa(FakeKasa):
    """Lists a product or category `lag` seconds after it was created; by its id it is there at once."""

    def __init__(self, clock: Clock, lag: float) -> None:
        super().__init__()
        self.clock = clock
        self.lag = lag
        self.born: dict[str, float] = {}
        self.categories: Any = LaggingCategories(self)

    def keep(self, **fields: Any) -> Product:
        product = super().keep(**fields)
        self.born[product.id] = self.clock.now
        return product

    def list(self, *, number: str | None = None, **_: object) -> Any:
        self.lists += 1
        return as_list(
            product
            for product in self.kept.values()
            if number in {None, product.number} and self.born.get(product.id, 0.0) + self.lag <= self.clock.now
        )


class LaggingCategories:
    """Categories of such a service; `losing` says of the next batches whether they are carried out and not answered."""

    def __init__(self, kasa: LaggingKasa) -> None:
        self._kasa = kasa
        self.kept: dict[str, Category] = {}
        self.reverses = False
        self.losing: list[Callable[[], bool] | None] = []

    @property
    def titles(self) -> list[str]:
        return sorted(category.title for category in self.kept.values())

    async def create_batch(self, items: Sequence[CategoryCreate]) -> list[Category]:
        does_work = lose() if self.losing and (lose := self.losing.pop(0)) else None
        if does_work is False:
            raise OutcomeUnknownError("the request was lost")
        made = [self._keep(item) for item in items]
        if does_work:
            raise OutcomeUnknownError("the answer was lost")
        return made[::-1] if self.reverses else made

    def _keep(self, item: CategoryCreate) -> Category:
        new = f"c-{len(self.kept) + 1}"
        parent = None if item.parent_id is msgspec.UNSET else item.parent_id
        self.kept[new] = Category(id=new, title=item.title, parent_id=parent, created_at=NOW, updated_at=NOW)
        self._kasa.born[new] = self._kasa.clock.now
        return self.kept[new]

    def list(self, **_: object) -> Any:
        shown = self._kasa.clock.now - self._kasa.lag
        return as_list(category for category in self.kept.values() if self._kasa.born[category.id] <= shown)
