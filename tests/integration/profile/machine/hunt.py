"""Hunts planted faults in a process of its own; what it caught goes to standard output as JSON.

    python -m tests.integration.profile.machine.hunt LIMIT FOLDER...

Each folder holds a copy of the service's package. LIMIT is how many histories a fault may survive.
The answer has for each folder after how many it was caught, 0 for one that was not, and how.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.integration.planted import Caught, caught_as, enter, report


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
                return stage.world.histories, caught_as(error)
    return 0, ""


def main() -> None:
    """Hunts one folder after the other."""
    limit, *folders = sys.argv[1:]
    found: list[Caught] = []
    for number, folder in enumerate(folders):
        enter(Path(folder), "profile_service", "tests.integration")
        uri, name = os.environ["HUNT_MONGODB_URI"], os.environ["HUNT_DATABASE"]
        found.append(hunt(int(limit), uri, f"{name}_{number}"))
    report(found)


if __name__ == "__main__":
    main()
