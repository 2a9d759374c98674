"""What operators rely on, on one stack: traces, then a rollout under load, then a restore.

A rollout starts a replica of a service beside the one that runs, and then ends that one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.profile.v1.customer_service_pb2 import GetCustomerRequest
from dangol_dev.stack import SERVICES, Stack

from tests.e2e.operations.collector import Collector, Received
from tests.e2e.operations.restoring import go_back_and_on
from tests.e2e.rolling.judging import Demand, serve_while
from tests.e2e.rolling.shop import Shop, event

TRACK = """mutation($input: TrackInput!) { track(input: $input) {
    ... on TrackSuccess { results { outcome } changes { segmentId } } } }"""
MEMBER = "kim-minji-7731"
PRODUCT = "hanbok-jeogori-9182"
AMOUNT = 918_273
# Whatever else a span might say has to be looked at for what it tells of customers first.
ATTRIBUTES = {
    "db.system.name",
    "db.namespace",
    "db.operation.name",
    "db.operation.batch.size",
    "db.collection.name",
}
# (process, span) on the way of a purchase, in order.
WAY = [
    ("gateway_service", "graphql"),
    ("profile", "/dangol.profile.v1.EventService/RecordEvents"),
    ("profile", "insert events"),
    ("segmentation", "/dangol.segmentation.v1.EvaluationService/Evaluate"),
    ("segmentation", "EVALSHA apply"),
    ("offers_service", "process dangol:bus:membership"),
    ("offers_service", "insert accounts"),
]

CONNECTION_AGE_SECONDS = 3
GRACE_SECONDS = 45.0

pytestmark = pytest.mark.timeout(600)


@dataclass
class Traced:
    """A stack that sends its traces to a collector, and the shop on it."""

    stack: Stack
    shop: Shop
    collector: Collector

    async def track(self, member: str, traceparent: str | None) -> dict[str, Any]:
        """A purchase by GraphQL, under the caller's trace if there is one."""
        item = {
            "productId": PRODUCT,
            "quantity": "1",
            "unitPriceMinorUnits": str(AMOUNT),
            "amountMinorUnits": str(AMOUNT),
        }
        made = event(member, "purchase", 0)
        sent = {
            "eventId": made.event_id,
            "customer": {"namespace": "member", "value": member},
            "type": "purchase",
            "occurredAt": made.occurred_at.ToJsonString(),
            "amount": {"currencyCode": "KRW", "minorUnits": AMOUNT},
            "items": [item],
        }
        headers = {"authorization": f"Bearer {self.shop.token()}"}
        if traceparent:
            headers["traceparent"] = traceparent
        url = self.stack.urls["graphql"]
        body = {"query": TRACK, "variables": {"input": {"events": [sent]}}}
        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            answer = (await client.post(url, json=body, headers=headers)).json()
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]["track"]
        return found

    async def coupon_of(self, member: str) -> str:
        """The coupon that the campaign issued, once it has."""
        known = GetCustomerRequest(identifier=event(member, "purchase", 0).customer)
        customer = await self.shop.call(self.shop.customers.GetCustomer, known)
        wallet = coupons.ListWalletRequest(customer_id=customer.customer.customer_id)
        async with asyncio.timeout(60):
            while True:
                answer = await self.shop.call(self.shop.coupons.ListWallet, wallet)
                if answer.coupons:
                    return str(answer.coupons[0].coupon_id)
                await asyncio.sleep(0.1)

    async def spans(self, trace_id: str) -> list[Received]:
        """A trace, once every part of its way has come."""
        async with asyncio.timeout(60):
            while True:
                found = self.collector.of(trace_id)
                if {*WAY} <= {(span.process, span.name) for span in found}:
                    return found
                await asyncio.sleep(0.1)


@pytest.fixture(scope="module")
async def traced(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Traced]:
    """One replica of each service; spans leave at once, for the collector waits for them."""
    async with Collector() as collector, AsyncExitStack() as exits:
        environment = {
            "DANGOL_OTLP_ENDPOINT": collector.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "OTEL_METRIC_EXPORT_INTERVAL": "3600000",
            # Clients connect anew all the time, so that this is under way when a process ends.
            "DANGOL_CONNECTION_AGE_SECONDS": str(CONNECTION_AGE_SECONDS),
        }
        directory: Path = tmp_path_factory.mktemp("traced")
        stack = Stack(directory, environment=environment, replicas=2, spare=True)
        await exits.enter_async_context(stack)
        shop = Shop(stack, exits, "traced")
        await shop.found()
        yield Traced(stack, shop, collector)


def _ancestors(span: Received, spans: list[Received]) -> list[tuple[str, str]]:
    """The spans above one, nearest first."""
    by_id = {one.span_id: one for one in spans}
    found = []
    while span.parent in by_id:
        span = by_id[span.parent]
        found.append((span.process, span.name))
    return found


