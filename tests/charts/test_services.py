"""What every service has without any values being set."""

from __future__ import annotations

import pytest

from tests.charts.rendering import SERVICES, default, find

PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_survives_nodes_zones_and_load(name: str) -> None:
    """An autoscaler from two replicas on, spread over nodes and zones, of which one may be away."""
    full = f"dangol-{name}"
    scaler = find(default(), "HorizontalPodAutoscaler", full)["spec"]
    assert ("Deployment", full) == (
        scaler["scaleTargetRef"]["kind"],
        scaler["scaleTargetRef"]["name"],
    )
    assert 2 <= scaler["minReplicas"] < scaler["maxReplicas"]
    budget = find(default(), "PodDisruptionBudget", full)["spec"]
    pods = find(default(), "Deployment", full)["spec"]["template"]
    labels = pods["metadata"]["labels"]
    assert 1 == budget["maxUnavailable"]
    assert budget["selector"]["matchLabels"].items() <= labels.items()
    spread = pods["spec"]["topologySpreadConstraints"]
    assert {"kubernetes.io/hostname", "topology.kubernetes.io/zone"} == {
        one["topologyKey"] for one in spread
    }
    assert all(one["labelSelector"]["matchLabels"].items() <= labels.items() for one in spread)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_probed_limited_and_ends_gently(name: str) -> None:
    """Three probes, by gRPC for each health service of its own or by HTTP; requests and limits;
    time for its address to be forgotten; no token; traffic in and out by a policy."""
    full = f"dangol-{name}"
    spec = find(default(), "Deployment", full)["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    kind = "httpGet" if name == "gateway" else "grpc"
    asked = [container[probe][kind] for probe in PROBES]
    words = [one.get("path") or one["service"] for one in asked]
    live, ready = ("/healthz", "/readyz") if name == "gateway" else ("live", "ready")
    assert [live, ready, live] == words
    assert {"requests", "limits"} == set(container["resources"])
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
    assert 0 < container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert full == spec["serviceAccountName"]
    assert not find(default(), "ServiceAccount", full)["automountServiceAccountToken"]
    policy = find(default(), "NetworkPolicy", full)["spec"]
    assert ["Egress", "Ingress"] == sorted(policy["policyTypes"])
