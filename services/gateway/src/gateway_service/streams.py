"""Operations that answer more than once, whatever carries them: WebSocket or server-sent events.

Each event is executed once for all who ask alike, where what they ask for depends on nothing but
the event and their role.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.query_codes import QueryCode
from graphql import (
    DocumentNode,
    ExecutionResult,
    Executor,
    FieldNode,
    GraphQLError,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    create_source_event_stream,
    execute_subscription_event,
    get_operation_ast,
    visit,
)

from gateway_service.context import Context
from gateway_service.documents import Documents, Prepared
from gateway_service.feeds import Shared
from gateway_service.rates import Rates, charges_of
from gateway_service.refusals import refusal
from gateway_service.schema import GatewaySchema

STREAMS_MAX = 10_000
STREAMS_PER_CALLER_MAX = 500
_LOOK_SECONDS = 1.0
# Whoever takes nothing for this long is gone, whatever the connection says.
SEND_SECONDS_MAX = 30.0
_CACHED_PLAIN_MAX = 500


class Asked(NamedTuple):
    """An operation as a client sent it."""

    query: str
    variables: Mapping[str, Any] | None = None
    operation_name: str | None = None
    extensions: Mapping[str, Any] | None = None


class Answer(NamedTuple):
    """json: an execution result; or, when `refused`, the errors for which nothing (more) is run."""

    json: str
    refused: bool = False
    cursor: str = ""


@dataclass(slots=True, eq=False)
class OpenStream:
    """One operation that is being answered. sending_since: on the loop's clock, while an answer is
    on its way; failure: why it is ended from outside."""

    context: Context
    abort: Any
    task: asyncio.Task[Any]
    sending_since: float | None = None
    failure: RpcFailure | None = None
    told: bool = False


@dataclass
class Streams:
    """Counts what is open, ends what may not go on, and runs operations."""

    schema: GatewaySchema
    documents: Documents
    rates: Rates | None = None
    leaving: bool = False
    _open: set[OpenStream] = field(default_factory=set)
    _counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _plain: dict[str, bool] = field(default_factory=dict)
    _watch: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many are open."""
        return len(self._open)

    @contextmanager
    def opened(self, context: Context, abort: Any) -> Iterator[OpenStream]:
        """Registers the present task. Raises RpcFailure TOO_MANY_REQUESTS, UNAVAILABLE."""
        caller = context.caller
        who = (caller.tenant_id, str(caller.role), caller.subject)
        if self.leaving:
            raise _replica_ends()
        if self.count >= STREAMS_MAX or self._counts[who] >= STREAMS_PER_CALLER_MAX:
            message = f"at most {STREAMS_PER_CALLER_MAX} at once for one caller: end some first"
            raise RpcFailure(Code.TOO_MANY_REQUESTS, message, retry_after_ms=1_000)
        task = asyncio.current_task()
        assert task is not None
        stream = OpenStream(context, abort, task)
        self._open.add(stream)
        self._counts[who] += 1
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look_after())
        try:
            yield stream
        finally:
            self._open.discard(stream)
            self._counts[who] -= 1
            if not self._counts[who]:
                del self._counts[who]

    def leave(self) -> None:
        """The process ends: every stream ends in a way after which clients connect again."""
        self.leaving = True
        for stream in list(self._open):
            self._end(stream, _replica_ends())

    async def _look_after(self) -> None:
        """Ends streams whose token ran out, and those that take nothing."""
        loop = asyncio.get_running_loop()
        while self._open:
            await asyncio.sleep(_LOOK_SECONDS)
            now = loop.time()
            for stream in list(self._open):
                since = stream.sending_since
                if since is not None and now - since > SEND_SECONDS_MAX:
                    stream.abort()
                    continue
                try:
                    _ = stream.context.caller
                except RpcFailure as failure:
                    self._end(stream, failure)

    def _end(self, stream: OpenStream, failure: RpcFailure) -> None:
        if stream.failure is None:
            stream.failure = failure
            stream.task.cancel()

    async def run(self, context: Context, asked: Asked) -> AsyncGenerator[Answer, None]:
        """The answers to an operation, one after another."""
        try:
            text = self.documents.known.resolve(asked.query, asked.extensions)
            prepared = self._prepared(text, context)
            kind = _kind_of(prepared.document, asked.operation_name)
        except GraphQLError as error:
            yield self.refused(error)
            return
        if kind is not OperationType.SUBSCRIPTION:
            result = await self.schema.execute(
                text, dict(asked.variables or {}), context, operation_name=asked.operation_name
            )
            yield Answer(_encode(result.data, result.errors))
            return
        try:
            operation = prepared.operation(asked.operation_name)
            if self.rates is not None and operation is not None:
                await self.rates.take(context, charges_of(operation.asked, asked.variables or {}))
            found = self._subscribed(text, prepared.document, context, asked)
            async with aclosing(found) as answers:
                async for answer in answers:
                    yield answer
        except Exception as error:
            yield self.refused(error)

    def refused(self, *errors: Exception) -> Answer:
        """The answer that says why there is none, as far as clients may know."""
        located = [
            error if isinstance(error, GraphQLError) else GraphQLError("", original_error=error)
            for error in errors
        ]
        self.schema.process_errors(located)
        return Answer(orjson.dumps([one.formatted for one in located]).decode(), refused=True)

    def _prepared(self, text: str, context: Context) -> Prepared:
        prepared = self.documents.prepare(text, self.schema._schema)
        errors = self.documents.errors_for(prepared, context.caller.role)
        if errors:
            raise errors[0]
        return prepared

    async def _subscribed(
        self, text: str, document: DocumentNode, context: Context, asked: Asked
    ) -> AsyncGenerator[Answer, None]:
        variables = dict(asked.variables or {})
        executor = Executor.build(
            self.schema._schema,
            document,
            context_value=context,
            raw_variable_values=variables,
            operation_name=asked.operation_name,
        )
        if isinstance(executor, list):
            yield self.refused(*executor)
            return
        source: Any = create_source_event_stream(executor)
        events = await source if executor.is_awaitable(source) else source
        if isinstance(events, ExecutionResult):
            yield self.refused(*(events.errors or ()))
            return
        question = None
        if self._is_plain(text, document):
            told = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
            question = (text, asked.operation_name, told, context.caller.role)
        async with aclosing(events):
            async for event in events:
                shared: Shared = event.shared
                known = shared.answers.get(question) if question else None
                if known is None:
                    known = await self._execute(executor, event)
                    if question:
                        shared.answers[question] = known
                yield Answer(known, cursor=shared.cursor)

    async def _execute(self, executor: Executor[Context], event: object) -> str:
        once = executor.build_per_event_executor(event)
        # graphql-core 3.3 has all events share what it remembers of selections, by the identity of
        # lists that it makes anew for each: it would grow for as long as somebody subscribes.
        once._relevant_sub_fields = {}
        found = execute_subscription_event(once)
        result = found if isinstance(found, ExecutionResult) else await found
        if result.errors:
            self.schema.process_errors(result.errors)
        return _encode(result.data, result.errors)

    def _is_plain(self, text: str, document: DocumentNode) -> bool:
        known = self._plain.get(text)
        if known is None:
            if len(self._plain) >= _CACHED_PLAIN_MAX:
                self._plain.clear()
            known = self._plain[text] = is_plain(self.schema, document)
        return known


def is_plain(schema: GatewaySchema, document: DocumentNode) -> bool:
    """Whether every field below the subscription's own is a value that the event holds."""
    types = TypeInfo(schema._schema)
    finder = _ResolverFinder(types)
    visit(document, TypeInfoVisitor(types, finder))
    return not finder.found


class _ResolverFinder(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self.found = False

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Looks at one field."""
        parent, definition = self._types.get_parent_type(), self._types.get_field_def()
        if node.name.value == "__typename" or definition is None or parent is None:
            return
        if definition.subscribe is None:
            known = definition.extensions.get("strawberry-definition")
            self.found = self.found or known is None or known.base_resolver is not None


def _kind_of(document: DocumentNode, operation_name: str | None) -> OperationType:
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        message = "name one of the document's operations in operationName"
        raise refusal(QueryCode.INVALID, message)
    return operation.operation


def _encode(data: Any, errors: Any) -> str:
    answer: dict[str, Any] = {"data": data}
    if errors:
        answer["errors"] = [error.formatted for error in errors]
    return orjson.dumps(answer).decode()


def _replica_ends() -> RpcFailure:
    message = "this replica ends: connect again, with the last resume token"
    return RpcFailure(Code.UNAVAILABLE, message, retry_after_ms=100)
