"""Answers that are packed or written in another way than was asked for: read where that can be done, else named."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async import RetryPolicy, SmartKasa, errors
from smartkasa_async._core.answers import Reply, read_reply
from smartkasa_async.models import ProductUpdate
from smartkasa_async.operations import find
from tests.support.service import answer, make_session, serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_BODY = json.dumps({"data": [], "meta": {"total_count": 0}}).encode()
_PACKED = gzip.compress(_BODY, mtime=0)
_RAW = zlib.compressobj(wbits=-15)
_RAW_BODY = _RAW.compress(_BODY) + _RAW.flush()
_REFUSAL = gzip.compress(b'{"errors": {"title": [{"error": "blank"}]}}', mtime=0)


async def _units(kasa: SmartKasa) -> object:
    return [unit async for unit in kasa.unit_types.list()]


async def _update(kasa: SmartKasa) -> object:
    return await kasa.products.update("p-1", ProductUpdate(title="Чай"))


async def _called(reply: bytes, call: Callable[[SmartKasa], Awaitable[object]] = _units) -> tuple[object, int]:
    """Give what the call returns or ends with, and how often it was sent."""
    async with (
        serve(reply, keep_open=False) as service,
        SmartKasa(api_key="s3cret-key", base_url=service.url, session=make_session(), retry=RetryPolicy(2, 0)) as kasa,
    ):
        try:
            return await call(kasa), len(service.arrived)
        except errors.SmartKasaError as error:
            return error, len(service.arrived)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", _PACKED),
        ("GZIP", _PACKED),
        ("x-gzip", _PACKED),
        ("gzip", gzip.compress(_BODY[:9], mtime=0) + gzip.compress(_BODY[9:], mtime=0)),
        ("gzip", _PACKED + bytes(8)),
        ("deflate", zlib.compress(_BODY)),
        ("deflate", _PACKED),
        ("gzip", zlib.compress(_BODY)),
        ("deflate", _RAW_BODY),
        ("identity", _BODY),
        ("", _BODY),
        ("gzip", _BODY),  # unpacked on the way, and the header left
        ("deflate", _BODY),
        ("br", _BODY),
        ("utf-8", _BODY),
        ("none", b"\n " + _BODY),
    ],
)
async def test_answers_are_unpacked(encoding: str, body: bytes) -> None:
    assert await _called(answer(body, 200, f"Content-Encoding: {encoding}")) == ([], 1)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", b"\x0b\x02\x80abc"),
        ("zstd", b"\x28\xb5\x2f\xfd" + _BODY),
        ("gzip, br", _PACKED),
        ("gzip, gzip", gzip.compress(_PACKED, mtime=0)),
        ("compress", b"\x1f\x9d\x90abc"),
        ("gzip", b"\x1f"),
        ("deflate", b"\xff" * 30),
        ("gzip", _PACKED[:-20]),
        ("gzip", _PACKED[:20] + b"\xff" * 30),
        ("s3cret-key", b"\x01\x02"),
    ],
)
async def test_what_cannot_be_unpacked_is_named(encoding: str, body: bytes) -> None:
    error, times = await _called(answer(body, 200, f"Content-Encoding: {encoding}"))
    assert isinstance(error, errors.UnreadableAnswerError)
    assert (error.operation, error.status, times) == ("listUnitTypes", 200, 1)
    assert f"Content-Encoding is {encoding.replace('s3cret-key', '***')}" in str(error)
    assert "s3cret" not in repr(vars(error))


async def test_a_write_whose_answer_cannot_be_unpacked_is_unknown() -> None:
    error, _ = await _called(answer(b"\x01\x02", 200, "Content-Encoding: br"), _update)
    assert isinstance(error, errors.OutcomeUnknownError)
    assert "Content-Encoding is br" in str(error)


async def test_a_status_counts_though_its_body_cannot_be_unpacked() -> None:
    for status, kind, times in ((404, errors.NotFoundError, 1), (503, errors.ServerError, 3)):
        ended, sent = await _called(answer(b"\x01\x02", status, "Content-Encoding: br"))
        assert (type(ended), sent) == (kind, times)
        assert "no reason given" in str(ended)
    error, _ = await _called(answer(_REFUSAL, 422, "Content-Encoding: gzip"))
    assert "title: blank" in str(error)
    error, _ = await _called(answer(b"<title>Blocked</title>", 403, "Content-Encoding: br"))
    assert "Blocked" in str(error)


async def test_a_broken_connection_stays_one() -> None:
    for headers in ("", "Content-Encoding: gzip\r\n"):
        reply = f"HTTP/1.1 200 OK\r\n{headers}Content-Length: 900\r\n\r\n".encode() + _PACKED[:20]
        error, times = await _called(reply)
        assert (type(error), times) == (errors.ConnectionLostError, 3)


@pytest.mark.parametrize(
    ("content_type", "body", "words"),
    [
        ("application/json; charset=windows-1251", '{"data": "Київ"}'.encode("cp1251"), "in windows-1251"),
        ('application/json;charset="UTF-16"', _BODY.decode().encode("utf-16-le"), "in utf-16"),
        ("application/json", _BODY.decode().encode("utf-16"), "in utf-16"),
        ("application/json; charset=utf-8", b"<html>", "malformed"),
        ("application/json", b"<html>", "malformed"),
    ],
)
def test_another_charset_is_named(content_type: str, body: bytes, words: str) -> None:
    with pytest.raises(errors.UnreadableAnswerError) as caught:
        read_reply(find("GET", "/api/v1/inventory/unit_types"), Reply(200, {"Content-Type": content_type}, body))
    assert words in str(caught.value)
    assert caught.value.message == str(caught.value.translatable)


def test_utf8_is_read_whatever_it_is_called() -> None:
    body: Any = json.dumps({"data": [], "meta": {"total_count": 0}}).encode()
    for charset in ("iso-8859-1", "windows-1251", "utf8"):
        reply = Reply(200, {"Content-Type": f"application/json; charset={charset}"}, body)
        assert read_reply(find("GET", "/api/v1/inventory/unit_types"), reply).data == []
