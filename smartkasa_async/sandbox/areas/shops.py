"""Shops, terminals and employees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.resource import (
    SHOP_FIELDS,
    UPLOADED_FILE_FORM,
    Resource,
    adjust_count,
    embed,
    make_address,
    make_picture,
    require_existing,
)
from smartkasa_async.sandbox.auth import OWNER_ID
from smartkasa_async.sandbox.calls import Answer, Call, Endpoint
from smartkasa_async.sandbox.storage import Where
from smartkasa_async.sandbox.validation import Form, normal_phone, refuse_fields
from smartkasa_async.sandbox.views import View

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call

_SHOPS_FIELDS = (
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
        f"title:text! fiscal_numbers:texts {_SHOPS_FIELDS}",
        address=Form("Rsn::ShopAddressForm", "zip_code:text city_name:text content:text"),
    )
    filters = Form("Rsn::ShopForm", f"title:text {_SHOPS_FIELDS}")
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


_SHOPS_RESOURCE = _Shops()
_SHOPS_ENDPOINTS = (
    Endpoint("GET", "/api/v1/rsn/shops/employees", _list_employees),
    *(_SHOPS_RESOURCE.endpoint(name) for name in ("index", "create", "show", "update", "delete")),
)

_FORM = Form("Pos::TerminalForm", "id:integer? name:text shop_id:integer?")
_TERMINAL = View(
    "terminals",
    "id activated_at core_terminal_id created_at name picture? properties serial_number shop_id state updated_at",
)


class _Terminals(Resource):
    path = "/api/v1/pos/terminals"
    envelope = "terminal"
    form = filters = _FORM
    order = "id"
    listed = shown = updated = _TERMINAL
    deleted = View(
        "terminals",
        "id activated_at core_terminal_id created_at name properties serial_number shop_id state updated_at",
    )

    def prepare(self, call: Call, values: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        del before
        require_existing(call, "shops", values, "shop_id")
        return values

    def remove(self, call: Call, before: dict[str, Any]) -> dict[str, Any]:
        if call.storage.query("SELECT 1 FROM shifts WHERE terminal_id = ? AND state = 0", (before["id"],)):
            raise refuse_fields(id="invalid")
        return super().remove(call, before)

    def update_related(self, call: Call, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        left, joined = ((row or {}).get("shop_id") for row in (before, after))
        adjust_count(call, "shops", "terminals_count", before=left, after=joined)


_TERMINALS_RESOURCE = _Terminals()
_TERMINALS_ENDPOINTS = tuple(_TERMINALS_RESOURCE.endpoint(name) for name in ("index", "show", "update", "delete"))

_EMPLOYEES_FIELDS = (
    "phone_number:text email:text last_name:text middle_name:text inn:text passport_serial:text passport_number:text "
    "role_id:integer joined_at:time? birthday:time? gender_type_id:integer notes:text additional_phone_number:text "
    "pin_code:text"
)
_ADDRESS_FORM = Form("Rsn::AddressForm", "zip_code:text content:text")
_ADDRESS_TYPES = {"address_actual": 0, "address_legal": 1}
_PERSON = (
    "birthday created_at email first_name gender_type_id inn joined_at last_name middle_name notes passport_number "
    "passport_serial phone_number"
)
_ROLE = View("roles", "id created_at name state updated_at")


class _Employees(Resource):
    path = "/api/v1/rsn/employees"
    envelope = "employee"
    form = Form(
        "Rsn::EmployeeForm",
        f"first_name:text! {_EMPLOYEES_FIELDS}",
        address_actual=_ADDRESS_FORM,
        address_legal=_ADDRESS_FORM,
        avatar=UPLOADED_FILE_FORM,
    )
    filters = Form("Rsn::EmployeeForm", f"first_name:text {_EMPLOYEES_FIELDS}")
    order = "id"
    listed = View("employees", f"id additional_phone_number {_PERSON} role role_id state updated_at")
    shown = View("employees", f"id additional_phone_number {_PERSON} pin_code role role_id state updated_at")
    created = View(
        "employees",
        f"id additional_phone_number address_legal? avatar? {_PERSON} pin_code role role_id state updated_at",
    )
    updated = View("employees", f"id additional_phone_number avatar? {_PERSON} pin_code role_id state updated_at")
    deleted = View("employees", "id")

    def prepare(self, call: Call, values: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        for field in values.keys() & {"phone_number", "additional_phone_number"}:
            values[field] = normal_phone(values[field])
        for field, type_id in _ADDRESS_TYPES.items():
            if field in values:
                values[field] = make_address(call, values[field], before and before[field], _address_defaults(type_id))
        if "avatar" in values:
            values["avatar"] = make_picture(values["avatar"])
        return values if before else {"state": 0} | values

    def update_related(self, call: Call, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
        left, joined = ((row or {}).get("shop_id") for row in (before, after))
        adjust_count(call, "shops", "employees_count", before=left, after=joined)

    def complete(self, call: Call, view: View, rows: list[dict[str, Any]]) -> None:
        if view is self.updated:
            for row in rows:
                row["pin_code"] = None  # recorded: an update answers null, whatever is stored
        elif view is not self.deleted:
            embed(call, rows, _ROLE, field="role", key="role_id")


def _address_defaults(type_id: int) -> dict[str, Any]:
    nothing = dict.fromkeys(("city_id", "city_name", "content", "region_id", "zip_code"))
    return {"address_type_id": type_id, **nothing}


_EMPLOYEES_RESOURCE = _Employees()
_EMPLOYEES_ENDPOINTS = tuple(
    _EMPLOYEES_RESOURCE.endpoint(name) for name in ("index", "create", "show", "update", "delete")
)

ENDPOINTS = (*_SHOPS_ENDPOINTS, *_TERMINALS_ENDPOINTS, *_EMPLOYEES_ENDPOINTS)
