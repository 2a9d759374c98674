"""Configuration of the offers service: DANGOL_* variables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dangol_service_kit.config import ServiceConfig


@dataclass(frozen=True, kw_only=True)
class OffersConfig(ServiceConfig):
    """What this process is told; targets are host:port. checkpoint_public_keys_file has the
    verifier keys of former checkpoint keys, one a line."""

    mongodb_uri: str
    mongodb_database: str = "dangol_offers"
    redis_url: str
    profile_target: str
    segmentation_target: str
    checkpoint_key_file: Path
    checkpoint_public_keys_file: Path | None = None
    checkpoint_seconds: float = 3600.0
    gifts_a_day_per_giver_max: int = 20
    gifts_a_day_per_recipient_max: int = 20
    # For development: webhooks may go to http:// and to private networks.
    webhooks_private: bool = False
