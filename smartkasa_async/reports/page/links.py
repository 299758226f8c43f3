"""The tax service's page of a receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from smartkasa_async.records.days import KYIV

if TYPE_CHECKING:
    from smartkasa_async.reports.page.facts import PageReceipt

_CHECK = "https://cabinet.tax.gov.ua/cashregs/check"


def check_link(receipt: PageReceipt) -> str | None:
    """Give the address where the tax service shows a receipt; None for one without a fiscal number or a registrar.

    The date is the one in Kyiv, and so is the time, written HHMMSS (inferred).
    """
    if not receipt.fiscal_number or not receipt.registrar:
        return None
    made = receipt.created_at.astimezone(KYIV)
    query = {
        "id": receipt.fiscal_number,
        "date": f"{made:%Y%m%d}",
        "time": f"{made:%H%M%S}",
        "fn": receipt.registrar,
        "sm": f"{receipt.total:.2f}",
    }
    return f"{_CHECK}?{urlencode(query)}"
