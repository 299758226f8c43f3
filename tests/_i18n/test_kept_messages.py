"""Messages that are kept as JSON, so that they are translated when they are read."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import pytest

from smartkasa_async._i18n.kept_message import decode_message, encode_message
from smartkasa_async._i18n.message import join_messages, msg, nmsg
from smartkasa_async._i18n.translate import in_ukrainian
from smartkasa_async.stores import StoreError

UNEXACT = msg(
    "{value} cannot be stored exactly: there is room for {before} digits before the point and {after} after it",
    value=Decimal("0.00001"),
    before=14,
    after=4,
)
MESSAGES = [
    UNEXACT,
    msg("{reason} - at `{path}`", reason=UNEXACT, path="$.total"),
    msg("A record has a number or a time that the database has no room for: {reason}", reason=InvalidOperation("x")),
    msg("A record has a value that the database refuses: {reason}", reason=StoreError(UNEXACT)),
    nmsg("{reason}; {count} record came so far", "{reason}; {count} records came so far", 3, reason=UNEXACT),
    join_messages([UNEXACT, "ok", UNEXACT], "; "),
]


@pytest.mark.parametrize("made", MESSAGES)
def test_a_kept_message_is_translated_as_the_message_itself(made: str) -> None:
    kept = decode_message(str(made), encode_message(made))
    assert kept == made
    assert in_ukrainian(kept) == in_ukrainian(made) != made


def test_a_plain_text_stays_plain() -> None:
    assert encode_message("a plain text") is None
    assert decode_message("a plain text", None) == "a plain text"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[1]",
        '{"template": "other", "values": {}}',
        '{"template": "{a.b}", "values": {"a": 1}}',
        '{"template": "{", "values": {}}',
        '{"template": "{0}", "values": {}}',
    ],
)
def test_what_does_not_make_the_text_is_not_used(content: str) -> None:
    assert type(decode_message("1.1", content)) is str


def test_a_value_that_json_does_not_keep_as_it_is_leaves_the_text_plain() -> None:
    made = msg("Since {moment:%Y-%m-%d}", moment=datetime(2026, 10, 1, tzinfo=UTC))
    assert type(decode_message(str(made), encode_message(made))) is str
