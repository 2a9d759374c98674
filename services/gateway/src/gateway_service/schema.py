"""The schema; run as a program it writes schema.graphql."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import strawberry
from dangol_service_kit import logs
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.query_codes import QueryCode
from graphql import GraphQLError
from strawberry.types import ExecutionContext

from gateway_service.access import guard
from gateway_service.documents import Documents, PreparedDocuments
from gateway_service.mutations import Mutation
from gateway_service.persisted import AutomaticQueries
from gateway_service.queries import Query
from gateway_service.rates import RatedOperations, Rates
from gateway_service.results import Refused
from gateway_service.subscriptions import Subscription
from gateway_service.types_common import CONFIG
from gateway_service.visitors import WriteOnly

SCHEMA_FILE = Path(__file__).parents[2] / "schema.graphql"

_log = logs.get_logger()


class GatewaySchema(strawberry.Schema):
    """A schema whose errors have a stable code and tell nothing of the inside."""

    def process_errors(
        self,
        errors: list[GraphQLError],
        execution_context: ExecutionContext | None = None,  # noqa: ARG002
    ) -> None:
        """Replaces each error by what a client may see; logs those that are ours."""
        errors[:] = [_public(error) for error in errors]


def _public(error: GraphQLError) -> GraphQLError:
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, RpcFailure):
        return _from_failure(error, cause)
    # A scalar that cannot be read fails before anything runs, at a place in the document.
    unread = error.path is None and error.nodes and isinstance(cause, ValueError | TypeError)
    if cause is None or unread or isinstance(cause, GraphQLError):
        return _coded(error, {"code": QueryCode.INVALID.value, **(error.extensions or {})})
    if isinstance(cause, grpc.aio.AioRpcError | ConnectionError):
        return _coded(error, {"code": Code.UNAVAILABLE.name}, Code.UNAVAILABLE.meaning)
    _log.error("resolver_failed", path=_path(error), **logs.describe(cause))
    return _coded(error, {"code": Code.INTERNAL.name}, Code.INTERNAL.meaning)


def _from_failure(error: GraphQLError, failure: RpcFailure) -> GraphQLError:
    extensions: dict[str, Any] = {"code": failure.code.name}
    if failure.field:
        extensions["field"] = failure.field
    if len(failure.violations) > 1:
        extensions["violations"] = [
            {"field": field, "message": message} for field, message in failure.violations
        ]
    if failure.retry_after_ms is not None:
        extensions["retryAfterMs"] = failure.retry_after_ms
        # For those who know Retry-After: whole seconds, rounded up.
        extensions["retryAfterSeconds"] = -(-failure.retry_after_ms // 1000)
    # What the transport says of a broken connection names addresses.
    hidden = failure.code in (Code.UNAVAILABLE, Code.INTERNAL, Code.UNIMPLEMENTED)
    message = failure.code.meaning if hidden or not failure.message else failure.message
    return _coded(error, extensions, message)


def _coded(
    error: GraphQLError, extensions: dict[str, Any], message: str | None = None
) -> GraphQLError:
    return GraphQLError(
        message or error.message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _path(error: GraphQLError) -> str:
    return ".".join(str(part) for part in error.path or ())


def make_schema(documents: Documents | None = None, rates: Rates | None = None) -> GatewaySchema:
    """The schema with its rules of access; `documents` keeps what was prepared of queries.

    rates: how often callers may ask; None for as often as they like.
    """
    kept = documents or Documents(AutomaticQueries(), open_schema=True)
    schema = GatewaySchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[Refused],
        extensions=[
            lambda: PreparedDocuments(kept),
            WriteOnly,
            *([lambda: RatedOperations(rates)] if rates else []),
        ],
        config=CONFIG,
    )
    guard(schema._schema)
    return schema


def to_sdl() -> str:
    """The schema as text."""
    return make_schema().as_str() + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(to_sdl())
