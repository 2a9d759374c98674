"""The client for programs without an event loop. One for the whole process; threads share it."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, Self

import grpc
from dangol.offers.v1 import delivery_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure

from dangol_client import flows
from dangol_client.calls import Answer, Call
from dangol_client.connections import Addresses, Channels, Timing, Tls, blocking_channel
from dangol_client.errors import typed
from dangol_client.sending import PATIENCE_SECONDS, WATCH, Following, Sending
from dangol_client.tokens import BlockingTokens, TokenProvider, metadata

P = ParamSpec("P")


def _sent(make: Callable[P, Call[Answer]]) -> Callable[Concatenate[Dangol, P], Answer]:
    @wraps(make)
    def method(self: Dangol, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        return self.send(make(*args, **kwargs))

    return method


class Dangol:
    """Calls to profile, segmentation and offers with one token; a context manager.

    token: a partner's, or a function that gets one; it is asked again before a token runs out, and
    when one is refused. tls: by default whom the system trusts; None for no encryption, on your own
    machine. Methods raise DangolError. What can be expected is not an error but the answer's
    `outcome`.
    """

    def __init__(
        self,
        addresses: Addresses,
        token: str | TokenProvider,
        *,
        tls: Tls | None = Tls(),  # noqa: B008 - it is frozen
        timing: Timing = Timing(),  # noqa: B008
    ) -> None:
        def make(target: str) -> grpc.Channel:
            return blocking_channel(target, tls)

        self._channels = Channels[grpc.Channel](addresses, make)
        self._tokens = BlockingTokens(token)
        self._timing = timing
        self._closed = threading.Event()

    track = _sent(flows.track)
    identify = _sent(flows.identify)
    customer = _sent(flows.customer)
    memberships = _sent(flows.memberships)
    wallet = _sent(flows.wallet)
    coupon = _sent(flows.coupon)
    evaluate_cart = _sent(flows.evaluate_cart)
    hold = _sent(flows.hold)
    redeem = _sent(flows.redeem)
    release = _sent(flows.release)
    reverse = _sent(flows.reverse)
    claim_code = _sent(flows.claim_code)
    offer_gift = _sent(flows.offer_gift)
    gift = _sent(flows.gift)
    claim_gift = _sent(flows.claim_gift)
    cancel_gift = _sent(flows.cancel_gift)
    acknowledge = _sent(flows.acknowledge)

    def within(self, deadline_seconds: float) -> Self:
        """The same client, whose calls have so long with all their repetitions."""
        view = copy.copy(self)
        view._timing = Timing(
            deadline_seconds=deadline_seconds, attempt_seconds=self._timing.attempt_seconds
        )
        return view

    def send(self, call: Call[Answer]) -> Answer:
        """Sends a call, again and again within the deadline where it may be repeated."""
        sending = Sending(call, self._timing)
        method = self._channels.to(call.service).unary_unary(
            f"/{call.method}", type(call.request).SerializeToString, call.answer.FromString
        )
        while True:
            token = self._tokens.get()
            try:
                answer: Answer = method(
                    call.request, timeout=sending.timeout_seconds(), metadata=metadata(token)
                )
            except grpc.RpcError as error:
                pause = sending.pause_after(error, partial(self._tokens.drop, token))
            else:
                return answer
            self._wait(pause)

    def deliveries(
        self,
        *,
        channels: Sequence[str] = (),
        contacts: bool = False,
        max_in_flight: int = 0,
        lease_seconds: int = 0,
        resume_token: str = "",
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> Iterator[pb.WatchResponse]:
        """Messages to send, as they fall due, without an end; acknowledge each.

        A stream that breaks goes on after the last message that was taken from here. The same
        message may come again: keep the ids of those that you sent. resume_token: of the last
        message that an earlier process kept. Raises UnavailableError when no service answered for
        patience_seconds.
        """
        request = pb.WatchRequest(
            channels=channels,
            contacts=contacts,
            max_in_flight=max_in_flight,
            lease_seconds=lease_seconds,
            resume_token=resume_token,
        )
        following = Following(request, patience_seconds)
        watch: Any = self._channels.to("offers").unary_stream(
            f"/{WATCH}", pb.WatchRequest.SerializeToString, pb.WatchResponse.FromString
        )
        while True:
            token = self._tokens.get()
            stream = watch(following.open(), metadata=metadata(token))
            ended: grpc.RpcError | None = None
            try:
                for watched in stream:
                    following.advance(watched)
                    yield watched
            except grpc.RpcError as error:
                ended = error
            finally:
                stream.cancel()
            self._wait(following.pause_after(ended, partial(self._tokens.drop, token)))

    def close(self) -> None:
        """Closes the channels; calls under way end with DeadlineError, CANCELLED."""
        self._closed.set()
        for channel in self._channels.take_all():
            channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, seconds: float) -> None:
        if self._closed.wait(seconds):
            raise typed(RpcFailure(Code.CANCELLED, "the client was closed"))
