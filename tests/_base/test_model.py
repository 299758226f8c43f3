"""What all structs and enums have in common."""

from __future__ import annotations

import copy
import gc
import pickle
from typing import Any

import msgspec
import pytest

from smartkasa_async import models
from smartkasa_async._base.model import Model, OpenIntEnum
from smartkasa_async.models import Employee, ReceiptType, Session, SessionAnswer, SessionCreate, ShiftState

PUBLIC = [getattr(models, name) for name in models.__all__]
STRUCTS = [found for found in PUBLIC if isinstance(found, type) and issubclass(found, Model)]
ENUMS = [found for found in PUBLIC if isinstance(found, type) and issubclass(found, OpenIntEnum)]

for_each_struct = pytest.mark.parametrize("struct", STRUCTS, ids=lambda struct: struct.__name__)

SESSION = {
    "id": None,
    "access": "secret-access",
    "refresh": "secret-refresh",
    "csrf": "secret-csrf",
    "access_expires_at": "2021-03-23T13:51:37+02:00",
    "refresh_expires_at": "2021-04-22T01:20:43+03:00",
}


def made(struct: type[Model]) -> Model:
    """Make a struct with nothing but its required fields, each null."""
    return struct(**{field.name: None for field in msgspec.structs.fields(struct) if field.required})


def secrets_shown(value: Any) -> list[str]:
    """List where a value shows a secret to those who print or inspect it."""
    shown = {"repr": repr(value), "str": str(value), "format": f"{value}", "rich": repr(list(value.__rich_repr__()))}
    return [way for way, text in shown.items() if "secret" in text]


def test_there_are_structs_and_enums() -> None:
    assert len(STRUCTS) > 80
    assert len(ENUMS) == 8


@for_each_struct
def test_struct_is_not_tracked_by_the_garbage_collector(struct: type[Model]) -> None:
    value = made(struct)
    for field in struct.__struct_fields__:
        setattr(value, field, [])

    assert not gc.is_tracked(value)


@pytest.mark.parametrize("struct", [s for s in STRUCTS if s.__struct_fields__], ids=lambda struct: struct.__name__)
def test_struct_takes_keywords_only(struct: type[Model]) -> None:
    with pytest.raises(TypeError, match="positional"):
        struct(*[None] * len(struct.__struct_fields__))


@for_each_struct
def test_struct_and_its_enclosing_module_are_documented(struct: type[Model]) -> None:
    assert (struct.__doc__ or "").endswith(".")
    assert struct.__module__ == "smartkasa_async._generated.structs"


@for_each_struct
def test_struct_survives_pickle_and_copy(struct: type[Model]) -> None:
    value = made(struct)

    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == copy.copy(value) == value  # noqa: S301


def test_secret_fields_are_those_of_the_document() -> None:
    assert {struct.__name__: set(struct.__secret_fields__) for struct in STRUCTS if struct.__secret_fields__} == {
        "SessionCreate": {"password"},
        "Session": {"access", "refresh", "csrf"},
        "Employee": {"pin_code"},
        "EmployeeCreate": {"pin_code"},
        "EmployeeUpdate": {"pin_code"},
    }


def test_secrets_of_a_session_are_hidden() -> None:
    session = msgspec.convert(SESSION, Session)

    assert secrets_shown(session) == []
    assert "access='***'" in repr(session)
    assert "access_expires_at=datetime" in repr(session)


def test_secrets_inside_an_answer_are_hidden() -> None:
    answer = msgspec.convert({"data": SESSION, "meta": {}}, SessionAnswer)

    assert secrets_shown(answer) == []
    assert "secret" not in repr([answer])


def test_password_is_hidden_and_still_sent() -> None:
    session = SessionCreate(phone_number="380960000006", password="secret-password")

    assert secrets_shown(session) == []
    assert session.password == "secret-password"
    assert b"secret-password" in msgspec.json.encode(session)


