"""The proof bites: each fault planted in a copy of the service is caught, and the service itself
passes the same hunt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.integration.segmentation.machine.mutations import ENGINE, SERVICE, SOURCE, Mutation

ROOT = Path(__file__).parents[4]
FAULTLESS = Mutation("none", "engine.py", "class _Run:", "class _Run:")


def hunt(
    folder: Path, kind: str, mutations: Sequence[Mutation], limit: int, stores: tuple[str, str]
) -> dict[str, tuple[int, str]]:
    """By fault, after how many histories it was caught, and as what."""
    places = []
    for number, mutation in enumerate(mutations):
        place = folder / f"mutant{number}"
        mutation.plant(place)
        places.append(str(place))
    module = "tests.integration.segmentation.machine.hunt"
    done = subprocess.run(
        [sys.executable, "-m", module, kind, str(limit), *places],
        cwd=ROOT,
        env={**os.environ, "HUNT_MONGODB_URI": stores[0], "HUNT_DATABASE": stores[1]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr[-4000:]
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("CAUGHT ")]
    caught = json.loads(line.removeprefix("CAUGHT "))
    pairs = zip(mutations, caught, strict=True)
    return {mutation.fault: (count, how) for mutation, (count, how) in pairs}


def check(caught: dict[str, tuple[int, str]]) -> None:
    """Every fault but none was caught; the table goes to the test's output."""
    for fault, (count, how) in caught.items():
        sys.stdout.write(f"{fault:60} {count:5} {how}\n")
    assert (0, "") == caught.pop("none")
    assert [] == [fault for fault, (count, _) in caught.items() if not count]


@pytest.mark.timeout(600)
def test_each_fault_of_the_engine_is_caught(tmp_path: Path) -> None:
    """Sixteen faults, from a window's edge to a float, each within 400 short histories."""
    caught = hunt(tmp_path, "engine", ENGINE, 400, ("", ""))
    check({**caught, **hunt(tmp_path / "own", "engine", [FAULTLESS], 100, ("", ""))})


@pytest.mark.timeout(600)
def test_each_fault_of_the_service_is_caught(
    tmp_path: Path, mongodb_uri: str, database_name: str
) -> None:
    """Merges, tombstones, deadlines, numbering and backfills, each within 200 histories."""
    stores = (mongodb_uri, database_name)
    caught = hunt(tmp_path, "service", SERVICE, 200, stores)
    check({**caught, **hunt(tmp_path / "own", "service", [FAULTLESS], 5, stores)})


@pytest.mark.deep
@pytest.mark.timeout(7_200)
def test_each_fault_of_the_engine_is_caught_on_real_stores(
    tmp_path: Path, mongodb_uri: str, database_name: str
) -> None:
    """The machine catches the engine's faults too, within 500 histories."""
    stores = (mongodb_uri, database_name)
    caught = hunt(tmp_path, "service", ENGINE, 500, stores)
    check({**caught, **hunt(tmp_path / "own", "service", [FAULTLESS], 100, stores)})


def test_a_mutation_whose_source_is_gone_fails(tmp_path: Path) -> None:
    """No fault is believed to be caught that was never planted."""
    assert SOURCE.is_dir()
    with pytest.raises(LookupError, match="found 0 times"):
        Mutation("gone", "engine.py", "no such text", "").plant(tmp_path)
