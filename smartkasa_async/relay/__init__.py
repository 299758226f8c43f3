"""What happens at the tills, sent to a program of one's own or to a messenger: at least once, signed, in order.

Needs the extra `smartkasa-async[stores]`, which is imported when something is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smartkasa_async._support.extras import import_name
from smartkasa_async.relay.errors import RelayError
from smartkasa_async.relay.events import EventKind

if TYPE_CHECKING:
    from smartkasa_async.relay.events import RelayMessage
    from smartkasa_async.relay.outbox import dead_messages, resend_messages
    from smartkasa_async.relay.receivers import Attempt, Delivery, Receiver
    from smartkasa_async.relay.relaying import relay_events
    from smartkasa_async.relay.telegram import TelegramReceiver
    from smartkasa_async.relay.times import QuietHours
    from smartkasa_async.relay.webhook import WebhookReceiver

__all__ = [
    "Attempt",
    "Delivery",
    "EventKind",
    "QuietHours",
    "Receiver",
    "RelayError",
    "RelayMessage",
    "TelegramReceiver",
    "WebhookReceiver",
    "dead_messages",
    "relay_events",
    "resend_messages",
]

_MODULES = {
    "Attempt": "receivers",
    "Delivery": "receivers",
    "QuietHours": "times",
    "Receiver": "receivers",
    "RelayMessage": "events",
    "TelegramReceiver": "telegram",
    "WebhookReceiver": "webhook",
    "dead_messages": "outbox",
    "relay_events": "relaying",
    "resend_messages": "outbox",
}


def __getattr__(name: str) -> object:
    return import_name(__name__, _MODULES, name)
