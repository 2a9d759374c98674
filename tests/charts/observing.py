"""What running pods tell of themselves, read as a Prometheus would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import grpc
import httpx
from dangol_dev.monitoring.alerts import groups
from dangol_dev.monitoring.dashboards import dashboards
from dangol_dev.plain import PLAIN
from offers_service.store_told import STEPS
from prometheus_client.parser import text_string_to_metric_families
from segmentation_service.starter import STARTERS

from tests.charts.pods import Pod
from tests.charts.rendering import ROOT

_SCRAPE_SECONDS = 10.0
_STATUS = "|".join(status.name for status in grpc.StatusCode)
METHOD = re.compile(r"dangol\.(profile|segmentation|offers)\.v1\.[A-Z]\w+Service/[A-Z]\w+")
# By label what it may be: closed lists, however long the data grows.
LABELS = {
    "rpc_response_status_code": re.compile(_STATUS),
    "status": re.compile(_STATUS),
    "http_request_method": re.compile("DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT|_OTHER"),
    "http_response_status_code": re.compile(r"[1-5]\d\d"),
    "dependency": re.compile("mongodb|redis|profile|segmentation|offers"),
    "outcome": re.compile("recorded|duplicate|rejected"),
    "segment": re.compile("|".join([*(one.starter_id for one in STARTERS), "own"])),
    "step": re.compile("|".join(set(STEPS.values()))),
    "group": re.compile("treated|control"),
    "currency": re.compile("[A-Z]{3}"),
    "le": re.compile(r"\+Inf|\d+(\.\d+)?"),
}

# What a short journey without mTLS does not bring about, and where it is shown to be told.
ELSEWHERE = {
    "dangol_certificate_remaining_seconds": "service_kit/test_tls.py",
    "dangol_segmentation_deadline_lateness_seconds": "segmentation/test_telling.py",
    "dangol_profile_revenue_at_risk": "profile/shops/test_figures.py",
    "dangol_offers_campaign_won_back": "offers/campaigns/service/test_outcomes.py",
    "dangol_offers_campaign_revenue": "offers/campaigns/service/test_outcomes.py",
    "dangol_offers_campaign_cost": "offers/campaigns/service/test_outcomes.py",
}


@dataclass
class Told:
    """The metrics of some pods together.

    types: by family as it is written; values: by label, all that it had; text: as it was read.
    """

    text: str = ""
    types: dict[str, str] = field(default_factory=dict)
    series: set[str] = field(default_factory=set)
    values: dict[str, set[str]] = field(default_factory=dict)

    def read(self, text: str) -> None:
        """Adds what one pod answered."""
        self.text += text
        self.types |= types_of(text)
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self.series.add(sample.name)
                for label, value in sample.labels.items():
                    self.values.setdefault(label, set()).add(value)


def types_of(text: str) -> dict[str, str]:
    """By family as it is written, its type."""
    return dict(re.findall(r"^# TYPE (\w+) (\w+)", text, re.MULTILINE))


async def scrape(pod: Pod) -> str:
    """What GET /metrics answers on the port of that name."""
    ports: dict[str, Any] = {one["name"]: one["containerPort"] for one in pod.container["ports"]}
    async with httpx.AsyncClient(timeout=_SCRAPE_SECONDS, trust_env=False, verify=PLAIN) as client:
        answer = await client.get(f"http://127.0.0.1:{ports['metrics']}/metrics")
    assert 200 == answer.status_code
    return answer.text


def documented() -> set[str]:
    """The metrics in the table of docs/configuration.md."""
    page = (ROOT / "docs/configuration.md").read_text()
    rows = page[page.index("## Metrics") :].splitlines()
    cells = [row.split("|")[1] for row in rows if row.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def asked_for() -> tuple[set[str], set[str]]:
    """Series and labels that the expressions of all rules and panels are about."""
    rules = [rule for group in groups() for rule in group["rules"]]
    expressions = [rule["expr"] for rule in rules]
    for dashboard in dashboards().values():
        expressions += [one["expr"] for panel in dashboard["panels"] for one in panel["targets"]]
    text = "\n".join(expressions)
    recorded = {rule["record"] for rule in rules if "record" in rule}
    series = set(re.findall(r"([a-z][a-z0-9_:]+)\{", text))
    labels = set(re.findall(r"(\w+) ?(?:=~|!~|!=|=)\s*\"", text))
    for grouped in re.findall(r"\bby \(([^)]*)\)", text):
        labels |= {one.strip() for one in grouped.split(",")}
    unrecorded = {one for one in series if ":" in one} - recorded
    assert set() == unrecorded
    return series - recorded, labels
