"""TLS between services, where it is wanted: both sides show a certificate of one authority.

Without the three files calls are plain, for a network that encrypts them itself, or a machine of
one's own. Renewed files are taken by servers at the next handshake. A client's channel keeps the
certificate it began with, hence a process ends by itself, draining as ever, before its own runs
out; what runs it starts it again with the new one.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from cryptography import x509

from dangol_service_kit import logs
from dangol_service_kit.config import ConfigError, TlsConfig

# The part of a certificate's life after which its process ends: late enough that a renewal, due
# after two thirds, has come, and spread so that replicas do not end together.
_LEAVE_FROM = 0.8
_LEAVE_UNTIL = 0.9
_LOOK_SECONDS = 60.0

_log = logs.get_logger()


@dataclass(frozen=True, kw_only=True)
class Files:
    """PEM files: this process's certificate chain and key, and the authority both sides trust."""

    certificate: Path
    key: Path
    authority: Path


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What a process shows to others, as it was when it started."""

    files: Files
    certificate: bytes
    key: bytes
    authority: bytes

    def channel_credentials(self) -> grpc.ChannelCredentials:
        """For calls: trusts the authority alone, and shows the certificate."""
        return grpc.ssl_channel_credentials(self.authority, self.key, self.certificate)

    def server_credentials(self) -> grpc.ServerCredentials:
        """For serving: asks every client for a certificate; takes renewed files as they come."""
        current = _stamp(self.files)

        def renewed() -> grpc.ServerCertificateConfiguration | None:
            nonlocal current
            stamp = _stamp(self.files)
            if stamp == current:
                return None
            try:
                identity = _read(self.files)
            except (OSError, ValueError) as error:
                _log.warning("tls_files_unreadable", **logs.describe(error))
                return None
            current = stamp
            return identity._configuration()

        # None is an answer that grpc documents and its stubs do not know.
        fetch: Any = renewed
        return grpc.dynamic_ssl_server_credentials(self._configuration(), fetch, True)

    def _configuration(self) -> grpc.ServerCertificateConfiguration:
        pair = [(self.key, self.certificate)]
        return grpc.ssl_server_certificate_configuration(pair, self.authority)


def identity_of(config: TlsConfig) -> Identity | None:
    """The identity that the configuration names; None where it names none.

    Raises ConfigError for one or two of the three files, and for files that cannot be used.
    """
    given = {
        "DANGOL_TLS_CERTIFICATE_FILE": config.tls_certificate_file,
        "DANGOL_TLS_KEY_FILE": config.tls_key_file,
        "DANGOL_TLS_AUTHORITY_FILE": config.tls_authority_file,
    }
    missing = [variable for variable, path in given.items() if path is None]
    if len(missing) == len(given):
        return None
    if missing:
        raise ConfigError([f"{name} is not set, but other DANGOL_TLS_* are" for name in missing])
    certificate, key, authority = (path for path in given.values() if path is not None)
    try:
        return _read(Files(certificate=certificate, key=key, authority=authority))
    except (OSError, ValueError) as error:
        raise ConfigError([f"DANGOL_TLS_* cannot be used: {type(error).__name__}"]) from None


def seconds_left(identity: Identity | None) -> float | None:
    """For how long the certificate that is there now is good; 0 for one that cannot be read.

    None without an identity.
    """
    if identity is None:
        return None
    try:
        certificate = x509.load_pem_x509_certificate(_read(identity.files).certificate)
    except (OSError, ValueError):
        return 0.0
    return certificate.not_valid_after_utc.timestamp() - time.time()


def leave_at_ms(not_before_ms: int, not_after_ms: int, share: float) -> int:
    """When a process that started with a certificate ends; `share` in 0..1 spreads replicas."""
    life_ms = not_after_ms - not_before_ms
    return not_before_ms + int(life_ms * (_LEAVE_FROM + (_LEAVE_UNTIL - _LEAVE_FROM) * share))


async def run_out(
    identity: Identity | None,
    now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    look_seconds: float = _LOOK_SECONDS,
) -> None:
    """Returns once it is time to end, and renewed files are there; never without an identity."""
    if identity is None:
        await asyncio.Event().wait()
        return
    certificate = x509.load_pem_x509_certificate(identity.certificate)
    # Replicas need to differ, not to be unpredictable.
    leave_ms = leave_at_ms(
        int(certificate.not_valid_before_utc.timestamp() * 1000),
        int(certificate.not_valid_after_utc.timestamp() * 1000),
        random.random(),  # noqa: S311
    )
    while now_ms() < leave_ms or not _is_renewed(identity):
        await asyncio.sleep(look_seconds)
    _log.info("certificate_renewed", action="ending, to start again with the new one")


def _is_renewed(identity: Identity) -> bool:
    try:
        return _read(identity.files).certificate != identity.certificate
    except (OSError, ValueError):
        return False


def _read(files: Files) -> Identity:
    """Raises OSError or ValueError for what is no certificate."""
    identity = Identity(
        files=files,
        certificate=files.certificate.read_bytes(),
        key=files.key.read_bytes(),
        authority=files.authority.read_bytes(),
    )
    x509.load_pem_x509_certificate(identity.certificate)
    x509.load_pem_x509_certificate(identity.authority)
    return identity


def _stamp(files: Files) -> tuple[int, int]:
    try:
        found = files.certificate.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_ino)
