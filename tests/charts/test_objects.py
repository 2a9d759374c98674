"""The rendered objects, one property a test."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from dangol_dev.chart_readme import page

from tests.charts.rendering import (
    CHART,
    SERVICES,
    Manifest,
    RenderError,
    containers,
    default,
    find,
    nested,
    of_kind,
    pod_specs,
    render,
    render_text,
    run_tool,
)

DEV = ["values-dev.yaml"]
MTLS = {"global": {"dangol": {"mtls": {"enabled": True}}}}
TENANT = {
    "id": "shop",
    "name": "단골샵",
    "timeZone": "Asia/Seoul",
    "currency": "KRW",
    "language": "ko",
}
DIGEST = "sha256:" + "0123456789abcdef" * 4


def _deployment(name: str, values: Any = None) -> Manifest:
    manifests = default() if values is None else render(values)
    return find(manifests, "Deployment", f"dangol-{name}")


def _names(manifests: list[Manifest], kind: str) -> set[str]:
    return {manifest["metadata"]["name"] for manifest in of_kind(manifests, kind)}


def test_the_chart_lints() -> None:
    """Strictly, with all profiles."""
    for name in ("values.yaml", "values-dev.yaml"):
        done = run_tool("helm", "lint", "--strict", str(CHART), "--values", str(CHART / name))
        assert 0 == done.returncode, done.stdout


def test_rendering_twice_gives_the_same_bytes() -> None:
    """Nothing is drawn, and no clock is read; so no secret changes with an upgrade."""
    assert render_text(MTLS, files=DEV) == render_text(MTLS, files=DEV)


def test_no_secret_is_made_by_the_chart() -> None:
    """What would be drawn anew, or stand in values, is not there: neither Secret nor lookup."""
    assert [] == of_kind(default() + render(MTLS, files=DEV), "Secret")
    drawing = re.compile(r"\b(rand\w+|gen\w+(Key|CA|Cert)\w*|lookup|now|uuidv4|shuffle)\b")
    templates = [*CHART.rglob("*.tpl"), *CHART.glob("**/templates/**/*.yaml")]
    actions = {
        action
        for path in templates
        for action in re.findall(r"{{-?\s*([^/].*?)}}", path.read_text())
        if drawing.search(action)
    }
    assert set() == actions


def test_service_links_are_off_everywhere() -> None:
    """A Service named after the release cannot put DANGOL_PROFILE_PORT into a pod's environment."""
    specs = list(pod_specs(render({"tenants": [TENANT]}, files=DEV)))
    assert {name: False for name, _ in specs} == {
        name: spec["enableServiceLinks"] for name, spec in specs
    }


@pytest.mark.parametrize("name", SERVICES)
def test_no_replicas_stand_beside_the_autoscaler(name: str) -> None:
    """With it the Deployment names none, whatever the values say; without it, it does."""
    assert "replicas" not in _deployment(name)["spec"]
    off = nested(f"{name}.autoscaling.enabled", False)
    manifests = render({name: {**off[name], "replicas": 3}})
    assert 3 == find(manifests, "Deployment", f"dangol-{name}")["spec"]["replicas"]
    assert f"dangol-{name}" not in _names(manifests, "HorizontalPodAutoscaler")


def test_a_changed_job_is_another_job() -> None:
    """A Job's template is immutable: another content has another name, the same has the same."""
    plain = render({"tenants": [TENANT]})
    changed = render({"tenants": [{**TENANT, "name": "다른 가게"}]})
    upgraded = render({"tenants": [TENANT], "global": {"dangol": {"image": {"tag": "0.2.0"}}}})
    names = [_names(one, "Job") - {"dangol-cli-journey"} for one in (plain, changed, upgraded)]
    assert 3 == len(set.union(*names))
    template = find(plain, "Job", names[0].pop())["spec"]["template"]
    # The chart's version would change the template without changing what the Job does.
    assert {"name", "instance", "part-of"} == {
        label.rpartition("/")[2] for label in template["metadata"]["labels"]
    }


