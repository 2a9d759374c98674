"""The schema as a contract with frontends."""

import re

import pytest
from dangol_service_kit.errors import Code, RpcFailure
from gateway_service.schema import SCHEMA_FILE, make_schema, to_sdl
from graphql import GraphQLError, GraphQLInterfaceType, GraphQLObjectType

SCHEMA = make_schema()._schema
OWN_TYPES = [
    kind
    for name, kind in SCHEMA.type_map.items()
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
]


async def test_nothing_is_run_that_nobody_counts() -> None:
    """Strawberry's other ways to run an operation know neither rates nor visitors' limits."""
    schema = make_schema()
    with pytest.raises(RuntimeError, match="run by Streams"):
        await schema.subscribe("subscription { myCoupons { __typename } }")
    with pytest.raises(RuntimeError, match="await execute"):
        schema.execute_sync("{ __typename }")


def test_the_committed_schema_is_current() -> None:
    """Regenerate it with: python -m gateway_service.schema."""
    assert to_sdl() == SCHEMA_FILE.read_text()


def test_everything_is_described() -> None:
    """Each type and field says what it is."""
    silent = [kind.name for kind in OWN_TYPES if not kind.description]
    silent += [
        f"{kind.name}.{name}"
        for kind in OWN_TYPES
        for name, field in kind.fields.items()
        if not field.description
    ]
    assert silent == []


def test_no_shape_of_protobuf_leaks() -> None:
    """No unspecified enum values, no page tokens, no snake case."""
    text = SCHEMA_FILE.read_text()
    assert not re.search(r"UNSPECIFIED|pageToken|pageSize|_pb|^\s+[a-z]+_[a-z]", text, re.MULTILINE)


def test_every_write_carries_a_request_id() -> None:
    """Except track, whose events have ids, and the clock, which may be set twice."""
    assert SCHEMA.mutation_type is not None
    without = []
    for name, field in SCHEMA.mutation_type.fields.items():
        kind = field.args["input"].type.of_type
        if "requestId" not in kind.fields:
            without.append(name)
    assert without == ["track", "advanceClock"]


def test_every_refusal_has_a_stable_code() -> None:
    """The refusing member of each mutation's union implements Refused."""
    assert SCHEMA.mutation_type is not None
    for field in SCHEMA.mutation_type.fields.values():
        members = field.type.of_type.types
        assert [interface.name for member in members for interface in member.interfaces] == [
            "Refused"
        ]


def _public(cause: Exception) -> GraphQLError:
    errors = [GraphQLError("inner text", path=["customer", 0], original_error=cause)]
    make_schema().process_errors(errors)
    return errors[0]


def test_failures_of_services_keep_code_and_field() -> None:
    """What a service refused arrives with its code, field and advice."""
    failure = RpcFailure(
        Code.FIELD_INVALID, "ask for 1 to 100 items", field="first", retry_after_ms=50
    )
    error = _public(failure)
    assert error.message == "ask for 1 to 100 items"
    assert error.extensions == {
        "code": "FIELD_INVALID",
        "field": "first",
        "retryAfterMs": 50,
        "retryAfterSeconds": 1,
    }
    assert error.path == ["customer", 0]


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("INTERNAL", KeyError("kim@example.test")),
        ("INTERNAL", RpcFailure(Code.INTERNAL, "10.0.0.1 says secret")),
        ("UNAVAILABLE", RpcFailure(Code.UNAVAILABLE, "connect 10.0.0.1 refused")),
        ("UNAVAILABLE", ConnectionResetError("10.0.0.1")),
    ],
)
def test_the_inside_stays_inside(code: str, cause: Exception) -> None:
    """Unexpected errors and addresses are replaced by what their code means."""
    error = _public(cause)
    assert (error.extensions or {})["code"] == code
    assert error.message == Code[code].meaning
