"""Configuration of the offers service: DANGOL_* variables."""

from __future__ import annotations

from dataclasses import dataclass

from dangol_service_kit.config import ServiceConfig


@dataclass(frozen=True, kw_only=True)
class OffersConfig(ServiceConfig):
    """What this process is told; targets are host:port."""

    mongodb_uri: str
    mongodb_database: str = "dangol_offers"
    redis_url: str
    profile_target: str
    segmentation_target: str
    gifts_a_day_per_giver_max: int = 20
    gifts_a_day_per_recipient_max: int = 20
