"""Receipts of many shops into SQLite by dlt's source of REST APIs, as its documentation shows it."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

__all__ = ["receipts_by_dlt"]


def receipts_by_dlt(address: str, folder: Path, start: date, end: date, per_page: int) -> int:
    """Load the receipts of all shops, with their items and payments in tables of their own, and count them.

    Args:
        address: Where the service is.
        folder: Where the database and dlt's own files are to be.
        start: First day.
        end: Last day.
        per_page: Receipts a page.
    """
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}
    warnings.filterwarnings("ignore", module="dlt")
    import dlt  # noqa: PLC0415  (it reads its settings when it is imported)
    from dlt.destinations import sqlalchemy  # noqa: PLC0415
    from dlt.sources.rest_api import rest_api_source  # noqa: PLC0415

    source = rest_api_source(
        {
            "client": {
                "base_url": f"{address}/api/v1/rsn/",
                "paginator": {"type": "page_number", "base_page": 1, "total_path": "meta.total_pages"},
            },
            "resource_defaults": {"primary_key": "id", "write_disposition": "merge", "parallelized": True},
            "resources": [
                {"name": "shops", "endpoint": {"path": "shops", "data_selector": "data"}},
                {
                    "name": "receipts",
                    "endpoint": {
                        "path": "receipts",
                        "data_selector": "data",
                        "params": {
                            "shop_id": "{resources.shops.id}",
                            "date_start": start.isoformat(),
                            "date_end": end.isoformat(),
                            "per_page": per_page,
                        },
                    },
                },
            ],
        },
        name="smartkasa",
    )
    pipeline = dlt.pipeline(
        "receipts",
        pipelines_dir=str(folder / "pipelines"),
        destination=sqlalchemy(f"sqlite:///{folder / 'dlt.sqlite'}"),
        dataset_name="smartkasa",
    )
    pipeline.run(source).raise_on_failed_jobs()
    with pipeline.sql_client() as client:
        rows = client.execute_sql("SELECT count(*) FROM receipts")
    assert rows is not None
    return int(rows[0][0])
