"""Questions to the user at the terminal."""

from __future__ import annotations

import codecs
import getpass
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import msgspec

from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _

if TYPE_CHECKING:
    from collections.abc import Iterator

GivenT = TypeVar("GivenT")


def can_ask() -> bool:
    """Return whether all standard streams are a terminal."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def ask_line(question: str) -> str | None:
    """Ask for a line.

    Args:
        question: The question, ending with a space.

    Returns:
        The line, stripped; None at the end of the input.
    """
    with _interruptible():
        sys.stderr.write(question)
        sys.stderr.flush()
        line = sys.stdin.readline()
    return line.strip() if line else None


def ask_secret(question: str) -> str | None:
    """Ask for a line without showing it; see `ask_line`."""
    with _interruptible():
        try:
            return getpass.getpass(question).strip()
        except EOFError:
            return None


def ask_credential(name: str, question: str, given: str | None = None) -> str:
    """Complete a part of the credentials by its variable of the environment, or ask for it at a terminal.

    Args:
        name: `api_key`, `phone_number` or `password`.
        question: The question, ending with a space.
        given: What is known already.

    Raises:
        CommandError: It is missing.
    """
    value = given or os.environ.get(f"SMARTKASA_{name.upper()}")
    if not value and sys.stdin.isatty():
        value = (ask_line if name == "phone_number" else ask_secret)(question)
    if not value:
        hint = _("Run this command on a terminal, give --stdin, or set SMARTKASA_{name}", name=name.upper())
        raise CommandError(_("{name} is missing", name=name), hint=hint)
    return value


def read_credentials(form: type[GivenT]) -> GivenT:
    """Read credentials from standard input, as JSON of a form.

    Raises:
        CommandError: It has another form.
    """
    try:
        return msgspec.json.decode(sys.stdin.buffer.read().removeprefix(codecs.BOM_UTF8), type=form)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Without the decoder's message, which may quote what was read.
        text = _('Standard input is not JSON such as {"api_key": "…", "phone_number": "…", "password": "…"}')
        raise CommandError(text) from None


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let signals end a question at once; the event loop's handlers would wait for its answer."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, _interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _interrupt(*_received: object) -> None:
    raise KeyboardInterrupt
