"""Hunts planted faults in a process of its own; what it caught goes to standard output as JSON.

    python -m tests.integration.segmentation.machine.hunt engine|service LIMIT FOLDER...

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

DUEL_STEPS = 30
STEPS = 50


def hunt_engine(limit: int) -> Caught:
    """Duels of the pure engine, by seeds."""
    duel: Any = importlib.import_module("tests.unit.segmentation.duel")
    for seed in range(limit):
        try:
            duel.fight_by_seed(seed, DUEL_STEPS)
        except Exception as error:
            return seed + 1, caught_as(error)
    return 0, ""


def hunt_service(limit: int, redis_folder: Path, mongodb_uri: str, database_name: str) -> Caught:
    """Histories of the machine on real stores."""
    histories: Any = importlib.import_module("tests.integration.segmentation.machine.test_machine")
    with histories.opened_stage(redis_folder, mongodb_uri, database_name) as stage:
        try:
            histories.play(stage, limit, STEPS)
        except Exception as error:
            return len(stage.lengths), caught_as(error)
    return 0, ""


def main() -> None:
    """Hunts one folder after the other."""
    kind, limit, *folders = sys.argv[1:]
    found: list[Caught] = []
    for number, folder in enumerate(folders):
        enter(Path(folder), "segmentation_service", "tests.unit", "tests.integration")
        if kind == "engine":
            found.append(hunt_engine(int(limit)))
            continue
        with tempfile.TemporaryDirectory() as redis_folder:
            uri, name = os.environ["HUNT_MONGODB_URI"], os.environ["HUNT_DATABASE"]
            found.append(hunt_service(int(limit), Path(redis_folder), uri, f"{name}_{number}"))
    report(found)


if __name__ == "__main__":
    main()
