"""Grafana's JSON, as far as our dashboards need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SOURCE = {"type": "prometheus", "uid": "${datasource}"}
SELECTOR = 'dangol="$release"'
WIDTH, HEIGHT, PER_ROW = 8, 8, 3


@dataclass(frozen=True, slots=True)
class Panel:
    """One graph. unit: of Grafana, such as s or percentunit. queries: (expression, legend).

    signed: values may be below 0, so the axis does not begin there.
    """

    title: str
    unit: str
    description: str
    queries: Sequence[tuple[str, str]]
    signed: bool = False

    def json(self, number: int) -> dict[str, Any]:
        """As Grafana has it, at its place in rows of three."""
        row, column = divmod(number, PER_ROW)
        from_zero = {} if self.signed else {"min": 0}
        return {
            "id": number + 1,
            "type": "timeseries",
            "title": self.title,
            "description": self.description,
            "datasource": SOURCE,
            "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
            "fieldConfig": {
                "defaults": {"unit": self.unit, **from_zero, "custom": {"fillOpacity": 8}},
                "overrides": [],
            },
            "options": {
                "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                "tooltip": {"mode": "multi", "sort": "desc"},
            },
            "targets": [
                {
                    "refId": chr(ord("A") + place),
                    "expr": expression,
                    "legendFormat": legend,
                    "datasource": SOURCE,
                    "exemplar": "_bucket" in expression,
                }
                for place, (expression, legend) in enumerate(self.queries)
            ],
        }


def dashboard(uid: str, title: str, panels: Sequence[Panel]) -> dict[str, Any]:
    """A whole dashboard, which asks for a source of data and a release."""
    return {
        "uid": uid,
        "title": title,
        "tags": ["dangol"],
        "editable": True,
        "schemaVersion": 39,
        "version": 1,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {
                    "name": "datasource",
                    "label": "Data source",
                    "type": "datasource",
                    "query": "prometheus",
                },
                {
                    "name": "release",
                    "label": "Release",
                    "type": "query",
                    "datasource": SOURCE,
                    "query": "label_values(process_uptime_seconds, dangol)",
                    "refresh": 2,
                },
            ]
        },
        "panels": [panel.json(number) for number, panel in enumerate(panels)],
    }


def rate(metric: str, by: str, more: str = "") -> str:
    """Of a counter, a second, by labels."""
    labels = f"{SELECTOR}, {more}" if more else SELECTOR
    return f"sum by ({by}) (rate({metric}{{{labels}}}[$__rate_interval]))"


def quantiles(metric: str, more: str = "", by: str = "") -> list[tuple[str, str]]:
    """The median and the 99th percentile of a histogram."""
    legend = f" {{{{{by}}}}}" if by else ""
    rates = rate(f"{metric}_bucket", f"le, {by}" if by else "le", more)
    return [
        (f"histogram_quantile({share}, {rates})", f"{name}{legend}")
        for share, name in (("0.5", "p50"), ("0.99", "p99"))
    ]


def greatest(metric: str, legend: str, by: str = "", more: str = "") -> tuple[str, str]:
    """The greatest value of any pod."""
    labels = f"{SELECTOR}, {more}" if more else SELECTOR
    grouped = f" by ({by})" if by else ""
    return f"max{grouped} ({metric}{{{labels}}})", legend
