"""How every channel to a service is set up, whoever opens it: a service, the command, a partner."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

MESSAGE_BYTES_MAX = 64 * 1024 * 1024
_RETRY = {
    "maxAttempts": 5,
    "initialBackoff": "0.1s",
    "maxBackoff": "1s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


def resolved(target: str) -> str:
    """A target under which gRPC looks for all addresses of host:port; other schemes stay."""
    return target if "://" in target else f"dns:///{target}"


def options(*, repeats: bool, once: Sequence[str] = ()) -> list[tuple[str, Any]]:
    """Options of a channel: round robin, keepalive, quick reconnection, large messages.

    repeats: gRPC itself tries a call at most five times, and again only when the service was
    UNAVAILABLE; methods of `once` ("package.Service/Method") it does not try again.
    """
    service_config: dict[str, Any] = {"loadBalancingConfig": [{"round_robin": {}}]}
    if repeats:
        methods: list[dict[str, Any]] = [{"name": [{}], "retryPolicy": _RETRY}]
        names = [dict(zip(("service", "method"), name.split("/"), strict=True)) for name in once]
        service_config["methodConfig"] = [*methods, {"name": names}] if names else methods
        service_config["retryThrottling"] = {"maxTokens": 100, "tokenRatio": 0.5}
    return [
        ("grpc.service_config", json.dumps(service_config)),
        ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
        ("grpc.max_send_message_length", MESSAGE_BYTES_MAX),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.initial_reconnect_backoff_ms", 100),
        # Also how long one attempt may take, which a server that has only just started needs.
        ("grpc.min_reconnect_backoff_ms", 5_000),
        ("grpc.max_reconnect_backoff_ms", 1_000),
        ("grpc.dns_min_time_between_resolutions_ms", 2_000),
    ]
