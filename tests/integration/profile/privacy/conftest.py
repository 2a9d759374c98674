"""A profile service whose keys stand in a file that changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from profile_service.config import ProfileConfig

from tests.integration.profile.privacy.ring_file import RingFile


@pytest.fixture
def ring(tmp_path: Path) -> RingFile:
    """The file, empty at first."""
    return RingFile(tmp_path / "ring")


@pytest.fixture
def settings(settings: ProfileConfig, ring: RingFile) -> ProfileConfig:
    """The configuration, with the ring's file; writers settle within a second."""
    return replace(
        settings,
        sealing_keys_path=ring.path,
        rotation_settle_seconds=1.0,
        erasure_settle_seconds=1.0,
    )
