"""Workbooks as they stand in their packages: values, formulas with their cached values, and the sheets' settings."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["HEADER", "ReadSheet", "kopecks", "read_workbook"]

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  (a workbook knows no offsets)
HEADER = 3
"""The row of the headers in the sheets of a month, from 0."""


@dataclass
class ReadSheet:
    """A sheet.

    Attributes:
        cells: Values by row and column, from 0.
        formulas: Formulas of cells, likewise.
        xml: The sheet itself.
        names: What names are defined for it.
    """

    cells: dict[tuple[int, int], Any]
    formulas: dict[tuple[int, int], str]
    xml: ET.Element
    names: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> list[str]:
        columns = sorted(column for row, column in self.cells if row == HEADER)
        return [self.cells[HEADER, column] for column in columns]

    def rows(self) -> list[dict[str, Any]]:
        """The rows below the headers, up to the total, by the headers; empty cells are None."""
        found = []
        for row in range(HEADER + 1, self.end):
            cells = {name: self.cells.get((row, column)) for column, name in enumerate(self.headers)}
            found.append(cells)
        return found

    @property
    def end(self) -> int:
        """The row behind the last one, by the filter."""
        found = self.xml.find(f"{_MAIN}autoFilter")
        return HEADER + 1 if found is None else int("".join(filter(str.isdigit, found.attrib["ref"].split(":")[1])))

    def total(self, header: str) -> Decimal:
        return kopecks(self.cells[self.end, self.headers.index(header)])

    def part(self, name: str) -> dict[str, str]:
        """Attributes of the first element of a name."""
        found = self.xml.find(f".//{_MAIN}{name}")
        return {} if found is None else dict(found.attrib)


def kopecks(value: float) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def read_workbook(path: Path) -> dict[str, ReadSheet]:
    """Read the sheets of a workbook by their titles."""
    with zipfile.ZipFile(path) as package:
        book = ET.fromstring(package.read("xl/workbook.xml"))  # noqa: S314  (a file of the test)
        relations = ET.fromstring(package.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
        styles = ET.fromstring(package.read("xl/styles.xml"))  # noqa: S314
        targets = {one.attrib["Id"]: one.attrib["Target"] for one in relations}
        shared = _shared(package)
        dates = _dates(styles)
        found: dict[str, ReadSheet] = {}
        titles = []
        for sheet in book.iter(f"{_MAIN}sheet"):
            part = targets[sheet.attrib[f"{_OFFICE}id"]].removeprefix("/xl/")
            xml = ET.fromstring(package.read(f"xl/{part}"))  # noqa: S314
            titles.append(sheet.attrib["name"])
            found[titles[-1]] = _sheet(xml, shared, dates)
        for name in book.iter(f"{_MAIN}definedName"):
            if "localSheetId" in name.attrib:
                found[titles[int(name.attrib["localSheetId"])]].names[name.attrib["name"]] = name.text or ""
    return found


def _sheet(xml: ET.Element, shared: list[str], dates: set[int]) -> ReadSheet:
    cells: dict[tuple[int, int], Any] = {}
    formulas: dict[tuple[int, int], str] = {}
    for cell in xml.iter(f"{_MAIN}c"):
        where = _place(cell.attrib["r"])
        formula, value, inline = (cell.find(f"{_MAIN}{name}") for name in ("f", "v", "is"))
        if formula is not None:
            formulas[where] = formula.text or ""
        kind = cell.attrib.get("t")
        if inline is not None:
            cells[where] = "".join(inline.itertext())
        elif value is None or value.text is None:
            continue
        elif kind == "s":
            cells[where] = shared[int(value.text)]
        elif kind == "str":
            cells[where] = value.text
        else:
            number = float(value.text)
            is_date = int(cell.attrib.get("s", 0)) in dates
            cells[where] = _EPOCH + timedelta(milliseconds=round(number * 86_400_000)) if is_date else number
    return ReadSheet(cells, formulas, xml)


def _shared(package: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in package.namelist():
        return []
    xml = ET.fromstring(package.read("xl/sharedStrings.xml"))  # noqa: S314
    return ["".join(one.itertext()) for one in xml.iter(f"{_MAIN}si")]


def _dates(styles: ET.Element) -> set[int]:
    """The styles that show numbers as dates."""
    forms = {one.attrib["numFmtId"]: one.attrib["formatCode"] for one in styles.iter(f"{_MAIN}numFmt")}
    known = styles.find(f"{_MAIN}cellXfs")
    assert known is not None
    return {number for number, one in enumerate(known) if "yyyy" in forms.get(one.attrib["numFmtId"], "").lower()}


def _place(reference: str) -> tuple[int, int]:
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return int(reference[len(letters) :]) - 1, column - 1
