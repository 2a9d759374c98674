"""Many ways to install, on several versions of Kubernetes; and what checkov thinks of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.charts.rendering import ROOT, SERVICES, Values, parse, render_text, tool

VERSIONS = ("1.31", "1.34", "1.37")
pytestmark = pytest.mark.timeout(300)
DIGEST = "sha256:" + "0123456789abcdef" * 4
PINNED: dict[str, Any] = {name: {"image": {"digest": DIGEST}} for name in (*SERVICES, "cli")}
TENANTS = [
    {"id": one, "name": one, "timeZone": "Asia/Seoul", "currency": "KRW", "language": "ko"}
    for one in ("shop", "mall")
]


def _common(**values: Any) -> dict[str, Any]:
    return {"global": {"dangol": values}}


def _edge(**values: Any) -> dict[str, Any]:
    return {"edge": values}


_ROUTE = {"enabled": True, "parentRefs": [{"name": "edge", "namespace": "edge"}]}
_HOSTS = {"hostnames": ["shop.example"]}
# name: (values files, further values)
INSTALLATIONS: dict[str, tuple[list[str], Values]] = {
    "default": ([], {}),
    "dev": (["values-dev.yaml"], {}),
    "production": (["values-production.yaml"], PINNED),
    "gateway-api": ([], _edge(httpRoute={**_ROUTE, **_HOSTS}, grpcRoute=_ROUTE)),
    "ingress": (
        [],
        _edge(ingress={"enabled": True, "hosts": ["shop.example"], "tlsSecret": "tls"}),
    ),
    "mtls": ([], _common(mtls={"enabled": True})),
    "mtls-issuer": (
        [],
        _common(mtls={"enabled": True, "issuer": {"kind": "ClusterIssuer", "name": "corporate"}})
        | _edge(grpcRoute={**_ROUTE, "authorityConfigMap": "corporate"}),
    ),
    "openshift": ([], _common(podSecurity={"assignIds": False})),
    "without-autoscaling": (
        [],
        _common(service={"autoscaling": {"enabled": False}, "replicas": 5}),
    ),
    "closed-network": (
        [],
        _common(
            networkPolicy={
                "mongodbTo": [{"ipBlock": {"cidr": "10.0.0.0/16"}}],
                "redisTo": [{"ipBlock": {"cidr": "10.1.0.0/16"}}],
                "telemetryTo": [{"namespaceSelector": {}}],
                "edgeFrom": [{"namespaceSelector": {}}],
                "partnersFrom": [{"namespaceSelector": {}}],
            },
            telemetry={"otlpEndpoint": "http://collector.monitoring:4317"},
        ),
    ),
    "bare": (
        [],
        _common(networkPolicy={"enabled": False}, metrics={"enabled": False})
        | {"tests": {"enabled": False}, "insight": {"enabled": False}},
    ),
    "placed": (
        [],
        _common(
            service={
                "nodeSelector": {"disk": "ssd"},
                "tolerations": [{"key": "shop", "operator": "Exists"}],
                "affinity": {"nodeAffinity": {}},
                "priorityClassName": "high",
                "runtimeClassName": "gvisor",
                "extraEnv": [{"name": "TZ", "value": "UTC"}],
                "extraVolumes": [{"name": "ca", "configMap": {"name": "ca"}}],
                "extraVolumeMounts": [{"name": "ca", "mountPath": "/ca"}],
                "podAnnotations": {"a": "b"},
                "podLabels": {"c": "d"},
            },
            image={"registry": "registry.example:5000/team", "pullSecrets": ["pull"]},
            labels={"team": "shop"},
        )
        | {
            "monitoring": {
                "serviceMonitor": {"enabled": True, "labels": {"prometheus": "main"}},
                "prometheusRule": {"enabled": True, "labels": {"prometheus": "main"}},
                "dashboards": {"enabled": True, "annotations": {"folder": "Dangol"}},
            }
        },
    ),
    "tenants": ([], {"tenants": TENANTS}),
}


def _validate(version: str, *paths: Path) -> int:
    command = [str(tool("checkov").parent / "python"), "tests/charts/validate.py", version]
    command += [str(path) for path in paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    return int(done.stdout)


def _write(folder: Path, name: str, version: str) -> Path:
    files, values = INSTALLATIONS[name]
    path = folder / f"{name}.yaml"
    path.write_text(render_text(values, files=files, kube_version=f"{version}.0"))
    return path


def _checkov(path: Path) -> tuple[int, int, int]:
    """(passed, failed, skipped)."""
    command = [str(tool("checkov")), "--framework", "kubernetes", "--file", str(path)]
    command += ["--output", "json", "--compact", "--quiet", "--skip-download"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    summary = json.loads(done.stdout)["summary"]
    return summary["passed"], summary["failed"], summary["skipped"]


def test_the_profiles_are_valid_for_the_newest_kubernetes(tmp_path: Path) -> None:
    """Strictly: a misspelt field is an error."""
    paths = [_write(tmp_path, name, "1.37") for name in ("default", "dev", "production")]
    assert _validate("1.37", *paths) > 90


def test_a_misspelt_field_would_be_found(tmp_path: Path) -> None:
    """The validation bites."""
    path = tmp_path / "wrong.yaml"
    path.write_text(render_text().replace("enableServiceLinks", "enableServicesLinks"))
    with pytest.raises(AssertionError, match="enableServicesLinks"):
        _validate("1.37", path)


def test_production_passes_every_check(tmp_path: Path) -> None:
    """checkov: none failed, none skipped."""
    passed, failed, skipped = _checkov(_write(tmp_path, "production", "1.37"))
    assert (0, 0) == (failed, skipped)
    assert passed > 500


@pytest.mark.matrix
def test_the_default_passes_nearly_every_check(tmp_path: Path) -> None:
    """At least 97 of 100; images without a digest are what fails."""
    passed, failed, skipped = _checkov(_write(tmp_path, "default", "1.37"))
    assert 0 == skipped
    assert passed / (passed + failed) >= 0.97


@pytest.mark.matrix
@pytest.mark.timeout(600)
@pytest.mark.parametrize("version", VERSIONS)
def test_every_installation_is_valid(version: str, tmp_path: Path) -> None:
    """Thirteen ways to install, each rendered for this version and validated strictly."""
    paths = [_write(tmp_path, name, version) for name in INSTALLATIONS]
    expected = sum(
        not one["apiVersion"].startswith(
            ("cert-manager.io/", "gateway.networking.k8s.io/", "monitoring.coreos.com/")
        )
        for path in paths
        for one in parse(path.read_text())
    )
    assert expected == _validate(version, *paths)


@pytest.mark.matrix
@pytest.mark.parametrize("name", INSTALLATIONS)
def test_every_installation_renders_alike_twice(name: str) -> None:
    """The same values give the same bytes."""
    files, values = INSTALLATIONS[name]
    assert render_text(values, files=files) == render_text(values, files=files)
