"""Queries made ready: found by their hash, parsed, measured and validated once for each text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from dangol_service_kit.auth import Role
from dangol_service_kit.query_codes import QueryCode
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    parse,
    specified_rules,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.schema import validate_document

from gateway_service import limits
from gateway_service.refusals import refusal

_CACHE_MAX = 500
# Customers and visitors use what others built; the schema is a map for those who build.
_BUILDERS = frozenset(Role) - {Role.CUSTOMER, Role.VISITOR}


class Prepared(NamedTuple):
    """A document with its errors; cost is that of its dearest operation."""

    document: DocumentNode
    errors: tuple[GraphQLError, ...]
    cost: int
    introspects: bool


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

    def prepare(self, query: str, schema: GraphQLSchema) -> Prepared | None:
        """The document, from what was prepared or prepared now; None for what cannot be parsed.

        Raises GraphQLError for what is too long to be parsed.
        """
        prepared = self._prepared.get(query)
        if prepared is None:
            prepared = self._make(query, schema)
            if prepared is None:
                return None
            self._prepared[query] = prepared
            if len(self._prepared) > _CACHE_MAX:
                self._prepared.popitem(last=False)
        self._prepared.move_to_end(query)
        return prepared

    def _make(self, query: str, schema: GraphQLSchema) -> Prepared | None:
        if len(query) > limits.QUERY_BYTES_MAX:
            message = f"the query is longer than {limits.QUERY_BYTES_MAX} characters"
            raise refusal(QueryCode.TOO_COMPLEX, message)
        try:
            document = parse(query, max_tokens=limits.TOKENS_MAX)
        except GraphQLSyntaxError:
            # Whoever runs it parses it again, fails alike, and answers the error.
            return None
        measures = limits.measure(document)
        errors = limits.check(measures) or validate_document(schema, document, specified_rules)
        return Prepared(
            document,
            tuple(errors),
            cost=max([found.cost for _, found in measures], default=0),
            introspects=any(found.introspects for _, found in measures),
        )

    def errors_for(self, prepared: Prepared, role: Role) -> list[GraphQLError]:
        """Why a caller's document is not run; empty when it is."""
        errors = list(prepared.errors)
        if prepared.introspects and not (self.open_schema or role in _BUILDERS):
            errors.append(refusal(QueryCode.INTROSPECTION))
        return errors


class PreparedDocuments(SchemaExtension):
    """One request's way through the documents."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._prepared: Prepared | None = None

    def on_operation(self) -> Iterator[None]:
        """Finds the text, and bounds the parser for texts that are seen for the first time."""
        context = self.execution_context
        context.query = self._documents.known.resolve(
            context.query or "", context.operation_extensions
        )
        context.parse_options["max_tokens"] = limits.TOKENS_MAX
        yield

    def on_parse(self) -> Iterator[None]:
        """Takes the document from what was prepared, or prepares it."""
        context = self.execution_context
        self._prepared = self._documents.prepare(context.query or "", context.schema._schema)
        if self._prepared is not None:
            context.graphql_document = self._prepared.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Hands over what validating the document found."""
        if self._prepared is not None:
            context = self.execution_context
            role = context.context.caller.role if self._prepared.introspects else Role.SERVICE
            context.pre_execution_errors = self._documents.errors_for(self._prepared, role)
        yield

    def get_results(self) -> dict[str, Any]:
        """What the query costs, beside what one may."""
        if self._prepared is None:
            return {}
        return {"cost": {"value": self._prepared.cost, "limit": limits.COST_MAX}}
