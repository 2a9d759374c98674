"""Hunts planted faults in a process of its own; what it caught goes to standard output as JSON.

    python -m tests.integration.segmentation.machine.hunt engine|service LIMIT FOLDER...

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

DUEL_STEPS = 30
STEPS = 50
_RELOADED = ("segmentation_service", "tests.unit", "tests.integration")

Caught = tuple[int, str]


def enter(folder: Path) -> None:
    """From now on the package is the one in the folder."""
    for name in list(sys.modules):
        if name.startswith(_RELOADED) and name != __name__:
            del sys.modules[name]
    sys.path[:] = [str(folder), *(one for one in sys.path if "mutant" not in one)]
    importlib.invalidate_caches()
    package = importlib.import_module("segmentation_service")
    assert Path(str(package.__file__)).is_relative_to(folder)


def hunt_engine(limit: int) -> Caught:
    """Duels of the pure engine, by seeds."""
    duel: Any = importlib.import_module("tests.unit.segmentation.duel")
    for seed in range(limit):
        try:
            duel.fight_by_seed(seed, DUEL_STEPS)
        except Exception as error:
            return seed + 1, type(error).__name__
    return 0, ""


def hunt_service(limit: int, redis_folder: Path, mongodb_uri: str, database_name: str) -> Caught:
    """Histories of the machine on real stores."""
    histories: Any = importlib.import_module("tests.integration.segmentation.machine.test_machine")
    with histories.opened_stage(redis_folder, mongodb_uri, database_name) as stage:
        try:
            histories.play(stage, limit, STEPS)
        except Exception as error:
            causes = [*getattr(error, "exceptions", ()), error]
            return len(stage.lengths), type(causes[0]).__name__
    return 0, ""


def main() -> None:
    """Hunts one folder after the other."""
    kind, limit, *folders = sys.argv[1:]
    found: list[Caught] = []
    for number, folder in enumerate(folders):
        enter(Path(folder))
        if kind == "engine":
            found.append(hunt_engine(int(limit)))
            continue
        with tempfile.TemporaryDirectory() as redis_folder:
            uri, name = os.environ["HUNT_MONGODB_URI"], os.environ["HUNT_DATABASE"]
            found.append(hunt_service(int(limit), Path(redis_folder), uri, f"{name}_{number}"))
    sys.stdout.write("\nCAUGHT " + json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
