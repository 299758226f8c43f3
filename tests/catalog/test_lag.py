"""Lists that lag behind writes: what was created is not created once more because a list does not show it yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from smartkasa_async.catalog import ImportStoppedError, import_products
from smartkasa_async.errors import ForbiddenError, NotFoundError
from tests.support.catalogue_service import lose_after, lose_before, products
from tests.support.lagging_service import Clock, LaggingKasa, run_clock

if TYPE_CHECKING:
    from pathlib import Path

SETTLE_AFTER = 15.0
LAGS = [0.0, 3.0, 14.9]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return run_clock(monkeypatch)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "import.journal"


def importing(kasa: Any, items: Any, journal: Path | None, **options: Any) -> Any:
    return import_products(
        kasa,
        items,
        journal=journal,
        **{"batch_size": 20, "concurrency": 2, "late_write_window": SETTLE_AFTER, **options},
    )


def row(number: int, category: str) -> dict[str, Any]:
    return {"Артикул": f"А-{number}", "Назва": f"Товар {number}", "Ціна": number, "Категорія": category}


def kept(kasa: LaggingKasa) -> list[str]:
    return sorted(product.number or "" for product in kasa.kept.values())


async def stop_after(kasa: LaggingKasa, count: int, items: Any, journal: Path, **options: Any) -> None:
    """Run the first part of an import, which ends when so many products have been created."""

    async def gate(titles: list[str]) -> None:
        if len(kasa.kept) >= count:
            raise ForbiddenError("not any more", status=403)

    kasa.gate = gate  # type: ignore[method-assign]
    with pytest.raises(ImportStoppedError):
        await importing(kasa, items, journal, **options)
    del kasa.gate


@pytest.mark.parametrize("lag", [*LAGS, 1000.0])
async def test_what_the_journal_knows_as_created_is_asked_for_by_its_id(
    clock: Clock, journal: Path, lag: float
) -> None:
    kasa, items = LaggingKasa(clock, lag), products(300)
    await stop_after(kasa, 200, items, journal)

    summary = await importing(kasa, items, journal)

    assert kept(kasa) == [item.number for item in items]
    assert summary.created == 300
    assert (kasa.gets >= 200) is (lag > SETTLE_AFTER)


async def test_a_product_that_was_deleted_meanwhile_is_created_anew(clock: Clock, journal: Path) -> None:
    kasa, items = LaggingKasa(clock, 3.0), products(60)
    await stop_after(kasa, 40, items, journal)
    del kasa.kept["p-1"]

    summary = await importing(kasa, items, journal)

    assert summary.created == 60
    assert kept(kasa) == [item.number for item in items]


@pytest.mark.parametrize("page", ["<html>We are being updated</html>", "404 page not found"])
async def test_a_page_that_says_404_does_not_make_a_known_product_absent(
    clock: Clock, journal: Path, page: str
) -> None:
    kasa, items = LaggingKasa(clock, 1000.0), products(60)
    await stop_after(kasa, 40, items, journal)
    get = kasa.get

    async def answer(id: str) -> Any:
        raise NotFoundError("404", status=404, excerpt=page)

    kasa.get = answer  # type: ignore[method-assign]
    with pytest.raises(ImportStoppedError):
        await importing(kasa, items, journal)
    assert len(kasa.kept) == 40
    kasa.get = get  # type: ignore[method-assign]

    summary = await importing(kasa, items, journal)

    assert (summary.created, kept(kasa)) == (60, [item.number for item in items])


@pytest.mark.parametrize("lag", LAGS)
async def test_an_import_that_did_not_end_is_waited_for(clock: Clock, journal: Path, lag: float) -> None:
    kasa = LaggingKasa(clock, lag)
    waits: list[float] = []
    await stop_after(kasa, 40, products(60), journal)
    begun = clock.now

    await importing(kasa, products(60), journal, on_wait=waits.append)

    assert waits == [SETTLE_AFTER]
    assert clock.now - begun >= SETTLE_AFTER


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("key", ["number", "alter_number"])
async def test_what_was_lost_is_looked_for_until_the_window_is_over(clock: Clock, lag: float, key: Any) -> None:
    items = [msgspec.structs.replace(item, alter_number=f"A-{item.number}") for item in products(200)]
    kasa = LaggingKasa(clock, lag)
    kasa.losing = [lose_after, lose_before, lose_after, lose_before] * 3

    summary = await importing(kasa, items, None, key=key)

    assert summary.created == 200
    assert kept(kasa) == [item.number for item in items]


@pytest.mark.parametrize("lag", LAGS)
async def test_categories_are_created_once(clock: Clock, lag: float) -> None:
    kasa = LaggingKasa(clock, lag)
    kasa.categories.losing = [None, lose_after, None, lose_before]
    rows = [row(n, f"Група {n // 20} / Вид {n // 10}") for n in range(1, 200)]

    summary = await importing(kasa, rows, None, batch_size=5, key="alter_number")

    assert summary.created == 199
    assert kasa.categories.titles == sorted([f"Група {n}" for n in range(10)] + [f"Вид {n}" for n in range(20)])


async def test_a_category_that_was_created_and_is_never_listed_is_not_created_once_more(clock: Clock) -> None:
    kasa = LaggingKasa(clock, 1000.0)
    kasa.categories.losing = [None, lose_before]
    rows = [row(n, f"Група {n % 2} / Вид {n}") for n in range(2)] + [row(n, f"Група 0 / Вид {n}") for n in range(2, 9)]

    await importing(kasa, rows, None, batch_size=1, key="alter_number")

    assert kasa.categories.titles == sorted(["Група 0", "Група 1", *(f"Вид {n}" for n in range(9))])


async def test_an_import_whose_category_stayed_in_doubt_is_waited_for(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service may still create it, although nothing else was sent."""
    monkeypatch.setattr("smartkasa_async.jobs.lease.time.time", lambda: 1000.0 + clock.now)
    kasa = LaggingKasa(clock, 0.0)
    kasa.categories.losing = [lose_before] * 99
    waits: list[float] = []
    summary = await importing(kasa, [row(1, "Група")], None, key="alter_number")
    kasa.categories.losing.clear()

    await importing(kasa, [row(1, "Група")], None, key="alter_number", on_wait=waits.append)

    assert (summary.rejected, waits) == (1, [SETTLE_AFTER])


@pytest.mark.parametrize("lag", LAGS)
async def test_categories_of_an_import_that_was_stopped_are_not_created_once_more(
    clock: Clock, journal: Path, lag: float
) -> None:
    kasa = LaggingKasa(clock, lag)
    rows = [row(n, f"Група {n // 20}") for n in range(199)]
    await stop_after(kasa, 100, rows, journal, key="alter_number")

    await importing(kasa, rows, journal, key="alter_number")

    assert kasa.categories.titles == sorted(f"Група {n}" for n in range(10))
