"""The command `call`, for operations without a command of their own."""

import codecs
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from cyclopts import Parameter

from smartkasa_async import operations
from smartkasa_async.cli.access import opened_client
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _
from smartkasa_async.cli.running import Run, ThisRun
from smartkasa_async.cli.suggestions import did_you_mean, hint_of
from smartkasa_async.operations import Operation
from smartkasa_async.records.days import today
from smartkasa_async.records.written_days import read_day

if TYPE_CHECKING:
    OperationName = str
else:  # a text, for which shells offer the operations
    OperationName = Literal[tuple(f"{each.area}.{each.name}" for each in operations.ALL)] | str


async def call(
    operation: OperationName | None = None,
    body: str | None = None,
    /,
    *,
    id: str | None = None,
    query: Annotated[list[str] | None, Parameter(metavar="NAME=VALUE|JSON")] = None,
    run: ThisRun,
) -> None:
    """Call any operation of the API, JSON in and JSON out.

    Without an operation it lists them all. The response is printed as JSON with data and meta, money as text, secrets
    hidden. It requests one page of a list at a time: --query page=2.

    Args:
        operation: Area and method, for example shops.create, or the operationId, for example createShop.
        body: Fields to send, as JSON; @FILE for a file, @- for standard input.
        id: Id of the record, for operations that work on one.
        query: Query parameter, for example shop_id=12; may be repeated, or one JSON object.
    """
    if operation is None:
        _list(run)
        return
    found = named_operation(operation)
    _check_id(found, id)
    sent = _body(found, body)
    parameters = _query(found, query or [])
    async with opened_client(run.settings) as kasa:
        answer = await kasa.call(found, id=id, query=parameters, body=sent)
    run.output.print_json(answer, indent=2 if sys.stdout.isatty() else None)


def named_operation(name: str) -> Operation[Any]:
    """Find an operation by area and method or by its operationId.

    Raises:
        CommandError: There is none; suggests similar ones, or those of the area.
    """
    by_name = {_name(each): each for each in operations.ALL} | {each.id: each for each in operations.ALL}
    found = by_name.get(name) or by_name.get(name.replace("-", "_"))
    if found is not None:
        return found
    area = name.partition(".")[0].replace("-", "_")
    of_area = [_name(each) for each in operations.ALL if each.area == area]
    known = _("There are: {names}", names=", ".join(of_area)) if of_area else _("See all of them: smartkasa call")
    raise CommandError(_("There is no operation {name}", name=name), hint=hint_of(did_you_mean(name, by_name), known))


def _name(operation: Operation[Any]) -> str:
    return f"{operation.area}.{operation.name}"


def _list(run: Run) -> None:
    for each in operations.ALL:
        facts = {
            "name": _name(each),
            "operation": each.id,
            "method": each.method,
            "path": each.path,
            "takes_id": "{id}" in each.path,
            "query": list(each.parameters),
            "body": _fields(each),
            "retry": each.retry,
        }
        run.output.record(facts)
    rows = [(_name(each), each.method, each.path, " ".join(_arguments(each))) for each in operations.ALL]
    run.output.table([_("Operation"), _("Method"), _("Path"), _("Takes")], rows)


def _arguments(operation: Operation[Any]) -> list[str]:
    words = ["--id"] if "{id}" in operation.path else []
    words += ["--query"] if operation.parameters else []
    return [*words, *([_("body")] if operation.request is not None else [])]


def _fields(operation: Operation[Any]) -> list[str]:
    request = operation.request
    return [] if request is None else [field.encode_name for field in msgspec.structs.fields(request)]


def _check_id(operation: Operation[Any], id: str | None) -> None:
    name = _name(operation)
    if "{id}" in operation.path and not id:
        raise CommandError(_("{name} works on one record; give --id", name=name))
    if "{id}" not in operation.path and id is not None:
        raise CommandError(_("{name} takes no --id", name=name))


