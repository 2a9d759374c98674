"""Whether the gateway lives, and whether it is worth sending it requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

_START_SECONDS = 30.0
_SERVING = "SERVING"


class Services(Protocol):
    """The part of the clients that readiness asks."""

    @property
    def channels(self) -> Iterable[str]:
        """The services' names."""
        ...

    async def health(self, name: str) -> str:
        """SERVING, or why not."""
        ...


class Readiness:
    """Ready once every service was seen serving; after that, and 30 s after the start in any case,
    one of them is enough: what needs no other still answers."""

    def __init__(
        self, clients: Services, monotonic_seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._clients = clients
        self._monotonic_seconds = monotonic_seconds
        self._patient_until = monotonic_seconds() + _START_SECONDS
        self._unseen = set(clients.channels)
        self._leaving = False

    def leave(self) -> None:
        """Not ready from now on: the process ends."""
        self._leaving = True

    async def check(self) -> tuple[bool, dict[str, str]]:
        """Whether to send requests, and what each service says of itself."""
        services = {name: await self._clients.health(name) for name in self._clients.channels}
        self._unseen -= {name for name, status in services.items() if status == _SERVING}
        started = not self._unseen or self._monotonic_seconds() >= self._patient_until
        return not self._leaving and started and _SERVING in services.values(), services


def health_routes(readiness: Readiness) -> list[BaseRoute]:
    """/healthz and /readyz, open to all."""

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        ready, services = await readiness.check()
        body = {"status": "ok" if ready else "not ready", "services": services}
        return JSONResponse(body, status_code=200 if ready else 503)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
