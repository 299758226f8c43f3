"""The models of the contender by hand, for pydantic."""

from __future__ import annotations

from types import GenericAlias
from typing import Any, get_args, get_origin, get_type_hints

import pydantic
from msgspec import Struct

from benchmarks.peers.calls import by_hand

__all__ = ["BatchAnswer", "Product", "ProductBatch", "ReceiptPage", "ShopAnswer"]


def _model(struct: type[Struct]) -> type[pydantic.BaseModel]:
    fields: dict[str, Any] = {name: (_typed(hint), ...) for name, hint in get_type_hints(struct).items()}
    return pydantic.create_model(struct.__name__, **fields)


def _typed(hint: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, Struct):
        return _model(hint)
    if get_origin(hint) is list:
        return GenericAlias(list, (_typed(get_args(hint)[0]),))
    return hint


ShopAnswer = _model(by_hand.ShopAnswer)
ReceiptPage = _model(by_hand.ReceiptPage)
Product = _model(by_hand.Product)
ProductBatch = _model(by_hand.ProductBatch)
BatchAnswer = _model(by_hand.BatchAnswer)
