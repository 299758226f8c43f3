"""Answers of tools: rows within a bound, a cursor for the rest, a short text, and until when all is complete."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec
from mcp_types import CallToolResult, TextContent

from smartkasa_async._i18n.message import msg
from smartkasa_async._i18n.translate import in_language
from smartkasa_async._support.money import without_zeros
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.mcp.texts import DATA_NOTICE
from smartkasa_async.records.days import KYIV
from smartkasa_async.stores.views import TAX_GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from decimal import Decimal

    from smartkasa_async.records.batch import RecordKind
    from smartkasa_async.reports.coverage import Coverage, OpenDay
    from smartkasa_async.reports.not_read import NotRead

TOKENS = 2_000
"""Tokens of an answer unless more is asked for."""
MOST_TOKENS = 20_000
"""Tokens of an answer at most: some hosts cut what is longer."""
BYTES_OF_A_TOKEN = 3.5
"""A plain estimate for JSON in two alphabets, so that answers are bounded without any model's own counting."""
MOST_ROWS = 500
"""Rows that are read for one answer at most."""

_ROWS_IN_TEXT = 5
_MOST_SPANS = 6
_MOST_SHOPS = 12
_LETTERS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of an answer is asked for.

    Attributes:
        question: A digest of the tool and its arguments, which a cursor is good for alone.
        first: How many rows to leave out.
        state: The store's state when the first part was given; empty for the first part itself.
        max_tokens: Tokens of the answer at most.
    """

    question: str
    first: int
    state: str
    max_tokens: int

    @classmethod
    def of(cls, tool: str, arguments: dict[str, Any], cursor: str, max_tokens: int) -> Page:
        """Read a cursor.

        Args:
            tool: Name of the tool.
            arguments: Its arguments, without the cursor and the bound.
            cursor: What an earlier answer gave; empty for the first part.
            max_tokens: Tokens of the answer at most.

        Raises:
            InvalidRequestError: It is none, or one of another question.
        """
        question = _digest([tool, arguments])
        bound = min(max(max_tokens, 500), MOST_TOKENS)
        if not cursor:
            return cls(question=question, first=0, state="", max_tokens=bound)
        try:
            asked, first, state = msgspec.json.decode(
                base64.b64decode(cursor, altchars=b"-_", validate=True), type=tuple[str, int, str]
            )
        except (binascii.Error, ValueError, msgspec.DecodeError):
            asked, first, state = "", 0, ""
        if asked != question or first < 1:
            message = msg(
                "cursor is none of this question; give next_cursor of the answer before with the same arguments,"
                " or leave it out"
            )
            raise InvalidRequestError(message, field="cursor")
        return cls(question=question, first=first, state=state, max_tokens=bound)

    def after(self, first: int, state: str) -> str:
        """Return the cursor of the part that begins with a row."""
        return base64.urlsafe_b64encode(msgspec.json.encode((self.question, first, state))).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a tool found.

    Attributes:
        headline: One or two sentences: what was asked, and what it comes to.
        coverage: Until when it is complete.
        rows: The rows, from `Page.first` on.
        count: How many rows there are in all; None for as many as are given, from the first on.
        facts: What stands beside the rows.
        shown: Fields of a row that the text shows.
        notes: Sentences that follow.
    """

    headline: str
    coverage: Coverage
    rows: Sequence[dict[str, Any]] = ()
    count: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    shown: Sequence[str] = ()
    notes: Sequence[str] = ()

    def give(self, page: Page) -> CallToolResult:
        """Make the result: as many rows as there is room for, one at least.

        Raises:
            InvalidRequestError: The store was synced since the first part was given.
        """
        state = self.coverage.state
        if page.state and page.state != state:
            message = msg("The store was synced since the first rows were given; ask again without cursor")
            raise InvalidRequestError(message, field="cursor")
        count = page.first + len(self.rows) if self.count is None else self.count
        content: dict[str, Any] = {
            "complete_until": moment(self.coverage.complete_until),
            "not_read": [*spans_not_read(self.coverage.not_read), *_open_spans(self.coverage.open_days)],
            **({"unreadable_records": self.coverage.unreadable} if self.coverage.unreadable else {}),
            **self.facts,
            "rows_in_all": count,
            "next_cursor": page.after(count, state),
            "rows": [],
        }
        text = self._text(page, count)
        room = page.max_tokens * BYTES_OF_A_TOKEN - len(msgspec.json.encode(content)) - len(text.encode())
        given: list[dict[str, Any]] = []
        for row in self.rows:
            room -= len(msgspec.json.encode(row)) + 1
            if room < 0 and given:
                break
            given.append(row)
        after = page.first + len(given)
        rest = after < count
        content |= {"rows": given, "next_cursor": page.after(after, state) if rest else None}
        lines = [text]
        if rest:
            lines.append(f"Rows {page.first + 1}–{page.first + len(given)} of {count}; the next: cursor=next_cursor.")
        return CallToolResult(content=[TextContent(type="text", text="\n".join(lines))], structured_content=content)

    def _text(self, page: Page, count: int) -> str:
        shown = [
            " · ".join(f"{value}" for name in self.shown if (value := row.get(name)) not in {None, ""})
            for row in self.rows[:_ROWS_IN_TEXT]
        ]
        lines = [self.headline, *completeness(self.coverage), *self.notes, *shown]
        if len(shown) < min(count - page.first, len(self.rows)):
            lines.append("… more rows in structuredContent.")
        if shown:
            lines.append(DATA_NOTICE)
        return "\n".join(lines)


