"""The form of the numbers in each column of a table, by its first rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from smartkasa_async.catalog.sources.columns import NUMBERS, Columns, Field
from smartkasa_async.catalog.sources.invisible import without_invisible
from smartkasa_async.catalog.sources.number_form import UNKNOWN_FORM, NumberForm, find_form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.catalog.sources.layout import Layout


def find_numbers(columns: Columns, rows: Sequence[Sequence[str]], layout: Layout) -> dict[Field, NumberForm]:
    """Find the form of each column of numbers.

    Args:
        columns: Where the table has which field.
        rows: Its first rows.
        layout: What the caller knows; its marks hold for all columns.

    Returns:
        The forms; a column that shows nothing is taken to be like the others, where these agree.
    """
    positions = {field: columns.positions[field] for field in NUMBERS if field in columns.positions}
    if layout.decimal is not None or layout.thousands is not None:
        return dict.fromkeys(positions, NumberForm(layout.decimal, layout.thousands))
    cells = {
        field: [without_invisible(row[position]) for row in rows if position < len(row)]
        for field, position in positions.items()
    }
    shared = find_form(cell for column in cells.values() for cell in column)
    forms = {field: find_form(column) for field, column in cells.items()}
    found: dict[Field, NumberForm] = {}
    for field, form in forms.items():
        known = shared if form == UNKNOWN_FORM else form
        if known != UNKNOWN_FORM:
            # Counts have thousandths (grams), prices only where they show some.
            thousandths = field is Field.COUNT or (form.thousandths and form != UNKNOWN_FORM)
            found[field] = msgspec.structs.replace(known, thousandths=thousandths)
    return found


def main_form(forms: dict[Field, NumberForm]) -> NumberForm:
    """Choose the form that is shown for the whole table: that of the first column of prices."""
    return next((forms[field] for field in NUMBERS if field in forms), UNKNOWN_FORM)
