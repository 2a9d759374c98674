"""The ASGI application: who may come in, how answers leave, what stays open."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeAlias, cast

import orjson
from dangol_service_kit import logs
from dangol_service_kit.auth import Caller, TokenVerifier
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.quotas import Quotas
from dangol_service_kit.telemetry import TRACEPARENT, Telemetry
from dangol_service_kit.trace_trust import TraceTrust
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.http.exceptions import NonJsonMessageReceived
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult
from strawberry.types.unset import UNSET, UnsetType
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from gateway_service.bodies import TooLargeError, bounded, operation_in
from gateway_service.clients import Clients
from gateway_service.config import GatewayConfig
from gateway_service.context import Context
from gateway_service.credentials import authorization_of
from gateway_service.documents import Documents
from gateway_service.downloads import download_routes
from gateway_service.events import answer_events, asked_in, wants_events
from gateway_service.exports import export_routes
from gateway_service.feeds import Feeds
from gateway_service.graphiql import graphiql_routes, wants_page
from gateway_service.health import Readiness, health_routes
from gateway_service.measuring import Operations
from gateway_service.persisted import AutomaticQueries, listed_in
from gateway_service.rates import Rates
from gateway_service.schema import GatewaySchema, make_schema
from gateway_service.sockets import SocketHandler
from gateway_service.streams import Streams
from gateway_service.tenants import TenantCache
from gateway_service.visitors import refuse_origin, visitor_routes

_GRAPHQL_JSON = "application/graphql-response+json"
_STATUSES = {"INVALID_ARGUMENT": 400, "RESOURCE_EXHAUSTED": 429}
_AS_JSON = Response(media_type="application/json")
_AS_GRAPHQL_JSON = Response(media_type=_GRAPHQL_JSON)
_INIT_WAIT = timedelta(seconds=10)

View: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = logs.get_logger()


class _TextAdapter(ASGIWebSocketAdapter):
    """WebSocket messages are text; the view encodes to bytes."""

    async def iter_json(
        self, *, ignore_parsing_errors: bool = False
    ) -> AsyncGenerator[object, None]:
        """Messages, each an object; NonJsonMessageReceived closes the connection."""
        async for message in super().iter_json(ignore_parsing_errors=ignore_parsing_errors):
            if not isinstance(message, dict):
                raise NonJsonMessageReceived
            yield message

    async def send_json(self, message: Any) -> None:
        """Sends one message."""
        await self.ws.send_text(orjson.dumps(message).decode())


class GraphQLView(GraphQL[Context, None]):
    """Strawberry's view with credentials, orjson and bounds."""

    websocket_adapter_class = _TextAdapter
    graphql_transport_ws_handler_class = SocketHandler

    def __init__(
        self,
        schema: GatewaySchema,
        clients: Clients,
        verifier: TokenVerifier,
        telemetry: Telemetry,
        *,
        config: GatewayConfig,
        operations: Operations,
        streams: Streams,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=_INIT_WAIT,
            max_subscriptions_per_connection=None,
            allowed_origins=config.cors_origins,
        )
        self._graphiql = config.graphiql
        self._clients = clients
        self._verifier = verifier
        self._telemetry = telemetry
        self._operations = operations
        self._tenants = TenantCache()
        # Browsers' headers are anybody's.
        self._trust = TraceTrust(believed_a_second=0)
        self._feeds = Feeds()
        self.streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or one WebSocket connection."""
        if scope["type"] != "http":
            with self._operations.socket():
                await super().__call__(scope, receive, send)
            return
        request = Request(scope)
        if self._graphiql and wants_page(request):
            await RedirectResponse(f"/graphiql?{request.url.query}")(scope, receive, send)
            return
        try:
            caller = await self._verifier.admit(authorization_of(request))
            refuse_origin(caller, request.headers.get("origin"))
        except RpcFailure as failure:
            await _refusal(failure)(scope, receive, send)
            return
        scope["dangol_caller"] = caller
        parent = self._trust.judge(request.headers.get(TRACEPARENT), caller)
        with self._telemetry.span("graphql", parent):
            try:
                if wants_events(request):
                    await self._answer_events(caller, scope, bounded(receive), send)
                else:
                    await super().__call__(scope, bounded(receive), send)
            except TooLargeError:
                await _plain_error(413, "BATCH_TOO_LARGE", "the request is too large")(
                    scope, receive, send
                )

    async def get_context(
        self,
        request: Request | WebSocket,
        response: Response | WebSocket,  # noqa: ARG002
    ) -> Context:
        """A context with the caller for HTTP; one still without for WebSockets."""
        if isinstance(request, WebSocket):
            context = self._context(None, long_lived=True)
            context.authorization = request.headers.get("authorization")
            return context
        return self._context(request.scope["dangol_caller"], long_lived=False)

    async def _answer_events(
        self, caller: Caller, scope: Scope, receive: Receive, send: Send
    ) -> None:
        request = Request(scope, receive)
        context = self._context(caller, long_lived=True)
        context.last_event_id = request.headers.get("last-event-id", "")
        try:
            asked = await asked_in(request)
            await answer_events(
                self.streams, context, asked, scope=scope, receive=receive, send=send
            )
        except RpcFailure as failure:
            await _failed(failure)(scope, receive, send)

    async def renew(self, context: Context, header: str) -> None:
        """Has a connection go on with a newer token of the same caller. Raises RpcFailure."""
        newer = await self._verifier.admit(header)
        # Of the present caller by what it was admitted with: its own token may just have run out.
        if context.admitted != (newer.tenant_id, newer.role, newer.subject, newer.stores):
            raise RpcFailure(Code.TOKEN_INVALID, "the token is another caller's: connect anew")
        context.admit(newer)

    async def on_ws_connect(self, context: Context) -> UnsetType:
        """Takes the token from the payload of connection_init, or from the handshake."""
        params = context.connection_params or {}
        header = params.get("authorization") or params.get("Authorization")
        if header is None and isinstance(params.get("token"), str):
            header = f"Bearer {params['token']}"
        try:
            header = str(header) if header else context.authorization
            caller = await self._verifier.admit(header)
            if caller.write_only:
                raise RpcFailure(Code.ROLE_NOT_ALLOWED, "visitors subscribe to nothing")
            context.admit(caller)
        except RpcFailure as failure:
            raise ConnectionRejectionError from failure
        return cast("UnsetType", UNSET)

    def encode_json(self, data: object) -> bytes:
        """orjson is several times faster than json."""
        return orjson.dumps(data)

    def decode_json(self, data: str | bytes) -> Any:
        """Raises json.JSONDecodeError for what is no JSON object or list."""
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise json.JSONDecodeError("not JSON", "", 0) from error
        if not isinstance(value, dict | list):
            raise json.JSONDecodeError("not an object", "", 0)
        return value

    def create_response(
        self,
        response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse],
        sub_response: Response,
    ) -> Response:
        """The answer in the media type that the client asked for.

        GraphQL over HTTP, 6.4: in its own media type a request that was not run is answered 400;
        as plain JSON every well-formed answer is 200, as proxies do not know JSON from an error.
        """
        self._operations.answered(response_data)
        media_type = sub_response.media_type or "application/json"
        refused = "data" not in response_data and media_type == _GRAPHQL_JSON
        body = self.encode_json(response_data)
        status = 400 if refused else 200
        headers, wait = None, retry_after_seconds(response_data)
        if wait is not None:
            headers = {"retry-after": str(wait)}
            status = 429 if refused else status
        return Response(body, status_code=status, headers=headers, media_type=media_type)

    async def process_result(
        self, request: Request, result: ExecutionResult
    ) -> GraphQLHTTPResponse:
        """The answer; one to what was not run at all has no data, not even null."""
        answer = await super().process_result(request, result)
        if answer["data"] is None and not any(error.path for error in result.errors or ()):
            return cast("GraphQLHTTPResponse", {k: v for k, v in answer.items() if k != "data"})
        return answer

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """Carries the media type to create_response, which reads nothing else of it."""
        accepts = _GRAPHQL_JSON in request.headers.get("accept", "")
        return _AS_GRAPHQL_JSON if accepts else _AS_JSON

    async def run(self, request: Any, context: Any = UNSET, root_value: Any = UNSET) -> Any:
        """Answers one operation, or opens a connection, which is for Strawberry to do.

        Over HTTP nothing here is a stream or a page, which would be looked for in every request.
        """
        if request.scope["type"] != "http":
            return await super().run(request, context, root_value)
        asking = self.request_adapter_class(request)
        if not self.is_request_allowed(asking):
            raise HTTPException(405, "GraphQL only supports GET and POST requests.")
        form = await self.get_sub_response(request)
        context = await self.get_context(request, form)
        operation = await self.parse_http_body(asking)
        if not isinstance(operation, GraphQLRequestData):
            raise HTTPException(400, "Batching is not enabled")
        result = await self.execute_single(request, asking, form, context, None, operation)
        return self.create_response(await self.process_result(request, result), form)

    async def parse_http_body(self, request: Any) -> GraphQLRequestData | list[GraphQLRequestData]:
        """The operation. One in JSON is read here; anything else, and what is wrong with it, is
        for Strawberry to say."""
        media_type = (request.content_type or "").partition(";")[0]
        if request.method == "POST" and media_type == "application/json":
            operation = operation_in(self.parse_json(await request.get_body()))
            if operation is not None:
                return operation
        return await super().parse_http_body(request)

    def _context(self, caller: Caller | None, *, long_lived: bool) -> Context:
        return Context(
            self._clients,
            self._tenants,
            self._verifier,
            caller,
            feeds=self._feeds,
            long_lived=long_lived,
        )


def _refusal(failure: RpcFailure) -> Response:
    if failure.code is Code.UNAVAILABLE:
        return _plain_error(503, failure.code.name, failure.message)
    if failure.code is Code.PUBLISHABLE_KEY_REFUSED:
        return _plain_error(403, failure.code.name, failure.message)
    response = _plain_error(401, failure.code.name, failure.message)
    response.headers["www-authenticate"] = "Bearer"
    return response


def retry_after_seconds(response: GraphQLHTTPResponse | list[GraphQLHTTPResponse]) -> int | None:
    """After how long an operation that was not run for being too many may be tried again."""
    errors: Any = response.get("errors") if isinstance(response, dict) else None
    found = [one.get("extensions") or {} for one in errors or () if not one.get("path")]
    waits = [
        one["retryAfterSeconds"]
        for one in found
        if one.get("code") == Code.TOO_MANY_REQUESTS.name and "retryAfterSeconds" in one
    ]
    return max(waits, default=None)


def _failed(failure: RpcFailure) -> Response:
    status = _STATUSES.get(failure.code.status.name, 503)
    return _plain_error(status, failure.code.value, failure.message)


def _plain_error(status: int, code: str, message: str) -> Response:
    errors = [{"message": message, "extensions": {"code": code}}]
    return JSONResponse({"data": None, "errors": errors}, status_code=status)


def _documents(config: GatewayConfig) -> Documents:
    known = listed_in(config.listed_queries) if config.listed_queries else AutomaticQueries()
    return Documents(known, open_schema=config.graphiql)


def make_app(
    config: GatewayConfig,
    clients: Clients,
    verifier: TokenVerifier,
    telemetry: Telemetry,
    *,
    operations: Operations,
    readiness: Readiness | None = None,
    quotas: Quotas | None = None,
) -> Starlette:
    """The application. Who made the clients closes them. readiness: of `clients` unless given.

    quotas: where callers' rates are counted; without them there are none. Raises ValueError for a
    bad manifest.
    """
    rates = Rates(config, quotas) if quotas is not None else None
    documents = _documents(config)
    schema = make_schema(documents, rates)
    streams = Streams(schema, documents, rates)
    view = GraphQLView(
        schema,
        clients,
        verifier,
        telemetry,
        config=config,
        operations=operations,
        streams=streams,
    )

    # The first that fits is taken, so what is asked for most stands first.
    routes = [
        Route("/graphql", endpoint=view),
        WebSocketRoute("/graphql", endpoint=view),
        *health_routes(readiness or Readiness(clients)),
        *export_routes(clients, verifier),
        *download_routes(clients, verifier),
        *visitor_routes(config, clients, quotas),
        *(graphiql_routes(config) if config.graphiql else []),
    ]
    middleware = []
    if config.trusted_proxies:
        trusted = list(config.trusted_proxies)
        middleware.append(Middleware(ProxyHeadersMiddleware, trusted_hosts=trusted))
    if config.cors_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(config.cors_origins),
                allow_methods=["POST", "GET"],
                allow_headers=["authorization", "content-type", "last-event-id", "traceparent"],
                expose_headers=["retry-after"],
            )
        )
    app = Starlette(routes=routes, middleware=middleware)
    app.state.streams = streams
    return app