def test_pin_code_is_hidden_and_its_absence_is_not() -> None:
    employee = {
        "id": 1,
        "first_name": "Олена",
        "state": 0,
        "created_at": "2021-01-01T00:00:00Z",
        "updated_at": "2021-01-01T00:00:00Z",
    }

    assert secrets_shown(msgspec.convert({**employee, "pin_code": "secret"}, Employee)) == []
    assert "pin_code=None" in repr(msgspec.convert({**employee, "pin_code": None}, Employee))
    assert "pin_code" not in repr(msgspec.convert(employee, Employee))


def test_repr_shows_what_is_no_secret() -> None:
    assert repr(models.NumericId(id=5)) == "NumericId(id=5)"


def test_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="timezone"):
        msgspec.convert({**SESSION, "access_expires_at": "2021-03-23T13:51:37"}, Session)


@pytest.mark.parametrize(("code", "name"), [(77, "UNKNOWN_77"), (-5, "UNKNOWN_MINUS_5")])
def test_unknown_code_is_a_usable_member(code: int, name: str) -> None:
    member = ReceiptType(code)

    assert isinstance(member, ReceiptType)
    assert (member, member.name, member.value, int(member)) == (code, name, code, code)
    assert (repr(member), str(member), f"{member:>4}") == (f"<ReceiptType.{name}: {code}>", str(code), f"{code:>4}")
    assert member == ReceiptType(code)
    assert hash(member) == hash(ReceiptType(code)) == hash(code)
    assert {member: "seen"}[ReceiptType(code)] == "seen"
    assert not member.is_known


def test_known_code_is_the_listed_member() -> None:
    assert ReceiptType(3) is ReceiptType.REFUND
    assert ReceiptType.REFUND.is_known
    assert [ReceiptType.REFUND, ReceiptType.SALE] == [3, 0]


def test_unknown_code_is_not_added_to_the_list() -> None:
    before = list(ReceiptType)
    ReceiptType(77)

    assert list(ReceiptType) == before
    assert "UNKNOWN_77" not in ReceiptType.__members__


@pytest.mark.parametrize("member", [ReceiptType.SALE, ReceiptType(77)])
def test_member_survives_pickle_and_copy(member: ReceiptType) -> None:
    for twin in (pickle.loads(pickle.dumps(member)), copy.copy(member), copy.deepcopy(member)):  # noqa: S301
        assert (type(twin), twin, twin.name) == (ReceiptType, member, member.name)


@pytest.mark.parametrize("value", ["77", 77.5, None, b"77"])
def test_what_is_no_code_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid ReceiptType"):
        ReceiptType(value)


@pytest.mark.parametrize("body", [b'"0"', b"0.5", b"null", b"true"])
def test_what_is_no_code_does_not_decode(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=ShiftState)


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_enum_is_documented(enum: type[OpenIntEnum]) -> None:
    assert "Codes that are not listed must be expected." in (enum.__doc__ or "")
    assert all(member.is_known for member in enum)


def test_codes_have_the_values_of_the_api() -> None:
    listed = {enum.__name__: {member.name: member.value for member in enum} for enum in ENUMS}

    assert listed["ReceiptType"] == {
        "SALE": 0,
        "SERVICE_CASH_IN": 1,
        "SERVICE_CASH_OUT": 2,
        "REFUND": 3,
        "CANCELLATION": 4,
        "CASH_WITHDRAWAL": 5,
        "OFFLINE_START": 102,
        "OFFLINE_END": 103,
    }
    assert listed["ReceiptState"] == {"DEFERRED": 1, "PAID": 2, "REFUND": 3}
    assert listed["DiscountType"] == {"PERCENT": 0, "AMOUNT": 1}
    assert listed["ShiftState"] == {"OPEN": 0, "CLOSED": 1, "ARCHIVED": 2}
    assert list(listed["PaymentType"].values()) == [0, 1, 2]
    assert list(listed["TransactionType"].values()) == [0, 1, 2, 3, 4]
    assert listed["ClassifierType"] == {"NONE": 0, "UKTZED": 1, "DKPP": 2}
    assert list(listed["TaxGroup"].values()) == list(range(11))
