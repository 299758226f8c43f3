"""`/metrics` and `/healthz` of a worker, on a port of this machine alone unless another address is named."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiohttp import web

from smartkasa_async._i18n.external import reason_of
from smartkasa_async._i18n.message import msg
from smartkasa_async.fleet.errors import FleetDatabaseError, FleetError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from smartkasa_async.fleet.database import Database
    from smartkasa_async.fleet.metrics import Metrics

_SECONDS_TO_ANSWER = 5.0
"""How long the database may take until the worker counts as ill."""


@asynccontextmanager
async def serving_metrics(
    database: Database, metrics: Metrics, port: int, *, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """Serve `/metrics` for Prometheus and `/healthz` for a supervisor while the block runs.

    `/healthz` answers 200 where the worker's loop turns and the fleet's database answers within five seconds, else 503.

    Args:
        database: The fleet's database.
        metrics: The worker's figures.
        port: The port; 0 for a free one.
        host: The address to listen on.

    Returns:
        A context manager that gives the port.

    Raises:
        FleetError: The port is taken.
    """

    async def answer_metrics(_: web.Request) -> web.Response:
        return web.Response(body=await metrics.render(), headers={"Content-Type": "text/plain; version=0.0.4"})

    async def answer_health(_: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(_SECONDS_TO_ANSWER):
                await database.row("SELECT 1 AS answer")
        except (FleetDatabaseError, TimeoutError):
            return web.Response(status=503, text="the fleet's database does not answer\n")
        return web.Response(text="ok\n")

    app = web.Application()
    app.router.add_get("/metrics", answer_metrics)
    app.router.add_get("/healthz", answer_health)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise FleetError(
                msg(
                    "Metrics cannot be served on {host}:{port}: {reason}; give another port",
                    host=host,
                    port=port,
                    reason=reason_of(error),
                )
            ) from error
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
