"""In which stage of an import the processor's time goes: sampled, so that the import itself runs as always."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["STAGES", "sampled_stages"]

STAGES = {
    "read": "read csv_file rows encodings",
    "check": "check review barcodes decimals classifiers taxes texts values units keys number_form spreadsheets",
    "resolve": "resolve categories",
    "plan and journal": "plan journal journal_sqlite catalogue",
    "send": "send sender throttle",
    "settle": "settle",
    "outcomes": "tasks outcomes importing origin problems",
    "pipeline": "pipeline",
}
"""Modules of the catalogue by stage; what runs below a module counts as its stage."""

_STAGE_OF = {module: stage for stage, modules in STAGES.items() for module in modules.split()}
_CLIENT = "send"
_REST = "event loop"
_INTERVAL = 0.002


@contextmanager
def sampled_stages() -> Iterator[Counter[str]]:
    """Count seconds of processor time by stage, over all threads, while the block runs.

    At each sample, what a thread has used since the last one goes to the stage that it is in.
    """
    seconds: Counter[str] = Counter()
    ended = threading.Event()
    sampler = threading.Thread(target=_sample, args=(seconds, ended), daemon=True)
    sampler.start()
    try:
        yield seconds
    finally:
        ended.set()
        sampler.join()


def _sample(seconds: Counter[str], ended: threading.Event) -> None:
    used: dict[int, float] = {}
    own = threading.get_ident()
    while not ended.wait(_INTERVAL):
        for thread, frame in sys._current_frames().items():
            if thread != own:
                now = time.clock_gettime(time.pthread_getcpuclockid(thread))
                seconds[_stage_of(frame)] += now - used.get(thread, now)
                used[thread] = now


def _stage_of(frame: FrameType | None) -> str:
    stage = _REST
    while frame is not None:
        path = PurePath(frame.f_code.co_filename)
        if path.parent.name == "catalog":
            return _STAGE_OF.get(path.stem, path.stem)
        if stage == _REST and path.parent.name in {"smartkasa_async", "aiohttp"}:
            stage = _CLIENT
        frame = frame.f_back
    return stage
