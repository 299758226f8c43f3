"""The commands that list shops, terminals, employees, categories and units."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from smartkasa_async._support.money import with_kopecks
from smartkasa_async.cli.access import opened_client
from smartkasa_async.cli.messages import _, n_
from smartkasa_async.cli.running import Run, ThisRun
from smartkasa_async.errors import UnreadableRecordsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smartkasa_async import Pages


async def shops(*, title: str | None = None, limit: int | None = None, run: ThisRun) -> None:
    """List the shops.

    Args:
        title: Only shops of this title.
        limit: Maximum number of shops.
    """
    async with opened_client(run.settings) as kasa:
        headings = {"id": _("Id"), "title": _("Title"), "state": _("State"), "phone_number": _("Phone")}
        await show_records(run, kasa.shops.list(title=title, per_page=_PAGE, limit=limit), headings)


async def terminals(*, shop_id: int | None = None, limit: int | None = None, run: ThisRun) -> None:
    """List the terminals.

    Args:
        shop_id: Only terminals of the shop with this id.
        limit: Maximum number of terminals.
    """
    async with opened_client(run.settings) as kasa:
        headings = {
            "id": _("Id"),
            "name": _("Name"),
            "shop_id": _("Shop"),
            "state": _("State"),
            "serial_number": _("Serial number"),
        }
        await show_records(run, kasa.terminals.list(shop_id=shop_id, per_page=_PAGE, limit=limit), headings)


async def employees(*, last_name: str | None = None, limit: int | None = None, run: ThisRun) -> None:
    """List the employees.

    PIN codes are not shown.

    Args:
        last_name: Only employees of this last name.
        limit: Maximum number of employees.
    """
    async with opened_client(run.settings) as kasa:
        headings = {
            "id": _("Id"),
            "last_name": _("Last name"),
            "first_name": _("First name"),
            "phone_number": _("Phone"),
            "role_id": _("Role"),
            "state": _("State"),
        }
        await show_records(run, kasa.employees.list(last_name=last_name, per_page=_PAGE, limit=limit), headings)


async def categories(*, parent_id: str | None = None, limit: int | None = None, run: ThisRun) -> None:
    """List the product categories.

    Args:
        parent_id: Only categories right below the one with this id.
        limit: Maximum number of categories.
    """
    async with opened_client(run.settings) as kasa:
        headings = {"id": _("Id"), "title": _("Title"), "products_count": _("Products"), "parent_id": _("Below")}
        await show_records(run, kasa.categories.list(parent_id=parent_id, per_page=_PAGE, limit=limit), headings)


async def units(*, limit: int | None = None, run: ThisRun) -> None:
    """List the units of measurement.

    Args:
        limit: Maximum number of units.
    """
    async with opened_client(run.settings) as kasa:
        headings = {
            "id": _("Id"),
            "code": _("Code"),
            "name": _("Name"),
            "short_name": _("Short"),
            "is_weighted": _("By weight"),
        }
        await show_records(run, kasa.unit_types.list(limit=limit), headings)


_PAGE = 100


async def show_records(run: Run, records: "Pages[Any]", headings: dict[str, str]) -> None:
    """Print a list: each record as it comes for machines, a table of some fields for people, amounts in hryvnias."""
    rows: list[Sequence[object]] = []
    unreadable: UnreadableRecordsError | None = None
    try:
        async for record in records:
            run.output.record(record)
            if run.output.for_people:
                values = [getattr(record, field) for field in headings]
                rows.append([with_kopecks(value) if isinstance(value, Decimal) else value for value in values])
    except UnreadableRecordsError as error:  # comes after the last record
        unreadable = error
    run.output.table(list(headings.values()), rows)
    run.output.note(n_("{count} record", "{count} records", len(rows)))
    if unreadable is not None:
        raise unreadable
