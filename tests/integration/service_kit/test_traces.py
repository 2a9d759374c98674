"""Traces of work that nobody waits for: batches of the bus, and groups."""

from __future__ import annotations

import asyncio
from contextvars import Context

from dangol_service_kit.telemetry import (
    Telemetry,
    client_span,
    current_traceparent,
    is_traced,
    resume,
    sampled_traceparent,
    traced_context,
)

from tests.e2e.operations.collector import Collector

FIRST = "00-" + "a" * 32 + "-" + "1" * 16 + "-01"
SECOND = "00-" + "b" * 32 + "-" + "2" * 16 + "-01"
UNSAMPLED = "00-" + "c" * 32 + "-" + "3" * 16 + "-00"


async def test_a_batch_has_a_span_in_each_trace_and_its_work_in_one() -> None:
    """The others link to where the work is; what is not sampled, or no header at all, has none."""
    async with Collector() as collector:
        telemetry = Telemetry("offers", collector.endpoint)
        parents = [UNSAMPLED, "", FIRST, SECOND, FIRST]
        with telemetry.consuming("process", parents), client_span("insert", {"db.namespace": "d"}):
            assert sampled_traceparent()[3:35] == "a" * 32
        await telemetry.stop()
        first, second = collector.of("a" * 32), collector.of("b" * 32)
        work = next(span for span in first if span.name == "process")
        assert ["insert", "process"] == sorted(span.name for span in first)
        assert [("process", "2" * 16, (work.span_id,))] == [
            (span.name, span.parent, span.links) for span in second
        ]
        assert {"a" * 32, "b" * 32} == collector.trace_ids


async def test_another_task_goes_on_with_an_operation() -> None:
    """Only under `resume`, and not after it."""
    async with Collector() as collector:
        telemetry = Telemetry("offers", collector.endpoint)
        with telemetry.span("Hold", FIRST):
            context = traced_context()

        async def work() -> list[bool]:
            seen = [is_traced()]
            with resume(context):
                seen.append(is_traced())
            with resume(None):
                seen.append(is_traced())
            return seen

        seen = await asyncio.create_task(work(), context=Context())
        await telemetry.stop()
    assert [False, True, False] == seen


async def test_nothing_is_sent_along_for_what_nobody_looks_at() -> None:
    """Without an exporter, or unsampled: the log has an id, the bus nothing."""
    async with Collector() as collector:
        telemetry = Telemetry("offers", collector.endpoint)
        with telemetry.span("Hold", UNSAMPLED):
            assert ("", True) == (sampled_traceparent(), current_traceparent() is not None)
        with Telemetry("offers").span("Hold", FIRST), client_span("insert", {}):
            assert ("", None) == (sampled_traceparent(), traced_context())
        with telemetry.consuming("process", ["", UNSAMPLED]):
            assert not is_traced()
        await telemetry.stop()
        assert set() == collector.trace_ids
