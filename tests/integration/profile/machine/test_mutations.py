"""The proof bites: each fault planted in a copy of profile is caught by the machine's histories,
and profile itself passes the same hunt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.integration.profile.machine.mutations import FAULTLESS, FAULTS, SOURCE, Mutation

ROOT = Path(__file__).parents[4]


def hunt(
    folder: Path, mutations: Sequence[Mutation], limit: int, mongodb_uri: str, database_name: str
) -> dict[str, tuple[int, str]]:
    """By fault, after how many histories it was caught, and as what."""
    places = []
    for number, mutation in enumerate(mutations):
        place = folder / f"mutant{number}"
        mutation.plant(place)
        places.append(str(place))
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.profile.machine.hunt", str(limit), *places],
        cwd=ROOT,
        env={**os.environ, "HUNT_MONGODB_URI": mongodb_uri, "HUNT_DATABASE": database_name},
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
        sys.stdout.write(f"{fault:62} {count:5} {how}\n")
    assert (0, "") == caught.pop("none", (0, ""))
    assert [] == [fault for fault, (count, _) in caught.items() if not count]


@pytest.mark.timeout(300)
def test_a_fault_in_merging_and_one_in_counting_are_caught(
    tmp_path: Path, mongodb_uri: str, database_name: str
) -> None:
    """Identifiers that stay behind, and returns counted as bought: within 40 histories each.
    That profile itself passes them is test_machine's."""
    check(hunt(tmp_path, FAULTS[:2], 40, mongodb_uri, database_name))


@pytest.mark.deep
@pytest.mark.timeout(3_600)
def test_each_fault_is_caught(tmp_path: Path, mongodb_uri: str, database_name: str) -> None:
    """Identifiers, merges, erasures, pages, facts: each within 300 histories; none in 60 of
    profile as it is."""
    caught = hunt(tmp_path, FAULTS, 300, mongodb_uri, database_name)
    own = hunt(tmp_path / "own", [FAULTLESS], 60, mongodb_uri, f"{database_name}_own")
    check({**caught, **own})


def test_every_fault_can_be_planted_and_one_whose_source_is_gone_fails(tmp_path: Path) -> None:
    """No fault is believed to be caught that was never planted."""
    for mutation in FAULTS:
        assert 1 == (SOURCE / mutation.file).read_text().count(mutation.old), mutation.fault
    with pytest.raises(LookupError, match="found 0 times"):
        Mutation("gone", "identify.py", "no such text", "").plant(tmp_path)
