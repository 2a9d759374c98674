"""Metrics as text: what Prometheus reads, with exemplars for those who ask for OpenMetrics.

The exporter that OpenTelemetry offers for Prometheus leaves exemplars out, hence this one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from opentelemetry.sdk.metrics.export import (
    Histogram,
    HistogramDataPoint,
    InMemoryMetricReader,
    Metric,
    MetricsData,
    Sum,
)
from prometheus_client import exposition
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar

OPENMETRICS = "application/openmetrics-text"
PLAIN_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS_TYPE = openmetrics.CONTENT_TYPE_LATEST
# Units that end a name; others are said by the name itself.
_UNITS = {"s": "seconds", "By": "bytes"}
_UNUSUAL = re.compile(r"[^a-zA-Z0-9_]")
_NANOSECONDS = 1_000_000_000


class MetricsText(Collector):
    """The instruments of one process as text. reader: to be given to their provider."""

    def __init__(self) -> None:
        self.reader = InMemoryMetricReader()

    def write(self, accept: str = "") -> tuple[str, bytes]:
        """(content type, all metrics); OpenMetrics where `accept`, a header, names it."""
        if OPENMETRICS in accept:
            text: bytes = openmetrics.generate_latest(self)  # type: ignore[no-untyped-call]
            return OPENMETRICS_TYPE, text
        return PLAIN_TYPE, exposition.generate_latest(self)

    def collect(self) -> Iterator[Any]:
        """What was recorded up to now, in the terms of prometheus_client."""
        data = self.reader.get_metrics_data()
        return _families(data) if data is not None else iter(())


def _families(data: MetricsData) -> Iterator[Any]:
    for resource in data.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                yield from _series(metric)


def _series(metric: Metric) -> Iterator[Any]:
    """One family of a metric, or one each where points differ in the names of their labels."""
    families: dict[tuple[str, ...], Any] = {}
    points: Iterable[Any] = metric.data.data_points
    for point in points:
        attributes = {_name(key): str(value) for key, value in (point.attributes or {}).items()}
        names = tuple(sorted(attributes))
        family = families.get(names)
        if family is None:
            family = families[names] = _family(metric, names)
        values = [attributes[name] for name in names]
        if isinstance(family, HistogramMetricFamily):
            family.add_metric(values, _buckets(point), point.sum)
        else:
            family.add_metric(values, point.value)
    yield from families.values()


def _family(metric: Metric, labels: Sequence[str]) -> Any:
    kind: Any = GaugeMetricFamily
    if isinstance(metric.data, Histogram):
        kind = HistogramMetricFamily
    elif isinstance(metric.data, Sum) and metric.data.is_monotonic:
        kind = CounterMetricFamily
    return kind(
        _name(metric.name),
        metric.description or "",
        labels=labels,
        unit=_UNITS.get(metric.unit or "", ""),
    )


def _buckets(point: HistogramDataPoint) -> list[Any]:
    """(upper bound, how many up to it, the newest exemplar that fell between it and the last)."""
    buckets: list[Any] = []
    total, below = 0, float("-inf")
    for bound, count in zip(
        (*point.explicit_bounds, float("inf")), point.bucket_counts, strict=True
    ):
        total += count
        inside = [one for one in point.exemplars if one.trace_id and below < one.value <= bound]
        newest = max(inside, key=lambda one: one.time_unix_nano, default=None)
        exemplar = newest and Exemplar(
            {"trace_id": f"{newest.trace_id:032x}"},
            newest.value,
            newest.time_unix_nano / _NANOSECONDS,
        )
        buckets.append(("+Inf" if bound == float("inf") else str(bound), total, exemplar))
        below = bound
    return buckets


def _name(text: str) -> str:
    return _UNUSUAL.sub("_", text)
