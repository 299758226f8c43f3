"""Jobs that try what a job can do to those who wait for it.

python -m tests.chaos.odd_jobs
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Literal

import msgspec

from tests.chaos.forking import carry_out_jobs

__all__ = ["OddJob"]


class OddJob(msgspec.Struct, frozen=True):
    """One job.

    Attributes:
        how: Whether it ends, writes what looks like answers, reads orders, or goes on until it is killed.
        status: Its exit status, where it ends.
        folder: Folder in which it leaves its process id.
    """

    how: Literal["ends", "writes", "reads", "goes on"]
    status: int = 0
    folder: str | None = None


def _carry_out(job: OddJob) -> int:
    if job.folder is not None:
        (Path(job.folder) / "new").write_text(f"{os.getpid()}")
        (Path(job.folder) / "new").rename(Path(job.folder) / "process")
    if job.how == "writes":
        for line in ("1", "0", "-9", '{"id":1,"status":9,"late":false}'):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    if job.how == "reads":
        return len(sys.stdin.buffer.read())
    while job.how == "goes on":
        signal.pause()
    return job.status


if __name__ == "__main__":
    carry_out_jobs(OddJob, _carry_out)