def _body(operation: Operation[Any], text: str | None) -> Any:
    """Read the body and check it by the operation's struct."""
    name, fields = _name(operation), ", ".join(_fields(operation))
    if operation.request is None:
        if text is not None:
            raise CommandError(_("{name} takes no body", name=name))
        return None
    if text is None:
        hint = _("Its fields: {fields}", fields=fields)
        raise CommandError(_("{name} needs a body: JSON, @FILE, or @- for standard input", name=name), hint=hint)
    try:
        content = _content(text).removeprefix(codecs.BOM_UTF8)
        made = msgspec.json.decode(content, type=operation.request)
    except (msgspec.DecodeError, UnicodeError) as error:
        message = _("The body of {name} cannot be sent: {reason}", name=name, reason=error)
        raise CommandError(message, hint=_("Its fields: {fields}", fields=fields)) from None
    unknown = list(_unknown(msgspec.json.decode(content), made, ""))
    if unknown:
        message = _("{name} has no field {field}", name=name, field=", ".join(unknown))
        likely = did_you_mean(unknown[0].rpartition(".")[2], _fields(operation))
        raise CommandError(message, hint=hint_of(likely, _("Its fields: {fields}", fields=fields)))
    return made


def _unknown(given: Any, made: Any, where: str) -> Iterator[str]:
    """Yield the given fields that would not be sent."""
    if isinstance(given, list) and isinstance(made, (list, tuple)):
        for number, (item, built) in enumerate(zip(given, made, strict=True)):
            yield from _unknown(item, built, f"{where}[{number}]")
    if not (isinstance(given, dict) and isinstance(made, msgspec.Struct)):
        return
    names = {field.encode_name: field.name for field in msgspec.structs.fields(made)}
    for key, value in given.items():
        path = f"{where}.{key}".removeprefix(".")
        if key in names:
            yield from _unknown(value, getattr(made, names[key]), path)
        else:
            yield path


def _content(text: str) -> bytes:
    if text == "@-":
        return sys.stdin.buffer.read()
    return Path(text[1:]).read_bytes() if text.startswith("@") else text.encode()


def _query(operation: Operation[Any], given: list[str]) -> dict[str, object]:
    """Read query parameters, written as `name=value` or as an object of JSON."""
    found: dict[str, object] = {}
    for text in given:
        if text.lstrip().startswith("{"):
            for name, value in _json_object(text).items():
                found[name] = _value(operation, name, value)
            continue
        name, sign, value = text.partition("=")
        if not sign:
            raise CommandError(_("--query {text} has no value; write --query NAME=VALUE", text=text))
        known = operation.parameters.get(name)
        if known in _LISTS and name in found:
            found[name] = [*_items(found[name]), *_items(_value(operation, name, value))]
        else:
            found[name] = _value(operation, name, value)
    return found


_LISTS = {"integers": "integer", "strings": "string"}


def _value(operation: Operation[Any], name: str, value: Any) -> object:
    """Turn a value into the type that the parameter takes."""
    kind = operation.parameters.get(name)
    if kind is None:
        known = _("There are: {names}", names=", ".join(operation.parameters) or _("none"))
        message = _("{name} has no query parameter {parameter}", name=_name(operation), parameter=name)
        raise CommandError(message, hint=hint_of(did_you_mean(name, operation.parameters), known))
    if kind in _LISTS:
        return [_single(name, _LISTS[kind], item) for item in _items(value)]
    return None if value is None else _single(name, kind, value)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _single(name: str, kind: str, value: Any) -> object:
    text = {True: "true", False: "false"}.get(value, "") if isinstance(value, bool) else str(value)
    try:
        match kind:
            case "integer":
                return int(text)
            case "number":
                return Decimal(text)
            case "date":
                return _day(text)
            case "moment":
                return _moment(text)
            case "boolean":
                return {"true": True, "false": False}[text.lower()]
            case _:
                return text
    except (ValueError, KeyError, InvalidOperation):
        kinds = {
            "integer": _("a whole number"),
            "number": _("a number"),
            "date": _("a day such as 2026-10-31, 31.10.2026, today, yesterday, or -7d for a week ago"),
            "moment": _("a day such as 2026-10-31, 31.10.2026 or yesterday, or a time such as 2026-10-31T09:00+02:00"),
            "boolean": _("true or false"),
        }
        raise CommandError(
            _("{where} is {value}; give {wanted}", where=name, value=repr(text), wanted=kinds[kind])
        ) from None


def _day(text: str) -> date:
    day = read_day(text, today())
    if day is None:
        raise ValueError(text)
    return day


def _moment(text: str) -> date:
    try:
        return _day(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        if moment.utcoffset() is None:
            raise
        return moment


def _json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise CommandError(_("--query {text} is not JSON: {reason}", text=text, reason=error)) from None
    return dict(found)
