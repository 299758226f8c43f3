"""Write docs/import-messages.md: every message that an import can have for a row, with a value that brings it about.

python -m tests.docs.import_messages
"""

from __future__ import annotations

from smartkasa_async._i18n.message import argument, msg
from smartkasa_async.catalog.checks.check import Checker
from smartkasa_async.catalog.checks.values import Units
from smartkasa_async.catalog.messages import MESSAGES
from smartkasa_async.catalog.outcomes import Outcome
from smartkasa_async.catalog.problems import Problem, RuleViolationError
from smartkasa_async.catalog.source_location import SourceLocation
from smartkasa_async.catalog.sources.cells import ConvertedCell
from smartkasa_async.catalog.sources.columns import Columns
from smartkasa_async.catalog.sources.fields import Field
from smartkasa_async.catalog.sources.rows import Row, UnreadableRow
from smartkasa_async.models import UnitType
from tests.docs.markdown import PROJECT

__all__ = ["DETAILS", "PAGE", "ROWS", "example_of", "render"]

PAGE = PROJECT / "docs" / "import-messages.md"

_HEADERS = {
    Field.NUMBER: "Штрихкод",
    Field.TITLE: "Назва",
    Field.CATEGORY: "Категорія",
    Field.PRICE: "Ціна",
    Field.PROCUREMENT_PRICE: "Закупівельна ціна",
    Field.UNIT: "Од.",
    Field.TAX: "Ставка ПДВ",
    Field.TAX_GROUP_ID: "tax_group_id",
    Field.CLASSIFIER_CODE: "Код УКТ ЗЕД",
    Field.SUBGROUP_ID: "subgroup_id",
    Field.SOLD_BY_WEIGHT: "Ваговий",
}
_COLUMNS = Columns(tuple(_HEADERS.values()), {field: place for place, field in enumerate(_HEADERS)}, ())
_GOOD = {Field.NUMBER: "4006381333931", Field.TITLE: "Кава мелена", Field.PRICE: "99,50"}
_UNITS = Units(
    [
        UnitType(id=4, code=2009, name="Штука", short_name="шт"),
        UnitType(id=10, code=301, name="Кілограм", short_name="кг"),
    ]
)

ROWS: dict[str, dict[Field, str]] = {
    "blank": {Field.TITLE: ""},
    "line_break": {Field.TITLE: "Кава\n5;Чай"},
    "letters_unreadable": {Field.TITLE: "Кав\ufffd мелена"},
    "letters_garbled": {Field.TITLE: "РљР°РІР° РјРµР»РµРЅР°"},
    "title_long": {Field.TITLE: "Кава " * 60},
    "cell_date": {Field.TITLE: "11.жов"},
    "cell_time": {Field.TITLE: "10:30:00"},
    "cell_boolean": {Field.TITLE: "ІСТИНА"},
    "cell_exponent": {Field.TITLE: "1,00E+05"},
    "digits_lost": {Field.TITLE: "123456789012345000"},
    "cell_error": {Field.TITLE: "#Н/Д"},
    "cell_narrow": {Field.PRICE: "####"},
    "cell_formula": {Field.PRICE: ConvertedCell("=C2*1,3", "cell_formula")},
    "key_missing": {Field.NUMBER: ""},
    "flag_unknown": {Field.SOLD_BY_WEIGHT: "можливо"},
    "id_malformed": {Field.SUBGROUP_ID: "Напої"},
    "number_unreadable": {Field.PRICE: "за домовленістю"},
    "number_ambiguous": {Field.PRICE: "1,299"},
    "currency_foreign": {Field.PRICE: "12 $"},
    "negative": {Field.PRICE: "-5"},
    "price_too_large": {Field.PRICE: "4820001000016"},
    "kopecks_fraction": {Field.PRICE: "9,9999"},
    "cost_rounded": {Field.PROCUREMENT_PRICE: "80,3333"},
    "price_zero": {Field.PRICE: "0"},
    "price_below_cost": {Field.PROCUREMENT_PRICE: "120,00"},
    "barcode_spreadsheet": {Field.NUMBER: "4,82E+12"},
    "barcode_characters": {Field.NUMBER: "немає"},
    "barcode_zeros": {Field.NUMBER: "70000007408"},
    "barcode_length": {Field.NUMBER: "482000"},
    "barcode_check_digit": {Field.NUMBER: "4006381333930"},
    "classifier_malformed": {Field.CLASSIFIER_CODE: "кава"},
    "classifier_zero": {Field.CLASSIFIER_CODE: "901210000"},
    "classifier_spreadsheet": {Field.CLASSIFIER_CODE: "10.11.2012"},
    "classifier_owed": {Field.TAX: "20% + акциз 5%"},
    "classifier_short": {Field.CLASSIFIER_CODE: "0901"},
    "classifier_long": {Field.CLASSIFIER_CODE: "123456789012345"},
    "tax_unknown": {Field.TAX: "14%"},
    "tax_letter_unknown": {Field.TAX: "Ж"},
    "tax_contradicts": {Field.TAX: "А 7%"},
    "tax_letter_inferred": {Field.TAX: "Б"},
    "tax_group_unknown": {Field.TAX_GROUP_ID: "11"},
    "unit_unknown": {Field.UNIT: "відро"},
}
"""By the name of the problem, the cells that make it out of a good row."""

