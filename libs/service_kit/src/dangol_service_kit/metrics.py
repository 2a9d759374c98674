"""Metrics: OpenTelemetry instruments, read by Prometheus or sent where traces go.

Labels are names of methods, states and the like, never tenants, customers or anything else that
grows with the data.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from opentelemetry.metrics import (
    CallbackOptions,
    Histogram,
    NoOpMeterProvider,
    Observation,
)

from dangol_service_kit import logs

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics import MeterProvider

    from dangol_service_kit.metrics_text import MetricsText

# The bounds in seconds that OpenTelemetry's conventions give for durations of requests, and
# half a millisecond, since most of our calls take less than five.
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_NO_LABELS: Mapping[str, str] = MappingProxyType({})
_HEAD_BYTES_MAX = 8_192
_READ_SECONDS = 5.0
_STOP_MS = 2_000

_log = logs.get_logger()


class Counter:
    """A number that only grows, by labels of which there are few. It is read when metrics are, so
    that adding to it is an addition; one thread adds."""

    def __init__(self) -> None:
        self._totals: dict[frozenset[tuple[str, str]], float] = {}

    def add(self, amount: float, labels: Mapping[str, str] = _NO_LABELS) -> None:
        """Adds."""
        key = frozenset(labels.items())
        self._totals[key] = self._totals.get(key, 0) + amount

    def observe(self, _options: CallbackOptions) -> Iterable[Observation]:
        """All totals; another thread may ask."""
        return [Observation(total, dict(key)) for key, total in list(self._totals.items())]


class Metrics:
    """The instruments of one process. Without a listener or endpoint they cost next to nothing.

    listen: host:port on which GET /metrics answers, without a credential. otlp_endpoint: where
    they are sent once a minute.
    """

    def __init__(
        self, process_name: str = "", listen: str | None = None, otlp_endpoint: str | None = None
    ) -> None:
        self._listen = listen
        self._provider: MeterProvider | None = None
        self._text: MetricsText | None = None
        self._server: asyncio.Server | None = None
        self._work: list[Callable[[], Awaitable[None]]] = []
        self._tasks: list[asyncio.Future[None]] = []
        self._meter = NoOpMeterProvider().get_meter("dangol")
        if listen or otlp_endpoint:
            self._provider, self._text = _provide(process_name, otlp_endpoint)
            self._meter = self._provider.get_meter("dangol")
        self.port = 0
        # The name and labels are those of OpenTelemetry's conventions for servers of RPCs.
        self._rpc_seconds = self.histogram(
            "rpc.server.call.duration", "Calls answered, by method and status, and how long."
        )

    def counter(self, name: str, description: str) -> Counter:
        """A number that only grows."""
        counter = Counter()
        self._meter.create_observable_counter(name, [counter.observe], "", description)
        return counter

    def histogram(
        self, name: str, description: str, unit: str = "s", bounds: Sequence[float] = SECONDS
    ) -> Histogram:
        """A distribution, by default of seconds."""
        return self._meter.create_histogram(
            name, unit, description, explicit_bucket_boundaries_advisory=bounds
        )

    def gauge(
        self, name: str, description: str, read: Callable[[], float | None], unit: str = ""
    ) -> None:
        """A value that is read whenever metrics are, perhaps by another thread; None for none."""
        self._meter.create_observable_gauge(name, [_observing(read)], unit, description)

    def gauge_by(
        self,
        name: str,
        description: str,
        label: str,
        read: Callable[[], Mapping[str, float]],
        unit: str = "",
    ) -> None:
        """Values by a label, of which there are few and always the same; read like a gauge."""

        self._meter.create_observable_gauge(name, [_observing_by(label, read)], unit, description)

    def total(self, name: str, description: str, read: Callable[[], float], unit: str = "") -> None:
        """A number that only grows and that its owner counts; read like a gauge."""
        self._meter.create_observable_counter(name, [_observing(read)], unit, description)

    def total_by(
        self,
        name: str,
        description: str,
        label: str,
        read: Callable[[], Mapping[str, float]],
        unit: str = "",
    ) -> None:
        """Totals by a label, of which there are few and always the same; read like a gauge."""
        self._meter.create_observable_counter(name, [_observing_by(label, read)], unit, description)

    def beside(self, run: Callable[[], Awaitable[None]]) -> None:
        """Has `run`, which ends only when cancelled, run from start to stop if metrics are read."""
        if self.are_read:
            self._work.append(run)

    @property
    def are_read(self) -> bool:
        """Whether anyone is told: what costs something need not be looked up otherwise."""
        return self._provider is not None

    @contextlib.contextmanager
    def rpc(self, method: str) -> Iterator[RpcResult]:
        """Counts and times one call of /package.Service/Method."""
        started = time.perf_counter()
        result = RpcResult()
        try:
            yield result
        except (asyncio.CancelledError, GeneratorExit):
            result.status = "CANCELLED"
            raise
        finally:
            labels = {"rpc.method": method[1:], "rpc.response.status_code": result.status}
            self._rpc_seconds.record(time.perf_counter() - started, labels)

    async def start(self) -> None:
        """Begins to answer, if there is something to listen on. Sets `port`.

        Raises OSError when it is taken.
        """
        if self._listen:
            host, _, port = self._listen.rpartition(":")
            self._server = await asyncio.start_server(
                self._answer, host.strip("[]"), int(port), limit=_HEAD_BYTES_MAX
            )
            self.port = self._server.sockets[0].getsockname()[1]
        self._tasks = [asyncio.ensure_future(run()) for run in self._work]

    async def stop(self) -> None:
        """Sends what is not yet sent, and stops."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._provider is not None:
            provider, self._provider = self._provider, None
            try:
                await asyncio.to_thread(provider.shutdown, _STOP_MS)
            except Exception as error:
                _log.warning("metrics_not_sent", **logs.describe(error))

    def expose(self, accept: str = "") -> tuple[str, bytes]:
        """(content type, all metrics) as text, OpenMetrics where the header `accept` names it;
        nothing without a listener or endpoint."""
        return self._text.write(accept) if self._text is not None else ("text/plain", b"")

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_READ_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            words, accept = _read_head(head)
            if words[:1] == ["GET"] and words[1:2] == ["/metrics"]:
                status, (content_type, body) = "200 OK", self.expose(accept)
            else:
                status, content_type, body = "404 Not Found", "text/plain", b""
            lines = [f"HTTP/1.1 {status}", f"Content-Type: {content_type}"]
            lines += [f"Content-Length: {len(body)}", "Connection: close", "", ""]
            writer.write("\r\n".join(lines).encode() + body)
            await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()


