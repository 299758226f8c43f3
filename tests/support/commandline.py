"""What the tests of the command line share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from smartkasa_async.sandbox import Sandbox

__all__ = ["Cli", "Result", "credentials_of"]


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def records(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.err.splitlines()[-1])
        return found


class Cli(Protocol):
    """The fixture `cli`."""

    def __call__(self, *words: str, stdin: str = "") -> Result: ...


def credentials_of(box: Sandbox, **changes: str) -> str:
    """Write what `smartkasa sandbox --json` prints and `smartkasa login --stdin` reads."""
    facts = {
        "url": box.url,
        "api_key": box.api_key,
        "phone_number": box.phone_number,
        "password": box.password,
    }
    return json.dumps(facts | changes)
