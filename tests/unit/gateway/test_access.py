"""Every field has a rule, and the build fails without."""

import pytest
from dangol_service_kit.auth import Role
from gateway_service import access
from gateway_service.schema import make_schema
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    get_named_type,
    is_leaf_type,
    is_non_null_type,
)

SCHEMA = make_schema()._schema


def test_every_field_has_a_rule_with_somebody_in_it() -> None:
    """By the schema, not by a list of this test."""
    for kind in access.object_types(SCHEMA):
        for name in kind.fields:
            assert access.roles_of(SCHEMA, kind, name), f"{kind.name}.{name}"


def test_an_unlisted_field_fails_the_build() -> None:
    """A new operation and a new type alike."""
    listed = GraphQLField(GraphQLString)
    query = GraphQLObjectType("Query", {"me": listed, "salaries": listed})
    with pytest.raises(ValueError, match=r"Query\.salaries"):
        access.guard(GraphQLSchema(query))
    salary = GraphQLObjectType("Salary", {"amount": listed})
    query = GraphQLObjectType("Query", {"me": GraphQLField(salary)})
    with pytest.raises(ValueError, match=r"Salary\.amount"):
        access.guard(GraphQLSchema(query))


def test_a_rule_for_nothing_fails_the_build() -> None:
    """Else a renamed field would leave its old rule behind, and seem to be kept."""
    query = GraphQLObjectType("Query", {"me": GraphQLField(GraphQLString)})
    with pytest.raises(ValueError, match="does not have"):
        access.guard(GraphQLSchema(query))


def test_nobody_without_a_tenant_asks_for_anything_but_themselves() -> None:
    """Operators make tenants; what is inside is not theirs."""
    allowed = [
        f"{kind.name}.{name}"
        for kind in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type)
        if kind is not None
        for name in kind.fields
        if Role.OPERATOR in access.roles_of(SCHEMA, kind, name)
    ]
    assert allowed == ["Query.me"]


def test_a_visitor_writes_what_it_does_and_learns_of_no_customer() -> None:
    """A link's holder looks at an offer or a gift; a visitor of a page is tracked."""
    assert SCHEMA.query_type is not None
    assert SCHEMA.mutation_type is not None
    may = {
        name
        for name in SCHEMA.query_type.fields
        if Role.VISITOR in access.roles_of(SCHEMA, SCHEMA.query_type, name)
    }
    assert may == {"me", "offers", "offer", "gift", "pointsGift", "surveyFor", "node", "nodes"}
    writes = {
        name
        for name in SCHEMA.mutation_type.fields
        if Role.VISITOR in access.roles_of(SCHEMA, SCHEMA.mutation_type, name)
    }
    assert writes == {"track", "identify", "answerSurvey"}


def test_only_what_may_be_null_is_silently_refused() -> None:
    """A field that cannot be null would take the page with it."""
    for name in access.SILENT:
        kind = SCHEMA.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        required = [field for field in kind.fields.values() if is_non_null_type(field.type)]
        assert all(is_leaf_type(get_named_type(field.type)) for field in required)
