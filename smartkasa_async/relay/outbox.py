"""The outbox of a receiver: its messages, and how far its relay has come, in one transaction."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

import msgspec
from anyio import CancelScope
from anyio.lowlevel import checkpoint
from sqlalchemy import delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from smartkasa_async._i18n.message import msg
from smartkasa_async._support import clock as _clock
from smartkasa_async.relay.errors import RelayError
from smartkasa_async.relay.events import EventKind, RelayMessage
from smartkasa_async.stores.schema import RELAY_ALERTS, RELAY_MESSAGES, RELAYS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement, Connection, Row, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from smartkasa_async.relay.events import Event
    from smartkasa_async.stores.store import Store

_BATCH = 20
_MOST_ROWS = 500
_encode = msgspec.json.Encoder(enc_hook=str).encode


class RelayState(NamedTuple):
    """How far a relay has come.

    Attributes:
        checkpoint: The checkpoint of its watch; None where none was saved.
        reconciled_day: The last business day that was compared; None for none.
        digest_day: The last business day of which a digest was made; None for none.
        known: Keys of what was sent to the receiver and has not passed.
    """

    checkpoint: str | None
    reconciled_day: date | None
    digest_day: date | None
    known: frozenset[str]


@dataclass(frozen=True, slots=True)
class Draft:
    """An event with the id of its message, so that writing it twice makes one message."""

    event: Event
    id: str = field(default_factory=lambda: uuid4().hex)


class Outbox:
    """Messages to one receiver, and what makes sure that each is written once.

    Args:
        store: The store.
        receiver: Name of the receiver.
    """

    def __init__(self, store: Store, receiver: str) -> None:
        self._store = store
        self._receiver = receiver
        self._term: int | None = None

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncConnection]:
        """Read to the end where a relay is cancelled, too: what is cut off leaves its connection open."""
        await checkpoint()
        with CancelScope(shield=True):
            async with self._store.reading() as connection:
                yield connection

    async def take_over(self) -> None:
        """Begin a relay; one that was begun before writes nothing more."""

        def work(connection: Connection) -> int:
            of_dialect = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            first = of_dialect(RELAYS).values(receiver=self._receiver, term=1, sequence=0)
            key = [column.name for column in RELAYS.primary_key]
            connection.execute(first.on_conflict_do_update(index_elements=key, set_={"term": RELAYS.c.term + 1}))
            return int(connection.scalar(select(RELAYS.c.term).where(RELAYS.c.receiver == self._receiver)) or 0)

        self._term = await self._store.transact(work)

    async def state(self) -> RelayState:
        """Read how far the relay has come."""
        async with self._reading() as connection:
            relay = (
                await connection.execute(
                    select(RELAYS.c.checkpoint, RELAYS.c.reconciled_day, RELAYS.c.digest_day).where(
                        RELAYS.c.receiver == self._receiver
                    )
                )
            ).one()
            keys = select(RELAY_ALERTS.c.key).where(RELAY_ALERTS.c.receiver == self._receiver)
            return RelayState(*relay, frozenset(await connection.scalars(keys)))

    async def commit(
        self,
        drafts: Sequence[Draft] = (),
        *,
        new: Collection[str] = (),
        over: Collection[str] = (),
        **progress: Any,
    ) -> None:
        """Write messages, and what they are about, in one transaction.

        Args:
            drafts: The events, in their order; those that were written before are left out.
            new: Keys of what is now sent to the receiver.
            over: Keys of what has passed.
            progress: Columns of `relays` that change: `checkpoint`, `reconciled_day`, `digest_day`.

        Raises:
            RelayError: Another relay has taken over.
            StoreError: The database refuses it; nothing is written.
        """
        now = _clock.now()

        def work(connection: Connection) -> None:
            self._advance(connection, len(drafts), progress)
            last = connection.execute(select(RELAYS.c.sequence).where(RELAYS.c.receiver == self._receiver)).scalar_one()
            written = self._written(connection, [draft.id for draft in drafts])
            rows = [
                self._row(draft, number, now)
                for number, draft in enumerate(drafts, start=last - len(drafts) + 1)
                if draft.id not in written
            ]
            if rows:
                connection.execute(insert(RELAY_MESSAGES), rows)
            self._note(connection, new, over, now)

        await self._store.transact(work)

    def _advance(self, connection: Connection, messages: int, progress: Mapping[str, Any]) -> None:
        changed = connection.execute(
            update(RELAYS)
            .where(RELAYS.c.receiver == self._receiver, RELAYS.c.term == self._term)
            .values(sequence=RELAYS.c.sequence + messages, **progress)
        )
        if changed.rowcount != 1:
            raise self._taken_over()

    def _taken_over(self) -> RelayError:
        return RelayError(
            msg(
                "Another relay to {receiver} was started on this store, and this one ends; give each a name of its own",
                receiver=repr(self._receiver),
            )
        )

    def _written(self, connection: Connection, ids: Sequence[str]) -> set[str]:
        columns = RELAY_MESSAGES.c
        return {
            found
            for first in range(0, len(ids), _MOST_ROWS)
            for found in connection.scalars(
                select(columns.id).where(
                    columns.receiver == self._receiver, columns.id.in_(ids[first : first + _MOST_ROWS])
                )
            )
        }

    def _row(self, draft: Draft, sequence: int, now: datetime) -> dict[str, Any]:
        event = draft.event
        body = {
            "id": draft.id,
            "type": event.kind,
            "sequence": sequence,
            "at": event.at,
            "account_id": self._store.account_id,
            "shop_id": event.shop_id,
            "text": event.text,
            "data": event.data,
        }
        return {
            "receiver": self._receiver,
            "sequence": sequence,
            "id": draft.id,
            "kind": event.kind.value,
            "subject": event.subject,
            "body": _encode(body).decode(),
            "created_at": now,
            "due_at": now,
            "attempts": 0,
        }

    def _note(self, connection: Connection, new: Collection[str], over: Collection[str], now: datetime) -> None:
        columns, keys = RELAY_ALERTS.c, [*over, *new]
        for first in range(0, len(keys), _MOST_ROWS):
            chunk = keys[first : first + _MOST_ROWS]
            connection.execute(delete(RELAY_ALERTS).where(columns.receiver == self._receiver, columns.key.in_(chunk)))
        if new:
            rows = [{"receiver": self._receiver, "key": key, "since": now} for key in dict.fromkeys(new)]
            connection.execute(insert(RELAY_ALERTS), rows)

    async def due(self, now: datetime) -> list[RelayMessage]:
        """Return some messages that are to be sent now, in their order; none that has to wait for one before it.

        Raises:
            RelayError: Another relay has taken over.
        """
        waits = exists().where(*_earlier(), _EARLIER.c.due_at > now)
        conditions = (*self._living(), RELAY_MESSAGES.c.due_at <= now, ~waits)
        query = _messages().where(*conditions).order_by(RELAY_MESSAGES.c.sequence).limit(_BATCH)
        async with self._reading() as connection:
            if await connection.scalar(select(RELAYS.c.term).where(RELAYS.c.receiver == self._receiver)) != self._term:
                raise self._taken_over()
            return [_message(row) for row in await connection.execute(query)]

    async def next_due_at(self) -> datetime | None:
        """Return when the next message is to be sent; None where there is none."""
        firsts = (*self._living(), ~exists().where(*_earlier()))
        async with self._reading() as connection:
            moment: datetime | None = await connection.scalar(select(func.min(RELAY_MESSAGES.c.due_at)).where(*firsts))
            return moment

    def _living(self) -> tuple[ColumnElement[bool], ...]:
        return RELAY_MESSAGES.c.receiver == self._receiver, RELAY_MESSAGES.c.dead_at.is_(None)

    async def delivered(self, message: RelayMessage) -> None:
        """Remove a message that its receiver has taken."""
        await self._store.transact(
            lambda connection: connection.execute(delete(RELAY_MESSAGES).where(*_is(message))).close()
        )

    async def failed(self, message: RelayMessage, now: datetime, reason: str, wait: float | None) -> None:
        """Note that a message was sent in vain.

        Args:
            message: The message.
            now: When.
            reason: Why.
            wait: Seconds until it is sent the next time; None to give it up.
        """
        change = update(RELAY_MESSAGES).values(
            attempts=RELAY_MESSAGES.c.attempts + 1,
            first_tried_at=message.first_tried_at or now,
            reason=reason,
            due_at=now + timedelta(seconds=wait or 0.0),
            dead_at=now if wait is None else None,
        )
        await self._store.transact(lambda connection: connection.execute(change.where(*_is(message))).close())


_EARLIER = RELAY_MESSAGES.alias("earlier")


def _earlier() -> tuple[ColumnElement[bool], ...]:
    """Select the messages before one about the same subject that are yet to be delivered."""
    return (
        _EARLIER.c.receiver == RELAY_MESSAGES.c.receiver,
        _EARLIER.c.subject == RELAY_MESSAGES.c.subject,
        _EARLIER.c.sequence < RELAY_MESSAGES.c.sequence,
        _EARLIER.c.dead_at.is_(None),
    )


def _messages() -> Select[Any]:
    return select(*(column for column in RELAY_MESSAGES.columns if column.name != "account_id"))


def _message(row: Row[Any]) -> RelayMessage:
    values = row._asdict()
    kind, body = EventKind(values.pop("kind")), values.pop("body").encode()
    return RelayMessage(kind=kind, body=body, **values)


def _is(message: RelayMessage) -> list[Any]:
    columns = RELAY_MESSAGES.c
    return [columns.receiver == message.receiver, columns.sequence == message.sequence]


async def dead_messages(store: Store, *, receiver: str | None = None) -> list[RelayMessage]:
    """List the messages that were given up, in their order.

    Args:
        store: The store that holds the outbox.
        receiver: Name of the receiver; None for all.

    Raises:
        StoreError: The store could not be read.
    """
    columns = RELAY_MESSAGES.c
    query = _messages().where(columns.dead_at.is_not(None))
    if receiver is not None:
        query = query.where(columns.receiver == receiver)
    async with store.reading() as connection:
        found = await connection.execute(query.order_by(columns.receiver, columns.sequence))
        return [_message(row) for row in found]


async def resend_messages(
    store: Store, ids: Collection[str] | None = None, *, receiver: str | None = None
) -> list[RelayMessage]:
    """Put messages that were given up back into the queue, from which a relay that runs, or the next one, sends them.

    They keep their ids and numbers, and have the same patience as new ones.

    Args:
        store: The store that holds the outbox.
        ids: Ids of the messages; None for all.
        receiver: Name of the receiver; None for all.

    Returns:
        The messages that were put back.

    Raises:
        StoreError: The store could not be written.
    """
    found = [one for one in await dead_messages(store, receiver=receiver) if ids is None or one.id in ids]
    now = _clock.now()

    def work(connection: Connection) -> None:
        for message in found:
            again = update(RELAY_MESSAGES).values(
                dead_at=None, due_at=now, attempts=0, first_tried_at=None, reason=None
            )
            connection.execute(again.where(*_is(message)))

    await store.transact(work)
    return found


async def waiting_messages(store: Store) -> int:
    """Count the messages that are yet to be delivered, those that were given up left out."""
    async with store.reading() as connection:
        query = select(func.count()).select_from(RELAY_MESSAGES).where(RELAY_MESSAGES.c.dead_at.is_(None))
        return int(await connection.scalar(query) or 0)
