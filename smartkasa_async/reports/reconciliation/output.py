"""A reconciliation as rows of tables, for reading and for spreadsheets."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from smartkasa_async.reports.not_read import reading_steps
from smartkasa_async.reports.reconciliation.faults import hryvnias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from smartkasa_async.reports.not_read import NotRead
    from smartkasa_async.reports.reconciliation.differences import Difference
    from smartkasa_async.reports.reconciliation.explanations import Language
    from smartkasa_async.reports.reconciliation.result import Reconciliation, ShopReconciliation

NOT_READ = "—"
"""Stands where nothing is known, since nothing was read."""

_SHOP_HEADERS = {
    "en": ("shop", "shifts", "receipts", "sales", "Z sales", "refunds", "Z refunds", "agrees"),
    "uk": ("магазин", "зміни", "чеки", "продажі", "продажі Z", "повернення", "повернення Z", "сходиться"),
}
_DIFFERENCE_HEADERS = {
    "en": ("shop", "days", "kind", "hryvnias", "explanation"),
    "uk": ("магазин", "дні", "вид", "гривні", "пояснення"),
}
_WORDS = {
    "en": {"yes": "yes", "no": "no", "all": "all shops", "none": "no shop"},
    "uk": {"yes": "так", "no": "ні", "all": "усі магазини", "none": "без магазину"},
}
_CSV_HEADERS = {
    "en": (
        *("severity", "kind", "cause", "shop_id", "registrar", "shift_id", "days"),
        *("figure", "receipts", "other", "amount", "explanation", "receipt_ids", "z_report_ids"),
    ),
    "uk": (
        *("вагомість", "вид", "причина", "id магазину", "реєстратор", "id зміни", "дні"),
        *("показник", "за чеками", "інша сторона", "різниця", "пояснення", "id чеків", "id Z-звітів"),
    ),
}

_KOPECK = Decimal("0.01")


def shop_header(language: Language) -> tuple[str, ...]:
    """Give the headers of the table of shops."""
    return _SHOP_HEADERS[language]


def shop_rows(reconciliation: Reconciliation, language: Language) -> Iterator[tuple[object, ...]]:
    """Give a row for each shop and one for all, hryvnias."""
    words = _WORDS[language]
    lines: list[tuple[str, ShopReconciliation | Reconciliation]] = [
        (shop.title or str(shop.shop_id or words["none"]), shop) for shop in reconciliation.shops
    ]
    lines.append((words["all"], reconciliation))
    for title, one in lines:
        totals = one.totals
        money = map(_money, (totals.sales, totals.z_sales, totals.refunds, totals.z_refunds))
        receipts = NOT_READ if totals.receipts is None else totals.receipts
        yield (title, compared(one), receipts, *money, verdict(one, words["yes"], words["no"]))


def compared(one: ShopReconciliation | Reconciliation) -> int | str:
    """Count the shifts that were compared; of a shop of which not all was read, none says nothing."""
    return len(one.shifts) if one.shifts or one.is_complete else NOT_READ


def verdict(one: ShopReconciliation | Reconciliation, yes: str, no: str) -> str:
    """Say whether a shop agrees, in the words given; of what was not read nothing is said."""
    if one.differences:
        return no
    return yes if one.is_complete else NOT_READ


def _money(amount: Decimal | None) -> str:
    return NOT_READ if amount is None else hryvnias(amount)


def shown_days(days: Sequence[date]) -> str:
    """Write the first and the last of some days; one alone once, none as an empty text."""
    return "…".join(map(str, dict.fromkeys((*days[:1], *days[-1:]))))


def difference_header(language: Language) -> tuple[str, ...]:
    """Give the headers of the table of differences."""
    return _DIFFERENCE_HEADERS[language]


def difference_rows(found: Iterable[Difference], language: Language) -> Iterator[tuple[object, ...]]:
    """Give a row for each difference and notice."""
    for one in found:
        yield (one.shop_id, shown_days(one.days), one.kind, f"{one.amount:+.2f}", one.explain(language))


def csv_header(language: Language) -> tuple[str, ...]:
    """Give the columns of the CSV; the two before the amount are the two sides of a figure."""
    return _CSV_HEADERS[language]


def csv_rows(
    found: Iterable[Difference], not_read: Iterable[NotRead], language: Language, options: Sequence[str] = ()
) -> Iterator[tuple[object, ...]]:
    """Give a row for each figure of each difference and notice, and for each span of days that was not read.

    Args:
        found: The differences and notices.
        not_read: Days that were not read.
        language: Language of the explanations.
        options: Options that the commands are given which read those days.
    """
    for part in not_read:
        (step,) = reading_steps([part], all_shops=(), language=language, options=options)
        words = f"{step.text}: {step.command}" if step.command else step.text
        days = f"{part.start} {part.end}"
        yield ("not_read", part.kind, None, part.shop_id, None, None, days, *(None,) * 4, words, None, None)
    for one in found:
        place = (
            "notice" if one.is_notice else "difference",
            one.kind,
            one.cause,
            one.shop_id,
            one.registrar,
            one.shift_id,
            " ".join(map(str, one.days)),
        )
        behind = (one.explain(language), " ".join(one.receipt_ids), " ".join(map(str, one.z_report_ids)))
        for figure in one.figures:
            yield (*place, figure.name, *map(_exact, (figure.receipts, figure.other, figure.amount)), *behind)
        if not one.figures:
            yield (*place, None, None, None, None, *behind)


def _exact(amount: Decimal) -> Decimal:
    """Give an amount its kopecks, and leave what is finer."""
    rounded = amount.quantize(_KOPECK)
    return rounded if rounded == amount else amount
