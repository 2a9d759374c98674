"""What an operation is charged for: fields and items, whatever it is called."""

from typing import Any

import pytest
from gateway_service.app import retry_after_seconds
from gateway_service.documents import Documents
from gateway_service.persisted import AutomaticQueries
from gateway_service.rates import charges_of
from gateway_service.schema import make_schema

SCHEMA = make_schema()._schema


def _charges(text: str, variables: dict[str, Any], name: str | None = None) -> dict[str, int]:
    """Of an operation as it is prepared, whether or not it is valid."""
    prepared = Documents(AutomaticQueries(), open_schema=True).prepare(text, SCHEMA)
    operation = prepared.operation(name)
    assert operation is not None
    return charges_of(operation.asked, variables)


@pytest.mark.parametrize(
    ("text", "variables", "expected"),
    [
        ("{ me { role } }", {}, {"query.me": 1}),
        ("query Other { me { role } }", {}, {"query.me": 1}),
        ("{ a: me { role } b: me { role } offers { id } }", {}, {"query.me": 2, "query.offers": 1}),
        ("{ __typename __schema { types { name } } }", {}, {}),
        ("mutation { track(input: {events: [{}, {}, {}]}) { a } }", {}, {"mutation.track": 3}),
        (
            "mutation($i: I!) { track(input: $i) { a } }",
            {"i": {"events": [{}] * 20}},
            {"mutation.track": 20},
        ),
        (
            "mutation($e: [E!]!) { track(input: {events: $e}) { a } }",
            {"e": [{}] * 7},
            {"mutation.track": 7},
        ),
        ("mutation($e: E) { track(input: {events: [$e]}) { a } }", {}, {"mutation.track": 1}),
        (
            "{ ...A ...A ... on Query { me { role } } } fragment A on Query { me { role } ...A }",
            {},
            {"query.me": 2},
        ),
    ],
)
def test_fields_are_charged_by_items(
    text: str, variables: dict[str, Any], expected: dict[str, int]
) -> None:
    """Through aliases, fragments, variables and literals alike."""
    assert expected == _charges(text, variables)


def test_of_several_operations_the_one_that_runs_is_charged() -> None:
    """By its name."""
    text = "query A { me { role } } query B { offers { id } }"
    assert {"query.offers": 1} == _charges(text, {}, "B")
    assert {"query.me": 1} == _charges(text, {}, "A")


def test_fragments_within_fragments_take_no_exponential_time() -> None:
    """Each is looked at once."""
    chain = [f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60)]
    text = "{ ...F0 } " + " ".join(chain) + " fragment F60 on Query { me { role } }"
    assert {"query.me": 1} == _charges(text, {})


def test_only_what_was_not_run_at_all_is_told_when_to_come_back() -> None:
    """A part of an answer that failed says so in its own error."""
    error: Any = {
        "message": "m",
        "extensions": {"code": "TOO_MANY_REQUESTS", "retryAfterSeconds": 3},
    }
    assert 3 == retry_after_seconds({"data": None, "errors": [error]})
    assert None is retry_after_seconds({"data": {}, "errors": [error | {"path": ["me"]}]})
    assert None is retry_after_seconds({"data": {}})
