"""Days that were not read into the store: reports leave them out; and the commands that read them."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from smartkasa_async._i18n.message import N_, NP_, msg
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async.jobs.results import TableResult
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window, business_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from smartkasa_async.records.synced_days import DaysRead

_ONE_DAY = timedelta(days=1)
COMMANDS = {
    RecordKind.RECEIPTS: "smartkasa receipts sync",
    RecordKind.SHIFTS: "smartkasa receipts sync",
    RecordKind.Z_REPORTS: "smartkasa reports z",
    RecordKind.PRODUCT_SALES: "smartkasa reports sales",
}
"""The commands that read days."""
_KINDS = {
    RecordKind.RECEIPTS: N_("receipts"),
    RecordKind.SHIFTS: N_("the list of shifts"),
    RecordKind.Z_REPORTS: N_("Z-reports"),
    RecordKind.PRODUCT_SALES: NP_("report", "product sales"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """Business days of which a kind of record was not read whole, so that nothing is known of them.

    Attributes:
        kind: The kind of records.
        shop_id: Id of the shop; None for a list of the whole account.
        start: First day, in Europe/Kyiv.
        end: Last day, included.
        is_to_come: Whether the days are yet to come, so that nothing can read them now.
    """

    kind: RecordKind
    shop_id: int | None
    start: date
    end: date
    is_to_come: bool = False

    @property
    def window(self) -> Window:
        """The days."""
        return Window(self.start, self.end)


class ReadingStep(NamedTuple):
    """What was not read, in words, and the command that reads it; None for days that are yet to come."""

    text: str
    command: str | None

    def __str__(self) -> str:
        return f"{self.text}: {self.command}" if self.command else self.text


class StoreReport(TableResult):
    """A report on a store, of which not all days may have been read."""

    __slots__ = ()

    @property
    def not_read(self) -> tuple[NotRead, ...]:
        """Days that were not read whole, so that the report leaves them out."""
        raise NotImplementedError

    @property
    def is_complete(self) -> bool:
        """Whether all days were read."""
        return not self.not_read

    def reading_steps(self, language: Language = "en", options: Sequence[str] = ()) -> list[ReadingStep]:
        """Describe what was not read, each part with the command that reads it.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
            options: Options that every command is given, such as those that name the store.
        """
        return reading_steps(self.not_read, all_shops=self._shop_ids(), language=language, options=options)

    def table(self, language: Language = "en") -> str:
        """Lay the result out for reading: its tables, its notes, and what was not read with the commands that read it.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
        """
        steps = map(str, self.reading_steps(language))
        return "\n".join([*filter(None, [super().table(language)]), *steps])

    def _shop_ids(self) -> Collection[int]:
        """Return the ids of the shops that were asked for."""
        raise NotImplementedError


def find_not_read(
    read: DaysRead, kinds: Iterable[RecordKind], shops: Iterable[int | None], window: Window, now: datetime
) -> Iterator[NotRead]:
    """Yield the days of a window that were not read, by kind and shop, those yet to come apart.

    Args:
        read: What was read.
        kinds: Kinds of records that are needed.
        shops: Ids of the shops; None among them for what no shop is known of.
        window: The days that are asked for.
        now: The present moment, aware.
    """
    today = business_day(now)
    for kind in kinds:
        for shop_id in shops:
            for missing in read.not_read(kind, shop_id, window, now):
                for part, is_to_come in _parted(missing, today):
                    yield NotRead(kind=kind, shop_id=shop_id, start=part.start, end=part.end, is_to_come=is_to_come)


def _parted(window: Window, today: date) -> Iterator[tuple[Window, bool]]:
    if window.start <= today:
        yield Window(window.start, min(window.end, today)), False
    if window.end > today:
        yield Window(max(window.start, today + _ONE_DAY), window.end), True


def reading_steps(
    not_read: Iterable[NotRead], *, all_shops: Collection[int], language: Language = "en", options: Sequence[str] = ()
) -> list[ReadingStep]:
    """Describe what was not read, shops with the same days together, each with the command that reads it.

    Args:
        not_read: What was not read.
        all_shops: Ids of the shops that were asked for; where none of them was read they are not listed one by one.
        language: English (`en`) or Ukrainian (`uk`).
        options: Options that every command is given, such as those that name the store.
    """
    groups: dict[tuple[RecordKind, date, date, bool], list[int]] = {}
    for one in not_read:
        found = groups.setdefault((one.kind, one.start, one.end, one.is_to_come), [])
        if one.shop_id is not None:
            found.append(one.shop_id)
    steps = (_step(*group, shops, all_shops, language, options) for group, shops in groups.items())
    return list(dict.fromkeys(steps))


def _step(  # noqa: PLR0917 a group and its shops
    kind: RecordKind,
    start: date,
    end: date,
    is_to_come: bool,  # noqa: FBT001
    shops: Sequence[int],
    all_shops: Collection[int],
    language: Language,
    options: Sequence[str],
) -> ReadingStep:
    listed = () if shops and set(shops) == set(all_shops) else tuple(dict.fromkeys(shops))
    ids = ", ".join(map(str, listed))
    of_shops = msg(", shop {shops}", shops=ids) if len(listed) == 1 else msg(", shops {shops}", shops=ids)
    named = {"days": f"{start}" if start == end else f"{start}…{end}", "shops": of_shops if listed else ""}
    if is_to_come:
        return ReadingStep(in_language(msg("not over yet: {days}{shops}", **named), language), None)
    text = msg("not read: {kind} of {days}{shops}", kind=in_language(_KINDS[kind], language), **named)
    flags = ["--start", f"{start}", "--end", f"{end}", *(part for id_ in listed for part in ("--shop", f"{id_}"))]
    return ReadingStep(in_language(text, language), f"{COMMANDS[kind]} {shlex.join([*flags, *options])}")