def completeness(coverage: Coverage) -> list[str]:
    """Write until when all is complete, and what is not, a line each."""
    lines = []
    if coverage.is_final:
        lines.append(f"Complete until {moment(coverage.complete_until)} (Kyiv).")
    elif coverage.complete_until is not None:
        lines.append(f"NOT COMPLETE: without a gap until {moment(coverage.complete_until)} (Kyiv) only.")
    else:
        lines.append("NOT COMPLETE: the first day that was asked for was not read.")
    for span in [*spans_not_read(coverage.not_read), *_open_spans(coverage.open_days)]:
        shops = f", shops {', '.join(map(str, span['shops']))}" if span["shops"] else ""
        until = f", read until {span['read_until']} (Kyiv); later ones are not in" if "read_until" in span else ""
        verb = "not over yet" if until or span.get("to_come") else "not read"
        lines.append(f"{verb}: {span['kind']} of {span['first']}…{span['last']}{shops}{until}")
    if any(not one.is_to_come for one in coverage.not_read):
        lines.append("What was not read is in no figure here; the tool sync reads it.")
    if coverage.unreadable:
        lines.append(f"{coverage.unreadable} records came and could not be read; they are in no figure.")
    return lines


def spans_not_read(not_read: Iterable[NotRead]) -> list[dict[str, Any]]:
    """List what was not read, shops with the same days together; the first spans where they are very many."""
    groups: dict[tuple[RecordKind, str, str, bool], list[int]] = {}
    for one in not_read:
        key = (one.kind, f"{one.start}", f"{one.end}", one.is_to_come)
        shops = groups.setdefault(key, [])
        if one.shop_id is not None:
            shops.append(one.shop_id)
    spans = [
        {
            "kind": kind.value,
            "first": first,
            "last": last,
            **_shops_of(shops),
            **({"to_come": True} if is_to_come else {}),
        }
        for (kind, first, last, is_to_come), shops in groups.items()
    ]
    if len(spans) > _MOST_SPANS:
        spans = [*spans[:_MOST_SPANS], {**spans[-1], "kind": f"and {len(spans) - _MOST_SPANS} more spans, the last:"}]
    return spans


def _shops_of(ids: Iterable[int]) -> dict[str, Any]:
    """List the first shops, and how many there are where that is not all."""
    shops = sorted(set(ids))
    return {
        "shops": shops[:_MOST_SHOPS],
        **({"shops_in_all": len(shops)} if len(shops) > _MOST_SHOPS else {}),
    }


def _open_spans(days: Iterable[OpenDay]) -> list[dict[str, Any]]:
    return [
        {
            "kind": one.kind.value,
            "first": f"{one.day}",
            "last": f"{one.day}",
            **_shops_of(one.shops),
            "read_until": moment(one.read_until),
        }
        for one in days
    ]


def moment(at: datetime | None) -> str | None:
    """Write a moment by the clock in Kyiv."""
    return None if at is None else f"{at.astimezone(KYIV):%Y-%m-%d %H:%M}"


def without_none(**fields: Any) -> dict[str, Any]:
    """Make a row of the fields that are known."""
    return {name: value for name, value in fields.items() if value is not None}


def quantity(count: Decimal | None) -> str | None:
    """Write a quantity without needless zeros."""
    return None if count is None else without_zeros(count)


def tax_group_values(group_id: int | None) -> dict[str, str]:
    """Name a tax group in both languages; its id alone for one without a name."""
    if group_id is None:
        return {}
    name = TAX_GROUPS.get(group_id)
    return (
        {"tax_group": f"{group_id}"} if name is None else {"tax_group": name, "tax_group_uk": in_language(name, "uk")}
    )


def _digest(value: Any) -> str:
    return sha256(msgspec.json.encode(value, order="sorted")).hexdigest()[:_LETTERS]
