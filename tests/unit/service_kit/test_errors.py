"""Typed errors and their way through google.rpc.Status."""

import grpc
import pytest
from dangol_service_kit.errors import Code, RpcFailure, from_status, to_status
from google.rpc import status_pb2


def test_code_values_are_their_names() -> None:
    """Clients see the name, so value and name cannot drift apart."""
    assert [code.name for code in Code] == [code.value for code in Code]


@pytest.mark.parametrize("code", list(Code))
def test_every_code_survives_the_wire(code: Code) -> None:
    """What a service raises is what its client gets."""
    failure = from_status(to_status(RpcFailure(code, "why")), code.status)
    assert (code, "why") == (failure.code, failure.message)


def test_details_survive_the_wire() -> None:
    """Fields, advice on waiting and further facts arrive as they were sent."""
    sent = RpcFailure(
        Code.RULE_INVALID,
        "the rule ends too early",
        violations=[("segment.rule", "ends too early"), ("segment.display_names", "too many")],
        retry_after_ms=1500,
        metadata={"line": "1", "column": "7"},
    )
    received = from_status(to_status(sent), sent.code.status)
    assert (received.field, received.retry_after_ms) == ("segment.rule", 1500)
    assert sent.violations == received.violations
    assert sent.metadata == received.metadata


def test_a_single_field_is_a_violation() -> None:
    """Naming one field is the short form of one violation."""
    failure = RpcFailure(Code.TIME_AHEAD, "more than 24 hours ahead", field="occurred_at")
    assert failure.violations == (("occurred_at", "more than 24 hours ahead"),)


def test_details_are_bounded() -> None:
    """A thousand violations still fit into trailing metadata."""
    many = [(f"events[{number}].type", "x" * 1000) for number in range(1000)]
    status = to_status(RpcFailure(Code.FIELD_INVALID, "bad", violations=many))
    assert status.ByteSize() < 8192


def test_unknown_reasons_go_by_the_status() -> None:
    """A newer service's code is still understood by its gRPC status."""
    failure = from_status(status_pb2.Status(message="busy"), grpc.StatusCode.UNAVAILABLE)
    assert (failure.code, failure.message) == (Code.UNAVAILABLE, "busy")
