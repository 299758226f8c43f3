"""Push receipts that were made elsewhere into the service: each once, in each registrar's order.

They are checked and written down before they are sent, and looked up before they are resent.
"""

from __future__ import annotations

from smartkasa_async.push.checks import check_totals
from smartkasa_async.push.outcomes import PushKind, PushOutcome, PushProblem, PushStoppedError, PushSummary, ReceiptKey
from smartkasa_async.push.pushing import ReceiptPush, push_receipts

__all__ = [
    "PushKind",
    "PushOutcome",
    "PushProblem",
    "PushStoppedError",
    "PushSummary",
    "ReceiptKey",
    "ReceiptPush",
    "check_totals",
    "push_receipts",
]
