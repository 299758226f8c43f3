"""The sheets of a month as one workbook, written row by row, by XlsxWriter."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from importlib import import_module
from math import ceil
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from smartkasa_async._i18n.message import N_, NP_, msg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support.extras import naming_extras
from smartkasa_async._support.files import FreshFile
from smartkasa_async.export.files import close_workbook, drop_workbook
from smartkasa_async.records.days import KYIV
from smartkasa_async.reports.month.forms import FORMS, SUMMARY, Kind
from smartkasa_async.stores.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from smartkasa_async._i18n.translate import Language
    from smartkasa_async.records.days import Window
    from smartkasa_async.reports.month.forms import Form
    from smartkasa_async.reports.not_read import ReadingStep

_TITLE, _ABOUT, _STATE, _HEADER, _FIRST = range(5)
"""Numbers of the rows above the data, and of the first of these."""

_MOST_ROWS = 1_048_576
_LONGEST_CELL = 32_767
_LONGEST_OF_FORMULA = 255
"""How long a text inside of a formula may be."""

_KOPECK = Decimal("0.01")
_A4 = 9
_LINE = 15
"""Height of a line of text, in points."""
_WIDER = 1.15
"""Letters that a text takes up for each of its own; words are not cut at the end of a line."""
_WIDE = 24
"""A column of texts that is at least so wide breaks its lines."""

_MONEY = "#,##0.00;[Red]-#,##0.00"
_MONEY_OR_DASH = f'{_MONEY};"–"'
_NUMBER_FORMS = {
    Kind.MONEY: _MONEY_OR_DASH,
    Kind.FIGURE: "#,##0.00####;[Red]-#,##0.00####",
    Kind.COUNT: "#,##0",
    Kind.QUANTITY: "#,##0.###",
    Kind.PERCENT: "0.0",
    Kind.DAY: "dd.mm.yyyy",
    Kind.TIME: "dd.mm.yyyy hh:mm",
}
_NUMBERS = frozenset(_NUMBER_FORMS) - {Kind.DAY, Kind.TIME}
_HEADER_COLOUR, _MARK_COLOUR, _RULE_COLOUR = "#DDE6EF", "#FFF2CC", "#B0B8C0"
_WARNING_COLOUR, _QUIET_COLOUR, _LINK_COLOUR = "#B00020", "#505860", "#0B57D0"

_ALL_CELLS = "A1:XFD1048576"

_CHECK_COLUMNS = (2, 4, 5)
"""Columns of money on the summary, where the sums of the sheets are compared."""

_MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)


class Check(NamedTuple):
    """Sums of two sheets that must agree.

    Attributes:
        title: What is compared, in English.
        column: The column of the summary.
        form: Name of the other sheet.
        columns: Columns of it, the second one taken off.
    """

    title: str
    column: str
    form: str
    columns: tuple[str, ...]


CHECKS = (
    Check(N_("Net sales: income by day"), "net", "income", ("net",)),
    Check(N_("Net sales: VAT by day"), "net", "vat", ("sales_total", "refunds_total")),
    Check(N_("Net sales: products"), "net", "products", ("amount",)),
    Check(N_("Refunds: sheet of refunds"), "refunds", "refunds", ("amount",)),
    Check(N_("VAT: VAT by day"), "vat", "vat", ("sales_vat", "refunds_vat")),
    Check(N_("Excise: VAT by day"), "excise", "vat", ("sales_excise", "refunds_excise")),
    Check(N_("Excise: sheet of excise"), "excise", "excise", ("net_excise",)),
    Check(N_("Sales by Z-reports: Z-reports"), "z_sales", "z_reports", ("sales",)),
    Check(N_("Refunds by Z-reports: Z-reports"), "z_refunds", "z_reports", ("refunds",)),
)


class MonthWorkbook:
    """A workbook in the making, with all its sheets in order."""

    def __init__(
        self,
        path: Path,
        window: Window,
        now: datetime,
        language: Language,
        *,
        steps: Sequence[ReadingStep],
        in_quarantine: int,
    ) -> None:
        """Begin the file.

        Args:
            path: Where it will be.
            window: The days of the month.
            now: When it is made, aware.
            language: Language of its texts.
            steps: What was not read, with the commands that read it.
            in_quarantine: Number of records in quarantine, which the sums lack.

        Raises:
            ConfigurationError: XlsxWriter is not installed.
            OSError: The file cannot be written.
        """
        with naming_extras():
            xlsxwriter = import_module("xlsxwriter")
        self._rows = TemporaryDirectory(prefix="smartkasa-")
        self._fresh = FreshFile(path)
        self._language: Language = language
        self._steps = steps
        self._in_quarantine = in_quarantine
        self._now = now
        self.month = f"{in_language(_MONTHS[window.start.month - 1], language)} {window.start.year}"
        self._book: Any = xlsxwriter.Workbook(self._fresh.file, {"constant_memory": True, "tmpdir": self._rows.name})
        self._book.set_properties({"title": f"{self.month}", "created": now.astimezone(KYIV).replace(tzinfo=None)})
        self._book.worksheet_class = type("Sheet", (self._book.worksheet_class,), {"_prepare_formula": _without_sign})
        self._formats: dict[tuple[Any, ...], Any] = {}
        self._sheets = {form.name: _SheetWriter(self, form, self._book) for form in FORMS}

    def write(self, form: Form, rows: Iterable[Sequence[Any]]) -> None:
        """Write rows of a sheet.

        Raises:
            StoreError: The sheet has no room for them.
            OSError: They cannot be written.
        """
        with self._named():
            self._sheets[form.name].write(rows)

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Name the folder of the rows where the disk takes no more of them, which XlsxWriter does not."""
        try:
            yield
        except OSError as error:
            if error.filename is not None:
                raise
            raise OSError(error.errno, error.strerror, self._rows.name) from error

    def finish(self) -> None:
        """End all sheets, and give the file its name.

        Raises:
            OSError: It cannot be written.
        """
        with self._named():
            for sheet in self._sheets.values():
                sheet.end()
            self._sheets[SUMMARY.name].add_checks(self._sheets)
            self._sheets[SUMMARY.name].add_steps(self._steps)
            close_workbook(self._book)
        self._rows.cleanup()
        self._fresh.keep()

    def abandon(self) -> None:
        """Leave nothing of the file."""
        drop_workbook(self._book)
        self._rows.cleanup()
        self._fresh.drop()

    def text(self, text: str) -> str:
        """Translate a text."""
        return in_language(text, self._language)

    def state(self) -> str:
        """Describe whether all was read."""
        parts = [N_("All days were read.")]
        if self._steps:
            summary = self.text(SUMMARY.title)
            parts = [msg("Not complete: what was not read stands on the sheet “{sheet}”.", sheet=summary)]
        if self._in_quarantine:
            parts.append(msg("Records in quarantine, which the sums lack: {count}.", count=self._in_quarantine))
        parts.append(msg("Made {made}, time in Kyiv.", made=f"{self._now.astimezone(KYIV):%d.%m.%Y %H:%M}"))
        return " ".join(map(self.text, parts))

    @property
    def is_complete(self) -> bool:
        """Whether all was read."""
        return not (self._steps or self._in_quarantine)

    def format(self, **properties: Any) -> Any:
        """Return a format, each once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(properties)
        return self._formats[key]


class _SheetWriter:
    """A sheet: title, state, header, rows as they come, total."""

    def __init__(self, book: MonthWorkbook, form: Form, workbook: Any) -> None:
        self._book = book
        self._form = form
        self._columns = [column for column in form.columns if column.kind is not Kind.LINK]
        self._fields = [index for index, column in enumerate(form.columns) if column.kind is not Kind.LINK]
        self._links = {index - 1: index for index, column in enumerate(form.columns) if column.kind is Kind.LINK}
        self._wrapped = [
            (index, column.width)
            for index, column in enumerate(form.columns)
            if column.kind is Kind.TEXT and column.width >= _WIDE
        ]
        names = [column.name for column in form.columns]
        self._marked = names.index(form.marked) if form.marked else None
        self._shapes: dict[tuple[int, bool, bool], Any] = {}
        self._sheet = workbook.add_worksheet(book.text(form.title))
        self._row = self._end = _FIRST
        self._sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        self._begin()

    def _begin(self) -> None:
        sheet, book = self._sheet, self._book
        last = len(self._columns) - 1
        for index, column in enumerate(self._columns):
            sheet.set_column(index, index, column.width)
        sheet.write_string(
            _TITLE, 0, f"{book.text(self._form.title)} · {book.month}", book.format(bold=True, font_size=14)
        )
        quiet = book.format(text_wrap=True, valign="top", font_color=_QUIET_COLOUR)
        state = (
            quiet
            if book.is_complete
            else book.format(text_wrap=True, valign="top", bold=True, font_color=_WARNING_COLOUR)
        )
        width = sum(column.width for column in self._columns)
        for row, text, shape in ((_ABOUT, book.text(self._form.about), quiet), (_STATE, book.state(), state)):
            sheet.set_row(row, _LINE * _lines(text, width))
            sheet.merge_range(row, 0, row, last, "", shape)
            sheet.write_string(row, 0, text, shape)
        head = {
            "bold": True,
            "text_wrap": True,
            "valign": "vcenter",
            "bg_color": _HEADER_COLOUR,
            "bottom": 1,
            "bottom_color": _RULE_COLOUR,
        }
        titles = [book.text(column.title) for column in self._columns]
        heights = (_lines(title, column.width) for title, column in zip(titles, self._columns, strict=True))
        sheet.set_row(_HEADER, _LINE * max(heights))
        for index, title in enumerate(titles):
            sheet.write_string(_HEADER, index, title, book.format(**head, **self._aligned(index)))
        sheet.ignore_errors({"number_stored_as_text": _ALL_CELLS})
        sheet.freeze_panes(_FIRST, 0)
        sheet.repeat_rows(_HEADER)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{book.text(self._form.title)} · {book.month}&R&P / &N")

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            if self._row == _MOST_ROWS - 1:  # the last is for the total
                sheet = self._book.text(self._form.title)
                raise StoreError(msg("The sheet {sheet} has no room for more rows; use the format csv", sheet=sheet))
            lines = max((_lines(str(row[field]), width) for field, width in self._wrapped if row[field]), default=1)
            if lines > 1:
                self._sheet.set_row(self._row, _LINE * lines)
            is_marked = self._marked is not None and row[self._marked] not in {None, ""}
            for index, field in enumerate(self._fields):
                value = row[field]
                if value is None or value == "":
                    if is_marked:
                        self._sheet.write_blank(self._row, index, None, self._shape(index, is_marked=True))
                    continue
                self._write_cell(
                    index, value, row[self._links[field]] if field in self._links else None, is_marked=is_marked
                )
            self._row += 1

    def _write_cell(self, index: int, value: Any, link: str | None, *, is_marked: bool) -> None:
        column, sheet = self._columns[index], self._sheet
        shape = self._shape(index, is_marked=is_marked, is_link=link is not None)
        if column.kind is Kind.TEXT:
            text = str(value)
            if link is not None and _fits_formula(link) and _fits_formula(text):
                formula = f'=HYPERLINK("{link}","{text.replace(chr(34), chr(34) * 2)}")'
                sheet.write_formula(self._row, index, formula, shape, text)
            else:
                sheet.write_string(self._row, index, text[:_LONGEST_CELL], shape)
        elif column.kind is Kind.DAY:
            sheet.write_datetime(self._row, index, value, shape)
        elif column.kind is Kind.TIME:
            sheet.write_datetime(self._row, index, value.astimezone(KYIV).replace(tzinfo=None), shape)
        else:
            sheet.write_number(self._row, index, float(value), shape)
            if column.is_summed:
                self._sums[column.name] += value

    def _shape(self, index: int, *, is_marked: bool, is_link: bool = False) -> Any:
        """Return the format of a cell, which is looked up once for all cells of a column that look the same."""
        key = (index, is_marked, is_link)
        if key not in self._shapes:
            self._shapes[key] = self._new_shape(index, is_marked=is_marked, is_link=is_link)
        return self._shapes[key]

    def _new_shape(self, index: int, *, is_marked: bool, is_link: bool) -> Any:
        column = self._columns[index]
        properties: dict[str, Any] = {"valign": "top"} | self._aligned(index)
        if column.kind in _NUMBER_FORMS:
            properties["num_format"] = _NUMBER_FORMS[column.kind]
        elif column.width >= _WIDE:
            properties["text_wrap"] = True
        if is_marked:
            properties["bg_color"] = _MARK_COLOUR
        if is_link:
            properties |= {"font_color": _LINK_COLOUR, "underline": 1}
        return self._book.format(**properties)

    def _aligned(self, index: int) -> dict[str, Any]:
        """Return how a column is aligned: numbers to the right, what stands beside them a little away from them."""
        if self._columns[index].kind in _NUMBERS:
            return {"align": "right"}
        is_beside_number = index > 0 and self._columns[index - 1].kind in _NUMBERS
        return {"align": "left", "indent": 1} if is_beside_number else {"align": "left"}

    def end(self) -> None:
        """Write the total of the rows that a filter shows, and set filter and print area."""
        sheet, last = self._sheet, len(self._columns) - 1
        self._end = self._row
        if self._row == _FIRST:
            sheet.write_string(self._row, 0, self._book.text(N_("Nothing.")), self._book.format(italic=True))
            sheet.print_area(0, 0, self._row, last)
            return
        sheet.autofilter(_HEADER, 0, self._row - 1, last)
        if any(column.is_summed for column in self._columns):
            plain = {"bold": True, "top": 1, "top_color": _RULE_COLOUR}
            for index, column in enumerate(self._columns):
                if column.is_summed:
                    shape = self._book.format(**plain, num_format=_NUMBER_FORMS[column.kind])
                    formula = f"=ROUND(SUBTOTAL(109,{self._range(column.name)}),2)"
                    sheet.write_formula(self._row, index, formula, shape, float(_rounded(self._sums[column.name])))
                elif index == 0:
                    sheet.write_string(self._row, 0, self._book.text(N_("Total")), self._book.format(**plain))
                else:
                    sheet.write_blank(self._row, index, None, self._book.format(**plain))
        sheet.print_area(0, 0, self._row, last)

    def add_checks(self, sheets: dict[str, _SheetWriter]) -> None:
        """Compare sums with those of the other sheets, by formulas, below the rows."""
        book, sheet = self._book, self._sheet
        money = book.format(num_format=_MONEY)
        self._row += 2
        titles = (N_("Sheets compared"), N_("Here"), N_("There"), NP_("of amounts", "Difference"))
        for index, title in zip((0, *_CHECK_COLUMNS), titles, strict=True):
            sheet.write_string(self._row, index, book.text(title), book.format(bold=True, **self._aligned(index)))
        for check in CHECKS:
            self._row += 1
            other = sheets[check.form]
            here = _rounded(self._sums[check.column])
            parts = [other._sum(name) for name in check.columns]  # noqa: SLF001  (a sheet of the same workbook)
            there = _rounded(parts[0][1] - sum((amount for _, amount in parts[1:]), Decimal(0)))
            cells = [f"{_letter(index)}{self._row + 1}" for index in _CHECK_COLUMNS]
            formulas = (
                self._sum(check.column, is_own=True)[0],
                "-".join(text for text, _ in parts),
                "-".join(cells[:2]),
            )
            sheet.write_string(self._row, 0, book.text(check.title))
            for index, formula, amount in zip(_CHECK_COLUMNS, formulas, (here, there, here - there), strict=True):
                sheet.write_formula(self._row, index, f"=ROUND({formula},2)", money, float(amount))
        sheet.print_area(0, 0, self._row, len(self._columns) - 1)

    def add_steps(self, steps: Iterable[ReadingStep]) -> None:
        """List what was not read, with the commands that read it."""
        self._row += 2
        for text, command in steps:
            self._sheet.write_string(self._row, 0, text, self._book.format(font_color=_WARNING_COLOUR))
            self._row += 1
            if command:
                self._sheet.write_string(self._row, 1, command, self._book.format(font_name="Courier New"))
                self._row += 1
        about = self._book.text(
            N_("Nothing here is a form that can be filed, and no accountant has checked how it is divided.")
        )
        self._sheet.write_string(self._row, 0, about, self._book.format(italic=True))
        self._sheet.print_area(0, 0, self._row, len(self._columns) - 1)

    def _sum(self, name: str, *, is_own: bool = False) -> tuple[str, Decimal]:
        """Return the formula of the sum of all rows of a column, and what it comes to."""
        if self._end == _FIRST:
            return "0", Decimal(0)
        sheet = "" if is_own else f"'{self._sheet.get_name()}'!"
        return f"SUM({sheet}{self._range(name)})", self._sums[name]

    def _range(self, name: str) -> str:
        index = next(index for index, column in enumerate(self._columns) if column.name == name)
        letter = _letter(index)
        return f"{letter}{_FIRST + 1}:{letter}{self._end}"


def _without_sign(_sheet: object, formula: str, _expand_future_functions: bool = False) -> str:  # noqa: FBT001, FBT002
    """Give XlsxWriter a formula as the file has it.

    It would search each for all functions of later Excels, of which we use none; this takes a quarter of the time.
    """
    return formula.removeprefix("=")


def _rounded(amount: Decimal) -> Decimal:
    """Round an amount as the formula of a total does, so that both say the same."""
    return amount.quantize(_KOPECK, ROUND_HALF_UP)


def _fits_formula(text: str) -> bool:
    """Return whether a text can stand in a formula; where one cannot, Excel takes the whole file for damaged."""
    return len(text) <= _LONGEST_OF_FORMULA and text.isprintable()


def _letter(index: int) -> str:
    return chr(ord("A") + index)


def _lines(text: str, width: int) -> int:
    """Estimate how many lines a text takes in a column."""
    return ceil(_WIDER * len(text) / width) if len(text) > width else 1
