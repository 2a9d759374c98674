"""Queries made ready: found by their hash, parsed, measured and validated once for each text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from dangol_service_kit.auth import Role
from dangol_service_kit.query_codes import QueryCode
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
)
from strawberry.schema.schema import validate_document

from gateway_service import limits
from gateway_service.rates import Asked, asked_by
from gateway_service.refusals import refusal

_CACHE_MAX = 500
# Customers and visitors use what others built; the schema is a map for those who build.
_BUILDERS = frozenset(Role) - {Role.CUSTOMER, Role.VISITOR}


class Operation(NamedTuple):
    """One of a document's. name: None where it has none."""

    name: str | None
    kind: OperationType
    asked: tuple[Asked, ...]


class Prepared(NamedTuple):
    """A document with its errors; cost is that of its dearest operation."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]
    cost: int
    introspects: bool
    operations: tuple[Operation, ...]

    def operation(self, name: str | None) -> Operation | None:
        """The one of that name; the first where none is named. None where there is none."""
        found = (one for one in self.operations if name is None or one.name == name)
        return next(found, None)


class KnownQueries(Protocol):
    """AutomaticQueries, or ListedQueries."""

    def resolve(self, text: str, extensions: Mapping[str, Any] | None) -> str:
        """The text to run. Raises GraphQLError."""
        ...


class Documents:
    """What was prepared, shared by all requests. open_schema: everybody may introspect."""

    def __init__(self, known: KnownQueries, *, open_schema: bool) -> None:
        self.known = known
        self.open_schema = open_schema
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()

    def prepare(self, query: str, schema: GraphQLSchema) -> Prepared:
        """The document, from what was prepared or prepared now.

        Raises GraphQLError for what cannot be parsed, or is too long to be.
        """
        prepared = self._prepared.get(query)
        if prepared is None:
            prepared = self._prepared[query] = self._make(query, schema)
            if len(self._prepared) > _CACHE_MAX:
                self._prepared.popitem(last=False)
        self._prepared.move_to_end(query)
        return prepared

    def _make(self, query: str, schema: GraphQLSchema) -> Prepared:
        if len(query) > limits.QUERY_BYTES_MAX:
            message = f"the query is longer than {limits.QUERY_BYTES_MAX} characters"
            raise refusal(QueryCode.TOO_COMPLEX, message)
        document = parse(query, max_tokens=limits.TOKENS_MAX)
        measures = limits.measure(document)
        errors = limits.check(measures) or validate_document(schema, document, specified_rules)
        return Prepared(
            document,
            tuple(errors),
            cost=max([found.cost for _, found in measures], default=0),
            introspects=any(found.introspects for _, found in measures),
            operations=tuple(
                Operation(
                    one.name.value if one.name else None, one.operation, asked_by(one, document)
                )
                for one in document.definitions
                if isinstance(one, OperationDefinitionNode)
            ),
        )

    def errors_for(self, prepared: Prepared, role: Role) -> list[GraphQLError]:
        """Why a caller's document is not run; empty when it is."""
        errors = list(prepared.errors)
        if prepared.introspects and not (self.open_schema or role in _BUILDERS):
            errors.append(refusal(QueryCode.INTROSPECTION))
        return errors
