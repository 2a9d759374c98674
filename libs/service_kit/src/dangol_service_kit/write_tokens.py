"""Short-lived tokens for those who may only write: minted with a key that signs nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from dangol_service_kit.auth import Role, key_id


class WriteCredentials:
    """The JWKS has to say of the key: dangol_roles ["visitor"], dangol_write_only true."""

    def __init__(
        self,
        key_file: Path,
        issuer: str,
        audience: str,
        ttl_seconds: int,
        now_seconds: Callable[[], float] = time.time,
    ) -> None:
        """Raises OSError, or ValueError when the file holds no Ed25519 private key."""
        key = load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("the visitor key must be an Ed25519 private key")
        self._key = key
        self._kid = key_id(key)
        self._issuer = issuer
        self._audience = audience
        self._now_seconds = now_seconds
        self.ttl_seconds = ttl_seconds

    def token(self, tenant_id: str, subject: str, origin: str) -> str:
        """A token for a visitor of a page of `origin`."""
        now = int(self._now_seconds())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "iat": now,
            "exp": now + self.ttl_seconds,
            "sub": subject,
            "tenant": tenant_id,
            "role": Role.VISITOR.value,
            "origin": origin,
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._kid})
