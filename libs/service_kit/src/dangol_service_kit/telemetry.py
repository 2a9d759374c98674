"""Traces: every RPC has a trace id; spans are exported only when an endpoint is configured."""

from __future__ import annotations

import asyncio
import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags

TRACEPARENT = "traceparent"
SAMPLE_RATIO = 0.01
_STOP_SECONDS = 2.0
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class Telemetry:
    """Starts the spans of one process. Without an endpoint they only carry ids."""

    def __init__(self, process_name: str, otlp_endpoint: str | None = None) -> None:
        self._tracer: trace.Tracer | None = None
        self._shutdown = _no_shutdown
        if otlp_endpoint:
            self._tracer, self._shutdown = _exporting_tracer(process_name, otlp_endpoint)

    @contextmanager
    def span(self, name: str, parent: str | None) -> Iterator[Span]:
        """The span of one operation as the current one; `parent` is a traceparent header."""
        parent_context = parse_traceparent(parent)
        if self._tracer is None:
            span: Span = NonRecordingSpan(_child_context(parent_context))
        else:
            root = otel_context.Context()
            if parent_context is not None:
                root = trace.set_span_in_context(NonRecordingSpan(parent_context), root)
            span = self._tracer.start_span(name, context=root, kind=SpanKind.SERVER)
        token = otel_context.attach(trace.set_span_in_context(span))
        try:
            yield span
        finally:
            span.end()
            otel_context.detach(token)

    async def stop(self, limit_seconds: float = _STOP_SECONDS) -> None:
        """Sends what is buffered, as far as that can be done in time, and stops.

        A collector that does not answer would keep the sender for half a minute, hence a thread
        of its own that ends with the process.
        """
        loop, sent = asyncio.get_running_loop(), asyncio.Event()

        def send() -> None:
            self._shutdown()
            # The loop may have ended before.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(sent.set)

        threading.Thread(target=send, daemon=True).start()
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_seconds):
                await sent.wait()


def parse_traceparent(header: str | None) -> SpanContext | None:
    """Reads a W3C traceparent header; None when absent or malformed."""
    match = _TRACEPARENT.fullmatch(header) if header else None
    if match is None:
        return None
    context = SpanContext(
        int(match[1], 16),
        int(match[2], 16),
        is_remote=True,
        trace_flags=TraceFlags(int(match[3], 16)),
    )
    return context if context.is_valid else None


def current_context() -> otel_context.Context:
    """What is going on now, for something that is measured later and belongs to it."""
    return otel_context.get_current()


def current_traceparent() -> str | None:
    """The traceparent header for calls made now; None outside of any operation."""
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return None
    return f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"


def _child_context(parent: SpanContext | None) -> SpanContext:
    if parent is not None:
        return parent
    # Ids of traces need to differ, not to be unpredictable.
    trace_id = random.getrandbits(128) or 1
    span_id = random.getrandbits(64) or 1
    return SpanContext(trace_id, span_id, is_remote=False)


def _no_shutdown() -> None:
    return None


def _exporting_tracer(
    process_name: str, otlp_endpoint: str
) -> tuple[trace.Tracer, Callable[[], None]]:
    # Costs 100 ms to import, which processes that export nothing need not pay.
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio  # noqa: PLC0415

    provider = TracerProvider(
        sampler=ParentBasedTraceIdRatio(SAMPLE_RATIO),
        resource=Resource.create({"service.name": process_name}),
    )
    insecure = not otlp_endpoint.startswith("https://")
    exporter = OTLPSpanExporter(endpoint=otlp_endpoint, insecure=insecure)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider.get_tracer("dangol"), provider.shutdown
