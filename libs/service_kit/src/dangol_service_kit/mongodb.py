"""MongoDB for services that start together. The driver is theirs: this file knows none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from opentelemetry.trace import Span, StatusCode

from dangol_service_kit.telemetry import start_client_span

NAMESPACE_EXISTS = 48


async def create_collections(database: Any, names: Iterable[str]) -> None:
    """Creates those that are not there, however many replicas do so at the same moment.

    Looking first would not help: another replica may be faster after the look. Raises the
    driver's error for anything but a collection that exists.
    """
    for name in names:
        try:
            await database.create_collection(name, check_exists=False)
        except Exception as error:
            if getattr(error, "code", None) != NAMESPACE_EXISTS:
                raise


def command_spans(listener: type[Any]) -> Any:
    """A listener for the driver by which each command of a traced operation is a span.

    listener: the driver's CommandListener. Names and attributes are those of OpenTelemetry's
    conventions for databases: what is done to which collection, and nothing of what it holds.
    """

    class CommandSpans(listener):  # type: ignore[misc]
        def __init__(self) -> None:
            self._spans: dict[tuple[Any, int], Span] = {}

        def started(self, event: Any) -> None:
            name = event.command_name
            target = event.command.get("collection" if name == "getMore" else name)
            collection = target if isinstance(target, str) else ""
            facts = {
                "db.system.name": "mongodb",
                "db.namespace": event.database_name,
                "db.operation.name": name,
                "db.collection.name": collection,
            }
            span = start_client_span(f"{name} {collection}".strip(), facts)
            if span is not None:
                self._spans[event.connection_id, event.request_id] = span

        def succeeded(self, event: Any) -> None:
            self._end(event)

        def failed(self, event: Any) -> None:
            self._end(event, StatusCode.ERROR)

        def _end(self, event: Any, status: StatusCode = StatusCode.UNSET) -> None:
            span = self._spans.pop((event.connection_id, event.request_id), None)
            if span is not None:
                span.set_status(status)
                span.end()

    return CommandSpans()
