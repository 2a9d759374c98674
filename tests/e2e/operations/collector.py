"""A collector of traces: OTLP over gRPC, as services send it, kept in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as services


class Received(NamedTuple):
    """One span. process: what the service calls itself; parent and links are span ids."""

    process: str
    name: str
    trace_id: str
    span_id: str
    parent: str
    links: tuple[str, ...]
    attributes: dict[str, Any]


class Collector(services.TraceServiceServicer):
    """An async context manager; `endpoint` is what DANGOL_OTLP_ENDPOINT takes."""

    def __init__(self) -> None:
        self._server = grpc.aio.server()
        self._spans: list[Received] = []
        self.raw = b""
        self.endpoint = ""

    async def __aenter__(self) -> Collector:
        add: Any = services.add_TraceServiceServicer_to_server
        add(self, self._server)
        port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        self.endpoint = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop(None)

    async def Export(  # noqa: N802
        self, request: messages.ExportTraceServiceRequest, _context: Any
    ) -> messages.ExportTraceServiceResponse:
        """Keeps what a service sends."""
        self.raw += request.SerializeToString()
        self._spans.extend(_read(request))
        return messages.ExportTraceServiceResponse()

    def of(self, trace_id: str) -> list[Received]:
        """The spans of one trace."""
        return [span for span in self._spans if span.trace_id == trace_id]

    @property
    def trace_ids(self) -> set[str]:
        """Every trace of which something came."""
        return {span.trace_id for span in self._spans}


def _read(request: messages.ExportTraceServiceRequest) -> Iterator[Received]:
    for resource in request.resource_spans:
        facts = {one.key: one.value.string_value for one in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Received(
                    process=facts["service.name"],
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    links=tuple(link.span_id.hex() for link in span.links),
                    attributes={one.key: _value(one.value) for one in span.attributes},
                )


def _value(value: Any) -> str | int:
    kind = value.WhichOneof("value")
    found: str | int = getattr(value, kind)
    return found
