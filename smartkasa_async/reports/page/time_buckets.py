"""Figures by shop, time and key, in steps of time that are long enough for a page to hold them.

A step is a day as long as there is room; where there is not, the table that takes up most goes over to weeks, months
or years. So each figure of a page is exact for each choice of its table's steps.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from operator import add, neg
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smartkasa_async.records.days import Window

MOST_NUMBERS = 600_000
"""Maximum count of numbers on a page, about three megabytes of them."""

MOST_NUMBERS_BEFORE = 100_000
"""Maximum count of numbers of the period before."""


class BucketSize(StrEnum):
    """A length of time; the values are words of the page. Each is made of whole ones of the one before."""

    DAY = "day"
    WEEK = "week"
    """Monday to Sunday, cut where a month ends."""
    MONTH = "month"
    YEAR = "year"


class Table(StrEnum):
    """A set of figures, with what its key and its numbers are; the values are names of the page's data."""

    TURNOVER = "turnover"
    """No key; sales, their receipts, refunds, their receipts."""
    HOURS = "hours"
    """Hour in Kyiv; sales, their receipts."""
    MEANS = "means"
    """Code of a means of payment; sales, refunds."""
    GROUPS = "groups"
    """Code of a tax group; sales, refunds."""
    TAXES = "taxes"
    """ShopIndex of a tax's letter; its amount, refunds taken off."""
    PRODUCTS = "products"
    """ShopIndex of a product; its amount and its quantity, refunds taken off."""
    SHIFTS = "shifts"
    """No key; shifts, those that agree, receipts, sales, sales by Z-reports, refunds, refunds by Z-reports."""
    LEFT_OUT = "left_out"
    """ShopIndex in `LEFT_OUT`; how many of what was found the page only counts."""


MONEY_UNIT = 10_000
"""In how many parts a hryvnia is counted."""

MONEY: dict[Table, tuple[int, ...]] = {
    Table.TURNOVER: (0, 2),
    Table.HOURS: (0,),
    Table.MEANS: (0, 1),
    Table.GROUPS: (0, 1),
    Table.TAXES: (0,),
    Table.PRODUCTS: (0,),
    Table.SHIFTS: (3, 4, 5, 6),
    Table.LEFT_OUT: (),
}
"""Which figures of each table are money."""

Numbers: TypeAlias = "tuple[int, ...]"
"""The figures of a cell; the garbage collector does not look at tuples of numbers, and there are many."""

Spans: TypeAlias = "tuple[BucketSize, list[date]]"
"""A step, and the first days of several."""

Row: TypeAlias = "tuple[int, int, Numbers]"
"""ShopIndex of the step, key, and the numbers."""

_Cell: TypeAlias = "tuple[int | None, date, int]"
_COARSER = {BucketSize.DAY: BucketSize.WEEK, BucketSize.WEEK: BucketSize.MONTH, BucketSize.MONTH: BucketSize.YEAR}
_LONGEST = {BucketSize.DAY: 1, BucketSize.WEEK: 7, BucketSize.MONTH: 31, BucketSize.YEAR: 366}
_NUMBERS_BESIDE = 2


def first_day(day: date, step: BucketSize) -> date:
    """Return the first day of the step that a day lies in."""
    if step is BucketSize.WEEK:
        return max(day - timedelta(days=day.weekday()), day.replace(day=1))
    if step is BucketSize.MONTH:
        return day.replace(day=1)
    return day.replace(month=1, day=1) if step is BucketSize.YEAR else day


