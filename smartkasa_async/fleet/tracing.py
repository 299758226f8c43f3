"""OpenTelemetry's spans of runs, and of the requests in them, where its packages are installed; else nothing."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import aiohttp

    from smartkasa_async.fleet.runs import Held, Result
    from smartkasa_async.fleet.work import TaskName

_INSTRUMENTATION = "opentelemetry.instrumentation.aiohttp_client"


def traced(do: Callable[[TaskName, Held], Awaitable[Result]]) -> Callable[[TaskName, Held], Awaitable[Result]]:
    """Return what does tasks as `do` does, each within a span `smartkasa.fleet.TASK`."""
    if not _is_installed("opentelemetry.trace"):
        return do
    from opentelemetry import trace  # noqa: PLC0415  (where it is installed)

    tracer = trace.get_tracer("smartkasa_async.fleet")

    async def trace_run(task: TaskName, held: Held) -> Result:
        with tracer.start_as_current_span(f"smartkasa.fleet.{task}") as span:
            span.set_attribute("smartkasa.account_id", held.account_id)
            result = await do(task, held)
            span.set_attribute("smartkasa.outcome", str(result.outcome))
        return result

    return trace_run


def client_traces() -> Sequence[aiohttp.TraceConfig]:
    """Return the hooks by which a client's requests are spans within that of their run."""
    if not _is_installed(_INSTRUMENTATION):
        return ()
    from opentelemetry.instrumentation.aiohttp_client import create_trace_config  # noqa: PLC0415  (likewise)

    return (create_trace_config(),)


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # of the package that it is in
        return False
