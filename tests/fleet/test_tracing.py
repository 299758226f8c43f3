"""Spans of runs, and of the requests in them."""

from __future__ import annotations

import aiohttp
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from smartkasa_async import SmartKasa
from smartkasa_async.fleet import tracing
from smartkasa_async.fleet.runs import Held, Result
from smartkasa_async.fleet.verdicts import Outcome
from smartkasa_async.fleet.work import TaskName
from smartkasa_async.sandbox import Sandbox

HELD = Held(7, "a", 1, "https://core.smartkasa.ua", 5.0, "standard", None, None)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    return exporter


async def test_requests_are_spans_within_that_of_their_run(spans: InMemorySpanExporter) -> None:
    async with Sandbox() as box:

        async def do(_: TaskName, __: Held) -> Result:
            async with SmartKasa(**box.credentials, trace_configs=tracing.client_traces()) as kasa:
                await kasa.shops.list()
            return Result(Outcome.INCOMPLETE)

        await tracing.traced(do)(TaskName.NIGHT, HELD)
    *requests, run = spans.get_finished_spans()
    assert run.name == "smartkasa.fleet.night"
    assert dict(run.attributes or {}) == {"smartkasa.account_id": 7, "smartkasa.outcome": "incomplete"}
    assert len(requests) == 2
    assert {request.parent and request.parent.span_id for request in requests} == {run.context and run.context.span_id}


async def test_an_error_stands_in_the_span(spans: InMemorySpanExporter) -> None:
    async def do(_: TaskName, __: Held) -> Result:
        raise aiohttp.ClientError("no")

    with pytest.raises(aiohttp.ClientError):
        await tracing.traced(do)(TaskName.TODAY, HELD)
    (run,) = spans.get_finished_spans()
    assert not run.status.is_ok


async def test_without_the_packages_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    async def do(_: TaskName, __: Held) -> Result:
        return Result()

    monkeypatch.setattr(tracing, "_is_installed", lambda _: False)
    assert tracing.traced(do) is do
    assert tracing.client_traces() == ()


def test_a_module_of_a_package_that_is_missing_is_missing() -> None:
    assert not tracing._is_installed("no_such_package.module")