class RpcResult:
    """How a call ended; its user sets the name of the gRPC status."""

    __slots__ = ("status",)

    def __init__(self) -> None:
        self.status = "OK"


def _read_head(head: bytes) -> tuple[list[str], str]:
    """(words of the request's first line, its Accept header)."""
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = (line.partition(":") for line in lines)
    accept = [value for name, _, value in headers if name.strip().lower() == "accept"]
    return first.split(" "), ",".join(accept)


def _observing(
    read: Callable[[], float | None],
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observe(_options: CallbackOptions) -> Iterable[Observation]:
        value = read()
        return [] if value is None else [Observation(value)]

    return observe


def _observing_by(
    label: str, read: Callable[[], Mapping[str, float]]
) -> Callable[[CallbackOptions], Iterable[Observation]]:
    def observe(_options: CallbackOptions) -> Iterable[Observation]:
        return [Observation(value, {label: key}) for key, value in read().items()]

    return observe


def _provide(process_name: str, otlp_endpoint: str | None) -> tuple[MeterProvider, MetricsText]:
    # Costs time to import, which processes without metrics need not pay.
    from opentelemetry.sdk.metrics import MeterProvider  # noqa: PLC0415
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415

    from dangol_service_kit.metrics_text import MetricsText  # noqa: PLC0415

    text = MetricsText()
    readers: list[Any] = [text.reader]
    if otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import (  # noqa: PLC0415
            OTLPMetricExporter,
        )

        insecure = not otlp_endpoint.startswith("https://")
        exporter = OTLPMetricExporter(endpoint=otlp_endpoint, insecure=insecure)
        readers.append(PeriodicExportingMetricReader(exporter))
    resource = Resource.create({"service.name": process_name})
    provider = MeterProvider(metric_readers=readers, resource=resource, shutdown_on_exit=False)
    return provider, text
