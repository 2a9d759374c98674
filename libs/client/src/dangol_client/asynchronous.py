"""The client for programs with an event loop. One for the whole process; tasks share it."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, Self

import grpc
from dangol.offers.v1 import delivery_service_pb2 as pb

from dangol_client import flows
from dangol_client.calls import Answer, Call
from dangol_client.connections import Addresses, Channels, Timing, Tls, async_channel
from dangol_client.sending import PATIENCE_SECONDS, WATCH, Following, Sending
from dangol_client.tokens import AsyncTokenProvider, AsyncTokens, metadata

P = ParamSpec("P")


def _sent(
    make: Callable[P, Call[Answer]],
) -> Callable[Concatenate[AsyncDangol, P], Awaitable[Answer]]:
    @wraps(make)
    def method(self: AsyncDangol, /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[Answer]:
        return self.send(make(*args, **kwargs))

    return method


class AsyncDangol:
    """Calls to profile, segmentation and offers with one token; a context manager.

    token: a partner's, or a function that gets one; it is asked again before a token runs out, and
    when one is refused. tls: by default whom the system trusts; None for no encryption, on your own
    machine. Methods raise DangolError. What can be expected is not an error but the answer's
    `outcome`.
    """

    def __init__(
        self,
        addresses: Addresses,
        token: str | AsyncTokenProvider,
        *,
        tls: Tls | None = Tls(),  # noqa: B008 - it is frozen
        timing: Timing = Timing(),  # noqa: B008
    ) -> None:
        def make(target: str) -> grpc.aio.Channel:
            return async_channel(target, tls)

        self._channels = Channels[grpc.aio.Channel](addresses, make)
        self._tokens = AsyncTokens(token)
        self._timing = timing

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

    async def send(self, call: Call[Answer]) -> Answer:
        """Sends a call, again and again within the deadline where it may be repeated."""
        sending = Sending(call, self._timing)
        method = self._channels.to(call.service).unary_unary(
            f"/{call.method}", type(call.request).SerializeToString, call.answer.FromString
        )
        while True:
            token = await self._tokens.get()
            try:
                answer: Answer = await method(
                    call.request, timeout=sending.timeout_seconds(), metadata=metadata(token)
                )
            except grpc.aio.AioRpcError as error:
                pause = sending.pause_after(error, partial(self._tokens.drop, token))
            else:
                return answer
            await asyncio.sleep(pause)

    async def deliveries(
        self,
        *,
        channels: Sequence[str] = (),
        contacts: bool = False,
        max_in_flight: int = 0,
        lease_seconds: int = 0,
        resume_token: str = "",
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> AsyncGenerator[pb.WatchResponse, None]:
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
            token = await self._tokens.get()
            stream = watch(following.open(), metadata=metadata(token))
            ended: grpc.aio.AioRpcError | None = None
            try:
                async for watched in stream:
                    following.advance(watched)
                    yield watched
            except grpc.aio.AioRpcError as error:
                ended = error
            finally:
                stream.cancel()
            await asyncio.sleep(following.pause_after(ended, partial(self._tokens.drop, token)))

    async def close(self) -> None:
        """Closes the channels."""
        for channel in self._channels.take_all():
            await channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
