"""What figures are called in sentences, in English and Ukrainian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smartkasa_async.reports.reconciliation.explanations import Language

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
