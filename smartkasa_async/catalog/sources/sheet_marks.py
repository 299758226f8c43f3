"""What a sheet of XLSX or ODS holds beside values: hidden rows and columns, errors, formulas, formats, merged cells."""

from __future__ import annotations

import html
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import IO, TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import quoteattr

from smartkasa_async.catalog.problems import RuleViolationError
from smartkasa_async.catalog.sources.cells import ConvertedCell
from smartkasa_async.catalog.sources.fields import foreign_currency
from smartkasa_async.catalog.sources.package import has_plain_rows
from smartkasa_async.catalog.sources.workbook_parts import elements

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from smartkasa_async.catalog.problems import Problem
    from smartkasa_async.catalog.source_location import SourceLocation
    from smartkasa_async.catalog.sources.workbook_parts import WorkbookParts

BUILT_IN = {9: "0%", 10: "0.00%", 11: "0.00E+00", 48: "##0.0E+0"}
"""Formats that workbooks name by their numbers only, as far as they count here."""

FIRST_OWN = 164
"""Number of the first format of a workbook's own; those below it show the currency of the computer that opens it."""

_PATTERN = re.compile(r'(?:0|"[^"]*"|\\.|[-/ ().:]|_.)+')
_TOKEN = re.compile(r'0|"([^"]*)"|\\(.)|([-/ ().:])|_.')
_OPTIONS = re.compile(r"\[[^\]]*\]")
_EXPONENT = re.compile(r"[eE][+-]0+")
_SIGN = re.compile(r'\[\$([^\]-]*)[^\]]*\]|"([^"]*)"|\\(.)|([$€£¥])')
_FEWEST_ZEROS = 2
_MOST_TYPED = 7
"""Digits of a number that was typed with an exponent, as `4,82301E+12`; one that has more got it by its format."""

_CHUNK_SIZE = 1 << 20
_LONGEST_ROW = 1 << 23
_ATTRIBUTE = re.compile(rb"""\s([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_PREFIX = re.compile(rb"<(\w{1,20}:)?worksheet[\s>]")
_POSITION = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})""")
_REFERENCE = re.compile(rb"([A-Za-z]{1,3})(\d{1,7})(?::([A-Za-z]{1,3})(\d{1,7}))?")
_TRUE = (b"1", b"true")

_MOST_RUNS = 20

_INVISIBLE = re.compile(rb'table:visibility\s*=\s*["\'](?:collapse|filter)["\']')
_REPEATED = re.compile(rb'number-rows-repeated\s*=\s*["\'](\d{1,7})["\']')
_ROW_START = b"<table:table-row"
_SPACES = b" \t\r\n/>"


class SheetMarks(NamedTuple):
    """What a sheet holds beside values.

    Attributes:
        hidden_rows: Numbers of the rows that are hidden, by hand, by a filter or in a group that is closed, from 1.
        hidden_columns: Positions of the columns that are hidden, from 0.
        cells: What cells show that hold another value: by the number of the row, then by the column's position.
        merged: Cells that stand for those below them: by the number of the row, the column's position and the last row.
    """

    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    cells: Mapping[int, Mapping[int, str]]
    merged: Mapping[int, list[tuple[int, int]]]


NO_MARKS = SheetMarks(frozenset(), frozenset(), {}, {})
"""Those of a sheet of mere values."""


def is_shown_otherwise(pattern: str) -> bool:
    """Return whether a format shows a number as another text than its digits."""
    bare = _bare(pattern)
    return "%" in bare or _EXPONENT.search(bare) is not None or _is_pattern(bare)


@lru_cache(maxsize=256)
def in_foreign_currency(pattern: str) -> str | None:
    """Return the text that a format shows beside a number, if it names another currency than the hryvnia."""
    signs = ("".join(filter(None, sign.groups())) for sign in _SIGN.finditer(pattern.partition(";")[0]))
    text = " ".join(" ".join(signs).split())
    return text if foreign_currency(text) else None


