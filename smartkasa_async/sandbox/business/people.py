"""People: roles, and employees with Ukrainian names and taxpayer numbers that pass their check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from .identity import taxpayer_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from .model import Row

_FIRST_ROLE_ID: Final = 851
_FIRST_EMPLOYEE_ID: Final = 1299
_FIRST_ADDRESS_ID: Final = 60_001
_ROLES: Final = ("Керівник крамниці", "Старший касир", "Касир")
_MALE, _FEMALE = 1, 2
_LEGAL_ADDRESS_TYPE: Final = 1

_SURNAMES: Final = (
    ("Шевчук", "Шевчук"),
    ("Коваль", "Коваль"),
    ("Бондар", "Бондар"),
    ("Кравець", "Кравець"),
    ("Мельничук", "Мельничук"),
    ("Ткачук", "Ткачук"),
    ("Гончар", "Гончар"),
    ("Савчук", "Савчук"),
    ("Руденко", "Руденко"),
    ("Левченко", "Левченко"),
    ("Панченко", "Панченко"),
    ("Яременко", "Яременко"),
    ("Чорний", "Чорна"),
    ("Білий", "Біла"),
    ("Вишневський", "Вишневська"),
    ("Яворський", "Яворська"),
)
_FIRST_NAMES: Final = (
    ("Андрій", "Богдан", "Василь", "Дмитро", "Іван", "Максим", "Олег", "Остап", "Роман", "Тарас", "Юрій", "Ярослав"),
    ("Ганна", "Дарина", "Ірина", "Катерина", "Леся", "Марія", "Наталія", "Оксана", "Олена", "Софія", "Тетяна", "Юлія"),
)
_PATRONYMICS: Final = (
    ("Андрійович", "Богданович", "Васильович", "Іванович", "Миколайович", "Олегович", "Петрович", "Степанович"),
    ("Андріївна", "Богданівна", "Василівна", "Іванівна", "Миколаївна", "Олегівна", "Петрівна", "Степанівна"),
)
_STREETS: Final = ("вул. Вишнева", "вул. Лугова", "вул. Паркова", "вул. Польова", "вул. Тиха", "пров. Ставковий")
_BIRTHDAYS: Final = (date(1968, 1, 1).toordinal(), date(2004, 12, 31).toordinal())


@dataclass(frozen=True, slots=True)
class Employee:
    """Hold what receipts say of a cashier."""

    id: int
    name: str


def role_rows(created: datetime) -> list[Row]:
    """Return the roles, the cashier's last."""
    return [
        {"id": _FIRST_ROLE_ID + n, "created_at": created, "name": name, "state": 0, "updated_at": created}
        for n, name in enumerate(_ROLES)
    ]


def employee_rows(shop_id: int, places: range, city: str, created: datetime, chance: Random) -> Iterator[Row]:
    """Yield the employees of a shop: a manager, a senior cashier, then cashiers.

    Args:
        shop_id: their shop.
        places: their places among the employees of all shops, from 0.
        city: town of their addresses.
        created: time when the shop was created, UTC.
        chance: the shop's own random generator.
    """
    for number, place in enumerate(places):
        role_id = _FIRST_ROLE_ID + min(number, len(_ROLES) - 1)
        address = _address(place, city, created, chance)
        yield _employee_row(place, created, chance) | {"shop_id": shop_id, "role_id": role_id, "address_legal": address}


def full_name(row: Row) -> str:
    """Return a name as the till prints it: first name, patronymic, surname."""
    return f"{row['first_name']} {row['middle_name']} {row['last_name']}"


def _employee_row(place: int, created: datetime, chance: Random) -> Row:
    gender = chance.choice((_MALE, _FEMALE))
    form = gender - 1
    birthday = date.fromordinal(chance.randint(*_BIRTHDAYS))
    serial = chance.randrange(5000) * 2 + (gender == _MALE)
    return {
        "id": _FIRST_EMPLOYEE_ID + place,
        "additional_phone_number": None,
        "address_actual": None,
        "avatar": None,
        "birthday": datetime.combine(birthday, time(), UTC),
        "created_at": created,
        "email": f"employee{place + 1}@example.com",
        "first_name": chance.choice(_FIRST_NAMES[form]),
        "gender_type_id": gender,
        "inn": taxpayer_number(birthday, serial),
        "joined_at": datetime.combine(created.date() - timedelta(days=chance.randrange(2000)), time(), UTC),
        "last_name": chance.choice(_SURNAMES)[form],
        "middle_name": chance.choice(_PATRONYMICS[form]),
        "notes": None,
        "passport_number": None,
        "passport_serial": None,
        "phone_number": f"38067000{place % 10_000:04d}",
        "pin_code": f"{chance.randrange(10_000):04d}",
        "state": 0,
        "updated_at": created,
    }


def _address(place: int, city: str, created: datetime, chance: Random) -> dict[str, Any]:
    moment = created.isoformat(timespec="milliseconds")
    return {
        "id": _FIRST_ADDRESS_ID + place,
        "address_type_id": _LEGAL_ADDRESS_TYPE,
        "city_id": None,
        "city_name": city,
        "content": f"{chance.choice(_STREETS)}, {chance.randint(1, 99)}",
        "created_at": moment,
        "region_id": None,
        "updated_at": moment,
        "zip_code": f"{chance.randrange(1001, 99_999):05d}",
    }
