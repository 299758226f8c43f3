"""The natural key of a product: what it is found by in the service, whoever wrote it down and however."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from smartkasa_async.models import Product, ProductCreate

KeyField = Literal["number", "alter_number", "remote_id"]
"""What a product can be found by: its barcode, its article, or its id in the user's own system."""


def normalise_key(key: KeyField, text: str) -> str:
    """Reduce a key to what tells products apart.

    Args:
        key: Which key it is.
        text: The key as it was written.

    Returns:
        A barcode without its leading zeros, since by GS1 the zeros only fill a shorter code up to 14 digits; anything
        else with single spaces and its case kept. Empty where there is no key.
    """
    join_messages = " ".join(text.split())
    if key == "number" and join_messages.isascii() and join_messages.isdigit():
        return join_messages.lstrip("0")
    return join_messages


def key_value_of(product: Product | ProductCreate, key: KeyField) -> str:
    """Return the normalised key of a product of the service, or of one to create; empty where it has none."""
    text = getattr(product, key)
    return normalise_key(key, str(text)) if text else ""


def key_of_keyless(title: str) -> str:
    """Make what a product without a key is kept under; no key begins with a space."""
    return f" {title}"


def key_of_id(product_id: str) -> str:
    """Make what a row is kept under that is known by nothing but its product's id; no key begins with a tab."""
    return f"\t{product_id}"
