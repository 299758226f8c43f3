"""In which stage of an import the processor's time goes."""

from __future__ import annotations

import signal
from collections import Counter, defaultdict
from contextlib import contextmanager
from time import thread_time
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from anyio import to_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["STAGES", "timed_stages"]

STAGES = {
    "read": "source source_file text_file csv_file rows cells encodings letters columns",
    "check": "check review codes decimals taxes values known source_location",
    "find categories": "categories",
    "plan and journal": "plan journal journal_sqlite catalogue",
    "send": "send sender concurrency",
    "resolve": "resolver",
    "outcomes": "job outcomes importing problems",
    "pipeline": "pipeline",
}
"""Modules of the catalogue by stage; what runs below a module counts as its stage."""

_STAGE_OF = {module: stage for stage, modules in STAGES.items() for module in modules.split()}
_CLIENT = "send"
_REST = "event loop"
_OTHER = "other"
_INTERVAL = 0.002


@contextmanager
def timed_stages() -> Iterator[dict[str, float]]:
    """Count seconds of processor time by stage while the block runs in the main thread.

    What is done in worker threads is timed. For the main thread a signal comes every few milliseconds, and what it used
    is shared out by where these found it.
    """
    seconds: defaultdict[str, float] = defaultdict(float)
    samples: Counter[str] = Counter()
    run_sync = to_thread.run_sync

    async def timed_run_sync(work: Callable[..., Any], *args: Any, **options: Any) -> Any:
        def timed(*args: Any) -> Any:
            began = thread_time()
            try:
                return work(*args)
            finally:
                seconds[_stage_of_module(work.__module__)] += thread_time() - began

        return await run_sync(timed, *args, **options)

    def sample(_: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code.co_name != "select":
            samples[_stage_of(frame)] += 1

    handler = signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
    began = thread_time()
    try:
        with patch.object(to_thread, "run_sync", timed_run_sync):
            yield seconds
    finally:
        used = thread_time() - began
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)
        for stage, count in samples.items():
            seconds[stage] += used * count / samples.total()


def _stage_of(frame: FrameType | None) -> str:
    """Find the stage of the innermost frame that belongs to one, or to the client."""
    below = _REST
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if name.startswith("smartkasa_async.catalog."):
            return _stage_of_module(name)
        if name.startswith(("smartkasa_async", "aiohttp")):
            below = _CLIENT
        frame = frame.f_back
    return below


def _stage_of_module(name: str) -> str:
    module = name.rpartition(".")[2]
    return _STAGE_OF.get(module, _OTHER)
