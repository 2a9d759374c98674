"""What a partner installs: the client, and nothing that only servers need."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

LIBS = Path(__file__).resolve().parents[3] / "libs"
PROGRAM = """
import grpc, json, sys
before = set(sys.modules)
import dangol_client
from importlib.metadata import packages_distributions
known = packages_distributions()
tops = {name.partition(".")[0] for name in set(sys.modules) - before}
print(json.dumps(sorted({one.lower() for top in tops for one in known.get(top, [])})))
"""


def _needs(folder: str) -> set[str]:
    project = tomllib.loads((LIBS / folder / "pyproject.toml").read_text())["project"]
    return {Requirement(one).name for one in project["dependencies"]}


def test_the_client_loads_only_what_it_declares() -> None:
    """In a process of its own: no Redis, no telemetry, no web server, no database."""
    loaded = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, check=True, text=True
    )
    declared = _needs("client") | _needs("service_kit") | _needs("contracts")
    # gRPC loads what is there of its own packages before.
    assert set() == set(json.loads(loaded.stdout)) - declared
    assert {"dangol-service-kit", "dangol-contracts", "grpcio", "protobuf"} == _needs("client")
