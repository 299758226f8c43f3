"""Texts that are marked and translated later: with a context, and in the forms that numbers take."""

from __future__ import annotations

import pytest

from smartkasa_async._i18n.message import N_, NN_, NP_, msg, nmsg
from smartkasa_async._i18n.translate import forms_in_language, in_language


def test_a_marked_text_is_translated() -> None:
    assert (in_language(N_("Z-reports"), "en"), in_language(N_("Z-reports"), "uk")) == ("Z-reports", "Z-звіти")


def test_a_context_decides_which_translation_is_meant() -> None:
    alone, of_a_receipt = N_("Total"), NP_("of a receipt", "Total")
    assert (in_language(alone, "en"), in_language(of_a_receipt, "en")) == ("Total", "Total")
    assert (in_language(alone, "uk"), in_language(of_a_receipt, "uk")) == ("Разом", "Підсумок")


def test_a_message_is_translated_with_its_values() -> None:
    text = msg("not over yet: {days}{shops}", days="2026-11-01", shops=msg(", shop {shops}", shops="13"))
    assert in_language(text, "en") == text == "not over yet: 2026-11-01, shop 13"
    assert in_language(text, "uk") == "ще не завершено: 2026-11-01, магазин 13"


@pytest.mark.parametrize(
    ("count", "english", "ukrainian"),
    [(1, "1 record came", "Надійшов 1 запис"), (22, "22 records came", "Надійшло 22 записи"),
     (11, "11 records came", "Надійшло 11 записів"), (0, "0 records came", "Надійшло 0 записів")],
)  # fmt: skip
def test_a_message_takes_the_form_of_its_number_in_each_language(count: int, english: str, ukrainian: str) -> None:
    text = nmsg(
        "{count} record came where the service counts {expected}",
        "{count} records came where the service counts {expected}",
        count,
        expected=5,
    )
    assert in_language(text, "en") == text == f"{english} where the service counts 5"
    assert in_language(text, "uk") == f"{ukrainian}, а сервіс рахує 5"


def test_each_language_has_a_form_for_one_few_and_many() -> None:
    days = NN_("{0} day", "{0} days")
    assert forms_in_language(days, "en") == ["{0} day", "{0} days", "{0} days"]
    assert forms_in_language(days, "uk") == ["{0} день", "{0} дні", "{0} днів"]


def test_a_text_without_a_translation_stays_as_it_is() -> None:
    unknown = "no such text".upper()
    assert in_language(unknown, "uk") == unknown
