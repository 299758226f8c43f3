"""Every Python block of the README runs, against a sandbox, and so does the read-back of docs/client.md."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.sandbox import Fault, Simulation
from tests.docs.markdown import PROJECT, Document
from tests.docs.running import is_program, run_fragment, run_python, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smartkasa_async.sandbox import Sandbox

README = Document("README.md")
BLOCKS = README.blocks_in("python")
PROGRAMS = [block for block in BLOCKS if is_program(block)]
(DAYS_WORK,) = (block for block in BLOCKS if block not in PROGRAMS)
CLIENT = Document("docs/client.md")
LOST_CREATE = next(block for block in CLIENT.blocks_in("python") if "OutcomeUnknownError" in block.code)


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve a small business, named by the environment, with a price list in the working folder."""
    monkeypatch.chdir(tmp_path)
    lines = (PROJECT / "examples" / "catalogue.csv").read_bytes().splitlines(keepends=True)
    (tmp_path / "price-list.csv").write_bytes(b"".join(lines[:301]))
    with served(Simulation(shops=2, days=2, products=20, receipts_per_day=10)) as box:
        for name, value in box.credentials.items():
            monkeypatch.setenv(f"SMARTKASA_{name.upper()}", str(value))
        yield box


def test_a_reader_is_not_tired() -> None:
    assert max(len(Document(name).text.splitlines()) for name in (README.name, "README.uk.md")) <= 180


def test_first_program_prints_what_the_readme_shows(tmp_path: Path) -> None:
    assert len([line for line in PROGRAMS[0].code.splitlines() if line.strip()]) <= 10
    assert run_python("-W", "error", "-c", PROGRAMS[0].code, folder=tmp_path) == README.blocks_in("text")[0].code


def test_second_program_takes_its_settings_from_the_environment(box: Sandbox, tmp_path: Path) -> None:
    printed = run_python("-W", "error", "-c", PROGRAMS[1].code, folder=tmp_path)

    assert printed.splitlines() == [f"{shop['id']} {shop['title']}" for shop in box.rows("shops")]


@pytest.mark.parametrize(("kind", "created"), [("drop_after", True), ("drop_before", False)])
async def test_lost_create_is_read_back(box: Sandbox, kind: Any, created: bool) -> None:
    box.faults.add(Fault(kind, method="POST", path="/api/v1/inventory/products"))

    names, _ = await run_fragment(LOST_CREATE, CLIENT.name)

    made = [product["id"] for product in box.rows("products", number=names["barcode"])]
    assert made == ([names["product_id"]] if created else [])
    assert (names["product_id"] is None) is not created


async def test_days_work_is_done(box: Sandbox, tmp_path: Path) -> None:
    before = len(box.rows("products"))

    _, printed = await run_fragment(DAYS_WORK, README.name)

    counts = [line.split() for line in printed.splitlines()[:3]]
    assert counts == [["rows", "300"], ["created", "298"], ["rejected", "2"]]
    assert len(box.rows("products")) - before == 298
    paid = [receipt["total_amount"] for receipt in box.rows("receipts", type=0, state=2)]
    total, by_z_report = printed.rsplit("All shops", 1)[1].split()[2:4]
    assert Decimal(total) == Decimal(by_z_report) == sum(paid)
    assert (tmp_path / "report.html").stat().st_size > 100_000
