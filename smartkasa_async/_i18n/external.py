"""Messages for the errors of other libraries and of the system, by error number, TLS or SQLite code, or class.

Usual errors have a translation; rare ones keep the library's own English.
"""

from __future__ import annotations

import errno
import os
import re
import socket
from functools import cache
from typing import TYPE_CHECKING, Any, overload

from smartkasa_async._i18n.message import N_, Message, join_messages, msg

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_SYSTEM = {
    errno.EPIPE: N_("Broken pipe"),
    errno.ECONNREFUSED: N_("Connection refused"),
    errno.ECONNRESET: N_("Connection reset by peer"),
    errno.ETIMEDOUT: N_("Connection timed out"),
    errno.ENOTEMPTY: N_("Directory not empty"),
    errno.EEXIST: N_("File exists"),
    errno.ENAMETOOLONG: N_("File name too long"),
    errno.EHOSTDOWN: N_("Host is down"),
    errno.EIO: N_("Input/output error"),
    errno.EISDIR: N_("Is a directory"),
    errno.ENETUNREACH: N_("Network is unreachable"),
    errno.EHOSTUNREACH: N_("No route to host"),
    errno.ENOENT: N_("No such file or directory"),
    errno.ENOSPC: N_("No space left on device"),
    errno.ENOTDIR: N_("Not a directory"),
    errno.EPERM: N_("Operation not permitted"),
    errno.EACCES: N_("Permission denied"),
    errno.EROFS: N_("Read-only file system"),
    errno.ESTALE: N_("Stale file handle"),
    errno.EADDRINUSE: N_("Address already in use"),
    errno.EADDRNOTAVAIL: N_("Cannot assign requested address"),
    socket.EAI_NONAME: N_("Name or service not known"),
    socket.EAI_AGAIN: N_("Temporary failure in name resolution"),
}
_OF_CERTIFICATE = {  # verify_code, the X509_V_ERR_… of OpenSSL
    9: N_("certificate is not yet valid"),
    10: N_("certificate has expired"),
    18: N_("self-signed certificate"),
    19: N_("self-signed certificate in certificate chain"),
    20: N_("unable to get local issuer certificate"),
    62: N_("the certificate is valid for other host names"),
    64: N_("the certificate is valid for other IP addresses"),
}
_OF_TLS = {"WRONG_VERSION_NUMBER": N_("WRONG_VERSION_NUMBER")}  # the reason that OpenSSL gives
_OF_SQLITE = {  # primary result codes
    5: N_("database is locked"),
    6: N_("database is locked"),
    8: N_("attempt to write a readonly database"),
    10: N_("disk I/O error"),
    11: N_("database disk image is malformed"),
    13: N_("database or disk is full"),
    14: N_("unable to open database file"),
    26: N_("file is not a database"),
}
_OF_XML: dict[object, str] = {  # codes of Expat
    3: N_("no element found: line {line}, column {column}"),
    4: N_("not well-formed (invalid token): line {line}, column {column}"),
    7: N_("mismatched tag: line {line}, column {column}"),
}
_OF_CLASS = {  # by name, since most of these libraries are imported on first use
    "aiohttp.client_exceptions.ClientPayloadError": N_("the answer is incomplete"),
    "aiohttp.client_exceptions.ConnectionTimeoutError": N_("connecting took too long"),
    "aiohttp.client_exceptions.ServerDisconnectedError": N_("the service closed the connection"),
    "zipfile.BadZipFile": N_("File is not a zip file"),
    "tomllib.TOMLDecodeError": N_("TOML is malformed: {detail}"),
    "json.decoder.JSONDecodeError": N_("JSON is malformed: {detail}"),
    "msgspec.DecodeError": N_("JSON is malformed: {detail}"),
}
_OF_MSGSPEC = (  # validation errors have no codes, and users need to know which value was expected
    N_("Input data was truncated"),
    N_("Expected `{wanted}`, got `{given}`"),
    N_("Expected `{wanted}`"),
    N_("Object missing required field `{field}`"),
    N_("Invalid decimal string"),
    N_("Invalid RFC3339 encoded datetime"),
    N_("Invalid RFC3339 encoded date"),
    N_("Invalid UUID"),
    N_("Invalid enum value {value}"),
)


def external_message(error: BaseException) -> Message:
    """Make a message of an error of another library, of the system or of the sandbox."""
    for read in (_sandbox_message, _system_message, _sqlite_message, _xml_message, _msgspec_message, _class_message):
        if (made := read(error)) is not None:
            return made
    if type(error).__module__.startswith("aiohttp."):
        return join_messages([type(error).__name__])  # the text of such an error may quote headers, secrets among them
    return join_messages([str(error) or type(error).__name__])


def reason_of(error: OSError) -> Message:
    """Make a message of why the system refuses, without the names that the error may add."""
    return _sandbox_message(error) or _system_message(error)


def located_message(error: BaseException) -> tuple[Message, str]:
    """Make a message of an error of msgspec, apart from the JSON path that it names; "" where it names none.

    Args:
        error: A `msgspec.MsgspecError`, or what an encoding hook raised.
    """
    reason, _, path = str(error).partition(" - at `")
    for template, pattern in _msgspec_patterns():
        if match := pattern.fullmatch(reason):
            return msg(template, **match.groupdict()), path.removesuffix("`")
    return _class_message(error) or join_messages([reason]), path.removesuffix("`")


def _sandbox_message(error: BaseException) -> Message | None:
    """Read what an error of the sandbox is made of; the sandbox itself imports nothing of the client."""
    template = getattr(error, "template", None)
    return None if template is None else msg(template, **getattr(error, "values", {}))


@overload
def _system_message(error: OSError) -> Message: ...


@overload
def _system_message(error: BaseException) -> Message | None: ...


def _system_message(error: BaseException) -> Message | None:
    if not isinstance(error, OSError):
        return None
    if isinstance(error.strerror, Message):
        return error.strerror
    if code := getattr(error, "verify_code", None):
        return _usual(_OF_CERTIFICATE, code, getattr(error, "verify_message", ""))
    if reason := getattr(error, "reason", None):  # of ssl.SSLError
        return _usual(_OF_TLS, reason, str(reason))
    if error.errno is None:
        return _class_message(error) or join_messages([error.strerror or type(error).__name__])
    return _usual(_OF_SYSTEM, error.errno, error.strerror or os.strerror(error.errno))


def _sqlite_message(error: BaseException) -> Message | None:
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else _usual(_OF_SQLITE, code & 0xFF, str(error))


def _xml_message(error: BaseException) -> Message | None:
    if _class_name(error) != "xml.etree.ElementTree.ParseError":
        return None
    line, column = getattr(error, "position", (0, 0))
    template = _OF_XML.get(getattr(error, "code", None))
    return None if template is None else msg(template, line=line, column=column)


def _msgspec_message(error: BaseException) -> Message | None:
    if _class_name(error) not in {"msgspec.DecodeError", "msgspec.ValidationError"}:
        return None
    reason, path = located_message(error)
    return msg("{reason} - at `{path}`", reason=reason, path=path) if path else reason


def _class_message(error: BaseException) -> Message | None:
    template = _OF_CLASS.get(_class_name(error))
    return None if template is None else msg(template, detail=str(error).removeprefix("JSON is malformed: "))


@cache
def _msgspec_patterns() -> list[tuple[str, re.Pattern[str]]]:
    return [(each, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(each)))) for each in _OF_MSGSPEC]


def _class_name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def _usual(texts: Mapping[Any, str], code: object, text: str) -> Message:
    return msg(texts[code]) if code in texts else join_messages([text])
