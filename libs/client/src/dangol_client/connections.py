"""Where the services are, how they are reached, and how long a call may take."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Self, TypeVar

import grpc
from dangol_service_kit.channels import options, resolved

Channel = TypeVar("Channel", grpc.Channel, grpc.aio.Channel)


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """host:port of each service; one that you do not call may stay empty.

    Calls are spread over all addresses that a name resolves to.
    """

    profile: str = ""
    segmentation: str = ""
    offers: str = ""


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Certificates in PEM. authority: whom to trust, by default whom the system trusts.

    certificate and key: what to show, where the services ask for it (mutual TLS).
    """

    authority: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = None

    def __post_init__(self) -> None:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together: give both, or none")

    @classmethod
    def of_files(
        cls,
        *,
        authority: Path | None = None,
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> Self:
        """Reads them. Raises OSError."""
        paths = {"authority": authority, "certificate": certificate, "key": key}
        return cls(**{name: path.read_bytes() for name, path in paths.items() if path is not None})

    def credentials(self) -> grpc.ChannelCredentials:
        """As gRPC takes them."""
        return grpc.ssl_channel_credentials(self.authority, self.key, self.certificate)


@dataclass(frozen=True, kw_only=True)
class Timing:
    """deadline_seconds: for a call with all its repetitions. attempt_seconds: for one attempt."""

    deadline_seconds: float = 15.0
    attempt_seconds: float = 5.0

    def __post_init__(self) -> None:
        if self.deadline_seconds <= 0 or self.attempt_seconds <= 0:
            raise ValueError("deadline_seconds and attempt_seconds have to be above 0")


class Channels(Generic[Channel]):
    """One channel to each service, opened with the first call to it."""

    def __init__(self, addresses: Addresses, make: Callable[[str], Channel]) -> None:
        self._addresses = addresses
        self._make: Callable[[str], Channel] = make
        self._open: dict[str, Channel] = {}
        self._lock = threading.Lock()

    def to(self, service: str) -> Channel:
        """Raises ValueError for a service that has no address."""
        with self._lock:
            if service not in self._open:
                target = str(getattr(self._addresses, service))
                if not target:
                    raise ValueError(f"Addresses has no {service}: give its host:port")
                self._open[service] = self._make(resolved(target))
            return self._open[service]

    def take_all(self) -> list[Channel]:
        """Those that are open, to be closed."""
        with self._lock:
            channels = list(self._open.values())
            self._open.clear()
        return channels


def blocking_channel(target: str, tls: Tls | None) -> grpc.Channel:
    """A channel whose calls are repeated by us alone."""
    settings = options(repeats=False)
    if tls is None:
        return grpc.insecure_channel(target, options=settings)
    return grpc.secure_channel(target, tls.credentials(), options=settings)


def async_channel(target: str, tls: Tls | None) -> grpc.aio.Channel:
    """A channel whose calls are repeated by us alone."""
    settings = options(repeats=False)
    if tls is None:
        return grpc.aio.insecure_channel(target, options=settings)
    return grpc.aio.secure_channel(target, tls.credentials(), options=settings)
