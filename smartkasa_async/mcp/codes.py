"""Wrong codes: how many one caller may give, whatever plans they are for, and however often the server is restarted."""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Annotated

import msgspec

from smartkasa_async._i18n.message import msg
from smartkasa_async._support import clock as _clock
from smartkasa_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from pathlib import Path

_MOST_WRONG = 5
_WITHIN = timedelta(hours=24)
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(slots=True)
class WrongCodes:
    """Compares codes, and keeps the wrong ones in a file beside the plans.

    A code has six digits and plans cost nothing, so a limit for each plan would let a caller try as many as it likes.

    Attributes:
        path: The file, a line for each wrong code: when, and who gave it.
    """

    path: Path
    _lock: Lock = field(default_factory=Lock)

    def require(self, who: str, given: str, needed: str, plan_id: str) -> None:
        """Compare a code with the one that is needed.

        Args:
            who: Name of the token, or `local`.
            given: What the caller gave.
            needed: The code.
            plan_id: The plan, for the error.

        Raises:
            InvalidRequestError: It is wrong, the caller has given too many wrong ones, or the file is broken.
            OSError: The wrong code cannot be written down.
        """
        with self._lock:
            now = _clock.now()
            recent = sorted(at for at, name in self._read() if name == who and now - at < _WITHIN)
            if len(recent) >= _MOST_WRONG:
                message = msg(
                    "Too many wrong codes, so none is taken until {until} UTC; ask the user to carry it out from a"
                    " shell: smartkasa apply, smartkasa undo",
                    until=f"{recent[-_MOST_WRONG] + _WITHIN:%Y-%m-%d %H:%M}",
                )
                raise InvalidRequestError(message, field="code")
            if hmac.compare_digest(given.strip().encode(errors="replace"), needed.encode()):
                return
            self._note(who, now)
        message = msg("code is not that of plan {id}; ask the user for it, and do not guess", id=plan_id)
        raise InvalidRequestError(message, field="code")

    def _read(self) -> list[tuple[datetime, str]]:
        try:
            text = self.path.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return []
        if not text:
            return []
        wrong = []
        for number, line in enumerate(text.split("\n")[:-1], start=1):
            try:
                wrong.append(msgspec.json.decode(line, type=tuple[_Moment, str]))
            except msgspec.DecodeError:
                raise self._broken(number) from None
        if not text.endswith("\n"):  # what is added to half a line is lost
            raise self._broken(len(wrong) + 1)
        return wrong

    def _broken(self, line: int) -> InvalidRequestError:
        message = msg(
            "{file} beside the plans is broken in line {line}, so no code is taken; ask the user to take that line out"
            " on the server's machine, or to carry it out from a shell: smartkasa apply, smartkasa undo",
            file=self.path.name,
            line=line,
        )
        return InvalidRequestError(message, field="code")

    def _note(self, who: str, at: datetime) -> None:
        line = f"{json.dumps([at.isoformat(), who])}\n".encode()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
