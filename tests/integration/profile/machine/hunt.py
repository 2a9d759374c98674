"""Hunts planted faults in a process of its own; what it caught goes to standard output as JSON.

    python -m tests.integration.profile.machine.hunt LIMIT FOLDER...

Each folder holds a copy of the service's package. LIMIT is how many histories a fault may survive.
The answer has for each folder after how many it was caught, 0 for one that was not, and how.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

_RELOADED = ("profile_service", "tests.integration")

Caught = tuple[int, str]


def enter(folder: Path) -> None:
    """From now on the package is the one in the folder."""
    for name in list(sys.modules):
        if name.startswith(_RELOADED) and name != __name__:
            del sys.modules[name]
    sys.path[:] = [str(folder), *(one for one in sys.path if "mutant" not in one)]
    importlib.invalidate_caches()
    package = importlib.import_module("profile_service")
    assert Path(str(package.__file__)).is_relative_to(folder)


def hunt(limit: int, mongodb_uri: str, database_name: str) -> Caught:
    """Histories of the machine on a real MongoDB."""
    machine: Any = importlib.import_module("tests.integration.profile.machine.test_machine")
    harness: Any = importlib.import_module("tests.integration.profile.harness")
    keys: Any = importlib.import_module("dangol_cli.keys")
    with tempfile.TemporaryDirectory() as folder:
        keys.create_keys(Path(folder))
        with machine.opened_stage(harness.Keys(Path(folder)), mongodb_uri, database_name) as stage:
            try:
                machine.play(stage, limit)
            except Exception as error:
                causes = [*getattr(error, "exceptions", ()), error]
                return stage.world.histories, type(causes[0]).__name__
    return 0, ""


def main() -> None:
    """Hunts one folder after the other."""
    limit, *folders = sys.argv[1:]
    found: list[Caught] = []
    for number, folder in enumerate(folders):
        enter(Path(folder))
        uri, name = os.environ["HUNT_MONGODB_URI"], os.environ["HUNT_DATABASE"]
        found.append(hunt(int(limit), uri, f"{name}_{number}"))
    sys.stdout.write("\nCAUGHT " + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