def shown(number: str, pattern: str) -> str | None:
    """Write a number as its format shows it.

    Returns:
        The text; with the rule `cell_exponent` for a text such as `1E5` that was taken for a number; None where the
        format changes nothing that counts.
    """
    bare = _bare(pattern)
    if number.isdigit() and bare == "0" * len(bare):
        return number.zfill(len(bare)) if len(number) < len(bare) else None
    try:
        value = Decimal(number.strip())
    except InvalidOperation:
        return None
    return _shown(value, bare) if value.is_finite() else None


def _shown(value: Decimal, bare: str) -> str | None:
    if "%" in bare:
        return f"{(value * 100).normalize():f}%"
    if _EXPONENT.search(bare):
        digits = len(value.normalize().as_tuple().digits)
        return ConvertedCell(f"{value.normalize():E}", "cell_exponent") if digits <= _MOST_TYPED else None
    if not _is_pattern(bare) or value < 0 or value != value.to_integral_value():
        return None
    return _in_pattern(f"{value:.0f}", bare)


@lru_cache(maxsize=256)
def _bare(pattern: str) -> str:
    """Take the part for positive numbers, without colours and languages."""
    return _OPTIONS.sub("", pattern.partition(";")[0])


@lru_cache(maxsize=256)
def _is_pattern(bare: str) -> bool:
    return _PATTERN.fullmatch(bare) is not None and bare.count("0") >= _FEWEST_ZEROS and "0.0" not in bare


def _in_pattern(digits: str, bare: str) -> str:
    tokens = list(_TOKEN.finditer(bare))
    zeros = sum(token[0] == "0" for token in tokens)
    digits = digits.zfill(zeros)
    front, rest = digits[: len(digits) - zeros], iter(digits[len(digits) - zeros :])
    written = ""
    for token in tokens:
        if token[0] == "0":
            written += front + next(rest)
            front = ""
        else:
            written += token[1] or token[2] or token[3] or ""
    return written.strip()


