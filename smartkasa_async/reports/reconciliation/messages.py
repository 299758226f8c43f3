"""What figures are called in sentences, in English and Ukrainian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

_OPERATIONS: dict[str, dict[Language, str]] = {
    "sale": {"en": "sales", "uk": "продажі"},
    "refund": {"en": "refunds", "uk": "повернення"},
}
_LETTERS = {"a": "А", "b": "Б", "v": "В", "d": "Д", "z": "З"}
_MEANS: dict[str, dict[Language, str]] = {
    "sale_cash_total": {"en": "cash sales", "uk": "продажі готівкою"},
    "sale_cashless_total": {"en": "cashless sales", "uk": "безготівкові продажі"},
    "refund_cash_total": {"en": "cash refunds", "uk": "повернення готівкою"},
    "refund_cashless_total": {"en": "cashless refunds", "uk": "безготівкові повернення"},
}
_TAXES: dict[str, dict[Language, str]] = {
    f"{operation}_tax_{letter}_total": {
        "en": f"tax {shown} in {words['en']}",
        "uk": f"{words['uk']}, податок {shown}",
    }
    for operation, words in _OPERATIONS.items()
    for letter, shown in _LETTERS.items()
}
_NAMES: dict[str, dict[Language, str]] = {
    **{f"{operation}_total": words for operation, words in _OPERATIONS.items()},
    **_MEANS,
    **_TAXES,
    "service_input": {"en": "service cash in", "uk": "службове внесення"},
    "service_output": {"en": "service cash out", "uk": "службова видача"},
    "cash_total": {"en": "cash withdrawals", "uk": "видача готівки"},
    "cash_amount": {"en": "cash in the drawer", "uk": "готівка в касі"},
    "turnover_amount": {"en": "turnover", "uk": "оборот"},
    "sale_receipts_count": {"en": "sale receipts", "uk": "чеки продажу"},
    "refund_receipts_count": {"en": "refund receipts", "uk": "чеки повернення"},
    "cash_receipts_count": {"en": "withdrawal receipts", "uk": "чеки видачі готівки"},
}

Language: TypeAlias = Literal["en", "uk"]

_RECEIPT = {
    "total": {
        "en": "the total of receipt {receipt} should be {right}: its items and its payments agree on it",
        "uk": "підсумок чека {receipt} має бути {right}: на цьому сходяться його позиції та оплати",
    },
    "unexplained_receipt": {
        "en": "unexplained: items ({items}), payments ({paid}) and total of receipt {receipt} all differ",
        "uk": "не пояснено: позиції ({items}), оплати ({paid}) і підсумок чека {receipt} різні",
    },
    "payments_less": {
        "en": "the payments of receipt {receipt} are {amount} less than its total",
        "uk": "оплати чека {receipt} на {amount} менші за його підсумок",
    },
    "payments_more": {
        "en": "the payments of receipt {receipt} are {amount} more than its total",
        "uk": "оплати чека {receipt} на {amount} більші за його підсумок",
    },
    "means_cash": {
        "en": "receipt {receipt} over {amount} is not marked as paid in cash, but the Z-report and its rounding say so",
        "uk": "чек {receipt} на {amount} не позначено як оплачений готівкою, хоча на це вказують Z-звіт і заокруглення",
    },
    "means_cashless": {
        "en": "receipt {receipt} over {amount} is marked as paid in cash; by the Z-report it was not, and it is not"
        " rounded",
        "uk": "чек {receipt} на {amount} позначено як оплачений готівкою; за Z-звітом це не так, і заокруглення немає",
    },
    "rounding_missing": {
        "en": "the rounding of {rounding} is missing on receipt {receipt}, which was paid in cash",
        "uk": "на чеку {receipt}, оплаченому готівкою, немає заокруглення {rounding}",
    },
    "rounding_wrong": {
        "en": "the rounding of receipt {receipt} is {stated}; by the rules of cash it is {rounding}",
        "uk": "заокруглення чека {receipt} становить {stated}; за правилами для готівки це {rounding}",
    },
    "rounding_of_card": {
        "en": "receipt {receipt} is rounded by {stated}, but nothing was paid in cash",
        "uk": "чек {receipt} заокруглено на {stated}, хоча готівкою нічого не сплачено",
    },
    "discount_percent": {
        "en": "the discount of {percent} % on receipt {receipt} is {right}, not {stated}: the payments prove the total",
        "uk": "знижка {percent} % на чеку {receipt} становить {right}, а не {stated}: оплати підтверджують підсумок",
    },
    "discount": {
        "en": "a discount of {missing} is missing on receipt {receipt} or its items: the payments confirm the total",
        "uk": "на чеку {receipt} або в його позиціях бракує знижки {missing}: оплати підтверджують підсумок",
    },
    "items_price": {
        "en": "items of receipt {receipt} state {stated}; price times quantity is {right}, as the payments confirm",
        "uk": "у позиціях чека {receipt} вказано {stated}; ціна, помножена на кількість, дає {right}: це підтверджують"
        " оплати",
    },
    "items_missing": {
        "en": "items of {amount} are missing on receipt {receipt}: the payments confirm the total",
        "uk": "на чеку {receipt} бракує позицій на {amount}: оплати підтверджують підсумок",
    },
    "items_none": {
        "en": "receipt {receipt} has no items, and its payments confirm the total",
        "uk": "на чеку {receipt} немає позицій, а оплати підтверджують підсумок",
    },
    "taxes_wrong": {
        "en": "the taxes of receipt {receipt} are {stated}; its items give {right}, computed on the sum of each tax"
        " group, and {by_line} line by line",
        "uk": "податки чека {receipt}: {stated}; за позиціями має бути {right}, якщо рахувати за сумою кожної"
        " податкової групи, і {by_line}, якщо за рядками",
    },
    "taxes_in_hryvnias": {
        "en": "the taxes of receipt {receipt} were written in hryvnias in place of kopecks; right are {right}",
        "uk": "податки чека {receipt} записано в гривнях замість копійок; правильно {right}",
    },
    "taxes_missing": {
        "en": "receipt {receipt} states no taxes; its items give {right}, computed on the sum of each tax group, and"
        " {by_line} line by line",
        "uk": "на чеку {receipt} не вказано податків; за позиціями має бути {right}, якщо рахувати за сумою кожної"
        " податкової групи, і {by_line}, якщо за рядками",
    },
    "type_sale": {
        "en": "receipt {receipt} is marked as a sale, but its payments give money back: it is a refund",
        "uk": "чек {receipt} позначено як продаж, але його оплати повертають гроші: це повернення",
    },
    "type_refund": {
        "en": "receipt {receipt} is marked as a refund, but its payments take money: it is a sale",
        "uk": "чек {receipt} позначено як повернення, але його оплати приймають гроші: це продаж",
    },
    "state_unpaid": {
        "en": "receipt {receipt} is marked as not paid, but it has a fiscal number and payments",
        "uk": "чек {receipt} позначено як неоплачений, але він має фіскальний номер та оплати",
    },
    "receipt_twice": {
        "en": "receipt {receipt} is counted twice: the same fiscal number {number} in ids {original} and {receipt}",
        "uk": "чек {receipt} враховано двічі: той самий фіскальний номер {number} в id {original} та {receipt}",
    },
    "refund_twice": {
        "en": "the refund {receipt} is counted twice: the same fiscal number {number} in ids {original} and {receipt}",
        "uk": "повернення {receipt} враховано двічі: той самий фіскальний номер {number} в id {original} та {receipt}",
    },
    "not_fiscal": {
        "en": "the Z-report does not count {receipts}: without a fiscal number",
        "uk": "Z-звіт не враховує {receipts}: без фіскального номера",
    },
    "shift_by_registrar": {
        "en": "{receipts} (local number {numbers}) name no shift; by registrar and time they are of shift {shift}",
        "uk": "{receipts} (локальний номер {numbers}) не називають зміни; за реєстратором і часом це зміна {shift}",
    },
    "shift_wrong": {
        "en": "receipt {receipt} names shift {shift}, but it is the Z-report of shift {right} that counts it",
        "uk": "у чеку {receipt} вказано зміну {shift}, але враховує його Z-звіт зміни {right}",
    },
    "unexplained_no_shift": {
        "en": "unexplained: receipts name no shift, and no Z-report of their registrar follows",
        "uk": "не пояснено: чеки не називають зміни, і за ними немає Z-звіту їхнього реєстратора",
    },
}

_SHIFT = {
    "receipt_missing": {
        "en": "a receipt is missing: local number {numbers} of registrar {registrar} is not in the store,"
        " and the Z-report counts {figures}",
        "uk": "бракує чека: локального номера {numbers} реєстратора {registrar} немає в базі,"
        " а Z-звіт враховує: {figures}",
    },
    "receipts_missing": {
        "en": "receipts are missing: local numbers {numbers} of registrar {registrar} are not in the store,"
        " and the Z-report counts {figures}",
        "uk": "бракує чеків: локальних номерів {numbers} реєстратора {registrar} немає в базі,"
        " а Z-звіт враховує: {figures}",
    },
    "receipt_gone": {
        "en": "the service once listed receipt {receipts} (local number {numbers} of registrar {registrar}) and no"
        " longer does, and the Z-report counts {figures}",
        "uk": "сервіс раніше показував чек {receipts} (локальний номер {numbers} реєстратора {registrar}) і більше його"
        " не показує, а Z-звіт враховує: {figures}",
    },
    "receipts_gone": {
        "en": "the service once listed receipts {receipts} (local numbers {numbers} of registrar {registrar}) and no"
        " longer does, and the Z-report counts {figures}",
        "uk": "сервіс раніше показував чеки {receipts} (локальні номери {numbers} реєстратора {registrar}) і більше їх"
        " не показує, а Z-звіт враховує: {figures}",
    },
    "number_gone": {
        "en": "the service once listed local number {numbers} of registrar {registrar} and no longer does;"
        " the Z-report agrees without it",
        "uk": "сервіс раніше показував локальний номер {numbers} реєстратора {registrar} і більше його не показує;"
        " Z-звіт сходиться й без нього",
    },
    "receipts_missing_by_count": {
        "en": "receipts are missing: the Z-report counts more than the store has: {figures}",
        "uk": "бракує чеків: Z-звіт враховує більше, ніж є в базі: {figures}",
    },
    "receipts_all_missing": {
        "en": "no receipt of the shift is in the store, and the Z-report counts {figures}",
        "uk": "у базі немає жодного чека цієї зміни, а Z-звіт враховує: {figures}",
    },
    "number_without_effect": {
        "en": "local number {numbers} of registrar {registrar} is not in the store; the Z-report agrees without it,"
        " so it may be a cancellation or a mark of an offline session",
        "uk": "локального номера {numbers} реєстратора {registrar} немає в базі; Z-звіт сходиться й без нього,"
        " тож це може бути скасування або позначка офлайн-сесії",
    },
    "cash_receipt_missing": {
        "en": "a receipt is missing: local number {numbers} of registrar {registrar} is not in the store,"
        " and {moved} of cash moved before the Z-report",
        "uk": "бракує чека: локального номера {numbers} реєстратора {registrar} немає в базі,"
        " а перед Z-звітом готівка змінилася на {moved}",
    },
    "drawer": {
        "en": "every receipt is in the store, and the drawer should hold {expected}; the Z-report states {found}",
        "uk": "усі чеки є в базі, і в касі має бути {expected}; Z-звіт указує {found}",
    },
    "unexplained_drawer": {
        "en": "unexplained: the drawer should hold {expected}; the Z-report states {found}",
        "uk": "не пояснено: у касі має бути {expected}; Z-звіт указує {found}",
    },
    "z_report_wrong": {
        "en": "every receipt of the shift is in the store (local numbers {numbers} of registrar {registrar})"
        " and adds up; the Z-report states {figures}",
        "uk": "усі чеки зміни є в базі (локальні номери {numbers} реєстратора {registrar}) і сходяться;"
        " Z-звіт указує: {figures}",
    },
    "z_report_contradicts_itself": {
        "en": "the Z-report contradicts its own other sums; beside the receipts it states {figures}",
        "uk": "суми в самому Z-звіті суперечать одна одній; порівняно з чеками він указує: {figures}",
    },
    "z_report_layouts": {
        "en": "{name} of the Z-report is {column} in its columns and {payload} in its payload",
        "uk": "{name} у Z-звіті: {column} у стовпцях і {payload} у payload",
    },
    "unexplained_shift": {
        "en": "unexplained: beside the receipts the Z-report states {figures}",
        "uk": "не пояснено: порівняно з чеками Z-звіт указує: {figures}",
    },
    "z_report_missing": {
        "en": "the shift has sales of {sales} and refunds of {refunds}, and no Z-report",
        "uk": "у зміні продажі на {sales} і повернення на {refunds}, а Z-звіту немає",
    },
    "z_report_twice": {
        "en": "the Z-report with fiscal number {number} is there twice: ids {original} and {report}",
        "uk": "Z-звіт із фіскальним номером {number} є двічі: id {original} та {report}",
    },
    "z_report_extra": {
        "en": "Z-report {original} agrees with the receipts of the shift, so {report} is not of this shift",
        "uk": "Z-звіт {original} сходиться з чеками зміни, тож {report} не з цієї зміни",
    },
    "several_days": {
        "en": "the Z-report covers several days: {days}",
        "uk": "Z-звіт охоплює кілька днів: {days}",
    },
    "several_shifts": {
        "en": "the Z-report covers several shifts of {days}: {shifts}; their sums agree with it",
        "uk": "Z-звіт охоплює кілька змін за {days}: {shifts}; їхні суми з ним сходяться",
    },
    "product_sales": {
        "en": "the receipts of {day} come to {ours} of these products, the product sales to {stated}: {products}",
        "uk": "чеки за {day} дають для цих товарів {ours}, а продажі за товарами в сервісі {stated}: {products}",
    },
}

_QUARANTINE = {
    "receipts_unreadable": {
        "en": "in the store's quarantine, since they could not be read ({error}), are receipts {unreadable}; the"
        " Z-report counts {figures}",
        "uk": "у карантині бази лежать чеки {unreadable}, бо їх не вдалося прочитати ({error}); Z-звіт враховує:"
        " {figures}",
    },
    "receipts_missing_and_unreadable": {
        "en": "more receipts are missing than those in the store's quarantine that could not be read, {unreadable}"
        " ({error})",
        "uk": "бракує більше чеків, ніж лежить у карантині бази непрочитаними: {unreadable} ({error})",
    },
    "cash_receipt_unreadable": {
        "en": "in the store's quarantine, since they could not be read ({error}), are receipts {unreadable}; {moved} of"
        " cash moved before the Z-report",
        "uk": "у карантині бази лежать чеки {unreadable}, бо їх не вдалося прочитати ({error}); перед Z-звітом готівка"
        " змінилася на {moved}",
    },
    "unreadable_without_effect": {
        "en": "in the store's quarantine, since they could not be read ({error}), are {unreadable}; the shift was"
        " compared without them",
        "uk": "у карантині бази лежать {unreadable}, бо їх не вдалося прочитати ({error}); зміну звірено без них",
    },
    "unreadable": {
        "en": "in the store's quarantine, since they could not be read ({error}), are {unreadable}; nothing was"
        " compared that counts them",
        "uk": "у карантині бази лежать {unreadable}, бо їх не вдалося прочитати ({error}); звірити їх нема з чим",
    },
    "unexplained_unreadable": {
        "en": "unexplained: beside the receipts the Z-report states {figures}; receipts {unreadable} are in the store's"
        " quarantine, since they could not be read ({error})",
        "uk": "не пояснено: порівняно з чеками Z-звіт указує: {figures}; чеки {unreadable} лежать у карантині бази, бо"
        " їх не вдалося прочитати ({error})",
    },
    "unexplained_drawer_unreadable": {
        "en": "unexplained: the drawer should hold {expected}; the Z-report states {found}; receipts {unreadable} are"
        " in the store's quarantine, since they could not be read ({error})",
        "uk": "не пояснено: у касі має бути {expected}; Z-звіт указує {found}; чеки {unreadable} лежать у карантині"
        " бази, бо їх не вдалося прочитати ({error})",
    },
    "z_report_unreadable": {
        "en": "the shift was not compared: Z-report {unreadable} is in the store's quarantine, since it could not be"
        " read ({error})",
        "uk": "зміну не звірено: Z-звіт {unreadable} лежить у карантині бази, бо його не вдалося прочитати ({error})",
    },
    "product_sales_unreadable": {
        "en": "the receipts of {day} come to {ours} of these products, the product sales to {stated}: {products};"
        " receipts {unreadable} are in the store's quarantine, since they could not be read ({error})",
        "uk": "чеки за {day} дають для цих товарів {ours}, а продажі за товарами в сервісі {stated}: {products}; чеки"
        " {unreadable} лежать у карантині бази, бо їх не вдалося прочитати ({error})",
    },
}

EXPLANATIONS = _RECEIPT | _SHIFT | _QUARANTINE
"""The words of each cause by language."""


@dataclass(frozen=True, slots=True)
class NamedAmounts:
    """Figures with their amounts, as a sentence names them.

    Attributes:
        parts: Names of figures, each with its amount as text; an empty one names the figure alone.
    """

    parts: tuple[tuple[str, str], ...]

    def in_(self, language: Language) -> str:
        """Name them in English (`en`) or Ukrainian (`uk`)."""
        return ", ".join(f"{_NAMES[name][language]} {amount}".rstrip() for name, amount in self.parts)
