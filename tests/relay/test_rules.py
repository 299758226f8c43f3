"""Which events follow from which facts, and what is news."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from smartkasa_async.relay import EventKind
from smartkasa_async.relay.rules import (
    News,
    Wording,
    event_of_finding,
    events_of_stock,
    find_news,
    findings_to_report,
    stock_to_report,
)
from smartkasa_async.reports import Urgency
from smartkasa_async.reports.lookups import StockLevel
from tests.support.fiscal_records import NOW, REGISTRAR, check, kyiv, session, shift, turnover

UK = Wording("uk", {13: "Крамниця\nна розі"})
EN = Wording("en", {})


def level(name: str, on_hand: str | None, *, shop_id: int = 13, counted: bool = True) -> StockLevel:
    count = None if on_hand is None else Decimal(on_hand)
    return StockLevel(name, f"Товар {name}", f"482{name}", shop_id, None, count, counted, None, None)


def test_a_shift_that_is_open_for_too_long_is_told_before_and_after() -> None:
    for opened, urgency in (("2026-11-19T15:00", "soon"), ("2026-11-19T09:00", "now")):
        ((key, finding),) = findings_to_report(check(shifts=[shift(opened)])).items()
        event = event_of_finding(key, finding, NOW, UK)
        assert event.kind is EventKind.SHIFT_TOO_LONG
        assert (event.data["urgency"], event.data["shift_id"], event.shop_id) == (urgency, "s1", 13)
        headline, figures, advice = event.text.split("\n")
        assert headline == f"Крамниця, {REGISTRAR}: зміна довша за 24 години"
        assert figures.endswith(f"з {opened.replace('T', ' ')} (Київ)")
        assert advice == finding.advice("uk")


def test_a_closed_shift_is_no_news() -> None:
    assert check(shifts=[shift("2026-11-18T09:00", kyiv("2026-11-19T11:00"))])
    assert findings_to_report(check(shifts=[shift("2026-11-18T09:00", kyiv("2026-11-19T11:00"))])) == {}


def test_a_missing_z_report_is_told_even_where_a_later_one_was_made() -> None:
    found = check(turnovers=[turnover("2026-11-18T09:00", "2026-11-18T20:00")])
    past = [replace(one, urgency=Urgency.PAST) for one in found]
    kinds = [event_of_finding(*one, NOW, EN).kind for one in findings_to_report([*found, *past]).items()]
    assert kinds == [EventKind.Z_REPORT_MISSING] * 2


def test_hours_offline_are_told_when_they_are_nearly_used_up() -> None:
    running = session("2026-11-19T06:00", None)
    found = findings_to_report(check(offline=[running]))
    ((key, finding),) = found.items()
    event = event_of_finding(key, finding, NOW, EN)
    assert (event.kind, event.data["urgency"]) == (EventKind.OFFLINE_HOURS, "soon")


def test_a_key_stays_while_a_finding_lasts_and_changes_when_it_becomes_a_breach() -> None:
    def key(hours: int) -> str:
        (found,) = findings_to_report(
            check(kyiv("2026-11-20T08:00") + timedelta(hours=hours), shifts=[shift("2026-11-20T08:00")])
        )
        return found

    assert key(19) == key(23) != key(25) == key(40)


def test_only_kinds_that_are_asked_for_are_told() -> None:
    found = check(shifts=[shift("2026-11-19T09:00")])
    assert findings_to_report(found, {EventKind.Z_REPORT_MISSING}) == {}
    assert len(findings_to_report(found, {EventKind.SHIFT_TOO_LONG})) == 1


@pytest.mark.parametrize(
    ("levels", "minimum", "of_products", "low"),
    [
        ([level("1", "4.5"), level("2", "5"), level("3", "-1")], "5", {}, ["1", "3"]),
        ([level("1", "4")], None, {}, []),
        ([level("1", "4"), level("2", "4")], None, {"4821": "5"}, ["1"]),
        ([level("1", "4"), level("2", "4")], "5", {"1": "2"}, ["2"]),
        ([level("1", None), level("2", "0", counted=False)], "5", {}, []),
    ],
)
def test_stock_below_its_minimum_is_told(
    levels: list[StockLevel], minimum: str | None, of_products: dict[str, str], low: list[str]
) -> None:
    found = stock_to_report(
        levels,
        None if minimum is None else Decimal(minimum),
        {name: Decimal(each) for name, each in of_products.items()},
    )
    assert [one.level.product_id for one in found.values()] == low


def test_what_is_low_is_told_shop_by_shop_and_a_long_list_is_shortened() -> None:
    levels = [level(f"{number}", f"{number}") for number in range(12)] + [level("9", "0.5000", shop_id=14)]
    found = [*stock_to_report(levels, Decimal(20), {}).values()]
    first, second = events_of_stock(found, NOW, UK)
    lines = first.text.split("\n")
    assert lines[0] == "Крамниця\\nна розі: залишки 12 товарів нижчі за мінімум"
    assert lines[3] == "• Товар 2: 2, мінімум 20"
    assert lines[-1] == "… і ще 2"
    assert len(first.data["products"]) == 12
    assert (second.shop_id, second.data["products"][0]["count"]) == (14, "0.5")


def test_news_is_what_was_not_known_and_what_has_passed() -> None:
    known = {"stock:1", "stock:2", "finding:9"}
    assert find_news(["stock:2", "stock:3"], known, "stock", is_whole=True) == News(("stock:3",), ("stock:1",))
    assert find_news(["stock:2", "stock:3"], known, "stock", is_whole=False) == News(("stock:3",), ())
