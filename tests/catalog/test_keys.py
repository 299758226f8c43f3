"""Keys of products: the same product has the same key, however it was written."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from smartkasa_async.catalog.source_location import KeyField, key_value_of, key_values_of, normalise_key
from smartkasa_async.models import ProductCreate

keys = st.sampled_from(("number", "alter_number", "remote_id"))


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("number", "0036000291452", "36000291452"),
        ("number", "036000291452", "36000291452"),
        ("number", " А-1 ", "А-1"),
        ("number", "00000000", ""),
        ("alter_number", "007", "007"),
        ("alter_number", "К \u00a0 1", "К 1"),
        ("remote_id", "Ab", "Ab"),
    ],
)
def test_a_key_is_what_tells_products_apart(key: KeyField, text: str, value: str) -> None:
    assert normalise_key(key, text) == value


@given(keys, st.text())
def test_a_key_that_is_normalised_stays_so(key: KeyField, text: str) -> None:
    once = normalise_key(key, text)

    assert normalise_key(key, once) == once
    assert not once.startswith(" ")


def test_a_product_without_the_key_has_an_empty_one() -> None:
    product = ProductCreate(title="Кава", alter_number="К-1")

    assert key_value_of(product, "alter_number") == "К-1"
    assert key_value_of(product, "number") == ""


@pytest.mark.parametrize("odd", ["ПЛУ  5", "", UNSET, "0012", "١٢", "²"])
@pytest.mark.parametrize("key", get_args(KeyField))
def test_keys_of_several_products_are_those_of_each(key: KeyField, odd: str | UnsetType) -> None:
    texts = ("04820000000000", odd, "12")
    products = [ProductCreate(title="Кава", number=text, alter_number=text, remote_id=text) for text in texts]

    assert key_values_of(products, key) == [key_value_of(product, key) for product in products]
