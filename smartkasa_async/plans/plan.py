"""A plan: what is to be changed, from what to what, as a file that people read and compare."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta  # noqa: TC003  (msgspec resolves annotations)
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from smartkasa_async._i18n.message import N_, msg, nmsg
from smartkasa_async._i18n.safe_text import one_line
from smartkasa_async._i18n.translate import Language, in_language
from smartkasa_async._support import clock as _clock
from smartkasa_async._support.files import replace_file
from smartkasa_async.catalog.problems import describe_row
from smartkasa_async.catalog.sources.fields import Field, name_of_field
from smartkasa_async.errors import SmartKasaError
from smartkasa_async.plans.effects import (
    LargestChange,
    change_in_percent,
    effect_of,
    factor_of,
    largest_changes,
    signed_percent,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping, Sequence

    from smartkasa_async._i18n.message import Message
    from smartkasa_async.catalog.problems import Problem

PlanKind = Literal["prices", "stock", "catalog"]
"""What a plan changes: prices; counts of stock cards; or all else of a product. Nothing else can be in one."""

_CODE_DIGITS = 6
_MOST_SHOWN = 20

KINDS: dict[str, str] = {
    "prices": N_("prices"),
    "stock": N_("counts in stock"),
    "catalog": N_("catalogue"),
}


class PlanError(SmartKasaError):
    """A plan cannot be read, or cannot be applied or undone; nothing was changed."""


class PlanOutdatedError(PlanError):
    """The service has changed since the plan was made; nothing was changed.

    Attributes:
        problems: What changed, a problem for each product or card: what it was, is, and was to be.
    """

    def __init__(self, message: str, *, problems: Sequence[Problem]) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class PlannedChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is to be changed of one product or stock card.

    Attributes:
        line: Line of the source on which its row begins; the row's number where it is no file.
        key: What the source calls it: barcode, article, or id.
        id: Id of the product, or of the stock card, in the service.
        title: Title of the product.
        before: What it has, by the names of fields: amounts as text, hryvnias with kopecks.
        after: What it is to have; other fields stay as they are.
        price: Sale price, hryvnias, where counts are planned; None where it is not known.
        on_hand: Count in all shops, where prices are planned; None where it is not known.
        warnings: What is doubtful about it, in English and Ukrainian.
    """

    line: int
    key: str
    id: str
    title: str
    before: dict[str, Any]
    after: dict[str, Any]
    price: str | None = None
    on_hand: str | None = None
    warnings: tuple[tuple[str, str], ...] = ()

    def describe(self, language: Language = "en", categories: Mapping[str, str] = MappingProxyType({})) -> str:
        """Describe the change in one line: `4820… Кава: price 45.00 → 49.50 (+10%)`.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
            categories: Paths of categories by their ids.
        """
        parts = []
        for name, after in self.after.items():
            before = self.before.get(name)
            percent = change_in_percent(before, after) if name in {Field.PRICE, Field.COUNT} else None
            share = "" if percent is None else f" ({signed_percent(percent)}%)"
            parts.append(
                f"{_field_name(name, language)} {shown(before, categories)} → {shown(after, categories)}{share}"
            )
        warnings = [uk if language == "uk" else en for en, uk in self.warnings]
        return "; ".join([f"{self.key} {self.title}: {', '.join(parts)}".strip(), *warnings])

    def factor(self) -> float:
        """Return how many times more or less a price or a count becomes; infinite for what becomes nothing, or was."""
        amounts = [(self.before.get(name), self.after.get(name)) for name in (Field.PRICE, Field.COUNT)]
        return max(factor_of(before, after) for before, after in amounts)

    def __str__(self) -> str:
        return one_line(self.describe())


class RefusedRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row that is not planned.

    Attributes:
        line: Line of the source on which it begins; the row's number where it is no file.
        key: What the source calls it.
        code: Name of the broken rule.
        reason_en: What is wrong and what to do, in English.
        reason_uk: The same in Ukrainian.
    """

    line: int
    key: str
    code: str
    reason_en: str
    reason_uk: str

    @classmethod
    def of(cls, line: int, key: str, problems: Sequence[Problem]) -> RefusedRow:
        """Make it of what is wrong with a row, at least one problem."""
        return cls(
            line=line,
            key=key,
            code=problems[0].code,
            reason_en=describe_row(problems, "en"),
            reason_uk=describe_row(problems, "uk"),
        )

    def reason(self, language: Language = "en") -> str:
        """Return what is wrong and what to do."""
        return self.reason_en if language == "en" else self.reason_uk


class PlanCounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many rows a plan is made of.

    Attributes:
        rows: Rows of the source.
        changes: Rows that change something.
        unchanged: Rows whose products or cards are already as they are to be.
        refused: Rows that are not planned.
    """

    rows: int
    changes: int
    unchanged: int
    refused: int


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed.

    Attributes:
        format: Name of the form of the file.
        id: What it is called by, at random.
        code: What whoever approves it types, at random; programs that propose plans do not see it.
        undo_code: The same for undoing it.
        kind: What it changes: `prices`, `stock` or `catalog`.
        made_at: When it was made, UTC.
        expires_at: Until when it can be applied, UTC.
        account: Beginning of the digest by which the account is known that it was made for.
        shop_id: Shop whose counts it sets; None for other kinds.
        source: Name of the file that it was made of; empty where the rows came from a program.
        is_undo: Whether it sets back what the plan with this id changed; such plans come from `read_undo` alone.
        counts: How many rows it is made of.
        largest_by_percent: The largest change of a price or a count, in per cent; None where there is none.
        largest_by_hryvnias: The same in hryvnias.
        effect: Total effect, hryvnias: of prices, what the stock on hand is then worth more, or less; of counts, the
            same by sale prices; None where nothing of this is known.
        categories: Paths of the categories that it names, by their ids.
        changes: What is to be changed, in the order of the source.
        refused: Rows that are not planned, in the order of the source.
        hash: Digest of all of the above, by which it is seen that nobody changed the file.
    """

    format: Literal["smartkasa-plan-1"] = "smartkasa-plan-1"
    id: str
    code: str
    undo_code: str
    kind: PlanKind
    made_at: datetime
    expires_at: datetime
    account: str
    shop_id: int | None = None
    source: str = ""
    is_undo: bool = False
    counts: PlanCounts
    largest_by_percent: LargestChange | None = None
    largest_by_hryvnias: LargestChange | None = None
    effect: str | None = None
    categories: dict[str, str] = {}
    changes: tuple[PlannedChange, ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    hash: str = ""

    @classmethod
    def of(
        cls,
        kind: PlanKind,
        changes: Iterable[PlannedChange],
        refused: Iterable[RefusedRow],
        *,
        unchanged: int,
        account: str,
        valid_for: timedelta,
        **facts: Any,
    ) -> Plan:
        """Make a plan of what was found, with its sums and its digest."""
        planned = tuple(sorted(changes, key=lambda one: one.line))
        left_out = tuple(sorted(refused, key=lambda one: one.line))
        percent, amount = largest_changes(planned)
        now = _clock.now().replace(microsecond=0)
        counts = PlanCounts(
            rows=len(planned) + len(left_out) + unchanged,
            changes=len(planned),
            unchanged=unchanged,
            refused=len(left_out),
        )
        plan = cls(
            id=secrets.token_hex(6),
            code=_random_code(),
            undo_code=_random_code(),
            kind=kind,
            made_at=now,
            expires_at=now + valid_for,
            account=account_mark(account),
            counts=counts,
            largest_by_percent=percent,
            largest_by_hryvnias=amount,
            effect=effect_of(planned),
            changes=planned,
            refused=left_out,
            **facts,
        )
        return plan.hashed()

    def hashed(self) -> Plan:
        """Return the plan with its digest as its hash."""
        return msgspec.structs.replace(self, hash=self.digest())

    def digest(self) -> str:
        """Return the digest of all but the hash itself."""
        bare = msgspec.structs.replace(self, hash="")
        return sha256(msgspec.json.encode(bare, order="sorted")).hexdigest()

    def write(self, path: str | os.PathLike[str]) -> Path:
        """Write the plan as JSON that people can read, and compare line by line; other users cannot read it.

        Args:
            path: The file; an existing one is replaced.

        Returns:
            Its path.

        Raises:
            OSError: It cannot be written.
        """
        replace_file(Path(path), msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")
        return Path(path)

    def describe(self, language: Language = "en", *, most: int = _MOST_SHOWN) -> str:
        """Describe the plan as people read it before they approve it; the code is not in it.

        Args:
            language: English (`en`) or Ukrainian (`uk`).
            most: How many changes and refused rows to list; of more changes, those with warnings and the largest.
        """
        lines: list[str] = [in_language(line, language) for line in self._headlines(language)]
        listed = self.changes
        if len(listed) > most:  # what should not be overlooked comes first
            listed = tuple(sorted(listed, key=lambda one: (not one.warnings, -one.factor())))[:most]
        lines += [f"  {change.describe(language, self.categories)}" for change in listed]
        if (rest := len(self.changes) - most) > 0:
            lines.append(
                in_language(nmsg("  … and {count} more change", "  … and {count} more changes", rest), language)
            )
        if self.refused:
            lines.append(
                in_language(
                    nmsg("{count} row is not planned:", "{count} rows are not planned:", len(self.refused)), language
                )
            )
            lines += [f"  {row.reason(language)}" for row in self.refused[:most]]
        if (rest := len(self.refused) - most) > 0:
            lines.append(in_language(nmsg("  … and {count} more row", "  … and {count} more rows", rest), language))
        return "\n".join(map(one_line, lines))  # a title with line feeds makes no line of its own

    def _headlines(self, language: Language) -> list[Message]:
        kind = msg(KINDS[self.kind])
        lines = [
            msg("Undo of plan {id}: {kind}", id=self.id, kind=kind)
            if self.is_undo
            else msg("Plan {id}: {kind}", id=self.id, kind=kind),
            msg(
                "{changes} to change, {unchanged} as they are to be, {refused} not planned",
                changes=self.counts.changes,
                unchanged=self.counts.unchanged,
                refused=self.counts.refused,
            ),
        ]
        if self.shop_id is not None:
            lines.append(msg("Shop {shop}", shop=self.shop_id))
        if self.largest_by_percent is not None:
            lines.append(msg("Largest change: {change}", change=self.largest_by_percent.describe(language)))
        largest = self.largest_by_hryvnias
        if largest is not None and largest.line != getattr(self.largest_by_percent, "line", None):
            lines.append(msg("Largest in hryvnias: {change}", change=largest.describe(language)))
        if self.effect is not None:
            lines.append(msg("The worth of the stock changes by {effect} UAH", effect=self.effect))
        until = f"{self.expires_at:%Y-%m-%d %H:%M}"
        if self.is_undo:
            lines.append(msg("Can be undone until {until} UTC", until=until))
        elif self.changes:
            lines.append(msg("Can be applied until {until} UTC", until=until))
        return lines

    def __str__(self) -> str:
        return self.describe()


def account_mark(account_id: str) -> str:
    """Return the beginning of an account's digest, as it stands in plans."""
    return account_id[:16]


def _random_code() -> str:
    return f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}}"


def _field_name(name: str, language: Language) -> str:
    try:
        return name_of_field(name, language)
    except ValueError:
        return name


def shown(value: object, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """Write a value for people: a dash for none, and the name of an id that has one."""
    return "—" if value is None or value == "" else names.get(f"{value}", f"{value}")
