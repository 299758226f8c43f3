"""Price lists on the disk that are packed by gzip."""

from __future__ import annotations

import gzip
import io
import tarfile
from functools import partial
from typing import TYPE_CHECKING

import pytest

from smartkasa_async.catalog import SourceError, import_products
from smartkasa_async.catalog.sources import archives
from smartkasa_async.catalog.sources.source import open_source
from smartkasa_async.cli.importing import count_rows
from tests.support.catalogue_service import FakeKasa
from tests.support.price_files import write_xlsx

if TYPE_CHECKING:
    from pathlib import Path

gzipped = partial(gzip.compress, mtime=0)  # without the time, which would give the same test other names
pytestmark = pytest.mark.usefixtures("empty_temporary_folder")

TABLE = "Штрихкод;Назва;Ціна\n4823012345039;Кава;189,90\n"
FEED = """<?xml version="1.0" encoding="UTF-8"?><yml_catalog><shop><offers>
<offer id="1" available="true"><name>Кава</name><price>189.90</price><currencyId>UAH</currencyId>
<barcode>4823012345039</barcode></offer></offers></shop></yml_catalog>"""
LINES = '{"number": "4823012345039", "title": "Кава", "price": 189.90}\n'


def sheet(tmp_path: Path) -> bytes:
    rows: list[list[str | float]] = [["Штрихкод", "Назва", "Ціна"], ["4823012345039", "Кава", 189.9]]
    return write_xlsx(tmp_path / "made.xlsx", {"Прайс": rows}).read_bytes()


def tar(content: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo("price.csv")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


async def titles(path: Path) -> list[str]:
    kasa = FakeKasa()
    await import_products(kasa, path, late_write_window=0)  # type: ignore[arg-type]
    return list(kasa.created)


@pytest.mark.parametrize(
    ("name", "text", "encoding"),
    [
        ("price.csv.gz", TABLE, "utf-8"),
        ("price.csv.gz", TABLE, "cp1251"),
        ("PRICE.CSV.GZ", TABLE, "utf-16"),
        ("price.csv", TABLE, "utf-8"),
        (".gz", TABLE, "utf-8"),
        ("прайс", TABLE, "utf-8"),
        ("feed.xml.gz", FEED, "utf-8"),
        ("list.jsonl.gz", LINES, "utf-8"),
    ],
)
async def test_a_packed_list_is_read_as_what_it_holds(name: str, text: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / name
    content = text.encode(encoding)
    path.write_bytes(gzipped(content[:9]) + gzipped(content[9:]))  # members, as some servers make them
    before = path.read_bytes()
    assert await titles(path) == ["Кава"]
    assert path.read_bytes() == before


async def test_a_packed_workbook_too(tmp_path: Path) -> None:
    path = tmp_path / "price.xlsx.gz"
    path.write_bytes(gzipped(sheet(tmp_path)))
    assert await titles(path) == ["Кава"]


async def test_it_is_known_by_what_it_holds(tmp_path: Path) -> None:
    digests = []
    for name, moment in (("one.csv.gz", 1), ("two.csv.gz", 2)):
        path = tmp_path / name
        path.write_bytes(gzip.compress(TABLE.encode(), mtime=moment))
        async with open_source(path) as reader:
            await reader.read(10)
            assert reader.location.file == name.removesuffix(".gz")
            assert count_rows(path, reader.source_info) is None
            await reader.compare()
            digests.append(reader.digest)
    assert digests[0] == digests[1] is not None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzipped(TABLE.encode())[:-9], "price.csv.gz is a gzip archive that is damaged or cut off"),
        (gzipped(TABLE.encode())[:12] + b"damaged" * 9, "damaged or cut off"),
        (b"\x1f\x8b\x08....", "damaged or cut off"),
        (b"\x1f\x8b", "damaged or cut off"),
        (gzipped(gzipped(TABLE.encode())), "price.csv is a gzip archive; unpack it"),
        (gzipped(tar(TABLE.encode())), "price.csv is a tar archive; unpack it"),
        (gzipped(b""), "price.csv is empty"),
        (gzipped(b"%PDF-1.7 ..."), "PDF document"),
        (gzipped(bytes(5_000_000)), "price.csv.gz unpacks to more than 3 MiB"),
    ],
)
async def test_what_is_no_packed_list_is_refused(
    content: bytes, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MOST_BYTES", 3 << 20)
    path = tmp_path / "price.csv.gz"
    path.write_bytes(content)
    kasa = FakeKasa()
    with pytest.raises(SourceError, match=words):
        await import_products(kasa, path, late_write_window=0)  # type: ignore[arg-type]
    assert kasa.calls == []


async def test_what_is_no_file_is_told_as_ever(tmp_path: Path) -> None:
    folder = tmp_path / "folder.gz"
    folder.mkdir()
    for path, error in ((folder, IsADirectoryError), (tmp_path / "missing.gz", FileNotFoundError)):
        with pytest.raises(error):
            await titles(path)
