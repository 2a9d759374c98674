"""Secrets of tenants, derived from one master key so that none has to be stored."""

from __future__ import annotations

import base64
import binascii
import hmac
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_CACHE_MAX = 10_000


class TenantKeys:
    """HKDF-SHA256 over the master key; info = "dangol/<purpose>/<tenant>/<version>"."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"the master key must have {KEY_BYTES} bytes")
        self._master = master
        self._derived: dict[tuple[str, str, int], bytes] = {}
        self._ciphers: dict[bytes, AESGCM] = {}

    def of(self, master: bytes) -> bool:
        """Whether these secrets are those of a master key."""
        return hmac.compare_digest(self._master, master)

    def derive(self, tenant_id: str, purpose: str, version: int = 1) -> bytes:
        """32 bytes that only this tenant, purpose and version have; always the same ones.

        Raises ValueError when a part contains the separator.
        """
        parts = (tenant_id, purpose, version)
        key = self._derived.get(parts)
        if key is None:
            if "/" in tenant_id or "/" in purpose:
                raise ValueError("tenant and purpose must not contain a slash")
            if len(self._derived) >= _CACHE_MAX:
                self._derived.clear()
            info = f"dangol/{purpose}/{tenant_id}/{version}".encode()
            hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info)
            key = self._derived[parts] = hkdf.derive(self._master)
        return key

    def cipher(self, tenant_id: str, purpose: str, version: int = 1) -> AESGCM:
        """AES-256-GCM under what `derive` answers: made once, and gone with these secrets."""
        key = self.derive(tenant_id, purpose, version)
        cipher = self._ciphers.get(key)
        if cipher is None:
            if len(self._ciphers) >= _CACHE_MAX:
                self._ciphers.clear()
            cipher = self._ciphers[key] = AESGCM(key)
        return cipher


def from_file(path: Path) -> TenantKeys:
    """Reads the master key: base64 of 32 bytes. Raises OSError or ValueError."""
    try:
        master = base64.b64decode(path.read_text().strip(), validate=True)
    except binascii.Error:
        raise ValueError("the master key file must hold base64") from None
    return TenantKeys(master)
