"""Alert rules and dashboards of the chart: valid, tested by promtool, and as their source says."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from dangol_dev.monitoring.__main__ import FOLDER, files
from dangol_dev.monitoring.alerts import ALERTS
from dangol_dev.monitoring.kpis import MISSED
from dangol_dev.monitoring.objectives import UNTIMED
from segmentation_service.starter import STARTERS

from tests.charts.alert_cases import ALONE, CASES, Case
from tests.charts.rendering import (
    ROOT,
    Manifest,
    RenderError,
    find,
    merged,
    nested,
    of_kind,
    render,
    run_tool,
)

ON: dict[str, Any] = {
    "monitoring": {
        "serviceMonitor": {"enabled": True},
        "prometheusRule": {"enabled": True},
        "dashboards": {"enabled": True},
    }
}


@pytest.fixture(scope="module")
def manifests() -> list[Manifest]:
    """The chart with all of its monitoring."""
    return render(ON)


def _write_rules(manifests: list[Manifest], folder: Path) -> Path:
    """The rules as Prometheus' operator hands them on."""
    path = folder / "rules.json"
    path.write_text(json.dumps(find(manifests, "PrometheusRule", "dangol-alerts")["spec"]))
    return path


def test_files_are_what_their_source_writes() -> None:
    """`make chart` writes them; nothing is changed by hand."""
    there = {
        str(path.relative_to(FOLDER)): path.read_text() for path in sorted(FOLDER.rglob("*.json"))
    }
    assert files() == there


def test_promtool_accepts_the_rules(manifests: list[Manifest], tmp_path: Path) -> None:
    """Every expression and every template parses, and no token of ours is left."""
    path = _write_rules(manifests, tmp_path)
    assert "@" not in path.read_text()
    done = run_tool("promtool", "check", "rules", str(path))
    assert 0 == done.returncode, done.stdout + done.stderr


def play(cases: Sequence[Case], rules: Path) -> CompletedProcess[str]:
    """`promtool test rules`."""
    tests = rules.with_name("tests.json")
    content = {
        "rule_files": [str(rules)],
        "evaluation_interval": "1m",
        "tests": [case.test() for case in cases],
    }
    tests.write_text(json.dumps(content))
    return run_tool("promtool", "test", "rules", str(tests))


def test_every_alert_fires_when_it_should_and_only_then(
    manifests: list[Manifest], tmp_path: Path
) -> None:
    """promtool plays each case; a healthy platform and one just below its limits are silent."""
    assert {alert.name for alert in ALERTS} == {name for case in CASES for name in case.fires}
    done = play(CASES, _write_rules(manifests, tmp_path))
    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.deep
@pytest.mark.timeout(600)
def test_every_alert_fires_alone(manifests: list[Manifest], tmp_path: Path) -> None:
    """One thing wrong at a time sets off its alert and no other."""
    done = play(ALONE, _write_rules(manifests, tmp_path))
    assert 0 == done.returncode, done.stdout + done.stderr


def test_promtool_notices_an_alert_that_does_not_fire(
    manifests: list[Manifest], tmp_path: Path
) -> None:
    """The cases bite: one of a limit that was moved fails."""
    path = _write_rules(manifests, tmp_path)
    path.write_text(path.read_text().replace("> 1000", "> 2000"))
    case = next(case for case in ALONE if case.name == "DangolDeadlinesPileUp")
    assert 0 != play([case], path).returncode


def test_every_alert_says_how_bad_it_is_and_where_to_read_on(manifests: list[Manifest]) -> None:
    """Severity, summary, description and a page, behind whatever address was given."""
    address = nested("monitoring.prometheusRule.runbookUrl", "https://wiki.example/dangol/")
    given = render(merged(ON, address))
    for some, before in ((manifests, ""), (given, "https://wiki.example/dangol/")):
        spec = find(some, "PrometheusRule", "dangol-alerts")["spec"]
        rules = [rule for group in spec["groups"] for rule in group["rules"] if "alert" in rule]
        assert len(ALERTS) == len(rules)
        for rule in rules:
            notes = rule["annotations"]
            assert rule["labels"]["severity"] in ("critical", "warning")
            assert notes["summary"]
            assert notes["description"]
            assert f"{before}docs/runbooks/{rule['alert']}.md" == notes["runbook_url"]