DETAILS: dict[str, dict[str, object]] = {
    "row_cut": {"detail": msg("it has {found} of {expected} fields", found=2, expected=3)},
    "record_unreadable": {"detail": msg("JSON is malformed: {detail}", detail="invalid character (byte 1)")},
    "keys_conflict": {"detail": "«Ціна», «price»"},
    "category_undefined": {"detail": "99"},
    "column_chosen": {
        "others": "«Ціна (опт)», «Стара ціна»",
        "option": argument("mapping", {"price": "Ціна (опт)"}),
    },
    "barcodes_unused": {"option": argument("mapping", {"number": "Код"})},
    "key_duplicate": {"line": 7},
    "invisible_removed": {"count": 3},
    "row_no_product": {"rows": "7 «Напої»"},
    "rows_no_products": {"count": 4, "rows": "2 «Напої», 7 «Солодощі», 12 «Разом», 14 «Директор ______»"},
    "category_not_created": {"detail": "title: Не може бути пустим"},
    "category_unknown": {"detail": msg("its answer was lost each time")},
    "refused": {"detail": "title: Не може бути пустим"},
    "not_sent": {"detail": "HTTP 403"},
    "conflict": {"count": 2},
    "conflict_unreadable": {"record": "6ba87885"},
    "in_doubt_unreadable": {"record": "6ba87885"},
    "category_unreadable": {"record": "6718d176"},
    "card_unreadable": {"record": "4711"},
    "records_unreadable": {"operation": "listProducts", "count": 1, "records": "6ba87885"},
    "in_doubt": {"detail": msg("its answer was lost each time")},
    "in_doubt_several": {"count": 2},
    "change_in_doubt": {"detail": msg("its answer was lost each time")},
    "missing_kept": {"detail": "HTTP 422"},
    "missing_in_doubt": {"detail": msg("its answer was lost each time")},
    "missing_source_empty": {"count": 250},
    "missing_source_cut": {"count": 250},
    "missing_end_doubtful": {"count": 250},
    "missing_over_limit": {"count": 250, "limit": 100},
    "missing_rows_unread": {"count": 3},
    "missing_rows_hidden": {"count": 3},
    "rows_hidden_taken": {"rows": "7, 12–14", "count": 4},
    "rows_hidden_skipped": {"rows": "7, 12–14", "count": 4},
    "columns_hidden": {"columns": "«Ціна»"},
    "count_duplicate": {"line": 7},
    "cards_several": {"count": 2},
    "card_changed": {"before": "5", "now": "4"},
    "card_appeared": {"now": "3"},
    "count_in_doubt": {"before": "5", "now": "8", "count": "9"},
    "count_not_read": {"detail": msg("its answer was lost each time")},
    "count_not_set": {"detail": "HTTP 403"},
    "undo_card_changed": {"now": "8", "after": "9"},
    "plan_row_changed": {"title": "Кава", "name": "price", "before": "45.00", "now": "47.00", "after": "49.50"},
    "plan_row_deleted": {"title": "Кава"},
    "plan_row_in_doubt": {"title": "Кава", "name": "count", "before": "4", "now": "3", "after": "9"},
    "plan_row_refused": {"detail": "price: invalid"},
    "plan_row_not_sent": {"detail": "HTTP 403"},
    "plan_row_not_read": {"detail": "HTTP 503"},
    "undo_row_changed": {"title": "Кава", "name": "price", "before": "49.50", "now": "47.00", "after": "45.00"},
    "undo_row_deleted": {"title": "Кава"},
    "undo_row_refused": {"detail": "price: invalid"},
    "undo_row_not_sent": {"detail": "HTTP 403"},
    "undo_row_not_read": {"detail": "HTTP 503"},
    "plan_key_elsewhere": {"title": "Кава", "other": "Чай"},
    "plan_code_taken": {"name": "number", "value": "4820000000017", "other": "Чай"},
    "plan_code_twice": {"name": "number", "value": "4820000000017", "line": 2},
}
"""By the name of the problem, what its text mentions, where only the service brings it about."""

_HEAD = """\
# Messages of the product import

Every message names the file, the line, the column and the value, and says what is wrong and what to do. An error keeps
its row out of the service; a warning does not. The words below are for the example values; numbers and names in them
differ from row to row.

This page is written by `python -m tests.docs.import_messages`.

| problem | severity | example | English | українською |
| --- | --- | --- | --- | --- |
"""


def example_of(code: str) -> Problem:
    """Make a problem: by checking a row that has it, where the check of a row can find it."""
    if code == "row_unreadable":
        return _check(Row(1, 2, UnreadableRow(msg("unexpected end of data"))), code)
    if code == "too_many_fields":
        return _check(Row(1, 2, [*("5",) * (len(_HEADERS) + 1)]), code)
    if code in ROWS:
        cells = _GOOD | ROWS[code]
        return _check(Row(1, 2, [cells.get(field, "") for field in _HEADERS]), code)
    return Problem.from_broken_rule(RuleViolationError(code, **DETAILS.get(code, {})), file="", line=2)


def _check(row: Row, code: str) -> Problem:
    result = Checker(SourceLocation("", _COLUMNS), _UNITS, key="number").check(row)
    problems = (*result.problems, *result.warnings) if isinstance(result, Outcome) else result.warnings
    return next(problem for problem in problems if problem.code == code)


def render() -> str:
    """Write the page."""
    return _HEAD + "".join(_row(code) for code in MESSAGES)


def _row(code: str) -> str:
    problem = example_of(code)
    value = f"`{_shown(problem.value)}`" if problem.value else ""
    return f"| `{code}` | {problem.severity} | {value} | {problem.reason_en} | {problem.reason_uk} |\n"


def _shown(value: str) -> str:
    line = value.replace("\n", "⏎").replace("|", "\\|")
    return line if len(line) < 32 else f"{line[:30]}…"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
