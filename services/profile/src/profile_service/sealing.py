"""Keyed hashes and sealed values: what keeps personal data unreadable in the database.

A data key belongs to one owner (a customer, or one identifier with the events sent under it). It is
random and stands beside the owner's data, itself sealed under the tenant's key, so destroying it
makes everything sealed with it unreadable. Its first byte is the version of the tenant's key.
Sealing is AES-256-GCM with a random nonce.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.key_ring import KeyMissingError, KeyRing
from dangol_service_kit.keys import TenantKeys

from profile_service.records import HASH_BYTES

_KEY_BYTES = 32
_NONCE_BYTES = 12
_CUSTOMER_ID_BYTES = 10
_SEARCH_BYTES = 8
_DATA_KEY = b"data-key\0"


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
    """Hashes and keys of every tenant: hashes by the master key, sealing by the ring."""

    def __init__(
        self,
        keys: TenantKeys,
        random_bytes: Callable[[int], bytes] = os.urandom,
        *,
        ring: KeyRing | None = None,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._keys = keys
        self._random_bytes = random_bytes
        self._ring = ring or KeyRing(keys)
        self._wall_ms = wall_ms

    def identifier_hash(self, tenant_id: str, namespace: str, value: str) -> bytes:
        """16 bytes that stand for an identifier wherever it is a key."""
        key = self._keys.derive(tenant_id, "identifier")
        text = f"{namespace}\0{value}".encode()
        return hmac.digest(key, text, "sha256")[:HASH_BYTES]

    def customer_id(self, tenant_id: str, identifier_hash: bytes, generation: int = 0) -> str:
        """The id of the customer created for an identifier: 80 keyed bits after "u_".

        generation counts those who were erased: who comes back is somebody else.
        """
        key = self._keys.derive(tenant_id, "customer-id")
        text = identifier_hash + (generation.to_bytes(4, "big") if generation else b"")
        digest = hashlib.blake2b(text, key=key, digest_size=_CUSTOMER_ID_BYTES).digest()
        return "u_" + base64.b32encode(digest).decode().lower()

    def search_key(self, tenant_id: str, kind: str, text: str) -> bytes:
        """8 bytes under which a name or the end of a number is looked up, by kind."""
        key = self._keys.derive(tenant_id, "search")
        return hmac.digest(key, f"{kind}\0{text}".encode(), "sha256")[:_SEARCH_BYTES]

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
        return DataKey(self._wrap(tenant_id, owner, key), key, self._random_bytes)

    def seal_new(
        self, tenant_id: str, owner: bytes, plain: bytes, context: bytes
    ) -> tuple[bytes, bytes]:
        """(a fresh data key as it is kept, a value sealed under it): for an owner's first value,
        with no way to a second one but open_key."""
        random = self._random_bytes(_KEY_BYTES + _NONCE_BYTES)
        key, nonce = random[:_KEY_BYTES], random[_KEY_BYTES:]
        sealed = nonce + AESGCM(key).encrypt(nonce, plain, context)
        return self._wrap(tenant_id, owner, key), sealed

    def open_key(self, tenant_id: str, owner: bytes, sealed: bytes) -> DataKey:
        """An owner's data key as it was kept. Raises SealBrokenError."""
        return DataKey(sealed, self._unwrap(tenant_id, owner, sealed), self._random_bytes)

    def open(
        self, tenant_id: str, owner: bytes, data_key: bytes, sealed: bytes, context: bytes
    ) -> bytes:
        """One value that was sealed under an owner's data key. Raises SealBrokenError."""
        return _open(AESGCM(self._unwrap(tenant_id, owner, data_key)), sealed, context)

    def active_version(self) -> int:
        """The version of tenants' keys under which new data keys are sealed."""
        return self._ring.active(self._wall_ms())

    def renew(self, tenant_id: str, owner: bytes, sealed: bytes) -> bytes:
        """The same data key, sealed under the version in use. Raises SealBrokenError."""
        return self._wrap(tenant_id, owner, self._unwrap(tenant_id, owner, sealed))

    def _wrap(self, tenant_id: str, owner: bytes, key: bytes) -> bytes:
        version = self.active_version()
        nonce = self._random_bytes(_NONCE_BYTES)
        cipher = self._ring.tenant_cipher(tenant_id, version)
        return b"%c%b%b" % (version, nonce, cipher.encrypt(nonce, key, _DATA_KEY + owner))

    def _unwrap(self, tenant_id: str, owner: bytes, sealed: bytes) -> bytes:
        if not sealed:
            raise SealBrokenError("there is no data key")
        try:
            cipher = self._ring.tenant_cipher(tenant_id, sealed[0])
        except KeyMissingError:
            raise SealBrokenError("unknown version of a tenant key") from None
        return _open(cipher, sealed[1:], _DATA_KEY + owner)


def _open(cipher: AESGCM, sealed: bytes, context: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError):
        raise SealBrokenError("a sealed value does not open") from None
