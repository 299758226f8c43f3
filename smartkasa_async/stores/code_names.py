"""Codes of receipts in words, Ukrainian and English, for those who read the store without this package."""

from __future__ import annotations

from typing import Final

from smartkasa_async.models import TaxGroup, TransactionType

Names = dict[int, tuple[str, str]]
"""Code → name in Ukrainian, name in English."""

PAYMENT_MEANS: Final[Names] = {
    TransactionType.CASH.value: ("Готівка", "Cash"),
    TransactionType.CARD.value: ("Картка", "Card"),
    TransactionType.ACQUIRING.value: ("Еквайринг", "Acquiring"),
    TransactionType.BANK_DETAILS.value: ("Банківські реквізити (IBAN)", "Bank details (IBAN)"),
    TransactionType.CARD_TO_CARD.value: ("Переказ з картки на картку", "Card to card"),
}
TAX_GROUPS: Final[Names] = {
    TaxGroup.NONE.value: ("Без групи", "No group"),
    TaxGroup.VAT_20.value: ("ПДВ 20 %", "VAT 20 %"),
    TaxGroup.VAT_7.value: ("ПДВ 7 %", "VAT 7 %"),
    TaxGroup.VAT_0.value: ("ПДВ 0 %", "VAT 0 %"),
    TaxGroup.WITHOUT_VAT.value: ("Без ПДВ", "Without VAT"),
    TaxGroup.EXCISE_5.value: ("Акциз 5 %", "Excise 5 %"),
    TaxGroup.EXCISE_5_VAT_20.value: ("Акциз 5 % + ПДВ 20 %", "Excise 5 % + VAT 20 %"),
    TaxGroup.EXCISE_5_VAT_0.value: ("Акциз 5 % + ПДВ 0 %", "Excise 5 % + VAT 0 %"),
    TaxGroup.EXCISE_G_0.value: ("Акциз (Г) 0 %", "Excise (Г) 0 %"),
    TaxGroup.EXCISE_G_0_VAT_20.value: ("Акциз (Г) 0 % + ПДВ (А) 20 %", "Excise (Г) 0 % + VAT (А) 20 %"),
    TaxGroup.EXCISE_G_0_VAT_0.value: ("Акциз (Г) 0 % + ПДВ (В) 0 %", "Excise (Г) 0 % + VAT (В) 0 %"),
}