def test_an_umbrella_may_have_globals_of_its_own(tmp_path: Path) -> None:
    """As a part of another chart, whose `global` has other things too, and under a prefix."""
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts/dangol").symlink_to(CHART)
    (tmp_path / "Chart.yaml").write_text(
        json.dumps(
            {
                "apiVersion": "v2",
                "name": "mall",
                "version": "1.0.0",
                "dependencies": [{"name": "dangol", "version": "0.1.0"}],
            }
        )
    )
    (tmp_path / "values.yaml").write_text(
        json.dumps(
            {
                "global": {"storageClass": "fast", "dangol": {"logLevel": "debug"}},
                "dangol": {"gateway": {"graphiql": True}},
            }
        )
    )
    manifests = render(chart=tmp_path, release="mall")
    data = find(manifests, "ConfigMap", "mall-dangol-gateway")["data"]
    assert ("debug", "true") == (data["DANGOL_LOG_LEVEL"], data["DANGOL_GRAPHIQL"])


@pytest.mark.parametrize("files", [[], DEV])
def test_every_container_is_restricted(files: list[str]) -> None:
    """Pod Security Standards' restricted profile, on services, Jobs and data stores alike."""
    for name, spec in pod_specs(render({"tenants": [TENANT]}, files=files)):
        pod = spec["securityContext"]
        assert pod["runAsUser"] >= 10_000, name
        assert {"type": "RuntimeDefault"} == pod["seccompProfile"], name
        assert not spec["automountServiceAccountToken"], name
        for container in containers(spec):
            assert {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "privileged": False,
                "readOnlyRootFilesystem": True,
                "runAsNonRoot": True,
            } == container["securityContext"], name
            assert {"requests", "limits"} == set(container["resources"]), name


