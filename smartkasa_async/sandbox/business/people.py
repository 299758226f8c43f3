"""People: roles, and employees with Ukrainian names and taxpayer numbers that pass their check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from smartkasa_async.sandbox.business.goods import WORDS
from smartkasa_async.sandbox.business.identity import taxpayer_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from smartkasa_async.sandbox.schema import Row

_FIRST_ROLE_ID: Final = 851
_FIRST_EMPLOYEE_ID: Final = 1299
_FIRST_ADDRESS_ID: Final = 60_001
_MALE, _FEMALE = 1, 2
_LEGAL_ADDRESS_TYPE: Final = 1

_NAMES: Final = WORDS["names"]
_STREETS: Final = WORDS["streets"]
_ROLES: Final = WORDS["roles"]
_BIRTHDAYS: Final = (date(1968, 1, 1).toordinal(), date(2004, 12, 31).toordinal())


@dataclass(frozen=True, slots=True)
class Employee:
    """A cashier as receipts show them."""

    id: int
    name: str


def role_rows(created: datetime) -> list[Row]:
    """Return the roles, the cashier's last."""
    return [
        {"id": _FIRST_ROLE_ID + n, "created_at": created, "name": name, "state": 0, "updated_at": created}
        for n, name in enumerate(_ROLES)
    ]


def employee_rows(shop_id: int, indexes: range, city: str, created: datetime, rng: Random) -> Iterator[Row]:
    """Yield the employees of a shop: a manager, a senior cashier, then cashiers.

    Args:
        shop_id: Their shop.
        indexes: Their indexes among the employees of all shops, from 0.
        city: Town of their addresses.
        created: Time when the shop was created, UTC.
        rng: The shop's own random generator.
    """
    for number, index in enumerate(indexes):
        role_id = _FIRST_ROLE_ID + min(number, len(_ROLES) - 1)
        address = _address(index, city, created, rng)
        yield _employee_row(index, created, rng) | {"shop_id": shop_id, "role_id": role_id, "address_legal": address}


def full_name(row: Row) -> str:
    """Return a name as the till prints it: first name, patronymic, surname."""
    return f"{row['first_name']} {row['middle_name']} {row['last_name']}"


def _employee_row(index: int, created: datetime, rng: Random) -> Row:
    gender = rng.choice((_MALE, _FEMALE))
    form = gender - 1
    birthday = date.fromordinal(rng.randint(*_BIRTHDAYS))
    serial = rng.randrange(5000) * 2 + (gender == _MALE)
    return {
        "id": _FIRST_EMPLOYEE_ID + index,
        "additional_phone_number": None,
        "address_actual": None,
        "avatar": None,
        "birthday": datetime.combine(birthday, time(), UTC),
        "created_at": created,
        "email": f"employee{index + 1}@example.com",
        "first_name": rng.choice(_NAMES["first_names"][form]),
        "gender_type_id": gender,
        "inn": taxpayer_number(birthday, serial),
        "joined_at": datetime.combine(created.date() - timedelta(days=rng.randrange(2000)), time(), UTC),
        "last_name": rng.choice(_NAMES["surnames"])[form],
        "middle_name": rng.choice(_NAMES["patronymics"][form]),
        "notes": None,
        "passport_number": None,
        "passport_serial": None,
        "phone_number": f"38067000{index % 10_000:04d}",
        "pin_code": f"{rng.randrange(10_000):04d}",
        "state": 0,
        "updated_at": created,
    }


def _address(index: int, city: str, created: datetime, rng: Random) -> dict[str, Any]:
    moment = created.isoformat(timespec="milliseconds")
    return {
        "id": _FIRST_ADDRESS_ID + index,
        "address_type_id": _LEGAL_ADDRESS_TYPE,
        "city_id": None,
        "city_name": city,
        "content": f"{rng.choice(_STREETS)}, {rng.randint(1, 99)}",
        "created_at": moment,
        "region_id": None,
        "updated_at": moment,
        "zip_code": f"{rng.randrange(1001, 99_999):05d}",
    }
