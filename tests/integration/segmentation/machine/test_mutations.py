"""The proof bites: each fault planted in a copy of the service is caught, and the service itself
passes the same hunt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.planted import Hunt, Mutation, check
from tests.integration.segmentation.machine.mutations import ENGINE, SERVICE, SOURCE

HUNTER = "tests.integration.segmentation.machine.hunt"
FAULTLESS = Mutation("none", "engine.py", "class _Run:", "class _Run:")


@pytest.mark.timeout(600)
def test_each_fault_of_the_engine_is_caught(tmp_path: Path) -> None:
    """Sixteen faults, from a window's edge to a float, each within 400 short histories."""
    hunt = Hunt(SOURCE, HUNTER)
    caught = hunt.run(tmp_path, ENGINE, "engine", "400")
    check({**caught, **hunt.run(tmp_path / "own", [FAULTLESS], "engine", "100")})


@pytest.mark.timeout(600)
def test_each_fault_of_the_service_is_caught(
    tmp_path: Path, mongodb_uri: str, database_name: str
) -> None:
    """Merges, tombstones, deadlines, numbering and backfills, each within 200 histories."""
    hunt = Hunt(SOURCE, HUNTER, mongodb_uri, database_name)
    caught = hunt.run(tmp_path, SERVICE, "service", "200")
    check({**caught, **hunt.run(tmp_path / "own", [FAULTLESS], "service", "5")})


@pytest.mark.deep
@pytest.mark.timeout(7_200)
def test_each_fault_of_the_engine_is_caught_on_real_stores(
    tmp_path: Path, mongodb_uri: str, database_name: str
) -> None:
    """The machine catches the engine's faults too, within 500 histories."""
    hunt = Hunt(SOURCE, HUNTER, mongodb_uri, database_name)
    caught = hunt.run(tmp_path, ENGINE, "service", "500")
    check({**caught, **hunt.run(tmp_path / "own", [FAULTLESS], "service", "100")})


def test_a_mutation_whose_source_is_gone_fails(tmp_path: Path) -> None:
    """No fault is believed to be caught that was never planted."""
    assert SOURCE.is_dir()
    with pytest.raises(LookupError, match="found 0 times"):
        Mutation("gone", "engine.py", "no such text", "").plant(SOURCE, tmp_path)
