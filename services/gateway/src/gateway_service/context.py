"""What resolvers are given: the caller, the services, and loaders of this request."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import grpc
from dangol_service_kit.auth import Caller, Role, TokenVerifier
from dangol_service_kit.client import call
from dangol_service_kit.errors import Code, RpcFailure
from strawberry.types import Info

from gateway_service.clients import Clients
from gateway_service.feeds import Feeds
from gateway_service.loaders import Loaders
from gateway_service.tenants import TenantCache

CALL_SECONDS = 10.0

Request = TypeVar("Request")
Response = TypeVar("Response")


class Context:
    """Built for each HTTP request, or for each WebSocket connection."""

    def __init__(
        self,
        clients: Clients,
        tenants: TenantCache,
        verifier: TokenVerifier,
        caller: Caller | None,
        *,
        feeds: Feeds | None = None,
        long_lived: bool = False,
    ) -> None:
        self.clients = clients
        self.tenants = tenants
        self.verifier = verifier
        self.feeds = feeds or Feeds()
        self.authorization: str | None = None
        # Where a stream of events broke off, as its client tells in a header.
        self.last_event_id = ""
        self.connection_params: dict[str, Any] | None = None
        self._long_lived = long_lived
        self._caller: Caller | None = None
        self._loaders: Loaders | None = None
        if caller is not None:
            self.admit(caller)

    def admit(self, caller: Caller) -> None:
        """Acts for `caller` from now on."""
        self._caller = caller
        # What a long-lived connection loaded would be stale by its next operation.
        self._loaders = Loaders(self.clients, caller.token, remember=not self._long_lived)

    @property
    def admitted(self) -> tuple[str, Role, str, tuple[str, ...]] | None:
        """Whom the context acts for, whether or not the token still counts."""
        caller = self._caller
        if caller is None:
            return None
        return caller.tenant_id, caller.role, caller.subject, caller.stores

    @property
    def caller(self) -> Caller:
        """The caller, whose token still counts. Raises RpcFailure."""
        if self._caller is None:
            raise RpcFailure(Code.TOKEN_MISSING, "send a bearer token")
        if self._long_lived:
            return self.verifier.verify(self._caller.token)
        return self._caller

    @property
    def loaders(self) -> Loaders:
        """Loaders that batch what resolvers of one request ask for."""
        if self._loaders is None:
            raise RpcFailure(Code.TOKEN_MISSING, "send a bearer token")
        return self._loaders

    async def call(
        self,
        method: grpc.aio.UnaryUnaryMultiCallable[Request, Response],
        request: Request,
        *,
        timeout_seconds: float = CALL_SECONDS,
    ) -> Response:
        """One call to a service with the caller's own token. Raises RpcFailure."""
        return await call(method, request, token=self.caller.token, timeout_seconds=timeout_seconds)

    async def currency_code(self) -> str:
        """The currency of the caller's tenant. Raises RpcFailure."""
        return (await self.tenants.get(self)).currency_code

    async def language(self) -> str:
        """The language of the caller's tenant; empty when profile cannot be asked: names are then
        answered in whichever language they have. Raises RpcFailure."""
        try:
            return (await self.tenants.get(self)).language
        except RpcFailure as failure:
            if failure.code not in (Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED):
                raise
            return ""


AppInfo: TypeAlias = Info[Context, None]
