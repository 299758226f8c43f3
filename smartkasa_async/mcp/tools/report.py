"""The report page: an app where hosts show apps, and its total elsewhere."""

import tempfile
from datetime import timedelta
from pathlib import Path

from anyio import to_thread
from mcp.server.apps import APP_MIME_TYPE, Apps
from mcp.server.mcpserver.resources import FunctionResource, Resource
from mcp_types import CallToolResult

from smartkasa_async._support.money import hryvnias
from smartkasa_async.mcp.answers import Answer, Page
from smartkasa_async.mcp.desk import Desk
from smartkasa_async.mcp.schemas import OBJECT, TEXT, answer_schema
from smartkasa_async.records.batch import RecordKind
from smartkasa_async.records.days import Window, business_day
from smartkasa_async.reports.coverage import coverage_of_days
from smartkasa_async.reports.page.writing import write_report_page
from smartkasa_async.reports.sales import SalesGroup, sum_sales

REPORT = "ui://smartkasa/report"
PAGE_DAYS = 31
"""Days of the report page, today the last."""

PAGE_SCHEMA = answer_schema({}, days=TEXT, total=OBJECT)


class ReportTools:
    """The tool that shows the report page.

    Args:
        desk: What it answers from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def resource(self) -> Resource:
        """Return the page as a resource of an app; it is made anew each time it is read."""
        return FunctionResource.from_function(
            self.page,
            uri=REPORT,
            name="report",
            title="Report page",
            description=f"Sales, reconciliation and compliance of the last {PAGE_DAYS} days",
            mime_type=APP_MIME_TYPE,
        )

    async def page(self) -> str:
        """Write the page into a file of its own, and return it."""
        window = self._window()
        folder = await to_thread.run_sync(lambda: tempfile.TemporaryDirectory(prefix="smartkasa-"))
        try:
            file = Path(folder.name) / "report.html"
            await write_report_page(
                self._desk.store,
                file,
                start=window.start,
                end=window.end,
                language=self._desk.language,
                now=self._desk.now(),
            )
            return await to_thread.run_sync(file.read_text, "utf-8")
        finally:
            await to_thread.run_sync(folder.cleanup)

    async def report_page(self) -> CallToolResult:
        """Show the report page of the last 31 days, in hosts that show apps; its total elsewhere."""
        desk, window = self._desk, self._window()
        async with desk.store.snapshot() as at_once:
            summary = await sum_sales(at_once, window, None, SalesGroup.TOTAL)
            async with at_once.reading() as connection:
                coverage = await coverage_of_days(connection, [RecordKind.RECEIPTS], [window], None, desk.now())
        total = {"net": hryvnias(summary.total.net), "refunds": hryvnias(summary.total.refunds)}
        return Answer(
            headline=f"Report page of {window}: net sales {total['net']} UAH. As a file: smartkasa reports html.",
            coverage=coverage,
            facts={"days": f"{window}", "total": total},
        ).give(Page.of("report_page", {}, "", 0))

    def _window(self) -> Window:
        today = business_day(self._desk.now())
        return Window(today - timedelta(days=PAGE_DAYS - 1), today)


def report_app(desk: Desk) -> tuple[Apps, ReportTools]:
    """Make the app, and the tool that it is shown by."""
    tools = ReportTools(desk)
    apps = Apps()
    apps.add_resource(tools.resource())
    return apps, tools
