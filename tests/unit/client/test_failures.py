"""Errors by kind, tokens that are replaced in time, and when a call is sent again."""

import base64
import json
import time
from typing import Any

import grpc
import pytest
from dangol.offers.v1 import delivery_service_pb2 as pb
from dangol_client import DangolError, Timing, UnauthenticatedError, UnavailableError, call, flows
from dangol_client.errors import FaultError, typed
from dangol_client.sending import Following, Sending
from dangol_client.tokens import AsyncTokens, BlockingTokens, renew_at
from dangol_service_kit.errors import STATUS_KEY, Code, RpcFailure, to_status

READ = flows.wallet("customer")
HASTY = Timing(deadline_seconds=30)


def _error(code: Code, **facts: Any) -> grpc.aio.AioRpcError:
    """As it comes over the wire."""
    details = to_status(RpcFailure(code, "no", **facts)).SerializeToString()
    trailing = grpc.aio.Metadata((STATUS_KEY, details))
    return grpc.aio.AioRpcError(code.status, grpc.aio.Metadata(), trailing, details="no")


def _jwt(**claims: Any) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.c2ln"


def _never() -> bool:
    raise AssertionError("the token was not refused")


def test_every_code_has_a_class_and_those_of_one_status_share_it() -> None:
    """A fault of ours is one that nothing else fits."""
    kinds = {code: type(typed(RpcFailure(code, "no"))) for code in Code}
    assert DangolError not in kinds.values()
    by_status = {(code.status, kind) for code, kind in kinds.items()}
    assert len({code.status for code in Code}) == len(by_status)
    faults = {code for code, kind in kinds.items() if kind is FaultError}
    assert {Code.INTERNAL, Code.UNIMPLEMENTED} == faults


def test_an_error_tells_code_field_and_fix() -> None:
    """The fix is the field's where there is one, else the message."""
    failure = RpcFailure(Code.FIELD_INVALID, "no", violations=[("cart.lines", "send a line")])
    error = typed(failure, "id")
    assert (Code.FIELD_INVALID, "cart.lines", "send a line", "id") == (
        *(error.code, error.field, error.fix),
        error.request_id,
    )
    plain = typed(RpcFailure(Code.TOO_MANY_REQUESTS, "slower", retry_after_ms=1_500))
    assert (None, "slower", 1.5) == (plain.field, plain.fix, plain.retry_after_seconds)


def test_only_what_may_be_sent_twice_is_sent_again() -> None:
    """Unless it is refused for good."""
    sending = Sending(READ, HASTY)
    assert 0 < sending.pause_after(_error(Code.UNAVAILABLE), _never)
    assert 0 < sending.pause_after(_error(Code.DEADLINE_EXCEEDED), _never)
    with pytest.raises(DangolError, match="FIELD_INVALID"):
        sending.pause_after(_error(Code.FIELD_INVALID), _never)
    once = Sending(call(READ.method, READ.request, READ.answer, repeatable=False), HASTY)
    with pytest.raises(UnavailableError):
        once.pause_after(_error(Code.UNAVAILABLE), _never)


def test_a_service_that_names_a_time_is_asked_no_sooner() -> None:
    """And not at all if the deadline comes first."""
    patient = Sending(READ, Timing(deadline_seconds=100))
    error = _error(Code.TOO_MANY_REQUESTS, retry_after_ms=20_000)
    assert 20.0 == patient.pause_after(error, _never)
    with pytest.raises(DangolError) as raised:
        Sending(READ, Timing(deadline_seconds=10)).pause_after(error, _never)
    assert 20.0 == raised.value.retry_after_seconds


def test_a_refused_token_is_replaced_once_and_at_once() -> None:
    """Also of a call that may not be repeated; where no other can be had, the refusal stands."""
    once = call(READ.method, READ.request, READ.answer, repeatable=False)
    sending, refused = Sending(once, HASTY), _error(Code.TOKEN_EXPIRED)
    assert 0.0 == sending.pause_after(refused, lambda: True)
    with pytest.raises(UnauthenticatedError):
        sending.pause_after(refused, lambda: True)
    with pytest.raises(UnauthenticatedError):
        Sending(once, HASTY).pause_after(refused, lambda: False)


def test_an_attempt_takes_no_longer_than_the_call_has_left() -> None:
    """5 s of 15 s, and the whole of 2 s."""
    assert 5.0 == Sending(READ, Timing()).timeout_seconds()
    assert 1.9 < Sending(READ, Timing(deadline_seconds=2)).timeout_seconds() <= 2.0


def test_a_stream_goes_on_after_its_last_message_and_patience_begins_anew() -> None:
    """A break costs patience only while nothing comes."""
    with pytest.raises(UnavailableError):
        Following(pb.WatchRequest(), 0.01).pause_after(_error(Code.UNAVAILABLE), _never)
    following = Following(pb.WatchRequest(), patience_seconds=30)
    following.advance(pb.WatchResponse(resume_token="t"))
    assert "t" == following.open().resume_token
    assert 0 < following.pause_after(None, _never)


def test_a_token_is_replaced_before_its_end() -> None:
    """Thirty seconds, or half of a short life; what says nothing is kept."""
    assert 970.0 == renew_at(_jwt(exp=1_000, iat=0))
    assert 1_005.0 == renew_at(_jwt(exp=1_010, iat=1_000))
    assert 970.0 == renew_at(_jwt(exp=1_000))
    assert [float("inf")] * 3 == [renew_at(text) for text in ("opaque", "a.b.c", _jwt(sub="x"))]


async def test_a_provider_is_asked_when_a_token_runs_out_or_is_refused() -> None:
    """And not for every call; both forms alike."""
    good, old = _jwt(exp=time.time() + 3_600), _jwt(exp=time.time() + 1)
    given = [old, good, good + "2"]

    async def fetch() -> str:
        return given.pop(0)

    tokens = AsyncTokens(fetch)
    assert [old, good, good] == [await tokens.get() for _ in range(3)]
    assert tokens.drop(old)
    assert good == await tokens.get()
    assert tokens.drop(good)
    assert good + "2" == await tokens.get()
    given = [old, good, good + "2"]
    blocking = BlockingTokens(lambda: given.pop(0))
    assert [old, good, good] == [blocking.get() for _ in range(3)]
    assert blocking.drop(good)
    assert good + "2" == blocking.get()


async def test_a_text_cannot_be_replaced() -> None:
    """It is sent as it is."""
    tokens, blocking = AsyncTokens("text"), BlockingTokens("text")
    assert ["text", "text"] == [await tokens.get(), blocking.get()]
    assert not tokens.drop("text")
    assert not blocking.drop("text")
