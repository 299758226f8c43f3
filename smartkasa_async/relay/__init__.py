"""What happens at the tills, told to a program of one's own or to a messenger: at least once, signed, in order.

Needs the extra `smartkasa-async[stores]`, which is imported when something is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._support.extras import import_name
from smartkasa_async.relay.errors import RelayError
from smartkasa_async.relay.events import EventKind, RelayMessage
from smartkasa_async.relay.receivers import Attempt, Delivery, Receiver
from smartkasa_async.relay.times import QuietHours
from smartkasa_async.relay.webhook import WebhookReceiver

if TYPE_CHECKING:
    from smartkasa_async.relay.outbox import dead_messages, resend_messages
    from smartkasa_async.relay.relaying import relay_events

__all__ = [
    "Attempt",
    "Delivery",
    "EventKind",
    "QuietHours",
    "Receiver",
    "RelayError",
    "RelayMessage",
    "WebhookReceiver",
    "dead_messages",
    "relay_events",
    "resend_messages",
]

_MODULES = {"dead_messages": "outbox", "relay_events": "relaying", "resend_messages": "outbox"}


def __getattr__(name: str) -> object:
    return import_name(__name__, _MODULES, name)
