"""The areas of the API, a method for each operation.

Generated from openapi/ by `python -m codegen`; edit the YAML there, not this file.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from smartkasa_async._base.area import Area, Suggesting, listed
from smartkasa_async._generated import operations, structs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from smartkasa_async._base.area import Caller
    from smartkasa_async.errors import UnreadableRecord
    from smartkasa_async.pagination import Pages

__all__ = [
    "Areas",
    "Auth",
    "Terminals",
    "Shops",
    "Employees",
    "UnitTypes",
    "Categories",
    "Products",
    "Cards",
    "Subgroups",
    "Imports",
    "Shifts",
    "Receipts",
    "Payments",
    "Reports",
]


class Auth(Area):
    """Sessions of a user, by phone number and password."""

    async def login(
        self,
        session: structs.SessionCreate,
    ) -> structs.Session:
        """Log in with a phone number and a password.

        Opens a session and answers its pair of tokens. Judge their lifetime by `access_expires_at` and
        `refresh_expires_at`, not by the claims inside the tokens, which carry `exp` twice. Another login opens another
        session, so a repeated call does no harm (inferred).

        Args:
            session: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/auth/sessions`
        """

        answer = await self._caller.call(
            operations.CREATE_SESSION,
            body=session,
        )
        return answer.data

    async def refresh(
        self,
    ) -> structs.Session:
        """Exchange the refresh token for a new pair of tokens.

        Answers a new access token and a new refresh token. The refresh token that was sent is spent by the call
        (inferred), so save the new pair before using it. After a refresh the access token was seen to live 30 days,
        after a login 24 hours. The flat wire form sends an empty object as the body, the enveloped one no body.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/auth/refresh`
        """

        answer = await self._caller.call(
            operations.REFRESH_SESSION,
        )
        return answer.data

    async def logout(
        self,
    ) -> structs.UuidId:
        """Log out.

        Ends the session of the access token that is sent, and with it both of the session's tokens. The answer's id is
        the token's `uid`.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/auth/sessions/logout`
        """

        answer = await self._caller.call(
            operations.DELETE_SESSION,
        )
        return answer.data


class Terminals(Area):
    """Point-of-sale terminals of the shops."""

    def list(
        self,
        *,
        id: int | None = None,
        name: str | None = None,
        shop_id: int | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.Terminal]:
        """List the terminals.

        Lists the point-of-sale terminals that the user may see, by page. Terminals are made in the vendor's own cabinet
        or app (inferred): the API has no call that creates one.

        Args:
            id: Only the terminal with this id.
            name: Only terminals of this name.
            shop_id: Only terminals of the shop with this id.
            page: Number of the page, from 1.
            per_page: Records on a page; 25 where it is left out. The largest value is unknown and probably clamped
                silently (inferred), so compare `meta.limit_value` with what was asked.
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/pos/terminals`
        """

        return self._caller.pages(
            operations.LIST_TERMINALS,
            {
                "id": id,
                "name": name,
                "shop_id": shop_id,
                "page": page,
                "per_page": per_page,
            },
            limit=limit,
            on_unreadable=on_unreadable,
        )

    async def get(
        self,
        id: int,
    ) -> structs.Terminal:
        """Read a terminal.

        Answers one terminal with its picture.

        Args:
            id: Id of the terminal.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/pos/terminals/{id}`
        """

        answer = await self._caller.call(
            operations.GET_TERMINAL,
            id=id,
        )
        return answer.data

    async def update(
        self,
        id: int,
        terminal: structs.TerminalUpdate,
    ) -> structs.Terminal:
        """Change a terminal's name or shop.

        Sets what the request names and leaves the rest. A value of the wrong type is refused with one sentence instead
        of refusals by field.

        Args:
            id: Id of the terminal.
            terminal: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `PUT /api/v1/pos/terminals/{id}`
        """

        answer = await self._caller.call(
            operations.UPDATE_TERMINAL,
            id=id,
            body=terminal,
        )
        return answer.data

    async def delete(
        self,
        id: int,
    ) -> structs.Terminal:
        """Delete a terminal.

        Deletes a terminal and answers its last state, without the picture.

        Args:
            id: Id of the terminal.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/pos/terminals/{id}`
        """

        answer = await self._caller.call(
            operations.DELETE_TERMINAL,
            id=id,
        )
        return answer.data


class Shops(Area):
    """Shops (торгові точки), their addresses and tax settings."""

    def list(
        self,
        *,
        title: str | None = None,
        phone_number: str | None = None,
        email: str | None = None,
        state: int | None = None,
        website_url: str | None = None,
        business_category_id: int | None = None,
        fiscalization_enabled: bool | None = None,
        is_vat_taxation: bool | None = None,
        is_excise_taxation: bool | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.Shop]:
        """List the shops.

        Lists the shops of the user's business by page, each with its address and its counts of employees and terminals.

        Args:
            title: Only shops with this title.
            phone_number: Only shops with this phone number, digits.
            email: Only shops with this e-mail address.
            state: Only shops in the state with this code.
            website_url: Only shops with this website.
            business_category_id: Only shops in the line of business with this id.
            fiscalization_enabled: Only shops that do or do not issue fiscal receipts.
            is_vat_taxation: Only shops that do or do not pay VAT (ПДВ).
            is_excise_taxation: Only shops that do or do not sell excise goods.
            page: Number of the page, from 1.
            per_page: Records on a page; 25 where it is left out. The largest value is unknown and probably clamped
                silently (inferred), so compare `meta.limit_value` with what was asked.
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/rsn/shops`
        """

        return self._caller.pages(
            operations.LIST_SHOPS,
            {
                "title": title,
                "phone_number": phone_number,
                "email": email,
                "state": state,
                "website_url": website_url,
                "business_category_id": business_category_id,
                "fiscalization_enabled": fiscalization_enabled,
                "is_vat_taxation": is_vat_taxation,
                "is_excise_taxation": is_excise_taxation,
                "page": page,
                "per_page": per_page,
            },
            limit=limit,
            on_unreadable=on_unreadable,
        )

    async def get(
        self,
        id: int,
    ) -> structs.Shop:
        """Read a shop.

        Answers one shop with its address.

        Args:
            id: Id of the shop.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/rsn/shops/{id}`
        """

        answer = await self._caller.call(
            operations.GET_SHOP,
            id=id,
        )
        return answer.data

    async def create(
        self,
        shop: structs.ShopCreate,
    ) -> structs.Shop:
        """Create a shop.

        Creates a shop; only the title must be given. The service stores and answers phone numbers with the country
        code, so 0971234567 comes back as 380971234567.

        Args:
            shop: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/rsn/shops`
        """

        answer = await self._caller.call(
            operations.CREATE_SHOP,
            body=shop,
        )
        return answer.data

    async def update(
        self,
        id: int,
        shop: structs.ShopUpdate,
    ) -> structs.Shop:
        """Change a shop.

        Sets what the request names; what it leaves out should stay (inferred: the recorded update sends every field). A
        title may not be blank.

        Args:
            id: Id of the shop.
            shop: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `PUT /api/v1/rsn/shops/{id}`
        """

        answer = await self._caller.call(
            operations.UPDATE_SHOP,
            id=id,
            body=shop,
        )
        return answer.data

    async def delete(
        self,
        id: int,
    ) -> structs.NumericId:
        """Delete a shop.

        Deletes a shop and answers its id. What becomes of its terminals and stock is not documented.

        Args:
            id: Id of the shop.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/rsn/shops/{id}`
        """

        answer = await self._caller.call(
            operations.DELETE_SHOP,
            id=id,
        )
        return answer.data

    def list_employees(
        self,
        *,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.ShopStaff]:
        """List the shops with their employees.

        Lists all shops at once, each with its staff in short. Count the rows of `employees` rather than trust
        `employees_count`: the recorded answer has one employee and a count of 0.

        Args:
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/rsn/shops/employees`
        """

        return self._caller.pages(
            operations.LIST_SHOP_EMPLOYEES,
            {},
            limit=limit,
            on_unreadable=on_unreadable,
        )


class Employees(Area):
    """Staff of the shops."""

    def list(
        self,
        *,
        phone_number: str | None = None,
        email: str | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        middle_name: str | None = None,
        inn: str | None = None,
        passport_serial: str | None = None,
        passport_number: str | None = None,
        role_id: int | None = None,
        joined_at: date | None = None,
        birthday: date | None = None,
        gender_type_id: int | None = None,
        notes: str | None = None,
        additional_phone_number: str | None = None,
        pin_code: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.Employee]:
        """List the employees.

        Lists the employees of the user's business by page, each with the role. Avatar, addresses and PIN code are not
        among the answered fields. Some filters are personal data or secrets, and query strings end up in logs of
        proxies: prefer the id or the name.

        Args:
            phone_number: Only employees with this phone number, digits.
            email: Only employees with this e-mail address.
            first_name: Only employees with this first name.
            last_name: Only employees with this last name.
            middle_name: Only employees with this patronymic (по батькові).
            inn: Only the employee with this taxpayer number (РНОКПП).
            passport_serial: Only employees with this passport series.
            passport_number: Only employees with this passport number.
            role_id: Only employees in the role with this id.
            joined_at: Only employees who joined on this day, a calendar day without a time zone (inferred).
            birthday: Only employees born on this day, a calendar day without a time zone (inferred).
            gender_type_id: Only employees of the gender with this code.
            notes: Only employees with these notes.
            additional_phone_number: Only employees with this second phone number, digits.
            pin_code: Only the employee with this PIN code. A secret; better not sent in a query.
            page: Number of the page, from 1.
            per_page: Records on a page; 25 where it is left out. The largest value is unknown and probably clamped
                silently (inferred), so compare `meta.limit_value` with what was asked.
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/rsn/employees`
        """

        return self._caller.pages(
            operations.LIST_EMPLOYEES,
            {
                "phone_number": phone_number,
                "email": email,
                "first_name": first_name,
                "last_name": last_name,
                "middle_name": middle_name,
                "inn": inn,
                "passport_serial": passport_serial,
                "passport_number": passport_number,
                "role_id": role_id,
                "joined_at": joined_at,
                "birthday": birthday,
                "gender_type_id": gender_type_id,
                "notes": notes,
                "additional_phone_number": additional_phone_number,
                "pin_code": pin_code,
                "page": page,
                "per_page": per_page,
            },
            limit=limit,
            on_unreadable=on_unreadable,
        )

    async def get(
        self,
        id: int,
    ) -> structs.Employee:
        """Read an employee.

        Answers one employee with the role and the PIN code, a secret.

        Args:
            id: Id of the employee.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/rsn/employees/{id}`
        """

        answer = await self._caller.call(
            operations.GET_EMPLOYEE,
            id=id,
        )
        return answer.data

    async def create(
        self,
        employee: structs.EmployeeCreate,
    ) -> structs.Employee:
        """Create an employee.

        Creates an employee; only the first name must be given. Both phone numbers come back with the country code
        (380…), days as midnight UTC, and the legal address but not the actual one.

        Args:
            employee: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/rsn/employees`
        """

        answer = await self._caller.call(
            operations.CREATE_EMPLOYEE,
            body=employee,
        )
        return answer.data

    async def update(
        self,
        id: int,
        employee: structs.EmployeeUpdate,
    ) -> structs.Employee:
        """Change an employee.

        Sets what the request names; what it leaves out should stay (inferred: the recorded update sends every field).
        The recorded answer has neither role nor addresses, and a null `pin_code` although one was sent, so read the
        employee again where these matter.

        Args:
            id: Id of the employee.
            employee: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `PUT /api/v1/rsn/employees/{id}`
        """

        answer = await self._caller.call(
            operations.UPDATE_EMPLOYEE,
            id=id,
            body=employee,
        )
        return answer.data

    async def delete(
        self,
        id: int,
    ) -> structs.NumericId:
        """Delete an employee.

        Deletes an employee and answers the id.

        Args:
            id: Id of the employee.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/rsn/employees/{id}`
        """

        answer = await self._caller.call(
            operations.DELETE_EMPLOYEE,
            id=id,
        )
        return answer.data


class UnitTypes(Area):
    """Units of measure."""

    def list(
        self,
        *,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.UnitType]:
        """List the units of measure.

        Lists all units of measure at once, ordered by name (inferred). A unit has an `id` and a `code`: `unit_type_id`
        of a receipt's item was seen to carry the code (2009 for pieces), and 0 in the samples of the catalogue.

        Args:
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/inventory/unit_types`
        """

        return self._caller.pages(
            operations.LIST_UNIT_TYPES,
            {},
            limit=limit,
            on_unreadable=on_unreadable,
        )


class Categories(Area):
    """Categories of the catalogue."""

    def list(
        self,
        *,
        id: str | None = None,
        title: str | None = None,
        parent_id: str | None = None,
        color_id: int | None = None,
        shop_ids: Sequence[int] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.Category]:
        """List the categories of the catalogue.

        Gives one page of categories, each with its partner. The vendor lists `shop_ids` among the form's fields; how an
        array stands in the query is not shown anywhere, `shop_ids[]=1` for each is Rails's way (inferred).

        Args:
            id: Only the category with this id.
            title: Only categories with this title.
            parent_id: Only categories directly below this one.
            color_id: Only categories with this colour code.
            shop_ids: Only categories of one of these shops; sent as `shop_ids[]` once for each (inferred).
            page: Number of the page, from 1.
            per_page: Records on a page; 25 where it is left out. The largest value is unknown and probably clamped
                silently (inferred), so compare `meta.limit_value` with what was asked.
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/inventory/categories`
        """

        return self._caller.pages(
            operations.LIST_CATEGORIES,
            {
                "id": id,
                "title": title,
                "parent_id": parent_id,
                "color_id": color_id,
                "shop_ids": shop_ids,
                "page": page,
                "per_page": per_page,
            },
            limit=limit,
            on_unreadable=on_unreadable,
        )

    async def create(
        self,
        category: structs.CategoryCreate,
    ) -> structs.Category:
        """Create a category.

        Adds one category; nothing keeps two categories from having the same title, so a repeated call makes a second
        one (inferred). A recorded create that sent `color` was answered with `color_id` null, so send `color_id` as
        well if the colour matters (inferred).

        Args:
            category: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/inventory/categories`
        """

        answer = await self._caller.call(
            operations.CREATE_CATEGORY,
            body=category,
        )
        return answer.data

    async def update(
        self,
        id: str,
        category: structs.CategoryUpdate,
    ) -> structs.Category:
        """Update a category.

        Changes the fields that are sent; the others stay as they were (inferred). A recorded update that sent `color` 2
        was answered with `color_id` 0, so the two are not the same field.

        Args:
            id: Id of the category.
            category: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `PUT /api/v1/inventory/categories/{id}`
        """

        answer = await self._caller.call(
            operations.UPDATE_CATEGORY,
            id=id,
            body=category,
        )
        return answer.data

    async def delete(
        self,
        id: str,
    ) -> structs.Category:
        """Delete a category.

        Removes one category and answers with it as it was. What becomes of the products in it is not documented.

        Args:
            id: Id of the category.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/inventory/categories/{id}`
        """

        answer = await self._caller.call(
            operations.DELETE_CATEGORY,
            id=id,
        )
        return answer.data

    async def create_batch(
        self,
        categories: Sequence[structs.CategoryCreate],
    ) -> builtins.list[structs.Category]:
        """Create categories together.

        Adds several categories and answers with them in the order sent (inferred). A refusal names no row, and whether
        the rows before it were kept is unknown; take it that the batch is refused whole (inferred) and read back before
        sending again. `color` was not reflected in the recorded answers.

        Args:
            categories: The records to create.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/inventory/categories/batch`
        """

        answer = await self._caller.call(
            operations.CREATE_CATEGORY_BATCH,
            body=structs.CategoryBatch(categories=listed(categories)),
        )
        return answer.data

    async def delete_batch(
        self,
        ids: Sequence[str],
    ) -> builtins.list[structs.Category]:
        """Delete categories together.

        Removes the categories with these ids and answers with them as they were. Mind that this DELETE carries a body.

        Args:
            ids: Ids of the records.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/inventory/categories/batch`
        """

        answer = await self._caller.call(
            operations.DELETE_CATEGORY_BATCH,
            body=structs.IdBatch(ids=listed(ids)),
        )
        return answer.data


class Products(Area):
    """Products of the catalogue."""

    def list(
        self,
        *,
        q: str | None = None,
        number: str | None = None,
        shop_id: int | None = None,
        subgroup_id: int | None = None,
        category_id: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.Product]:
        """List the products of the catalogue.

        Gives one page of products. `number` finds the products with one barcode, of which there may be several, so a
        create whose answer was lost can be read back. The vendor documents `page` and `per_page` as strings here;
        numbers are the same in a URL.

        Args:
            q: Text to search for.
            number: Only products with this barcode (штрихкод).
            shop_id: Only products of this shop.
            subgroup_id: Only products of this subgroup.
            category_id: Only products of this category.
            page: Number of the page, from 1.
            per_page: Records on a page; 25 where it is left out. The largest value is unknown and probably clamped
                silently (inferred), so compare `meta.limit_value` with what was asked.
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/inventory/products`
        """

        return self._caller.pages(
            operations.LIST_PRODUCTS,
            {
                "q": q,
                "number": number,
                "shop_id": shop_id,
                "subgroup_id": subgroup_id,
                "category_id": category_id,
                "page": page,
                "per_page": per_page,
            },
            limit=limit,
            on_unreadable=on_unreadable,
        )

    async def get(
        self,
        id: str,
    ) -> structs.Product:
        """Get a product.

        Gives one product with its category and with the stock cards of all shops.

        Args:
            id: Id of the product.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/inventory/products/{id}`
        """

        answer = await self._caller.call(
            operations.GET_PRODUCT,
            id=id,
        )
        return answer.data

    async def create(
        self,
        product: structs.ProductCreate,
    ) -> structs.UuidId:
        """Create a product.

        Adds one product and answers with its id alone. Two products may share a barcode, so a repeated call makes a
        second product: read back by `number` before sending a create again whose answer was lost.

        Args:
            product: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/inventory/products`
        """

        answer = await self._caller.call(
            operations.CREATE_PRODUCT,
            body=product,
        )
        return answer.data

    async def update(
        self,
        id: str,
        product: structs.ProductUpdate,
    ) -> structs.UuidId:
        """Update a product.

        Changes the fields that are sent; the others stay as they were (inferred). Answers with the id alone.

        Args:
            id: Id of the product.
            product: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `PATCH /api/v1/inventory/products/{id}`
        """

        answer = await self._caller.call(
            operations.UPDATE_PRODUCT,
            id=id,
            body=product,
        )
        return answer.data

    async def delete(
        self,
        id: str,
    ) -> structs.UuidId:
        """Delete a product.

        Removes one product and answers with its id alone. What becomes of its stock cards is not documented.

        Args:
            id: Id of the product.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/inventory/products/{id}`
        """

        answer = await self._caller.call(
            operations.DELETE_PRODUCT,
            id=id,
        )
        return answer.data

    async def create_batch(
        self,
        products: Sequence[structs.ProductCreate],
    ) -> builtins.list[structs.UuidId]:
        """Create products together.

        Adds several products and answers with their ids in the order sent (inferred). It only creates: rows with a
        barcode that the catalogue already has become further products. A refusal names the field but no row, and
        whether the other rows were kept is unknown; take it that the batch is refused whole (inferred) and read back by
        `number` before sending again.

        Args:
            products: The records to create.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/inventory/products/batch`
        """

        answer = await self._caller.call(
            operations.CREATE_PRODUCT_BATCH,
            body=structs.ProductBatch(products=listed(products)),
        )
        return answer.data

    async def delete_batch(
        self,
        ids: Sequence[str],
    ) -> builtins.list[structs.UuidId]:
        """Delete products together.

        Removes the products with these ids and answers with the ids. Mind that this DELETE carries a body.

        Args:
            ids: Ids of the records.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/inventory/products/batch`
        """

        answer = await self._caller.call(
            operations.DELETE_PRODUCT_BATCH,
            body=structs.IdBatch(ids=listed(ids)),
        )
        return answer.data


class Cards(Area):
    """Stock cards, the count of a product in a shop."""

    def list(
        self,
        *,
        id: int | None = None,
        product_id: str | None = None,
        shop_id: int | None = None,
        counting_enabled: bool | None = None,
        count: Decimal | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.StockCard]:
        """List the stock cards.

        Gives all stock cards at once, each with its product and its shop; the answer counts them and has no pages, so
        narrow it by shop or product where the catalogue is large.

        Args:
            id: Only the card with this id.
            product_id: Only cards of this product.
            shop_id: Only cards of this shop.
            counting_enabled: Only cards that are counted, or only those that are not.
            count: Only cards with this count, in the product's unit of measure.
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/inventory/cards`
        """

        return self._caller.pages(
            operations.LIST_STOCK_CARDS,
            {
                "id": id,
                "product_id": product_id,
                "shop_id": shop_id,
                "counting_enabled": counting_enabled,
                "count": count,
            },
            limit=limit,
            on_unreadable=on_unreadable,
        )

    async def get(
        self,
        id: int,
    ) -> structs.StockCard:
        """Get a stock card.

        Gives one stock card with its product and its shop.

        Args:
            id: Id of the stock card.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/inventory/cards/{id}`
        """

        answer = await self._caller.call(
            operations.GET_STOCK_CARD,
            id=id,
        )
        return answer.data

    async def create(
        self,
        stock_card: structs.StockCardCreate,
    ) -> structs.StockCard:
        """Create a stock card.

        Starts the count of a product in a shop. The product and the shop must exist; a product that the service does
        not know is refused as `product_id` invalid (inferred).

        Args:
            stock_card: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/inventory/cards`
        """

        answer = await self._caller.call(
            operations.CREATE_STOCK_CARD,
            body=stock_card,
        )
        return answer.data

    async def update(
        self,
        id: int,
        stock_card: structs.StockCardUpdate,
    ) -> structs.NumericId:
        """Update a stock card.

        Sets the count outright instead of adding to it, so it races with sales: a second send could undo a sale made in
        between, and an answer that was lost is to be settled by reading the card. Answers with the id alone.

        Args:
            id: Id of the stock card.
            stock_card: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `PUT /api/v1/inventory/cards/{id}`
        """

        answer = await self._caller.call(
            operations.UPDATE_STOCK_CARD,
            id=id,
            body=stock_card,
        )
        return answer.data

    async def delete(
        self,
        id: int,
    ) -> structs.NumericId:
        """Delete a stock card.

        Ends the count of a product in a shop and answers with the id alone.

        Args:
            id: Id of the stock card.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/inventory/cards/{id}`
        """

        answer = await self._caller.call(
            operations.DELETE_STOCK_CARD,
            id=id,
        )
        return answer.data


class Subgroups(Area):
    """Subgroups of products."""

    def list(
        self,
        *,
        id: int | None = None,
        title: str | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.Subgroup]:
        """List the subgroups of products.

        Gives all subgroups at once; the answer counts them and has no pages.

        Args:
            id: Only the subgroup with this id.
            title: Only subgroups with this title.
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/inventory/product_subgroups`
        """

        return self._caller.pages(
            operations.LIST_SUBGROUPS,
            {
                "id": id,
                "title": title,
            },
            limit=limit,
            on_unreadable=on_unreadable,
        )

    async def create(
        self,
        subgroup: structs.SubgroupCreate,
    ) -> structs.Subgroup:
        """Create a subgroup.

        Adds one subgroup; a repeated call makes a second one with the same title (inferred).

        Args:
            subgroup: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/inventory/product_subgroups`
        """

        answer = await self._caller.call(
            operations.CREATE_SUBGROUP,
            body=subgroup,
        )
        return answer.data

    async def update(
        self,
        id: int,
        subgroup: structs.SubgroupUpdate,
    ) -> structs.Subgroup:
        """Update a subgroup.

        Gives the subgroup another title and answers with it as it is now.

        Args:
            id: Id of the subgroup.
            subgroup: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `PUT /api/v1/inventory/product_subgroups/{id}`
        """

        answer = await self._caller.call(
            operations.UPDATE_SUBGROUP,
            id=id,
            body=subgroup,
        )
        return answer.data

    async def delete(
        self,
        id: int,
    ) -> structs.Subgroup:
        """Delete a subgroup.

        Removes one subgroup and answers with it as it was.

        Args:
            id: Id of the subgroup.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/inventory/product_subgroups/{id}`
        """

        answer = await self._caller.call(
            operations.DELETE_SUBGROUP,
            id=id,
        )
        return answer.data


class Imports(Area):
    """Batch calls for categories and products, and imports from a file."""

    def list(
        self,
        *,
        url: str | None = None,
        category_id: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.ImportJob]:
        """List the imports from files.

        Gives one page of import jobs, without their results.

        Args:
            url: Only imports of the file at this address.
            category_id: Only imports into this category.
            page: Number of the page, from 1.
            per_page: Records on a page; 25 where it is left out. The largest value is unknown and probably clamped
                silently (inferred), so compare `meta.limit_value` with what was asked.
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/inventory/import_products`
        """

        return self._caller.pages(
            operations.LIST_IMPORT_JOBS,
            {
                "url": url,
                "category_id": category_id,
                "page": page,
                "per_page": per_page,
            },
            limit=limit,
            on_unreadable=on_unreadable,
        )

    async def get(
        self,
        id: int,
    ) -> structs.ImportJob:
        """Get an import from a file.

        Gives one import job with its counts and its results so far.

        Args:
            id: Id of the import job.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/inventory/import_products/{id}`
        """

        answer = await self._caller.call(
            operations.GET_IMPORT_JOB,
            id=id,
        )
        return answer.data

    async def create(
        self,
        import_job: structs.ImportJobCreate,
    ) -> structs.ImportJob:
        """Start an import from a file.

        Makes the service fetch a JSON file of products and put them into a category. It counts created and updated
        products, so it is the one call that updates what is there already; by which key it matches them is not
        documented, nor is the file's form. The answer comes before the work (inferred): read the job again for its
        counts.

        Args:
            import_job: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/inventory/import_products`
        """

        answer = await self._caller.call(
            operations.CREATE_IMPORT_JOB,
            body=import_job,
        )
        return answer.data


class Shifts(Area):
    """Shifts of the cash registers."""

    def list(
        self,
        *,
        terminal_id: int | None = None,
        state: structs.ShiftState | int | None = None,
        id: str | None = None,
        remote_shift_id: str | None = None,
        fiscal_number: str | None = None,
        cash_balance: Decimal | None = None,
        device_uid: str | None = None,
        registrar_fiscal_number: str | None = None,
        opened_by: str | None = None,
        closed_by: str | None = None,
        terminal_user_id: int | None = None,
        employee_id: int | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.Shift]:
        """List the shifts of the cash registers.

        Lists open and closed shifts by pages. The documentation's own sample asks for state 0 and shows a closed shift
        too, so compare `state` and `closed_at` of what comes back rather than rely on the filter alone.

        Args:
            terminal_id: Id of the terminal that the shift was opened on.
            state: Code of the shift's state.
            id: Id of the shift.
            remote_shift_id: Id of the shift on the tax service's server.
            fiscal_number: Fiscal number of the shift.
            cash_balance: Cash in the drawer, hryvnias.
            device_uid: Unique id of the device.
            registrar_fiscal_number: Fiscal number of the registrar (ПРРО).
            opened_by: Name of the person who opened the shift.
            closed_by: Name of the person who closed the shift.
            terminal_user_id: Id of the terminal's user who works the shift.
            employee_id: Id of the employee who works the shift.
            page: Number of the page, from 1.
            per_page: Records on a page; 25 where it is left out. The largest value is unknown and probably clamped
                silently (inferred), so compare `meta.limit_value` with what was asked.
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/pos/shifts`
        """

        return self._caller.pages(
            operations.LIST_SHIFTS,
            {
                "terminal_id": terminal_id,
                "state": state,
                "id": id,
                "remote_shift_id": remote_shift_id,
                "fiscal_number": fiscal_number,
                "cash_balance": cash_balance,
                "device_uid": device_uid,
                "registrar_fiscal_number": registrar_fiscal_number,
                "opened_by": opened_by,
                "closed_by": closed_by,
                "terminal_user_id": terminal_user_id,
                "employee_id": employee_id,
                "page": page,
                "per_page": per_page,
            },
            limit=limit,
            on_unreadable=on_unreadable,
        )

    async def get(
        self,
        id: str,
    ) -> structs.Shift:
        """Get a shift.

        Reads one shift. While it is open, `closed_at` and `closed_by` are null.

        Args:
            id: Id of the shift.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/pos/shifts/{id}`
        """

        answer = await self._caller.call(
            operations.GET_SHIFT,
            id=id,
        )
        return answer.data


class Receipts(Area):
    """Receipts and their payments."""

    def list(
        self,
        *,
        shop_id: int | None = None,
        state: structs.ReceiptState | int | None = None,
        date_start: date | datetime | None = None,
        date_end: date | datetime | None = None,
        id: str | None = None,
        shift_id: str | None = None,
        title: str | None = None,
        total_amount: Decimal | None = None,
        type: structs.ReceiptType | int | None = None,
        discount_type_id: structs.DiscountType | int | None = None,
        discount_amount: Decimal | None = None,
        discount_percentage: Decimal | None = None,
        seller_id: int | None = None,
        terminal_id: int | None = None,
        cashier_name: str | None = None,
        description: str | None = None,
        fiscal_number: str | None = None,
        registrar_fiscal_number: str | None = None,
        registrar_local_number: str | None = None,
        rounding_amount: Decimal | None = None,
        offline_id: int | None = None,
        offline_seed: str | None = None,
        offline_local_number: int | None = None,
        previous_receipt_hash: str | None = None,
        related_fiscal_number: str | None = None,
        is_hidden: bool | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.Receipt]:
        """List receipts with their items and payments.

        Lists receipts newest first, by offset (inferred): while new ones arrive the pages shift, so a receipt can come
        twice or be missed. The list holds refunds, cancellations and service operations beside sales, so look at `type`
        and `state` before adding up. Ten receipts make a page unless `per_page` says otherwise.

        Args:
            shop_id: Id of the shop.
            state: Code of the receipt's state.
            date_start: First business day, a day in Europe/Kyiv, inclusive; or the first moment, a time with its
                offset.
            date_end: Last business day, a day in Europe/Kyiv, inclusive; or the last moment, a time with its offset.
            id: Id of the receipt.
            shift_id: Id of the shift.
            title: Title of the receipt.
            total_amount: Total, hryvnias.
            type: Code of the operation.
            discount_type_id: Code of the discount's kind.
            discount_amount: Discount, hryvnias.
            discount_percentage: Discount, percent.
            seller_id: Id of the seller.
            terminal_id: Id of the terminal.
            cashier_name: Name of the cashier.
            description: Note on the receipt.
            fiscal_number: Fiscal number of the receipt.
            registrar_fiscal_number: Fiscal number of the registrar (ПРРО).
            registrar_local_number: Local number of the registrar.
            rounding_amount: Cash rounding, hryvnias.
            offline_id: Number of the offline session.
            offline_seed: Seed of the offline session.
            offline_local_number: Number of the receipt in the offline session.
            previous_receipt_hash: Hash of the offline receipt before.
            related_fiscal_number: Fiscal number of the receipt that is refunded.
            is_hidden: Whether the receipt is hidden.
            page: Number of the page, from 1.
            per_page: Receipts on a page; 10 where it is left out. The largest value is unknown and probably clamped
                silently (inferred), so compare `meta.limit_value` with what was asked.
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/pos/receipts`
        """

        return self._caller.pages(
            operations.LIST_RECEIPTS,
            {
                "shop_id": shop_id,
                "state": state,
                "date_start": date_start,
                "date_end": date_end,
                "id": id,
                "shift_id": shift_id,
                "title": title,
                "total_amount": total_amount,
                "type": type,
                "discount_type_id": discount_type_id,
                "discount_amount": discount_amount,
                "discount_percentage": discount_percentage,
                "seller_id": seller_id,
                "terminal_id": terminal_id,
                "cashier_name": cashier_name,
                "description": description,
                "fiscal_number": fiscal_number,
                "registrar_fiscal_number": registrar_fiscal_number,
                "registrar_local_number": registrar_local_number,
                "rounding_amount": rounding_amount,
                "offline_id": offline_id,
                "offline_seed": offline_seed,
                "offline_local_number": offline_local_number,
                "previous_receipt_hash": previous_receipt_hash,
                "related_fiscal_number": related_fiscal_number,
                "is_hidden": is_hidden,
                "page": page,
                "per_page": per_page,
            },
            limit=limit,
            on_unreadable=on_unreadable,
        )

    async def get(
        self,
        id: str,
    ) -> structs.Receipt:
        """Get a receipt.

        Reads one receipt with its items. The recorded answer leaves `payment_transactions` out; the list carries them.

        Args:
            id: Id of the receipt.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/pos/receipts/{id}`
        """

        answer = await self._caller.call(
            operations.GET_RECEIPT,
            id=id,
        )
        return answer.data

    async def create(
        self,
        receipt: structs.ReceiptCreate,
    ) -> structs.Receipt:
        """Create a receipt.

        Stores a receipt with its items. It is not idempotent and there is no idempotency key: sending it again after a
        lost answer can make a second receipt. The answer leaves `payment_transactions` out.

        Args:
            receipt: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/pos/receipts`
        """

        answer = await self._caller.call(
            operations.CREATE_RECEIPT,
            body=receipt,
        )
        return answer.data

    async def update(
        self,
        id: str,
        receipt: structs.ReceiptUpdate,
    ) -> structs.Receipt:
        """Update a receipt.

        Changes the named fields of a receipt. `items` replaces the whole list: the recorded items come back with new
        ids and times (inferred).

        Args:
            id: Id of the receipt.
            receipt: Fields to send; those left out are not sent.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `PUT /api/v1/pos/receipts/{id}`
        """

        answer = await self._caller.call(
            operations.UPDATE_RECEIPT,
            id=id,
            body=receipt,
        )
        return answer.data

    async def delete(
        self,
        id: str,
    ) -> structs.Receipt:
        """Delete a receipt.

        Deletes a receipt and answers with it, without items and payments.

        Args:
            id: Id of the receipt.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/pos/receipts/{id}`
        """

        answer = await self._caller.call(
            operations.DELETE_RECEIPT,
            id=id,
        )
        return answer.data

    async def create_batch(
        self,
        receipts: Sequence[structs.ReceiptCreate],
    ) -> builtins.list[structs.Receipt]:
        """Create several receipts.

        Stores several receipts with their items and answers with all of them, in the order of the request (inferred).
        It only creates, so sending it again after a lost answer can double them. A refusal does not say which receipt
        it means.

        Args:
            receipts: The records to create.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `POST /api/v1/pos/receipts/batch`
        """

        answer = await self._caller.call(
            operations.CREATE_RECEIPT_BATCH,
            body=structs.ReceiptBatch(receipts=listed(receipts)),
        )
        return answer.data

    async def delete_batch(
        self,
        ids: Sequence[str],
    ) -> structs.Receipt | builtins.list[structs.Receipt]:
        """Delete several receipts.

        Deletes receipts by their ids, which go in the body. For one id the recorded answer holds one receipt, not a
        list; for several ids a list is expected (inferred).

        Args:
            ids: Ids of the records.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `DELETE /api/v1/pos/receipts/batch`
        """

        answer = await self._caller.call(
            operations.DELETE_RECEIPT_BATCH,
            body=structs.IdBatch(ids=listed(ids)),
        )
        return answer.data


class Payments(Area):
    """Receipts and their payments."""

    async def get(
        self,
        id: str,
    ) -> structs.PaymentTransaction:
        """Get a payment with its receipt.

        Reads one payment. Its receipt comes along, without items and payments.

        Args:
            id: Id of the payment.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/pos/payment_transactions/{id}`
        """

        answer = await self._caller.call(
            operations.GET_PAYMENT,
            id=id,
        )
        return answer.data


class Reports(Area):
    """Product sales and fiscal Z-reports."""

    async def product_sales(
        self,
        *,
        shop_id: int | None = None,
        date_start: date | datetime | None = None,
        date_end: date | datetime | None = None,
    ) -> structs.ProductSales:
        """Sum up sales by product.

        Sums what each product sold in a span of business days. Money and counts are strings in a product's line and
        JSON numbers in the totals. Without dates the span is unknown, so name both (inferred).

        Args:
            shop_id: Id of the shop.
            date_start: First business day, a day in Europe/Kyiv, inclusive; or the first moment, a time with its
                offset.
            date_end: Last business day, a day in Europe/Kyiv, inclusive; or the last moment, a time with its offset.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/stats/product_daily_sales/alter`
        """

        answer = await self._caller.call(
            operations.GET_PRODUCT_SALES,
            query={
                "shop_id": shop_id,
                "date_start": date_start,
                "date_end": date_end,
            },
        )
        return answer.data

    def z_reports(
        self,
        *,
        shop_id: int | None = None,
        date_start: date | datetime | None = None,
        date_end: date | datetime | None = None,
        terminal_id: int | None = None,
        terminal_user_id: int | None = None,
        page: int | None = None,
        per_page: int | None = None,
        limit: int | None = None,
        on_unreadable: Callable[[UnreadableRecord], None] | None = None,
    ) -> Pages[structs.ZReport]:
        """List fiscal Z-reports.

        Lists the Z-reports that closed the shifts, each with its shift and its shop. A day can have several, and one
        can cover several days, so match receipts by shift or registrar and not by date. The answer counts pages, so
        `page` and `per_page` are taken to work here although no source lists them (inferred).

        Args:
            shop_id: Id of the shop.
            date_start: First business day, a day in Europe/Kyiv, inclusive; or the first moment, a time with its
                offset.
            date_end: Last business day, a day in Europe/Kyiv, inclusive; or the last moment, a time with its offset.
            terminal_id: Id of the terminal.
            terminal_user_id: Id of the terminal's user, the cashier. The service spells the name this way.
            page: Number of the page, from 1.
            per_page: Records on a page; 25 where it is left out. The largest value is unknown and probably clamped
                silently (inferred), so compare `meta.limit_value` with what was asked.
            limit: Most records to give in total, however many pages that takes.
            on_unreadable: Called with each record that does not have the documented form; where None, the list ends
                with `UnreadableRecordsError` after the last record.

        Raises:
            SmartKasaError: The call failed; the tree of errors is drawn in `smartkasa_async.errors`.

        API: `GET /api/v1/reports/z-reports`
        """

        return self._caller.pages(
            operations.LIST_Z_REPORTS,
            {
                "shop_id": shop_id,
                "date_start": date_start,
                "date_end": date_end,
                "terminal_id": terminal_id,
                "termianl_user_id": terminal_user_id,
                "page": page,
                "per_page": per_page,
            },
            limit=limit,
            on_unreadable=on_unreadable,
        )


class Areas(Suggesting):
    """The areas of the API as attributes."""

    def __init__(self, caller: Caller) -> None:
        self.auth: Auth = Auth(caller)
        """Sessions of a user, by phone number and password."""
        self.terminals: Terminals = Terminals(caller)
        """Point-of-sale terminals of the shops."""
        self.shops: Shops = Shops(caller)
        """Shops (торгові точки), their addresses and tax settings."""
        self.employees: Employees = Employees(caller)
        """Staff of the shops."""
        self.unit_types: UnitTypes = UnitTypes(caller)
        """Units of measure."""
        self.categories: Categories = Categories(caller)
        """Categories of the catalogue."""
        self.products: Products = Products(caller)
        """Products of the catalogue."""
        self.cards: Cards = Cards(caller)
        """Stock cards, the count of a product in a shop."""
        self.subgroups: Subgroups = Subgroups(caller)
        """Subgroups of products."""
        self.imports: Imports = Imports(caller)
        """Batch calls for categories and products, and imports from a file."""
        self.shifts: Shifts = Shifts(caller)
        """Shifts of the cash registers."""
        self.receipts: Receipts = Receipts(caller)
        """Receipts and their payments."""
        self.payments: Payments = Payments(caller)
        """Receipts and their payments."""
        self.reports: Reports = Reports(caller)
        """Product sales and fiscal Z-reports."""
