"""The proof bites: each fault planted in a copy of profile is caught by the machine's histories,
and profile itself passes the same hunt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.planted import Hunt, Mutation, check
from tests.integration.profile.machine.mutations import FAULTLESS, FAULTS, SOURCE

HUNTER = "tests.integration.profile.machine.hunt"


@pytest.mark.timeout(300)
def test_a_fault_in_merging_and_one_in_counting_are_caught(
    tmp_path: Path, mongodb_uri: str, database_name: str
) -> None:
    """Identifiers that stay behind, and returns counted as bought: within 40 histories each.
    That profile itself passes them is test_machine's."""
    hunt = Hunt(SOURCE, HUNTER, mongodb_uri, database_name)
    check(hunt.run(tmp_path, FAULTS[:2], "40"))


@pytest.mark.deep
@pytest.mark.timeout(3_600)
def test_each_fault_is_caught(tmp_path: Path, mongodb_uri: str, database_name: str) -> None:
    """Identifiers, merges, erasures, pages, facts: each within 300 histories; none in 60 of
    profile as it is."""
    caught = Hunt(SOURCE, HUNTER, mongodb_uri, database_name).run(tmp_path, FAULTS, "300")
    alone = Hunt(SOURCE, HUNTER, mongodb_uri, f"{database_name}_own")
    own = alone.run(tmp_path / "own", [FAULTLESS], "60")
    check({**caught, **own})


def test_every_fault_can_be_planted_and_one_whose_source_is_gone_fails(tmp_path: Path) -> None:
    """No fault is believed to be caught that was never planted."""
    for mutation in FAULTS:
        assert 1 == (SOURCE / mutation.file).read_text().count(mutation.old), mutation.fault
    with pytest.raises(LookupError, match="found 0 times"):
        Mutation("gone", "identify.py", "no such text", "").plant(SOURCE, tmp_path)
