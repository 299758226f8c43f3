"""What can be wrong with a row, in words that a shopkeeper can act on, in English and Ukrainian."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["Language", "Problem", "RuleBrokenError"]

Language = Literal["en", "uk"]

# Each code: what is wrong and what to do, in English and in Ukrainian. The names in braces come with the broken rule.
_REASONS: dict[str, tuple[str, str]] = {
    "row_unreadable": (
        "the row cannot be read ({detail}); a quote is probably left open: close or remove it",
        "рядок не читається ({detail}); імовірно, не закрито лапки: закрийте або приберіть їх",
    ),
    "too_many_fields": (
        "{found} fields where the header has {expected}; put a value that contains the separator in quotes",
        "полів {found}, а в заголовку {expected}; значення, у якому є роздільник, візьміть у лапки",
    ),
    "blank": ("the value is missing; fill it in", "значення не заповнене; заповніть його"),
    "line_break": (
        "a line break inside the value; remove it, or close the quote that was left open",
        "усередині значення є розрив рядка; приберіть його або закрийте лапки",
    ),
    "letters_unreadable": (
        "some letters cannot be read; save the file as UTF-8 or Windows-1251",
        "частина літер не читається; збережіть файл у кодуванні UTF-8 або Windows-1251",
    ),
    "number_unreadable": (
        "not a number; write it as 1299,50",
        "це не число; запишіть його як 1299,50",
    ),
    "number_ambiguous": (
        "three digits after the separator: a fraction or thousands? Write 1299,50 or 1 299",
        "три цифри після роздільника: дріб чи тисячі? Запишіть 1299,50 або 1 299",
    ),
    "currency_foreign": (
        "the price is not in hryvnias; convert it",
        "ціна не в гривнях; перерахуйте її",
    ),
    "negative": ("the price is below zero; write 0 or more", "ціна менша за нуль; запишіть 0 або більше"),
    "price_too_large": (
        "too large for a price; probably another column's value",
        "завелике для ціни; імовірно, це значення іншого стовпця",
    ),
    "kopecks_fraction": (
        "the price is finer than a kopeck; round it to two decimals",
        "ціна дрібніша за копійку; округліть її до двох знаків",
    ),
    "barcode_spreadsheet": (
        "a spreadsheet has shortened the barcode, its digits are lost; make the column text and enter it anew",
        "таблиця скоротила штрихкод, цифри втрачено; задайте стовпцю текстовий формат і введіть його знову",
    ),
    "barcode_characters": (
        "a barcode has digits only; remove the other characters",
        "штрихкод складається лише з цифр; приберіть інші символи",
    ),
    "barcode_zeros": (
        "{found} digits: the leading zeros are probably lost; if so, write {candidate}",
        "цифр {found}: імовірно, втрачено нулі на початку; якщо так, запишіть {candidate}",
    ),
    "barcode_length": (
        "{found} digits where a barcode has 8, 12, 13 or 14; enter it anew from the package",
        "цифр {found}, а у штрихкоді їх 8, 12, 13 або 14; введіть його знову з упаковки",
    ),
    "barcode_check_digit": (
        "the check digit should be {expected}; compare the barcode with the package",
        "контрольна цифра має бути {expected}; звірте штрихкод з упаковкою",
    ),
    "barcode_duplicate": (
        "the same barcode is already in line {line}; leave one of the two rows",
        "цей штрихкод уже є в рядку {line}; залиште один із двох рядків",
    ),
    "unit_unknown": (
        "the service has no such unit of measure; it has: {known}",
        "такої одиниці виміру в сервісі немає; є: {known}",
    ),
    "tax_unknown": (
        "no tax group for this rate; write 20%, 7%, 0% or без ПДВ, with excise 20% + акциз 5%",
        "для такої ставки немає податкової групи; запишіть 20%, 7%, 0% або без ПДВ, з акцизом 20% + акциз 5%",
    ),
    "tax_group_unknown": (
        "not the number of a tax group; write 0 to 10",
        "це не номер податкової групи; запишіть від 0 до 10",
    ),
    "classifier_malformed": (
        "not a code of УКТЗЕД, which has 10 digits; take it from the supplier's invoice",
        "це не код УКТЗЕД, у якому 10 цифр; візьміть його з накладної постачальника",
    ),
    "category_ambiguous": (
        "the service has several categories with this title; give the path, as in Напої / Кава, or rename one",
        "у сервісі кілька категорій із такою назвою; вкажіть шлях, як-от Напої / Кава, або перейменуйте одну",
    ),
    "category_not_created": (
        "the category could not be created: {detail}; mend its title or create it by hand",
        "категорію не вдалося створити: {detail}; виправте назву або створіть її вручну",
    ),
    "category_unknown": (
        "nothing tells whether the category was created: {detail}; import the row again later",
        "невідомо, чи створено категорію: {detail}; імпортуйте рядок пізніше ще раз",
    ),
    "refused": (
        "the service refused it: {detail}; mend the value and import the row again",
        "сервіс відхилив: {detail}; виправте значення та імпортуйте рядок ще раз",
    ),
    "outcome_unknown": (
        "nothing tells whether the product was created: {detail}; look it up before importing the row again",
        "невідомо, чи створено товар: {detail}; перевірте каталог, перш ніж імпортувати рядок ще раз",
    ),
    "not_sent": (
        "not sent, since the import stopped: {detail}; remove the cause and import the row again",
        "не надіслано, бо імпорт зупинено: {detail}; усуньте причину та імпортуйте рядок ще раз",
    ),
}


class RuleBrokenError(ValueError):
    """A value breaks a rule of the catalogue.

    Attributes:
        code: Name of the rule, for example `barcode_check_digit`.
        details: What the reason's text mentions besides the value.
    """

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Problem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that is wrong with one row.

    Attributes:
        code: Name of the broken rule, for example `barcode_check_digit`.
        file: Name of the file; empty where the rows did not come from one.
        line: Line of the file on which the row begins, or the row's number.
        field: Field of the product, for example `price`; None for the row as a whole.
        column: Header of the column as the file has it; None for the row as a whole.
        value: The value as the file has it; None for the row as a whole.
        reason_en: What is wrong and what to do, in English.
        reason_uk: The same in Ukrainian.
    """

    code: str
    file: str
    line: int
    field: str | None = None
    column: str | None = None
    value: str | None = None
    reason_en: str
    reason_uk: str

    @classmethod
    def from_broken_rule(
        cls,
        error: RuleBrokenError,
        *,
        file: str,
        line: int,
        field: str | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> Problem:
        """Say where in the source a rule was broken."""
        english, ukrainian = _REASONS[error.code]
        return cls(
            code=error.code,
            file=file,
            line=line,
            field=field,
            column=column,
            value=value,
            reason_en=english.format(**error.details),
            reason_uk=ukrainian.format(**error.details),
        )

    def describe(self, language: Language = "en") -> str:
        """Say the whole in one sentence: file, line, column, value, what is wrong and what to do."""
        line, column, reason = (
            ("line", "column", self.reason_en) if language == "en" else ("рядок", "стовпець", self.reason_uk)
        )
        place = [self.file] if self.file else []
        place.append(f"{line} {self.line}")
        if self.column is not None:
            place.append(f"{column} «{self.column}»")
        value = f"«{self.value}»: " if self.value else ""
        return f"{', '.join(place)}: {value}{reason}"

    def __str__(self) -> str:
        return self.describe()
