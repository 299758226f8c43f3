"""Measures the delay of the service's lists with a test product, which is created, found, and deleted."""

from __future__ import annotations

import asyncio
import secrets
import time
from math import ceil
from typing import TYPE_CHECKING

from smartkasa_async._generated.operations import CREATE_PRODUCT
from smartkasa_async.cli.checks import Check, failed
from smartkasa_async.cli.errors import Exit
from smartkasa_async.cli.messages import _
from smartkasa_async.errors import NotFoundError, SmartKasaError
from smartkasa_async.events import OutcomeUnknownEvent
from smartkasa_async.models import ProductCreate
from smartkasa_async.retry import TRANSIENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from smartkasa_async.client import SmartKasa
    from smartkasa_async.events import Event

LIMIT = 60.0
"""Seconds to wait at most until a list shows what was done."""
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 0.1, 1.0, 1.5
_DELETIONS = 5
_TITLE = "smartkasa doctor: test, delete / тест, видалити"
_SAFETY_FACTOR = 2  # one measurement is no bound
_LATE_SECONDS = 10.0  # for a request that takes effect after its answer was lost


def now() -> float:
    """Return the present moment on a clock of no date, seconds."""
    return time.monotonic()


async def pause(seconds: float) -> None:
    """Wait between two looks."""
    await asyncio.sleep(seconds)


class WriteTest:
    """Creates a test product and deletes it whatever happens in between, as far as the service lets it.

    Args:
        kasa: The client.
        late_write_window: The setting, seconds, that what is measured is compared with.
        note: Takes what is to be known while it works.

    Attributes:
        number: Barcode of the product, which no other one has.
    """

    def __init__(self, kasa: SmartKasa, late_write_window: float, note: Callable[[str], None]) -> None:
        self.number: str = f"doctor-{secrets.token_hex(6)}"
        self._kasa = kasa
        self._late_write_window = late_write_window
        self._note = note
        self._ids: list[str] = []
        self._may_come = False
        self._left: SmartKasaError | None = None

    @property
    def remains(self) -> str:
        """What is left of it in the service, for one who breaks it off."""
        message, hint = self._left_over()
        return f"{message} {hint}" if hint else message

    def _left_over(self) -> tuple[str, str | None]:
        if self._ids:
            message = _("The test product {number} is still in the catalogue.", number=self.number)
            return message, _("Delete it: smartkasa call products.delete --id {id}", id=self._ids[0])
        if self._may_come:
            message = _("The test product {number} may be in the catalogue.", number=self.number)
            hint = _("Look for it: smartkasa call products.list --query number={number}", number=self.number)
            return message, hint
        return _("The test product is not in the catalogue."), None

    async def run(self) -> list[Check]:
        """Run the test; if cancelled, it still deletes the product first."""
        self._note(
            _(
                "The write test creates the product {number} ({title}), waits until the list of products shows it,"
                " deletes it, and waits until the list is without it; {seconds} seconds at most each time.",
                number=self.number,
                title=_TITLE,
                seconds=int(LIMIT),
            )
        )
        shown = vanished = None
        try:
            try:
                await self._create()
                shown = await self._seconds_until(listed=True)
            finally:
                await self._delete_in_any_case()
            if shown is not None and not self._ids:
                vanished = await self._seconds_until(listed=False)
        except SmartKasaError as error:
            return [failed("list_lag", error), *self._deletion()]
        return [judge_lag(shown, vanished, self._late_write_window), *self._deletion()]

    async def _create(self) -> None:
        with self._kasa.listening(self._hear):
            created = await self._kasa.products.create(ProductCreate(title=_TITLE, number=self.number))
        self._ids = [created.id]

    def _hear(self, event: Event) -> None:
        """Note that the create was sent and its outcome is unknown, also if it was cancelled."""
        if isinstance(event, OutcomeUnknownEvent) and event.operation == CREATE_PRODUCT.id:
            self._may_come = True

    async def _look(self) -> list[str]:
        """Ask the list for the product by its barcode, as a create is looked for whose answer was lost."""
        listed = self._kasa.products.list(number=self.number)
        return [product.id async for product in listed if product.number == self.number]

    async def _seconds_until(self, *, listed: bool) -> float | None:
        """Look until the list shows the product, or no longer does; None where it does not come to that."""
        began, wait = now(), _FIRST_PAUSE
        while now() - began < LIMIT:
            try:
                found = await self._look()
            except TRANSIENT:
                found = None
            if found is not None and bool(found) == listed:
                self._ids = found if self._may_come else self._ids
                return now() - began
            await pause(wait)
            wait = min(_LONGEST_PAUSE, wait * _GROWTH)
        return None

    async def _delete_in_any_case(self) -> None:
        """Delete what was created, to the end where it is cancelled meanwhile; cancelled twice, it gives up."""
        deleting = asyncio.ensure_future(self._delete())
        try:
            await asyncio.shield(deleting)
        except asyncio.CancelledError:
            await deleting
            raise

    async def _delete(self) -> None:
        """Delete what was created, also where its answer was lost; keeps what it cannot delete."""
        if self._may_come:
            await self._find()
        for _attempt in range(_DELETIONS):
            if not self._ids:
                break
            try:
                await self._kasa.products.delete(self._ids[0])
            except NotFoundError:
                self._ids.pop(0)
            except SmartKasaError as error:
                self._left = error
                await pause(_LONGEST_PAUSE)
            else:
                self._ids.pop(0)

    async def _find(self) -> None:
        note = _(
            "It is not known whether the test product was created; it is looked for, {seconds} seconds at most.",
            seconds=int(LIMIT),
        )
        self._note(note)
        try:
            await self._seconds_until(listed=True)
        except SmartKasaError as error:
            self._left = error
        if self._ids:
            self._may_come = False

    def _deletion(self) -> list[Check]:
        """Return the state of the product, unless the service refused to create it."""
        if not (self._ids or self._may_come):
            return [Check("test_product", "ok", self.remains)]
        message, hint = self._left_over()
        if self._left is not None:
            message = f"{message} {failed('test_product', self._left).message}"
        return [Check("test_product", "fail", message, hint, Exit.INCOMPLETE)]


