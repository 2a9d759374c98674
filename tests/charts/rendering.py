"""Rendering the chart with the real helm, and finding things in what comes out."""

from __future__ import annotations

import copy
import functools
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
CHART = ROOT / "charts/dangol"
NAMESPACE = "shop"
SERVICES = ("profile", "segmentation", "offers", "gateway")

Manifest = dict[str, Any]
Values = Mapping[str, Any]


@functools.cache
def _fetched() -> None:
    """Fetches the tools once a process; the script does nothing where they are there."""
    subprocess.run(["sh", "dev/chart_tools.sh"], cwd=ROOT, check=True)


def tool(name: str) -> Path:
    """One of helm, kubectl, promtool, or a program of the tools' virtual environment."""
    _fetched()
    found = TOOLS / "bin" / name
    return found if found.exists() else TOOLS / "venv/bin" / name


def run_tool(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a program answers; its failure is for the caller to look at."""
    return subprocess.run(
        [str(tool(name)), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1"},
    )


class RenderError(Exception):
    """helm refused; the text is what it said."""


def render_text(
    values: Values | None = None,
    *,
    files: Sequence[Path | str] = (),
    release: str = "dangol",
    kube_version: str = "1.37.0",
    chart: Path = CHART,
    arguments: Sequence[str] = (),
) -> str:
    """`helm template`: the manifests as text. files: values files, before `values`."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["template", release, str(chart), "--namespace", NAMESPACE]
        command += ["--kube-version", kube_version, *arguments]
        for path in files:
            command += ["--values", str(CHART / path)]
        if values is not None:
            own = Path(folder) / "values.json"
            own.write_text(json.dumps(values))
            command += ["--values", str(own)]
        done = run_tool("helm", *command)
    if done.returncode:
        raise RenderError(done.stderr)
    return done.stdout


def render(values: Values | None = None, **options: Any) -> list[Manifest]:
    """`helm template`: the manifests."""
    return parse(render_text(values, **options))


def parse(text: str) -> list[Manifest]:
    """The manifests in a text; empty documents are left out."""
    return [document for document in yaml.load_all(text, yaml.CSafeLoader) if document]


@functools.cache
def _default_text() -> str:
    return render_text()


def default() -> list[Manifest]:
    """The manifests without any values, rendered once."""
    return parse(_default_text())


def find(manifests: Sequence[Manifest], kind: str, name: str) -> Manifest:
    """The one object of this kind and name."""
    (found,) = [one for one in of_kind(manifests, kind) if one["metadata"]["name"] == name]
    return found


def of_kind(manifests: Sequence[Manifest], *kinds: str) -> list[Manifest]:
    """Objects of these kinds."""
    return [manifest for manifest in manifests if manifest["kind"] in kinds]


def pod_specs(manifests: Sequence[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """(kind/name, pod spec) of everything that runs pods."""
    for manifest in of_kind(manifests, "Deployment", "StatefulSet", "Job", "CronJob"):
        spec = manifest["spec"]
        if manifest["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        yield f"{manifest['kind']}/{manifest['metadata']['name']}", spec["template"]["spec"]


def containers(pod_spec: Manifest) -> list[Manifest]:
    """All containers of a pod."""
    return [*pod_spec.get("initContainers", []), *pod_spec["containers"]]


def nested(path: str, value: Any) -> dict[str, Any]:
    """{"a": {"b": value}} of "a.b"; a number in brackets is an item of a list of one."""
    for part in reversed(path.split(".")):
        value = {part: value}
    result: dict[str, Any] = value
    return result


def merged(*maps: Values) -> dict[str, Any]:
    """Maps laid over each other, the last one on top, as helm does with values."""
    result: dict[str, Any] = {}
    for one in maps:
        for key, value in one.items():
            below = result.get(key)
            if isinstance(value, Mapping) and isinstance(below, Mapping):
                result[key] = merged(below, value)
            else:
                result[key] = copy.deepcopy(value)
    return result
