"""An account's store is judged in a process of its own, whose loss of the database is the worker's."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url

from smartkasa_async.fleet.errors import FleetError
from smartkasa_async.fleet.store_reports import judge_store
from smartkasa_async.fleet.verdicts import is_database_lost

if TYPE_CHECKING:
    from pathlib import Path

_DAY = date(2026, 11, 2)


async def test_a_database_that_is_gone_is_no_fault_of_the_account(empty_postgresql: str, tmp_path: Path) -> None:
    gone = (
        make_url(empty_postgresql).set(host=None, query={"host": str(tmp_path)}).render_as_string(hide_password=False)
    )
    with pytest.raises(FleetError) as caught:
        await judge_store(gone, 1, _DAY, _DAY)
    assert is_database_lost(caught.value)
