"""Whose rows a statement reads and changes.

A store limits each statement that it executes to its account here, whatever it is, so that no query can forget to.
"""

# ruff: noqa: SLF001  (SQLAlchemy gives no other way to see what a query is made of)

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import (
    Alias,
    BigInteger,
    ColumnElement,
    Delete,
    FromClause,
    Insert,
    Join,
    Select,
    SelectBase,
    Table,
    TableClause,
    TextClause,
    Update,
    UpdateBase,
    and_,
    bindparam,
    event,
)
from sqlalchemy.sql.selectable import AliasedReturnsRows
from sqlalchemy.sql.visitors import cloned_traverse
from sqlalchemy.util import LRUCache

from smartkasa_async.stores.schema import METADATA, SCHEMA_VERSIONS

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

StatementT = TypeVar("StatementT", bound=SelectBase | UpdateBase)

ACCOUNT = "smartkasa_account"
"""Name of the option of an engine or a connection that has the id of the account; without it nothing is limited."""

_KNOWN: LRUCache[Any, tuple[Any, list[str]]] = LRUCache(500)
"""Queries by what they are but for their values: limited, and the names of their values in the order of these."""


def limit_statements(engine: Engine) -> None:
    """Limit what is executed by an engine to the account that its options name.

    Queries that differ in values alone are limited once, for all engines and accounts: it takes longer than many of
    them do.
    """
    event.listen(engine, "before_execute", _limit, retval=True)


def _limit(
    connection: Connection, statement: Any, several: Any, parameters: Any, _options: object
) -> tuple[Any, Any, Any]:
    account_id = connection.get_execution_options().get(ACCOUNT)
    if account_id is None or not isinstance(statement, SelectBase | UpdateBase):
        return statement, several, parameters
    form = statement._generate_cache_key()
    if form is None or several or parameters or isinstance(statement, UpdateBase):
        return of_account(statement, bindparam(ACCOUNT, account_id, type_=BigInteger)), several, parameters
    found = _KNOWN.get(form.key)
    if found is None:
        limited: Any = of_account(statement, bindparam(ACCOUNT, type_=BigInteger))
        names = [one.key for one in limited._generate_cache_key().bindparams if one.key != ACCOUNT]
        found = _KNOWN[form.key] = limited, names
    query, names = found
    given = {name: value.effective_value for name, value in zip(names, form.bindparams, strict=True)}
    return query, several, given | {ACCOUNT: account_id}


def of_account(statement: StatementT, account_id: ColumnElement[int] | TextClause) -> StatementT:
    """Limit a statement to the rows of one account in every table that it names; what it inserts is of that account.

    Args:
        statement: A statement; what is written as text is left as it is. A query that rows are inserted from gives
            their account itself.
        account_id: The account's id, or a parameter for it.
    """

    def limit_joins(query: Any) -> None:
        query._setup_joins = tuple(
            (right, _on(right, condition, account_id), left, kind)
            for right, condition, left, kind in query._setup_joins
        )

    def limit_select(select: Any) -> None:
        tables = _tables(select)
        limit_joins(select)
        select._where_criteria += tuple(table.c.account_id == account_id for table in tables)

    def limit_join(join: Join) -> None:
        join.onclause = _on(join.right, join.onclause, account_id)

    if isinstance(statement, Insert) and statement.select is None and _is_of_accounts(statement.table):
        statement = statement.values(account_id=account_id)
    visitors = {"select": limit_select, "join": limit_join, "memoized_select_entities": limit_joins}
    limited: Any = cloned_traverse(cast("Any", statement), {}, visitors)
    if isinstance(limited, Update | Delete) and _is_of_accounts(limited.table):
        limited = limited.where(limited.table.c.account_id == account_id)
    return limited  # type: ignore[no-any-return]


def _tables(select: Select[Any]) -> list[FromClause]:
    """Return the tables of accounts that a query begins with, those that it joins left out."""
    named: list[Any] = [*select._raw_columns, *select._where_criteria, *select._from_obj]
    # Where the columns of a query were replaced, the joins stand with those that it had before.
    joins = [join for query in (select, *select._memoized_select_entities) for join in query._setup_joins]
    named += [left for _, _, left, _ in joins if left is not None]
    froms = dict.fromkeys(from_ for one in named for from_ in one._from_objects)
    joined: set[Any] = {right for right, _, _, _ in joins}
    joined |= {from_.right for from_ in froms if isinstance(from_, Join)}
    known = {each for right in joined for each in right._cloned_set}
    return [from_ for from_ in froms if _is_of_accounts(from_) and known.isdisjoint(from_._cloned_set)]


def _on(
    right: FromClause, condition: ColumnElement[bool] | None, account_id: ColumnElement[int] | TextClause
) -> ColumnElement[bool]:
    """Return the condition of a join, limited: where the join is an outer one, `WHERE` would come too late."""
    if condition is None or not isinstance(right, TableClause | AliasedReturnsRows):
        raise NotImplementedError(
            "A join can be limited to an account where it is of one table or subquery, by a condition"
        )
    return and_(condition, right.c.account_id == account_id) if _is_of_accounts(right) else condition


def _is_of_accounts(from_: FromClause) -> bool:
    table = from_.element if isinstance(from_, Alias) else from_
    return isinstance(table, Table) and table.metadata is METADATA and table is not SCHEMA_VERSIONS
