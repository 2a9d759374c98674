"""Runs the containers of rendered manifests as processes of this machine.

A process gets exactly what its container would: the command, the variables, the mounted files
with their modes, the user and groups, no privileges, and a file system that it cannot write to.
Services' names lead to loopback, hence each listens on a port of its own. Where the machine allows
no mount namespace (no root), files and names are put into the variables instead; `is_exact` says
which it is.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from dangol_dev.plain import PLAIN
from dangol_dev.processes import ChildProcess
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.charts.rendering import ROOT, Manifest, find, of_kind
from tests.integration.service_kit.authority import Authority

_ENTER = Path(__file__).with_name("enter.py")
_PROBE_SECONDS = 3.0
Secrets = Mapping[str, Mapping[str, bytes]]


@functools.cache
def is_exact() -> bool:
    """Whether this machine lets us give a process a file system and a user of its own."""
    if os.geteuid() != 0:
        return False
    try_it = ["unshare", "--mount", "true"]
    return subprocess.run(try_it, check=False, capture_output=True).returncode == 0


@functools.cache
def image_environment() -> dict[str, str]:
    """The variables that the image brings, with this repository's environment for the image's."""
    text = (ROOT / "Dockerfile").read_text()
    final = text[text.rindex("\nFROM ") :]
    pairs = dict(re.findall(r"^(?:ENV|   ) ([A-Z_]+)=(\S+)", final, flags=re.MULTILINE))
    return {name: value.replace("/app/.venv", str(ROOT / ".venv")) for name, value in pairs.items()}


class Pod:
    """One pod's first container as a process.

    secrets: by name of the Secret, its keys and contents.
    """

    def __init__(
        self,
        manifests: Sequence[Manifest],
        kind: str,
        name: str,
        *,
        secrets: Secrets,
        folder: Path,
    ) -> None:
        workload = find(manifests, kind, name)["spec"]
        if kind == "CronJob":
            workload = workload["jobTemplate"]["spec"]
        self.spec = workload["template"]["spec"]
        self.container: Manifest = self.spec["containers"][0]
        self._folder = folder
        self._security = self.spec["securityContext"]
        self._write_files(secrets)
        hosts = _hosts(manifests)
        environment = _environment(manifests, self.container)
        command = [*self.container["command"], *self.container.get("args", [])]
        self.environment = image_environment() | environment
        if is_exact():
            self._write_hosts(hosts)
            plan = self._plan(command)
            command = [sys.executable, str(_ENTER), str(plan)]
            self._process = ChildProcess(name, command, folder / "log")
            return
        self.environment = {
            key: self._replace(value, hosts) for key, value in self.environment.items()
        }
        self._process = ChildProcess(name, command, folder / "log", self.environment)

    @property
    def process(self) -> ChildProcess:
        """The process."""
        return self._process

    async def start(self) -> None:
        """Start it and wait until the startup probe passes, and then the readiness probe."""
        self._process.start()
        for probe in ("startupProbe", "readinessProbe"):
            await self._process.wait_until(functools.partial(self.passes, probe), 60.0)

    async def finish(self, limit_seconds: float = 120.0) -> int:
        """Run it to its end, as a Job does; its exit code."""
        self._process.start()
        async with asyncio.timeout(limit_seconds):
            while self._process.exit_code is None:
                await asyncio.sleep(0.05)
        return self._process.exit_code

    async def passes(self, probe_name: str) -> bool:
        """Whether a probe of the manifest passes now, asked as a kubelet asks."""
        probe = self.container[probe_name]
        if "grpc" in probe:
            return await _grpc_probe(**probe["grpc"])
        port = probe["httpGet"]["port"]
        ports = {one["name"]: one["containerPort"] for one in self.container["ports"]}
        url = f"http://127.0.0.1:{ports.get(port, port)}{probe['httpGet']['path']}"
        async with httpx.AsyncClient(
            timeout=_PROBE_SECONDS, trust_env=False, verify=PLAIN
        ) as client:
            try:
                return (await client.get(url)).is_success
            except httpx.HTTPError:
                return False

    def status(self) -> dict[str, str]:
        """What the kernel says of the process: ids, capabilities, privileges."""
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return dict(line.split(":\t", 1) for line in lines if ":\t" in line)

    def _write_files(self, secrets: Secrets) -> None:
        volumes = {volume["name"]: volume for volume in self.spec["volumes"]}
        for mounted in self.container["volumeMounts"]:
            volume = volumes[mounted["name"]]["secret"]
            target = self._folder / mounted["mountPath"].lstrip("/")
            target.mkdir(parents=True)
            content = secrets[volume["secretName"]]
            items = volume.get("items") or [{"key": key, "path": key} for key in content]
            for item in items:
                path = target / item["path"]
                path.write_bytes(content[item["key"]])
                if is_exact():
                    os.chown(path, 0, self._security["fsGroup"])
                    path.chmod(volume["defaultMode"])
        (self._folder / "etc").mkdir(exist_ok=True)

    def _write_hosts(self, hosts: Sequence[str]) -> None:
        lines = ["127.0.0.1 localhost", *(f"127.0.0.1 {host}" for host in hosts)]
        (self._folder / "etc/hosts").write_text("\n".join(lines) + "\n")

    def _plan(self, command: Sequence[str]) -> Path:
        path = self._folder / "plan.json"
        plan = {
            "parent": os.getpid(),
            "folder": str(self._folder),
            "keep": [str(Path(sys.base_prefix).resolve()), str(ROOT)],
            "user": self._security["runAsUser"],
            "group": self._security["runAsGroup"],
            "groups": [self._security["fsGroup"]],
            "command": list(command),
            "environment": self.environment,
        }
        path.write_text(json.dumps(plan))
        return path

    def _replace(self, value: str, hosts: Sequence[str]) -> str:
        for host in hosts:
            value = value.replace(host, "127.0.0.1")
        return re.sub(r"^/etc/dangol", str(self._folder / "etc/dangol"), value)


def secrets_of(keys: Path) -> dict[str, dict[str, bytes]]:
    """The Secrets that an operator makes of a folder that `dangol keys create` wrote."""
    files = {path.name: path.read_bytes() for path in keys.iterdir()}
    platform = files.pop("platform.pem")
    return {"dangol-keys": files, "dangol-platform-key": {"platform.pem": platform}}


def certificates_of(manifests: Sequence[Manifest]) -> dict[str, dict[str, bytes]]:
    """The Secrets that cert-manager makes of a release's Certificates, all by one authority."""
    authority = Authority()
    # Without /etc/hosts of its own a process calls addresses, not names.
    more = [] if is_exact() else ["127.0.0.1"]
    wanted = [one["spec"] for one in of_kind(manifests, "Certificate") if "isCA" not in one["spec"]]
    return {
        one["secretName"]: authority.issue(one["commonName"], [*one["dnsNames"], *more])
        for one in wanted
    }


def _hosts(manifests: Sequence[Manifest]) -> list[str]:
    """The names of all Services, as cluster DNS has them."""
    return [
        f"{one['metadata']['name']}.{one['metadata']['namespace']}.svc.cluster.local"
        for one in of_kind(manifests, "Service")
    ]


def _environment(manifests: Sequence[Manifest], container: Manifest) -> dict[str, str]:
    """A container's variables: those of its ConfigMaps, then its own."""
    found: dict[str, str] = {}
    for source in container.get("envFrom", []):
        found |= find(manifests, "ConfigMap", source["configMapRef"]["name"])["data"]
    return found | {one["name"]: one["value"] for one in container.get("env", [])}


async def _grpc_probe(port: int, service: str) -> bool:
    request = health_pb2.HealthCheckRequest(service=service)
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with aio.insecure_channel(f"127.0.0.1:{port}", options) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            answer: Any = await stub.Check(request, timeout=_PROBE_SECONDS)
        except aio.AioRpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
