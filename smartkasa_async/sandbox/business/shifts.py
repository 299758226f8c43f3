"""Shifts: which ones a day has, and what happens in one, in the order of time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from smartkasa_async.sandbox.business.baskets import fill_basket
from smartkasa_async.sandbox.business.codes import CANCELLATION, CASH_WITHDRAWAL, REFUND, SALE
from smartkasa_async.sandbox.business.hours import demand, visits, working_hours
from smartkasa_async.sandbox.business.identity import uuid
from smartkasa_async.sandbox.business.receipts import Shift
from smartkasa_async.sandbox.business.register import Register

if TYPE_CHECKING:
    from datetime import date, datetime

    from smartkasa_async.sandbox.business.register import Ledger
    from smartkasa_async.sandbox.business.shops import Shop

_STOCKTAKING_CHANCE: Final = 0.01
_SPLIT_CHANCE: Final = 0.06
_IDLE_CHANCE: Final = 0.02
_EMPTY_SHIFT_CHANCE: Final = 0.5

_DEFERRAL: Final = -1
_WISHES: Final = (SALE, REFUND, CASH_WITHDRAWAL, CANCELLATION, _DEFERRAL)
_WISH_WEIGHTS: Final = (940, 30, 15, 7, 8)

_OFFLINE_CHANCE: Final = 0.08
_OFFLINE_SALES: Final = (2, 8)

_MILLISECOND: Final = timedelta(milliseconds=1)
_SERVICE_DELAY: Final = timedelta(seconds=30)
_TAKINGS_LEAD: Final = timedelta(minutes=2)
_FLOAT: Final = 1000_00
_LEAST_FLOAT: Final = 500_00
_TEN_HRYVNIAS: Final = 10_00
_KEPT: Final = (0, 0, 200_00, 700_00)
_TAKE_OUT_CHANCE: Final = 0.85
_WITHDRAWN: Final = (1, 10)
_HUNDRED_HRYVNIAS: Final = 100_00


def work_day(shop: Shop, day: date, average: int, ledger: Ledger) -> None:
    """Work a shop through a day: none at all on its closed weekday and, rarely, when stock is taken.

    Args:
        shop: The shop.
        day: Day in Europe/Kyiv.
        average: Customers on an average day.
        ledger: Takes the rows.
    """
    rng = shop.rng
    if day.weekday() == shop.profile.closed_weekday or rng.random() < _STOCKTAKING_CHANCE:
        return
    customers = demand(day, average, rng)
    for till, share in zip(shop.tills, _shares(customers, len(shop.tills)), strict=True):
        hours = working_hours(shop.profile, day, rng, split=rng.random() < _SPLIT_CHANCE)
        for (opens, closes), count in zip(hours, _shares(share, len(hours)), strict=True):
            idle = rng.random() < _IDLE_CHANCE
            if count or rng.random() < _EMPTY_SHIFT_CHANCE:
                shift = Shift(uuid(rng), shop.id, till, rng.choice(shop.cashiers), opens, closes)
                _work_shift(shop, shift, 0 if idle else count, ledger)


def _shares(whole: int, parts: int) -> list[int]:
    """Divide customers: the first part gets the most, each further one less."""
    weights = range(parts + 1, 1, -1)
    least = [whole * weight // sum(weights) for weight in weights]
    return [least[0] + whole - sum(least), *least[1:]]


def _work_shift(shop: Shop, shift: Shift, customers: int, ledger: Ledger) -> None:
    """Work a shift from the float that is put in to the takings that are taken out."""
    rng = shop.rng
    register = Register(shop, shift, ledger)
    if register.drawer < _LEAST_FLOAT or not customers:
        missing = max(_FLOAT - register.drawer, _TEN_HRYVNIAS)
        register.put_in(shift.opened + _SERVICE_DELAY, -(-missing // _TEN_HRYVNIAS) * _TEN_HRYVNIAS)
    _serve_all(shop, register, visits(shift.opened, shift.closed, customers, rng))
    if rng.random() < _TAKE_OUT_CHANCE:
        takings = (register.drawer - rng.choice(_KEPT)) // _TEN_HRYVNIAS * _TEN_HRYVNIAS
        if takings > 0:
            register.take_out(shift.closed - _TAKINGS_LEAD, takings)
    register.close()


def _serve_all(shop: Shop, register: Register, times: list[datetime]) -> None:
    """Serve the customers of a shift, through an outage of the network if there is one."""
    first_offline, last_offline = _outage(shop, len(times))
    for index, at in enumerate(times):
        if index == first_offline:
            register.go_offline(_between(times[index - 1], at))
        if first_offline <= index <= last_offline:
            register.sell(at, fill_basket(shop.shelf, shop.rng))
        else:
            _serve(shop, register, at)
        if index == last_offline:
            register.go_online(_between(at, times[index + 1]))


def _outage(shop: Shop, customers: int) -> tuple[int, int]:
    """Return the indexes of the first and the last customer while the till is offline; negative for no outage."""
    length = shop.rng.randint(*_OFFLINE_SALES)
    if customers < length + 2 or shop.rng.random() >= _OFFLINE_CHANCE:
        return -1, -2
    first = shop.rng.randrange(1, customers - length)
    return first, first + length - 1


def _between(before: datetime, after: datetime) -> datetime:
    """Return a time between two visits, in whole milliseconds as the service stores them."""
    return before + (after - before) // _MILLISECOND // 2 * _MILLISECOND


def _serve(shop: Shop, register: Register, at: datetime) -> None:
    """Serve one customer; where something cannot be done, the customer buys."""
    rng = shop.rng
    wish = rng.choices(_WISHES, _WISH_WEIGHTS)[0]
    if wish == REFUND and register.refund(at):
        return
    if wish == CASH_WITHDRAWAL and shop.profile.hands_out_cash:
        amount = rng.randint(*_WITHDRAWN) * _HUNDRED_HRYVNIAS
        if amount <= register.drawer:
            register.hand_out(at, amount)
            return
    basket = fill_basket(shop.shelf, rng)
    if wish == CANCELLATION:
        register.sell_and_cancel(at, basket)
    elif wish == _DEFERRAL:
        register.defer(at, basket)
    else:
        register.sell(at, basket)
