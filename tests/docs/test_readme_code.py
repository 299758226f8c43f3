"""Every Python block of the README runs, against a sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.sandbox import Fault, Simulation
from tests.docs.markdown import PROJECT, Block, Document
from tests.docs.running import is_program, is_suite, run_fragment, run_python, run_suite, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smartkasa_async.sandbox import Sandbox

README = Document("README.md")
BLOCKS = README.blocks_in("python")
SUITES = [block for block in BLOCKS if is_suite(block)]
PROGRAMS = [block for block in BLOCKS if is_program(block)]
FRAGMENTS = [block for block in BLOCKS if block not in SUITES + PROGRAMS]
LOST_CREATE = next(block for block in FRAGMENTS if "OutcomeUnknownError" in block.code)


def line_of(block: Block) -> str:
    return f"line {block.line}"


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


def test_every_kind_of_block_is_there() -> None:
    assert (len(SUITES), len(PROGRAMS)) == (1, 2)
    assert len(FRAGMENTS) >= 8


@pytest.mark.usefixtures("box")
@pytest.mark.parametrize("block", FRAGMENTS, ids=line_of)
async def test_fragment_runs(block: Block) -> None:
    await run_fragment(block, README.name)


def test_first_program_prints_what_the_readme_shows(tmp_path: Path) -> None:
    assert len([line for line in PROGRAMS[0].code.splitlines() if line.strip()]) <= 10
    assert run_python("-W", "error", "-c", PROGRAMS[0].code, folder=tmp_path) == README.blocks_in("text")[0].code


def test_second_program_takes_its_settings_from_the_environment(box: Sandbox, tmp_path: Path) -> None:
    printed = run_python("-W", "error", "-c", PROGRAMS[1].code, folder=tmp_path)

    assert printed.splitlines() == [f"{shop['id']} {shop['title']}" for shop in box.rows("shops")]


@pytest.mark.parametrize(("kind", "created"), [("drop_after", True), ("drop_before", False)])
async def test_lost_create_is_read_back(box: Sandbox, kind: Any, created: bool) -> None:
    box.faults.add(Fault(kind, method="POST", path="/api/v1/inventory/products"))

    names, _ = await run_fragment(LOST_CREATE, README.name)

    made = [product["id"] for product in box.rows("products", number=names["barcode"])]
    assert made == ([names["product_id"]] if created else [])
    assert (names["product_id"] is None) is not created


async def test_price_list_is_imported(box: Sandbox, tmp_path: Path) -> None:
    before = len(box.rows("products"))
    block = next(block for block in FRAGMENTS if "import_products" in block.code)

    names, printed = await run_fragment(block, README.name)

    assert names["job"].summary.created == len(box.rows("products")) - before == 298
    assert (tmp_path / "to-fix.csv").read_bytes().count(b"\n") == 1 + 2
    assert "значення не заповнене" in printed


async def test_receipts_agree_with_z_reports_and_sum_up(box: Sandbox) -> None:
    synced, _ = await run_fragment(next(block for block in FRAGMENTS if "reconcile" in block.code), README.name)
    summed, _ = await run_fragment(next(block for block in FRAGMENTS if "export_tables" in block.code), README.name)

    paid_sales = [receipt["total_amount"] for receipt in box.rows("receipts", type=0, state=2)]
    assert synced["synced"].complete
    assert synced["synced"].receipts == len(box.rows("receipts"))
    assert synced["result"].agrees
    assert synced["findings"].is_clean
    assert len(summed["sales"]) == 2
    assert sum(total for _, total in summed["sales"]) == sum(paid_sales) == synced["synced"].sales


def test_fixture_works_in_a_suite_of_its_own(tmp_path: Path) -> None:
    """The plugin is found as it is after an installation: by the entry point that the project declares."""
    assert run_suite(SUITES[0], tmp_path) == 1