async def test_a_purchase_and_the_coupon_it_leads_to_are_one_trace(traced: Traced) -> None:
    """Gateway, profile, segmentation and offers, with what they do in MongoDB and Redis, in the
    trace that the caller began."""
    trace_id, caller = secrets.token_hex(16), secrets.token_hex(8)
    await traced.track(MEMBER, f"00-{trace_id}-{caller}-01")
    await traced.coupon_of(MEMBER)
    spans = await traced.spans(trace_id)
    by_name = {(span.process, span.name): span for span in spans}
    graphql, record, _, evaluate, _, process, _ = WAY
    assert caller == by_name[graphql].parent
    assert [evaluate, record, graphql] == _ancestors(by_name[process], spans)
    assert [process, evaluate, record, graphql] == _ancestors(by_name[WAY[-1]], spans)
    assert [record, graphql] == _ancestors(by_name["profile", "insert events"], spans)
    assert evaluate == _ancestors(by_name["segmentation", "EVALSHA apply"], spans)[0]


async def test_spans_tell_nothing_of_customers(traced: Traced) -> None:
    """No name, product, amount, id or token in any of them, and no attribute that is not listed."""
    trace_id = secrets.token_hex(16)
    await traced.track(MEMBER + "-2", f"00-{trace_id}-{secrets.token_hex(8)}-01")
    coupon_id = await traced.coupon_of(MEMBER + "-2")
    spans = await traced.spans(trace_id)
    known = GetCustomerRequest(identifier=event(MEMBER + "-2", "purchase", 0).customer)
    customer = await traced.shop.call(traced.shop.customers.GetCustomer, known)
    secret = {
        MEMBER,
        PRODUCT,
        str(AMOUNT),
        coupon_id,
        customer.customer.customer_id,
        event(MEMBER, "purchase", 0).event_id,
        traced.shop.token(),
    }
    told = {word for word in secret if word.encode() in traced.collector.raw}
    assert set() == told
    assert {name for span in spans for name in span.attributes} <= ATTRIBUTES
    # What is looked for would be found: the collection's name is there, among much else.
    assert b"accounts" in traced.collector.raw


async def test_what_nobody_samples_is_not_sent(traced: Traced) -> None:
    """A caller who says that nobody looks is believed, down to the coupon."""
    trace_id = secrets.token_hex(16)
    await traced.track(MEMBER + "-3", f"00-{trace_id}-{secrets.token_hex(8)}-00")
    await traced.coupon_of(MEMBER + "-3")
    # Sent later than the other one's spans could be.
    after = secrets.token_hex(16)
    await traced.track(MEMBER + "-4", f"00-{after}-{secrets.token_hex(8)}-01")
    await traced.coupon_of(MEMBER + "-4")
    await traced.spans(after)
    assert trace_id not in traced.collector.trace_ids


async def _replace(stack: Stack, service: str) -> int | None:
    """Starts the second process of a service, and ends the first; the exit code of that.

    Before it ends clients learn of the new one, for which pods have their preStop sleep.
    """
    second, first = f"{service}-2", stack.processes[service]
    stack.processes[second].start()
    await stack.wait_service(second)
    wanted = 1 if service == "gateway" else _connections(stack.addresses[service])
    async with asyncio.timeout(60):
        while _connections(stack.addresses[second]) < wanted:
            await asyncio.sleep(0.1)
    await first.stop(GRACE_SECONDS)
    return first.exit_code


def _connections(address: str) -> int:
    """How many connections a process that listens there has (proc_net_tcp: state 01)."""
    port = f":{int(address.rpartition(':')[2]):04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[1].endswith(port) and row[3] == "01" for row in rows)


async def test_replacing_every_service_under_load_fails_no_call(
    traced: Traced, pytestconfig: pytest.Config
) -> None:
    """One after the other: no failed call, no lost or doubled event, each coupon issued, held and
    redeemed once, and watchers told of everything."""
    stack = traced.stack
    codes: dict[str, int | None] = {}

    async def roll() -> None:
        for service in SERVICES:
            codes[service] = await _replace(stack, service)

    async with AsyncExitStack() as exits:
        shop = Shop(stack, exits, "rolled")
        await shop.found()
        gateways = [stack.addresses["gateway"], stack.addresses["gateway-2"]]
        told = await serve_while(roll, shop, gateways, Demand(pause_seconds=1.0))
    pytestconfig.get_terminal_writer().line(f"\n{len(codes)} services replaced in {told}")
    assert dict.fromkeys(SERVICES, 0) == codes


async def test_a_restored_backup_grants_nothing_twice(
    traced: Traced, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """MongoDB goes back in time under a Redis that does not: after `dangol epoch begin` state is
    what the backup's history says. What is sent again has the effect it had, and that once."""
    async with AsyncExitStack() as exits:
        shop = Shop(traced.stack, exits, "restored")
        await shop.found()
        await go_back_and_on(traced.stack, shop, tmp_path, capsys)
