"""The archive of Z-reports: what is in it, what its seal notices, and that a later run adds and changes no more."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from smartkasa_async.jobs import Progress, Stage
from smartkasa_async.records import RecordKind, Window
from smartkasa_async.reports import archive_z_reports
from smartkasa_async.stores import StoreError, open_store
from smartkasa_async.stores.schema import Z_REPORTS
from tests.support.agent_business import OCTOBER
from tests.support.month_business import NOW, business, counted, write_october
from tests.support.stored import changing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from smartkasa_async.reports import ZArchive
    from smartkasa_async.stores import Store

REPORTS = counted().z_reports
NEXT_YEAR = datetime(2027, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
async def filled(october: Path, tmp_path: Path) -> AsyncIterator[Store]:
    shutil.copy(october.with_name("kasa.sqlite"), tmp_path / "kasa.sqlite")
    async with open_store(tmp_path / "kasa.sqlite") as store:
        yield store


async def archived(store: Store, folder: Path, **options: Any) -> ZArchive:
    days = {"start": OCTOBER.start, "end": OCTOBER.end, "now": NOW, "language": "uk"}
    return await archive_z_reports(store, folder, **{**days, **options})


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Texts(HTMLParser):
    """The cells of the tables of a page."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: Counter[str] = Counter()
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags[tag] += 1
        if tag in {"td", "th"}:
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data


async def test_the_archive_reports_how_far_it_has_come(filled: Store, tmp_path: Path) -> None:
    reports: list[Progress] = []
    await archived(filled, tmp_path / "z", on_progress=reports.append)
    assert reports == [
        Progress(Stage.READING),
        Progress(Stage.CHECKING),
        Progress(Stage.WRITING, len(REPORTS), None, "Z-reports"),
    ]


async def test_each_report_is_a_file_of_json_and_a_page_to_print(filled: Store, tmp_path: Path) -> None:
    result = await archived(filled, tmp_path / "z")
    files = contents(tmp_path / "z")
    assert (result.reports, result.added, result.is_intact) == (len(REPORTS), len(REPORTS), True)
    assert len(files) == 2 * len(REPORTS) + 2 + len({row["registrar_fiscal_number"] for row in REPORTS})
    for row in REPORTS:
        folder = f"{row['registrar_fiscal_number']}/2026/"
        (name,) = [name for name in files if name.startswith(folder) and name.endswith(f"-{row['id']}.json")]
        report = json.loads(files[name])["z_report"]
        assert Decimal(report["sale_total"]) == row["sale_total"]
        assert (report["shift_id"], report["fiscal_number"]) == (row["shift_id"], row["fiscal_number"])
        page = Texts(files[name.replace(".json", ".html")])
        cells = dict(zip(page.cells[::2], map(str.strip, page.cells[1::2]), strict=False))
        assert cells["Номер"] == row["fiscal_number"]
        assert cells["Продажі"] == f"{row['sale_total']:.2f}"
        assert page.tags["script"] == page.tags["img"] == page.tags["link"] == 0
        index = files[f"{folder}index.html"].decode()
        assert f'href="{name.rpartition("/")[2]}"' in index
    seal = json.loads(files["seal.json"])["seal"]
    for one in seal["reports"]:
        for suffix in ("json", "html"):
            assert sha256(files[f"{one['name']}.{suffix}"]).hexdigest() == one[suffix]
    assert seal["counts"] == {
        registrar: {"2026": number}
        for registrar, number in Counter(row["registrar_fiscal_number"] for row in REPORTS).items()
    }
    assert result.digest in files["index.html"].decode()


async def test_a_second_run_changes_no_byte(filled: Store, tmp_path: Path) -> None:
    first = await archived(filled, tmp_path / "z")
    before = contents(tmp_path / "z")
    second = await archived(filled, tmp_path / "z")
    assert contents(tmp_path / "z") == before
    assert (second.added, second.reports, second.digest) == (0, first.reports, first.digest)


