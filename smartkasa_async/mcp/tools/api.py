"""The API itself: what there is, what it takes and gives, and reading from it."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from mcp_types import CallToolResult

from smartkasa_async import operations
from smartkasa_async._generated import areas
from smartkasa_async._i18n.message import msg
from smartkasa_async._support.nearest import nearest
from smartkasa_async.client import SmartKasa
from smartkasa_async.errors import InvalidRequestError
from smartkasa_async.mcp.answers import MOST_ROWS, TOKENS, Answer, Page, without_none
from smartkasa_async.mcp.desk import Desk
from smartkasa_async.mcp.schemas import FLAG, OBJECT, TEXT, Cursor, Number, Tokens, answer_schema
from smartkasa_async.mcp.texts import is_personal_field, without_people
from smartkasa_async.models import PageMeta
from smartkasa_async.operations import Operation
from smartkasa_async.records.days import KYIV
from smartkasa_async.reports.coverage import Coverage

_PER_PAGE = 50
_MOST_NUMBER = 100_000
_WORD = re.compile(r"[a-z0-9]+|[а-яіїєґ']+")
_UKRAINIAN = {
    "чек": "receipt",
    "магазин": "shop",
    "крамниц": "shop",
    "товар": "product",
    "залиш": "card stock",
    "зміна": "shift",
    "зміни": "shift",
    "звіт": "report",
    "термінал": "terminal",
    "кас": "terminal",
    "працівник": "employee",
    "касир": "employee",
    "категорі": "category categories",
    "оплат": "payment",
    "одиниц": "unit",
    "підгруп": "subgroup",
    "продаж": "sales",
}
"""What Ukrainian words begin with, and the words of the API's own document."""

SEARCH_SCHEMA = answer_schema({"operation": TEXT, "about": TEXT, "method": TEXT, "path": TEXT, "readable": FLAG})
DESCRIBE_SCHEMA = answer_schema({"field": TEXT, "type": TEXT, "of": TEXT}, operation=OBJECT)
READ_SCHEMA = answer_schema({}, operation=TEXT)


