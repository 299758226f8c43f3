"""Jobs over services that take bodies in one form alone, with a client of default settings."""

from __future__ import annotations

from typing import Any

import pytest

from smartkasa_async import SmartKasa
from smartkasa_async.catalog import import_products
from smartkasa_async.models import ShopCreate, ShopUpdate
from smartkasa_async.sandbox import Sandbox
from tests.support.catalogue import goods, stored


@pytest.mark.parametrize("wire", ["flat", "enveloped"])
@pytest.mark.parametrize("has_tokens", [False, True])
async def test_jobs_work_out_of_the_box(wire: Any, *, has_tokens: bool) -> None:
    async with Sandbox(wire=wire) as box:
        settings: dict[str, Any] = dict(box.credentials)
        if has_tokens:  # then the first batch finds the form, and not the login
            async with SmartKasa(**box.credentials) as first:
                settings = {"api_key": box.api_key, "base_url": box.url, "session": await first.login()}
        async with SmartKasa(**settings) as kasa:
            outcomes = [outcome async for outcome in import_products(kasa, goods(120))]
            shop = await kasa.shops.create(ShopCreate(title="А"))
            assert (await kasa.shops.update(shop.id, ShopUpdate(title="Б"))).title == "Б"
            assert kasa.wire_form == wire
        assert {str(outcome.kind.value) for outcome in outcomes} == {"created"}
        assert len(stored(box)) == 120
        assert len(box.rows("shops")) == 1
