"""Arguments of a push that have a value they cannot have are named before anything begins."""

from __future__ import annotations

from typing import Any

import pytest

from smartkasa_async import InvalidRequestError, SmartKasa
from smartkasa_async.push import push_receipts
from smartkasa_async.records import CashRounding


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 2.5),
        ("batch_size", "5"),
        ("batch_size", True),
        ("concurrency", None),
        ("late_write_window", None),
        ("late_write_window", float("nan")),
        ("rounding", CashRounding.TO_10),
        ("rounding", [5]),
        ("rounding", "TO_10"),
    ],
)
async def test_wrong_arguments_are_named(name: str, value: Any) -> None:
    kasa = SmartKasa(api_key="key", base_url="http://127.0.0.1:1")
    with pytest.raises(InvalidRequestError, match=f"{name} is") as caught:
        push_receipts(kasa, [], **{name: value})

    assert caught.value.field == name
