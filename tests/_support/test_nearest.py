"""Names that are like a mistyped one, in the library's own errors."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from smartkasa_async import ConfigurationError, SmartKasa, operations
from smartkasa_async._support.nearest import nearest
from smartkasa_async.settings import Settings
from tests.support.service import make_session


def test_case_hyphens_and_dots_do_not_matter() -> None:
    assert nearest("Base-URL", ["base_url", "wire"]) == ["base_url"]
    assert nearest("products.lst", ["products.list", "shops.list"])[0] == "products.list"
    assert nearest("zzz", ["base_url"]) == []
    assert nearest("", ["base_url"]) == []
    assert len(nearest("list", ["list1", "list2", "list3", "list4"])) == 3


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        (["product"], "products"),
        (["reciepts"], "receipts"),
        (["unittypes"], "unit_types"),
        (["products", "lst"], "list"),
        (["products", "create_many"], "create_batch"),
        (["shops", "udpate"], "update"),
        (["log_in"], "login"),
    ],
)
def test_a_mistyped_area_or_method_names_what_is_like_it(path: list[str], meant: str) -> None:
    thing: Any = SmartKasa(api_key="key", session=make_session())
    for name in path[:-1]:
        thing = getattr(thing, name)
    with pytest.raises(AttributeError, match=f"no attribute '{path[-1]}'; did you mean .*{meant}") as caught:
        getattr(thing, path[-1])
    assert (caught.value.name, caught.value.obj) == (path[-1], None)
    assert not hasattr(thing, path[-1])


def test_what_is_like_nothing_is_a_plain_error() -> None:
    kasa: Any = SmartKasa(api_key="key", session=make_session())
    for name in ("zzzz", "_caller_", "__deepcopy__"):
        with pytest.raises(AttributeError) as caught:
            getattr(kasa, name)
        assert "did you mean" not in str(caught.value)
    assert copy.copy(kasa.products) is not None


@pytest.mark.parametrize(
    ("method", "path", "meant"),
    [
        ("GET", "/api/v1/rsn/shop", "GET /api/v1/rsn/shops"),
        ("POST", "/api/v1/inventory/product", "POST /api/v1/inventory/products"),
    ],
)
def test_a_mistyped_path(method: str, path: str, meant: str) -> None:
    with pytest.raises(LookupError, match=f"did you mean .*{meant}"):
        operations.find(method, path)


@pytest.mark.parametrize(
    ("variable", "given", "meant"),
    [
        ("SMARTKASA_APIKEY", {}, "SMARTKASA_API_KEY"),
        ("SMARTKASA_PASWORD", {"api_key": "k", "phone_number": "380971234567"}, "SMARTKASA_PASSWORD"),
        ("SMARTKASA_PHONE", {"api_key": "k", "password": "p"}, "SMARTKASA_PHONE_NUMBER"),
    ],
)
def test_a_missing_setting_names_the_variable_that_seems_meant(
    variable: str, given: dict[str, Any], meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "PHONE_NUMBER", "PASSWORD"):
        monkeypatch.delenv(f"SMARTKASA_{name}", raising=False)
    monkeypatch.setenv(variable, "s3cret")
    with pytest.raises(
        ConfigurationError, match=f"{variable} is set, and nothing reads it: did you mean {meant}"
    ) as caught:
        Settings(**given)
    assert "s3cret" not in str(caught.value)
