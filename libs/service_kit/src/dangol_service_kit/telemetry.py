"""Traces: every RPC has a trace id; spans are exported only when an endpoint is configured.

Spans say what was done, where and how long it took: never with which values, keys or names of
customers. What is not sampled costs a look into the context.
"""

from __future__ import annotations

import asyncio
import random
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import cast

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags

TRACEPARENT = "traceparent"
SAMPLE_RATIO = 0.01
_STOP_SECONDS = 2.0
# In the context of a span that is exported: who makes its children.
_TRACER = "dangol-tracer"
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
        if self._tracer is None or not _is_sampled(parent_context):
            span: Span = NonRecordingSpan(_child_context(parent_context))
        else:
            root = otel_context.Context()
            if parent_context is not None:
                root = trace.set_span_in_context(NonRecordingSpan(parent_context), root)
            span = self._tracer.start_span(name, context=root, kind=SpanKind.SERVER)
        token = otel_context.attach(self._context_of(span))
        try:
            yield span
        finally:
            span.end()
            otel_context.detach(token)

    @contextmanager
    def consuming(self, name: str, parents: Iterable[str]) -> Iterator[None]:
        """Work on a batch that came over the bus, in the trace of whatever caused each part of it.

        parents: traceparent headers, empty ones for what is not traced. Each trace gets a span for
        the batch. What is done meanwhile belongs to the first of them, and the others link to it.
        """
        contexts = [parse_traceparent(parent) for parent in dict.fromkeys(parents) if parent]
        sampled = [one for one in contexts if one is not None and one.trace_flags.sampled]
        if self._tracer is None or not sampled:
            yield
            return
        spans: list[Span] = []
        for parent in sampled:
            links = [Link(spans[0].get_span_context())] if spans else []
            root = trace.set_span_in_context(NonRecordingSpan(parent), Context())
            spans.append(self._tracer.start_span(name, root, kind=SpanKind.CONSUMER, links=links))
        token = otel_context.attach(self._context_of(spans[0]))
        try:
            yield
        finally:
            for span in spans:
                span.end()
            otel_context.detach(token)

    def _context_of(self, span: Span) -> Context:
        context = trace.set_span_in_context(span, Context())
        if not span.is_recording():
            return context
        return otel_context.set_value(_TRACER, self._tracer, context)

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


def sampled_traceparent() -> str:
    """The traceparent to send with what will be worked on later; empty if nobody will look."""
    return (current_traceparent() or "") if is_traced() else ""


def is_traced() -> bool:
    """Whether the operation in progress is exported."""
    return otel_context.get_value(_TRACER) is not None


def traced_context() -> Context | None:
    """What to `resume` where the operation's work is done by another task; None if not exported."""
    return otel_context.get_current() if is_traced() else None


@contextmanager
def resume(context: Context | None) -> Iterator[None]:
    """Goes on with an operation that another task began; None is nobody's operation."""
    token = otel_context.attach(context or Context())
    try:
        yield
    finally:
        otel_context.detach(token)


def start_client_span(name: str, attributes: Mapping[str, str | int]) -> Span | None:
    """The span of a call to a store, for its caller to end; None if the operation is not exported.

    attributes: facts about the call, without any value that it carries.
    """
    tracer = otel_context.get_value(_TRACER)
    if tracer is None:
        return None
    return cast("trace.Tracer", tracer).start_span(
        name, kind=SpanKind.CLIENT, attributes=dict(attributes)
    )


@contextmanager
def client_span(name: str, attributes: Mapping[str, str | int]) -> Iterator[None]:
    """start_client_span around a block."""
    span = start_client_span(name, attributes)
    try:
        yield
    finally:
        if span is not None:
            span.end()


def _is_sampled(parent: SpanContext | None) -> bool:
    """As whoever asks decided, and else SAMPLE_RATIO of all.

    Decided here: a sampler is asked by a span that is already being made.
    """
    if parent is not None:
        return parent.trace_flags.sampled
    return random.random() < SAMPLE_RATIO  # noqa: S311 - nobody gains by guessing it


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
    from opentelemetry.sdk.trace.sampling import ALWAYS_ON  # noqa: PLC0415

    provider = TracerProvider(
        sampler=ALWAYS_ON,
        resource=Resource.create({"service.name": process_name}),
    )
    insecure = not otlp_endpoint.startswith("https://")
    exporter = OTLPSpanExporter(endpoint=otlp_endpoint, insecure=insecure)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider.get_tracer("dangol"), provider.shutdown