async def test_later_days_are_added_and_years_stand_apart(filled: Store, tmp_path: Path) -> None:
    middle = date(2026, 10, 15)
    first = await archived(filled, tmp_path / "z", end=middle)
    before = contents(tmp_path / "z")
    assert 0 < first.reports < len(REPORTS)
    last = REPORTS[-1]["id"]
    async with changing(filled) as connection:
        await connection.execute(
            update(Z_REPORTS).where(Z_REPORTS.c.id == last).values(business_date=date(2027, 1, 4), created_at=NEXT_YEAR)
        )
    later = await archived(filled, tmp_path / "z", start=middle, end=date(2027, 1, 4), now=NEXT_YEAR)
    after = contents(tmp_path / "z")
    assert later.reports == len(REPORTS)
    assert later.added == len(REPORTS) - first.reports
    kept = {name: content for name, content in before.items() if "index" not in name and name != "seal.json"}
    assert {name: after[name] for name in kept} == kept
    assert [name for name in after if "/2027/" in name and name.endswith(f"-{last}.json")]


async def test_changed_and_lost_files_are_named(filled: Store, tmp_path: Path) -> None:
    await archived(filled, tmp_path / "z")
    before = contents(tmp_path / "z")
    changed, lost, page = [name for name in before if name.endswith(".json") and "/" in name][:3]
    page = page.replace(".json", ".html")
    (tmp_path / "z" / changed).write_bytes(before[changed].replace(b"0", b"1"))
    (tmp_path / "z" / lost).unlink()
    (tmp_path / "z" / page).unlink()
    result = await archived(filled, tmp_path / "z")
    assert (result.changed, result.lost, result.is_intact) == ((changed,), (), False)
    assert set(result.restored) == {lost, page}
    assert contents(tmp_path / "z") == before | {changed: before[changed].replace(b"0", b"1")}
    assert any(changed in line for line in result.note_lines("uk"))
    (tmp_path / "z" / changed).unlink()
    assert (await archived(filled, tmp_path / "z")).restored == (changed,)
    assert (await archived(filled, tmp_path / "z")).is_intact
    assert contents(tmp_path / "z") == before


async def test_what_no_store_can_give_again_stays_lost(filled: Store, tmp_path: Path) -> None:
    await archived(filled, tmp_path / "z")
    names = [name for name in contents(tmp_path / "z") if name.endswith(".json") and "/" in name]
    lost = next(name for name in names if name.endswith(f"-{REPORTS[0]['id']}.json"))
    (tmp_path / "z" / lost).unlink()
    shop = REPORTS[0]["shop_id"]
    others = [row["id"] for row in REPORTS[1:] if row["shop_id"] == shop]
    await filled.mark_deleted(RecordKind.Z_REPORTS, others, shop_id=shop, window=OCTOBER)
    result = await archived(filled, tmp_path / "z")
    assert result.lost == (lost,)
    assert result.reports == len(REPORTS)


async def test_files_that_the_seal_does_not_name_are_named_and_left(filled: Store, tmp_path: Path) -> None:
    await archived(filled, tmp_path / "z")
    before = contents(tmp_path / "z")
    name = next(name for name in before if name.endswith(".json") and "/" in name)
    others = [name.replace(".json", f"-copy.{suffix}") for suffix in ("html", "json")]
    for other in others:
        (tmp_path / "z" / other).write_bytes(before[name])
    result = await archived(filled, tmp_path / "z")
    assert (result.unsealed, result.is_intact, result.added) == (tuple(others), True, 0)
    assert contents(tmp_path / "z") == before | dict.fromkeys(others, before[name])
    assert any(others[0] in line for line in result.note_lines("uk"))


