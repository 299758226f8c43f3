"""The report page: sales, reconciliation and fiscal findings of a store as one HTML file that needs no network.

Figures are added up by shop and time (`cubes`), put together with what was found (`data`), and written into a template
together with the scripts and styles of `assets` (`document`).
"""

from __future__ import annotations

from smartkasa_async.reports.page.writing import PageProgress, PageStage, ReportPage, write_report_page

__all__ = ["PageProgress", "PageStage", "ReportPage", "write_report_page"]
