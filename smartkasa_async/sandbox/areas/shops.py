"""Shops, and who works in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.resource import SHOP_FIELDS, Resource, make_address
from smartkasa_async.sandbox.auth import OWNER_ID
from smartkasa_async.sandbox.calls import Answer, Endpoint
from smartkasa_async.sandbox.storage import Where
from smartkasa_async.sandbox.validation import Form, normal_phone
from smartkasa_async.sandbox.views import View

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call

_FIELDS = (
    "phone_number:text email:text state:integer website_url:text business_category_id:integer? "
    "fiscalization_enabled:flag is_vat_taxation:flag is_excise_taxation:flag"
)
_SHOP = View("shops", SHOP_FIELDS.replace("id ", "id address? ", 1))
_ADDRESS_DEFAULTS = {"address_type_id": 0, "city_name": None, "content": None, "zip_code": None}
_DEFAULTS: dict[str, Any] = {
    "employees_count": 0,
    "fiscal_numbers": [],
    "fiscalization_enabled": False,
    "is_excise_taxation": False,
    "is_vat_taxation": False,
    "owner_id": OWNER_ID,
    "state": 0,
    "terminals_count": 0,
}


class _Shops(Resource):
    path = "/api/v1/rsn/shops"
    envelope = "shop"
    form = Form(
        "Rsn::ShopForm",
        f"title:text! fiscal_numbers:texts {_FIELDS}",
        address=Form("Rsn::ShopAddressForm", "zip_code:text city_name:text content:text"),
    )
    filters = Form("Rsn::ShopForm", f"title:text {_FIELDS}")
    order = "id"
    listed = shown = created = updated = _SHOP
    deleted = View("shops", "id")

    def prepare(self, call: Call, values: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        if "phone_number" in values:
            values["phone_number"] = normal_phone(values["phone_number"])
        if "address" in values:
            stored = before and before["address"]
            values["address"] = make_address(call, values["address"], stored, _ADDRESS_DEFAULTS)
        return values if before else _DEFAULTS | values

    def update_related(self, call: Call, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        if before and after is None:
            call.storage.execute("DELETE FROM cards WHERE shop_id = ?", (before["id"],))
            call.storage.execute("UPDATE terminals SET shop_id = NULL WHERE shop_id = ?", (before["id"],))
            call.storage.execute("UPDATE employees SET shop_id = NULL WHERE shop_id = ?", (before["id"],))


_STAFF = View("shops", "id employees employees_count state title")
_STAFF_MEMBER = View("employees", "id first_name last_name role_id state updated_at shop_id")


def _list_employees(call: Call) -> Answer:
    shops = call.storage.show(_STAFF, tail="ORDER BY id")
    for shop in shops:
        shop["employees"] = []
    staff = {shop["id"]: shop["employees"] for shop in shops}
    where = Where()
    where.within("shop_id", list(staff))
    for member in call.storage.show(_STAFF_MEMBER, where, "ORDER BY id"):
        staff[member.pop("shop_id")].append(member)
    return Answer(shops, {"total_count": len(shops)})


_RESOURCE = _Shops()
ENDPOINTS = (
    Endpoint("GET", "/api/v1/rsn/shops/employees", _list_employees),
    *(_RESOURCE.endpoint(name) for name in ("index", "create", "show", "update", "delete")),
)
