"""A profile service whose keys stand in a file that changes, as in the tests of privacy."""

from __future__ import annotations

from tests.integration.profile.privacy.conftest import ring, settings

__all__ = ["ring", "settings"]
