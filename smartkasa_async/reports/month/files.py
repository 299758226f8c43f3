"""The sheets of a month as files for programs: CSV, Parquet, or one JSON document."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Date, Integer, Text, column

from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support.files import FreshFile, Staging
from smartkasa_async.export.files import CsvFile, ParquetFile
from smartkasa_async.jobs.results import plain_values
from smartkasa_async.records.days import KYIV
from smartkasa_async.reports.month.forms import FORMS, Kind
from smartkasa_async.stores.schema import ExactDecimal, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from sqlalchemy.types import TypeEngine

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.export.files import ExportFile
    from smartkasa_async.records.days import Window
    from smartkasa_async.reports.month.forms import Column, Form
    from smartkasa_async.reports.not_read import NotRead

_SCALES = {Kind.MONEY: 4, Kind.FIGURE: 6, Kind.QUANTITY: 6, Kind.PERCENT: 4}
_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.TEXT: Text(),
    Kind.LINK: Text(),
    Kind.COUNT: Integer(),
    Kind.DAY: Date(),
    Kind.TIME: UtcDateTime(),
    **{kind: ExactDecimal(scale) for kind, scale in _SCALES.items()},
}


class MonthFolder:
    """A folder with a file for each sheet; the files take their names when all are whole."""

    def __init__(self, folder: Path, language: Language, *, is_csv: bool) -> None:
        """Begin the files.

        Args:
            folder: Where they will be; it is made.
            language: Language of the headers of CSV files.
            is_csv: Whether they are CSV for people; Parquet otherwise.

        Raises:
            OSError: They cannot be written.
        """
        self._staging = Staging(folder)
        file_type = CsvFile if is_csv else ParquetFile
        self._names = {form.name: PurePath(f"{form.name}.{file_type.suffix}") for form in FORMS}
        self._files: dict[str, ExportFile] = {}
        self._cells: dict[str, list[Callable[[Any], Any]]] = {}
        try:
            for form in FORMS:
                self._cells[form.name] = [_cell(each.kind, is_csv=is_csv) for each in form.columns]
                types = {
                    in_language(each.title, language) if is_csv else each.name: column(
                        each.name, _type(each, is_csv=is_csv)
                    )
                    for each in form.columns
                }
                self._files[form.name] = file_type(self._staging / self._names[form.name], types)
        except BaseException:
            self.abandon()
            raise

    def write(self, form: Form, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows of a sheet.

        Raises:
            OSError: They cannot be written.
        """
        cells = self._cells[form.name]
        found = [tuple(cell(value) for cell, value in zip(cells, row, strict=True)) for row in rows]
        if found:
            self._files[form.name].write(found)

    def finish(self) -> None:
        """End the files, and give them their names.

        Raises:
            OSError: They cannot be written.
        """
        for file in self._files.values():
            file.finish()
        self._staging.publish(self._names.values(), ())
        self._staging.discard()

    def abandon(self) -> None:
        """Leave nothing of the files."""
        for file in self._files.values():
            file.abandon()
        self._staging.discard()


class MonthDocument:
    """One JSON document: the month, what was not read, and a list of objects for each sheet."""

    def __init__(self, path: Path, window: Window, not_read: Sequence[NotRead], in_quarantine: int) -> None:
        """Begin the file.

        Args:
            path: Where it will be.
            window: The days of the month.
            not_read: What was not read.
            in_quarantine: Number of records in quarantine, which the sums lack.

        Raises:
            OSError: The file cannot be written.
        """
        self._fresh = FreshFile(path)
        head = {
            "month": f"{window.start:%Y-%m}",
            "complete": not (not_read or in_quarantine),
            "not_read": plain_values([*not_read]),
            "in_quarantine": in_quarantine,
        }
        self._write(msgspec.json.encode(head)[:-1] + b',"tables":{')
        self._form: Form | None = None

    def write(self, form: Form, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows of a sheet; all of a sheet come before those of the next.

        Raises:
            OSError: They cannot be written.
        """
        is_first = form is not self._form
        if is_first:
            self._write((b"]," if self._form else b"") + msgspec.json.encode(form.name) + b":[")
            self._form = form
        names = [each.name for each in form.columns]
        encoded = b",\n".join(msgspec.json.encode(dict(zip(names, row, strict=True))) for row in rows)
        if encoded:
            self._write(encoded if is_first or not self._has_rows else b",\n" + encoded)
        self._has_rows = bool(encoded) or (self._has_rows and not is_first)

    _has_rows = False

    def finish(self) -> None:
        """End the file, and give it its name.

        Raises:
            OSError: It cannot be written.
        """
        self._write((b"]" if self._form else b"") + b"}}\n")
        self._fresh.keep()

    def abandon(self) -> None:
        """Leave nothing of the file."""
        self._fresh.drop()

    def _write(self, content: bytes) -> None:
        self._fresh.file.write(content)


def _type(of: Column, *, is_csv: bool) -> TypeEngine[Any]:
    return Text() if is_csv and of.kind is Kind.TIME else _TYPES[of.kind]


def _cell(kind: Kind, *, is_csv: bool) -> Callable[[Any], Any]:
    """Make the function that turns a value into what a file of the kind takes."""
    if kind in _SCALES:
        scale = _SCALES[kind]
        return lambda value: None if value is None else int(value.scaleb(scale))
    if is_csv and kind is Kind.TIME:
        return lambda value: None if value is None else f"{value.astimezone(KYIV):%Y-%m-%d %H:%M:%S}"
    if is_csv and kind is Kind.DAY:
        return str
    return lambda value: value
