"""Customers who are served while services restart; every call that fails is kept by name."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
from dangol.events.v1.membership_pb2 import ChangeKind
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1.event_service_pb2 import (
    RECORD_OUTCOME_DUPLICATE,
    RECORD_OUTCOME_RECORDED,
    RecordEventsRequest,
    StreamEventsRequest,
)
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol_dev.client import request_id
from dangol_service_kit.client import follow, metadata

from tests.e2e.rolling.balancer import Balancer
from tests.e2e.rolling.shop import ORDER_WON, WELCOME, Shop, event

VISITS = 2
_COUPON_SECONDS = 120.0
_POLL_SECONDS = 0.2
_KINDS = ("visit",) * VISITS + ("purchase",)
_SAFE = (RECORD_OUTCOME_RECORDED, RECORD_OUTCOME_DUPLICATE)
Change = tuple[str, str, int, str]


class Load:
    """Workers that go on until `stop`; each customer they began is served to the end.

    pause_seconds: between two customers of a worker, and between two batches of the stream.
    bought: by customer id, how many visits were acknowledged. redeemed: coupon by customer id.
    heard: changes by watcher. early: customers of the time in which a watcher had heard of nobody
    yet, and so had no token to go on with. failures: everything that went wrong for a client.
    """

    def __init__(self, shop: Shop, balancer: Balancer, pause_seconds: float = 0.4) -> None:
        self._pause_seconds = pause_seconds
        self._shop = shop
        self._balancer = balancer
        self._numbers = itertools.count()
        self._stopped = asyncio.Event()
        self.bought: dict[str, int] = {}
        self.redeemed: dict[str, str] = {}
        self.heard: dict[str, Counter[Change]] = {"grpc": Counter(), "graphql": Counter()}
        self.early: set[str] = set()
        self.told_to_go_on = 0
        self.calls = 0
        self.failures: list[str] = []

    def stop(self) -> None:
        """No further customer."""
        self._stopped.set()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Two watchers of memberships, one by gRPC and one by GraphQL, who heard of somebody."""
        watchers = [
            asyncio.create_task(self._kept(self._watch_grpc())),
            asyncio.create_task(self._kept(self._watch_graphql())),
        ]
        try:
            async with asyncio.timeout(_COUPON_SECONDS):
                while not (all(self.heard.values()) or self.failures):
                    await self._kept(self._buy_by_grpc(f"e-{next(self._numbers)}"))
            self.early.update(self.redeemed)
            yield
        finally:
            for watcher in watchers:
                watcher.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)

    async def run(self, workers: int) -> None:
        """As many workers by GraphQL as by gRPC, and one that streams events."""
        lives = [self._buy_by_graphql, self._buy_by_grpc] * workers
        async with asyncio.TaskGroup() as group:
            for life in lives:
                group.create_task(self._kept(self._serve(life)))
            group.create_task(self._kept(self._stream_events()))

    async def _kept(self, work: Awaitable[None]) -> None:
        """The work; what ends it is a failure, not the end of the others."""
        try:
            await work
        except Exception as error:
            self.failures.append(f"{type(error).__name__}: {error}"[:300])

    async def _serve(self, life: Callable[[str], Awaitable[None]]) -> None:
        while not self._stopped.is_set():
            await self._kept(life(f"m-{next(self._numbers)}"))
            await self._pause()

    async def _pause(self) -> None:
        """A moment, unless it is time to stop: what is looked at is each call, not their number."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._pause_seconds):
                await self._stopped.wait()

    async def _buy_by_grpc(self, member: str) -> None:
        shop = self._shop
        events = [event(member, kind, number) for number, kind in enumerate(_KINDS)]
        answer = await self._call(shop.events.RecordEvents, RecordEventsRequest(events=events))
        assert all(one.outcome in _SAFE for one in answer.results), answer.results
        known = customers.GetCustomerRequest(identifier=events[0].customer)
        found = (await self._call(shop.customers.GetCustomer, known)).customer.customer_id
        self.bought[found] = VISITS
        wallet = coupons.ListWalletRequest(customer_id=found, campaign_id=WELCOME)
        async with asyncio.timeout(_COUPON_SECONDS):
            while not (answer := await self._call(shop.coupons.ListWallet, wallet)).coupons:
                await asyncio.sleep(_POLL_SECONDS)
        coupon_id = answer.coupons[0].coupon_id
        hold = coupons.HoldCouponRequest(
            request_id=request_id(member, "hold"),
            coupon_id=coupon_id,
            customer_id=found,
            order_id=member,
        )
        hold.order_amount.currency_code, hold.order_amount.minor_units = "KRW", ORDER_WON
        held = await self._call(shop.coupons.HoldCoupon, hold)
        assert coupons.COUPON_OUTCOME_APPLIED == held.outcome, held
        redeem = coupons.RedeemCouponRequest(
            request_id=request_id(member, "redeem"), coupon_id=coupon_id, order_id=member
        )
        redeemed = await self._call(shop.coupons.RedeemCoupon, redeem)
        assert coupons.COUPON_OUTCOME_APPLIED == redeemed.outcome, redeemed
        self.redeemed[found] = coupon_id

    async def _buy_by_graphql(self, member: str) -> None:
        events = [_tracked(member, kind, number) for number, kind in enumerate(_KINDS)]
        selection = "TrackSuccess { results { outcome code } }"
        answer = await self._change("track", "TrackInput", selection, events=events)
        outcomes = {one["outcome"] for one in answer["results"]}
        assert outcomes <= {"RECORDED", "DUPLICATE"}, answer
        query = "query($it: IdentifierInput!) { customerByIdentifier(identifier: $it) { id } }"
        data = await self._ask(query, it=events[0]["customer"])
        found = data["customerByIdentifier"]["id"]
        self.bought[found] = VISITS
        query = "query($id: ID!) { customer(id: $id) { wallet(first: 2) { nodes { id } } } }"
        nodes: list[dict[str, str]] = []
        async with asyncio.timeout(_COUPON_SECONDS):
            while not nodes:
                await asyncio.sleep(_POLL_SECONDS)
                nodes = (await self._ask(query, id=found))["customer"]["wallet"]["nodes"]
        coupon_id = nodes[0]["id"]
        await self._change(
            "holdCoupon",
            "HoldCouponInput",
            "HoldCouponSuccess { discount { minorUnits } }",
            requestId=request_id(member, "hold"),
            couponId=coupon_id,
            customerId=found,
            orderId=member,
            orderAmount={"currencyCode": "KRW", "minorUnits": ORDER_WON},
        )
        await self._change(
            "redeemCoupon",
            "CouponStepInput",
            "RedeemCouponSuccess { coupon { id } }",
            requestId=request_id(member, "redeem"),
            couponId=coupon_id,
            orderId=member,
        )
        self.redeemed[found] = coupon_id

    async def _stream_events(self) -> None:
        """One stream after another; what was not answered on one is sent again on the next."""
        number = 0
        while not self._stopped.is_set():
            stream = self._shop.events.StreamEvents(metadata=metadata(self._shop.token()))
            try:
                while not self._stopped.is_set():
                    sent = event(f"s-{number}", "visit", 0)
                    batch = RecordEventsRequest(events=[sent])
                    await stream.write(StreamEventsRequest(batch=batch))
                    answer = await stream.read()
                    assert answer.batch.results[0].outcome in _SAFE, answer
                    self.calls += 1
                    await self._note_streamed(sent)
                    number += 1
                    await self._pause()
            except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
                code = await stream.code()
                assert grpc.StatusCode.UNAVAILABLE == code, await stream.details()
                self.told_to_go_on += 1
            finally:
                stream.cancel()

    async def _note_streamed(self, sent: Any) -> None:
        known = customers.GetCustomerRequest(identifier=sent.customer)
        found = await self._call(self._shop.customers.GetCustomer, known)
        self.bought[found.customer.customer_id] = 1

    async def _watch_grpc(self) -> None:
        watch = follow(
            self._shop.segments.WatchMemberships,
            segments.WatchMembershipsRequest(),
            token=self._shop.token(),
        )
        async for answer in watch:
            change = answer.change
            kind = ChangeKind.Name(change.kind).removeprefix("CHANGE_KIND_")
            self.heard["grpc"][change.customer_id, change.segment_id, change.stint, kind] += 1

    async def _watch_graphql(self) -> None:
        async for found in self._balancer.watch(self._shop.token()):
            change = (found["customerId"], found["segmentId"], int(found["stint"]), found["kind"])
            self.heard["graphql"][change] += 1

    async def _call(self, method: Any, request: Any) -> Any:
        self.calls += 1
        return await self._shop.call(method, request)

    async def _ask(self, query: str, **variables: Any) -> dict[str, Any]:
        self.calls += 1
        return await self._balancer.ask(query, self._shop.token(), **variables)

    async def _change(self, name: str, kind: str, selection: str, **given: Any) -> dict[str, Any]:
        query = (
            f"mutation($input: {kind}!) {{ {name}(input: $input) {{ "
            f"... on Refused {{ code message }} ... on {selection} }} }}"
        )
        answer: dict[str, Any] = (await self._ask(query, input=given))[name]
        assert "code" not in answer, answer
        return answer


def _tracked(member: str, kind: str, number: int) -> dict[str, Any]:
    made = event(member, kind, number)
    sent: dict[str, Any] = {
        "eventId": made.event_id,
        "customer": {"namespace": "member", "value": member},
        "type": kind,
        "occurredAt": made.occurred_at.ToJsonString(),
    }
    if kind == "purchase":
        sent["amount"] = {"currencyCode": "KRW", "minorUnits": ORDER_WON}
    return sent