async def test_an_emptied_file_is_made_again(filled: Store, tmp_path: Path) -> None:
    await archived(filled, tmp_path / "z")
    before = contents(tmp_path / "z")
    name = next(name for name in before if name.endswith(".json") and "/" in name)
    (tmp_path / "z" / name).write_bytes(b"")
    assert (await archived(filled, tmp_path / "z")).restored == (name,)
    assert contents(tmp_path / "z") == before


async def test_a_lost_seal_is_noticed_by_the_index_of_any_year(filled: Store, tmp_path: Path) -> None:
    await archived(filled, tmp_path / "z")
    for name in ("seal.json", "index.html"):
        (tmp_path / "z" / name).unlink()
    with pytest.raises(StoreError, match=r"seal\.json is lost"):
        await archived(filled, tmp_path / "z")


async def test_a_report_that_no_seal_names_is_not_overwritten(filled: Store, tmp_path: Path) -> None:
    """As where the first run was killed before the seal was written, or all that shows a seal was removed."""
    await archived(filled, tmp_path / "z")
    before = contents(tmp_path / "z")
    for name in before:
        if name.endswith(("seal.json", "index.html")):
            (tmp_path / "z" / name).unlink()
    name = next(name for name in before if name.endswith(".json") and "/" in name)
    (tmp_path / "z" / name).write_bytes(b"{}")
    with pytest.raises(StoreError, match=f"{name} is there, and the seal does not name it: move it out"):
        await archived(filled, tmp_path / "z")
    assert (tmp_path / "z" / name).read_bytes() == b"{}"
    (tmp_path / "z" / name).unlink()
    assert (await archived(filled, tmp_path / "z")).is_intact
    assert contents(tmp_path / "z") == before


@pytest.mark.parametrize("how", ["changed", "lost"])
async def test_a_seal_that_was_changed_or_lost_stops_the_run(filled: Store, tmp_path: Path, how: str) -> None:
    await archived(filled, tmp_path / "z")
    seal = tmp_path / "z" / "seal.json"
    if how == "lost":
        seal.unlink()
    else:
        seal.write_bytes(seal.read_bytes().replace(b'"revision": 1', b'"revision": 2', 1))
    before = contents(tmp_path / "z")
    with pytest.raises(StoreError, match=r"seal\.json is (lost|not as it was written)"):
        await archived(filled, tmp_path / "z")
    assert contents(tmp_path / "z") == before


async def test_a_report_that_the_service_changed_is_kept_in_both_forms(filled: Store, tmp_path: Path) -> None:
    await archived(filled, tmp_path / "z")
    before = contents(tmp_path / "z")
    row = REPORTS[4]
    async with changing(filled) as connection:
        await connection.execute(
            update(Z_REPORTS).where(Z_REPORTS.c.id == row["id"]).values(sale_total=row["sale_total"] + 1)
        )
    result = await archived(filled, tmp_path / "z")
    (revised,) = result.revised
    assert revised.endswith(f"-{row['id']}-2.json")
    after = contents(tmp_path / "z")
    assert Decimal(json.loads(after[revised])["z_report"]["sale_total"]) == row["sale_total"] + 1
    old = revised.replace("-2.json", ".json")
    assert after[old] == before[old]
    assert (result.reports, result.added) == (len(REPORTS), 0)
    again = await archived(filled, tmp_path / "z")
    assert (again.revised, contents(tmp_path / "z")) == ((), after)


async def test_gaps_stand_in_the_seal_until_they_are_filled(filled: Store, tmp_path: Path) -> None:
    row = REPORTS[10]
    shop = row["shop_id"]
    others = [one["id"] for one in REPORTS if one["shop_id"] == shop and one["id"] != row["id"]]
    await filled.mark_deleted(RecordKind.Z_REPORTS, others, shop_id=shop, window=OCTOBER)
    result = await archived(filled, tmp_path / "z")
    assert result.missing == 1
    seal = json.loads(contents(tmp_path / "z")["seal.json"])["seal"]
    assert [one["shift_id"] for one in seal["missing"]] == [row["shift_id"]]
    assert row["shift_id"] in contents(tmp_path / "z")["index.html"].decode()
    async with changing(filled) as connection:
        await connection.execute(update(Z_REPORTS).values(deleted_at=None))
    filled_gap = await archived(filled, tmp_path / "z")
    assert (filled_gap.missing, filled_gap.added) == (0, 1)


