"""What the tests of pushes share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async import RetryPolicy, SmartKasa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async.push import PushOutcome, ReceiptPush
    from smartkasa_async.sandbox import Sandbox

QUICK = RetryPolicy(first_wait=0.01, longest_wait=0.05)
NOWHERE = "5f0c7a52-0000-4000-8000-000000000000"


def impatient(box: Sandbox) -> SmartKasa:
    """A client whose waits are too short to notice."""
    return SmartKasa(**box.credentials, retry=QUICK)


def numbers(*wanted: int) -> list[str]:
    return [f"{number:06}" for number in wanted]


async def told(push: ReceiptPush) -> list[PushOutcome]:
    return sorted([outcome async for outcome in push], key=lambda outcome: outcome.position)


def kinds(outcomes: Sequence[PushOutcome]) -> list[str]:
    return [outcome.kind.value for outcome in outcomes]


def codes(outcomes: Sequence[PushOutcome]) -> list[str | None]:
    return [outcome.problems[0].code if outcome.problems else None for outcome in outcomes]