class ApiTools:
    """Tools on the API's document, which need no access to the service.

    Args:
        desk: What they answer from.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def api_search(self, text: str = "", cursor: Cursor = "", max_tokens: Tokens = TOKENS) -> CallToolResult:
        """Find operations of the SmartKasa API by words, in English or Ukrainian; all of them if empty."""
        page = Page.of("api_search", {"arguments": [text]}, cursor, max_tokens)
        words = _words(text)
        scored = [(_score(each, words), each) for each in operations.ALL]
        found = [each for score, each in sorted(scored, key=lambda pair: -pair[0]) if score or not words]
        rows = [
            {
                "operation": _name(each),
                "about": _about(each).partition("\n")[0],
                "method": each.method,
                "path": each.path,
                "readable": each.method == "GET",
            }
            for each in found[page.first : page.first + MOST_ROWS]
        ]
        return Answer(
            headline=f"{len(found)} operations of the API; readable ones can be called by api_read.",
            coverage=self._document(),
            rows=rows,
            count=len(found),
            shown=("operation", "about"),
        ).give(page)

    async def api_describe(self, operation: str, cursor: Cursor = "", max_tokens: Tokens = TOKENS) -> CallToolResult:
        """One operation of the API: its query parameters, and the fields that it takes and gives."""
        page = Page.of("api_describe", {"arguments": [operation]}, cursor, max_tokens)
        found = named(operation)
        rows = [{"field": name, "type": kind, "of": "query"} for name, kind in found.parameters.items()]
        if found.request is not None:
            rows += [{**field, "of": "body"} for field in _fields(found.request)]
        rows += [{**field, "of": "answer"} for field in _fields(_record_of(found))]
        facts = without_none(
            name=_name(found),
            method=found.method,
            path=found.path,
            about=_about(found),
            takes_id="{id}" in found.path or None,
            pages=found.pages,
            readable=found.method == "GET",
            known_from=found.source,
        )
        return Answer(
            headline=f"{_name(found)}: {found.method} {found.path}. {_about(found).partition(chr(10))[0]}",
            coverage=self._document(),
            rows=rows[page.first :],
            count=len(rows),
            facts={"operation": facts},
            shown=("of", "field", "type"),
        ).give(page)

    def _document(self) -> Coverage:
        """Return that nothing is missing: the document is a part of this program."""
        return Coverage(complete_until=self._desk.now())


class ReadTools:
    """The tool that reads from the service.

    Args:
        desk: What it answers from.
        kasa: The client.
    """

    def __init__(self, desk: Desk, kasa: SmartKasa) -> None:
        self._desk = desk
        self._kasa = kasa

    async def api_read(
        self,
        operation: str,
        *,
        id: Number = "",
        query: dict[str, Any] | None = None,
        cursor: Cursor = "",
        max_tokens: Tokens = TOKENS,
    ) -> CallToolResult:
        """Read live from the service by one GET operation, such as shops.list; query: {"shop_id": 12}."""
        arguments = {"arguments": [operation, id, query or {}]}
        page = Page.of("api_read", arguments, cursor, max_tokens)
        found = named(operation)
        if found.method != "GET":
            message = msg(
                "{name} is {method}; api_read reads only, and changes nothing", name=_name(found), method=found.method
            )
            raise InvalidRequestError(message, field="operation")
        asked = self._query(found, query or {})
        left_out, before = page.first, 0
        if found.pages == "numbered":
            per_page = asked.setdefault("per_page", _PER_PAGE)
            before = per_page * (asked.get("page", 1) - 1)
            asked["page"] = (before + page.first) // per_page + 1
            left_out = (before + page.first) % per_page
        read_at = self._desk.now()
        answer = await self._kasa.call(found, id=id or None, query=asked)
        data = without_people(msgspec.to_builtins(answer.data, str_keys=True), cashiers=self._desk.shows_cashiers)
        records = data if isinstance(data, list) else [data]
        rows = [each if isinstance(each, dict) else {"value": each} for each in records[left_out:]]
        count = page.first + len(rows)
        if isinstance(answer.meta, PageMeta):
            if answer.meta.limit_value < asked["per_page"]:
                message = msg(
                    "per_page is {given}; the service gives {most} at most",
                    given=asked["per_page"],
                    most=answer.meta.limit_value,
                )
                raise InvalidRequestError(message, field="query")
            count = max(count, answer.meta.total_count - before)
        return Answer(
            headline=f"{_name(found)}: {len(rows)} records of {count}, read live.",
            coverage=Coverage(complete_until=read_at),
            rows=[_bounded(row, page.max_tokens) for row in rows],
            count=count,
            facts={"operation": _name(found)},
            shown=("id", "title", "name", "total_amount"),
        ).give(page)

    def _query(self, operation: Operation[Any], query: Mapping[str, Any]) -> dict[str, Any]:
        """Check the names of a query; what is not to be seen is not to be searched for either."""
        for name in query:
            if name in operation.parameters and is_personal_field(name, cashiers=self._desk.shows_cashiers):
                message = msg("query has {name}, which is personal: it can be neither read nor searched for", name=name)
                raise InvalidRequestError(message, field="query")
            if name not in operation.parameters:
                known = ", ".join(
                    each
                    for each in operation.parameters
                    if not is_personal_field(each, cashiers=self._desk.shows_cashiers)
                )
                message = msg(
                    "query has {name!r}, which {operation} does not take; it takes: {known}",
                    name=name[:50],
                    operation=_name(operation),
                    known=known or "—",
                )
                raise InvalidRequestError(message, field="query")
        for name in ("page", "per_page"):
            if name in query and not (isinstance(query[name], int) and 1 <= query[name] <= _MOST_NUMBER):
                message = msg("query has {name} {value!r}; give a whole number from 1", name=name, value=query[name])
                raise InvalidRequestError(message, field="query")
        return {name: _value(operation, name, value) for name, value in query.items()}


def _value(operation: Operation[Any], name: str, value: Any) -> Any:
    """Read a day or a moment, for which JSON has texts alone; a moment without an offset is one in Kyiv."""
    kind = operation.parameters[name]
    if kind not in {"date", "moment"} or not isinstance(value, str):
        return value
    try:
        if kind == "date":
            return date.fromisoformat(value)
        moment = datetime.fromisoformat(value)
    except ValueError:
        message = msg("query has {name} {value!r}; give 2026-10-31 or 2026-10-31T09:00", name=name, value=value[:50])
        raise InvalidRequestError(message, field="query") from None
    return moment.replace(tzinfo=KYIV) if moment.tzinfo is None else moment


def named(name: str) -> Operation[Any]:
    """Find an operation by area and method, such as `shops.list`, or by its operationId.

    Raises:
        InvalidRequestError: There is none; names similar ones.
    """
    known = {_name(each): each for each in operations.ALL} | {each.id: each for each in operations.ALL}
    found = known.get(name.strip()) or known.get(name.strip().replace("-", "_"))
    if found is None:
        likely = ", ".join(nearest(name[:100], known)) or "api_search"
        message = msg("There is no operation {name!r}; did you mean {likely}?", name=name[:100], likely=likely)
        raise InvalidRequestError(message, field="operation")
    return found


def _name(operation: Operation[Any]) -> str:
    return f"{operation.area}.{operation.name}"


def _about(operation: Operation[Any]) -> str:
    """Return what the method of the area says of an operation, without its arguments."""
    area = getattr(areas, operation.area.title().replace("_", ""))
    text: str = getattr(area, operation.name).__doc__ or ""
    paragraphs = text.split("\n\n")
    kept = [" ".join(each.split()) for each in paragraphs if not re.match(r"\s*(Args|Returns|Raises|API):?", each)]
    return "\n".join(kept)


def _words(text: str) -> list[str]:
    found: list[str] = []
    for word in _WORD.findall(text.casefold()[:200]):
        meant = next((english for start, english in _UKRAINIAN.items() if word.startswith(start)), word)
        found += meant.split()
    return found


def _score(operation: Operation[Any], words: list[str]) -> int:
    name = f"{_name(operation)} {operation.id} {operation.path}".casefold()
    about = _about(operation).casefold()
    return sum(2 * (stem in name) + (stem in about) for stem in (word.removesuffix("s") for word in words))


def _record_of(operation: Operation[Any]) -> Any:
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(operation.response)}
    return fields.get("data")


def _fields(form: Any) -> list[dict[str, str]]:
    """List the fields of a struct, or of the structs in a list."""
    for each in (form, *getattr(form, "__args__", ())):
        if isinstance(each, type) and issubclass(each, msgspec.Struct):
            return [
                {"field": field.encode_name, "type": _type_name(field.type)} for field in msgspec.structs.fields(each)
            ]
    return []


def _type_name(form: Any) -> str:
    if isinstance(form, type) and not getattr(form, "__args__", ()):
        return form.__name__
    text = re.sub(r"\b(?:\w+\.)+", "", f"{form}").replace(" | UnsetType", "").replace("UnsetType", "")
    return text[:80]


def _bounded(row: dict[str, Any], tokens: int) -> dict[str, Any]:
    """Leave out of a record that alone is too large what is nested."""
    if len(msgspec.json.encode(row)) <= 2 * tokens:
        return row
    flat = {name: value for name, value in row.items() if not isinstance(value, dict | list)}
    kept = dict(list(flat.items())[:60])
    return {**kept, "left_out": [name for name in row if name not in kept][:30]}
