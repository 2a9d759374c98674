"""What the schema of the values refuses, and that it knows every key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.charts.rendering import CHART, RenderError, nested, render_text

SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())

# (path, wrong value, what helm has to say of it)
WRONG = [
    ("profil", {"replicas": 2}, "additional properties 'profil' not allowed"),
    ("profile.replica", 2, "additional properties 'replica' not allowed"),
    ("global.dangol.loglevel", "info", "additional properties 'loglevel' not allowed"),
    ("global.dangol.logLevel", "verbose", "one of 'debug', 'info', 'warning', 'error'"),
    ("global.dangol.image.pullPolicy", "Sometimes", "one of 'Always'"),
    ("global.dangol.image.registry", "https://registry.example", "does not match pattern"),
    ("global.dangol.image.tag", "1.0 beta", "does not match pattern"),
    ("profile.image.digest", "sha256:abc", "does not match pattern"),
    ("profile.image.repository", "", "minLength"),
    ("profile.replicas", "two", "want integer"),
    ("profile.replicas", -1, "minimum"),
    ("offers.autoscaling.enabled", "yes", "want boolean"),
    ("offers.autoscaling.minReplicas", 0, "minimum"),
    ("offers.podDisruptionBudget.maxUnavailable", 0, "minimum"),
    ("offers.podDisruptionBudget.maxUnavailable", "0%", "does not match pattern"),
    ("gateway.resources.limits.memory", "1 GB", "does not match pattern"),
    ("gateway.resources.limits.gpu", 1, "additional properties 'gpu' not allowed"),
    ("gateway.corsOrigins", ["shop.example"], "does not match pattern"),
    ("gateway.trustedProxies", ["ingress.example"], "does not match pattern"),
    ("gateway.corsOrigins", "https://shop.example", "want array"),
    ("gateway.database", "dangol_gateway", "additional properties 'database' not allowed"),
    ("gateway.termination.preStopSeconds", 0, "minimum"),
    ("gateway.spread.nodes", "Always", "one of 'DoNotSchedule', 'ScheduleAnyway'"),
    ("segmentation.tickSeconds", 0, "exclusiveMinimum"),
    ("segmentation.database", "my db", "does not match pattern"),
    ("global.dangol.ports.profile", 70000, "maximum"),
    ("global.dangol.service.ports.metrics", "metrics", "want integer"),
    ("global.dangol.service.probes.timeoutSeconds", 0, "minimum"),
    ("global.dangol.telemetry.otlpEndpoint", "collector:4317", "does not match pattern"),
    ("global.dangol.mtls.issuer.kind", "Authority", "one of 'Issuer', 'ClusterIssuer'"),
    ("global.dangol.mtls.duration", "90 days", "does not match pattern"),
    ("global.dangol.podSecurity.runAsUser", 0, "minimum"),
    ("global.dangol.mongodb.uri", "mongodb://user:secret@host", "'uri' not allowed"),
    ("global.dangol.mongodb.dev.storage", "8 GB", "does not match pattern"),
    ("global.dangol.keys.existingSecret", "My_Keys", "does not match pattern"),
    ("global.dangol.fullnameOverride", "Dangol_1", "does not match pattern"),
    ("global.dangol.listenAddress", "localhost:80", "does not match pattern"),
    ("edge.httpRoute.enabled", True, "minItems"),
    ("edge.ingress.enabled", True, "minItems"),
    ("edge.grpcRoute.services", ["gateway"], "one of 'profile', 'segmentation', 'offers'"),
    ("insight.schedule", "nightly", "does not match pattern"),
    ("tenants", [{"id": "shop"}], "missing properties"),
    ("monitoring.serviceMonitor.interval", "often", "does not match pattern"),
    ("monitoring.prometheusRule.availabilityPercent", 100, "exclusiveMaximum"),
    ("monitoring.prometheusRule.certificateSeconds", "7d", "want integer"),
    ("monitoring.prometheusRule.runbookUrl", "wiki.example", "does not match pattern"),
    ("monitoring.dashboards.labels", ["grafana"], "want object"),
]


@pytest.mark.parametrize(("path", "value", "message"), WRONG)
def test_a_wrong_value_is_refused_by_name(path: str, value: Any, message: str) -> None:
    """helm says which key is at fault, and why."""
    with pytest.raises(RenderError) as caught:
        render_text(nested(path, value))
    told = str(caught.value)
    parent = path.rpartition(".")[0].replace(".", "/")
    assert f"at '{'/' if parent else ''}{parent}" in told
    assert message in told


def _keys(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield (*path, key)
            yield from _keys(below, (*path, key))


def _described(path: tuple[str, ...]) -> bool:
    schema: Any = SCHEMA
    for key in path:
        while "$ref" in schema:
            schema = _follow(schema["$ref"])
        if "properties" not in schema:
            return bool(schema.get("type") == "object")
        if key not in schema["properties"]:
            return False
        schema = schema["properties"][key]
    return True


def _follow(reference: str) -> Any:
    schema: Any = SCHEMA
    for part in reference.removeprefix("#/").split("/"):
        schema = schema[part]
    return schema


def test_every_key_of_the_values_is_described() -> None:
    """No value could be set that the schema does not know."""
    assert [] == [".".join(path) for path in _keys(VALUES) if not _described(path)]


def test_maps_of_the_schema_are_closed() -> None:
    """A misspelt key is refused everywhere but under global and where names are the user's own."""

    def open_maps(schema: Any, path: str = "") -> Iterator[str]:
        if isinstance(schema, Mapping):
            is_map = "properties" in schema and schema.get("type") == "object"
            if is_map and schema.get("additionalProperties") is not False:
                yield path
            for key, below in schema.items():
                yield from open_maps(below, f"{path}/{key}")

    assert ["/properties/global"] == list(open_maps(SCHEMA))