async def test_days_that_were_not_read_stand_in_the_seal(tmp_path: Path) -> None:
    async with open_store(tmp_path / "kasa.sqlite") as store:
        await write_october(store, Window(date(2026, 10, 1), date(2026, 10, 29)))
        result = await archived(store, tmp_path / "z")
        earlier = await archived(store, tmp_path / "z", end=date(2026, 10, 10))
    assert not result.is_complete
    assert earlier.is_complete
    shops = [str(shop["id"]) for shop in business().rows["shops"]]
    seal = json.loads(contents(tmp_path / "z")["seal.json"])["seal"]
    assert seal["not_read"] == {shop: ["2026-10-30", "2026-10-31"] for shop in shops}


async def test_nothing_is_half_written(filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await archived(filled, tmp_path / "z", end=date(2026, 10, 10))
    before = contents(tmp_path / "z")

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("smartkasa_async.reports.z_archive.archiving.root_page", fail)
        with pytest.raises(OSError, match="full"):
            await archived(filled, tmp_path / "z")
    assert contents(tmp_path / "z") == before
    assert (await archived(filled, tmp_path / "z")).reports == len(REPORTS)


async def test_names_and_texts_of_the_service_stay_in_their_folder(filled: Store, tmp_path: Path) -> None:
    async with changing(filled) as connection:
        for number, (registrar, name) in enumerate([("../../out", "a/b"), ("<b>", "..\\x"), (None, "Z 1")]):
            await connection.execute(
                update(Z_REPORTS)
                .where(Z_REPORTS.c.id == REPORTS[number]["id"])
                .values(registrar_fiscal_number=registrar, fiscal_number=name, terminal_user_name="<script>x</script>")
            )
    result = await archived(filled, tmp_path / "z")
    files = contents(tmp_path)
    assert all(name.startswith(("z/", "kasa.sqlite")) for name in files)
    assert result.reports == len(REPORTS)
    assert b"<script" not in b"".join(content for name, content in files.items() if name.endswith(".html"))
    assert any(name.startswith("z/no-registrar/2026/") for name in files)
    assert (await archived(filled, tmp_path / "z")).is_intact


async def test_a_thousand_days_are_archived_and_checked(filled: Store, tmp_path: Path) -> None:
    """1,095 days of a registrar: three folders of years, and a second run that writes nothing."""
    row = dict(REPORTS[0])
    days = [date.fromordinal(date(2023, 11, 2).toordinal() + number) for number in range(1_095)]
    async with changing(filled) as connection:
        await connection.execute(
            Z_REPORTS.insert(),
            [
                {
                    "account_id": 0,
                    "id": 10_000 + number,
                    "shop_id": row["shop_id"],
                    "fiscal_number": f"{number}",
                    "registrar_fiscal_number": "4000999999",
                    "business_date": day,
                    "created_at": datetime(day.year, day.month, day.day, 18, tzinfo=UTC),
                    "sale_total": Decimal("1.50"),
                }
                for number, day in enumerate(days)
            ],
        )
    first = await archived(filled, tmp_path / "z", start=days[0])
    seal = json.loads((tmp_path / "z" / "seal.json").read_bytes())["seal"]
    assert seal["counts"]["4000999999"] == {"2023": 60, "2024": 366, "2025": 365, "2026": 304}
    assert first.reports == len(REPORTS) + 1_095
    index = Texts((tmp_path / "z" / "index.html").read_bytes())
    assert index.cells.count("2024-12-31") == 1
    assert (await archived(filled, tmp_path / "z", start=days[0])).digest == first.digest
