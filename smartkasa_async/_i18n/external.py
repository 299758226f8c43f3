"""What other libraries and the system say of errors, as phrases: what they usually say has a translation."""

from __future__ import annotations

import os
import re
from functools import cache

from smartkasa_async._i18n.message import N_, Message, join_messages, msg

_USUAL = (
    # the system
    N_("Broken pipe"),
    N_("Connection refused"),
    N_("Connection reset by peer"),
    N_("Connection timed out"),
    N_("Directory not empty"),
    N_("File exists"),
    N_("File name too long"),
    N_("Host is down"),
    N_("Input/output error"),
    N_("Is a directory"),
    N_("Name or service not known"),
    N_("Network is unreachable"),
    N_("No route to host"),
    N_("No such file or directory"),
    N_("No space left on device"),
    N_("Not a directory"),
    N_("Operation not permitted"),
    N_("Permission denied"),
    N_("Read-only file system"),
    N_("Stale file handle"),
    N_("Temporary failure in name resolution"),
    # aiohttp and TLS
    N_("ClientPayloadError"),
    N_("ConnectionTimeoutError"),
    N_("ServerDisconnectedError"),
    N_("WRONG_VERSION_NUMBER"),
    N_("certificate has expired"),
    N_("certificate is not yet valid"),
    N_("self-signed certificate"),
    N_("self-signed certificate in certificate chain"),
    N_("unable to get local issuer certificate"),
    N_("Hostname mismatch, certificate is not valid for '{host}'."),
    N_("IP address mismatch, certificate is not valid for '{host}'."),
    # msgspec
    N_("Expected `{wanted}`, got `{given}`"),
    N_("Expected `{wanted}`"),
    N_("A string is not UTF-8 ({reason})"),
    N_("Values are nested too deeply"),
    N_("Object missing required field `{field}`"),
    N_("Input data was truncated"),
    N_("Invalid decimal string"),
    N_("Invalid RFC3339 encoded datetime"),
    N_("Invalid RFC3339 encoded date"),
    N_("Invalid UUID"),
    N_("Invalid enum value {value}"),
    N_("JSON is malformed: {reason} (byte {number})"),
    N_("expected ',' or '{bracket}'"),
    N_("expected ':'"),
    N_("invalid character"),
    N_("invalid number"),
    N_("object keys must be strings"),
    N_("trailing characters"),
    N_("trailing comma in array"),
    N_("trailing comma in object"),
    # the JSON and TOML of Python
    N_("{reason}: line {line} column {column} (char {number})"),
    N_("Expecting ',' delimiter"),
    N_("Expecting ':' delimiter"),
    N_("Expecting property name enclosed in double quotes"),
    N_("Expecting value"),
    N_("Extra data"),
    N_("{reason} (at line {line}, column {column})"),
    N_("{reason} (at end of document)"),
    N_("Cannot overwrite a value"),
    N_("Expected '=' after a key in a key/value pair"),
    N_("Expected ']' at the end of a table declaration"),
    N_("Invalid statement"),
    N_("Invalid value"),
    N_("Unclosed array"),
    # files of other programs
    N_("File is not a zip file"),
    N_("field larger than field limit ({limit})"),
    N_("UTF-16 stream does not start with BOM"),
    N_("mismatched tag: line {line}, column {column}"),
    N_("no element found: line {line}, column {column}"),
    N_("not well-formed (invalid token): line {line}, column {column}"),
    N_("unexpected end of data"),
    # SQLite
    N_("attempt to write a readonly database"),
    N_("database disk image is malformed"),
    N_("database is locked"),
    N_("database or disk is full"),
    N_("disk I/O error"),
    N_("file is not a database"),
    N_("unable to open database file"),
    # the sandbox, which knows nothing of phrases, and what it is served by
    N_(
        "Database {file} cannot be opened: name a SQLite file, or a new file in a folder that can be written "
        "({reason})."
    ),
    N_("Simulation.{field} is {value}: give a whole number, at least {least}"),
    N_("per_second={value} lets nothing happen: use a positive number, or None."),
    N_("Fault kind {kind} is unknown: use {kinds}."),
    N_("Fault method {method} is unknown: use {methods}."),
    N_("A fault has an operation, and a method or a path too: give one of them."),
    N_("There is no operation {name}: did you mean {names}?"),
    N_("There is no operation {name}; openapi/smartkasa.json lists all."),
    N_("There is no path {name}: did you mean {names}?"),
    N_("There is no path {name}; openapi/smartkasa.json lists all."),
    N_("There is no {method} {path}: the path has {methods}."),
    N_("times is {value}: it never befalls a request; give 1 or more; None, or all in a shell, for all."),
    N_("probability is {value}, which is no chance: use a number above 0, up to 1."),
    N_("seconds is {value}, which is no wait: use 0 or more."),
    N_("status is {value}, which is no HTTP status: use {least} to {last}."),
    N_("Fault {text}: {name} has no value; give NAME=VALUE, with one of {names}."),
    N_("Fault {text}: there is no {name}; give NAME=VALUE, with one of {names}."),
    N_("Fault {text}: {name} cannot be {value}."),
    N_("bind(): port must be 0-65535."),
    N_("error while attempting to bind on address {address}: {reason}"),
    N_("address already in use"),
    N_("cannot assign requested address"),
)
"""Templates of what they say, to the letter; `{name}` stands for what differs."""


_REFUSED = "Connect call failed"
"""Asyncio's words, which name the address once more, and not why."""


def external_message(said: str | BaseException) -> Message:
    """Make a phrase of what another library or the system says.

    Args:
        said: Its words, or its error.
    """
    if isinstance(said, Message):
        return said
    if isinstance(said, OSError) and said.strerror:
        return reason_of(said)
    text = str(said)
    reason, at, place = text.partition(" - at `")
    if at:
        return msg("{reason} - at `{place}`", reason=external_message(reason), place=place.removesuffix("`"))
    for template, pattern in _patterns():
        if match := pattern.fullmatch(text):
            return msg(template, **{name: external_message(value) for name, value in match.groupdict().items()})
    return join_messages([text])


def reason_of(error: OSError) -> Message:
    """Make a phrase of why the system refuses, without the names that it may add."""
    text = error.strerror or type(error).__name__
    return external_message(os.strerror(error.errno or 0) if text.startswith(_REFUSED) else text)


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(each, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(each)), re.DOTALL)) for each in _USUAL]
