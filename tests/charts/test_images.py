"""The Dockerfile, what goes into an image, and the program that builds them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from dangol_dev.tidy import imported_packages
from packaging.requirements import Requirement

from tests.charts.rendering import ROOT, run_tool, tool

IMAGES = ("profile", "segmentation", "offers", "gateway", "cli")
_LOCKED = re.compile(r"^([a-z0-9.-]+)==([^ ;]+)", flags=re.MULTILINE)


def _build(path: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "dev/images.sh"],
        cwd=ROOT,
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_dockerfile_is_clean() -> None:
    """hadolint has nothing to say."""
    done = run_tool("hadolint", "Dockerfile")
    assert (0, "") == (done.returncode, done.stdout)


def test_without_an_engine_the_build_says_so(tmp_path: Path) -> None:
    """Where docker, podman and buildah are missing or do not work."""
    broken = tmp_path / "docker"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    done = _build(f"{tmp_path}:/usr/bin:/bin")
    assert 1 == done.returncode
    assert "none of docker, podman and buildah works here" in done.stderr


def test_every_image_is_built_on_what_was_named(tmp_path: Path) -> None:
    """A stand-in for podman, which is not ours to run, is asked for five images."""
    podman = tmp_path / "podman"
    podman.write_text(f'#!/bin/sh\n[ "$1" = info ] || echo "$@" >> {tmp_path}/asked\n')
    podman.chmod(0o755)
    base = "python:3.11-slim-bookworm@sha256:" + "0" * 64
    done = _build(f"{tmp_path}:/usr/bin:/bin", PYTHON_IMAGE=base, REGISTRY="here", TAG="1.2.3")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert 0 == done.returncode
    assert [f"here/dangol/{name}:1.2.3" for name in IMAGES] == [
        line.split("--tag ")[1].split()[0] for line in asked
    ]
    assert all(f"PYTHON_IMAGE={base}" in line for line in asked)


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_s_lock_holds_what_its_service_needs(name: str) -> None:
    """Every dependency, at the version that is tested; `make lock` writes it."""
    tested = set(_LOCKED.findall((ROOT / "requirements.lock").read_text()))
    locked = set(_LOCKED.findall((ROOT / f"images/{name}.lock").read_text()))
    manifest = ROOT / (f"libs/{name}" if name == "cli" else f"services/{name}") / "pyproject.toml"
    wanted = {
        Requirement(text).name.lower()
        for text in tomllib.loads(manifest.read_text())["project"]["dependencies"]
    }
    assert set() == {one for one in wanted if not one.startswith("dangol-")} - dict(locked).keys()
    assert set() == locked - tested


def test_bills_of_material_name_every_package(tmp_path: Path) -> None:
    """With hashes, and the same bytes each time."""
    for folder in ("once", "again"):
        command = [str(tool("checkov").parent / "python"), "dev/sbom.py", str(tmp_path / folder)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    for name in IMAGES:
        once, again = (tmp_path / folder / f"{name}.cdx.json" for folder in ("once", "again"))
        assert once.read_bytes() == again.read_bytes()
        found = json.loads(once.read_text())["components"]
        locked = set(_LOCKED.findall((ROOT / f"images/{name}.lock").read_text()))
        assert locked == {(one["name"], one["version"]) for one in found}
        assert all(one["hashes"] for one in found)


@pytest.mark.matrix
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", IMAGES)
def test_an_image_s_content_starts(name: str, tmp_path: Path) -> None:
    """The Dockerfile's steps, done here: only what is locked, and our packages, suffice to run."""
    environment = tmp_path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    sync = [str(ROOT / ".venv/bin/uv"), "pip", "sync", "--quiet", "--require-hashes"]
    sync += ["--python", str(environment / "bin/python"), f"images/{name}.lock"]
    subprocess.run(sync, cwd=ROOT, check=True)
    assemble = [sys.executable, str(ROOT / "images/assemble.py"), name, str(tmp_path)]
    subprocess.run(assemble, check=True)
    command = [str(tmp_path / "start"), *(["--help"] if name == "cli" else [])]
    clean = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=clean, cwd=tmp_path, capture_output=True, check=False)
    wanted = (0, b"journey", done.stdout) if name == "cli" else (2, b"not set", done.stderr)
    assert wanted[0] == done.returncode, done.stderr
    assert wanted[1] in wanted[2]


def test_assembling_needs_nothing_but_python() -> None:
    """It runs before anything is installed."""
    text = (ROOT / "images/assemble.py").read_text()
    assert set() == imported_packages(text)
