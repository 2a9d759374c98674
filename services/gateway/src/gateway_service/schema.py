"""The schema; run as a program it writes schema.graphql."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeGuard, cast

import grpc
import strawberry
from dangol_service_kit import logs
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.query_codes import QueryCode
from graphql import ExecutionResult as GraphQLResult
from graphql import Executor, GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.execution.is_awaitable import optimized_is_awaitable
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from gateway_service.access import guard
from gateway_service.binding import bind
from gateway_service.context import Context
from gateway_service.documents import Documents, Operation, Prepared
from gateway_service.limits import COST_MAX
from gateway_service.mutations import Mutation
from gateway_service.persisted import AutomaticQueries
from gateway_service.queries import Query
from gateway_service.rates import Rates, charges_of
from gateway_service.results import Refused
from gateway_service.subscriptions import Subscription
from gateway_service.types_common import CONFIG
from gateway_service.visitors import refuse_reading

SCHEMA_FILE = Path(__file__).parents[2] / "schema.graphql"

_is_awaitable = cast("Callable[[Any], TypeGuard[Awaitable[Any]]]", optimized_is_awaitable)

_log = logs.get_logger()


class GatewaySchema(strawberry.Schema):
    """The schema with its rules of access, and how one operation of it is run.

    documents: keeps what was prepared of queries. rates: how often callers may ask; None for as
    often as they like.
    """

    def __init__(self, documents: Documents, rates: Rates | None) -> None:
        super().__init__(
            query=Query,
            mutation=Mutation,
            subscription=Subscription,
            types=[Refused],
            config=CONFIG,
        )
        bind(self._schema)
        guard(self._schema)
        self._documents = documents
        self._rates = rates

    async def execute(  # noqa: PLR0917 - Strawberry's
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """Runs one operation, once it is known that its caller may ask for it.

        Raises MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError.
        """
        cost, data = None, None
        try:
            text = self._documents.known.resolve(query or "", operation_extensions)
            if not text:
                raise MissingQueryError
            prepared = self._documents.prepare(text, self._schema)
            cost = {"cost": {"value": prepared.cost, "limit": COST_MAX}}
            operation = _chosen(prepared, operation_name, allowed_operation_types)
            errors: Sequence[GraphQLError] = self._refusals(prepared, context_value)
            if not errors:
                await self._admit(operation, variable_values or {}, context_value)
                executor = Executor.build(
                    self._schema,
                    prepared.document,
                    root_value,
                    context_value,
                    variable_values,
                    operation.name,
                    is_awaitable=_is_awaitable,
                )
                data, errors = await _run(executor)
        except (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError):
            raise
        except GraphQLError as error:
            errors = [error]
        except Exception as error:
            errors = [GraphQLError(str(error), original_error=error)]
        if not errors:
            return ExecutionResult(data, None, cost)
        return ExecutionResult(data, [_public(error) for error in errors], cost)

    def _refusals(self, prepared: Prepared, context: Context | None) -> list[GraphQLError]:
        # Without a context nobody is asking: tools run the schema that way.
        if context is None or not prepared.introspects:
            return list(prepared.errors)
        return self._documents.errors_for(prepared, context.caller.role)

    async def _admit(
        self, operation: Operation, variables: dict[str, Any], context: Context | None
    ) -> None:
        if context is None:
            return
        refuse_reading(context.caller, operation.asked)
        if self._rates is not None:
            await self._rates.take(context, charges_of(operation.asked, variables))

    def execute_sync(self, *_: Any, **__: Any) -> ExecutionResult:
        """Never: resolvers ask services. Raises RuntimeError."""
        raise RuntimeError("operations of the gateway are asynchronous: await execute")

    async def stream(self, *_: Any, **__: Any) -> Any:
        """Never: nothing here would count them. Raises RuntimeError."""
        raise RuntimeError("what answers more than once is run by Streams")

    def process_errors(
        self,
        errors: list[GraphQLError],
        execution_context: ExecutionContext | None = None,  # noqa: ARG002
    ) -> None:
        """Replaces each error by what a client may see; logs those that are ours."""
        errors[:] = [_public(error) for error in errors]


def _chosen(
    prepared: Prepared, name: str | None, allowed: Iterable[OperationType] | None
) -> Operation:
    operation = prepared.operation(name)
    if operation is None:
        raise CannotGetOperationTypeError(name)
    kind = OperationType(operation.kind.value)
    if allowed is not None and kind not in allowed:
        raise InvalidOperationTypeError(kind)
    return operation


async def _run(executor: Executor[Context] | list[GraphQLError]) -> tuple[Any, list[GraphQLError]]:
    """(data, errors)."""
    if isinstance(executor, list):
        return None, executor
    found: Any = executor.execute_operation()
    result = found if isinstance(found, GraphQLResult) else await found
    return result.data, result.errors or []


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
    """The schema; by default it lets everybody read itself, and counts nothing."""
    return GatewaySchema(documents or Documents(AutomaticQueries(), open_schema=True), rates)


def to_sdl() -> str:
    """The schema as text."""
    return make_schema().as_str() + "\n"


if __name__ == "__main__":
    SCHEMA_FILE.write_text(to_sdl())
