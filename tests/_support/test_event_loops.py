"""The event loop of commands: uvloop's where it is installed, else asyncio's."""

from __future__ import annotations

import asyncio
import sys

import pytest

from smartkasa_async._support import event_loops


async def name_of_loop() -> str:
    return type(asyncio.get_running_loop()).__module__.partition(".")[0]


def test_it_is_that_of_uvloop_where_it_is_installed() -> None:
    pytest.importorskip("uvloop")
    assert event_loops.run(name_of_loop()) == "uvloop"


def test_it_is_that_of_asyncio_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert event_loops.run(name_of_loop()) == "asyncio"


@pytest.mark.parametrize("is_there", [True, False])
def test_what_is_raised_arrives_and_what_is_left_is_closed(is_there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not is_there:
        monkeypatch.setitem(sys.modules, "uvloop", None)
    ended = []

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("the task")

    async def fail() -> None:
        left = asyncio.create_task(wait_for_ever())
        await asyncio.sleep(0)
        raise ValueError(left.get_name())

    with pytest.raises(ValueError, match="Task-"):
        event_loops.run(fail())
    assert ended == ["the task"]
