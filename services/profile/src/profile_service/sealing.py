"""Keyed hashes and sealed values: what keeps personal data unreadable in the database.

A data key belongs to one owner (a customer, or one identifier with the events sent under it). It is
random and stands beside the owner's data, itself sealed under the tenant's key, so destroying it
makes everything sealed with it unreadable. Sealing is AES-256-GCM with a random nonce.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from dangol_service_kit.keys import TenantKeys

from profile_service.records import HASH_BYTES

_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_VERSION = b"\x01"
_CUSTOMER_ID_BYTES = 10


class SealBrokenError(Exception):
    """A sealed value does not open: another key, another place, or it was tampered with."""


class DataKey:
    """One owner's key. sealed is how it is kept."""

    __slots__ = ("_cipher", "_random_bytes", "sealed")

    def __init__(
        self, sealed: bytes, key: bytes, random_bytes: Callable[[int], bytes] = os.urandom
    ) -> None:
        self.sealed = sealed
        self._cipher = AESGCM(key)
        self._random_bytes = random_bytes

    def seal(self, plain: bytes, context: bytes) -> bytes:
        """Sealed for one place; context names it and has to be given again to open."""
        nonce = self._random_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The plain bytes. Raises SealBrokenError."""
        return _open(self._cipher, sealed, context)


class Vault:
    """Hashes and keys of every tenant, derived from the master key."""

    def __init__(self, keys: TenantKeys, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._keys = keys
        self._random_bytes = random_bytes

    def identifier_hash(self, tenant_id: str, namespace: str, value: str) -> bytes:
        """16 bytes that stand for an identifier wherever it is a key."""
        key = self._keys.derive(tenant_id, "identifier")
        text = f"{namespace}\0{value}".encode()
        return hmac.digest(key, text, "sha256")[:HASH_BYTES]

    def customer_id(self, tenant_id: str, identifier_hash: bytes) -> str:
        """The id of the customer created for an identifier: 80 keyed bits after "u_"."""
        key = self._keys.derive(tenant_id, "customer-id")
        digest = hashlib.blake2b(identifier_hash, key=key, digest_size=_CUSTOMER_ID_BYTES).digest()
        return "u_" + base64.b32encode(digest).decode().lower()

    def fingerprint(self, tenant_id: str, *parts: bytes) -> bytes:
        """A keyed hash over length-prefixed parts; equal for equal content only."""
        key = self._keys.derive(tenant_id, "fingerprint")
        digest = hashlib.blake2b(key=key, digest_size=HASH_BYTES)
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()

    def new_key(self, tenant_id: str, owner: bytes) -> DataKey:
        """A fresh data key for an owner."""
        key = self._random_bytes(_KEY_BYTES)
        nonce = self._random_bytes(_NONCE_BYTES)
        sealed = self._tenant_cipher(tenant_id).encrypt(nonce, key, b"data-key\0" + owner)
        return DataKey(_KEY_VERSION + nonce + sealed, key, self._random_bytes)

    def open_key(self, tenant_id: str, owner: bytes, sealed: bytes) -> DataKey:
        """An owner's data key as it was kept. Raises SealBrokenError."""
        if sealed[:1] != _KEY_VERSION:
            raise SealBrokenError("unknown version of a tenant key")
        key = _open(self._tenant_cipher(tenant_id), sealed[1:], b"data-key\0" + owner)
        return DataKey(sealed, key, self._random_bytes)

    def _tenant_cipher(self, tenant_id: str) -> AESGCM:
        return AESGCM(self._keys.derive(tenant_id, "sealing"))


def _open(cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        raise SealBrokenError("a sealed value does not open") from None
