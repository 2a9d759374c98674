"""Configuration of the offers service: DANGOL_* variables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dangol_service_kit.config import ServiceConfig

from offers_service.guessing import PERSON_TRIES, SHOP_TRIES, WINDOW_MS, Limits


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
    wrong_tries_per_person_max: int = PERSON_TRIES
    wrong_tries_per_shop_max: int = SHOP_TRIES
    wrong_tries_seconds: float = WINDOW_MS / 1_000

    def wrong_tries(self) -> Limits:
        """How often whoever does not know a code or a token may try one."""
        return Limits(
            self.wrong_tries_per_person_max,
            self.wrong_tries_per_shop_max,
            int(self.wrong_tries_seconds * 1_000),
        )
