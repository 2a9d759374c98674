"""Publishable keys: what one looks like, and whether it sells to an origin."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

PREFIX = "pk_"
_SECRET_BYTES = 20


@dataclass(frozen=True, slots=True)
class PublishableKey:
    """key_id is the SHA-256 of the key in hexadecimal; the key itself is not kept."""

    tenant_id: str
    key_id: str
    display_name: str
    origins: tuple[str, ...]
    created_ms: int
    revoked_ms: int | None = None


def make_key(tenant_id: str, secret: bytes, request: str) -> str:
    """The key that a request makes, always the same one: pk_<tenant>_<160 bits in base32>."""
    digest = hmac.digest(secret, request.encode(), "sha256")[:_SECRET_BYTES]
    return f"{PREFIX}{tenant_id}_{base64.b32encode(digest).decode().lower()}"


def id_of(key: str) -> str:
    """The id of a key, by which it is found."""
    return hashlib.sha256(key.encode()).hexdigest()


def sells_to(key: PublishableKey | None, origin: str) -> bool:
    """Whether a page of `origin` gets tokens for the key."""
    return key is not None and key.revoked_ms is None and origin in key.origins


def same_key(stored: PublishableKey, made: PublishableKey) -> bool:
    """Whether a request that made the stored key is repeated, and not used for another."""
    return (stored.display_name, stored.origins) == (made.display_name, made.origins)
