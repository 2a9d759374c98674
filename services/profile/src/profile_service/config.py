"""What the profile process is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dangol_service_kit.config import ServiceConfig


@dataclass(frozen=True, kw_only=True)
class ProfileConfig(ServiceConfig):
    """segmentation_target is host:port of the segmentation service.

    sealing_keys_path names a file with further versions of the tenants' keys, which is read anew
    every few seconds; sealing_keys is the same as a text (dangol_service_kit.key_ring).
    rotation_settle_seconds is for how long after a version came into use a slow or badly timed
    process may still seal with the one before. erasure_settle_seconds is for how long a writer may
    go on with a customer that it read before the erasure.
    """

    mongodb_uri: str
    segmentation_target: str
    mongodb_database: str = "dangol_profile"
    sealing_keys_path: Path | None = None
    sealing_keys: str | None = None
    rotation_settle_seconds: float = 15.0
    erasure_settle_seconds: float = 15.0
