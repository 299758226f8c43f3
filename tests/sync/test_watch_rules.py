"""What counts as a change of a receipt, which errors last, and how long a watch pauses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartkasa_async import errors
from smartkasa_async.sync.watch import fingerprint, is_permanent, jittered, next_pause

ROW = {"id": "i-1", "price": "10.5", "sku": None}
RECEIPT: dict[str, Any] = {
    "id": "r-1",
    "state": 1,
    "fiscal_number": None,
    "total_amount": "21.0",
    "items": [ROW, {**ROW, "id": "i-2"}],
    "payment_transactions": [{"id": "p-1", "amount": "21.0", "state": 0, "rrn": None}],
    "tax_amount": {"А": 350, "З": 0.1},
    "updated_at": "2026-10-05T09:00:00.000+00:00",
}


def digest(**changed: Any) -> str:
    return fingerprint(json.dumps({**RECEIPT, **changed}).encode())


def test_form_is_no_change() -> None:
    turned = dict(reversed(RECEIPT.items()))
    turned["items"] = [dict(reversed(row.items())) for row in reversed(RECEIPT["items"])]
    assert fingerprint(json.dumps(turned, indent=2, ensure_ascii=False).encode()) == digest()


@pytest.mark.parametrize("unknown", [b'"\xd0"', b"[" * 600 + b"]" * 600])
def test_what_nobody_can_read_is_compared_byte_by_byte(unknown: bytes) -> None:
    spoilt = json.dumps(RECEIPT).encode()[:-1] + b', "comment": ' + unknown + b"}"
    assert fingerprint(spoilt) == fingerprint(spoilt)
    assert fingerprint(spoilt) != fingerprint(spoilt.replace(b'"state": 1', b'"state": 2'))


def test_a_null_is_as_good_as_a_field_that_is_absent() -> None:
    without = {name: value for name, value in RECEIPT.items() if value is not None}
    assert fingerprint(json.dumps(without).encode()) == digest() == digest(new_field=None)


@pytest.mark.parametrize(
    "changed",
    [
        {"state": 2},
        {"fiscal_number": "16773376"},
        {"total_amount": "21.01"},
        {"updated_at": "2026-10-05T09:00:00.001+00:00"},
        {"payment_transactions": []},
        {"payment_transactions": [{"id": "p-1", "amount": "21.0", "state": 1, "rrn": None}]},
        {"payment_transactions": [{"id": "p-1", "amount": "21.0", "state": 0, "rrn": "162Q"}]},
        {"items": [ROW]},
        {"tax_amount": {"А": 350, "З": 0.11}},
        {"tax_amount": {"А": 350.0000000000000001, "З": 0.1000000000000001}},
        {"new_field": 1},
    ],
)
def test_every_value_counts(changed: dict[str, Any]) -> None:
    assert digest(**changed) != digest()


def test_numbers_are_not_rounded() -> None:
    one, other = (b'{"amount": 0.1%d}' % last for last in (10**20, 10**20 + 1))
    assert fingerprint(one) != fingerprint(other)


def test_rows_without_ids_keep_their_order() -> None:
    assert digest(numbers=[1, 2]) != digest(numbers=[2, 1])


@pytest.mark.parametrize(
    ("error", "lasts"),
    [
        (errors.NotConnectedError("down"), False),
        (errors.ConnectionLostError("cut"), False),
        (errors.CallTimeoutError("late"), False),
        (errors.ServerError("502"), False),
        (errors.RateLimitedError("429"), False),
        (errors.PaginationError("shifted", received=1), False),
        (errors.UnreadableAnswerError("a page of the proxy", path="$", excerpt="<html>"), False),
        (errors.CertificateError("expired"), True),
        (errors.UnauthorizedError("401"), True),
        (errors.ForbiddenError("403"), True),
        (errors.ValidationError("422"), True),
        (errors.SessionError("no credentials"), True),
        (errors.ConfigurationError("no key"), True),
        (errors.InvalidRequestError("no shop", field="shops"), True),
        (errors.ClientClosedError("closed"), True),
        (errors.RedirectRefusedError("302"), True),
        (errors.SmartKasaError("the service does not filter as asked"), False),
    ],
)
def test_what_nobody_mends_lasts(error: Exception, lasts: bool) -> None:
    assert is_permanent(error) is lasts


def pauses(*rounds: bool | Exception) -> list[float]:
    """List the pauses after rounds that brought something, nothing, or an error."""
    pause, chosen = 0.0, []
    for outcome in rounds:
        failed = [outcome] if isinstance(outcome, Exception) else []
        pause = next_pause(pause, interval=4, max_interval=20, came=outcome is True, errors=failed)
        chosen.append(pause)
    return chosen


def test_pauses_grow_while_nothing_comes_and_shrink_at_once() -> None:
    assert pauses(False, False, False, False, False, False, False) == [4, 6, 9, 13.5, 20, 20, 20]
    assert pauses(False, False, True, True, False, False) == [4, 6, 4, 4, 6, 9]


def test_failedwiden_the_pause() -> None:
    down = errors.ServerError("down")
    assert pauses(down, down, down, False, True) == [8, 16, 20, 20, 4]
    assert pauses(True, down, True) == [4, 8, 4]


def test_lists_that_shift_are_those_of_a_busy_shop() -> None:
    assert pauses(True, errors.PaginationError("shifted", received=1), False) == [4, 6, 9]


def test_the_service_may_ask_for_a_longer_pause() -> None:
    assert pauses(errors.RateLimitedError("429", retry_after=90), False) == [90, 20]
    assert pauses(errors.RateLimitedError("429", retry_after=1)) == [8]
    asked = [
        errors.ConnectionLostError("cut"),
        *(errors.ServerError("503", retry_after=wait) for wait in (30, 70, None)),
    ]
    assert next_pause(4, interval=4, max_interval=20, came=True, errors=asked) == 70


@given(st.floats(0.8, 1.2), st.floats(0.01, 600))
def test_jitter_is_a_fifth(drawn: float, pause: float) -> None:
    bounds: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        bounds.append((low, high))
        return drawn

    assert jittered(pause, draw) == pause * drawn
    assert bounds == [(0.8, 1.2)]
