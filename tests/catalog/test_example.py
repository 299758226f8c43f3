"""The example price list: written by its script, and wrong in the rows that are meant to be."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from smartkasa_async.catalog.checks.check import Checker
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.outcomes import Outcome
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.csv_file import CsvFile
from smartkasa_async.models import UnitType

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPT = runpy.run_path(str(EXAMPLES / "make_catalogue.py"))
UNITS = Units(
    UnitType(id=code, code=code, name=short_name, short_name=short_name)
    for code, short_name in [(2009, "шт"), (301, "кг"), (2061, "пляшка"), (101, "м")]
)


def test_the_file_is_what_the_script_writes() -> None:
    assert (EXAMPLES / "catalogue.csv").read_bytes() == SCRIPT["make_catalogue"]()


def test_the_file_has_the_form_that_shops_have() -> None:
    content = (EXAMPLES / "catalogue.csv").read_bytes()

    with CsvFile(EXAMPLES / "catalogue.csv") as file:
        assert (file.encoding, file.header) == ("cp1251", (";", 0))
        assert file.columns.unused == ()
    assert content.count(b"\r\n") == content.count(b"\n") == SCRIPT["ROWS"] + 1
    assert re.search(rb";\d \d{3},\d\d;", content)
    assert re.search(rb";\d\xa0\d{3},\d\d;", content)


def test_exactly_the_meant_rows_are_bad() -> None:
    """The check of a row by itself cannot find a duplicate."""
    with CsvFile(EXAMPLES / "catalogue.csv") as file:
        checker = Checker(SourceLocation(file.name, file.columns), UNITS)
        results = [checker.check(row) for row in file]

    rejected = [result for result in results if isinstance(result, Outcome)]
    assert len(results) == SCRIPT["ROWS"]
    assert [(outcome.row, outcome.problems[0].code, outcome.field) for outcome in rejected] == [
        (fault.row, fault.code, fault.field) for fault in SCRIPT["FAULTS"] if fault.code != "key_duplicate"
    ]
    assert all(len(outcome.problems) == 1 for outcome in rejected)
