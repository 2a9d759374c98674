"""What the segmentation process is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from dangol_service_kit.config import ServiceConfig


@dataclass(frozen=True, kw_only=True)
class SegmentationConfig(ServiceConfig):
    """profile_target is host:port of the profile service.

    deadline_visibility_seconds: for how long a taken deadline is hidden from other replicas; one
    that dies with it delays it by that much. tick_seconds: how often deadlines are looked for.
    """

    mongodb_uri: str
    redis_url: str
    profile_target: str
    mongodb_database: str = "dangol_segmentation"
    deadline_visibility_seconds: float = 5.0
    tick_seconds: float = 0.1
