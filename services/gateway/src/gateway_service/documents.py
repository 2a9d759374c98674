"""Queries made ready: found by their hash, parsed, measured and validated once for each text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from dangol_service_kit.auth import Role
from dangol_service_kit.query_codes import QueryCode
from graphql import DocumentNode, GraphQLError, GraphQLSyntaxError, parse
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
        self.prepared: OrderedDict[str, Prepared] = OrderedDict()


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
        query = self.execution_context.query or ""
        prepared = self._documents.prepared
        self._prepared = prepared.get(query) or self._prepare(query)
        if self._prepared is not None:
            prepared.move_to_end(query)
            self.execution_context.graphql_document = self._prepared.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Hands over what validating the document found."""
        if self._prepared is not None:
            errors = list(self._prepared.errors)
            if self._prepared.introspects and not self._may_introspect():
                errors.append(refusal(QueryCode.INTROSPECTION))
            self.execution_context.pre_execution_errors = errors
        yield

    def get_results(self) -> dict[str, Any]:
        """What the query costs, beside what one may."""
        if self._prepared is None:
            return {}
        return {"cost": {"value": self._prepared.cost, "limit": limits.COST_MAX}}

    def _may_introspect(self) -> bool:
        if self._documents.open_schema:
            return True
        return self.execution_context.context.caller.role in _BUILDERS

    def _prepare(self, query: str) -> Prepared | None:
        if len(query) > limits.QUERY_BYTES_MAX:
            message = f"the query is longer than {limits.QUERY_BYTES_MAX} characters"
            raise refusal(QueryCode.TOO_COMPLEX, message)
        try:
            document = parse(query, max_tokens=limits.TOKENS_MAX)
        except GraphQLSyntaxError:
            # Strawberry parses it again, fails alike, and answers the error.
            return None
        measures = limits.measure(document)
        context = self.execution_context
        errors = limits.check(measures) or validate_document(
            context.schema._schema, document, context.validation_rules
        )
        cost = max([found.cost for _, found in measures], default=0)
        introspects = any(found.introspects for _, found in measures)
        prepared = Prepared(document, tuple(errors), cost, introspects)
        kept = self._documents.prepared
        kept[query] = prepared
        if len(kept) > _CACHE_MAX:
            kept.popitem(last=False)
        return prepared