def test_rules_go_by_the_release_and_its_objectives() -> None:
    """Two releases under one Prometheus do not set off each other's alerts."""
    settings: dict[str, Any] = {"enabled": True, "availabilityPercent": 99.5, "latencyPercent": 95}
    settings |= {"certificateSeconds": 3600, "labels": {"prometheus": "main"}}
    values = {"monitoring": {**ON["monitoring"], "prometheusRule": settings}}
    manifests = render(values, release="second")
    rule = find(manifests, "PrometheusRule", "second-dangol-alerts")
    assert "main" == rule["metadata"]["labels"]["prometheus"]
    text = json.dumps(rule["spec"])
    assert '\\"shop/second-dangol\\"' in text
    assert '\\"shop/dangol\\"' not in text
    for part in ("1 - 99.5 / 100", "1 - 95 / 100", "< 3600"):
        assert part in text
    monitor = find(manifests, "ServiceMonitor", "second-dangol-metrics")
    (endpoint,) = monitor["spec"]["endpoints"]
    assert {"targetLabel": "dangol", "replacement": "shop/second-dangol"} in endpoint["relabelings"]


@pytest.mark.parametrize("name", ["serviceMonitor", "prometheusRule"])
def test_monitoring_without_metrics_is_refused(name: str) -> None:
    """It would be about nothing."""
    values = nested(f"monitoring.{name}.enabled", True) | nested(
        "global.dangol.metrics.enabled", False
    )
    with pytest.raises(RenderError, match=r"needs global\.dangol\.metrics\.enabled"):
        render(values)


def test_nothing_of_it_is_there_by_default() -> None:
    """Clusters without the operator's kinds can install the chart."""
    found = render()
    assert [] == of_kind(found, "ServiceMonitor", "PrometheusRule")
    assert not [
        one for one in of_kind(found, "ConfigMap") if "dashboard" in one["metadata"]["name"]
    ]


def test_dashboards_are_found_by_the_sidecar(manifests: list[Manifest]) -> None:
    """One over everything, one of customers and one for each service, as they are written."""
    found = {
        name: json.loads(text)
        for one in of_kind(manifests, "ConfigMap")
        if one["metadata"]["labels"].get("grafana_dashboard") == "1"
        for name, text in one["data"].items()
    }
    parts = ("customers", "gateway", "offers", "overview", "profile", "segmentation")
    assert {f"dangol-{part}.json" for part in parts} == set(found)
    assert len(found) == len({one["uid"] for one in found.values()})


def test_the_dashboard_of_customers_asks_for_every_segment_of_missed_ones() -> None:
    """The ready segments of customers at risk, none forgotten."""
    assert sorted(one.starter_id for one in STARTERS if one.at_risk) == list(MISSED)


def test_every_panel_has_a_unit_and_legends_and_a_query_that_parses(
    manifests: list[Manifest], tmp_path: Path
) -> None:
    """Titles differ within a dashboard, panels do not overlap, queries ask for one release."""
    rules: list[dict[str, str]] = []
    for one in of_kind(manifests, "ConfigMap"):
        for name, text in one["data"].items():
            if not name.endswith(".json"):
                continue
            panels = json.loads(text)["panels"]
            assert len(panels) == len({panel["title"] for panel in panels}), name
            places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
            assert len(panels) == len(places), name
            for panel in panels:
                assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
                assert panel["description"], panel["title"]
                for target in panel["targets"]:
                    assert target["legendFormat"], panel["title"]
                    assert 'dangol="$release"' in target["expr"], panel["title"]
                    query = target["expr"].replace("$__rate_interval", "5m")
                    rules.append({"record": f"panel{len(rules)}", "expr": query})
    path = tmp_path / "panels.json"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    done = run_tool("promtool", "check", "rules", str(path))
    assert 0 == done.returncode, done.stdout + done.stderr


def test_streams_do_not_count_as_slow() -> None:
    """Whoever adds a method that streams has to leave it out of the objective."""
    modules: list[Any] = [
        importlib.import_module(f"dangol.{path.parts[-3]}.v1.{path.stem}_pb2")
        for path in (ROOT / "proto/dangol").glob("*/v1/*_service.proto")
    ]
    assert len(modules) > 10
    methods = {
        f"{service.full_name}/{method.name}": method.server_streaming or method.client_streaming
        for module in modules
        for service in module.DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }
    assert {name for name, streams in methods.items() if streams} <= set(UNTIMED)
    assert set() == set(UNTIMED) - set(methods)