def read_formats(package: zipfile.ZipFile, parts: WorkbookParts) -> dict[bytes, str]:
    """List the formats by which numbers are shown as other texts.

    Returns:
        The number by which cells name a format, to the format.

    Raises:
        ExpatError: The formats are malformed.
    """
    if parts.styles is None:
        return {}
    own: dict[int, str] = {}
    found: dict[bytes, str] = {}
    number = -1
    for element, attributes in elements(package.read(parts.styles)):
        if element == "numFmt":
            own[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif element == "cellXfs":
            number = 0
        elif element == "cellStyles":
            break
        elif element == "xf" and number >= 0:
            code = _number(attributes.get("numFmtId"))
            pattern = own.get(code) or BUILT_IN.get(code, "")
            if is_shown_otherwise(pattern) or (code >= FIRST_OWN and in_foreign_currency(pattern)):
                found[b"%d" % number] = pattern
            number += 1
    return found


def read_marks(
    file: IO[bytes],
    *,
    used: Collection[int],
    texts: Collection[int],
    formats: Mapping[bytes, str],
    is_recalculated: bool,
) -> SheetMarks:
    """Read a sheet through.

    Args:
        file: The sheet's XML, in UTF-8.
        used: Positions of the columns whose cells count.
        texts: Those of them that hold texts, whose numbers are taken as their formats show them; of others, only the
            sign of another currency is.
        formats: What `read_formats` gives.
        is_recalculated: Whether the results of formulas may be mere zeros, which are to be calculated when the workbook
            is opened.
    """
    return _Scan(used, texts, formats, is_recalculated=is_recalculated).run(file)


class _Scan:
    def __init__(
        self, used: Collection[int], texts: Collection[int], formats: Mapping[bytes, str], *, is_recalculated: bool
    ) -> None:
        self._used = frozenset(used)
        self._texts = frozenset(texts)
        self._formats = formats
        self._is_recalculated = is_recalculated
        self._row = 0
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._cells: dict[int, dict[int, str]] = {}
        self._merged: dict[int, list[tuple[int, int]]] = {}

    def run(self, file: IO[bytes]) -> SheetMarks:
        prefix = b""
        for number, text in enumerate(_blocks(file)):
            if not number:
                found = _PREFIX.search(text)
                prefix = (found and found[1]) or b""
                self._prepare(prefix)
            self._read_rows(text)
            if b"mergeCell " in text:
                self._read_merged(text)
        return SheetMarks(frozenset(self._hidden_rows), frozenset(self._hidden_columns), self._cells, self._merged)

    def _prepare(self, prefix: bytes) -> None:
        start, end = b"<" + prefix, b"</" + prefix
        self._row_start = start + b"row"
        self._formula_start = start + b"f"
        self._column = re.compile(start + rb"col(\s[^>]*)>")
        self._merge = re.compile(start + rb"mergeCell(\s[^>]*)>")
        self._cell_start = start + b"c"
        self._value = re.compile(start + rb"v(?:\s[^>]*)?>([^<]*)<")
        self._formula = re.compile(start + rb"f(?:\s[^>]*)?(?:/>|>([^<]*)<)")
        zero = b"|" + start + rb"v>0<" if self._is_recalculated else b""
        without_value = end + b"c|" + start + rb"v\s*/|" + start + rb"v>\s*<" + zero
        self._uncalculated = re.compile(
            b"(?:" + end + b"f|" + start + rb"f(?:\s[^>]*)?/)\s*>\s*(?:" + without_value + b")"
        )
        # The formats in use are looked for as bytes, since most rows have none of them.
        self._styles = [b"s=" + quote + style + quote for style in self._formats for quote in (b'"', b"'")]

    def _read_rows(self, text: bytes) -> None:
        head, _, rows = text.partition(self._row_start)
        if not self._row:
            self._read_columns(head)
        if has_plain_rows(rows) and not self._has_cells(rows):
            self._pass_over(rows)
            return
        for row in rows.split(self._row_start):
            attributes, _, cells = row.partition(b">")
            if attributes[:1] not in b" \t\r\n/":
                continue
            own = _attributes(attributes) if b"=" in attributes else {}
            self._row = _number(own.get(b"r")) or self._row + 1
            has_values = b"v>" in cells or b"t>" in cells
            if has_values and (own.get(b"hidden") in _TRUE or _is_zero(own.get(b"ht"))):
                self._hidden_rows.add(self._row)
            if self._has_cells(cells):
                self._read_cells(cells)

    def _has_cells(self, text: bytes) -> bool:
        """Return whether there are cells that show something else than their values."""
        return (
            (b"#" in text and (b't="e"' in text or b"t='e'" in text))
            or (self._formula_start in text and self._uncalculated.search(text) is not None)
            or any(style in text for style in self._styles)
        )

    def _pass_over(self, rows: bytes) -> None:
        """Count rows with nothing to be noted; the last one has its number, unless the program leaves it out."""
        last = rows[rows.rfind(self._row_start) + len(self._row_start) :] if self._row_start in rows else rows
        number = _number(_attributes(last.partition(b">")[0]).get(b"r"))
        self._row = number or self._row + rows.count(self._row_start) + bool(rows)

    def _read_columns(self, head: bytes) -> None:
        for column in self._column.finditer(head):
            own = _attributes(column[1])
            if own.get(b"hidden") in _TRUE or _is_zero(own.get(b"width")):
                first, last = _number(own.get(b"min")), _number(own.get(b"max"))
                self._hidden_columns.update(position for position in self._used if first <= position + 1 <= last)

    def _read_cells(self, cells: bytes) -> None:
        position = -1
        for cell in cells.split(self._cell_start)[1:]:
            if cell[:1] not in b" \t\r\n/>":
                continue
            attributes, _, content = cell.partition(b">")
            reference = _POSITION.match(attributes) or _POSITION.search(attributes)
            position = _column_position(reference[1]) if reference else position + 1
            if position not in self._used:
                continue
            text = self._shown(_attributes(attributes), content, position)
            if text is not None:
                self._cells.setdefault(self._row, {})[position] = text

    def _shown(self, own: Mapping[bytes, bytes], content: bytes, position: int) -> str | None:
        kind = own.get(b"t", b"n")
        pattern = self._formats.get(own.get(b"s", b"")) if kind == b"n" else None
        formula = self._formula.search(content) if self._formula_start in content else None
        if pattern is None and formula is None and kind != b"e":
            return None
        found = self._value.search(content)
        value = found[1].strip() if found else b""
        if kind == b"e":
            return ConvertedCell(_text(value), "cell_error")
        if formula is not None:
            is_text = kind == b"str" and found is not None
            is_zero = self._is_recalculated and kind == b"n" and value == b"0"
            if (not value and not is_text) or is_zero:
                return ConvertedCell("=" + _text(formula[1] or b""), "cell_formula")
        if pattern is None or position in self._texts:
            return None if pattern is None else shown(_text(value), pattern)
        sign = in_foreign_currency(pattern) if value else None
        return None if sign is None else f"{_text(value)} {sign}"

    def _read_merged(self, text: bytes) -> None:
        for merge in self._merge.finditer(text):
            reference = _REFERENCE.fullmatch(_attributes(merge[1]).get(b"ref", b""))
            if reference is None or reference[4] is None:
                continue
            top, bottom = int(reference[2]), int(reference[4])
            position = _column_position(reference[1])
            if top < bottom and position in self._used:
                self._merged.setdefault(top, []).append((position, bottom))


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Read a sheet in parts that end where a row does."""
    rest = b""
    while chunk := file.read(_CHUNK_SIZE):
        text = rest + chunk
        cut = text.rfind(b"row>") + len(b"row>")
        if cut < len(b"row>"):
            cut = len(text) if len(text) > _LONGEST_ROW else 0
        if cut:
            yield text[:cut]
        rest = text[cut:]
    yield rest


def _attributes(text: bytes) -> dict[bytes, bytes]:
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(text)}


def _number(text: bytes | str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _is_zero(measure: bytes | None) -> bool:
    """Return whether a height or a width is nothing."""
    return measure is not None and bool(measure) and not measure.strip(b"0.")


@lru_cache(maxsize=1024)
def _column_position(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number - 1


def _text(content: bytes) -> str:
    return html.unescape(content.decode("utf-8", "replace"))


def notes_of_hidden(
    location: SourceLocation, rows: Sequence[int], columns: Sequence[str], *, skipped: bool
) -> list[Problem]:
    """Describe which rows and columns of a workbook are hidden, and what becomes of them.

    Args:
        location: The workbook.
        rows: Numbers of the hidden rows.
        columns: Headers of the hidden columns that are used.
        skipped: Whether the rows are left out.
    """
    notes: list[Problem] = []
    if rows:
        rule = "rows_hidden_skipped" if skipped else "rows_hidden_taken"
        notes.append(location.problem(RuleViolationError(rule, rows=shorten_numbers(rows), count=len(rows)), 0))
    if columns:
        listed = ", ".join(f"«{header}»" for header in columns)
        notes.append(location.problem(RuleViolationError("columns_hidden", columns=listed), 0))
    return notes


def shorten_numbers(numbers: Sequence[int]) -> str:
    """Write numbers in their order, those that follow each other as `5–9`, and of very many the first."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        elif len(runs) == _MOST_RUNS:
            return f"{_written(runs)}, …"
        else:
            runs.append([number, number])
    return _written(runs)


def _written(runs: list[list[int]]) -> str:
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)


def marks_of_ods(package: zipfile.ZipFile, sheet: str) -> SheetMarks:
    """Find the hidden rows of a sheet of OpenDocument, by hand, by a filter or in a closed group."""
    content = package.read("content.xml")
    start = content.find(f"table:name={quoteattr(sheet)}".encode())
    if start < 0 or _INVISIBLE.search(content) is None:
        return NO_MARKS
    end = content.find(b"</table:table>", start)
    hidden: set[int] = set()
    line = 0
    for row in content[start:end].split(_ROW_START)[1:]:
        if row[:1] not in _SPACES:
            continue
        attributes, _, cells = row.partition(b">")
        repeated = _REPEATED.search(attributes)
        count = int(repeated[1]) if repeated else 1
        if b"value-type" in cells and _INVISIBLE.search(attributes):
            hidden.update(range(line + 1, line + count + 1))
        line += count
    return NO_MARKS._replace(hidden_rows=frozenset(hidden))
