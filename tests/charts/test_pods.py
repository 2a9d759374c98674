"""The rendered manifests run: real services with the environment, files and probes of theirs."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dangol_cli.keys import create_keys
from dangol_dev.processes import free_port
from dangol_dev.servers import RedisServer

from tests.charts.observing import (
    ELSEWHERE,
    LABELS,
    METHOD,
    Told,
    asked_for,
    documented,
    scrape,
    types_of,
)
from tests.charts.pods import Pod, certificates_of, is_exact, secrets_of
from tests.charts.rendering import ROOT, SERVICES, Manifest, merged, render

_LOOKS_MAX = 60
pytestmark = pytest.mark.timeout(300)


@dataclass
class Cluster:
    """The pods of one release, all running."""

    manifests: list[Manifest]
    secrets: dict[str, dict[str, bytes]]
    pods: dict[str, Pod]
    folder: Path

    def job(self, name: str) -> Pod:
        """The pod of a Job, not started."""
        return Pod(
            self.manifests, "Job", name, secrets=self.secrets, folder=new_folder(self.folder, name)
        )


def new_folder(parent: Path, name: str) -> Path:
    """An empty folder for one pod."""
    folder = parent / name
    folder.mkdir()
    return folder


def own_ports() -> dict[str, Any]:
    """Values by which every service has ports that are free on this machine."""
    ports = {name: free_port() for name in SERVICES}
    values = [
        {name: {"ports": {"health": free_port(), "metrics": free_port()}}} for name in SERVICES
    ]
    common = {"ports": ports, "listenAddress": "127.0.0.1"}
    return merged({"global": {"dangol": common}}, *values)


@pytest.fixture(scope="module", params=["plain", pytest.param("mtls", marks=pytest.mark.matrix)])
async def cluster(
    request: pytest.FixtureRequest,
    mongodb_uri: str,
    redis_server: RedisServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Cluster]:
    """A release with external data stores, its pods started as the manifests say."""
    folder = tmp_path_factory.mktemp("cluster")
    mtls = {"global": {"dangol": {"mtls": {"enabled": request.param == "mtls"}}}}
    create_keys(folder / "keys")
    databases: dict[str, Any] = {
        name: {"database": f"chart_{folder.name}_{name}"} for name in SERVICES[:3]
    }
    manifests = render(merged(own_ports(), databases, mtls))
    secrets = (
        secrets_of(folder / "keys")
        | certificates_of(manifests)
        | {
            "dangol-mongodb": {"uri": mongodb_uri.encode()},
            "dangol-redis": {"url": redis_server.url.encode() + b"\n"},
        }
    )
    pods = {
        name: Pod(
            manifests,
            "Deployment",
            f"dangol-{name}",
            secrets=secrets,
            folder=new_folder(folder, name),
        )
        for name in SERVICES
    }
    try:
        await asyncio.gather(*(pod.start() for pod in pods.values()))
        yield Cluster(manifests, secrets, pods, folder)
    finally:
        await asyncio.gather(*(pod.process.stop() for pod in pods.values()))


async def test_every_probe_passes(cluster: Cluster) -> None:
    """Startup, readiness and liveness, asked where and how a kubelet would."""
    probes = ("startupProbe", "readinessProbe", "livenessProbe")
    passed = {
        (name, probe): await pod.passes(probe)
        for name, pod in cluster.pods.items()
        for probe in probes
    }
    assert {(name, probe): True for name in SERVICES for probe in probes} == passed


async def test_the_journey_of_helm_test_passes(cluster: Cluster) -> None:
    """Event, segment, coupon, gift, redemption, twice: the second run finds what the first made."""
    for turn in ("first", "second"):
        job = Pod(
            cluster.manifests,
            "Job",
            "dangol-cli-journey",
            secrets=cluster.secrets,
            folder=new_folder(cluster.folder, f"journey-{turn}"),
        )
        code = await job.finish()
        assert (0, 6) == (code, job.process.log_tail().count("ok  ")), job.process.log_tail()


async def _told(cluster: Cluster) -> Told:
    """What all pods tell once each of them has looked at everything, which takes seconds."""
    wanted = documented() - set(ELSEWHERE)
    texts: list[str] = []
    for _ in range(_LOOKS_MAX):
        texts = await asyncio.gather(*(scrape(pod) for pod in cluster.pods.values()))
        if wanted <= set(types_of("".join(texts))):
            break
        await asyncio.sleep(0.5)
    told = Told()
    for text in texts:
        told.read(text)
    return told


async def test_every_metric_is_documented(cluster: Cluster) -> None:
    """What runs exposes the table of docs/configuration.md, all of it and nothing else."""
    told = set((await _told(cluster)).types)
    assert documented() - set(ELSEWHERE) == told - set(ELSEWHERE)
    for name, path in ELSEWHERE.items():
        assert name in (ROOT / "tests/integration" / path).read_text()


async def test_what_alerts_and_dashboards_ask_for_is_told(cluster: Cluster) -> None:
    """Every series and label of every expression; recorded ones are recorded by a rule."""
    told = await _told(cluster)
    asked, labels = asked_for()
    assert len(asked) > 40
    elsewhere = {one for one in asked if re.sub(r"_(bucket|count)$", "", one) in ELSEWHERE}
    assert set() == asked - told.series - elsewhere
    assert set() == labels - set(LABELS) - {"rpc_method", "dangol", "part", "pod"}


async def test_labels_neither_grow_nor_name_anybody(cluster: Cluster) -> None:
    """After a journey every label has values of a closed list, and no id appears anywhere."""
    told = await _told(cluster)
    methods = told.values.pop("rpc_method")
    assert {method for method in methods if not METHOD.fullmatch(method)} == set()
    unknown = {
        (label, value)
        for label, values in told.values.items()
        for value in values
        if label not in LABELS or not LABELS[label].fullmatch(value)
    }
    assert set() == unknown
    for private in ("helm-test", "journey", cluster.folder.name):
        assert private not in told.text


async def test_the_nightly_job_computes_what_customers_will_do(cluster: Cluster) -> None:
    """The container of insight's CronJob ends well, and has looked at the journey's buyers."""
    job = Pod(
        cluster.manifests,
        "CronJob",
        "dangol-insight",
        secrets=cluster.secrets,
        folder=new_folder(cluster.folder, "insight"),
    )
    code = await job.finish()
    told = [json.loads(line) for line in job.process.log_tail().splitlines()]
    refreshed = {one["tenant"]: one for one in told if one["event"] == "insight_refreshed"}
    assert (0, 4) == (code, refreshed["dangol-journey"]["buyers"]), told
    assert 0 < refreshed["dangol-journey"]["written"]


async def test_processes_have_no_privileges(cluster: Cluster) -> None:
    """The user and groups of the manifest, no capability, and none to be had."""
    ids = "\t".join(["10001"] * 4)
    nothing = dict.fromkeys(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"), "0" * 16)
    wanted = {"Uid": ids, "Gid": ids, "NoNewPrivs": "1", **nothing}
    for pod in cluster.pods.values():
        status = pod.status()
        # Without root nobody can become another user; the services then run as whoever tests.
        assert (wanted if is_exact() else {}) == {
            name: status[name].strip() for name in wanted if is_exact()
        }
