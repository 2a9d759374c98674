"""A tenant's secrets for codes, tokens and fingerprints, from the master key."""

from __future__ import annotations

from typing import Protocol

from offers_service.codes import KEY_VERSION, Secrets


class Keys(Protocol):
    """dangol_service_kit.keys.TenantKeys, which remembers what it derived."""

    def derive(self, tenant_id: str, purpose: str, version: int) -> bytes:
        """32 bytes of this tenant, purpose and version."""
        ...


class Keyring:
    """keyring(tenant_id) answers that tenant's Secrets."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def __call__(self, tenant_id: str) -> Secrets:
        """The same secrets in every process with the same master key."""
        keys = self._keys
        return Secrets(
            code_key=keys.derive(tenant_id, "coupon-code", KEY_VERSION),
            token_key=keys.derive(tenant_id, "gift-token", KEY_VERSION),
            lookup_key=keys.derive(tenant_id, "blind-index", KEY_VERSION),
            fingerprint_key=keys.derive(tenant_id, "fingerprint", KEY_VERSION),
        )
