"""The employees of shops."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smartkasa_async.sandbox.areas.resource import (
    UPLOADED_FILE_FORM,
    Resource,
    adjust_count,
    embed,
    make_address,
    make_picture,
)
from smartkasa_async.sandbox.validation import Form, normal_phone
from smartkasa_async.sandbox.views import View

if TYPE_CHECKING:
    from smartkasa_async.sandbox.calls import Call


_FIELDS = (
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
        f"first_name:text! {_FIELDS}",
        address_actual=_ADDRESS_FORM,
        address_legal=_ADDRESS_FORM,
        avatar=UPLOADED_FILE_FORM,
    )
    filters = Form("Rsn::EmployeeForm", f"first_name:text {_FIELDS}")
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


_RESOURCE = _Employees()
ENDPOINTS = tuple(_RESOURCE.endpoint(name) for name in ("index", "create", "show", "update", "delete"))
