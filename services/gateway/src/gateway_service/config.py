"""What the gateway is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dangol_service_kit.config import ProcessConfig


@dataclass(frozen=True, kw_only=True)
class GatewayConfig(ProcessConfig):
    """Targets are host:port; cors_origins may call from browsers.

    graphiql serves the page; graphiql_assets is a directory with its scripts, else they come from
    unpkg.com, and lets every role read the schema. listed_queries is a manifest of persisted
    queries; with it nothing else is answered. rate_person, rate_shop: items of one field that a
    customer or visitor, or any other caller, may ask for, by the second and at once; 0 for all.
    trusted_proxies: addresses and networks whose X-Forwarded-For says who is calling.
    visitor_key_file: signs visitors' tokens, which are good for visitor_token_seconds; without it
    there are none.
    """

    profile_target: str
    segmentation_target: str
    offers_target: str
    graphiql: bool = False
    graphiql_assets: Path | None = None
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    listed_queries: Path | None = None
    visitor_key_file: Path | None = None
    visitor_token_seconds: int = 900
    rate_person_per_second: float = 20.0
    rate_person_burst: int = 200
    rate_shop_per_second: float = 1_000.0
    rate_shop_burst: int = 10_000