def judge_lag(shown: float | None, vanished: float | None, late_write_window: float) -> Check:
    """Compare the measured delay with the setting.

    Args:
        shown: Seconds after which the list showed a new product; None where it did not within `LIMIT`.
        vanished: Seconds after which it no longer showed a deleted one; None likewise.
        late_write_window: The setting, seconds.
    """
    if shown is None:
        message = _("The list of products did not show a new product within {seconds} seconds.", seconds=int(LIMIT))
        hint = _("Ask the vendor how late lists are, and set late_write_window in smartkasa.toml to twice that.")
        return Check("list_lag", "fail", message, hint, Exit.INCOMPLETE)
    if vanished is None:
        message = _(
            "The list of products shows a new product after {shown} s, and a deleted one for more than {seconds} s.",
            shown=f"{shown:.1f}",
            seconds=int(LIMIT),
        )
    else:
        message = _(
            "The list of products shows a new product after {shown} s, and is without a deleted one after {vanished}"
            " s; late_write_window is {setting:g} s.",
            shown=f"{shown:.1f}",
            vanished=f"{vanished:.1f}",
            setting=late_write_window,
        )
    lag = max(shown, LIMIT if vanished is None else vanished)
    wanted = ceil(_SAFETY_FACTOR * lag + _LATE_SECONDS)
    if wanted <= late_write_window:
        return Check("list_lag", "ok", message)
    hint = _(
        "Set late_write_window = {wanted} in smartkasa.toml, or SMARTKASA_LATE_WRITE_WINDOW={wanted}, for imports and"
        " pushes: twice the delay, and {late} seconds for requests that take effect late.",
        wanted=wanted,
        late=int(_LATE_SECONDS),
    )
    return Check("list_lag", "warn", message, hint, Exit.INCOMPLETE)