class TimeBuckets:
    """Adds figures up, each table in a step of its own."""

    def __init__(self, window: Window, most_numbers: int = MOST_NUMBERS) -> None:
        """Begin with days.

        Args:
            window: The business days of the page.
            most_numbers: How many numbers there is room for.
        """
        self._window = window
        self._most = most_numbers
        self._steps = dict.fromkeys(Table, BucketSize.DAY)
        self._sizes = dict.fromkeys(Table, 0)
        self._room = most_numbers
        self._tables: dict[Table, dict[_Cell, Numbers]] = {table: {} for table in Table}

    def add(self, table: Table, shop_id: int | None, day: date, numbers: Numbers, key: int = 0) -> None:
        """Add figures to those of the same shop, step and key.

        Args:
            table: What they are figures of.
            shop_id: Their shop.
            day: Their business day; one outside the window counts for its nearest.
            numbers: The figures: money in ten-thousandths of a hryvnia, quantities in millionths, and counts.
            key: What distinguishes them.
        """
        window, step = self._window, self._steps[table]
        within = window.start if day < window.start else min(day, window.end)
        cell = (shop_id, within if step is BucketSize.DAY else first_day(within, step), key)
        if more := _add(self._tables[table], cell, numbers):
            self._sizes[table] += more
            self._room -= more
            while self._room < 0 and self._coarsen_largest():
                pass

    def drop_smallest(self, table: Table, index: int) -> None:
        """Drop what comes to least, by one figure, from a table that takes up more than what is left for it.

        Half the room is left for it in any case.
        """
        sizes: dict[int, int] = {}
        for (_, _, key), numbers in self._tables[table].items():
            sizes[key] = sizes.get(key, 0) + len(numbers) + _NUMBERS_BESIDE
        room, kept = max(self._most // 2, self._room + self._sizes[table]), set()
        for key, _ in sorted(self.sums(table, index).items(), key=lambda sum_: (-sum_[1], sum_[0])):
            room -= sizes[key]
            if room < 0:
                break
            kept.add(key)
        self._tables[table] = {cell: numbers for cell, numbers in self._tables[table].items() if cell[2] in kept}
        self._set_size(table, sum(sizes[key] for key in kept))

    def sums(self, table: Table, index: int) -> dict[int, int]:
        """Sum up one figure of a table by key."""
        found: dict[int, int] = {}
        for (_, _, key), numbers in self._tables[table].items():
            found[key] = found.get(key, 0) + numbers[index]
        return found

    def figures(self, table: Table, index: int) -> Iterable[int]:
        """Return one figure of each shop, step and key of a table."""
        return (numbers[index] for numbers in self._tables[table].values())

    def add_rest(self, table: Table, key: int) -> None:
        """Add what the sales and refunds of a table lack to those of the turnover, under a key of its own."""
        step = max(self._steps[table], self._steps[Table.TURNOVER], key=[*BucketSize].index)
        rest: dict[_Cell, Numbers] = {}
        for (shop_id, first, _), numbers in self._tables[Table.TURNOVER].items():
            _add(rest, (shop_id, first_day(first, step), 0), (numbers[0], numbers[2]))
        for (shop_id, first, _), numbers in self._tables[table].items():
            _add(rest, (shop_id, first_day(first, step), 0), tuple(map(neg, numbers)))
        for (shop_id, first, _), numbers in rest.items():
            if any(numbers):
                self.add(table, shop_id, first, numbers, key)

    def shops(self) -> set[int | None]:
        """Return the shops that have figures."""
        return {shop_id for table in self._tables.values() for shop_id, _, _ in table}

    def spans(self, table: Table) -> Spans:
        """Return the step of a table, and the first day of each one that the window touches."""
        step, last = self._steps[table], self._window.end
        day = first_day(self._window.start, step)
        found = []
        while day <= last:
            found.append(day)
            day = _next(day, step)
        return step, found

    def rows(self, table: Table, shop_id: int | None) -> list[Row]:
        """Return the figures of a shop by step and key, those that come to nothing left out."""
        return self.rows_by_shop(table).get(shop_id, [])

    def rows_by_shop(self, table: Table) -> dict[int | None, list[Row]]:
        """Return the figures of every shop that has any, as `rows` does."""
        indexes = {first: index for index, first in enumerate(self.spans(table)[1])}
        found: dict[int | None, list[Row]] = {}
        for (shop_id, first, key), numbers in self._tables[table].items():
            if any(numbers):
                found.setdefault(shop_id, []).append((indexes[first], key, numbers))
        for rows in found.values():
            rows.sort()
        return found

    def _coarsen_largest(self) -> bool:
        """Put the table that takes up most into longer steps; return whether it can be.

        What makes the largest table too large even by years makes no other one coarser, unless they fill half the room.
        """
        coarser = [one for one in Table if self._steps[one] in _COARSER]
        table = max(coarser, key=self._sizes.__getitem__, default=None)
        if table is None:
            return False
        largest = max(self._sizes.values())
        if self._sizes[table] < largest and self._most - self._room - largest <= self._most // 2:
            return False
        step = self._steps[table] = _COARSER[self._steps[table]]
        cells: dict[_Cell, Numbers] = {}
        for (shop_id, first, key), numbers in self._tables[table].items():
            _add(cells, (shop_id, first_day(first, step), key), numbers)
        self._tables[table] = cells
        self._set_size(table, sum(len(numbers) + _NUMBERS_BESIDE for numbers in cells.values()))
        return True

    def _set_size(self, table: Table, size: int) -> None:
        self._room += self._sizes[table] - size
        self._sizes[table] = size


def _add(cells: dict[_Cell, Numbers], cell: _Cell, numbers: Numbers) -> int:
    """Add numbers to a cell, and return how many the table has more than before."""
    known = cells.get(cell)
    if known is None:
        cells[cell] = numbers
        return len(numbers) + _NUMBERS_BESIDE
    cells[cell] = tuple(map(add, known, numbers))
    return 0


def _next(day: date, step: BucketSize) -> date:
    """Return the first day of the step after the one that begins on a day."""
    later = day + timedelta(days=_LONGEST[step])
    if step is BucketSize.WEEK:
        next_month = first_day(day.replace(day=1) + timedelta(days=31), BucketSize.MONTH)
        return min(later - timedelta(days=later.weekday()), next_month)
    return first_day(later, step)
