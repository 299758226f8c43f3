"""The checks of arguments: each names the argument, and takes what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async._support.arguments import check_choice, check_seconds, check_whole, chosen_shops
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (check_whole, 0),
        (check_whole, 1.0),
        (check_whole, True),
        (check_whole, "5"),
        (check_whole, None),
        (check_seconds, -1),
        (check_seconds, float("nan")),
        (check_seconds, "5"),
        (check_seconds, False),
    ],
)
def test_what_is_no_such_number_is_refused_by_name(check: Callable[[str, object], None], value: object) -> None:
    with pytest.raises(InvalidRequestError, match=r"^days is .*; give ") as caught:
        check("days", value)
    assert caught.value.field == "days"


def test_what_is_meant_passes() -> None:
    check_whole("days", 1)
    check_whole("days", 0, least=0)
    check_seconds("days", 0)
    check_seconds("days", 0.5)
    check_choice("mode", "create", ("create", "mirror"))
    with pytest.raises(InvalidRequestError, match="mode is 'all'; give one of create, mirror"):
        check_choice("mode", "all", ("create", "mirror"))


def test_shops_are_whole_numbers() -> None:
    assert chosen_shops(None) is None
    assert chosen_shops(shop for shop in (3, 5, 3)) == frozenset({3, 5})


@pytest.mark.parametrize("shops", [5, "12", b"12", [], ["1"], [True], [None], [[1]]])
def test_shops_that_are_none_are_refused(shops: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"shops .*; give ids of shops") as caught:
        chosen_shops(shops)
    assert caught.value.field == "shops"
