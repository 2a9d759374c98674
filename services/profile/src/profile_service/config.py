"""What the profile process is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from dangol_service_kit.config import ServiceConfig


@dataclass(frozen=True, kw_only=True)
class ProfileConfig(ServiceConfig):
    """segmentation_target is host:port of the segmentation service."""

    mongodb_uri: str
    segmentation_target: str
    mongodb_database: str = "dangol_profile"