def test_ids_can_be_left_to_the_cluster() -> None:
    """On OpenShift, which gives each namespace its own."""
    left = {"global": {"dangol": {"podSecurity": {"assignIds": False}}}}
    for _, spec in pod_specs(render(left)):
        assert {"runAsNonRoot", "seccompProfile"} == set(spec["securityContext"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_pod_drains_within_its_grace(name: str) -> None:
    """preStop and drain end before the kubelet's patience does, whatever they are set to."""
    values = {name: {"termination": {"preStopSeconds": 30, "drainSeconds": 90}}}
    for one in (None, values):
        spec = _deployment(name, one)["spec"]["template"]["spec"]
        pre_stop = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        drain = 20 if one is None else 90
        assert pre_stop + drain < spec["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_has_its_own_keys_only(name: str) -> None:
    """Mounted as files; no other service's key, and never the platform's."""
    spec = _deployment(name)["spec"]["template"]["spec"]
    keys = next(volume for volume in spec["volumes"] if volume["name"] == "keys")["secret"]
    wanted = {"jwks.json"} if name == "gateway" else {"jwks.json", "master.key", f"{name}.pem"}
    if name == "offers":
        wanted |= {"checkpoint.pem"}
    assert wanted == {item["key"] for item in keys["items"]}
    assert "env" not in spec["containers"][0]


def test_former_checkpoint_keys_are_mounted_where_they_are_given() -> None:
    """So that checkpoints of a key that was changed still verify; offers alone reads them."""
    values = nested("global.dangol.keys.formerCheckpointsKey", "former.pub")
    manifests = render(values)
    variables = {
        name: find(manifests, "ConfigMap", f"dangol-{name}")["data"].get(
            "DANGOL_CHECKPOINT_PUBLIC_KEYS_FILE"
        )
        for name in SERVICES
    }
    path = "/etc/dangol/keys/former-checkpoints.pub"
    assert {**dict.fromkeys(SERVICES), "offers": path} == variables
    spec = find(manifests, "Deployment", "dangol-offers")["spec"]["template"]["spec"]
    keys = next(volume for volume in spec["volumes"] if volume["name"] == "keys")["secret"]
    assert {"key": "former.pub", "path": "former-checkpoints.pub"} in keys["items"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_changed_configuration_is_a_changed_pod(name: str) -> None:
    """The checksum follows the ConfigMap, and nothing else."""
    changed = {"global": {"dangol": {"logLevel": "debug"}}}
    sums = [
        _deployment(name, values)["spec"]["template"]["metadata"]["annotations"]
        for values in (None, changed, {"cli": {"platformKey": {"key": "other.pem"}}})
    ]
    assert sums[0] == sums[2] != sums[1]


@pytest.mark.parametrize("name", SERVICES)
def test_grpc_balances_over_headless_names(name: str) -> None:
    """Where gRPC is served there is no address that would pin a client to one pod."""
    service = find(default(), "Service", f"dangol-{name}")["spec"]
    assert (None if name == "gateway" else "None") == service.get("clusterIP")


def test_policies_let_in_exactly_who_calls() -> None:
    """Ingress of each service is the mirror of the others' egress."""
    policies = {
        one["metadata"]["name"].removeprefix("dangol-"): one["spec"]
        for one in of_kind(default(), "NetworkPolicy")
    }
    callers = {
        name: {
            peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
            for rule in policies[name]["ingress"]
            for peer in rule.get("from", [])
            if "podSelector" in peer
        }
        for name in SERVICES[:3]
    }
    calls = {
        (caller, peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"])
        for caller, spec in policies.items()
        for rule in spec["egress"]
        for peer in rule.get("to", [])
        if peer["podSelector"]
    }
    for name, found in callers.items():
        assert {caller for caller, called in calls if called == name} <= found, name
    assert {"offers": {"gateway", "cli"}} == {"offers": callers["offers"]}


def test_one_setting_reaches_all_services_and_one_goes_before() -> None:
    """global.dangol.service is for all; false, 0 and empty above it count as well."""
    values = {
        "global": {"dangol": {"service": {"nodeSelector": {"disk": "ssd"}}}},
        "offers": {"podDisruptionBudget": {"enabled": False}, "nodeSelector": {"disk": "hdd"}},
    }
    manifests = render(values)
    found = {
        name: find(manifests, "Deployment", f"dangol-{name}")["spec"]["template"]["spec"][
            "nodeSelector"
        ]["disk"]
        for name in SERVICES
    }
    assert {**dict.fromkeys(SERVICES, "ssd"), "offers": "hdd"} == found
    assert "dangol-offers" not in _names(manifests, "PodDisruptionBudget")


def test_mtls_gives_every_caller_a_certificate() -> None:
    """For the names it is called by; the probes' port stays without TLS."""
    manifests = render(MTLS)
    certificates = {
        one["metadata"]["name"]: one["spec"] for one in of_kind(manifests, "Certificate")
    }
    assert {f"dangol-{name}" for name in (*SERVICES, "cli", "authority")} == set(certificates)
    target = find(manifests, "ConfigMap", "dangol-offers")["data"]["DANGOL_PROFILE_TARGET"]
    assert target.partition(":")[0] in certificates["dangol-profile"]["dnsNames"]
    assert {"server auth", "client auth"} < set(certificates["dangol-profile"]["usages"])


def test_images_are_pinned_where_that_is_demanded() -> None:
    """Production refuses to render an image without a digest, and says which."""
    with pytest.raises(RenderError, match=r"dangol/\w+:0.1.0 has no digest"):
        render(files=["values-production.yaml"])
    pinned = {name: {"image": {"digest": DIGEST}} for name in (*SERVICES, "cli")}
    specs = pod_specs(render(pinned, files=["values-production.yaml"]))
    assert all(
        container["image"].endswith(f"@{DIGEST}")
        for _, spec in specs
        for container in containers(spec)
    )


def test_routes_lead_to_the_ports_that_are_served() -> None:
    """HTTPRoute and Ingress to the gateway, GRPCRoutes to Services with an address."""
    edge = {
        "httpRoute": {"enabled": True, "parentRefs": [{"name": "edge"}]},
        "grpcRoute": {"enabled": True, "parentRefs": [{"name": "edge"}]},
        "ingress": {"enabled": True, "hosts": ["shop.example"], "tlsSecret": "shop-tls"},
    }
    manifests = render({"edge": edge})
    for route in of_kind(manifests, "HTTPRoute", "GRPCRoute"):
        (backend,) = route["spec"]["rules"][0]["backendRefs"]
        service = find(manifests, "Service", backend["name"])["spec"]
        assert "clusterIP" not in service
        assert backend["port"] in [port["port"] for port in service["ports"]]
    (path,) = of_kind(manifests, "Ingress")[0]["spec"]["rules"][0]["http"]["paths"]
    assert "dangol-gateway" == path["backend"]["service"]["name"]


def test_extra_objects_go_through_the_templates() -> None:
    """As maps and as text."""
    extra: Any = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "{{ .Release.Name }}-x"},
    }
    manifests = render({"extraObjects": [extra, json.dumps(extra).replace("-x", "-y")]})
    assert {"dangol-x", "dangol-y"} <= _names(manifests, "ConfigMap")


def test_data_stores_for_trials_are_marked_and_closed() -> None:
    """They say what they are, and only services reach them."""
    manifests = render(files=DEV)
    for store in of_kind(manifests, "StatefulSet"):
        assert "dangol.dev/not-for-production" in store["metadata"]["annotations"]
        policy = find(manifests, "NetworkPolicy", store["metadata"]["name"])
        assert all("from" in rule for rule in policy["spec"]["ingress"])
    data = find(manifests, "ConfigMap", "dangol-profile")["data"]
    assert "DANGOL_MONGODB_URI_FILE" not in data
    assert "mongodb://dangol-mongodb.shop.svc" in data["DANGOL_MONGODB_URI"]


def test_the_readme_is_what_the_values_say() -> None:
    """`make chart` writes it."""
    assert page() == (CHART / "README.md").read_text()


def _notes(values: dict[str, Any], files: list[str]) -> str:
    """What `helm install` says at its end."""
    arguments = [argument for one in files for argument in ("--values", str(CHART / one))]
    for path, value in values.items():
        arguments += ["--set", f"{path}={value}"]
    done = run_tool(
        *("helm", "install", "dangol", str(CHART), "--namespace", "shop"),
        *("--dry-run=client", "--hide-secret", *arguments),
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout.partition("NOTES:")[2]


def test_the_notes_name_what_is_still_to_be_made_and_how_to_try_it() -> None:
    """Every Secret that pods wait for and the chart does not make, with its keys, and no other;
    Services and ports that are there; stores for trials are called what they are."""
    for files in ([], DEV):
        notes = _notes({}, files)
        manifests = render(files=files)
        wanted = {
            source["secret"]["secretName"]
            for _, spec in pod_specs(manifests)
            for volume in spec.get("volumes", [])
            for source in volume.get("projected", {}).get("sources", [volume])
            if "secret" in source and "secretName" in source["secret"]
        } | {
            source["secret"]["name"]
            for _, spec in pod_specs(manifests)
            for volume in spec.get("volumes", [])
            for source in volume.get("projected", {}).get("sources", [])
            if "secret" in source and "name" in source["secret"]
        }
        made = _names(manifests, "Secret")
        told = set(re.findall(r"^  (dangol-[a-z-]+): ", notes, re.MULTILINE))
        assert wanted - made == told
        assert "helm -n shop test dangol" in notes
        forwarded = re.search(r"port-forward service/(\S+) (\d+)", notes)
        assert forwarded is not None
        service = find(manifests, "Service", forwarded[1])["spec"]
        assert int(forwarded[2]) in [port["port"] for port in service["ports"]]
        assert ("NOT FOR PRODUCTION" in notes) == (files == DEV)
    assert "helm -n shop test" not in _notes({"tests.enabled": "false"}, [])
