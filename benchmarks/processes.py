"""Servers in processes of their own, so that they cost what is measured no core."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

__all__ = ["as_installed", "cores", "served"]


def as_installed() -> dict[str, str]:
    """Give the environment of a process whose modules are compiled once, as those of an installed program are.

    One that compiles at each start takes longer to import, and what its compiler freed changes how malloc serves reads.
    """
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def cores() -> tuple[int | None, int | None]:
    """Give a core to measure on and one for the server; None for both where there are not two."""
    known = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return (known[0], known[-1]) if len(known) > 1 else (None, None)


@contextmanager
def served(protocol: Callable[[], asyncio.Protocol], core: int | None = None) -> Iterator[str]:
    """Serve connections while the block runs, and give the address.

    Args:
        protocol: Makes what serves a connection; must be picklable.
        core: The only core that the server may use; None for any.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(theirs, protocol, core), daemon=True)
    process.start()
    theirs.close()  # so that a server that does not come up ends the wait for its port
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _run(pipe: Connection, protocol: Callable[[], asyncio.Protocol], core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})
    asyncio.run(_serve(pipe, protocol))


async def _serve(pipe: Connection, protocol: Callable[[], asyncio.Protocol]) -> None:
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()
