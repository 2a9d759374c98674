"""Callers of FactsService on a running profile service."""

from __future__ import annotations

import pytest

from tests.integration.profile.facts.asking import Facts
from tests.integration.profile.harness import Platform


@pytest.fixture
def facts(platform: Platform) -> Facts:
    """Asks for facts."""
    return Facts(platform)
